#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The checker in docs/ledger.md, as it stands there, accepts the proofs of a ledger and refuses changed ones.
set -eu
. "$(dirname "$0")/lib.sh"

command -v xxd >/dev/null || { echo "no xxd here: skipped"; exit 77; }
sed -n '/^```sh$/,/^```$/p' "$top/docs/ledger.md" | sed '/^```/d' >"$work/checker"
on() { "$HEDDLE" --state "$work/state" -q "$@"; }
on init
on fabric create home --fabric-id 0xFAB1 >/dev/null
for i in 1 2 3 4 5; do
    new_csr "$i"
    on noc issue home --csr "$work/$i.csr" --node-id "$i" --out "$work/$i" >/dev/null
done
on ledger key --out "$work/audit.pem"
on ledger checkpoint
for ((i = 0; i < 11; i++)); do
    on ledger prove "$i" --out "$work/$i.proof"
    that "entry $i" sh "$work/checker" "$work/$i.proof" "$work/audit.pem"
    sed "s/^index $i\$/index $(((i + 1) % 11))/" "$work/$i.proof" >"$work/bad"
    if sh "$work/checker" "$work/bad" "$work/audit.pem" >/dev/null 2>&1; then fail "another index"; else pass "another index of $i"; fi
done
sed 's/^11$/12/' "$work/3.proof" >"$work/bad"
if sh "$work/checker" "$work/bad" "$work/audit.pem" >/dev/null 2>&1; then fail "another size"; else pass "another size"; fi
finish
