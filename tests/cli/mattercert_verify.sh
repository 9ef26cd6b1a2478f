#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert verify: published chains in every mixture of forms, what is not valid and why, time, folders,
# attestation chains.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

form() { echo "$pairs/sTestCert_$1_$2"; }
tlv() { form "$1" Chip.tlv; }
der() { form "$1" DER.der; }
pem() {
    openssl x509 -inform DER -in "$(der "$1")" -out "$tmp/$1.pem"
    echo "$tmp/$1.pem"
}
b64() {
    base64 -w0 "$(tlv "$1")" >"$tmp/$1.b64"
    echo "$tmp/$1.b64"
}

for chain in Root01:ICA01:Node01_01 Root02:ICA02:Node02_01 Root02:ICA02:Node02_02 Root02:ICA02:Node02_03 \
    Root02:ICA02:Node02_04 Root02:ICA02:Node02_05 Root02:ICA02:Node02_06 Root02:ICA02:Node02_08; do
    IFS=: read -r root ica noc <<<"$chain"
    for forms in tlv:tlv:tlv der:der:der pem:der:tlv b64:pem:der; do
        IFS=: read -r a b c <<<"$forms"
        mc verify --root "$($a "$root")" --ica "$($b "$ica")" "$($c "$noc")"
        gives "$noc as $forms" 0 ": valid, node 0xDEDEDEDE"
    done
done
mc verify --root "$(tlv Root01)" "$(der Node01_02)"
gives "a chain of two" 0 "valid, node 0xDEDEDEDE00010002 of fabric 0xFAB000000000001D"
mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$(tlv Node02_07)"
gives "a critical future extension" 3 "[chain-critical]"
gives "and by the SDK" 3 "0x4D CERT_USAGE_NOT_ALLOWED"
mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$(tlv Node02_03)" --quiet
holds "nothing is said with --quiet" test ! -s "$tmp/stdout" -a "$status" = 0

# Certificates in the wrong place.
mc verify --root "$(tlv Root02)" --ica "$(tlv Root02)" "$(tlv Node02_03)"
gives "an RCAC as ICAC" 3 "[chain-kind]"
gives "answered by the SDK with 0x59" 3 "0x59 WRONG_CERT_DN"
mc verify --root "$(tlv Root02)" "$(tlv Node02_03)"
gives "the ICAC is missing" 3 "[chain-issuer]"
gives "answered with CA_CERT_NOT_FOUND" 3 "0x4A CA_CERT_NOT_FOUND"
mc verify --root "$(tlv Root01)" --ica "$(tlv ICA02)" "$(tlv Node02_03)"
gives "an ICAC of another root" 3 "ICAC: "
mc verify --root "$(tlv ICA02)" "$(tlv Node02_03)"
gives "an ICAC as root" 3 "[chain-kind]"
gives "answered by AddTrustedRootCertificate" 3 "INVALID_COMMAND (0x85)"
mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$(tlv ICA02)"
gives "an ICAC as NOC" 3 "[chain-kind]"
mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" --ica "$(tlv ICA01)" "$(tlv Node02_03)"
holds "four levels are a usage error" test "$status" = 2
mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$tmp/none"
says "a file that is not there" 5 file-not-found
mc verify --root "$tmp/none" "$(tlv Node02_03)"
says "a root that is not there" 5 file-not-found
mc verify --root "$(tlv Root02)" --as them "$(tlv Node02_03)"
says "a third judge" 2 usage

# What nodes let pass: the judges differ, in every form.
behind=$tmp/behind.tlv
{ cat "$(tlv Node02_03)" && printf '\0'; } >"$behind"
mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$behind"
gives "an octet behind the NOC" 3 "[tlv-trailing]"
gives "which the SDK does not see" 3 "by the SDK    accepted"
mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" --as sdk "$behind"
gives "so that by the SDK all is well" 0 "[tlv-trailing]"
{ cat "$(der Root02)" && printf '\0'; } >"$tmp/behind.der"
mc verify --root "$tmp/behind.der" --ica "$(tlv ICA02)" --as sdk "$(tlv Node02_03)"
gives "an octet behind a root in DER" 0 "root: certificate: bytes follow"
mc convert "$behind" --to der
says "no DER is made of it" 4 tlv-trailing

# Time: the NOC is valid from 2020-10-15T14:23:43Z to 2040-10-15T14:23:42Z.
at() { # TIME STATUS TEXT OPTION...
    local time=$1 want=$2 text=$3
    shift 3
    mc verify --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$(tlv Node02_03)" --at "$time" "$@"
    gives "at $time $*" "$want" "$text"
}
at 2020-10-15T14:23:42Z 3 "[chain-not-yet-valid]"
at 2020-10-15T14:23:43Z 0 valid
at 2040-10-15T14:23:42Z 0 valid
at 2040-10-15T14:23:43Z 3 "[chain-expired]"
at 2020-10-15T14:23:42Z 0 valid --last-known-good
at 2040-10-15T14:23:43Z 3 "[chain-expired]" --last-known-good
at 2040-10-15T14:23:43Z 0 valid --no-time
at 2040-10-15T14:23:43Z 0 "valid" --last-known-good --as sdk
mc verify --root "$(tlv Root02)" "$(tlv Node02_03)" --at yesterday
says "a time that is none" 2 time-text

# JSON, one object or one a line; folders.
mc verify --json --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$(tlv Node02_03)"
gives "JSON" 0 '"schema": "mattercert.verify/1"'
holds "is well-formed" python3 -m json.tool "$tmp/stdout"
holds "and holds the compressed fabric id" grep -q '"compressed_fabric_id": "[0-9A-F]\{16\}"' "$tmp/stdout"
mkdir "$tmp/nodes"
for i in $(seq 1 300); do cp "$(tlv Node02_0$((i % 8 + 1)))" "$tmp/nodes/$(printf %03d "$i").tlv"; done
echo nothing >"$tmp/nodes/999.tlv"
mc verify --json --root "$(tlv Root02)" --ica "$(tlv ICA02)" "$tmp/nodes"
holds "a folder: one line for each that can be read" test "$(wc -l <"$tmp/stdout")" = 300
holds "in order" python3 -c "
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1])]
assert [r['file'] for r in rows] == sorted(r['file'] for r in rows)
assert sum(not r['valid'] for r in rows) == 37, sum(not r['valid'] for r in rows)" "$tmp/stdout"
holds "its status is of the first that is not valid" test "$status" = 3
holds "the unreadable one is named" grep -q "999.tlv" "$tmp/stderr"

# Attestation chains.
att=$VECTORS/attestation/test
paa=$VECTORS/revocation/Chip-Test-PAA-FFF1-Cert.der
pai=$att/Chip-Test-PAI-FFF1-8000-Cert.der
dac=$att/Chip-Test-DAC-FFF1-8000-0000-Cert.der
mc verify --root "$paa" --ica "$pai" "$dac"
gives "an attestation chain" 0 "valid, VID 0xFFF1, PID 0x8000"
mc verify --root "$paa" --ica "$pai" "$VECTORS/attestation/commissioner-cases/struct_dac_ext_akid_missing/dac-Cert.pem"
gives "a DAC without AKID" 3 "result 303 DacFormatInvalid"
mc verify --root "$att/Chip-Test-PAA-NoVID-Cert.der" --ica "$pai" "$dac"
gives "another PAA" 3 "result 101 PaaNotFound"
mc verify --root "$paa" --ica "$pai" "$dac" --at 2000-01-01
gives "before its time" 3 "result 300 DacExpired"
mc verify --root "$paa" --ica "$pai" "$dac" --at 2000-01-01 --no-time
gives "or without time" 0 valid
mc verify --root "$paa" "$dac"
says "without its PAI" 2 usage
mc verify --root "$paa" --ica "$pai" "$(tlv Node01_01)"
gives "a NOC in the DAC's place" 3 "it is of kind noc, not dac [chain-kind]"
gives "... is no DAC for a commissioner" 3 "result 303 DacFormatInvalid"
{ cat "$dac"; printf '\0'; } >"$tmp/tail.der"
for judge in rules:3 sdk:0; do
    mc verify --as ${judge%:*} --root "$paa" --ica "$pai" "$tmp/tail.der"
    gives "a DAC with an octet behind it, as ${judge%:*}" ${judge#*:} "accepted: it does not look at this"
done
mc verify --as sdk --root "$att/Chip-Test-PAA-NoVID-Cert.der" --ica "$pai" "$dac"
gives "what a commissioner refuses, as sdk" 3 "result 101 PaaNotFound"
mc verify --json --root "$paa" --ica "$pai" "$dac" "$att/Chip-Test-DAC-FFF2-8002-0017-Cert.der"
gives "attestation in JSON" 3 '"result_name": "DacVendorIdMismatch"'
holds "one line each" python3 -c "import json,sys; [json.loads(l) for l in open(sys.argv[1])]" "$tmp/stdout"
mc verify --help
gives "the help has an example" 0 "mattercert verify --root"
finish
