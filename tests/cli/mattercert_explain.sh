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
left_out "a controller's storage, which is no certificate" 16
left_out "tokens, sessions and modules of PKCS#11" 38 39 40 41 42 43
left_out "the database of a CA, and what it lists" 44 45 46
left_out "quotas and retries of a CA's service" 49
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
