#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Memory runs out (noalloc.c), at the places of a command that allocate, one after the other: once, and from there on.
# It ends with a status that says what is the matter, and never by a signal; what was written is whole; the same command
# again does what it did not; the ledger verifies.
#
# MEMORY_POINTS (12): how many places of each command are tried, spread evenly; 0: all, each way.
set -eu
B=${B:-build} tools=$B/faults/noalloc.so
. tests/faults/lib.bash
make -s -f Makefile -f tests/faults/faults.mk B="$B" "$B/faults/model" "$B/faults/make_requests" >&2

points=${MEMORY_POINTS:-12}
export HEDDLE_STATE=$work/state
cases=0
starving() { # HOW AT COMMAND...
    rm -f "$work/outcome"
    NOALLOC_DO=$1 NOALLOC_AT=$2 NOALLOC_OUTCOME=$work/outcome LD_PRELOAD=$tools/noalloc.so "${@:3}" </dev/null
}
# places COMMAND...: the numbers of the first allocations at each place outside of the token's module
places() {
    rm -f "$work/list"
    NOALLOC_LIST=$work/list LD_PRELOAD=$tools/noalloc.so "$@" >"$out" 2>"$err" </dev/null || { fail "$*" "listing the places"; return 0; }
    awk '!/module/ && !seen[$2]++ { print $1 }' "$work/list" | sort -n |
        awk -v want="$points" '{ line[NR] = $1 }
            END { step = want == 0 || NR <= want ? 1 : NR / want; for (i = 1; i <= NR; i += step) print line[int(i)] }'
}
# told NAME STATUS: that status, and a sentence with it, is an answer. Never 3, 6 or 9: nothing is wrong but memory.
told() {
    cases=$((cases + 1))
    statuses[$2]=$((${statuses[$2]:-0} + 1))
    case $2 in
    0) ;;
    4) grep -q 'memory' "$err" || { fail "$1" "status $2, and not for want of memory"; wrong=$((wrong + 1)); } ;;
    1 | 7) [ -s "$err" ] || { fail "$1" "status $2 without a word"; wrong=$((wrong + 1)); } ;;
    *) fail "$1" "status $2"; wrong=$((wrong + 1)) ;;
    esac
}
summary() { for s in "${!statuses[@]}"; do printf ' %s: %s' "$s" "${statuses[$s]}"; done; }
begin() { wrong=0; unset statuses; declare -gA statuses=(); }

"$HEDDLE" init -q
"$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
new_csr k
mkdir "$work/out"
: >"$work/requests"

# --- noc issue -------------------------------------------------------------------------------------
issue() { "${@:2}" "$HEDDLE" -q noc issue home --csr "$work/k.csr" --node-id 1 --request-id "$1" --out "$work/out/$1"; }
command=("$HEDDLE" -q noc issue home --csr "$work/k.csr" --node-id 1 --request-id listed --out "$work/out/listed")
at_places=$(places "${command[@]}")
for how in once on; do
    begin
    for at in $at_places; do
        got=0 id=$how-$at
        echo "{\"id\":\"$id\"}" >>"$work/requests"
        issue "$id" starving $how "$at" >"$out" 2>"$err" || got=$?
        told "noc issue, $how at $at" "$got"
        rm -f "$work/before"
        [ ! -f "$work/out/$id/noc.tlv" ] || cp "$work/out/$id/noc.tlv" "$work/before"
        [ $got != 0 ] || [ -f "$work/before" ] || { fail "noc issue, $how at $at" "status 0, nothing written"; wrong=$((wrong + 1)); }
        issue "$id" env >"$out" 2>"$err" || { fail "noc issue, $how at $at: again" "status $?"; wrong=$((wrong + 1)); }
        [ ! -f "$work/before" ] || cmp -s "$work/before" "$work/out/$id/noc.tlv" ||
            { fail "noc issue, $how at $at: same bytes"; wrong=$((wrong + 1)); }
        [ "$(find "$work/out/$id" -type f | wc -l)" = 3 ] || { fail "noc issue, $how at $at: something is left in its folder"; wrong=$((wrong + 1)); }
    done
    same $wrong 0 "noc issue, memory runs out $how (status$(summary))"
done
verified "ledger verify"
# shellcheck disable=SC2046
model "one certificate for each request" requests="$work/requests" $(find "$work/out" -name noc.tlv ! -path '*/listed/*' -printf 'released=%p ')

# --- what only reads or converts -------------------------------------------------------------------
chain=(--root "$work/out/listed/rcac.tlv" --ica "$work/out/listed/icac.tlv" "$work/out/listed/noc.tlv")
reading() { # NAME COMMAND...: what it says with status 0 is what it says undisturbed
    local name=$1
    shift
    "$@" >"$work/said" 2>"$err"
    for how in once on; do
        begin
        for at in $(places "$@"); do
            got=0
            starving $how "$at" "$@" >"$out" 2>"$err" || got=$?
            told "$name, $how at $at" "$got"
            [ $got != 0 ] || cmp -s "$out" "$work/said" || { fail "$name, $how at $at" "another answer"; wrong=$((wrong + 1)); }
        done
        same $wrong 0 "$name, memory runs out $how (status$(summary))"
    done
}
reading "ledger verify" "$HEDDLE" ledger verify
reading "mattercert verify" "$MATTERCERT" verify "${chain[@]}" --at 2030-01-01T00:00:00Z
reading "mattercert lint" "$MATTERCERT" lint "$work/out/listed/noc.tlv"

"$MATTERCERT" convert "$work/out/listed/noc.tlv" "$work/whole.pem" --to pem
for how in once on; do
    begin
    for at in $(places "$MATTERCERT" convert "$work/out/listed/noc.tlv" "$work/listed.pem" --to pem); do
        got=0
        rm -rf "$work/converted" && mkdir "$work/converted"
        starving $how "$at" "$MATTERCERT" convert "$work/out/listed/noc.tlv" "$work/converted/noc.pem" --to pem >"$out" 2>"$err" || got=$?
        told "mattercert convert, $how at $at" "$got"
        left=$(ls -A "$work/converted")
        [ "$got:$left" = 0:noc.pem ] && cmp -s "$work/converted/noc.pem" "$work/whole.pem" || [ "$((got != 0)):$left" = 1: ] ||
            { fail "mattercert convert, $how at $at" "status $got, and there is '$left'"; wrong=$((wrong + 1)); }
    done
    same $wrong 0 "mattercert convert, memory runs out $how (status$(summary); a single one allocates nothing)"
done

# --- noc batch -------------------------------------------------------------------------------------
batch=(--workers 2)
requests 40 listed >"$work/in"
at_places=$(places "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" "${batch[@]}")
for how in once on; do
    begin
    for at in $at_places; do
        name=$how-$at got=0
        requests 40 "$name" >"$work/in"
        rm -f "$work/answers"
        starving $how "$at" "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" --name "$name" "${batch[@]}" >"$out" 2>"$err" || got=$?
        told "noc batch, $how at $at" "$got"
        [ ! -e "$work/answers" ] || [ "$(wc -l <"$work/answers")" = 40 ] || { fail "noc batch, $how at $at" "half of the answers"; wrong=$((wrong + 1)); }
        got=0
        "$HEDDLE" -q batch resume "$name" >"$out" 2>"$err" || got=$?
        # It never came into being, or is done: then by its requests.
        [ $got = 0 ] || { got=0; "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" >"$out" 2>"$err" || got=$?; }
        [ $got = 0 ] || { fail "noc batch, $how at $at: again" "status $got"; wrong=$((wrong + 1)); }
        "$tools/model" "$HEDDLE_STATE" home requests="$work/in" results="$work/answers" >"$out" 2>"$err" ||
            { fail "noc batch, $how at $at: the model"; wrong=$((wrong + 1)); }
        ! grep -q '"refused"' "$work/answers" || { fail "noc batch, $how at $at" "a request was refused for it"; wrong=$((wrong + 1)); }
    done
    same $wrong 0 "noc batch, memory runs out $how (status$(summary))"
done
verified "ledger verify at the end"
echo "$cases cases"
finish
