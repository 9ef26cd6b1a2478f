#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job: from an empty directory to a node's credentials, in every form that goes in and comes out.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
names() { (cd "$1" && echo *); }
size() { stat -c %s "$1"; }
issue() { "$HEDDLE" noc issue "$@"; }

that "init makes a state" "$HEDDLE" init
refused 6 exists "init again refuses" "$HEDDLE" init
that "fabric create makes root and ICA" "$HEDDLE" fabric create home --fabric-id 0xFAB1
grep -q 'matter-icac-id=' "$out" && pass "it prints both authorities" || fail "it prints both authorities"
that "fabric create --no-ica makes a root alone" "$HEDDLE" fabric create flat --fabric-id 0xFFFFFFFFFFFFFFFF --no-ica --json
same "$(json_value "$out" fabric_id)" 0xFFFFFFFFFFFFFFFF "the largest fabric id is kept"
grep -q '"ica"' "$out" && fail "a fabric without ICA shows none" || pass "a fabric without ICA shows none"
that "fabric create --pin-fabric-id" "$HEDDLE" fabric create pinned --fabric-id 1 --pin-fabric-id
same "$(grep -c 'matter-fabric-id=0000000000000001' "$out")" 2 "it writes the fabric id into both names"
that "fabric list" "$HEDDLE" fabric list
same "$(awk 'NR > 1 { print $1 }' "$out" | tr '\n' ' ')" "home flat pinned " "it lists each fabric"
that "fabric list --json" "$HEDDLE" fabric list --json
grep -q '"schema": "heddle.fabrics/1"' "$out" && pass "with its schema" || fail "with its schema"
that "fabric show" "$HEDDLE" fabric show home
that "fabric show --json" "$HEDDLE" fabric show home --json
same "$(json_value "$out" schema)" heddle.fabric/1 "with its schema"

for format in tlv der pem; do
    that "fabric export --format $format" "$HEDDLE" fabric export home --out "$work/x-$format" --format "$format"
    same "$(names "$work/x-$format")" "icac.$format rcac.$format" "it writes what was asked for"
done
that "fabric export --format all" "$HEDDLE" fabric export home --out "$work/x-all" --format all
same "$(names "$work/x-all")" "icac.der icac.pem icac.tlv rcac.der rcac.pem rcac.tlv" "it writes all"
that "fabric export without ICA" "$HEDDLE" fabric export flat --out "$work/x-flat"
same "$(names "$work/x-flat")" rcac.tlv "it writes the root alone, as TLV"

# --- forms of a request ----------------------------------------------------------------------------
new_csr pem
openssl req -in "$work/pem.csr" -outform DER -out "$work/der.csr"
for form in der hex base64; do
    new_csr "$form"
    openssl req -in "$work/$form.csr" -outform DER -out "$work/$form.bin"
done
cp "$work/der.bin" "$work/der.csr"
od -An -v -tx1 "$work/hex.bin" | tr -d ' \n' >"$work/hex.csr"
base64 -w 0 "$work/base64.bin" >"$work/base64.csr"
node=0
for form in pem der hex base64; do
    node=$((node + 1))
    that "noc issue takes $form" issue home --csr "$work/$form.csr" --node-id next --out "$work/n-$form" --json
    same "$(json_value "$out" node_id)" "0x000000000000000$node" "next is node $node"
    same "$(json_value "$out" status)" issued "its status is issued"
done
new_csr stdin
that "noc issue takes the CSR on stdin" issue home --csr - --node-id next --out "$work/n-stdin" <"$work/stdin.csr"
[ "$(cat "$out" | wc -l)" = 1 ] && grep -Eq '^[0-9a-f]{40}$' "$out" && pass "stdout is the serial number" ||
    fail "stdout is the serial number"
that "ledger show SERIAL" "$HEDDLE" ledger show "$(cat "$out")"
that "ledger show NUMBER --json" "$HEDDLE" ledger show 0 --json
same "$(json_value "$out" type)" genesis "entry 0 is the genesis"
new_csr far
that "noc issue takes the highest node id" issue home --csr "$work/far.csr" --node-id 0xFFFFFFEFFFFFFFFF --out "$work/n-far"
new_csr over
refused 3 node-space "next above the highest node id is refused" issue home --csr "$work/over.csr" --node-id next --out "$work/n-over"
new_csr decimal
that "noc issue takes a decimal node id" issue flat --csr "$work/decimal.csr" --node-id 4660 --out "$work/n-dec" --json
same "$(json_value "$out" node_id)" 0x0000000000001234 "4660 is 0x1234"

# --- NOCSR elements --------------------------------------------------------------------------------
nocsr=$VECTORS/values/TestDeviceAttestationConstruction/TestNocsrElements_Construction
if [ -d "$VECTORS/values" ]; then
    nonce=$(od -An -v -tx1 "$nocsr.kNocsrNonce.bin" | tr -d ' \n')
    that "NOCSR elements with nonce and vendor fields" issue flat --csr "$nocsr.kNoCsrElementsVector.tlv" \
        --nonce "$nonce" --node-id next --out "$work/n-nocsr0"
    real=$VECTORS/values/TestDeviceAttestationCredentials/TestDACVerifierExample_NocsrInformationVerification
    nonce=$(od -An -v -tx1 "$real.csrNonceTestVector.bin" | tr -d ' \n')
    refused 3 nocsr-nonce-other "NOCSR elements with another nonce are refused" issue flat \
        --csr "$real.nocsrElementsTestVector.tlv" --nonce "${nonce//[0-9]/0}" --node-id next --out "$work/n-nocsr1"
    refused 2 usage "a nonce that is too short is refused" issue flat \
        --csr "$real.nocsrElementsTestVector.tlv" --nonce "${nonce%??}" --node-id next --out "$work/n-nocsr1"
    that "NOCSR elements with the right nonce" issue flat --csr "$real.nocsrElementsTestVector.tlv" \
        --nonce "$nonce" --node-id next --out "$work/n-nocsr2"
    base64 "$real.nocsrElementsTestVector.tlv" >"$work/nocsr.b64"
    that "NOCSR elements as base64, without nonce, are the same request" issue flat --csr "$work/nocsr.b64" \
        --node-id next --out "$work/n-nocsr3" --json
    same "$(json_value "$out" status)" repeated "it is repeated"
    that "with the same bytes" cmp "$work/n-nocsr2/noc.tlv" "$work/n-nocsr3/noc.tlv"
else
    skip "NOCSR elements" "no folder $VECTORS"
fi
refused 2 usage "a nonce with a bare CSR is refused" issue home --csr "$work/pem.csr" \
    --nonce "$(printf %064d 0)" --node-id next --out "$work/n-pem"

# --- what came out, seen by others -----------------------------------------------------------------
chain() { # FABRIC EXPECTED-FILES CAT...
    local fabric=$1 files=$2 cats=() cat
    shift 2
    for cat in "$@"; do cats+=(--cat "$cat"); done
    new_csr "c-$fabric-$#"
    that "noc issue, fabric $fabric, $# CATs" issue "$fabric" --csr "$work/c-$fabric-$#.csr" --node-id 0x1122334455667700 \
        "${cats[@]}" --format all --out "$work/c-$fabric-$#"
    cd "$work/c-$fabric-$#"
    same "$(names .)" "$files" "the files are there"
    [ "$(size noc.tlv)" -le 400 ] && [ "$(size noc.der)" -le 600 ] && pass "noc fits 400 and 600 octets" ||
        fail "noc fits 400 and 600 octets" "$(size noc.tlv) and $(size noc.der)"
    tbs=$(openssl asn1parse -inform DER -in noc.der | awk 'NR == 2 { sub(".*hl=", ""); split($0, a, " "); print a[1] + 0, $0 }' |
        sed 's/^\([0-9]*\).*l= *\([0-9]*\) .*/\1 \2/' | awk '{ print $1 + $2 }')
    [ "$tbs" -le 527 ] && [ "$tbs" -gt 200 ] && pass "its TBS of $tbs octets fits 527" || fail "its TBS fits 527" "$tbs"
    for cert in *.pem; do
        that "openssl x509 -text reads $cert" openssl x509 -text -noout -in "$cert"
        that "openssl asn1parse reads $cert" openssl asn1parse -in "$cert"
    done
    local ica=()
    [ ! -f icac.pem ] || ica=(-untrusted icac.pem)
    for purpose in sslclient sslserver; do
        that "openssl verify -purpose $purpose" openssl verify -x509_strict -check_ss_sig -no-CApath -no-CAfile -no-CAstore \
            -purpose "$purpose" -trusted rcac.pem "${ica[@]}" noc.pem
    done
    that "the key is that of the CSR" cmp <(openssl x509 -in noc.pem -noout -pubkey) <(openssl req -in "$work/c-$fabric-$#.csr" -noout -pubkey)
    same "$(openssl x509 -in noc.pem -noout -text | grep -c 'Version: 3')" 1 "it is version 3"
    cd "$top"
}
full="icac.der icac.pem icac.tlv noc.der noc.pem noc.tlv rcac.der rcac.pem rcac.tlv"
root="noc.der noc.pem noc.tlv rcac.der rcac.pem rcac.tlv"
chain home "$full"
chain home "$full" 0xFFFFFFFF 0xABCD0002 0x00010001
chain flat "$root"
chain flat "$root" 0xFFFFFFFF 0xABCD0002 0x00010001
chain pinned "$full" 0xFFFFFFFF 0xABCD0002
new_csr pinned3
refused 4 size-der "three CATs below a pinned fabric id do not fit" issue pinned --csr "$work/pinned3.csr" --node-id 7 \
    --cat 0xFFFFFFFF --cat 0xABCD0002 --cat 0x00010001 --out "$work/c-pinned3"
same "$(ls "$work/c-pinned3" 2>/dev/null | wc -l)" 0 "and nothing is written"

if [ -x "$MATTERCERT" ]; then
    for cert in rcac icac noc; do
        dir=$work/c-home-3
        that "mattercert show $cert.tlv" "$MATTERCERT" show "$dir/$cert.tlv"
        for form in tlv der pem; do
            for to in tlv der pem; do
                "$MATTERCERT" convert "$dir/$cert.$form" "$work/converted" --to "$to" 2>"$err" &&
                    cmp -s "$work/converted" "$dir/$cert.$to" || { fail "mattercert convert $cert.$form --to $to"; continue; }
            done
        done
        pass "mattercert converts $cert between all forms to the same bytes"
    done
else
    skip "mattercert reads what was issued" "no program $MATTERCERT"
fi

that "ledger list --type issued" "$HEDDLE" ledger list --type issued --fabric flat
that "ledger verify" "$HEDDLE" ledger verify
that "hsm status" "$HEDDLE" hsm status
that "hsm status --json" "$HEDDLE" hsm status --json
same "$(json_value "$out" keys)" 6 "the token holds the keys of five authorities and the audit key"
finish
