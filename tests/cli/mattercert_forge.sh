#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert forge: every fault is reported by the rule that expected.tsv says, and by no other; what it does
# not take; that a valid object has no fault.
. "$(dirname "$0")/lib_mattercert.sh"

out=$tmp/out
mc forge --all --out "$out"
holds "everything is forged" test "$status" = 0

# The rule that the tool reports for a file, "-" if it accepts it, and the SDK's answer (JSON of verify).
rule_of() { # KIND FILE
    local root=$out/rcac-valid.tlv ica=$out/icac-valid.tlv leaf=$out/noc-valid.tlv
    case $1 in
    paa | pai | dac) root=$out/paa-valid.der ica=$out/pai-valid.der leaf=$out/dac-valid.der ;;
    csr | nocsr)
        mc csr check "$2"
        return
        ;;
    cd)
        mc attest verify --json --dac "$out/dac-valid.der" --pai "$out/pai-valid.der" --trust "$out/paa-valid.der" \
            --cd-signer "$out/cd-signer-valid.der" --cd "$2" --vid 0xFFF1 --pid 0x8000
        return
        ;;
    cd-signer | crl-signer)
        status=0 # what they sign is judged, not they
        return
        ;;
    firmware-signing | vvsc | network-identity)
        mc convert "$2" --to tlv-hex
        return
        ;;
    esac
    case $1 in
    rcac | paa) root=$2 ;;
    icac | pai) ica=$2 ;;
    noc | dac) leaf=$2 ;;
    esac
    mc verify --json --root "$root" --ica "$ica" "$leaf"
}
reported() {
    if [ "$status" = 0 ]; then
        echo -
    elif [ -s "$tmp/stdout" ]; then
        sed -n 's/^ *"rule": "\(.*\)",*$/\1/p' "$tmp/stdout" | head -n 1
    else
        grep -o '\[[a-z0-9-]*\]' "$tmp/stderr" | head -n 1 | tr -d '[]'
    fi
}
answered() { # KIND
    awk -v kind="$1" -F'"' '
        /"sdk": \{/ { sdk = 1 }
        sdk && /"valid": true/ { print "accepted"; exit }
        sdk && /"chip_error":/ { gsub(/[^0-9]/, "", $3); number = sprintf("0x%02X", $3) }
        sdk && /"chip_error_name":/ { print number " " $4; exit }
        /"result":/ { gsub(/[^0-9]/, "", $3); number = $3 }
        /"result_name":/ { print number == 0 ? "accepted" : number " " $4; exit }' "$tmp/stdout"
}
# Lint, told the issuer, names the rule that expected.tsv promises, and no error in a valid object.
linted() { # KIND FILE RULE
    local issuer=() as=(--as "$1")
    case $1 in
    nocsr | cd) return 0 ;;
    icac) issuer=(--issuer "$out/rcac-valid.tlv") ;;
    noc | firmware-signing | vvsc) issuer=(--issuer "$out/icac-valid.tlv") ;;
    csr) issuer=(--issuer "$out/icac-valid.tlv") ;;
    pai | cd-signer | crl-signer) issuer=(--issuer "$out/paa-valid.der") ;;
    dac) issuer=(--issuer "$out/pai-valid.der") ;;
    esac
    [ "$3" != op-kind-unknown ] || as=()
    "$MATTERCERT" lint "${issuer[@]}" "${as[@]}" "$2" >"$tmp/lint" 2>&1 || true
    sed -n 's/^  \(error\|warning\|notice\) *\([a-z0-9-]*\)$/\2/p' "$tmp/lint" >"$tmp/rules"
    case $2 in
    *-valid.*) [ "$(grep -cvxF -f "$tmp/allowed" "$tmp/rules")" = 0 ] || return 1 ;;
    esac
    cat "$tmp/rules" >>"$tmp/found"
    [ "$3" = - ] || grep -qxF -- "$3" "$tmp/rules"
}
# What lint says of a valid object: a test key is a test key, and these expire.
printf '%s\n' op-root-expires att-vid-test >"$tmp/allowed"
: >"$tmp/found"
faults=0
wrong=0
while IFS=$'\t' read -r file kind fault rule lint sdk; do
    [ "$file" = file ] && continue
    faults=$((faults + 1))
    rule_of "$kind" "$out/$file"
    got=$(reported)
    linted "$kind" "$out/$file" "$lint" || { bad "$file: lint does not report $lint"; wrong=$((wrong + 1)); }
    if [ "$got" != "$rule" ]; then
        bad "$file: $got is reported, expected $rule"
        wrong=$((wrong + 1))
        continue
    fi
    # What was read has an answer of the SDK.
    case $kind in
    rcac | icac | noc | paa | pai | dac | cd)
        if [ "$status" != 0 ] && [ "$status" != 3 ] && [ "$sdk" != accepted ]; then continue; fi
        got=$(answered "$kind")
        case $sdk in
        *"not read") ;;
        *"$got") ;;
        *)
            bad "$file: the SDK's answer is $got, expected $sdk"
            wrong=$((wrong + 1))
            ;;
        esac
        ;;
    esac
done <"$out/expected.tsv"
holds "all $faults faults are reported as expected" test "$wrong" = 0
holds "there are more than 350 files" test "$faults" -gt 350

# Every rule of lint has an object here that it finds.
mc lint --issuer "$out/icac-ext-basic-ca-wrong.tlv" "$out/noc-valid.tlv"
gives "an issuer that is none" 3 "error    x509-issuer-ca"
{ printf '\060\203\001\020\000' && head -c 69632 /dev/zero; } >"$tmp/huge"
mc lint "$tmp/huge"
gives "what is too big" 4 "error    x509-too-big"
echo "not a certificate" >"$tmp/text"
mc lint "$tmp/text"
gives "what is none" 4 "error    unreadable"
printf '%s\n' x509-issuer-ca x509-too-big unreadable >>"$tmp/found"
mc lint --rules
awk '{ print $2 }' "$tmp/stdout" | sort >"$tmp/all"
holds "lint has its rules" test "$(wc -l <"$tmp/all")" -gt 200
sort -u "$tmp/found" | comm -23 "$tmp/all" - >"$tmp/none"
holds "each rule of lint finds a forged object, but not: $(tr '\n' ' ' <"$tmp/none")" test ! -s "$tmp/none"

# Every kind of the SDK's own generator is there.
"$MATTERCERT" forge --list >"$tmp/list"
for fault in oversized cert-version-v2 serial-number-missing issuer-missing subject-missing sig-algo-ecdsa-with-sha1 \
    sig-curve-secp256k1 validity-not-before-missing validity-not-after-missing validity-wrong subject-matterid-missing \
    subject-matterid-twice subject-fabricid-twice subject-nodeid-invalid subject-fabricid-missing \
    subject-fabricid-invalid subject-fabricid-mismatch subject-cat-invalid subject-cat-twice publickey-wrong \
    signature-wrong ext-basic-missing ext-basic-ca-wrong ext-basic-ca-missing ext-basic-critical-missing \
    ext-basic-critical-wrong ext-keyusage-critical-missing ext-keyusage-critical-wrong \
    ext-basic-pathlen-presence-wrong ext-basic-pathlen0 ext-basic-pathlen1 ext-basic-pathlen2 ext-keyusage-missing \
    ext-keyusage-keycertsign-wrong ext-keyusage-digsig-wrong ext-keyusage-crlsign-wrong ext-akid-missing \
    ext-skid-missing ext-akid-length-invalid ext-skid-length-invalid ext-extendedkeyusage-missing; do
    grep -Eq "^(rcac|icac|noc) +$fault " "$tmp/list" || bad "no operational $fault"
done
holds "33 attestation faults of a DAC" test "$(grep -c '^dac ' "$tmp/list")" -ge 33
holds "33 attestation faults of a PAI" test "$(grep -c '^pai ' "$tmp/list")" -ge 33

# One fault with its company, forms, marks.
mc forge noc --fault subject-fabricid-mismatch --form pem --out "$tmp/one"
holds "one fault" test "$status" = 0
mc verify --root "$tmp/one/rcac-valid.pem" --ica "$tmp/one/icac-valid.pem" "$tmp/one/noc-subject-fabricid-mismatch.pem"
gives "judged with what came with it" 3 "[chain-fabric]"
mc show "$tmp/one/noc-valid.pem"
gives "the subject is marked" 0 "HEDDLE FORGED TEST"
mc forge noc --out "$tmp/two" --form der
holds "valid without a fault" test -s "$tmp/two/noc-valid.der"
holds "openssl reads it" openssl x509 -inform DER -in "$tmp/two/noc-valid.der" -noout
mc forge noc --out "$tmp/again"
mc forge noc --out "$tmp/again2"
holds "keys are new each time" test "$(cksum <"$tmp/again/noc-valid.tlv")" != "$(cksum <"$tmp/again2/noc-valid.tlv")"
holds "no key is left" test -z "$(grep -rl 'PRIVATE KEY' "$out" "$tmp/one")"

mc forge pkcs11:token=ca --out "$tmp/x"
says "a token is refused" 2 usage
mc forge key.pem --out "$tmp/x"
says "a key file is refused" 2 usage
mc forge noc --key key.pem --out "$tmp/x"
holds "there is no option for a key" test "$status" = 2
mc forge noc --fault nothing-like-this --out "$tmp/x"
says "an unknown fault" 2 usage
mc forge noc
says "without --out" 2 usage
mc forge noc --fault cert-version-v2 --form tlv --out "$tmp/x"
says "TLV has no version" 2 usage
mc forge --list --json
holds "the list in JSON" python3 -m json.tool "$tmp/stdout"
mc forge noc --json --out "$tmp/x"
gives "the summary in JSON" 0 '"schema": "mattercert.forge/1"'
finish
