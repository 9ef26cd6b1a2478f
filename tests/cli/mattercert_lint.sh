#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert lint: certificates and CSRs in every form, kinds, issuers, times, outputs, exit statuses.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

noc=$pairs/sTestCert_Node01_01 root=$pairs/sTestCert_Root01 at="--at 2026-11-23"
for form in DER.der Chip.tlv; do
    mc lint $at "${noc}_$form"
    gives "a good NOC, $form" 0 "noc, 1 notice"
    gives "... with its rule" 0 "notice   field-serial-63-bits"
    gives "... and the cure" 0 "cure: draw at least 64 random bits"
    mc lint $at --severity warning "${noc}_$form"
    holds "... only from a severity on" sh -c '! grep -q field-serial "$1"' - "$tmp/stdout"
done
od -An -v -tx1 "${noc}_Chip.tlv" | tr -d ' \n' >"$tmp/noc.hex"
mc lint $at "$tmp/noc.hex"
gives "as hex" 0 "noc.hex: noc"
base64 "${noc}_DER.der" >"$tmp/noc.b64"
mc lint $at "$tmp/noc.b64"
gives "as base64" 0 "noc.b64: noc"
openssl x509 -inform DER -in "${noc}_DER.der" -out "$tmp/noc.pem"
mc lint $at "$tmp/noc.pem"
gives "as PEM" 0 "noc.pem: noc"
"$MATTERCERT" lint $at - <"${noc}_DER.der" >"$tmp/stdout"
gives "from stdin" 0 "stdin: noc"

# What is wrong is found, and gives the status.
mc lint $at "$errors/Chip-Test-NOC-Ext-Basic-CA-Wrong-Cert.chip"
gives "an error" 3 "error    field-leaf-ca-true"
mc lint $at --issuer "${root}_DER.der" "${noc}_DER.der"
gives "the wrong issuer" 3 "error    x509-issuer-name"
mc lint $at --issuer "$pairs/sTestCert_ICA01_Chip.tlv" "${noc}_DER.der"
gives "the right issuer" 0 "noc, 1 notice"
mc lint $at --as icac "${noc}_DER.der"
gives "as another kind" 3 "error    op-id-missing"
mc lint --at 2050-01-01 "${noc}_DER.der"
gives "expired" 0 "warning  op-expired"
mc lint --at 2040-01-01 "${noc}_DER.der"
gives "soon to expire" 0 "notice   op-expires-soon"
mc lint $at "$errors/Chip-Test-NOC-Subject-Missing-Cert.chip"
gives "what cannot be read" 4 "not readable, 1 error"
gives "... gives one finding" 4 "error    tlv-order"
echo "not a certificate" >"$tmp/text"
mc lint "$tmp/text"
gives "something else" 4 "error    unreadable"
: >"$tmp/empty"
mc lint "$tmp/empty"
gives "an empty file" 4 "error    unreadable"
mc lint "$tmp/missing"
says "a missing file" 5 file-not-found

# Requests.
csr=$VECTORS/values/TestChipCryptoPAL/TestCSR_Verify.
mc lint "${csr}kGoodCsr.der"
gives "a good CSR" 0 "csr"
mc lint "${csr}kBadSignatureSignatureCsr.der"
gives "a CSR with a wrong signature" 3 "error    csr-signature"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout "$tmp/k" -subj /O=x -outform DER \
    -out "$tmp/p384.csr" 2>/dev/null
mc lint "$tmp/p384.csr"
gives "a CSR for another curve" 4 "error    x509-curve"
mc lint "$tmp/k"
gives "a private key" 4 "this is a private key"
holds "... is not shown" sh -c '! grep -q MII "$1"' - "$tmp/stdout"

# Many files; folders.
mc lint $at "${noc}_DER.der" "$errors/Chip-Test-NOC-Ext-Basic-CA-Wrong-Cert.chip" "${root}_DER.der"
gives "the worst counts" 3 "Root01_DER.der: rcac"
mkdir "$tmp/folder"
cp "${noc}_DER.der" "${root}_DER.der" "$tmp/folder"
mc lint $at "$tmp/folder"
gives "a folder" 0 "folder/sTestCert_Root01_DER.der: rcac"

# Outputs.
mc lint $at --json "$errors/Chip-Test-NOC-Ext-Basic-CA-Wrong-Cert.chip"
gives "JSON" 3 '"schema": "mattercert.lint/1"'
holds "... is valid and names the rule" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["readable"] and d["kind"] == "noc" and d["errors"] == 1
assert d["findings"][0]["severity"] == "error" and d["findings"][0]["rule"] == "field-leaf-ca-true"
assert all(f[k] for f in d["findings"] for k in ("text", "cure", "source"))' "$tmp/stdout"
mc lint $at --json "$tmp/folder"
holds "JSON of several files is one object a line" python3 -c '
import json, sys
assert len([json.loads(line) for line in open(sys.argv[1])]) == 2' "$tmp/stdout"

# SARIF: one finding, several files, none, requests, what cannot be read, what breaks many rules.
# sarif NAME STATUS RESULTS ARGS...: a strictly checked log with at least so many results, or exactly none.
sarif() {
    local name=$1 wanted=$2 least=$3
    shift 3
    mc lint $at --sarif "$@"
    holds "SARIF, $name: the status" test "$status" = "$wanted"
    holds "SARIF, $name: it is what SARIF and code scanning want" python3 "$here/sarif.py" "$tmp/stdout"
    holds "SARIF, $name: its results" python3 -c '
import json, sys
n, least = len(json.load(open(sys.argv[1]))["runs"][0]["results"]), int(sys.argv[2])
sys.exit(not (n >= least > 0 or n == least == 0))' "$tmp/stdout" "$least"
}
cp "$errors/Chip-Test-NOC-Ext-Basic-CA-Wrong-Cert.chip" "$tmp/a b%.chip"
sarif "one file" 3 1 "$tmp/a b%.chip"
cp "$tmp/stdout" "$tmp/one.sarif"
holds "... names the file as a URI" grep -qF "\"uri\": \"file://$tmp/a%20b%25.chip\"" "$tmp/one.sarif"
(cd "$tmp" && mc lint $at --sarif "./a b%.chip")
holds "... relative to where it is called" grep -qF '"uri": "a%20b%25.chip"' "$tmp/stdout"
"$MATTERCERT" convert "$errors/Chip-Test-NOC-Ext-Basic-CA-Wrong-Cert.chip" "$tmp/x.hex" --to tlv-hex
mc lint $at --sarif "$tmp/x.hex"
prints() { sed -n 's/.*primaryLocationLineHash": //p' "$1"; }
holds "... the same certificate in another form has the same fingerprints" test "$(prints "$tmp/stdout")" = "$(prints "$tmp/one.sarif")"
for change in 's/"2.1.0",/"2.0.0",/' 's/"startLine": 1/"startLine": 0/' 's/"help"/"helpText"/' 's/"ruleIndex": [0-9]*/"ruleIndex": 0/' \
    's/"note"/"notice"/' 's/"text": "[^"]*"/"text": ""/' 's/"uri": "/&a b/'; do
    sed "$change" "$tmp/one.sarif" >"$tmp/broken.sarif"
    holds "... its check is strict: $change" sh -c '! python3 "$1" "$2" >/dev/null' - "$here/sarif.py" "$tmp/broken.sarif"
done
sarif "several files" 3 4 "$tmp/a b%.chip" "${noc}_DER.der" "$errors"/*ICAC*.chip
sarif "nothing found" 0 0 --severity error "${root}_DER.der" "${noc}_DER.der"
sarif "a folder" 0 1 "$tmp/folder"
sarif "a good request" 0 0 --severity error "${csr}kGoodCsr.der"
sarif "a bad request" 3 1 "${csr}kBadSignatureSignatureCsr.der"
sarif "what cannot be read" 4 2 "$tmp/text" "$tmp/empty"
holds "... says so" grep -qF '"ruleId": "unreadable"' "$tmp/stdout"
sarif "a file that is not there" 5 0 "$tmp/missing"
(cd "$tmp" && "$MATTERCERT" -q forge --all --out forged)
sarif "every fault there is" 4 500 "$tmp/forged"

mc lint --rules
gives "the rules" 0 "error    field-leaf-ca-true"
mc lint --rules --json
holds "the rules as JSON" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "mattercert.lint-rules/1" and len(d["rules"]) >= 120
assert all(r[k] for r in d["rules"] for k in ("rule", "severity", "kinds", "since", "source", "text", "cure"))' "$tmp/stdout"

# Usage.
mc lint
says "no file" 2 usage
mc lint --as nonsense "${noc}_DER.der"
says "an unknown kind" 2 usage
mc lint --severity loud "${noc}_DER.der"
says "an unknown severity" 2 usage
mc lint --json --sarif "${noc}_DER.der"
says "two outputs" 2 usage
mc lint --at yesterday "${noc}_DER.der"
says "no time" 2 time-text
mc lint --rules "${noc}_DER.der"
says "rules and a file" 2 usage
finish
