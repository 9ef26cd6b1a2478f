#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert explain: numbers, names, rule ids, files, logs; and what people ask (each line is a trouble of
# the field, as it is told, with words of the cause that the answer must hold).
. "$(dirname "$0")/lib_mattercert.sh"

asks() { # QUESTION TEXT
    mc explain "$1"
    gives "$1" 0 "$2"
}
asks 0x50 "CHIP error 0x50 UNSUPPORTED_CERT_FORMAT"
asks 80 "CHIP error 0x50 UNSUPPORTED_CERT_FORMAT"
asks "CHIP Error 0x00000032: Timeout" "nobody has the name that the controller looks for"
asks 0x00000050 UNSUPPORTED_CERT_FORMAT
asks CHIP_ERROR_INVALID_SIGNATURE "CHIP error 0x14 INVALID_SIGNATURE"
asks "CHIP Error 0x0000004A: CA certificate not found" "CA_CERT_NOT_FOUND"
asks "src/credentials/CHIPCert.cpp:325: CHIP Error 0x00000305: ASN1" "ASN1_ERROR_INVALID_ENCODING"
asks InvalidNOC "NOCResponse status 0x03 InvalidNOC"
asks kInvalidPublicKey "NOCResponse status 0x01 InvalidPublicKey"
asks 3 "NOCResponse status 0x03 InvalidNOC"
asks 601 "attestation result 601 CertificationDeclarationNoCertificateFound"
asks kPaaNotFound "attestation result 101 PaaNotFound"
asks DacVendorIdMismatch "attestation result 305"
asks chain-akid "rule chain-akid"
asks node-id-range "node id is not operational"
mc explain CHIP Error 0x4D
gives "words need no quotes" 0 "CERT_USAGE_NOT_ALLOWED"
mc explain --as noc-status 3
gives "as a status" 0 InvalidNOC
mc explain --as attestation 0x65
gives "as a result" 0 PaaNotFound
mc explain --as chip 3
gives "as a CHIP error" 0 "INCORRECT_STATE"
mc explain --as chip 9999
says "a number that none has" 5 explain-unknown
mc explain --as chip word
says "a word with --as" 2 usage
mc explain --as weather 3
says "an unknown set" 2 usage
mc explain "lorem ipsum"
says "what nobody knows" 5 explain-unknown
mc explain --json 0x4A
gives "JSON" 0 '"schema": "mattercert.explain/1"'
holds "is well-formed" python3 -m json.tool "$tmp/stdout"
mc explain --json "lorem ipsum"
holds "and so it is when nothing is known" python3 -m json.tool "$tmp/stdout"

# Every number has an explanation: those of CHIP, of statuses, of results.
for n in 3 11 16 20 23 25 33 34 35 36 38 43 47 61 74 75 76 77 78 79 80 81 83 84 86 87 89 92 113 120 121 126 143 157 \
    172 197 198 201 216 768 769 770 771 772 773 774 775 776 777 778; do
    mc explain --as chip $n
    [ "$status" = 0 ] || bad "CHIP error $n"
done
for n in 0 1 2 3 4 5 6 9 10 11; do
    mc explain --as noc-status $n
    [ "$status" = 0 ] || bad "status $n"
done
for n in 0 100 101 102 103 104 105 106 200 201 202 203 204 205 206 207 208 300 301 302 303 304 305 306 307 400 401 \
    500 501 502 503 600 601 602 603 604 605 606 700 701 702 703; do
    mc explain --as attestation $n
    [ "$status" = 0 ] || bad "result $n"
done
ok "every number has an explanation"

# What the field complains about: the 49 items of the fact sheet "field", chapter 1, by number. Each that is
# about certificates is asked as people ask it, and the answer must hold words of its cause; the others are
# left out for a reason. An item that is neither asked nor left out fails.
declare -A told=()
pain() { # ITEM QUESTION TEXT
    told[$1]=1
    asks "$2" "$3"
}
left_out() { # REASON ITEM...
    local reason=$1 item
    shift
    for item in "$@"; do
        told[$item]=1
        echo "      item $item is left out: $reason"
    done
}
pain 1 "How do I make a root with openssl and use it for Matter? Error 0x305 at CHIPCertFromX509" "criticality"
pain 2 "Failed NOC chain validation ... CHIP Error 0x50 unsupported certificate format" "do not belong together"
pain 2 "KeypairDelegate: CHIP Error 0xC5 invalid public key" "not the one of the node's CSR"
pain 3 "KeypairDelegate for Android, one sample of every input?" "delegate's public key"
pain 4 "no nocSigner" "public key"
pain 4 "we used the same key for root and ICAC" "key identifiers are equal"
pain 5 "Should we have one root per company or per home?" "levels are RCAC, at most one ICAC, NOC"
pain 6 "custom root CA: device CSR -> our cloud -> NOC back" "exactly the CSR's key"
pain 7 "custom issuer fed from an external server for several controllers" "asks it for its own NOC first"
pain 8 "two controllers, one fabric: do I copy the keys?" "own node id"
pain 8 "copy the CA of chip-tool from Linux to Android" "formats differ"
pain 9 "NOCs signed by the root while an ICAC is present are refused" "ICAC is sent along"
pain 10 "RCAC passed off as ICAC" "until January 2026"
pain 11 "AddNOC answered InvalidNoc(3) with no reason" "names the certificate and the rule"
pain 12 "a TV ships a serial of 21 octets" "20 octets are the limit"
pain 13 "chip-tool keeps its CA key in /tmp" "temporary folder"
pain 14 "if the device dies you lose access to your fabric" "root key was lost"
pain 15 "after the restore all devices gone" "root key was lost"
pain 17 "Fabric ... not under the control of the Fabric Authority" "another root key"
pain 18 "my log shows -----BEGIN EC PRIVATE KEY-----" "compromised"
pain 19 "what happens when the root expires? it cannot be rotated" "nodes tolerate an expired RCAC"
pain 20 "node without a clock uses last known good time" "back-date"
pain 21 "notAfter 99991231235959Z confusion" "breaks the signature"
pain 22 "all certificates end on 2030-12-30" "whole fabrics expire"
pain 23 "the DAC was issued before the PAI" "DAC's notBefore"
pain 24 "err 101 PAA not found" "PEM instead of DER"
pain 25 "err 604" "Basic Information differ"
pain 25 "VID in DAC and CD differ" "one (604, 305, 205)"
pain 26 "err 601: CD signed with own key" "keys of the CSA"
pain 26 "err 602 with openssl cms" "no certificates, no signed attributes"
pain 27 "build fails: production VID with the test DAC provider" "test vendors"
pain 28 "chip-cert: is this PEM or DER? and print-cd?" "PEM, DER or TLV"
pain 29 "the DAC key stays in the HSM of our PKI provider" "only a CSR comes out"
pain 30 "our CA does not know 1.3.6.1.4.1.37244.1.1" "operational ids"
pain 31 "is CN=ACME Mvid:FFF1 Mpid:00B1 allowed?" "first 64 octets"
pain 32 "the PAA store of the SDK is outdated" "not (yet) in the DCL"
pain 33 "crash on one malformed PAA" "NULL parameters"
pain 33 "unable to find PAA" "folder is missing"
pain 34 "a delegated CRL signer without VID" "cRLSign"
pain 35 "is there a linter for a Matter certificate?" "lint --rules"
pain 36 "need an invalid NOC on demand for the lab" "forge --list"
pain 37 "Joint Fabric: cross-signing step missing" "Administrator CAT"
pain 47 "device answers with a duplicate serial" "random serials"
pain 48 "how to rotate the ICAC? old NOCs are orphaned" "old NOCs still need the old ICAC"
pain 45 "how do I get a list of all issued certificates?" "heddle ledger list"
pain 49 "a retry after the timeout made a duplicate certificate" "request id"
left_out "a controller's storage, which is no certificate" 16
left_out "tokens, sessions and modules of PKCS#11" 38 39 40 41 42 43
left_out "the growth and the locks of a CA's database" 44 46
for item in $(seq 1 49); do
    [ -n "${told[$item]:-}" ] || bad "item $item is neither asked nor left out"
done
holds "all 49 items are asked or left out" test "${#told[@]}" = 49

# Files and pasted octets.
mc forge --all --out "$tmp/f" --form der
mc explain "$tmp/f/noc-valid.der"
gives "a good NOC" 0 "nothing is wrong with it by itself"
mc explain "$tmp/f/rcac-ext-basic-ca-wrong.der"
gives "a root that is no CA" 0 "INVALID_COMMAND (0x85)"
mc explain "$tmp/f/noc-ext-keyusage-critical-missing.der"
gives "a NOC that cannot become TLV" 0 "[ext-critical]"
mc explain "$tmp/f/dac-valid.der"
gives "a DAC" 0 "device attestation certificate (DAC)"
mc explain "$tmp/f/csr-signature-wrong.der"
gives "a CSR" 0 "[csr-signature]"
mc explain "$tmp/f/nocsr-valid.tlv"
gives "NOCSR elements" 0 "signed with its own key"
mc explain "$(base64 -w0 "$tmp/f/icac-valid.der")"
gives "pasted base64" 0 "intermediate CA certificate (ICAC)"
mc explain "$(od -An -v -tx1 "$tmp/f/icac-valid.der" | tr -d ' \n')"
gives "pasted hex" 0 "intermediate CA certificate (ICAC)"
printf 'chip[SC] CASE failed\nchip: CHIP Error 0x0000004A\nagain: CHIP Error 0x0000004A\n' >"$tmp/log"
mc explain "$tmp/log"
gives "a log" 0 CA_CERT_NOT_FOUND
holds "says it once" test "$(grep -c "^CHIP error 0x4A" "$tmp/stdout")" = 1
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/key.pem"
mc explain "$tmp/key.pem"
gives "a private key" 0 "keep the key to yourself"
head -c 4000 /dev/urandom >"$tmp/noise"
mc explain "$tmp/noise"
holds "noise is not known" test "$status" != 0

# What people paste: one NOC in many coats. Each is found, and no number inside of it is taken for an error.
noc=$tmp/f/noc-valid
"$MATTERCERT" convert "$noc.der" "$noc.tlv" --to tlv
"$MATTERCERT" convert "$noc.der" "$noc.pem" --to pem
hex=$(od -An -v -tx1 "$noc.tlv" | tr -d ' \n')
pasted() { # NAME FORM TEXT: as an argument, in a file, and behind words of a log
    mc explain "$3"
    gives "pasted $1" 0 "node operational certificate (NOC), as $2"
    holds "... and nothing else" sh -c '! grep -Eq "^(CHIP error|NOCResponse|attestation result|trouble)" "$1"' - "$tmp/stdout"
    printf 'the device got this\n%s\nand answered InvalidNOC\n' "$3" >"$tmp/pasted"
    mc explain "$tmp/pasted"
    gives "... inside of a log" 0 "node operational certificate (NOC), as $2"
    gives "... with what stands around it" 0 "NOCResponse status 0x03 InvalidNOC"
}
array=$(od -An -v -tx1 -w8 "$noc.tlv" | sed 's/ \(..\)/0x\1, /g')
pasted "hex with 0x" "hex of Matter TLV" "0x$hex"
pasted "hex with colons" "hex of Matter TLV" "$(echo "$hex" | sed 's/../&:/g; s/:$//')"
pasted "hex with blanks, of DER" "hex of DER" "$(od -An -v -tx1 "$noc.der")"
pasted "hex in upper case" "hex of Matter TLV" "$(echo "$hex" | tr a-f A-F)"
pasted "hex with its name" "hex of Matter TLV" "hex:$hex"
pasted "an array of C" "hex of Matter TLV" "static const uint8_t kNoc[] = {
$array
};"
pasted "a string of C" "hex of Matter TLV" "uint8_t noc[] = \"$(echo "$hex" | sed 's/../\\x&/g')\";"
pasted "what a log prints of octets" "hex of Matter TLV" "$(echo "$array" | sed 's/^/[1699.123][4711:4712] CHIP:SC: /')"
pasted "a dump with offsets" "hex of Matter TLV" "$(od -A x -v -t x1z "$noc.tlv" | sed 's/  >/  |/; s/<$/|/')"
pasted "a dump of a log" "hex of DER" "$(od -A x -v -t x1z "$noc.der" | sed 's/  >/  |/; s/<$/|/; s/^/I (1234) chip[SC]: /')"
pasted "base64 in lines" "base64 of Matter TLV" "$(base64 "$noc.tlv")"
pasted "base64 with its name" "base64 of Matter TLV" "base64:$(base64 -w0 "$noc.tlv")"
pasted "base64 of URLs" "base64 of DER" "$(base64 -w0 "$noc.der" | tr '+/' '-_' | tr -d =)"
pasted "base64 in a log" "base64 of DER" "$(base64 "$noc.der" | sed 's/^/I (1234) chip[SC]: /')"
pasted "JSON" "base64 of Matter TLV" "{\"noc\": \"$(base64 -w0 "$noc.tlv")\", \"icac\": null}"
pasted "PEM" "PEM" "$(cat "$noc.pem")"
pasted "PEM of which the lines were lost" "PEM" "$(tr '\n' ' ' <"$noc.pem")"
pasted "PEM in a record of the DCL" "PEM" "{\"pemCert\": \"$(sed 's/$/\\n/' "$noc.pem" | tr -d '\n')\", \"isRoot\": false}"
pasted "PEM as C has it" "PEM" "$(sed 's/.*/    "&\\n"/' "$noc.pem")"
pasted "PEM behind a BOM and with CRLF" "PEM" "$(printf '\357\273\277'; sed 's/$/\r/' "$noc.pem")"
mc explain $(cat "$noc.pem")
gives "PEM without quotes" 0 "node operational certificate (NOC), as PEM"
cat "$noc.pem" >"$tmp/two.pem"
"$MATTERCERT" convert "$tmp/f/icac-valid.der" --to pem >>"$tmp/two.pem"
mc explain "$tmp/two.pem"
gives "two certificates in one file: the first" 0 "node operational certificate (NOC)"
gives "... and the second" 0 "intermediate CA certificate (ICAC)"
holds "... each with its verdict" test "$(grep -c '^good' "$tmp/stdout")" = 2
{ sed -n '1,5p' "$noc.pem"; echo "-----END CERTIFICATE-----"; } >"$tmp/cut.pem"
mc explain "$tmp/cut.pem"
holds "PEM that is cut off is no crash" [ "$status" -le 5 ]
{ echo "my log"; cat "$tmp/key.pem"; cat "$noc.pem"; } >"$tmp/with-key"
mc explain "$tmp/with-key"
gives "a log with a key" 0 "private key"
holds "... which is not shown" sh -c '! grep -qF "$(sed -n 2p "$1")" "$2"' - "$tmp/key.pem" "$tmp/stdout"
asks "CHIP:CTL: Failed in verifying 'Attestation Information' command received from the device: err 302" "DacRevoked"
asks "attestation failed with 101" "PaaNotFound"
asks "attestationResult: 0x12E" "DacRevoked"
asks "IM Error 0x00000585: General error: 0x85 (INVALID_COMMAND)" "interaction status 0x85 INVALID_COMMAND"
asks "FailsafeRequired" "arm the fail-safe first"
asks "invalid noc" "NOCResponse status 0x03 InvalidNOC"
asks "Invalid Public Key" "NOCResponse status 0x01 InvalidPublicKey"
asks "PAA NOT FOUND" "attestation result 101"
asks "the CA certificate not found" "CA_CERT_NOT_FOUND"
asks "certificate expired" "CERT_EXPIRED"
asks "chip_error_cert_usage_not_allowed" "CERT_USAGE_NOT_ALLOWED"
asks "INVALIDNOC" "NOCResponse status 0x03"
mc explain --as interaction 0x87
gives "as a status of the interaction model" 0 "CONSTRAINT_ERROR"
for code in "MT:Y.K9042C00KA0648G00" "the QR code says MT:Y.K9042C00KA0648G00" 34970112332 3497-011-2332; do
    asks "$code" "mattercert payload show"
    holds "... without its passcode" sh -c '! grep -q 20202021 "$1"' - "$tmp/stdout"
done
mc explain 34970112331
says "no pairing code: its check digit is wrong" 5 explain-unknown

# Declarations, alone and in attestation elements.
mc explain "$VECTORS/cd/test/Chip-Test-CD-FFF2-8001.der"
gives "a declaration" 0 "for VID 0xFFF2, products: 1, development and test, signed with test key"
gives "is good by itself" 0 "nothing is wrong with it by itself"
gives "but for tests alone" 0 "unwise: the test key"
python3 - "$VECTORS/cd/test/Chip-Test-CD-FFF2-8001.der" "$tmp/elements.tlv" <<'PY'
import sys
cd = open(sys.argv[1], 'rb').read()
open(sys.argv[2], 'wb').write(b'\x15\x30\x01' + bytes([len(cd)]) + cd + b'\x30\x02\x20' + b'N' * 32 + b'\x24\x03\x00\x18')
PY
mc explain "$tmp/elements.tlv"
gives "in elements" 0 "a certification declaration in attestation elements"
{ cat "$VECTORS/cd/test/Chip-Test-CD-FFF2-8001.der"; printf '\0'; } >"$tmp/tail.der"
mc explain "$tmp/tail.der"
gives "with a tail" 0 "commissioners do not look, stricter verifiers do"
mc explain "$VECTORS/values/TestCertificationDeclaration/gUntrustedCd.der"
gives "of an unknown signer" 0 "[cd-signer-unknown]"

finish
