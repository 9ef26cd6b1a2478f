#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert crl and revocation: published CRLs and sets, CRLs that OpenSSL made, every trap of sets.
set -eu
. "$(dirname "$0")/lib_mattercert.sh"

# A PAA, a PAI, a delegate of each, three DACs: made by OpenSSL, whose `ca` also signs the CRLs.
cd "$tmp"
cat >ca.cnf <<'CNF'
[ca]
default_ca = ca
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
database = index
serial = serial
crlnumber = crlnumber
new_certs_dir = .
default_days = 36500
default_crl_days = 36500
crl_extensions = crl_ext
string_mask = utf8only
[any]
[crl_ext]
authorityKeyIdentifier = keyid:always
[crl_indirect]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@point
[point]
fullname = URI:http://example.com/all.crl
indirectCRL = TRUE
CNF
attestation_sections >>ca.cnf
cert ca.cnf paa paa paa 0x11 "/CN=T PAA Mvid:FFF1"
cert ca.cnf pai pai paa 0x22 "/CN=T PAI Mvid:FFF1"
cert ca.cnf pai2 pai paa 0x23 "/CN=T PAI 2 Mvid:FFF1"
cert ca.cnf paadel delegate paa 0x31 "/CN=PAA Delegate"
cert ca.cnf paidel delegate pai 0x32 "/CN=PAI Delegate"
for i in 1 2 3; do cert ca.cnf "dac$i" dac pai "0x0A0$i" "/CN=T DAC $i Mvid:FFF1 Mpid:8000"; done
cert ca.cnf top dac pai 0x80AA "/CN=T DAC top Mvid:FFF1 Mpid:8000"
cert ca.cnf under2 dac pai2 0x0B01 "/CN=T DAC under PAI 2 Mvid:FFF1 Mpid:8000"
mkdir certs crls
cp ./*.pem certs/
# crl NAME SIGNER EXTENSIONS CERT...: crls/NAME.der, which revokes the certificates
crl() {
    local name=$1 signer=$2 ext=$3 c
    shift 3
    : >index && echo 01 >serial && echo 0A >crlnumber
    for c; do
        printf 'R\t21250101000000Z\t260501000000Z\t%s\tunknown\t/CN=x\n' \
            "$(openssl x509 -in "$c.pem" -noout -serial | sed 's/serial=//')" >>index
    done
    openssl ca -config ca.cnf -gencrl -cert "$signer.pem" -keyfile "$signer.key" -crlexts "$ext" -out crl.out 2>/dev/null
    openssl crl -in crl.out -outform DER -out "crls/$name.der"
}
crl 1-paa paa crl_ext pai
crl 2-pai pai crl_ext dac1 dac2 top
crl 3-empty pai2 crl_ext
crl 4-delegated paidel crl_indirect dac3
crl 5-paa-delegated paadel crl_indirect pai2
openssl crl -inform DER -in crls/2-pai.der -out pai-crl.pem

mc crl show crls/2-pai.der
gives "show: the issuer" 0 "CN=T PAI Mvid:FFF1"
gives "show: an entry" 0 "80AA"
mc crl show pai-crl.pem --json
gives "show: JSON of PEM" 0 '"schema": "mattercert.crl/1"'
gives "show: the number" 0 '"number": "0A"'
holds "show: it is JSON" jq -e '.count == 3 and (.revoked | length) == 3' stdout
mc crl show crls/2-pai.der --limit 1 --json
holds "show: a limit" jq -e '.count == 3 and (.revoked | length) == 1' stdout
mc crl show crls/4-delegated.der
gives "show: an indirect CRL" 0 "http://example.com/all.crl"
mc crl show pai.pem
says "show: a certificate is no CRL" 4 object
mc crl show pai.key
says "show: a key is refused" 4 private-key
head -c 100 crls/2-pai.der >short.der
mc crl show short.der
says "show: half a CRL" 4 der-truncated

mc crl verify crls/2-pai.der --signer pai.pem
gives "verify: the PAI's own" 0 "valid, number 0A, 3 revoked"
mc crl verify crls/1-paa.der --signer paa.pem --json
gives "verify: JSON" 0 '"valid": true'
mc crl verify crls/4-delegated.der --signer paidel.pem --authority pai.pem
gives "verify: a delegate's" 0 "valid"
mc crl verify crls/4-delegated.der --signer paidel.pem --authority paa.pem
gives "verify: a delegate of another authority" 3 "chain-issuer"
mc crl verify crls/2-pai.der --signer pai2.pem
gives "verify: another signer" 3 "crl-signer"
mc crl verify crls/2-pai.der --signer dac1.pem
gives "verify: a DAC signs no CRLs" 3 "crl-signer"
mc crl verify crls/2-pai.der --signer pai.pem --at 2020-01-01T00:00:00Z
gives "verify: before thisUpdate" 3 "crl-date"
mc crl verify crls/2-pai.der --signer pai.pem --at 2999-01-01T00:00:00Z
gives "verify: after nextUpdate" 3 "crl-date"
mc crl verify crls/2-pai.der --signer pai.pem --no-time
gives "verify: without dates" 0 "valid"
mc crl verify crls/2-pai.der --signer pai.pem --no-time --at 2020-01-01T00:00:00Z
says "verify: contradicting options" 2 usage
mc crl verify crls/2-pai.der
says "verify: no signer" 2 usage
{ head -c -1 crls/2-pai.der; printf '\377'; } >forged.der
cmp -s forged.der crls/2-pai.der || { mc crl verify forged.der --signer pai.pem; gives "verify: a forged signature" 3 "[signature]"; }

# A set of all of them: direct, empty and delegated.
mc revocation make --cert certs crls --out set.json
holds "make: all CRLs of a folder" [ "$status" = 0 ]
holds "make: five entries" jq -e 'length == 5' set.json
holds "make: an empty CRL gives an empty list" jq -e '.[2].revoked_serial_numbers == []' set.json
holds "make: the sign octet is no part of a serial" jq -e '.[1].revoked_serial_numbers | index("80AA")' set.json
holds "make: even digits" jq -e '.[1].revoked_serial_numbers | index("0A01")' set.json
holds "make: no delegator member without delegate" jq -e '(.[0] | has("crl_signer_delegator") | not) and (.[1] | has("crl_signer_delegator") | not)' set.json
holds "make: a delegate's entry is its PAI's" [ "$(jq -r '.[3].crl_signer_delegator' set.json)" = "$(openssl x509 -in pai.pem -outform DER | base64 -w0)" ]
holds "make: a PAA's delegate has the PAA as delegator" [ "$(jq -r '.[4].crl_signer_delegator' set.json)" = "$(openssl x509 -in paa.pem -outform DER | base64 -w0)" ]
holds "make: key ids are upper-case hex" jq -e 'all(.[].issuer_subject_key_id; test("^[0-9A-F]{40}$"))' set.json
mc revocation make --cert certs crls/2-pai.der
gives "make: to standard output" 0 '"revocation_set"'
mc revocation make --cert paa.pem --cert pai.pem crls/2-pai.der crls/3-empty.der --out one.json
holds "make: what has no signer here stops nothing" [ "$status" = 10 ]
holds "make: and is named" grep -q '3-empty.der.*crl-signer' stderr
holds "make: the rest is there" jq -e 'length == 1' one.json
mc revocation make --cert pai.pem crls/2-pai.der
holds "make: without the PAA there is no chain" grep -q 'chain-issuer' stderr
holds "make: and nothing is written" [ "$status" = 3 ] && [ ! -s stdout ]
mc revocation make --cert certs crls --at 2020-01-01T00:00:00Z
holds "make: dates are checked" grep -q 'crl-date' stderr
mc revocation make --cert certs --no-time --at 2020-01-01T00:00:00Z crls
says "make: contradicting options" 2 usage
mc revocation make --cert certs certs
says "make: no CRL in it" 4 empty
mc revocation make --cert certs --issuers mine crls
says "make: an unknown way" 2 usage
mc revocation make --cert certs forged.der
holds "make: a forged CRL is left out" grep -q '\[signature\]' stderr
mc revocation make --cert certs --issuers rfc5280 crls/4-delegated.der --out rfc.json
holds "make: by RFC 5280 an unnamed entry is the delegate's own" jq -e '.[0].revoked_serial_numbers == []' rfc.json
holds "make: which is said" grep -q 'name no issuer' stderr

mc revocation show set.json
gives "show a set" 0 "CN=T PAI 2 Mvid:FFF1"
mc revocation show set.json --json
holds "show a set as JSON" jq -e '.schema == "mattercert.revocation-set/1" and all(.entries[].usable; .)' stdout

# A set is asked as a commissioner does.
# asked NAME RESULT STATUS ARGS...
asked() {
    local name=$1 result=$2 want=$3
    shift 3
    mc revocation check "$@" --json
    if [ "$status" = "$want" ] && [ "$(jq .result stdout)" = "$result" ]; then ok "$name"; else bad "$name: $status $(cat stdout stderr)"; fi
}
asked "check: a revoked DAC and its PAI" 208 3 set.json --dac dac1.pem --pai pai.pem
asked "check: only the DAC is asked" 302 3 set.json --dac dac2.pem
asked "check: only the PAI is asked" 202 3 set.json --pai pai.pem
mc revocation check set.json
says "check: nobody is asked" 2 usage
asked "check: a DAC that a delegate revoked" 302 3 set.json --dac dac3.pem
asked "check: a PAI that a delegate revoked" 202 3 set.json --dac paidel.pem --pai pai2.pem
jq '[.[2]]' set.json >clean.json
asked "check: nothing is known about the issuer" 0 0 clean.json --dac dac1.pem --pai pai.pem
jq '[.[1] | .revoked_serial_numbers = ["0A02"]]' set.json >other.json
asked "check: another serial" 0 0 other.json --dac dac1.pem
holds "check: it says so" jq -e '.DAC.verdict == "not-revoked"' stdout
asked "check: a serial with its top bit set" 302 3 set.json --dac top.pem
holds "check: mbedTLS does not find it" jq -e '.DAC.found_by_all == false' stdout
jq '[.[1] | .crl_signer_delegator = null]' set.json >null.json
asked "trap: a null delegator revokes nothing" 0 0 null.json --dac dac1.pem
holds "trap: and is told" jq -e '.DAC.verdict == "entry-broken"' stdout
mc revocation show null.json
holds "trap: show tells why" grep -q 'leave the member out' stderr
jq '[.[3] | del(.crl_signer_delegator)]' set.json >nodel.json
asked "trap: a delegate without its delegator revokes nothing" 0 0 nodel.json --dac dac3.pem
jq '[(.[3] | del(.crl_signer_delegator)), .[1]]' set.json >order.json
asked "trap: a broken entry hides the good one behind it" 0 0 order.json --dac dac1.pem
jq '[.[1], (.[3] | del(.crl_signer_delegator))]' set.json >order.json
asked "trap: but not the one before it" 302 3 order.json --dac dac1.pem
jq '[.[4] | .crl_signer_delegator = "'"$(openssl x509 -in paadel.pem -outform DER | base64 -w0)"'"]' set.json >wrongdel.json
asked "trap: a PAA delegate needs the PAA as delegator" 0 0 wrongdel.json --dac paidel.pem --pai pai2.pem
jq '[.[1] | .revoked_serial_numbers = ["0A01", "0080AA"]]' set.json >zero.json
mc revocation check zero.json --dac top.pem
says "trap: a serial with a zero octet is refused" 4 revocation-set
jq '[.[1] | .revoked_serial_numbers = ["0a01"]]' set.json >lower.json
mc revocation check lower.json --dac dac1.pem
says "trap: a serial in lower case is refused" 4 revocation-set
jq '[.[1] | .extra = 1]' set.json >extra.json
mc revocation show extra.json
says "an unknown member is refused" 4 json-member
echo '[' >broken.json
mc revocation show broken.json
says "half a set is refused" 4 json

# The same is asked behind a chain that verifies.
mc verify --root paa.pem --ica pai.pem dac1.pem
gives "verify: a chain without a set" 0 "valid"
mc verify --root paa.pem --ica pai.pem dac1.pem --revocation-set set.json
gives "verify: a chain with it" 3 "result 208 PaiAndDacRevoked"
# said NAME STATUS FILTER: the JSON of the last verify
said() {
    if [ "$status" = "$2" ] && jq -e "$3" stdout >/dev/null; then ok "$1"; else bad "$1: $status $(cat stdout)"; fi
}
mc verify --root paa.pem --ica pai.pem dac1.pem --revocation-set set.json --json
said "verify: JSON of both" 3 '.schema == "mattercert.verify-attestation/1" and .valid == false and .result == 208 and .certificate == "DAC" and .rule == "certificate-revoked"'
jq '[.[3]]' set.json >by-delegate.json
mc verify --root paa.pem --ica pai.pem dac3.pem --revocation-set by-delegate.json
gives "verify: a DAC that the PAI's delegate revoked" 3 "result 302 DacRevoked"
holds "verify: the certificate is named once" grep -q 'by the rules *DAC: the certificate is revoked \[' stdout
mc verify --root paa.pem --ica pai.pem dac3.pem --revocation-set by-delegate.json --json
said "verify: its JSON" 3 '.result == 302 and .result_name == "DacRevoked" and .certificate == "DAC"'
mc verify --root paa.pem --ica pai.pem dac1.pem --revocation-set by-delegate.json --json
said "verify: another DAC, by the same set" 0 '.valid and .result == 0'
jq '[.[4]]' set.json >by-paa-delegate.json
mc verify --root paa.pem --ica pai2.pem under2.pem --revocation-set by-paa-delegate.json
gives "verify: a PAI that the PAA's delegate revoked" 3 "result 202 PaiRevoked"
mc verify --root paa.pem --ica pai2.pem under2.pem --revocation-set by-paa-delegate.json --json
said "verify: its JSON" 3 '.result == 202 and .certificate == "PAI" and (.why | contains("certificate-revoked"))'
jq '[.[0]]' set.json >by-paa.json
mc verify --root paa.pem --ica pai.pem dac2.pem --revocation-set by-paa.json --json
said "verify: a PAI that the PAA revoked" 3 '.result == 202'
mkdir leaves && cp dac1.pem dac3.pem leaves/
mc verify --root paa.pem --ica pai.pem leaves --revocation-set by-delegate.json --json
holds "verify: a folder, each by itself" [ "$status:$(jq -r .result stdout | paste -sd,)" = 3:0,302 ]
mc verify --root paa.pem --ica pai2.pem dac1.pem --revocation-set set.json
gives "verify: a broken chain comes first" 3 "result 301"
mc verify --root paa.pem --ica pai.pem dac1.pem --revocation-set null.json
gives "verify: a broken entry is no refusal" 0 "valid"
holds "verify: but is told" grep -q 'entry about the DAC is broken' stderr

# Records of the DCL.
key_id() { openssl x509 -in "$1.pem" -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' :'; }
# record SIGNER DELEGATOR AUTHORITY IS_PAA URL
record() {
    jq -n --arg name "$1" --arg s "$(cat "$1.pem")" --arg d "$([ -z "$2" ] || cat "$2.pem")" --arg k "$(key_id "$3")" \
        --argjson paa "$4" --arg url "$5" '{vid: 65521, "label": $name, issuerSubjectKeyID: $k, pid: 0, isPAA: $paa,
        crlSignerCertificate: $s, dataURL: $url, dataFileSize: "0", dataDigest: "", dataDigestType: 0, revocationType: 1,
        schemaVersion: 0, crlSignerDelegator: $d}'
}
record paa "" paa true http://example.com/paa.crl >r1.json
record pai "" pai false http://example.com/pai.crl >r2.json
record paidel pai pai false http://example.com/all.crl >r3.json
record paadel "" paa true http://example.com/all.crl >r4.json
jq -s '{PkiRevocationDistributionPoint: .}' r1.json r2.json >dcl.json
mc revocation make --points dcl.json --cert paa.pem crls --out dcl-set.json
holds "points: records are enough, with the PAA" [ "$status" = 0 ]
jq '.[:2]' set.json >want.json
holds "points: the same entries" [ "$(jq -S . dcl-set.json)" = "$(jq -S . want.json)" ]
# left NAME RULE FILTER FILE [STATUS]: a record changed by the filter is left out, by this rule
left() {
    jq "$3" "$4" >changed.json
    mc revocation make --points changed.json --cert paa.pem crls
    if [ "$status" = "${5:-3}" ] && [ ! -s stdout ] && grep -qF "[$2]" stderr; then ok "points: $1"; else bad "points: $1: $status $(cat stderr)"; fi
}
mc revocation make --points r3.json --cert paa.pem crls
gives "points: a delegate of a PAI" 0 '"crl_signer_delegator"'
mc revocation make --points r4.json --cert paa.pem crls
gives "points: a delegate of a PAA needs no delegator in the record" 0 '"crl_signer_delegator"'
left "another type" revocation-point '.revocationType = 2' r2.json
left "another vendor" att-vid '.vid = 65522' r2.json
left "a PAA that is said to be a PAI" att-vid '.isPAA = false | .vid = 1' r1.json
left "a PAI that is said to be a PAA" crl-signer '.isPAA = true' r2.json
left "a delegate without delegator" chain-issuer '.crlSignerDelegator = ""' r3.json
left "another key id" revocation-point '.issuerSubjectKeyID = "'"$(key_id paa)"'"' r2.json
left "no key id" revocation-point '.issuerSubjectKeyID = "00"' r2.json
left "no signer" revocation-point '.crlSignerCertificate = ""' r2.json
left "a signer that is no certificate" pem '.crlSignerCertificate = "-----BEGIN CERTIFICATE-----"' r2.json 4
jq -s '.' r2.json r3.json >shared.json
mc revocation make --points shared.json --cert paa.pem crls
holds "points: one of two for a key id must name its URL in the CRL" grep -q 'record 0.*revocation-point' stderr
holds "points: which the other does" [ "$status" = 10 ]
jq '.x = 1' r2.json >changed.json
mc revocation make --points changed.json --cert paa.pem crls
says "points: an unknown member" 4 json-member

# What the SDK publishes.
if [ -d "$VECTORS/revocation" ]; then
    r=$VECTORS/revocation
    mc revocation make --cert "$r" --out sdk.json "$r/Chip-Test-PAA-FFF1-CRL.der" "$r/Matter-Development-PAI-FFF1-noPID-CRL.pem" \
        "$r/Chip-Test-PAI-FFF1-noPID-Revoked-CRL.der"
    holds "SDK: its three CRLs are used" [ "$status" = 0 ]
    head -n 25 "$r/revocation-sets/revocation-set.json" >want.json
    { head -n -2 sdk.json | head -n 25; } >got.json
    is "SDK: octet for octet the published set, as far as it comes from these CRLs" got.json want.json
    holds "SDK: and nothing more" [ "$(tail -n 2 sdk.json)" = "    }
]" ]
    for case in revoked-dac-01:302 revoked-dac-02:302 revoked-dac-03:302 revoked-pai:202 revoked-dac-and-pai:208 \
        indirect-revoked-dac-01:302 indirect-revoked-pai-03:202 indirect-revoked-dac-01-pai-03:208; do
        jq -r .dac_cert "$r/dac-provider-test-vectors/${case%:*}.json" | xxd -r -p >v-dac.der
        jq -r .pai_cert "$r/dac-provider-test-vectors/${case%:*}.json" | xxd -r -p >v-pai.der
        asked "SDK: ${case%:*}" "${case#*:}" 3 "$r/revocation-sets/revocation-set.json" --dac v-dac.der --pai v-pai.der
    done
else
    skip "no vectors at $VECTORS"
fi
finish
