#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Adopting a fabric that was made elsewhere: here with openssl, as the SDK's example issuer does (serial 1, end of 2030).
set -eu
. "$(dirname "$0")/lib.sh"

. "$here/sdk_certs.bash"
for k in root ica node node2 oroot; do key $k; done
cert root "/mRoot=CACACACA00000001" root 1 "$root_ext"
cert ica "/mIca=CACACACA00000002/mFabric=00000000000000AB" root 1 "$root_ext"
cert node "/mNode=0000000000000012/mFabric=00000000000000AB" ica 1 "$noc_ext"
cert node2 "/mNode=0000000000000014/mFabric=00000000000000AB" ica 1 "$noc_ext"
cert oroot "/mRoot=CACACACA00000009" oroot 1 "$root_ext"
for c in new new2 new3 lamp node12; do new_csr $c; done
cd "$work"
state=$work/ca
"$HEDDLE" --state "$state" init -q
h() { "$HEDDLE" --state "$state" "$@"; }
(umask 077 && echo 000102030405060708090a0b0c0d0e0f >ipk.hex && echo 0001 >short.hex)
adopt() { h fabric adopt "$@" --no-backup; }
both="--root-cert root.pem --root-key root.key --ica-cert ica.pem --ica-key ica.key"

# --- what does not belong together ------------------------------------------------------------------
# shellcheck disable=SC2086
{
    refused 7 key-other "a key that is not the certificate's" adopt x --root-cert root.pem --root-key ica.key --fabric-id 1
    refused 3 chain-kind "an ICAC in the place of the root" adopt x --root-cert ica.pem --root-key ica.key
    refused 3 chain-kind "a root in the place of the ICAC" adopt x --root-cert root.pem --root-key root.key --ica-cert root.pem --ica-key root.key
    refused 3 chain-issuer "a NOC of another signer" adopt x --root-cert root.pem --root-key root.key --noc node.pem
    refused 2 usage "an ICAC without its key" adopt x --root-cert root.pem --root-key root.key --ica-cert ica.pem
    refused 2 usage "no fabric id" adopt x --root-cert root.pem --root-key root.key
    refused 3 adopt "another fabric id" adopt x $both --fabric-id 0xAC
    refused 4 private-key "a key in the place of a certificate" adopt x --root-cert root.key --root-key root.key
    refused 4 key-file "a certificate in the place of a key" adopt x --root-cert root.pem --root-key root.pem
    openssl ec -in root.key -aes128 -passout pass:secret -out locked.key 2>/dev/null
    refused 4 key-file "an encrypted key" adopt x --root-cert root.pem --root-key locked.key --fabric-id 1
    openssl ecparam -name secp384r1 -genkey -noout -out p384.key
    refused 4 key-file "a key on another curve" adopt x --root-cert root.pem --root-key p384.key --fabric-id 1
    refused 5 file-not-found "no file" adopt x --root-cert none --root-key root.key
    refused 4 key-file "an IPK that is too short" adopt x $both --ipk-file short.hex
    refused 2 name "a name that is none" adopt ../x $both
}
same "$(entries "$state" authority)" 0 "nothing was recorded"

# --- adopting ---------------------------------------------------------------------------------------
# shellcheck disable=SC2086
that "a fabric" adopt home $both --noc node.pem --ipk-file ipk.hex
grep -q 'defects' "$err" && grep -q '2030\|serial' "$err" && pass "its defects are told" || fail "its defects are told"
grep -A2 'only then destroy' "$err" | tr -d ' \n' | grep -q ':root.keyica.key'  && pass "the key files are named" || fail "the key files are named"
grep -qi "$(openssl ec -in root.key -text -noout 2>/dev/null | sed -n '/priv/,/pub/{/:$/!p}' | tr -d ' :\n' | cut -c1-20)" "$out" "$err" &&
    fail "the key is printed" || pass "no key is printed"
that "the ledger verifies" h ledger verify
same "$(entries "$state" adopted)" 1 "the NOC is on record"
that "the IPK is the one that was given" h -q fabric ipk home --out out.hex
that "octet by octet" cmp ipk.hex out.hex
that "a NOC" h -q noc issue home --csr new.csr --node-id next --out issued
"$MATTERCERT" convert root.pem adopted.tlv --to tlv
"$MATTERCERT" convert ica.pem adopted-ica.tlv --to tlv
that "verifies under the adopted root" "$MATTERCERT" verify --root root.pem --ica ica.pem issued/noc.tlv
that "the chain is the adopted one" cmp adopted.tlv issued/rcac.tlv
that "and its ICAC" cmp adopted-ica.tlv issued/icac.tlv
same "$("$MATTERCERT" show issued/noc.tlv | grep -c 'node-id = 0x0000000000000013')" 1 "next is above the adopted node"
openssl req -new -key node.key -subj /CN=x -out node.csr
refused 3 key-taken "the adopted node's key is no other node's" h noc issue home --csr node.csr --node-id 0x99 --out o2
that "but its own" h -q noc issue home --csr node.csr --node-id 0x12 --out o3
openssl req -new -key root.key -subj /CN=x -out rootkey.csr
refused 3 key-taken "nor is the root's" h noc issue home --csr rootkey.csr --node-id 0x77 --out o4
that "the ledger still verifies" h ledger verify
# shellcheck disable=SC2086
refused 6 fabric-exists "the same name without the ICA" adopt home --root-cert root.pem --root-key root.key --fabric-id 0xAB
# shellcheck disable=SC2086
refused 6 fabric-exists "the same name under another root" adopt home --root-cert oroot.pem --root-key oroot.key --fabric-id 0xAB
# shellcheck disable=SC2086
refused 3 key-taken "the same root under another name" adopt home2 $both

# --- nodes whose NOCs are not at hand -----------------------------------------------------------------------
h ledger verify | tail -n 1 >"$work/head"
# shellcheck disable=SC2086
that "the same again is no error" adopt home $both --noc node.pem
same "$(h ledger verify | tail -n 1)" "$(cat "$work/head")" "  and records nothing"
printf '0x20 # the lamp\n\n# of the garage:\n0x21\r\n0x12\n' >ids
# shellcheck disable=SC2086
that "with ids of nodes" adopt home $both --noc node.pem --nodes ids
grep -q '^adopted fabric home, .*, 0 NOCs and 2 nodes without$' "$out" && pass "  those that are not on record come to it" || fail "  those that are not on record come to it" "$(cat "$out")"
same "$(h node list home | awk '$1 ~ /2[01]$/ { print $1, $2, $3, $4 }' | tr '\n' ' ')" \
    "0x0000000000000020 unknown unknown - 0x0000000000000021 unknown unknown - " "  they are listed"
that "  the ledger verifies" h ledger verify
h node show home --node-id 0x20 >"$out"
grep -q '^  adopted 20[0-9-]* without its NOC, entry' "$out" && pass "  and shown" || fail "  and shown" "$(cat "$out")"
that "next" h -q noc issue home --csr new2.csr --node-id next --out issued2
same "$("$MATTERCERT" show issued2/noc.tlv | grep -c 'node-id = 0x0000000000000022')" 1 "  is above them"
h plan home --json >plan
grep -q '"plan-nodes-unknown"' plan && grep -q '"unknown": 2' plan && pass "the plan tells them" || fail "the plan tells them"
same "$(h campaign home 2>/dev/null | grep -c 'no NOC')" 2 "so does the campaign"
that "the ICA is rotated" h -q ica rotate home
h -q noc renew home --node-id 0x12 --csr node12.csr --out o12 >"$out"
h -q noc renew home --node-id 0x13 --csr new.csr --out o13 >"$out"
h -q noc renew home --node-id 0x22 --csr new2.csr --out o22 >"$out"
refused 3 authority-in-use "the adopted one is not retired while they may hang from it" h ica retire home
refused 3 node-unknown "a renewal for a key that is not on record" h noc renew home --node-id 0x20 --out o20
refused 3 node-unknown "or with CATs that are not" h noc renew home --node-id 0x20 --csr lamp.csr --out o20
that "with a new CSR and CATs it is the first NOC on record" h -q noc renew home --node-id 0x20 --csr lamp.csr --cat 0x00010001 --out o20
same "$(h node list home | awk '$1 ~ /20$/ { print $2, $5 }')" "live 1" "  of this node"
that "a removal" h -q node remove home --node-id 0x21 --why sold
grep -q '^its CATs are not on record$' "$out" && pass "  tells that CATs are not known" || fail "  tells that CATs are not known"
refused 3 node-removed "  and counts" h noc issue home --csr new3.csr --node-id 0x21 --out o21
that "then the adopted ICA is retired" h -q ica retire home
same "$(h campaign home 2>/dev/null)" "done 4 of 4" "and none is in need"
refused 2 "" "an id that is none" adopt home --root-cert root.pem --root-key root.key --ica-cert ica.pem --ica-key ica.key --nodes root.pem
echo 0xFFFFFFFFFFFF0001 >group
refused 3 request-node-id "a group" adopt home --root-cert root.pem --root-key root.key --ica-cert ica.pem --ica-key ica.key --nodes group
that "the ledger verifies with all of it" h ledger verify
mkdir nocs && cp node.pem nocs/a && "$MATTERCERT" convert node2.pem nocs/b.tlv --to tlv
"$HEDDLE" --state "$work/folder" init -q
# shellcheck disable=SC2086
that "NOCs of a folder" "$HEDDLE" --state "$work/folder" fabric adopt home $both --no-backup --noc nocs
same "$(entries "$work/folder" adopted)" 2 "  all of them"
echo x >nocs/c
# shellcheck disable=SC2086
refused 4 "" "a file in it that is none" "$HEDDLE" --state "$work/folder" fabric adopt home $both --no-backup --noc nocs
grep -q 'nocs/c' "$err" && pass "  and is named" || fail "  and is named"
if command -v pkcs11-tool >/dev/null && [ -n "$(softhsm_module)" ]; then
    SOFTHSM2_CONF=$state/softhsm/softhsm2.conf pkcs11-tool --module "$(softhsm_module)" --login --pin "$(cat "$state/pin")" \
        --list-objects --type privkey >"$out" 2>/dev/null || :
    same "$(grep -c 'home root' "$out")" 1 "the key is in the token"
fi

# --- other forms -------------------------------------------------------------------------------------
openssl pkcs8 -topk8 -nocrypt -in root.key -out root.p8
openssl ec -in root.key -outform DER -out root.der 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in root.key -outform DER -out root.p8der
openssl x509 -in root.pem -outform DER -out rootcert.der
n=0
for keyfile in root.p8 root.der root.p8der; do
    for certfile in root.pem rootcert.der adopted.tlv; do
        n=$((n + 1))
        [ $n = 1 ] || [ $((n % 4)) = 1 ] || continue
        "$HEDDLE" --state "$work/s$n" init -q
        that "$certfile with $keyfile, no ICA" "$HEDDLE" --state "$work/s$n" fabric adopt f --root-cert $certfile --root-key $keyfile --fabric-id 0xAB --no-backup
        that "issues" "$HEDDLE" --state "$work/s$n" -q noc issue f --csr new.csr --node-id 5 --out "i$n"
        that "what verifies" "$MATTERCERT" verify --root root.pem "i$n/noc.tlv"
    done
done
(umask 077 && echo 'five random words' >pp)
that "a backup holds the adopted keys" h -q backup --out b --passphrase-file pp
that "and proves them" h -q restore b --check --passphrase-file pp
finish
