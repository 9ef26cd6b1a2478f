#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The commands of docs/revocation.md are run as they stand there, one after the other, and say what the page says.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir "$work/bin" "$work/desk"
ln -s "$HEDDLE" "$work/bin/heddle"
ln -s "$MATTERCERT" "$work/bin/mattercert"
export PATH=$work/bin:$PATH HEDDLE_STATE=$work/state
cd "$work/desk"

# shows NAME TEXT: the last command printed it.
shows() {
    if grep -qF -- "$2" "$out"; then pass "$1"; else fail "$1" "$(cat "$out")"; fi
}

# Each line that does not end in a backslash is a command.
sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$top/docs/revocation.md" | sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta' >"$work/commands"
due=0 sets=0
while read -r command; do
    that "$command" bash -euc "$command"
    case $command in
    "heddle crl due")
        shows "the PAA's CRL is missing" "acme-paa   paa   missing"
        shows "and the PAI's" "acme-pai   pai   missing"
        due=1
        ;;
    "heddle crl due --json |"*) same "$(cat "$out")" "" "nothing is due right after signing" ;;
    "mattercert crl show"*) shows "a delegate's entry names its authority" "CN=acme-pai PAI,VID=FFF1" ;;
    "mattercert dcl check"*" --label "*) shows "the ledger would take it" "revocation point, nothing found" ;;
    "mattercert dcl check"*) shows "it would take the PAI too" "acme-pai.pem: PAI, nothing found" ;;
    "mattercert revocation show"*)
        same "$(grep -c ' yes$' "$out")" 3 "three usable entries"
        sets=1
        ;;
    "mattercert revocation check"*--dac*) shows "the set says 302" "result 302 DacRevoked" ;;
    "mattercert verify"*) shows "so does verify" "result 302 DacRevoked" ;;
    "mattercert attest verify"*) shows "and a commissioner" "result 302 DacRevoked" ;;
    "mattercert revocation check"*--pai*) shows "the lost PAI is 202" "result 202 PaiRevoked" ;;
    esac
done <"$work/commands"
same "$due$sets" 11 "the page still has the commands that are looked at"

# The timer's line signs what is due, and nothing else.
timer=$(grep '^heddle crl due --json |' "$work/commands")
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout device2.key -subj /O=CSR -out device2.csr 2>/dev/null
"$HEDDLE" -q dac issue acme-pai --pid 0x8000 --csr device2.csr --out device2 >/dev/null
"$HEDDLE" -q revoke --cert device2/dac.der >/dev/null
before=$(sha256sum <www/acme-paa.crl)
that "the timer's line, when something was revoked" bash -euc "$timer"
same "$(sed 's/, to be.*//' "$out")" "CRL 2 of acme-pai: 2 revoked" "signs that CRL"
same "$(sha256sum <www/acme-paa.crl)" "$before" "and leaves the other"
finish
