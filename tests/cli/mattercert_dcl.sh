#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert dcl check: certificates and distribution points before they are submitted; what the ledger holds.
set -eu
. "$(dirname "$0")/lib_mattercert.sh"

# A ledger: PAA for FFF1, PAA for any vendor; PAI, DAC and delegates under the first.
cd "$tmp"
attestation_sections >x.cnf
cert x.cnf paa paa paa 0x11 "/CN=T PAA Mvid:FFF1"
cert x.cnf open paa open 0x12 "/CN=Open PAA"
cert x.cnf pai pai paa 0x22 "/CN=T PAI Mvid:FFF1"
cert x.cnf openpai pai open 0x23 "/CN=T PAI Mvid:FFF1"
cert x.cnf paidel delegate pai 0x31 "/CN=PAI Delegate"
cert x.cnf dac dac pai 0x41 "/CN=T DAC Mvid:FFF1 Mpid:8000"
cert x.cnf again pai paa 0x22 "/CN=Another PAI Mvid:FFF1"
mkdir ledger
cp paa.pem ledger/
openssl x509 -in dac.pem -outform DER -out dac.der

# refused NAME RULE...: the last mc ended with status 3, and exactly these rules were broken.
refused() {
    local name=$1 got
    shift
    got=$(jq -r '.findings[].rule' <stdout | sort | paste -sd' ')
    if [ "$status" = 3 ] && [ "$got" = "$(printf '%s\n' "$@" | sort | paste -sd' ')" ]; then
        ok "$name"
    else
        bad "$name: status $status, $got $(head -c 200 stderr)"
    fi
}

mc dcl check --vid 0xFFF1 --ledger ledger pai.pem
gives "a PAI under a PAA on the ledger" 0 "pai.pem: PAI, nothing found"
holds "all is judged" bash -c '! grep -q "not judged" stdout'
mc dcl check --vid 0xFFF1 --ledger ledger paa.pem --pending open.pem --json
refused "a PAA that is there already" dcl-serial-unique
holds "the schema" jq -e '.schema == "mattercert.dcl-check/1" and .kind == "paa" and .refused and .errors == 1 and (.not_judged | length) == 1' stdout
holds "a finding has everything" jq -e '.findings[0] | .severity == "error" and .source == "matter-attestation 6.1 C5" and (.text, .cure, .what | length > 0)' stdout
mc dcl check --vid 0xFFF1 paa.pem pai.pem dac.pem
gives "in the order of submission each counts for the next" 0 "dac.pem: DAC, nothing found, 2 rules not judged"
mc dcl check --vid 0xFFF1 pai.pem
gives "what is not known is told" 0 "because: give the certificates on the ledger with --ledger"
holds "once for all rules that need it" [ "$(grep -c 'with --ledger' stdout)" = 1 ]
mc dcl check --vid 0xFFF1 --ledger ledger dac.der --json
refused "a DAC without its PAI, in DER" dcl-pem dcl-parent
mc dcl check --vid 0xFFF2 --ledger ledger pai.pem --json
refused "another account" dcl-root-scoped
mc dcl check --vid 0xFFF1 --ledger ledger --ledger open.pem openpai.pem --root-vid 0xFFF1
gives "under a PAA for any vendor, with its VID" 0 "nothing found"
mc dcl check --vid 0xFFF1 --ledger ledger --ledger open.pem openpai.pem --root-vid 0xFFF2 --json
refused "under a PAA for any vendor, of another" dcl-root-open
mc dcl check --vid 0xFFF1 --ledger ledger --ledger open.pem openpai.pem --json
holds "its VID is asked for" jq -e '.not_judged[0] | .rule == "dcl-root-open" and (.needs | contains("--root-vid"))' stdout
mc dcl check --vid 0xFFF1 --ledger ledger --pending paa.pem paa.pem --json
refused "one that is proposed" dcl-serial-unique dcl-paa-pending
mc dcl check --vid 0xFFF1 --ledger ledger --ledger pai.pem again.pem --json
refused "a serial number that is taken" dcl-serial-unique
mc dcl check --vid 0xFFF1 --ledger ledger --at 2001-01-01T00:00:00Z pai.pem --json
refused "before its time" dcl-verifies
mc dcl check --vid 0xFFF1 --ledger ledger --cert-schema-version 1 pai.pem --json
refused "another schema version" dcl-schema
mc dcl check --vid 0xFFF1 --ledger ledger --info "$(head -c 4097 /dev/zero | tr '\0' x)" pai.pem --json
refused "too long an info" dcl-schema
mc dcl check --vid 0xFFF1 --ledger ledger --as pai dac.pem --json
holds "a DAC taken for a PAI" jq -e '[.findings[].rule] | index("dcl-kind") and index("dcl-ca")' stdout
head -c 200 dac.der >half.der
mc dcl check --vid 0xFFF1 half.der --json
holds "half a certificate" [ "$status" = 4 ]
holds "is a finding" jq -e '[.findings[].rule] == ["dcl-pem", "dcl-der"]' stdout
mc dcl check --vid 0xFFF1 --ledger ledger half.der pai.pem
gives "and stops nothing" 4 "pai.pem: PAI, nothing found"
mc dcl check --vid 0xFFF1 pai.key
says "a private key is refused" 4 private-key
mc dcl check --vid 0xFFF1 pai.csr
says "a CSR is no submission" 4 object
mc dcl check --vid 0xFFF1 --ledger nothing pai.pem
says "a ledger that is not there" 5 file-not-found
mc dcl check --vid 0xFFF1 --ledger pai.key pai.pem
says "a ledger that cannot be read" 4 private-key
mc dcl check --vid 0xFFF1
says "nothing to check" 2 usage
mc dcl check --as rcac pai.pem
says "a kind that the ledger has not" 2 usage
mc dcl check --vid FFFFF pai.pem
says "a VID that is none" 2 number
mc dcl check --vid 0xFFF1 --ledger ledger - <pai.pem
holds "standard input has no certificate here" [ "$status" = 4 ]
"$MATTERCERT" dcl check --vid 0xFFF1 --ledger ledger - <pai.pem >stdout
gives "standard input" "$status" "stdin: PAI, nothing found"

# Distribution points: by options, and as JSON.
point=(--vid 0xFFF1 --ledger ledger --certificate pai.pem --label pai --data-url https://example.com/pai.crl)
echo '[]' >none.json
mc dcl check "${point[@]}" --points none.json
gives "a distribution point by options" 0 "options: 'pai': revocation point, nothing found"
mc dcl check "${point[@]}" --pid 0x8000 --json
refused "a product that the PAI has not" dcl-point-pai
mc dcl check "${point[@]}" --issuer-subject-key-id 00:11 --json
refused "a key id with colons" dcl-point-members dcl-point-authority
mc dcl check "${point[@]/https/ftp}" --json
refused "no URL" dcl-point-url
mc dcl check --vid 0xFFF1 --ledger ledger --certificate paidel.pem --certificate-delegator pai.pem --label pai \
    --data-url https://example.com/pai.crl
gives "a delegate's" 0 "nothing found"
mc dcl check --vid 0xFFF1 --ledger ledger --certificate dac.pem --certificate-delegator pai.pem --label pai \
    --data-url https://example.com/pai.crl --json
refused "a DAC is no delegate; its product is told too" dcl-point-delegate dcl-point-pai
mc dcl check --vid 0xFFF1 --ledger ledger --certificate paa.pem --is-paa --label paa --data-url https://example.com/paa.crl
gives "a PAA's" 0 "nothing found"
mc dcl check --vid 0xFFF1 --ledger open.pem --certificate paa.pem --is-paa --label paa --data-url https://example.com/paa.crl --json
refused "a PAA that is not on the ledger" dcl-point-root
mc dcl check --vid 0xFFF1 --ledger ledger --certificate dac.der --label pai --data-url https://example.com/pai.crl --json
refused "a signer in DER" dcl-point-members

key_id=$(openssl x509 -in pai.pem -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' :')
jq -n --arg s "$(cat pai.pem)" --arg k "$key_id" '{vid: 65521, label: "pai", issuerSubjectKeyID: $k, isPAA: false,
    crlSignerCertificate: $s, dataURL: "https://example.com/pai.crl", revocationType: 1}' >point.json
mc dcl check --vid 0xFFF1 --ledger ledger --points none.json point.json
gives "a record" 0 "point.json: 'pai': revocation point, nothing found"
jq '{body: {messages: [. + {"@type": "/zigbeealliance.distributedcomplianceledger.pki.MsgAddPkiRevocationDistributionPoint",
    signer: "cosmos1xyz"}], memo: ""}, auth_info: {}, signatures: []}' point.json >tx.json
mc dcl check --vid 0xFFF1 --ledger ledger --points none.json tx.json
gives "an unsigned transaction" 0 "nothing found"
mc dcl check --vid 0xFFF1 --ledger ledger --points point.json point.json --json
refused "a record that is there" dcl-point-unique
mc dcl check --vid 0xFFF1 --ledger ledger --points point.json --update point.json
gives "as an update it is right" 0 "nothing found"
mc dcl check --vid 0xFFF1 --ledger ledger --points none.json --update point.json --json
refused "an update of nothing" dcl-point-update
jq -s '[.[0], (.[0] | .label = "again")]' point.json >two.json
mc dcl check --vid 0xFFF1 --ledger ledger --points none.json two.json
gives "two of one URL" 3 "'again': revocation point, 1 error"
jq '.revocationType = 2 | .dataFileSize = 7 | .schemaVersion = 1 | .vid = 0' point.json >wrong.json
mc dcl check --vid 0xFFF1 --ledger ledger --points none.json wrong.json --json
refused "all that is wrong is told at once" dcl-point-type dcl-point-digest dcl-point-schema dcl-point-vid dcl-point-pai
jq '.extra = 1' point.json >extra.json
mc dcl check --vid 0xFFF1 extra.json
says "an unknown member" 4 json-member
mc dcl check --vid 0xFFF1 none.json
says "no record" 4 empty
echo '{' >broken.json
mc dcl check --vid 0xFFF1 broken.json
says "half a record" 4 json
mc dcl check --vid 0xFFF1 --points paa.pem point.json
says "records that are none" 4 json
mc dcl check --vid 0xFFF1 paa.pem pai.pem point.json --json
holds "several give one a line" [ "$(wc -l <stdout)" = 3 ]
mc dcl check -q --vid 0xFFF1 --ledger ledger pai.pem
holds "quiet" [ "$status:$(wc -c <stdout)" = 0:0 ]

mc dcl check --rules
gives "the table" 0 "dcl-point-delegate"
mc dcl check --rules --json
holds "the table as JSON" jq -e '.schema == "mattercert.dcl-rules/1" and (.rules | length) >= 45 and all(.rules[]; .cure != "" and (.kinds | length) > 0)' stdout
mc dcl check --rules pai.pem
says "the table reads nothing" 2 usage

# What is on the main net passes: 40 PAAs.
if [ -d "$VECTORS/paa/production" ]; then
    n=0
    for f in "$VECTORS"/paa/production/*.pem; do
        mc dcl check "$f" --json
        [ "$status" = 0 ] && jq -e '.findings == []' stdout >/dev/null && n=$((n + 1))
    done
    holds "production PAAs: $n pass" [ "$n" = 40 ]
else
    skip "no vectors at $VECTORS"
fi
finish
