#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The authorities of product attestation: made, listed, shown, exported; what is refused, and that nothing is left
# of it. Everything that comes out is judged by mattercert and by OpenSSL.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
keys() { "$HEDDLE" hsm status --json >"$work/hsm"; json_value "$work/hsm" keys; }
field() { sed -n "s/^  $1 *//p" "$out"; }

that "init makes a state" "$HEDDLE" init
that "paa create" "$HEDDLE" paa create acme-paa --vid 0xFFF1
same "$(field subject)" "CN=acme-paa PAA,VID=FFF1" "its name"
that "paa create for any vendor" "$HEDDLE" paa create any --common-name "Any Vendor PAA" --json
same "$(json_value "$out" schema)" heddle.authority/1 "with its schema"
same "$(json_value "$out" vid)" "" "no vendor in it"
that "pai create for all products" "$HEDDLE" pai create acme-pai --paa acme-paa --vid 0xFFF1
same "$(field product)" any "its product"
same "$(field 'signed by')" acme-paa "its issuer"
that "pai create for one product, with the address of the CRL" "$HEDDLE" pai create acme-lock --paa acme-paa --vid 0xFFF1 \
    --pid 0x8000 --crl-url http://crl.example.com/acme-paa.crl
that "crl-signer create for a PAI" "$HEDDLE" crl-signer create acme-crl --for acme-pai
that "pai create with a delegated signer of its CRL" "$HEDDLE" pai create any-pai --paa any --vid 0x1234 \
    --crl-url https://crl.example.com/any.crl --crl-signer acme-crl
that "cd-signer create" "$HEDDLE" cd-signer create lab-cd
that "cd-signer create under a root" "$HEDDLE" cd-signer create lab-cd-2 --paa any

for kind in paa pai cd-signer crl-signer; do
    that "$kind list" "$HEDDLE" $kind list
    awk 'NR > 1 { print $1 }' "$out" | tr '\n' ' ' >"$work/names-$kind"
    that "$kind list --json" "$HEDDLE" $kind list --json
    same "$(json_value "$out" schema)" heddle.authorities/1 "with its schema"
    for name in $(cat "$work/names-$kind"); do
        that "$kind show $name" "$HEDDLE" $kind show "$name"
        that "$kind export $name" "$HEDDLE" $kind export "$name" --out "$work/x-$name" --format all
        that "lint finds no fault in $name" "$MATTERCERT" lint "$work/x-$name/$name.der"
        grep -q 'error\|warning' "$out" && fail "nor a warning" "$(cat "$out")" || pass "nor a warning"
    done
done
same "$(cat "$work"/names-*)" "lab-cd lab-cd-2 acme-crl acme-paa any acme-pai acme-lock any-pai " "each is in its list"
same "$(cd "$work/x-acme-lock" && echo *)" "acme-lock.der acme-lock.pem acme-paa.der acme-paa.pem" "a PAI comes with its PAA"
refused 2 usage "attestation certificates have no TLV form" "$HEDDLE" pai export acme-pai --out "$work/no" --format tlv

for pai in acme-pai acme-lock; do
    that "OpenSSL verifies $pai" openssl verify -x509_strict -CAfile "$work/x-$pai/acme-paa.pem" "$work/x-$pai/$pai.pem"
done
that "OpenSSL verifies any-pai" openssl verify -x509_strict -CAfile "$work/x-any-pai/any.pem" "$work/x-any-pai/any-pai.pem"
openssl x509 -in "$work/x-any-pai/any-pai.pem" -noout -ext crlDistributionPoints >"$work/cdp"
grep -q 'URI:https://crl.example.com/any.crl' "$work/cdp" && pass "the address of the CRL" || fail "the address of the CRL"
grep -A1 'CRL Issuer' "$work/cdp" | grep -q 'CN *= *acme-crl CRL Signer' && pass "and its signer" || fail "and its signer"
openssl verify -x509_strict -CAfile "$work/x-acme-crl/acme-paa.pem" -untrusted "$work/x-acme-crl/acme-pai.pem" \
    "$work/x-acme-crl/acme-crl.pem" >"$out" 2>&1 && pass "OpenSSL verifies the CRL signer" || fail "OpenSSL verifies the CRL signer"

# --- refusals: before a key is made ----------------------------------------------------------------------
before=$(keys)
entries=$("$HEDDLE" ledger list | wc -l)
no() { # STATUS RULE NAME ARGUMENTS...
    local status=$1 rule=$2 name=$3
    shift 3
    refused "$status" "$rule" "$name" "$HEDDLE" "$@"
}
no 6 authority-exists "a name that is taken" paa create acme-pai
no 2 name "no name" paa create "a b"
no 5 not-found "a PAA that is not there" pai create p --paa nobody --vid 0xFFF1
no 3 issuer-kind "a PAI under a PAI" pai create p --paa acme-pai --vid 0xFFF1
no 3 profile-request "a PAI without vendor" pai create p --paa acme-paa
no 3 att-vid "a PAI of another vendor than its PAA" pai create p --paa acme-paa --vid 0xFFF2
grep -q '205 (PaiVendorIdMismatch)' "$err" && pass "with the commissioner's answer" || fail "with the commissioner's answer"
no 3 att-id "vendor 0" paa create p --vid 0x0
no 3 att-id "a vendor above FFF4" paa create p --vid 0xFFF5
no 3 att-id "product 0" pai create p --paa acme-paa --vid 0xFFF1 --pid 0
no 2 number "no number" paa create p --vid FFF1
no 2 number "too large a number" paa create p --vid 0x10000
no 3 crl-uri "an address that commissioners ignore" pai create p --paa acme-paa --vid 0xFFF1 --crl-url www.example.com/crl
no 2 usage "a signer without an address" pai create p --paa acme-paa --vid 0xFFF1 --crl-signer acme-crl
no 4 dn-text "a common name with a vendor in it" paa create p --common-name "ACME Mvid:FFF1"
no 4 dn-text "a common name that is too long" paa create p --common-name "$(printf 'x%.0s' {1..65})"
no 3 profile-request "a common name that makes it another kind" paa create p --common-name "ACME CD Signing"
no 3 profile-request "a CD signer that nobody knows for one" cd-signer create p --common-name ACME
no 3 issuer-kind "a CRL signer for a CD signer" crl-signer create p --for lab-cd
no 3 authority-kind "show of another kind" pai show acme-paa
no 5 not-found "show of nothing" pai show nothing
same "$(keys)" "$before" "no key was made"
same "$("$HEDDLE" ledger list | wc -l)" "$entries" "and nothing recorded"

# --- a PAI of somebody else's PAA --------------------------------------------------------------------------
that "pai create --csr-out" "$HEDDLE" pai create out-pai --csr-out "$work/out.csr" --vid 0xFFF2 --pid 0x8002 --common-name "Outside PAI"
that "OpenSSL takes the CSR" openssl req -in "$work/out.csr" -noout -verify
that "and mattercert" "$MATTERCERT" csr check "$work/out.csr"
openssl req -in "$work/out.csr" -noout -subject >"$work/subject"
grep -q 'CN *= *Outside PAI' "$work/subject" && pass "it has the name" || fail "it has the name"
same "$("$HEDDLE" ledger list --type key --json | grep -c '"name": *"out-pai"')" 1 "the key is on record with its name"
# The other side: OpenSSL as somebody else's PAA.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/paa.key" -out "$work/their-paa.pem" -days 3650 \
    -subj "/CN=Their PAA" -addext basicConstraints=critical,CA:TRUE,pathlen:1 -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
cat >"$work/ext" <<'END'
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
END
their() { # OUT [KEY=VALUE...]: their answer, with extensions changed
    local out=$1 ext=$work/ext-changed
    shift
    cp "$work/ext" "$ext"
    for change in "$@"; do sed -i "s/^${change%%=*}=.*/$change/" "$ext"; done
    openssl x509 -req -in "$work/out.csr" -CA "$work/their-paa.pem" -CAkey "$work/paa.key" -extfile "$ext" -days 3000 -set_serial 4711 \
        -sha256 -out "$out" 2>/dev/null
}
their "$work/pai.pem"
import() { "$HEDDLE" pai import "$@"; }
their "$work/bad.pem" basicConstraints=critical,CA:TRUE,pathlen:1
refused 3 "" "an answer with a wrong path length" import out-pai --cert "$work/bad.pem" --paa "$work/their-paa.pem"
refused 3 "" "an answer and another PAA" import out-pai --cert "$work/pai.pem" --paa "$work/x-acme-paa/acme-paa.pem"
refused 3 chain-kind "a PAA for an answer" import out-pai --cert "$work/their-paa.pem" --paa "$work/their-paa.pem"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=Strange PAI Mvid:FFF2" -keyout "$work/s.key" -out "$work/s.csr" \
    2>/dev/null
openssl x509 -req -in "$work/s.csr" -CA "$work/their-paa.pem" -CAkey "$work/paa.key" -extfile "$work/ext" -days 3000 -set_serial 4712 -sha256 \
    -out "$work/strange.pem" 2>/dev/null
refused 7 key-not-found "an answer for a key that is not here" import strange --cert "$work/strange.pem" --paa "$work/their-paa.pem"
refused 6 authority-exists "a name that is taken" import acme-pai --cert "$work/pai.pem" --paa "$work/their-paa.pem"
that "pai import" import out-pai --cert "$work/pai.pem" --paa "$work/their-paa.pem"
same "$(field 'signed by')" "an authority outside" "its issuer"
same "$(field vendor) $(field product)" "0xFFF2 0x8002" "its vendor and product"
that "once more is no error" import out-pai --cert "$work/pai.pem" --paa "$work/their-paa.pem"
refused 3 key-taken "but not under another name" import other-pai --cert "$work/pai.pem" --paa "$work/their-paa.pem"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout "$work/d.key" -out "$work/d.csr" 2>/dev/null
that "it signs DACs" "$HEDDLE" dac issue out-pai --csr "$work/d.csr" --out "$work/d"
that "that commissioners take" "$MATTERCERT" verify --root "$work/their-paa.pem" --ica "$work/d/pai.der" "$work/d/dac.der"
refused 2 usage "neither PAA nor CSR" "$HEDDLE" pai create p --vid 0xFFF1
refused 2 usage "both" "$HEDDLE" pai create p --vid 0xFFF1 --paa any --csr-out "$work/no.csr"

# --- the ledger ------------------------------------------------------------------------------------------
that "a fabric beside them" "$HEDDLE" fabric create home --fabric-id 1
that "the ledger verifies" "$HEDDLE" ledger verify
that "fabric list knows nothing of them" "$HEDDLE" fabric list
same "$(awk 'NR > 1 { print $1 }' "$out")" home "it lists the fabric alone"
serial=$(json_value <("$HEDDLE" pai show acme-pai --json) serial)
that "ledger show" "$HEDDLE" ledger show "$serial"
grep -q acme-pai "$out" && pass "names it" || fail "names it"
that "proof of its entry" "$HEDDLE" ledger prove "$serial" --out "$work/proof"
that "the audit key" "$HEDDLE" ledger key --out "$work/audit.pem"
that "the proof holds" "$MATTERCERT" proof check "$work/proof" --key "$work/audit.pem" --cert "$work/x-acme-pai/acme-pai.der"
that "a profile with ids in the common name" sed -i 's/^product-ids.*/product-ids = common-name/' "$HEDDLE_STATE/profiles/pai.profile"
that "pai create by it" "$HEDDLE" pai create in-name --paa acme-paa --vid 0xFFF1 --pid 0x8001
same "$(field subject)" "CN=in-name PAI Mvid:FFF1 Mpid:8001" "its name"
same "$(field product)" 0x8001 "its product"

# --- every form of the ids, judged by OpenSSL ------------------------------------------------------------
# The PAA for one vendor or for any, the PAI for one product or for all, ids as attributes or in common names.
for form in attributes common-name; do
    sed -i "s/^product-ids.*/product-ids = $form/" "$HEDDLE_STATE/profiles/pai.profile" "$HEDDLE_STATE/profiles/dac.profile"
    for above in acme-paa any; do
        for pid in "" 0x8004; do
            name=m-$form-${above%-paa}${pid:+-pid} what="$form, PAA $above, ${pid:-no} PID in the PAI"
            new_csr m
            that "$what: pai create" "$HEDDLE" pai create "$name" --paa "$above" --vid 0xFFF1 ${pid:+--pid "$pid"}
            that "$what: dac issue" "$HEDDLE" dac issue "$name" --csr "$work/m.csr" --pid 0x8004 --out "$work/m-$name" --format all
            openssl x509 -in "$work/m-$name/dac.pem" -noout -subject >"$work/subject"
            if [ "$form" = attributes ]; then
                grep -q '37244.2.1 *= *FFF1.*37244.2.2 *= *8004' "$work/subject" && pass "$what: attributes" || fail "$what: attributes" "$(cat "$work/subject")"
            else
                grep -q 'CN *=.* Mvid:FFF1 Mpid:8004' "$work/subject" && pass "$what: in the common name" || fail "$what: in the common name" "$(cat "$work/subject")"
            fi
            that "$what: OpenSSL verifies the chain" openssl verify -x509_strict -purpose any -CAfile "$work/m-$name/paa.pem" \
                -untrusted "$work/m-$name/pai.pem" "$work/m-$name/dac.pem"
            that "$what: a commissioner takes it" "$MATTERCERT" verify --root "$work/m-$name/paa.der" --ica "$work/m-$name/pai.der" "$work/m-$name/dac.der"
            that "$what: lint" "$MATTERCERT" lint "$work/m-$name/dac.der" "$work/m-$name/pai.der"
            grep -q 'error\|warning' "$out" && fail "$what: no finding" "$(cat "$out")" || pass "$what: no finding"
        done
    done
done

# --- lifetimes --------------------------------------------------------------------------------------------
that "a lifetime of heddle.conf" sh -c 'printf "\n[ lifetimes ]\npai = 100 days\n" >>"$HEDDLE_STATE/heddle.conf"'
that "pai create with it" "$HEDDLE" pai create short --paa any --vid 0xFFF1 --json
that "it ends" sh -c "date -u -d '+100 days' +%Y-%m-%d | grep -q '$(json_value "$out" not_after | cut -c1-10)'"
that "the ledger verifies in the end" "$HEDDLE" ledger verify
finish
