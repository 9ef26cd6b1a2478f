#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trust bundles: made from files of which some are bad, shown, compared, exported, checked against devices, signed by
# heddle's audit key; every change of bundle or note is found.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
cd "$work"
mt() { "$MATTERCERT" trust "$@"; }

# Two PAAs, a PAI under one of them with its CRL and its delegate, a signer of declarations.
"$HEDDLE" -q init
for args in "paa create one --vid 0xFFF1" "paa create two" "pai create pai --paa one --vid 0xFFF1" "pai create lost --paa one --vid 0xFFF1" "cd-signer create lab"; do
    # shellcheck disable=SC2086
    "$HEDDLE" -q $args >/dev/null
done
"$HEDDLE" -q paa export one --out paas --format der
"$HEDDLE" -q paa export two --out paas --format pem
"$HEDDLE" -q pai export pai --out x --format all
"$HEDDLE" -q pai export lost --out x --format all
"$HEDDLE" -q cd-signer export lab --out cds --format der
"$HEDDLE" -q crl sign one --out empty.crl >/dev/null
"$MATTERCERT" revocation make --cert x empty.crl --out empty.json
"$HEDDLE" -q revoke --cert x/lost.pem >/dev/null
"$HEDDLE" -q crl sign one --out one.crl >/dev/null
"$MATTERCERT" revocation make --cert x one.crl --out set.json
"$HEDDLE" ledger key --out audit.pem

that "make" mt make --paa paas --cd-signer cds --revocation-set set.json --date 2026-06-01 --out a.json
same "$(jq -r '.schema, .date, (.paas | length), (.cd_signers | length), (.revocation_sets | length)' a.json | tr '\n' ' ')" \
    "mattercert.trust/1 2026-06-01T00:00:00Z 2 1 1 " "what is in it"
that "the same from single files, in another order, some twice" mt make --revocation-set set.json --cd-signer cds/lab.der --paa paas/two.pem \
    --paa paas/one.der --paa paas/one.der --revocation-set set.json --date 2026-06-01 --out b.json
that "is the same bundle" cmp a.json b.json
that "to standard output" mt make --paa paas --date 2026-06-01
same "$(jq -r '.paas | length' "$out")" 2 "as JSON"
that "show" mt show a.json
grep -q 'bundle of 2026-06-01T00:00:00Z: 2 PAAs, 1 signers of declarations, 1 certificates revoked' "$out" && pass "its first line" || fail "its first line" "$(cat "$out")"
that "show --json" mt show a.json --json
same "$(jq -r .sha256 "$out")" "$(sha256sum a.json | cut -d' ' -f1)" "its hash"

# One bad file never blocks the rest.
mkdir bad && cp paas/* x/pai.pem bad/
head -c 200 paas/one.der >bad/half.der
openssl x509 -in paas/two.pem -outform DER | xxd -p -c 9999 | sed 's/2a8648ce3d040302/2a8648ce3d040303/g' | xxd -r -p >bad/algorithm.der
{ head -c -1 paas/one.der; printf '\0'; } >bad/signature.der
echo "not a certificate" >bad/README
cp one.crl bad/
got=0
mt make --paa bad --date 2026-06-01 --out c.json 2>"$err" || got=$?
same "$got" 10 "a folder with bad files is done in part"
same "$(jq '.paas | length' c.json)" 2 "the good ones are there"
for name in half.der algorithm.der signature.der pai.pem; do
    grep -q "bad/$name: " "$err" && pass "$name is told" || fail "$name is told"
done
grep -q 'README\|one.crl' "$err" && fail "what is no certificate is passed over" || pass "what is no certificate is passed over"
jq '[.[0] | .crl_signer_cert = "MAA="]' set.json >badset.json
got=0
mt make --paa paas --revocation-set badset.json --revocation-set set.json --date 2026-06-01 --out c.json 2>"$err" || got=$?
same "$got $(jq '.revocation_sets | length' c.json)" "10 1" "nor does a bad revocation set"
refused 3 chain-kind "nothing but a PAI" mt make --paa x/pai.pem
refused 4 empty "nothing at all" mt make
refused 2 time-text "a date that is none" mt make --paa paas --date yesterday

# A bundle that somebody edited: its bad entries are left out, and told.
jq '.paas[0].certificate = "MAA="' a.json >d.json
got=0
mt show d.json >"$out" 2>"$err" || got=$?
same "$got" 10 "a bad entry makes it partial"
grep -q 'paas\[0\] is left out' "$err" && pass "and is told" || fail "and is told"
grep -q '1 PAAs' "$out" && pass "the rest is there" || fail "the rest is there"
jq '.paas[0].key_id = .paas[1].key_id' a.json >d.json
mt show d.json >"$out" 2>"$err" || true
grep -q 'paas\[0\] is left out.*trust-bundle' "$err" && pass "a key id of another certificate" || fail "a key id of another certificate"
jq '.revocation_sets[0].crl_signer_delegator = null' a.json >d.json
mt show d.json >"$out" 2>"$err" || true
grep -q 'revocation_sets\[0\] is left out.*revocation-set' "$err" && pass "a null delegator" || fail "a null delegator"
refused 4 json "half a bundle" mt show <(head -c 500 a.json)
jq '.schema = "x"' a.json >d.json
refused 4 trust-bundle "another schema" mt show d.json
jq '.x = 1' a.json >d.json
refused 4 json-member "an unknown member" mt show d.json
jq 'del(.date)' a.json >d.json
refused 4 json-member "no date" mt show d.json
refused 4 '' "a certificate is no bundle" mt show paas/one.der

# Differences.
that "diff of the same" mt diff a.json b.json
mt make --paa paas/one.der --revocation-set empty.json --date 2026-07-01 --out e.json
got=0
mt diff a.json e.json >"$out" 2>"$err" || got=$?
same "$got $(cut -c1-12 "$out" | sed 's/ *$//' | sort | tr '\n' ',')" "3 - CD signer,- PAA,- revoked," "what is gone"
got=0
mt diff e.json a.json --json >"$out" || got=$?
same "$got $(jq -r '.changes[].change' "$out" | sort -u)" "3 added" "what came, as JSON"
mt make --paa paas --cd-signer cds --revocation-set set.json --date 2026-08-01 --out f.json
that "another date alone is no difference" mt diff a.json f.json

# Export: what chip-tool and Home Assistant read.
that "export" mt export a.json --out store
same "$(find store -type f | sed 's/_[0-9a-f]*\.der$/.der/' | LC_ALL=C sort | tr '\n' ' ')" \
    "store/cd-certs/CN_lab_CD_Signing_Authority.der store/paa-root-certs/CN_one_PAA_VID_FFF1.der store/paa-root-certs/CN_two_PAA.der store/revocation-set.json " \
    "its files"
that "the PAA is as it was" cmp store/paa-root-certs/CN_one_PAA_VID_FFF1_*.der paas/one.der
that "the set is as it was" cmp store/revocation-set.json set.json
that "a bundle of what was exported" mt make --paa store/paa-root-certs --cd-signer store/cd-certs --revocation-set store/revocation-set.json \
    --date 2026-06-01 --out g.json
that "is the bundle" cmp a.json g.json

# Signed.
that "sign" "$HEDDLE" trust sign a.json --out a.note
same "$(head -n 2 a.note | sed 's/.*\/trust$/ORIGIN\/trust/' | tr '\n' ' ')" "ORIGIN/trust 1 " "origin and number"
same "$(sed -n 3p a.note | base64 -d | xxd -p -c 64)" "$(sha256sum a.json | cut -d' ' -f1)" "the hash of the bundle"
that "show with note and key" mt show a.json --note a.note --key audit.pem
grep -q 'signed as number 1 by heddle' "$out" && pass "says who signed it" || fail "says who signed it"
that "OpenSSL checks the signature" sh -c 'head -n 3 a.note >body; sed -n 5p a.note | cut -d" " -f3 | base64 -d | tail -c +5 >sig; openssl dgst -sha256 -verify audit.pem -signature sig body'
refused 4 trust-bundle "a note of another bundle" mt show f.json --note a.note --key audit.pem
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl ec -pubout -out other.pem 2>/dev/null
refused 3 signature "another key" mt show a.json --note a.note --key other.pem
refused 2 usage "a note without key" mt show a.json --note a.note
"$HEDDLE" -q ledger checkpoint --out checkpoint
refused 4 note "a checkpoint is no note of a bundle" mt show a.json --note checkpoint --key audit.pem
n=0 bad=0 size=$(stat -c %s a.note)
for at in $(seq 0 7 $((size - 2))); do
    n=$((n + 1))
    { head -c "$at" a.note; printf '~'; tail -c +$((at + 2)) a.note; } >changed
    mt show a.json --note changed --key audit.pem >/dev/null 2>&1 && { bad=$((bad + 1)); echo "octet $at"; }
done
same $bad 0 "a changed octet of the note is found ($n of $size)"
that "sign again takes the next number" "$HEDDLE" trust sign a.json --out a2.note --json
same "$(json_value "$out" number)" 2 "2"
refused 4 trust-bundle "an edited bundle is not signed" "$HEDDLE" trust sign <(jq . f.json | sed 's/PAA/paa/') --out no.note
jq '.paas[0].certificate = "MAA="' a.json >d.json
refused 4 trust-bundle "nor one with a bad entry" "$HEDDLE" trust sign d.json --out no.note
same "$([ -e no.note ] && echo there)" "" "nothing is written"
that "the ledger has both" "$HEDDLE" ledger list --type document --json
same "$(jq -r 'select(.document == "trust") | .state // "numbered"' "$out" | tr '\n' ' ')" "numbered active numbered active " "numbered and given out"
that "the ledger verifies" "$HEDDLE" ledger verify

# What a commissioner with it says.
if [ -d "$VECTORS/revocation" ]; then
    r=$VECTORS/revocation
    got=0
    mt make --paa "$VECTORS/paa/production" --paa "$VECTORS/attestation/test" --cd-signer "$VECTORS/cd/signers-development" \
        --revocation-set "$r/revocation-sets/revocation-set.json" --out v.json 2>"$err" || got=$?
    same "$(jq '.revocation_sets | length' v.json)" 7 "a bundle of published files"
    grep -q 'CSA.s certification root' "$err" && pass "the CSA's root is no PAA" || fail "the CSA's root is no PAA"
    for case in revoked-dac-01:302 revoked-pai:202 revoked-dac-and-pai:208 indirect-revoked-dac-01:302 indirect-revoked-dac-01-pai-03:208; do
        jq -r .dac_cert "$r/dac-provider-test-vectors/${case%:*}.json" | xxd -r -p >v-dac.der
        jq -r .pai_cert "$r/dac-provider-test-vectors/${case%:*}.json" | xxd -r -p >v-pai.der
        got=0
        mt check v.json --dac v-dac.der --pai v-pai.der --json >"$out" 2>/dev/null || got=$?
        same "$got $(jq .result "$out")" "3 ${case#*:}" "check: ${case%:*}"
        got=0
        "$MATTERCERT" attest verify --dac v-dac.der --pai v-pai.der --trust v.json --json >"$out" 2>/dev/null || got=$?
        same "$got $(jq .result "$out")" "3 ${case#*:}" "attest verify with the bundle: ${case%:*}"
    done
    got=0
    mt check a.json --dac v-dac.der --pai v-pai.der --json >"$out" 2>/dev/null || got=$?
    same "$got $(jq .result "$out")" "3 101" "a bundle without the PAA"
    d=$VECTORS/attestation/development
    that "check: a good device" mt check v.json --dac "$d/Matter-Development-DAC-FFF1-8001-Cert.der" --pai "$d/Matter-Development-PAI-FFF1-noPID-Cert.der"
else
    skip "devices" "no vectors"
fi

# The same without published devices: what it says, and one bad entry among many.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout lamp.key -subj /O=CSR -out lamp.csr 2>/dev/null
"$HEDDLE" -q dac issue pai --pid 0x8000 --csr lamp.csr --out lamp >/dev/null
device=(--dac lamp/dac.der --pai lamp/pai.der)
that "check: a device of ours" mt check a.json "${device[@]}"
same "$(head -n 2 "$out")" "bundle of 2026-06-01T00:00:00Z: 2 PAAs, 1 signers of declarations, 1 certificates revoked
DAC of VID 0xFFF1, PID 0x8000" "says by which bundle, and of which device"
same "$(grep '^result' "$out")" "result 0 Success: a commissioner accepts the device" "and the result"
two=$(jq '.paas | map(.subject | startswith("CN=two")) | index(true)' a.json)
one=$((1 - two))
jq ".paas[$two].certificate |= .[:80]" a.json >bad-other.json
that "check: another PAA's entry is bad" mt check bad-other.json "${device[@]}"
grep -q "; 1 left out" "$out" && pass "one is left out" || fail "one is left out" "$(cat "$out")"
grep -q "paas\[$two\] is left out: .*said to be CN=two PAA" "$err" && pass "and named as the bundle names it" || fail "and named as the bundle names it" "$(cat "$err")"
jq ".paas[$one].certificate |= .[:80]" a.json >bad-one.json
got=0
mt check bad-one.json "${device[@]}" >"$out" 2>"$err" || got=$?
id=$(openssl x509 -inform DER -in paas/one.der -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' :')
grep -q "$id (CN=one PAA,VID=FFF1) \[att-paa-unknown\]" "$out" && pass "which PAA is needed is told" || fail "which PAA is needed is told" "$(cat "$out")"
grep -q "the PAA may be what is left out" "$err" && pass "and that it may be the one left out" || fail "and that it may be the one left out"
got=0
mt check bad-one.json "${device[@]}" --json >"$out" 2>/dev/null || got=$?
same "$got $(jq -c '[.result, .left_out[0].entry, (.steps[] | select(.step == "paa-found") | .rule)]' "$out")" \
    "3 [101,\"paas[$one]\",\"att-paa-unknown\"]" "in JSON too"
refused 2 usage "check wants a DAC" mt check a.json
finish
