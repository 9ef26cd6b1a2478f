#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert diff: every published pair is one certificate, each field that differs is named.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

for der in "$pairs"/*_DER.der; do
    tlv=${der%_DER.der}_Chip.tlv
    mc diff "$der" "$tlv"
    gives "$(basename "$der")" 0 "the same certificate in two encodings"
done
node=$pairs/sTestCert_Node02_03
mc diff "${node}_Chip.tlv" "${node}_Chip.tlv"
gives "with itself" 0 "the same certificate"
openssl x509 -inform DER -in "${node}_DER.der" -out "$tmp/node.pem"
mc diff "$tmp/node.pem" "${node}_DER.der"
gives "PEM and DER" 0 "the same certificate"
mc diff "${node}_Chip.tlv" "$pairs/sTestCert_Node02_04_DER.der"
gives "two nodes" 3 "two certificates"
for field in "serial number" subject "public key" "subject key id" signature; do
    holds "differ in $field" grep -q "^$field" "$tmp/stdout"
done
holds "not in their issuer" test "$(grep -c ^issuer "$tmp/stdout")" = 0
mc diff --json "${node}_Chip.tlv" "$pairs/sTestCert_Node02_04_DER.der"
gives "in JSON" 3 '"schema": "mattercert.diff/1"'
holds "well-formed" python3 -m json.tool "$tmp/stdout"
mc diff --json "${node}_Chip.tlv" "${node}_DER.der"
gives "the same in JSON" 0 '"same": true'

# One fault at a time: exactly the field that was changed differs, besides serial number and signature.
only() { # FAULT FIELD
    mc forge noc --fault "$1" --form der --out "$tmp/$1"
    mc diff "$tmp/$1/noc-valid.der" "$tmp/$1/noc-$1.der"
    local got
    got=$(grep -E '^[a-zA-Z ]+ - ' "$tmp/stdout" | sed 's/ *- .*//' | grep -v -e "serial number" -e signature | tr '\n' ' ')
    if [ "$got" = "$2" ]; then ok "$1"; else bad "$1: '$got' differ, wanted '$2'"; fi
}
only subject-fabricid-mismatch "subject "
only ext-basic-ca-wrong "basicConstraints "
only ext-keyusage-digsig-wrong "keyUsage "
only ext-extendedkeyusage-server-only "extKeyUsage "
only ext-skid-wrong "subject key id "
only ext-akid-wrong "authority key id "
only ext-further "extensions "
only ext-keyusage-critical-missing "extensions "
only issuer-wrong "issuer "
only validity-no-expiry "not after "
only publickey-wrong "public key "
mc diff "$node"_DER.der "$tmp/none"
says "a missing file" 5 file-not-found
mc diff "$node"_DER.der
holds "one operand is a usage error" test "$status" = 2
printf noise >"$tmp/noise"
mc diff "$node"_DER.der "$tmp/noise"
says "what is no certificate" 4 form
finish
