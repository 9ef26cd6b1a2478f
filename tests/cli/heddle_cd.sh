#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cd sign: what declarations say, from options and from JSON; that they verify here and with OpenSSL; that they are on
# record before they are signed; what is refused.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
"$HEDDLE" init -q
"$HEDDLE" -q paa create acme-paa --vid 0xFFF1 >/dev/null
"$HEDDLE" -q pai create acme-pai --paa acme-paa --vid 0xFFF1 >/dev/null
"$HEDDLE" -q cd-signer create lab >/dev/null
"$HEDDLE" -q cd-signer create hung --paa acme-paa --vid 0xFFF1 >/dev/null
for name in lab hung; do "$HEDDLE" -q cd-signer export $name --out "$work/x" --format all; done
"$HEDDLE" -q paa export acme-paa --out "$work/x" --format all
paa=$(openssl x509 -in "$work/x/acme-paa.pem" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' :')
field() { "$MATTERCERT" cd show "$1" --json >"$work/shown"; jq -r "$2" "$work/shown"; }
sign() { "$HEDDLE" cd sign lab --vid 0xFFF1 --pid 0x8000 --device-type 0x0100 "$@"; }
# verified NAME FILE SIGNER: by the rules, by a commissioner that trusts the signer, by OpenSSL
verified() {
    that "$1 verifies" "$MATTERCERT" cd verify "$2" --cd-signer "$work/x/$3.pem" --vid 0xFFF1 --pid 0x8000
    that "$1: OpenSSL agrees" openssl cms -verify -inform DER -in "$2" -certfile "$work/x/$3.pem" -noverify -binary -out /dev/null
}

that "cd sign" sign --out "$work/1.der"
same "$(cat "$out")" "declaration 1 of lab: CSA00000SWC00000-00, VID 0xFFF1, 1 product, development and test" "says what it made"
verified "the first" "$work/1.der" lab
same "$(field "$work/1.der" '.cd | "\(.vendor_id) \(.product_ids[0]) \(.device_type_id) \(.certification_type)"')" \
    "0xFFF1 0x8000 0x0100 0" "it says what was asked for"
same "$(field "$work/1.der" .signer_key_id)" \
    "$(openssl x509 -in "$work/x/lab.pem" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' :' | tr A-F a-f)" "the signer is named by its key id"
that "with everything" sign --pid 0x8001 --certificate-id ZIG20141ZB330001-24 --type official --version-number 0x9876 \
    --dac-origin-vid 0xFFF2 --dac-origin-pid 0x8002 --paa acme-paa --paa 00112233445566778899AABBCCDDEEFF00112233 --out "$work/2.der" --json
same "$(json_value "$out" schema) $(json_value "$out" number)" "heddle.cd/1 2" "its JSON"
verified "the second" "$work/2.der" lab
same "$(field "$work/2.der" '.cd | [.certificate_id, .certification_type_name, (.product_ids | length), .dac_origin_vendor_id, .dac_origin_product_id, .authorized_paas[0]] | join(" ")')" \
    "ZIG20141ZB330001-24 official 2 0xFFF2 0x8002 $(echo "$paa" | tr A-F a-f)" "all of it is in it"
that "PEM, under a root" "$HEDDLE" cd sign hung --vid 0xFFF1 --pid 0x8000 --device-type 0x0100 --out "$work/3.pem" --format pem
that "PEM verifies" "$MATTERCERT" cd verify "$work/3.pem" --cd-signer "$work/x/hung.der"
that "to standard output" sign --out -
cp "$out" "$work/4.der"
verified "what went to standard output" "$work/4.der" lab

# From JSON: what cd show prints goes in again.
field "$work/2.der" .cd >"$work/cd.json"
that "cd sign --in" "$HEDDLE" cd sign lab --in "$work/cd.json" --out "$work/5.der"
same "$(field "$work/5.der" .payload)" "$(field "$work/2.der" .payload)" "the same payload"
jq '.product_ids = [range(100) | 32768 + .]' "$work/cd.json" >"$work/many.json"
that "a hundred products" "$HEDDLE" cd sign lab --in "$work/many.json" --out "$work/6.der"
same "$(field "$work/6.der" '.cd.product_ids | length')" 100 "are in it"
verified "the large one" "$work/6.der" lab

# On record: the numbers, and that each document was given out.
same "$(entries "$HEDDLE_STATE" document)" 12 "two entries for each of six declarations"
that "the ledger verifies" "$HEDDLE" ledger verify

# Refused: nothing is signed, and only what was signed is on record.
refused() { # NAME STATUS RULE COMMAND...
    local name=$1 status=$2 rule=$3 got=0
    shift 3
    "$@" >"$out" 2>"$err" || got=$?
    if [ "$got" = "$status" ] && grep -qF "[$rule]" "$err" && [ ! -e "$work/no.der" ]; then pass "$name"; else fail "$name" "$got: $(cat "$err")"; fi
}
refused "a PAI does not sign declarations" 3 authority-kind "$HEDDLE" cd sign acme-pai --vid 0xFFF1 --pid 0x8000 --device-type 1 --out "$work/no.der"
refused "an unknown signer" 5 not-found "$HEDDLE" cd sign nobody --vid 0xFFF1 --pid 0x8000 --device-type 1 --out "$work/no.der"
refused "no vendor" 2 usage "$HEDDLE" cd sign lab --pid 0x8000 --device-type 1 --out "$work/no.der"
refused "no product" 2 usage "$HEDDLE" cd sign lab --vid 0xFFF1 --device-type 1 --out "$work/no.der"
refused "half of an origin" 2 usage sign --dac-origin-vid 0xFFF2 --out "$work/no.der"
refused "a certificate id of 20" 4 cd-certificate-id sign --certificate-id ZIG20141ZB330001-245 --out "$work/no.der"
refused "a type that is none" 2 usage sign --type reserved --out "$work/no.der"
refused "a product of five digits" 2 number sign --pid 0x80000 --out "$work/no.der"
refused "a PAA that is none" 3 authority-kind sign --paa acme-pai --out "$work/no.der"
refused "--in with --vid" 2 usage "$HEDDLE" cd sign lab --in "$work/cd.json" --vid 0xFFF1 --out "$work/no.der"
for broken in '.product_ids = []:3:cd-count' '.product_ids = [range(101)]:3:cd-count' '.certification_type = 3:3:cd-certification-type' \
    '.format_version = 2:3:cd-format-version' 'del(.dac_origin_product_id):4:cd-origin' '.vendor = 1:4:json-member' \
    '.vendor_id = 65536:4:json-member' 'del(.certificate_id):4:json-member' '.authorized_paas = []:3:cd-count' \
    '.authorized_paas[0] = "00":4:json-member' '.certificate_id = "short":4:cd-certificate-id'; do
    IFS=: read -r filter status rule <<<"$broken"
    jq "$filter" "$work/cd.json" >"$work/broken.json"
    refused "JSON with $filter" "$status" "$rule" "$HEDDLE" cd sign lab --in "$work/broken.json" --out "$work/no.der"
done
printf '{"vendor_id": 1,\n "vendor_id": 2}' >"$work/broken.json"
refused "JSON with a member twice" 4 json "$HEDDLE" cd sign lab --in "$work/broken.json" --out "$work/no.der"
mkdir "$work/folder"
refused "an output that is a folder" 4 is-directory sign --out "$work/folder"
same "$(entries "$HEDDLE_STATE" document)" 13 "the number of a declaration that could not be written is burned"
that "the next one has the number after it" sign --out "$work/7.der" --json
same "$(json_value "$out" number)" 7 "which is the seventh of this signer"
that "the ledger verifies still" "$HEDDLE" ledger verify
finish
