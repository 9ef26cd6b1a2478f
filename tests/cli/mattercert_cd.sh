#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert cd show and cd verify: published declarations and their signers, declarations that openssl made, and
# every way of signing that Matter does not allow.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

cds=$VECTORS/cd/test
signer=$cds/Chip-Test-CD-Signing-Cert.pem
key=$cds/Chip-Test-CD-Signing-Key.pem

# Published declarations: fields, signer, signature; openssl agrees with the signature.
for cd in "$cds"/Chip-Test-CD-*.der; do
    name=$(basename "$cd" .der)
    [[ $name =~ CD-(FFF.)-(8.*)$ ]]
    vid=0x${BASH_REMATCH[1]} pid=0x${BASH_REMATCH[2]:0:4}
    mc cd show "$cd"
    gives "$name is shown" 0 "Signer              62FA823359ACFAA9963E1CFA140ADDF504F37160 (test key)"
    holds "$name: its vendor and products" grep -q "^Vendor *$vid$" "$tmp/stdout"
    holds "$name: its first product" grep -q "^Products *$pid" "$tmp/stdout"
    mc cd verify "$cd" --allow-test-cd --vid "$vid" --pid "$pid"
    gives "$name verifies" 0 "result 0 Success: a commissioner accepts the declaration"
    holds "$name: openssl agrees" openssl cms -verify -inform DER -in "$cd" -certfile "$signer" -CAfile "$signer" -purpose any -binary -out /dev/null
done
cd=$cds/Chip-Test-CD-FFF2-8001.der
mc cd show "$cds/Chip-Test-CD-FFF2-8002-WithDACOrigin.der"
gives "the origin" 0 "DAC origin          VID 0xFFF1, PID 0x8000"
mc cd verify "$cd"
gives "the test key needs leave" 3 "result 601 CertificationDeclarationNoCertificateFound"
mc cd verify "$cd" --allow-test-cd --vid 0xFFF1
gives "another vendor" 3 "result 604 CertificationDeclarationInvalidVendorId"
mc cd verify "$cd" --allow-test-cd --pid 0x8002
gives "another product" 3 "result 605 CertificationDeclarationInvalidProductId"

# Forms of the file.
openssl base64 -A -in "$cd" >"$tmp/cd.b64"
{ echo "-----BEGIN CMS-----"; openssl base64 -in "$cd"; echo "-----END CMS-----"; } >"$tmp/cd.pem"
for form in b64 pem; do
    mc cd verify "$tmp/cd.$form" --allow-test-cd
    gives "a declaration as $form" 0 "result 0 Success"
done
openssl cms -verify -noverify -inform DER -in "$cd" -certfile "$signer" -binary -out "$tmp/payload.tlv" 2>/dev/null
mc cd show "$tmp/payload.tlv"
gives "a payload alone is shown" 0 "Certificate id      ZIG20141ZB330001-24"
mc cd verify "$tmp/payload.tlv"
says "but has no signature" 4 cms-type
python3 - "$cd" "$tmp/elements.tlv" <<'PY'
import sys
cd = open(sys.argv[1], 'rb').read()
open(sys.argv[2], 'wb').write(b'\x15\x30\x01' + bytes([len(cd)]) + cd + b'\x30\x02\x20' + b'N' * 32 + b'\x24\x03\x00\x18')
PY
mc cd show "$tmp/elements.tlv"
gives "a declaration in attestation elements" 0 "certification declaration in attestation elements"
mc cd verify "$tmp/elements.tlv" --allow-test-cd
gives "verifies" 0 "result 0 Success"
mc cd show "$signer"
says "a certificate is no declaration" 4 object
head -c 100 "$cd" >"$tmp/cut.der"
mc cd show "$tmp/cut.der"
holds "a declaration that is cut off cannot be shown" test "$status" = 4 -a -s "$tmp/stderr"
mc cd verify "$tmp/cut.der"
gives "and has no key id for a commissioner" 3 "result 600 CertificationDeclarationNoKeyId"
mc cd show "$tmp/none"
says "a file that is not there" 5 file-not-found

# Signed by openssl: in the one way that is right, and in others.
sign() { # NAME OPTION...
    local name=$1
    shift
    openssl cms -sign -binary -nodetach -nosmimecap -in "$tmp/payload.tlv" -signer "$signer" -inkey "$key" -outform DER \
        -out "$tmp/$name.der" "$@"
}
sign right -keyid -nocerts -noattr -md sha256
mc cd verify "$tmp/right.der" --allow-test-cd
gives "openssl cms -keyid -nocerts -noattr" 0 "by the rules: valid"
sign certs -keyid -noattr -md sha256
mc cd verify "$tmp/certs.der" --allow-test-cd
gives "with certificates" 3 "result 600 CertificationDeclarationNoKeyId"
holds "by its rule" grep -q "\[cms-extra\]" "$tmp/stdout"
sign attributes -keyid -nocerts -md sha256
mc cd verify "$tmp/attributes.der" --allow-test-cd
gives "with attributes" 3 "cms.signerInfo.signedAttrs: the envelope holds more than its rigid form allows"
sign serial -nocerts -noattr -md sha256
mc cd verify "$tmp/serial.der" --allow-test-cd
gives "by issuer and serial number" 3 "[cms-version]"
sign sha512 -keyid -nocerts -noattr -md sha512
mc cd verify "$tmp/sha512.der" --allow-test-cd
gives "with SHA-512" 3 "cms.digestAlgorithms: a digest algorithm of the envelope is not SHA-256"
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/own.key"
openssl req -x509 -new -key "$tmp/own.key" -subj "/CN=Own CD Signing" -days 30 -out "$tmp/own.pem" 2>/dev/null
openssl cms -sign -binary -nodetach -nosmimecap -in "$tmp/payload.tlv" -signer "$tmp/own.pem" -inkey "$tmp/own.key" -outform DER \
    -out "$tmp/own.der" -keyid -nocerts -noattr -md sha256
mc cd verify "$tmp/own.der"
gives "by an own key" 3 "[cd-signer-unknown]"
mc cd verify "$tmp/own.der" --cd-signer "$tmp/own.pem"
gives "that is trusted" 0 "result 0 Success"
mc cd verify "$tmp/own.der" --trust "$tmp/own.pem"
gives "by its user, not by the CSA" 3 "[cd-signer-unknown]"

# Signers that the CSA certified are trusted from a folder; the known ones are there already.
mkdir "$tmp/signers"
cp "$VECTORS"/cd/signers-production/*.der "$tmp/signers"
mc cd verify "$cd" --trust "$tmp/signers" --allow-test-cd
gives "signers from a folder" 0 "result 0 Success"

# JSON.
mc cd show "$cd" --json
gives "show in JSON" 0 '"schema": "mattercert.cd/1"'
holds "is well-formed" python3 -c "
import json, sys
cd = json.load(open(sys.argv[1]))
assert cd['cd']['vendor_id'] == '0xFFF2' and cd['cd']['product_ids'] == ['0x8001'] and cd['signer'] == 'test key'" "$tmp/stdout"
mc cd verify "$cd" --json
gives "verify in JSON" 3 '"schema": "mattercert.cd-verify/1"'
holds "is well-formed too" python3 -c "
import json, sys
a = json.load(open(sys.argv[1]))
assert a['result'] == 601 and not a['valid']
assert [s['step'] for s in a['steps'] if s['commissioner'] == 'failed'] == ['cd-test-key']" "$tmp/stdout"
finish
