#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert show: every certificate of the vectors, JSON, what is no certificate, hostile text.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

# has TEXT...: every text stands on the page that mc printed.
has() {
    local name=$1 text
    shift
    for text in "$@"; do
        grep -qE -- "$text" "$tmp/stdout" && continue
        bad "$name: '$text' is missing"
        return
    done
    ok "$name"
}

mc show "$pairs/sTestCert_Node02_05_Chip.tlv"
has "a NOC" '^Kind +Matter node operational certificate \(NOC\)$' '^Form +Matter TLV; DER [0-9]+ octets, Matter TLV [0-9]+' \
    'matter-node-id = 0xDEDEDEDE0002[0-9A-F]{4}$' 'matter-fabric-id = 0xFAB000000000001D$' \
    'matter-noc-cat = 0xABCD0010 \(identifier 0xABCD, version 16\)$' '^Not after +2040-10-15T14:23:42Z \(7305 days\)$' \
    '^Public key +P-256' '^Subject key id +[0-9A-F]{40} \(SHA-1 of the key\)$' '^Authority key id +[0-9A-F]{40}$' \
    '^Authority +no$' '^Key usage +digitalSignature$' '^Purposes +clientAuth, serverAuth$' '^  r +[0-9a-f]{64}$' \
    '^Converts +to X.509 DER$'
sha=$(sha256sum "$pairs/sTestCert_Node02_05_DER.der")
has "its fingerprint is that of the DER" "^SHA-256 +${sha%% *}$"
mc show "$pairs/sTestCert_Root01_DER.der"
has "an RCAC" '^Kind +Matter root CA certificate \(RCAC\)$' 'matter-rcac-id = 0xCACACACA00000001$' '^Authority +yes' \
    '^Key usage +keyCertSign, cRLSign$' 'self-signed: verifies with its own key$' '^Converts +to Matter TLV$'
mc show "$pairs/sTestCert_ICA01_DER.der"
has "an ICAC" '^Kind +Matter intermediate CA certificate \(ICAC\)$' 'matter-icac-id = 0x'
mc show "$pairs/sTestCert_FWSign01_Chip.tlv"
has "a firmware signing certificate" '^Kind +Matter firmware signing' '^Purposes +codeSigning$'
mc show "$pairs/sTestCert_PDCID01_ChipCompact.tlv"
has "a compact network identity" '^Kind +Matter network identity$' '^Form +Matter TLV, compact; 137 octets' \
    'commonName = \*$' '^Not after +no expiry' '^Key identifier +[0-9A-F]{40} \(computed' 'verifies with its own key'
mc show "$pairs/sTestCert_PDCID01_DER.der"
has "a network identity" '^Converts +to Matter TLV, also in compact form$'
attestation=$VECTORS/attestation/development
mc show "$attestation/Matter-Development-DAC-FFF1-8000-Cert.pem"
has "a DAC" '^Kind +device attestation certificate' 'matter-vid = 0xFFF1$' 'matter-pid = 0x8000$' \
    '^Converts +not to Matter TLV: .*\[dn-attr\]$'
mc show "$attestation/Matter-Development-PAI-FFF1-noPID-Cert.der"
has "a PAI" '^Kind +product attestation intermediate' '^Authority +yes, path length 0$'

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/key.pem" -out "$tmp/rsa.pem" -days 3 \
    -subj $'/C=DE/O=a\033[31mb/emailAddress=x@example.org' -addext 'subjectAltName=DNS:example.org' 2>/dev/null
mc show "$tmp/rsa.pem"
has "an RSA certificate" '^Kind +X.509 certificate of no Matter kind|self-issued CA' 'rsaEncryption' '^  raw +[0-9a-f]' \
    'emailAddress = x@example.org \(IA5String\)' '^Extension +subjectAltName' 'Converts +not to'
holds "its escape characters are made harmless" sh -c '! grep -q "$(printf "\033")" "$1"' - "$tmp/stdout"
has "... and shown" 'organizationName = a\\x1B\[31mb'
mc show --json "$tmp/rsa.pem"
holds "JSON of it is valid" python3 -m json.tool "$tmp/stdout"

# What is no certificate is named for what it is.
mc show "$tmp/key.pem"
says "a private key" 4 private-key
holds "... is not printed" sh -c '! grep -q "$(sed -n 2p "$1")" "$2" "$3"' - "$tmp/key.pem" "$tmp/stdout" "$tmp/stderr"
openssl ecparam -name prime256v1 -genkey -noout -outform DER -out "$tmp/key.der" 2>/dev/null
mc show "$tmp/key.der"
says "a private key in DER" 4 private-key
openssl ec -inform DER -in "$tmp/key.der" -pubout -out "$tmp/pub.pem" 2>/dev/null
# named FILE WHAT VERB
named() {
    mc show "$1"
    says "$2 is refused" 4 object
    holds "$2 is named, with what to use" grep -qF "$2; use '$3" "$tmp/stderr"
}
named "$tmp/pub.pem" "a public key" "openssl pkey"
named "$VECTORS/revocation/Chip-Test-PAA-FFF1-CRL.pem" "a CRL" "mattercert crl show"
named "$VECTORS/attestation/commissioner-cases/invalid_paa/cd.der" "a CMS signed message" "mattercert cd show"
named "$VECTORS/values/TestChipCryptoPAL/TestCSR_Verify.kGoodCsr.der" "a CSR" "mattercert csr show"
named "$VECTORS/values/TestDeviceAttestationConstruction/TestNocsrElements_Construction.kNoCsrElementsVector.tlv" \
    "NOCSR elements" "mattercert csr show"

# Several files.
mc show "$pairs/sTestCert_Root01_DER.der" "$tmp/pub.pem" "$pairs/sTestCert_ICA01_DER.der"
holds "several files: the others are shown, status 10" [ "$status" = 10 -a "$(grep -c '_DER.der:$' "$tmp/stdout")" = 2 ]
mc show --json "$pairs"/*_DER.der
holds "several files: one line of JSON each" [ "$status" = 0 -a "$(wc -l <"$tmp/stdout")" = 18 ]
holds "... all valid" python3 -m json.tool --json-lines "$tmp/stdout"
mc show --json "$pairs/sTestCert_Node02_05_DER.der"
holds "JSON holds what scripts want" python3 - "$tmp/stdout" <<'PY'
import json, sys
c = json.load(open(sys.argv[1]))
assert c["schema"] == "mattercert.certificate/1" and c["kind"] == "noc" and c["form"] == "der"
assert c["ids"]["matter-fabric-id"] == "0xFAB000000000001D" and "0xABCD0010" in c["ids"]["cats"]
assert c["validity"] == {"not_before": "2020-10-15T14:23:43Z", "not_after": "2040-10-15T14:23:42Z", "no_expiry": False, "days": 7305}
assert c["conversion"] == {"to": "tlv", "possible": True}
assert c["public_key"]["subject_key_id_made_by"] == "sha1" and len(c["public_key"]["point"]) == 130
PY
"$MATTERCERT" show <"$pairs/sTestCert_Root01_Chip.tlv" - >"$tmp/x"
holds "stdin" grep -q RCAC "$tmp/x"

# The whole tree of vectors in few processes: all that openssl takes for a certificate is shown, nothing crashes.
find "$VECTORS" -type f \( -name '*.der' -o -name '*.pem' -o -name '*.tlv' -o -name '*.chip*' -o -name '*.bin' \) -print0 |
    sort -z >"$tmp/list"
code=0
xargs -0 -n 400 "$MATTERCERT" show --json <"$tmp/list" >"$tmp/all" 2>"$tmp/all.err" || code=$?
holds "the whole tree: no crash" [ "$code" = 123 ]
holds "the whole tree: valid JSON" python3 -m json.tool --json-lines "$tmp/all" "$tmp/formatted"
python3 - "$tmp/all" "$tmp/all.err" "$tmp/list" >"$tmp/report" <<'PY' || bad "the whole tree: comparison"
import json, re, subprocess, sys
shown = {json.loads(line)["file"] for line in open(sys.argv[1])}
refused = dict(re.findall(r"^mattercert: (/.*?): (.*)$", open(sys.argv[2]).read(), re.M))
files = [f for f in open(sys.argv[3]).read().split("\0") if f]
print("ok   ", "the whole tree: every file is shown or refused by name") if all(
    (f in shown) != (f in refused) for f in files) else print("FAIL  the whole tree: a file got no answer")
def cert(f):
    data = open(f, "rb").read()
    if b"PRIVATE KEY" in data or (f.endswith(".pem") and b"BEGIN CERTIFICATE" not in data):
        return False
    form = "PEM" if f.endswith(".pem") else "DER"
    return subprocess.run(["openssl", "x509", "-inform", form, "-in", f, "-noout"], capture_output=True).returncode == 0
x509 = [f for f in files if f.endswith((".der", ".pem")) and "-Key." not in f and f not in shown and cert(f)]
print("ok   ", "the whole tree: every X.509 certificate is shown") if not x509 else print("FAIL ", *x509)
print("ok   ", "the whole tree: %d certificates are shown" % len(shown)) if len(shown) > 800 else print("FAIL ", len(shown))
PY
cat "$tmp/report"
passed=$((passed + $(grep -c '^ok' "$tmp/report" || true)))
failed=$((failed + $(grep -c '^FAIL' "$tmp/report" || true)))

finish
