#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Killed at every step: each function of ca/ is a point (crash_points.c), each call of the token's module another
# (chaos.c). After each kill the state opens and verifies, and the same command again does what it did not.
#
# CRASH_POINTS: how many points of each command are tried, spread evenly (30); 0: all. CRASH_SLICE: lib.bash.
# CRASH_PARTS: which commands, of "issue mend fabric batch checkpoint init calls" (all).
set -eu
. tests/faults/lib.bash

points=${CRASH_POINTS:-30}
part() { case " ${CRASH_PARTS:-issue mend fabric batch checkpoint init calls} " in *" $1 "*) ;; *) false ;; esac; }
export HEDDLE_STATE=$work/state

"$HEDDLE" init -q
chaos "$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
for i in 0 1 2 3 4 5 6 7; do new_csr "k$i"; done
mkdir "$work/out"

# --- noc issue -------------------------------------------------------------------------------------
issue() { # PROGRAM N: node N of key N modulo 8, in its own folder
    "$1" -q noc issue home --csr "$work/k$(($2 % 8)).csr" --node-id $((1 + $2 % 8)) --request-id "crash-$2" --out "$work/out/$2"
}
command_of() { echo -q noc issue home --csr "$work/k$(($1 % 8)).csr" --node-id $((1 + $1 % 8)) --request-id "crash-$1" --out "$work/out/$1"; }
# shellcheck disable=SC2046
list "$crash" $(command_of 0)
if part issue; then
    n=0 died=0 wrong=0
    for point in $(choose "$work/points"); do
        n=$((n + 1))
        # shellcheck disable=SC2046
        killed "$point" "$crash" $(command_of $n) && died=$((died + 1))
        cp "$work/out/$n/noc.tlv" "$work/before" 2>/dev/null || rm -f "$work/before"
        chaos issue "$HEDDLE" $n >"$out" 2>"$err" || bad "$point" "noc issue again"
        [ ! -f "$work/before" ] || cmp -s "$work/before" "$work/out/$n/noc.tlv" || bad "$point" "same bytes again"
        "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$point" "ledger verify"
    done
    same $wrong 0 "noc issue killed at $died of $n points: each again, each verified"
    [ $((2 * died)) -gt $n ] || fail "noc issue is killed at most points" "$died of $n"
    for i in $(seq 0 $n); do printf '{"id":"crash-%d"}\n' "$i"; done >"$work/requests"
    # shellcheck disable=SC2046
    model "noc issue: one certificate each, no signature without intent" requests="$work/requests" log="$CHAOS_LOG" \
        $(find "$work/out" -name noc.tlv -printf 'released=%p ')
fi

# --- a kill while the last kill is being mended ----------------------------------------------------
if part mend; then
    mend() { cp -a "$work/broken" "$work/mended"; HEDDLE_STATE=$work/mended "$@"; }
    point=$(sort -u "$work/points" | while read -r offset edge number; do
        [ "$(name_of "$offset")" != issue_sign ] || [ "$edge" != begin ] || echo "$offset:$edge:$number"
    done | head -n 1)
    # shellcheck disable=SC2046
    killed "$point" "$crash" $(command_of 9001) && pass "killed with an open intent" || fail "killed with an open intent" "$point"
    cp -a "$HEDDLE_STATE" "$work/broken"
    # shellcheck disable=SC2046
    mend list "$crash" $(command_of 9001)
    n=0 wrong=0
    for point in $(choose "$work/points"); do
        n=$((n + 1))
        rm -rf "$work/mended" "$work/out/9001"
        # shellcheck disable=SC2046
        mend killed "$point" "$crash" $(command_of 9001) || true
        HEDDLE_STATE=$work/mended issue "$HEDDLE" 9001 >"$out" 2>"$err" || bad "$point" "noc issue after two kills"
        HEDDLE_STATE=$work/mended "$tools/model" "$work/mended" home >"$out" 2>"$err" || bad "$point" "the state after two kills"
        HEDDLE_STATE=$work/mended "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$point" "ledger verify"
    done
    same $wrong 0 "killed again at $n points while it mends the first kill"
    issue "$HEDDLE" 9001 >/dev/null
fi

# --- fabric create ---------------------------------------------------------------------------------
if part fabric; then
    rm -f "$CHAOS_LOG"
    list "$crash" -q fabric create listed --fabric-id 2
    n=0 died=0 wrong=0 there=0
    for point in $(choose "$work/points"); do
        n=$((n + 1)) got=0
        killed "$point" "$crash" -q fabric create "f$n" --fabric-id $((16 + n)) && died=$((died + 1))
        heddle -q fabric create "f$n" --fabric-id $((16 + n)) >"$out" 2>"$err" || got=$?
        case $got in
        0) ;;
        6) there=$((there + 1)) ;;
        *) bad "$point" "fabric create again" ;;
        esac
        new_csr fresh
        "$HEDDLE" -q noc issue "f$n" --csr "$work/fresh.csr" --node-id 1 --out "$work/fabric" >"$out" 2>"$err" ||
            bad "$point" "the fabric issues"
        "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$point" "ledger verify"
    done
    same $wrong 0 "fabric create killed at $died of $n points: each is there once ($there were complete)"
    same "$("$HEDDLE" fabric list | awk '$1 ~ /^f[0-9]+$/ { print $1 }' | sort | uniq -c | awk '$1 == 1' | wc -l)" $n "none is there twice"
    model "fabric create: no signature without intent" log="$CHAOS_LOG"
fi

# --- noc batch -------------------------------------------------------------------------------------
if part batch; then
    batch() { "$@" -q noc batch home --in "$work/in" --out "$work/answers" --name "$name" --workers 2; }
    requests 700 listed >"$work/in"
    name=listed
    rm -f "$work/points"
    HEDDLE_POINTS_OUT=$work/points batch "$crash" >"$out" 2>"$err" || fail "listing the points of a batch"
    n=0 died=0 wrong=0
    for point in $(choose "$work/points"); do
        n=$((n + 1)) got=0 name=b$n
        rm -f "$CHAOS_LOG" "$work/answers"
        requests 700 "b$n" >"$work/in"
        # Alone, parent or worker, whoever comes there first; or with all others.
        if [ $((n % 2)) = 0 ]; then
            HEDDLE_CRASH_AT=$point HEDDLE_CRASH_GROUP=1 batch setsid -w env LD_PRELOAD="$tools/chaos.so" "$crash" >"$out" 2>"$err" || got=$?
        else
            HEDDLE_CRASH_AT=$point batch chaos "$crash" >"$out" 2>"$err" || got=$?
        fi
        cases=$((cases + 1))
        [ $got = 0 ] || died=$((died + 1))
        got=0
        heddle -q batch resume "$name" >"$out" 2>"$err" || got=$?
        # Killed before it had a name.
        if [ $got = 5 ]; then got=0; batch chaos "$HEDDLE" >"$out" 2>"$err" || got=$?; fi
        [ $got = 0 ] || bad "$point" "batch resume ($got)"
        "$tools/model" "$HEDDLE_STATE" home requests="$work/in" results="$work/answers" log="$CHAOS_LOG" >"$out" 2>"$err" ||
            bad "$point" "the batch after the kill"
        "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$point" "ledger verify"
    done
    same $wrong 0 "noc batch killed at $died of $n points: every request answered, no signature without intent"
fi

# --- ledger checkpoint -----------------------------------------------------------------------------
if part checkpoint; then
    list "$crash" -q ledger checkpoint
    n=0 died=0 wrong=0
    for point in $(choose "$work/points"); do
        n=$((n + 1))
        issue "$HEDDLE" $((20000 + n)) >/dev/null
        killed "$point" "$crash" -q ledger checkpoint && died=$((died + 1))
        "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$point" "ledger verify"
        "$HEDDLE" -q ledger checkpoint >"$out" 2>"$err" || bad "$point" "ledger checkpoint again"
    done
    same $wrong 0 "ledger checkpoint killed at $died of $n points"
fi

# --- init ------------------------------------------------------------------------------------------
if part init; then
    export HEDDLE_STATE=$work/new/state
    mkdir "$work/new"
    list "$crash" -q init
    n=0 wrong=0 whole=0
    for point in $(choose "$work/points"); do
        n=$((n + 1))
        rm -rf "$work/new" && mkdir "$work/new"
        killed "$point" "$crash" -q init || true
        if [ -e "$HEDDLE_STATE" ]; then
            whole=$((whole + 1))
        else
            "$HEDDLE" -q init >"$out" 2>"$err" || bad "$point" "init again"
            [ "$(ls -A "$work/new")" = state ] || bad "$point" "the next init clears away what the killed one left"
        fi
        "$HEDDLE" -q fabric create home --fabric-id 1 >"$out" 2>"$err" || bad "$point" "the state works"
    done
    same $wrong 0 "init killed at $n points: no state, or a whole one ($whole)"
    export HEDDLE_STATE=$work/state
fi

# --- every call of the module ----------------------------------------------------------------------
if part calls; then
    rm -f "$CHAOS_LOG"
    n=0 wrong=0 got=137
    while [ $got = 137 ] && [ $n -lt 500 ]; do
        n=$((n + 1)) got=0
        orders "kill-call $n"
        heddle -q noc issue home --csr "$work/k$((n % 8)).csr" --node-id $((1 + n % 8)) --request-id "call-$n" --out "$work/out/c$n" >"$out" 2>"$err" || got=$?
        orders
        heddle -q noc issue home --csr "$work/k$((n % 8)).csr" --node-id $((1 + n % 8)) --request-id "call-$n" --out "$work/out/c$n" >"$out" 2>"$err" ||
            { fail "noc issue after a kill at call $n of the module"; wrong=$((wrong + 1)); }
    done
    cases=$((cases + n - 1))
    same "$wrong $got" "0 0" "noc issue killed before each of $((n - 1)) calls of the module"
    n=0 wrong=0 got=137
    while [ $got = 137 ] && [ $n -lt 500 ]; do
        n=$((n + 1)) got=0
        orders "kill-call $n"
        heddle -q fabric create "call-$n" --fabric-id $n >"$out" 2>"$err" || got=$?
        orders
        again=0
        [ $got = 0 ] || heddle -q fabric create "call-$n" --fabric-id $n >"$out" 2>"$err" || again=$?
        # 6: what came after the last commit was the end of the session with the token.
        [ $again = 0 ] || [ $again = 6 ] || { fail "fabric create after a kill at call $n of the module"; wrong=$((wrong + 1)); }
    done
    cases=$((cases + n - 1))
    same "$wrong $got" "0 0" "fabric create killed before each of $((n - 1)) calls of the module"
    model "no signature without intent" log="$CHAOS_LOG"
fi
verified "ledger verify"
echo "$cases cases"
finish
