#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert proof check: what it accepts, and that every change of a proof is refused.
set -eu
. "$(dirname "$0")/lib_mattercert.sh"
HEDDLE=$(realpath "${HEDDLE:-$here/../../build/heddle}")

# A ledger with a few entries gives the proofs.
on() { "$HEDDLE" --state "$tmp/state" -q "$@"; }
on init && on fabric create home --fabric-id 0xFAB1 >/dev/null || { echo "no token here: skipped"; exit 77; }
for i in 1 2 3 4 5; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=t -keyout "$tmp/key" \
        -out "$tmp/$i.csr" 2>/dev/null
    on noc issue home --csr "$tmp/$i.csr" --node-id "$i" --out "$tmp/$i" --format all >"$tmp/$i.serial"
done
on ledger prove "$(cat "$tmp/3.serial")" --out "$tmp/proof"
on ledger key --out "$tmp/audit.pem"
openssl pkey -pubin -in "$tmp/audit.pem" -outform DER -out "$tmp/audit.der"
sed -n 's/^extra //p' <(on ledger prove 0) | base64 -d >"$tmp/genesis"

mc proof check "$tmp/proof" --key "$tmp/audit.pem"
gives "a proof with the PEM key" 0 "proven: entry 8 (issued"
mc proof check "$tmp/proof" --key "$tmp/audit.der"
gives "with the DER key" 0 "proven"
mc proof check "$tmp/proof" --key "$tmp/genesis"
gives "with entry 0" 0 "proven"
for form in tlv der pem; do
    mc proof check "$tmp/proof" --key "$tmp/audit.pem" --cert "$tmp/3/noc.$form"
    gives "with its certificate as $form" 0 "it holds the certificate"
done
mc proof check "$tmp/proof" --key "$tmp/audit.pem" --cert "$tmp/4/noc.tlv"
says "another certificate" 3 proof-other
mc proof check "$tmp/proof" --key "$tmp/audit.pem" --json
gives "JSON" 0 '"schema": "mattercert.proof/1"'
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl ec -pubout -out "$tmp/other.pem" 2>/dev/null
mc proof check "$tmp/proof" --key "$tmp/other.pem"
says "another key" 3 proof-signature
mc proof check "$tmp/proof" --key "$tmp/3/noc.tlv"
says "a certificate is no audit key" 4 object
mc proof check "$tmp/3/noc.tlv" --key "$tmp/audit.pem"
says "a certificate is no proof" 4 proof-form
mc proof check "$tmp/proof"
says "no key" 2 usage

# Parts of two proofs put together.
on ledger prove "$(cat "$tmp/4.serial")" --out "$tmp/proof4"
{ sed -n 1p "$tmp/proof"; sed -n 2p "$tmp/proof4"; sed -n '3,$p' "$tmp/proof"; } >"$tmp/mixed"
mc proof check "$tmp/mixed" --key "$tmp/audit.pem"
says "another entry" 3 proof-wrong
sed 's/^index 8$/index 9/' "$tmp/proof" >"$tmp/mixed"
mc proof check "$tmp/mixed" --key "$tmp/audit.pem"
says "another index" 3 proof-wrong
sed 4d "$tmp/proof" >"$tmp/mixed"
mc proof check "$tmp/mixed" --key "$tmp/audit.pem"
says "a hash less" 3 proof-wrong
sed '4{p}' "$tmp/proof" >"$tmp/mixed"
mc proof check "$tmp/mixed" --key "$tmp/audit.pem"
says "a hash more" 3 proof-wrong

# Every octet changed in turn, and every shorter text, is refused.
wrong=0 tried=0 size=$(stat -c %s "$tmp/proof")
for ((at = 0; at < size; at += 3)); do
    cp "$tmp/proof" "$tmp/changed"
    octet=$(dd if="$tmp/proof" bs=1 skip=$at count=1 2>/dev/null | od -An -tu1 | tr -d ' ')
    printf "\\$(printf %03o $((octet ^ (1 << at % 7))))" | dd of="$tmp/changed" bs=1 seek=$at conv=notrunc 2>/dev/null
    tried=$((tried + 1))
    mc proof check "$tmp/changed" --key "$tmp/audit.pem"
    [ "$status" = 3 ] || [ "$status" = 4 ] || [ "$status" = 9 ] || wrong=$((wrong + 1))
done
holds "$tried changed octets are refused" test $wrong = 0
wrong=0
for ((at = 0; at < size; at += 37)); do
    head -c $at "$tmp/proof" >"$tmp/changed"
    mc proof check "$tmp/changed" --key "$tmp/audit.pem"
    [ "$status" = 3 ] || [ "$status" = 4 ] || wrong=$((wrong + 1))
done
holds "every shorter text is refused" test $wrong = 0
finish
