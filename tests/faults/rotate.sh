#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rotation, renewal, replacement, removal, killed at every step: whatever is left, one root and one ICA of the fabric
# are active, NOCs are issued and verify, the ledger does, and the same command again does what it did not.
#
# CRASH_POINTS: how many points of each command are tried, spread evenly (25); 0: all.
set -eu
. tests/faults/lib.bash

points=${CRASH_POINTS:-25}
export HEDDLE_STATE=$work/state

fresh() { rm -rf "$work/state"; cp -a "$work/base" "$work/state"; }

# usable POINT NAME: the fabric is whole and at work
usable() {
    "$HEDDLE" fabric show home >"$work/show" 2>"$err" || { bad "$1" "$2: the state opens"; return; }
    [ "$(grep -c ', active$' "$work/show")" = 2 ] || { bad "$1" "$2: one root and one ICA are active"; return; }
    [ "$(grep -c ', prepared$' "$work/show")" -le 1 ] || { bad "$1" "$2: at most one ICA is prepared"; return; }
    heddle -q noc renew home --node-id 1 --request-id "after-$cases" --out "$work/noc" >"$out" 2>"$err" || { bad "$1" "$2: NOCs are issued"; return; }
    "$MATTERCERT" verify --root "$work/noc/rcac.tlv" --ica "$work/noc/icac.tlv" "$work/noc/noc.tlv" >"$out" 2>"$err" ||
        { bad "$1" "$2: their chains verify"; return; }
    "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$1" "$2: ledger verify"
}

# crashes STATUS ARGUMENTS...: STATUS is what the command says once it was done: 0 if it can be done twice
crashes() {
    local again=$1 point got n=0 died=0 wrong=0
    shift
    fresh
    list "$crash" -q "$@" || return 0
    for point in $(choose "$work/points"); do
        n=$((n + 1))
        fresh
        ! killed "$point" "$crash" -q "$@" || died=$((died + 1))
        cp -a "$work/state" "$work/left"
        got=0
        heddle -q "$@" >"$out" 2>"$err" || got=$?
        [ $got = 0 ] || [ $got = "$again" ] || bad "$point" "$*: again (status $got)"
        usable "$point" "$*, again"
        # Without it: what is left works as it is.
        rm -rf "$work/state"
        mv "$work/left" "$work/state"
        usable "$point" "$*"
    done
    same $wrong 0 "$*: killed at $died of $n points"
    [ $((2 * died)) -gt $n ] || fail "$* is killed at most points" "$died of $n"
}
base() { rm -rf "$work/base"; cp -a "$work/state" "$work/base"; }

"$HEDDLE" init -q
heddle -q fabric create home --fabric-id 1 >"$out"
new_csr k1
new_csr k2
heddle -q noc issue home --csr "$work/k1.csr" --node-id 1 --cat 0x00010001 --out "$work/k1" >"$out"
base
crashes 0 ica rotate home
crashes 0 ica rotate home --same-key
crashes 0 ica rotate home --prepare-only
crashes 0 root renew home
crashes 0 root replace home --to next
crashes 3 cat bump home --cat 0x00010002
crashes 0 noc renew home --node-id 1 --out "$work/renewed"
# advance COMMAND...: the state from which the next ones begin
advance() {
    fresh
    heddle -q "$@" >"$out"
    base
}
advance noc issue home --csr "$work/k2.csr" --node-id 2 --out "$work/k2"
crashes 0 node remove home --node-id 2
advance ica rotate home --prepare-only
crashes 3 ica activate home
crashes 3 ica rollback home
advance ica activate home
crashes 0 ica rollback home
advance noc renew home --node-id 1 --out "$work/k1"
advance noc renew home --node-id 2 --out "$work/k2"
crashes 3 ica retire home
echo "$cases kills"
finish
