#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert csr show and csr check: good requests in every form, broken ones of every kind, NOCSR elements.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

good=$VECTORS/values/TestChipCryptoPAL/TestCSR_Verify.kGoodCsr.der
mc csr check "$good"
gives "the good CSR" 0 "valid: the CSR is well-formed"
openssl req -inform DER -in "$good" -out "$tmp/good.pem"
mc csr check "$tmp/good.pem"
gives "as PEM" 0 valid
sed 's/$/\r/; 1s/^/\xEF\xBB\xBF/' "$tmp/good.pem" >"$tmp/crlf.pem"
mc csr check "$tmp/crlf.pem"
gives "as PEM with byte order mark and CRLF" 0 valid
od -An -v -tx1 "$good" | tr -d ' \n' >"$tmp/good.hex"
mc csr check "$tmp/good.hex"
gives "as hex" 0 valid
base64 "$good" >"$tmp/good.b64"
mc csr check "$tmp/good.b64"
gives "as base64" 0 valid
"$MATTERCERT" csr check - <"$good" >"$tmp/stdout"
gives "from stdin" 0 valid
mc csr show "$good"
gives "shown: subject" 0 "Subject           O=CSR"
gives "shown: key" 0 "04a3bea1f54201073c4b7585d8e298ac2ff698dbd95be07ec104d573c5b0907727"
gives "shown: key identifier" 0 "Key identifier    e163d59fa3fe7ff5a5c66e5e0dcd42dbdf7b9acd"
gives "shown: signature" 0 "verifies with the CSR's key"
mc csr show "${good%kGoodCsr.der}kBadSignatureSignatureCsr.der"
gives "shown although the signature is wrong" 0 "does NOT verify"
mc csr check --json "$good"
gives "JSON says valid" 0 '"valid": true'
holds "JSON is valid" python3 -m json.tool "$tmp/stdout"
mc csr check --json "${good%kGoodCsr.der}kBadSignatureSignatureCsr.der"
gives "JSON names the rule" 3 '"rule": "csr-signature"'
holds "JSON of a refusal is valid" python3 -m json.tool "$tmp/stdout"
mc csr check "$pairs/sTestCert_Root01_DER.der"
says "a certificate is no CSR" 4 object
mc csr check "$tmp/missing"
says "a missing file" 5 file-not-found

# refuse NAME STATUS RULE: $tmp/$NAME.csr is refused.
refuse() {
    mc csr check "$tmp/$1.csr"
    says "$1" "$2" "$3"
}
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/key.pem"
openssl ecparam -name secp384r1 -genkey -noout -out "$tmp/p384.pem"
openssl ecparam -name secp256k1 -genkey -noout -out "$tmp/k1.pem"
openssl ecparam -name prime256v1 -param_enc explicit -genkey -noout -out "$tmp/explicit.pem"
openssl genpkey -algorithm ED25519 -out "$tmp/ed.pem" 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$tmp/rsa.pem" 2>/dev/null
# request NAME KEY [OPTIONS]: a CSR by openssl.
request() {
    openssl req -new -key "$tmp/$2.pem" -outform DER -out "$tmp/$1.csr" -subj /O=x "${@:3}" 2>/dev/null
}
request p256 key
mc csr check "$tmp/p256.csr"
gives "p256" 0 valid
request p384 p384 && refuse p384 4 curve
request secp256k1 k1 && refuse secp256k1 4 curve
request explicit-curve explicit && refuse explicit-curve 4 curve
request ed25519 ed && refuse ed25519 4 key-alg
request rsa rsa && refuse rsa 4 key-alg
request sha384 key -sha384 && refuse sha384 4 csr-sig-alg
request sha1 key -sha1 && refuse sha1 4 csr-sig-alg
openssl req -new -key "$tmp/key.pem" -outform DER -out "$tmp/too-long.csr" -subj "/O=$(printf 'x%.0s' {1..60})/CN=y" \
    -addext "subjectAltName=DNS:$(printf 'n%.0s' {1..60}).$(printf 'n%.0s' {1..60}),URI:http://$(printf 'u%.0s' {1..700})" 2>/dev/null
refuse too-long 4 csr-size

# What openssl does not make: octets changed by hand, signed again where the signature is not the matter.
python3 - "$tmp" <<'PY'
import subprocess, sys
d = sys.argv[1]
csr = open(d + "/p256.csr", "rb").read()
def tlv(tag, body):
    n = len(body)
    return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])) + body
def sign(info):
    return subprocess.run(["openssl", "dgst", "-sha256", "-sign", d + "/key.pem"], input=info, capture_output=True, check=True).stdout
alg = bytes.fromhex("300a06082a8648ce3d040302")
pub = subprocess.run(["openssl", "ec", "-in", d + "/key.pem", "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
point = pub[-65:]
name = bytes.fromhex("300c310a3008060355040a0c0178")
curve = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
def spki(p, unused=0, c=curve):
    return tlv(0x30, c + tlv(3, bytes([unused]) + p))
def make(file, version=b"\x00", subject=name, key=None, attributes=b"\xa0\x00", algorithm=alg, sig=None, extra=b"", tail=b"", info_extra=b""):
    info = tlv(0x30, tlv(2, version) + subject + (key or spki(point)) + attributes + info_extra)
    s = sign(info) if sig is None else sig
    open(f"{d}/{file}.csr", "wb").write(tlv(0x30, info + algorithm + tlv(3, b"\x00" + s) + extra) + tail)
make("by-hand")
make("no-attributes", attributes=b"")
make("null-parameters", algorithm=bytes.fromhex("300c06082a8648ce3d0403020500"))
make("empty-subject", subject=b"\x30\x00")
make("version-2", version=b"\x01")
make("version-wide", version=b"\x00\x00")
make("compressed", key=spki(bytes([2 + (point[64] & 1)]) + point[1:33]))
make("hybrid", key=spki(bytes([6 + (point[64] & 1)]) + point[1:]))
make("infinity", key=spki(b"\x00"))
make("empty-point", key=spki(b""))
make("short-point", key=spki(point[:64]))
make("off-curve", key=spki(point[:64] + bytes([point[64] ^ 1])))
make("zero-point", key=spki(b"\x04" + bytes(64)))
make("unused-bits", key=spki(point, unused=1))
make("no-curve", key=spki(point, c=bytes.fromhex("300906072a8648ce3d0201")))
make("null-curve", key=spki(point, c=bytes.fromhex("300b06072a8648ce3d02010500")))
make("trailing", tail=b"\x00")
make("trailing-inside", extra=b"\x05\x00")
make("trailing-info", info_extra=b"\x05\x00")
make("signature-garbage", sig=b"\x01\x02\x03")
make("signature-empty", sig=b"")
make("signature-zero", sig=bytes.fromhex("3006020100020100"))
make("signature-padded", sig=tlv(0x30, tlv(2, b"\x00" + b"\x01" * 32) + tlv(2, b"\x01" * 32)))
make("signature-negative", sig=tlv(0x30, tlv(2, b"\xff" * 32) + tlv(2, b"\x01" * 32)))
make("signature-other", sig=sign(b"something else"))
make("subject-broken", subject=b"\x30\x03\x31\x01\x00")
make("attributes-broken", attributes=bytes.fromhex("a0023000"))
make("no-key", key=b"\x30\x00")
data = open(d + "/by-hand.csr", "rb").read()
open(d + "/truncated.csr", "wb").write(data[:-10])
open(d + "/long-length.csr", "wb").write(b"\x30\x82\x00" + data[1:2] + data[2:] if data[1] < 128 else b"\x30\x82\x00" + data[2:])
open(d + "/indefinite.csr", "wb").write(b"\x30\x80" + data[3:] + b"\x00\x00")
open(d + "/empty.csr", "wb").write(b"")
open(d + "/tiny.csr", "wb").write(bytes.fromhex("300830060500050005000500")[:12])
pem = open(d + "/good.pem").read()
open(d + "/two-blocks.csr", "w").write(pem + pem)
open(d + "/no-end.csr", "w").write(pem.split("-----END")[0])
open(d + "/bad-base64.csr", "w").write(pem.replace("M", "!", 1))
open(d + "/other-label.csr", "w").write(pem.replace("CERTIFICATE REQUEST", "CERTIFICATE"))
open(d + "/with-key.csr", "w").write(open(d + "/key.pem").read() + pem)
PY
for name in by-hand no-attributes null-parameters empty-subject; do
    mc csr check "$tmp/$name.csr"
    gives "$name" 0 valid
done
while read -r name wanted rule; do
    refuse "$name" "$wanted" "$rule"
done <<'TABLE'
version-2 4 csr-version
version-wide 4 der-integer
compressed 4 point
hybrid 4 point
infinity 4 point
empty-point 4 point
short-point 4 point
off-curve 4 point-curve
zero-point 4 point-curve
unused-bits 4 der-bits
no-curve 4 curve
null-curve 4 curve
trailing 4 der-trailing
trailing-inside 4 der-trailing
trailing-info 4 der-trailing
signature-garbage 4 signature-form
signature-empty 4 signature-form
signature-zero 4 signature-form
signature-padded 4 signature-form
signature-negative 4 signature-form
signature-other 3 csr-signature
subject-broken 4 der-tag
attributes-broken 4 der-tag
no-key 4 der-tag
truncated 4 der-truncated
long-length 4 der-length
indefinite 4 der-length
empty 4 empty
two-blocks 4 pem-count
no-end 4 pem
bad-base64 4 pem
with-key 4 private-key
TABLE

# NOCSR elements, and the attestation signature over them.
nocsr=$VECTORS/values/TestDeviceAttestationConstruction/TestNocsrElements_Construction.kNoCsrElementsVector.tlv
nonce=814a4d4c1c4a8ebbeadb0ae282f991eb13ac5f9fce94309319aa94096c8cd4b8
mc csr show "$nocsr"
gives "NOCSR: nonce" 0 "Nonce             $nonce"
gives "NOCSR: vendor fields" 0 "Vendor reserved 3 76656e646f725f7265736572766564335f6578616d706c65"
gives "NOCSR: the CSR" 0 "Subject           O=CSA"
mc csr show --json "$nocsr"
gives "NOCSR: JSON" 0 '"kind": "nocsr"'
holds "NOCSR: JSON is valid" python3 -m json.tool "$tmp/stdout"
mc csr check "$nocsr" --nonce $nonce
gives "NOCSR: the nonce that was sent" 0 "the nonce is the one sent"
mc csr check "$nocsr" --nonce "${nonce/8/9}"
says "NOCSR: another nonce" 3 nocsr-nonce-other
mc csr check "$nocsr" --nonce abcd
says "NOCSR: a nonce of the wrong length" 2 usage
mc csr check "$good" --nonce $nonce
says "a CSR alone has no nonce" 2 usage
openssl req -x509 -new -key "$tmp/key.pem" -out "$tmp/dac.pem" -subj /CN=dac -days 3
challenge=000102030405060708090a0b0c0d0e0f
# The attestation signature as r || s in hex.
attest() {
    { cat "$1" && printf '%s' $challenge | sed 's/../\\x&/g' | xargs -0 printf '%b'; } |
        openssl dgst -sha256 -sign "$tmp/key.pem" |
        openssl asn1parse -inform DER | awk -F: '/INTEGER/ { n = tolower($4); while (length(n) < 64) n = "0" n; printf "%s", n }'
}
signature=$(attest "$nocsr")
mc csr check "$nocsr" --dac "$tmp/dac.pem" --challenge $challenge --signature "$signature" --nonce $nonce
gives "NOCSR: the DAC's signature" 0 "the DAC's key signed the elements"
mc csr check "$nocsr" --dac "$tmp/dac.pem" --challenge ${challenge/0f/10} --signature "$signature"
says "NOCSR: another challenge" 3 attestation-signature
mc csr check "$nocsr" --dac "$tmp/dac.pem" --challenge $challenge
says "NOCSR: the signature is missing" 2 usage
mc csr check "$nocsr" --challenge $challenge --signature "$signature"
says "NOCSR: the DAC is missing" 2 usage
mc csr check "$nocsr" --dac "$tmp/good.pem" --challenge $challenge --signature "$signature"
says "NOCSR: the DAC is no certificate" 4 object
holds "... and the error names its file" grep -qF "good.pem: " "$tmp/stderr"
mc csr check "$nocsr" --dac "$tmp/none" --challenge $challenge --signature "$signature"
says "NOCSR: there is no such DAC" 5 file-not-found
head -c 100 "$nocsr" >"$tmp/cut.csr"
refuse cut 4 tlv-truncated
{ cat "$nocsr"; echo x; } >"$tmp/more.csr"
refuse more 4 tlv-trailing

finish
