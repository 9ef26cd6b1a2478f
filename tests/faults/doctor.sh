#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hsm doctor tells what a token can do and leaves nothing in it; hsm keys tells which keys no certificate names, and
# which are missing.
set -eu
. tests/faults/lib.bash

export HEDDLE_STATE=$work/state
"$HEDDLE" init -q
orders
chaos "$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
step() { tr -d '\n' <"$out" | grep -o "\"what\": \"$1\", *\"ok\": [a-z]*" | sed 's/.* //'; }
keys() { find "$HEDDLE_STATE/softhsm/tokens" -name '*.object' ! -name token.object | wc -l; }

# --- doctor ----------------------------------------------------------------------------------------
before=$(keys)
that "hsm doctor" heddle hsm doctor
same "$(grep -cE ' yes  yes *$' "$out")" 5 "all that is needed can be done"
that "hsm doctor --json" heddle hsm doctor --json
same "$(json_value "$out" schema)" heddle.hsm-doctor/1 "its schema"
same "$(step 'sign with ECDSA')" true "it signs"
[ "$(json_value "$out" signatures_per_second_one_session)" -gt 0 ] && pass "its speed" || fail "its speed"
same "$(keys)" "$before" "nothing is left in the token"
sick() { # NAME STEP ORDER
    orders "$3"
    status 7 "$1" heddle hsm doctor --json
    same "$(step "$2")" false "$1: which step"
    says '\[token-unfit\]' "$1: is said"
    orders
}
sick "wrong signatures" "sign with ECDSA" flip
sick "no signatures" "sign with ECDSA" "sign 0x70"
orders "slow 12"
that "a slow token" heddle hsm doctor
orders gone
refused 7 "" "a token that is gone" heddle hsm doctor
orders
sed -i 's/^timeout = .*/timeout = 1 seconds/' "$HEDDLE_STATE/heddle.conf"
orders stall
refused 7 token-timeout "a token that stalls" heddle hsm doctor
orders

# --- keys ------------------------------------------------------------------------------------------
state_of() { sed -n "s/.*\"label\": \"$1\".*\"state\": \"\([a-z]*\)\".*/\1/p" "$out"; }
that "hsm keys" heddle hsm keys --json
same "$(grep -c '"used"' "$out")" 3 "the keys of checkpoints, root and ICA are used"
same "$(grep -c heddle.hsm-key/1 "$out")" 3 "there are no others"
# Killed when the certificate of its first key is to be signed.
orders kill
status 137 "a fabric whose making is cut short" heddle -q fabric create short --fabric-id 2
orders
that "the token holds its key" heddle hsm keys --json
same "$(state_of 'short root')" unused "which no certificate names"
that "for people" heddle hsm keys
says 'no certificate names' "and it is said"
that "fabric create goes on" heddle fabric create next --fabric-id 0x99
that "keys of three fabrics" heddle hsm keys --json
same "$(state_of 'next root')" used "the new root is used"
rm -f "$HEDDLE_STATE"/softhsm/tokens/*/[!t]*.object
status 7 "keys that are gone" heddle hsm keys --json
same "$(grep -c '"missing"' "$out")" 5 "are missing"
says '\[key-not-found\]' "and the end says so"
finish
