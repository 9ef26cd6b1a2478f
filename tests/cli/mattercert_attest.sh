#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert attest verify: every published case of a commissioner with its result code, answers of devices, the
# published revocations, trust from files and folders, and what is refused before anything is judged.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

att=$VECTORS/attestation
cases=$att/commissioner-cases
mkdir "$tmp/paas"
cp "$att"/test/Chip-Test-PAA-*-Cert.der "$tmp/paas"
number() { sed -n 's/.*"basic_info_pid": *\([0-9]*\).*/\1/p' "$1"; }
result() { sed -n 's/^    "result": \([0-9]*\),$/\1/p; s/^  "result": \([0-9]*\),$/\1/p' "$tmp/stdout" | head -n 1; }

# Each case: result code, validity and status.
n=0
while IFS=$'\t' read -r case valid code _; do
    [ "$case" = case ] && continue
    n=$((n + 1))
    dir=$cases/$case
    mc attest verify --json --dac "$dir/dac-Cert.der" --pai "$dir/pai-Cert.pem" --trust "$tmp/paas" --cd "$dir/cd.der" \
        --vid 0xFFF1 --pid "$(number "$dir/test_case_vector.json")" --allow-test-cd --at 2026-09-01
    want=0
    [ "${code%% *}" = 0 ] || want=3
    name=${code#* k}
    if [ "$(result)" = "${code%% *}" ] && [ "$status" = "$want" ] && grep -q "\"result_name\": \"$name\"" "$tmp/stdout"; then
        ok "$case: $code"
    else
        bad "$case: $(result) with status $status, wanted $code"
    fi
    [ "$valid" = false ] || [ "$want" = 0 ] || bad "$case: the list contradicts itself"
done <"$VECTORS/expected/commissioner-cases.tsv"
holds "there are 98 cases or more" test "$n" -ge 98

# An answer to AttestationRequest: elements around the declaration, signed with the DAC's key.
good=$cases/struct_cd_authorized_paa_list_count10_valid
answer() { # DIR CD KEY: elements.tlv, and signature in $signature
    python3 - "$1" "$2" <<'PY'
import sys
out, cd = sys.argv[1], open(sys.argv[2], 'rb').read()
n = bytes([0x30, 1, len(cd)]) if len(cd) < 256 else bytes([0x31, 1]) + len(cd).to_bytes(2, 'little')
elements = b'\x15' + n + cd + bytes([0x30, 2, 32]) + b'N' * 32 + b'\x24\x03\x00\x18'
open(out + '/elements.tlv', 'wb').write(elements)
open(out + '/signed', 'wb').write(elements + b'C' * 16)
PY
    signature=$(openssl dgst -sha256 -sign "$3" -keyform DER "$1/signed" | openssl asn1parse -inform DER |
        sed -n 's/.*INTEGER *:\([0-9A-F]*\)$/\1/p' | while read -r x; do printf '%064s' "$x" | tr ' ' 0; done)
}
nonce=$(printf 'N%.0s' $(seq 32) | xxd -p -c 64)
challenge=$(printf 'C%.0s' $(seq 16) | xxd -p)
verify() { mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --trust "$tmp/paas" --vid 0xFFF1 --pid 0x8000 --allow-test-cd --at 2026-09-01 "$@"; }
mkdir "$tmp/answer"
answer "$tmp/answer" "$good/cd.der" "$good/dac-Key.der"
full=(--elements "$tmp/answer/elements.tlv" --nonce "$nonce" --challenge "$challenge")
verify "${full[@]}" --signature "$signature"
gives "a whole answer" 0 "result 0 Success: a commissioner accepts the device"
gives "each step is told" 0 "  signature       passed   kept    the attestation signature is the DAC's"
xxd -p -c 4096 "$tmp/answer/elements.tlv" >"$tmp/answer/elements.hex"
verify --elements "$tmp/answer/elements.hex" --nonce "$nonce" --challenge "$challenge" --signature "$signature"
gives "elements as hex" 0 "result 0 Success"
verify "${full[@]}" --signature "${signature:2}00"
gives "another signature" 3 "result 500 AttestationSignatureInvalid"
verify "${full[@]}" --signature "${signature}00"
gives "a signature of 65 octets" 3 "result 503 AttestationSignatureInvalidFormat"
verify "${full[@]:0:2}" --nonce "${nonce:2}00" --challenge "$challenge" --signature "$signature"
gives "another nonce" 3 "result 502 AttestationNonceMismatch"
verify "${full[@]:0:4}"
gives "without signature and challenge they are not judged" 0 "result 0 Success"
holds "and not listed" test "$(grep -c '^  signature ' "$tmp/stdout")" = 0
printf '\x15\x30\x01' >"$tmp/answer/cut.tlv"
verify --elements "$tmp/answer/cut.tlv"
gives "elements that are cut off" 3 "result 501 AttestationElementsMalformed"
verify "${full[@]}" --signature "$signature" --cd "$cases/struct_cd_vid_mismatch/cd.der"
gives "another declaration besides" 0 "note: the declaration in the elements is not the one that was given besides"

# Trailing octets in the declaration: commissioners do not look.
{ cat "$good/cd.der"; printf '\0'; } >"$tmp/trailing.der"
verify --cd "$tmp/trailing.der"
gives "a declaration with a tail breaks a rule" 3 "cd-envelope     passed   broken"
gives "but a commissioner accepts it" 3 "result 0 Success"
verify --cd "$tmp/trailing.der" --as commissioner
gives "whose verdict gives the status when asked" 0 "a stricter verifier than today's refuses it"
verify --cd "$good/cd.der" --quiet
holds "nothing is said with --quiet" test ! -s "$tmp/stdout" -a "$status" = 0

# Without a PAI; without trust.
mc attest verify --dac "$good/dac-Cert.der" --trust "$tmp/paas"
gives "no PAI" 3 "result 207 PaiMissing"
mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --partial --cd "$good/cd.der" --vid 0xFFF1 --pid 0x8000 --no-time
gives "the partial verifier" 0 "result 0 Success"
holds "says which steps it leaves out by not listing them" test "$(grep -c '^  chain ' "$tmp/stdout")" = 0
mc attest verify --dac "$good/dac-Cert.der" --partial
gives "and no PAI" 3 "result 701 InvalidArgument"

# Trust: a file, PEM with many, a folder with what does not belong there.
one=$att/test/Chip-Test-PAA-NoVID-Cert.pem
cat "$att"/test/Chip-Test-PAA-*-Cert.pem >"$tmp/many.pem"
for trust in "$tmp/many.pem" "$att/test"; do
    mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --trust "$trust" --at 2026-09-01
    gives "trust from $(basename "$trust")" 0 "result 0 Success"
done
cp -r "$tmp/paas" "$tmp/mixed"
head -c 300 "$att/test/Chip-Test-PAA-FFF1-Cert.der" >"$tmp/mixed/broken.der"
cp "$VECTORS/cd/signers-development/Chip-Test-CD-Cert.der" "$VECTORS/attestation/test/Chip-Test-PAA-FFF1-Key.pem" "$tmp/mixed"
echo "not a certificate" >"$tmp/mixed/README"
mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --trust "$tmp/mixed" --at 2026-09-01
gives "one bad file does not block the others" 0 "result 0 Success"
holds "and is named" grep -q "broken.der is left out" "$tmp/stderr"
holds "keys and texts are passed over" test "$(wc -l <"$tmp/stderr")" = 1
mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --trust "$good/pai-Cert.der"
gives "a PAI is no trust" 3 "result 101 PaaNotFound"
holds "which is said" grep -q "pai-Cert.der is left out: .*chain-kind" "$tmp/stderr"
mkdir "$tmp/empty"
mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --trust "$tmp/empty"
gives "an empty folder" 3 "result 101 PaaNotFound"
holds "is said to be empty" grep -q "there is no PAA" "$tmp/stderr"
mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --trust "$one" --trust "$att/test/Chip-Test-PAA-FFF1-Cert.der" --at 2026-09-01
gives "several files" 0 "result 0 Success"
mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der" --trust "$VECTORS/paa/production"
gives "the production PAAs do not know it" 3 "result 101 PaaNotFound"
holds "and all of them can be used" test ! -s "$tmp/stderr"

# Signers of declarations.
verify --cd "$VECTORS/values/TestCertificationDeclaration/gUntrustedCd.der"
gives "an unknown signer" 3 "result 601 CertificationDeclarationNoCertificateFound"
verify --cd "$VECTORS/values/TestCertificationDeclaration/gUntrustedCd.der" --cd-signer "$VECTORS/values/TestCertificationDeclaration/gUntrustedCdCert.der"
gives "is known when its certificate is trusted" 0 "signed with trusted signer"
verify --cd "$good/cd.der" --trust "$VECTORS/values/TestCertificationDeclaration/gUntrustedCdCert.der"
holds "but not by --trust: the CSA did not certify it" grep -q "gUntrustedCdCert.der is left out" "$tmp/stderr"

# The label.
echo "MT:Y.K9042C00KA0648G00" >"$tmp/label"
verify --cd "$good/cd.der" --payload-file "$tmp/label"
gives "a label of this device" 0 "result 0 Success"
echo "MT:M5L90MP500K64J00000" >"$tmp/label"
verify --cd "$good/cd.der" --payload-file "$tmp/label"
gives "a label of another one" 3 "payload         skipped  broken  payload.VID: the onboarding payload names another vendor"
gives "which a commissioner does not mind" 3 "result 0 Success"
holds "the code is not repeated" test "$(grep -c M5L90 "$tmp/stdout")" = 0

# Revocation: the published devices and set.
while IFS=: read -r device code; do
    python3 - "$VECTORS/revocation/dac-provider-test-vectors/$device.json" "$tmp/$device" <<'PY'
import json, os, sys
v = json.load(open(sys.argv[1]))
os.makedirs(sys.argv[2])
for member, name in (('dac_cert', 'dac'), ('pai_cert', 'pai'), ('certification_declaration', 'cd')):
    open(f'{sys.argv[2]}/{name}.der', 'wb').write(bytes.fromhex(v[member]))
PY
    args=(--dac "$tmp/$device/dac.der" --pai "$tmp/$device/pai.der" --cd "$tmp/$device/cd.der" --trust "$tmp/paas" --vid 0xFFF1
        --pid 0x8001 --allow-test-cd --at 2026-09-01)
    mc attest verify "${args[@]}" --revocation-set "$VECTORS/revocation/revocation-sets/revocation-set.json"
    gives "$device" 3 "result $code "
    mc attest verify "${args[@]}"
    gives "$device without a set" 0 "result 0 Success"
done <<'END'
revoked-dac-01:302
revoked-dac-02:302
revoked-dac-03:302
revoked-pai:202
revoked-dac-and-pai:208
indirect-revoked-dac-01:302
indirect-revoked-pai-03:202
indirect-revoked-dac-01-pai-03:208
END
verify --cd "$good/cd.der" --revocation-set "$VECTORS/revocation/revocation-sets/revocation-set.json"
gives "a device that is not revoked" 0 "revocation      passed   kept"

# What is refused before anything is judged.
mc attest verify --dac "$good/dac-Cert.der" --pai "$good/pai-Cert.der"
says "neither trust nor --partial" 2 usage
mc attest verify --dac "$good/dac-Cert.der" --trust "$tmp/paas" --partial
says "both" 2 usage
verify --challenge "$challenge" --elements "$tmp/answer/elements.tlv"
says "a challenge without a signature" 2 usage
verify --nonce "$nonce"
says "a nonce without elements" 2 usage
verify --elements "$tmp/answer/elements.tlv" --nonce abcd
says "a nonce of two octets" 2 usage
mc attest verify --dac "$good/dac-Cert.der" --trust "$tmp/paas" --vid 0xFFF11
says "a VID of five digits" 2 number
verify --as judge
says "a third judge" 2 usage
mc attest verify --dac "$good/dac-Cert.der" --trust "$tmp/paas" --at yesterday
says "a time that is none" 2 time-text
mc attest verify --dac "$good/dac-Key.der" --trust "$tmp/paas"
says "a private key as DAC" 4 private-key
mc attest verify --dac "$good/cd.der" --trust "$tmp/paas"
says "a declaration as DAC" 4 object
mc attest verify --dac "$tmp/none" --trust "$tmp/paas"
says "a file that is not there" 5 file-not-found
mc attest verify --dac "$good/dac-Cert.der" --trust "$tmp/none"
says "trust that is not there" 5 file-not-found
verify --revocation-set "$tmp/label"
says "a revocation set that is none" 4 json

# JSON.
verify "${full[@]}" --signature "$signature" --json
gives "JSON" 0 '"schema": "mattercert.attest/1"'
holds "is well-formed, with a verdict for each step" python3 -c "
import json, sys
a = json.load(open(sys.argv[1]))
assert a['result'] == 0 and a['valid'] and a['cd']['vendor_id'] == '0xFFF1' and a['vid'] == '0xFFF1'
assert len({s['step'] for s in a['steps']}) == len(a['steps']) >= 36
assert all(s['commissioner'] in ('passed', 'skipped') and s['rules'] == 'kept' for s in a['steps'])" "$tmp/stdout"
finish
