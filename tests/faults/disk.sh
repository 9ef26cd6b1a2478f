#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A disk that fails, fills up or loses what was not synced (iofault.c), at each change that a command makes, one
# after the other. Afterwards the state opens and verifies, what was released is in the ledger, and the same command
# does what it did not.
#
# DISK_STEP (4): every how manyth change is tried.
set -eu
. tests/faults/lib.bash

step=${DISK_STEP:-4}
export HEDDLE_STATE=$work/state IOFAULT_COUNT=$work/changes
faulty() { # HOW AT COMMAND...: in a process group of its own
    rm -f "$IOFAULT_COUNT"
    LD_PRELOAD=$tools/iofault.so IOFAULT_DIR=$work IOFAULT_DO=$1 IOFAULT_AT=$2 setsid -w "${@:3}"
}
changes() { od -An -tu8 -N8 "$IOFAULT_COUNT" | tr -d ' '; }

"$HEDDLE" init -q
"$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
new_csr k
mkdir "$work/out"
: >"$work/requests"
cases=0

# --- noc issue -------------------------------------------------------------------------------------
issue() { "${@:2}" "$HEDDLE" -q noc issue home --csr "$work/k.csr" --node-id 1 --request-id "$1" --out "$work/out/$1"; }
# attempt HOW AT: under the fault, then without it
attempt() {
    local id=$1-$2 got=0
    cases=$((cases + 1))
    echo "{\"id\":\"$id\"}" >>"$work/requests"
    issue "$id" faulty "$1" "$2" >"$out" 2>"$err" || got=$?
    statuses[$got]=$((${statuses[$got]:-0} + 1))
    rm -f "$work/before"
    [ ! -f "$work/out/$id/noc.tlv" ] || cp "$work/out/$id/noc.tlv" "$work/before"
    [ $got != 0 ] || [ -f "$work/before" ] || { fail "$1 at change $2" "status 0, nothing written"; wrong=$((wrong + 1)); }
    # 137: killed; else one of the statuses that say what is the matter, and never a signal.
    case $1:$got in
    eintr:[1-9]*) fail "$1 at change $2" "status $got: an interrupted write is no fault"; wrong=$((wrong + 1)) ;;
    *:0 | *:1 | *:7 | *:9 | kill:137 | torn:137) ;;
    *) fail "$1 at change $2" "status $got"; wrong=$((wrong + 1)) ;;
    esac
    issue "$id" env >"$out" 2>"$err" || { fail "$1 at change $2: again" "status $?"; wrong=$((wrong + 1)); }
    [ ! -f "$work/before" ] || cmp -s "$work/before" "$work/out/$id/noc.tlv" || { fail "$1 at change $2: same bytes"; wrong=$((wrong + 1)); }
    "$HEDDLE" -q ledger verify >"$out" 2>"$err" || { fail "$1 at change $2: ledger verify"; wrong=$((wrong + 1)); }
}
issue count faulty count 0 >"$out" 2>"$err"
all=$(changes)
for how in kill torn short eio enospc eintr full sync; do
    wrong=0
    declare -A statuses=()
    for at in $(seq 1 "$step" "$all"); do attempt $how "$at"; done
    same $wrong 0 "$how at every ${step}th of $all changes of noc issue (status$(for s in "${!statuses[@]}"; do printf ' %s: %s' "$s" "${statuses[$s]}"; done))"
done
# shellcheck disable=SC2046
model "one certificate for each request" requests="$work/requests" $(find "$work/out" -name noc.tlv -printf 'released=%p ')

# The kernel tells a failed sync once, and what was written before it may be gone though the next one succeeds: so
# nothing is signed or released after it. Only the very last one, when the file is closed, comes after the release.
rm -f "$IOFAULT_COUNT"
export IOFAULT_ONLY=ledger.db-wal
issue count-wal faulty count 0 >"$out" 2>"$err"
all_wal=$(changes) wrong=0 late=0
for at in $(seq 1 "$all_wal"); do
    cases=$((cases + 1)) got=0 id=wal-$at
    issue "$id" faulty sync "$at" >"$out" 2>"$err" || got=$?
    if [ $got = 0 ]; then late=$((late + 1)); elif [ -e "$work/out/$id/noc.tlv" ]; then
        fail "a sync of the ledger fails after change $at" "something was released"
        wrong=$((wrong + 1))
    fi
done
unset IOFAULT_ONLY
same "$wrong $((late <= 2))" "0 1" "a sync of the ledger fails once, after each of its $all_wal changes: nothing is released ($late after the release)"

# --- power loss ------------------------------------------------------------------------------------
lossy() { # AT NAME COMMAND...: what the disk then holds becomes the state
    local at=$1 got=0
    shift
    rm -rf "$work/shadow" && cp -a "$HEDDLE_STATE" "$work/shadow"
    rm -f "$IOFAULT_COUNT"
    LD_PRELOAD=$tools/iofault.so IOFAULT_DIR=$HEDDLE_STATE IOFAULT_SHADOW=$work/shadow IOFAULT_DO=kill IOFAULT_AT=$at \
        setsid -w "$@" >"$out" 2>"$err" || got=$?
    rm -rf "$HEDDLE_STATE" && mv "$work/shadow" "$HEDDLE_STATE"
    rm -f "$HEDDLE_STATE"/*-shm
    return $got
}
wrong=0
for at in $(seq 1 "$step" "$all"); do
    cases=$((cases + 1)) id=loss-$at
    # shellcheck disable=SC2046
    lossy "$at" "$HEDDLE" -q noc issue home --csr "$work/k.csr" --node-id 1 --request-id "$id" --out "$work/out/$id" 2>/dev/null || true
    rm -f "$work/before"
    [ ! -f "$work/out/$id/noc.tlv" ] || cp "$work/out/$id/noc.tlv" "$work/before"
    issue "$id" env >"$out" 2>"$err" || { fail "power loss at change $at: again" "status $?"; wrong=$((wrong + 1)); }
    [ ! -f "$work/before" ] || cmp -s "$work/before" "$work/out/$id/noc.tlv" || { fail "power loss at change $at: same bytes"; wrong=$((wrong + 1)); }
    "$HEDDLE" -q ledger verify >"$out" 2>"$err" || { fail "power loss at change $at: ledger verify"; wrong=$((wrong + 1)); }
done
same $wrong 0 "power lost at every ${step}th of $all changes of noc issue"
# shellcheck disable=SC2046
model "no certificate outside of the ledger" $(find "$work/out" -name noc.tlv -printf 'released=%p ')

# --- fabric create ---------------------------------------------------------------------------------
for how in kill eio full loss; do
    wrong=0 n=0
    if [ $how != loss ]; then
        faulty count 0 "$HEDDLE" -q fabric create "count-$how" --fabric-id 1 >"$out" 2>"$err"
        many=$(changes)
    fi
    for at in $(seq 1 $((step * many / 24 + 1)) "$many"); do
        cases=$((cases + 1)) n=$((n + 1)) got=0
        if [ $how = loss ]; then
            lossy "$at" "$HEDDLE" -q fabric create "$how$at" --fabric-id 1 2>/dev/null || got=$?
        else
            faulty $how "$at" "$HEDDLE" -q fabric create "$how$at" --fabric-id 1 >"$out" 2>"$err" || got=$?
        fi
        again=0
        "$HEDDLE" -q fabric create "$how$at" --fabric-id 1 >"$out" 2>"$err" || again=$?
        case $got:$again in
        *:0 | *:6) ;;
        *) fail "fabric create, $how at change $at" "status $got, again $again"; wrong=$((wrong + 1)) ;;
        esac
        new_csr f
        "$HEDDLE" -q noc issue "$how$at" --csr "$work/f.csr" --node-id 1 --out "$work/fabric" >"$out" 2>"$err" ||
            { fail "fabric create, $how at change $at: it issues"; wrong=$((wrong + 1)); }
    done
    same $wrong 0 "fabric create, $how at $n of $many changes"
done
verified "ledger verify"

# --- noc batch -------------------------------------------------------------------------------------
for how in kill torn eio enospc full sync loss; do
    wrong=0 n=0
    requests 600 "count-$how" >"$work/in"
    if [ $how != loss ]; then
        faulty count 0 "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" --workers 2 >"$out" 2>"$err"
        many=$(changes)
    fi
    for at in $(seq 3 $((step * many / 10 + 1)) "$many"); do
        cases=$((cases + 1)) n=$((n + 1)) name=$how-$at got=0
        requests 600 "$name" >"$work/in"
        rm -f "$work/answers"
        batch=("$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" --name "$name" --workers 2)
        if [ $how = loss ]; then
            lossy "$at" "${batch[@]}" 2>/dev/null || true
        else
            faulty $how "$at" "${batch[@]}" >"$out" 2>"$err" || true
        fi
        # Answers that left before the fault must be the ones of the ledger.
        rm -f "$work/early"
        [ ! -s "$work/answers" ] || cp "$work/answers" "$work/early"
        "$HEDDLE" -q batch resume "$name" >"$out" 2>"$err" || got=$?
        # It never came into being, or what is known of it was lost: then by its requests.
        if [ $got != 0 ]; then got=0; "${batch[@]}" >"$out" 2>"$err" || got=$?; fi
        if [ $got = 6 ]; then got=0; "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" >"$out" 2>"$err" || got=$?; fi
        [ $got = 0 ] || { fail "noc batch, $how at change $at" "status $got"; wrong=$((wrong + 1)); }
        "$tools/model" "$HEDDLE_STATE" home requests="$work/in" results="$work/answers" >"$out" 2>"$err" ||
            { fail "noc batch, $how at change $at: the model"; wrong=$((wrong + 1)); }
        [ ! -f "$work/early" ] || "$tools/model" "$HEDDLE_STATE" home requests="$work/in" results="$work/early" >"$out" 2>"$err" ||
            { fail "noc batch, $how at change $at: early answers"; wrong=$((wrong + 1)); }
    done
    same $wrong 0 "noc batch, $how at $n of $many changes"
done
verified "ledger verify"

# --- a full disk, for real -------------------------------------------------------------------------
small=$work/small
mkdir "$small"
if mount -t tmpfs -o size=1m,mode=700 tmpfs "$small" 2>/dev/null; then
    undo="umount -l '$small'"
    requests 3000 small >"$work/in"
    status 1 "answers to a full disk" "$HEDDLE" -q noc batch home --in "$work/in" --out "$small/answers" --name small
    says 'space\|full' "it says that there is no room"
    [ ! -e "$small/answers" ] && pass "no answers under their name" || fail "no answers under their name"
    mount -o remount,size=30m "$small"
    that "resumed when there is room" "$HEDDLE" -q batch resume small
    model "all answered" requests="$work/in" results="$small/answers"
    rm -f "$small"/*
    mount -o remount,size=3m "$small"
    HEDDLE_STATE=$small/state "$HEDDLE" -q init
    HEDDLE_STATE=$small/state "$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
    HEDDLE_STATE=$small/state status 1 "a state on a full disk" "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" --name small
    mount -o remount,size=60m "$small"
    resumed() { HEDDLE_STATE=$small/state "$HEDDLE" -q batch resume small || HEDDLE_STATE=$small/state "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers"; }
    that "it works again when there is room" resumed
    HEDDLE_STATE=$small/state verified "ledger verify"
    HEDDLE_STATE=$small/state model "all answered" requests="$work/in" results="$work/answers"
    umount -l "$small"
    undo=:
else
    skip "a full disk" "no tmpfs can be mounted"
fi
echo "$cases cases"
finish
