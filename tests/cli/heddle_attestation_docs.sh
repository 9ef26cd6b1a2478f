#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The commands of docs/attestation.md are run as they stand there, one after the other.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir "$work/bin" "$work/desk"
ln -s "$HEDDLE" "$work/bin/heddle"
ln -s "$MATTERCERT" "$work/bin/mattercert"
export PATH=$work/bin:$PATH HEDDLE_STATE=$work/state
cd "$work/desk"

# Each line that does not end in a backslash is a command.
sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$top/docs/attestation.md" | sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta' >"$work/commands"
while read -r command; do
    that "$command" bash -euc "$command"
    case $command in
    *"revocation-set revocation-set.json ||"*) grep -q "result 302 DacRevoked" "$out" && pass "it is revoked" || fail "it is revoked" ;;
    "mattercert trust check"*) grep -q "result 302 DacRevoked" "$out" && pass "so says the bundle" || fail "so says the bundle" ;;
    *"--cd-signer signers/lab-cd.der --vid 0xFFF1 --pid 0x8000") grep -q "result 0 Success" "$out" && pass "it is accepted" || fail "it is accepted" ;;
    *cd-cms-trailing-octets.der*) grep -q "cd-envelope     passed   broken" "$out" && pass "two verdicts" || fail "two verdicts" ;;
    esac
done <"$work/commands"
same "$(ls labels | wc -l) $(find flash -type f | wc -l | sed 's/^[1-9].*/some/')" "3 some" "labels and what is flashed are there"

# The bundle is trust for attest verify too; its revocations count.
"$MATTERCERT" attest verify --dac device1/dac.der --pai device1/pai.der --trust trust.json --vid 0xFFF1 --pid 0x8000 >"$out" 2>"$err" || true
grep -q "result 302 DacRevoked" "$out" && pass "attest verify takes the bundle" || fail "attest verify takes the bundle" "$(cat "$out")"
finish
