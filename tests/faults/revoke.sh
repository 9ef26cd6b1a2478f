#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# revoke and crl sign, killed at every step: a revocation is whole or not there, no number is used for two CRLs, a CRL
# that was not written is still due, and the same command again does what it did not.
#
# CRASH_POINTS: how many points of each command are tried, spread evenly (6); 0: all.
set -eu
. tests/faults/lib.bash

points=${CRASH_POINTS:-6}
export HEDDLE_STATE=$work/state

fresh() { rm -rf "$work/state" "$work/o"; cp -a "$work/base" "$work/state"; mkdir "$work/o"; }
due() { "$HEDDLE" crl due --json >"$work/due" && jq -r '.authorities[].authority' "$work/due"; }
# numbers: of the CRLs that are on record, each once
numbers() { "$HEDDLE" ledger list --type document --json | jq -r 'select(has("state") | not) | .number'; }

# usable POINT WHAT: whatever is left works, and what is due is told
usable() {
    "$HEDDLE" -q ledger verify >"$out" 2>"$err" || { bad "$1" "$2: ledger verify"; return; }
    if [ -s "$work/o/paa.crl" ]; then
        "$MATTERCERT" -q crl verify "$work/o/paa.crl" --signer "$work/x/paa.der" >"$out" 2>"$err" || bad "$1" "$2: a CRL that was written is whole"
    elif [ "$2" = "crl sign" ] && [ "$(due)" != paa ]; then
        bad "$1" "$2: without the file, the CRL is due"
    fi
    [ "$(numbers | sort | uniq -d)" = "" ] || bad "$1" "$2: a number is used once"
}

# crashes WHAT ARGUMENTS...
crashes() {
    local what=$1 point n=0 died=0 wrong=0
    shift
    fresh
    list "$crash" -q "$@" || return 0
    for point in $(choose "$work/points"); do
        n=$((n + 1))
        fresh
        ! killed "$point" "$crash" -q "$@" || died=$((died + 1))
        usable "$point" "$what"
        heddle -q "$@" >"$out" 2>"$err" || bad "$point" "$what: again"
        usable "$point" "$what, again"
        heddle -q crl sign paa --out "$work/o/next.crl" >"$out" 2>"$err" || bad "$point" "$what: then a CRL"
        [ "$("$MATTERCERT" crl show "$work/o/next.crl" --json | jq .count)" = 2 ] || bad "$point" "$what: everything that was revoked is in it"
        [ -z "$(due)" ] || bad "$point" "$what: then nothing is due"
    done
    same $wrong 0 "$what: killed at $died of $n points"
    [ $((2 * died)) -gt $n ] || fail "$what is killed at most points" "$died of $n"
}

"$HEDDLE" init -q
heddle -q paa create paa --vid 0xFFF1 >"$out"
heddle -q pai create pai-1 --paa paa --vid 0xFFF1 >"$out"
heddle -q pai create pai-2 --paa paa --vid 0xFFF1 >"$out"
"$HEDDLE" -q paa export paa --out "$work/x" --format der >"$out"
s1=$("$HEDDLE" pai show pai-1 --json | jq -r .serial) s2=$("$HEDDLE" pai show pai-2 --json | jq -r .serial)
rm -rf "$work/base" && cp -a "$work/state" "$work/base"
crashes revoke revoke "$s1" "$s2" --why test
fresh
heddle -q revoke "$s1" "$s2" >"$out"
rm -rf "$work/base" && cp -a "$work/state" "$work/base"
crashes "crl sign" crl sign paa --out "$work/o/paa.crl"

# The token fails, the disk is full: nothing is written, the number is burned, the next command is fine.
fresh
orders 'after 1' 'sign 0x30'
status 7 "the token fails" heddle -q crl sign paa --out "$work/o/paa.crl"
orders 'after 1' flip
status 7 "the token signs something else" heddle -q crl sign paa --out "$work/o/paa.crl"
orders
same "$(ls "$work/o")" "" "nothing is written"
same "$(due)" paa "the CRL is still due"
that "the next command" heddle -q crl sign paa --out "$work/o/paa.crl"
same "$("$MATTERCERT" crl show "$work/o/paa.crl" --json | jq -r .number)" 03 "takes the next number"
that "ledger verify" "$HEDDLE" ledger verify
echo "$cases kills"
finish
