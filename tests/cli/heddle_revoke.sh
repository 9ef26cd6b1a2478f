#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# revoke, crl sign, crl due: what comes on record, what the CRLs say, what is due and why. Every CRL is judged by
# mattercert and by OpenSSL; sets made from them are asked.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
serial() { "$HEDDLE" "$1" show "$2" --json >"$work/shown"; json_value "$work/shown" serial; }
# need AUTHORITY: why its CRL is due
need() { "$HEDDLE" crl due --all --json >"$work/due"; jq -r --arg a "$1" '.authorities[] | select(.authority == $a) | .need' "$work/due"; }
# listed FILE: the serials in a CRL
listed() { "$MATTERCERT" crl show "$1" --json >"$work/crl.json"; jq -r '.revoked[].serial' "$work/crl.json" | tr '\n' ' '; }
upper() { echo "$1" | tr a-f A-F; }
# judged NAME FILE SIGNER [AUTHORITY]
judged() {
    that "$1: by the rules" "$MATTERCERT" crl verify "$2" --signer "$work/x/$3.der" ${4:+--authority "$work/x/$4.der"}
    : >"$err"
    if openssl crl -inform DER -in "$2" -noout -CAfile "$work/x/$3.pem" -verify >"$out" 2>"$err"; then
        pass "$1: by OpenSSL"
    else
        fail "$1: by OpenSSL"
    fi
}

"$HEDDLE" init -q
for args in "paa create acme-paa --vid 0xFFF1" "pai create pai-1 --paa acme-paa --vid 0xFFF1" "pai create pai-2 --paa acme-paa --vid 0xFFF1" \
    "pai create pai-3 --paa acme-paa --vid 0xFFF1" "crl-signer create acme-crl --for acme-paa" "crl-signer create pai-crl --for pai-1" \
    "cd-signer create lab"; do
    # shellcheck disable=SC2086
    "$HEDDLE" -q $args >/dev/null
done
for pair in paa:acme-paa pai:pai-1 pai:pai-2 pai:pai-3 crl-signer:acme-crl crl-signer:pai-crl; do
    "$HEDDLE" -q "${pair%:*}" export "${pair#*:}" --out "$work/x" --format all
done
s1=$(serial pai pai-1) s2=$(serial pai pai-2) s3=$(serial pai pai-3)

# Nothing is revoked: a CRL may be signed all the same.
same "$(need acme-paa)" none "at first no CRL is due"
that "crl sign without anything revoked" "$HEDDLE" crl sign acme-paa --out "$work/1.crl"
judged "an empty CRL" "$work/1.crl" acme-paa
same "$(listed "$work/1.crl")" "" "nothing is in it"
same "$(need acme-paa)" good "it is good"

# Revocation.
that "revoke by serial number" "$HEDDLE" revoke "$s1" --why "key found in a firmware image"
grep -q "pai $s1 is revoked" "$out" && pass "what was revoked is told" || fail "what was revoked is told" "$(cat "$out")"
that "revoke again says so and is no error" "$HEDDLE" revoke "$(upper "$s1")"
grep -q "was revoked before" "$out" && pass "with the entry of before" || fail "with the entry of before" "$(cat "$out")"
that "revoke by certificate, JSON" "$HEDDLE" revoke --cert "$work/x/pai-2.pem" --json
same "$(json_value "$out" schema) $(json_value "$out" status)" "heddle.revoke/1 revoked" "its JSON"
same "$(entries "$HEDDLE_STATE" revoked)" 2 "two entries"
that "ledger show tells of it" "$HEDDLE" ledger show "$s1"
grep -q 'revoked     by entry' "$out" && pass "and by which entry" || fail "and by which entry" "$(cat "$out")"
that "ledger search by serial finds both entries" "$HEDDLE" ledger search --serial "$s1" --json
same "$(jq -r .type "$out" | tr '\n' ' ')" "authority revoked " "the certificate and its revocation"
that "ledger search --type revoked" "$HEDDLE" ledger search --type revoked --json
same "$(jq -r .why "$out" | head -n 1)" "key found in a firmware image" "with why"
search() { "$HEDDLE" ledger search "$@" --json | jq -r .serial | tr '\n' ' '; }
same "$(search --status revoked)" "$s1 $s2 " "ledger search --status revoked"
same "$(search --status valid --kind pai)" "$s3 " "--status valid leaves them out"
same "$(search --authority pai-3 --type authority)" "$s3 " "--authority takes a name"
same "$(search --vid 0xFFF1 --kind pai)$(search --vid 0xFFF2)" "$s1 $s2 $s3 " "--vid"
same "$(search --pid 0x8000)" "" "--pid: a PAI of all products has none"
that "ledger status counts them" "$HEDDLE" ledger status --json
same "$(jq '[.authorities[].revoked] | add' "$out")" 2 "two of them"
that "ledger export" "$HEDDLE" ledger export
same "$(grep -c '"type": *"revoked"' "$out")" 2 "has them"

refused 5 not-found "a serial number that was never given out" "$HEDDLE" revoke 4000000000000099000000000000000000000000
refused 2 usage "no serial number" "$HEDDLE" revoke
refused 2 usage "not a serial number" "$HEDDLE" revoke xyz
refused 3 revoke-kind "a PAA signed itself" "$HEDDLE" revoke "$(serial paa acme-paa)"
refused 5 not-found "a serial number beside one that is fine" "$HEDDLE" revoke "$s3" 4000000000000099000000000000000000000000
same "$(entries "$HEDDLE_STATE" revoked)" 2 "then none of them is revoked"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/o.key" 2>/dev/null
openssl req -x509 -new -key "$work/o.key" -subj /CN=other -set_serial "0x$s3" -days 9 -out "$work/other.pem" 2>/dev/null
refused 5 not-found "another certificate with a serial number of ours" "$HEDDLE" revoke --cert "$work/other.pem"
refused 4 private-key "a key is no certificate" "$HEDDLE" revoke --cert "$work/o.key"
refused 5 file-not-found "no such file" "$HEDDLE" revoke --cert "$work/none"
refused 2 usage "why is a line" "$HEDDLE" revoke "$s3" --why "$(printf 'a\nb')"

# The CRL is due, and then says it.
same "$(need acme-paa)" incomplete "the last CRL lacks them"
that "crl due says so" "$HEDDLE" crl due
grep -q 'acme-paa *paa *incomplete *2 *2 *1 ' "$out" && pass "in its table" || fail "in its table" "$(cat "$out")"
that "crl sign" "$HEDDLE" crl sign acme-paa --out "$work/2.crl" --next-update 12h --json
same "$(jq -r '.schema, .number, .revoked' "$out" | tr '\n' ' ')" "heddle.crl/1 2 2 " "its JSON"
judged "a CRL" "$work/2.crl" acme-paa
same "$(listed "$work/2.crl")" "$(upper "$s1") $(upper "$s2") " "both are in it"
same "$(need acme-paa)" soon "12 hours are soon"
same "$("$HEDDLE" crl due --within 1h --json | jq '.authorities | length')" 0 "but not within an hour"
that "a time for the next update" "$HEDDLE" crl sign acme-paa --out "$work/3.crl" --next-update 2126-01-01
judged "a CRL for a century" "$work/3.crl" acme-paa
openssl crl -inform DER -in "$work/3.crl" -noout -crlnumber -nextupdate >"$out"
same "$(tr '\n' ' ' <"$out")" "crlNumber=0x03 nextUpdate=Jan  1 00:00:00 2126 GMT " "number and next update"
that "PEM, with its address" "$HEDDLE" crl sign acme-paa --out "$work/4.pem" --format pem --uri http://example.com/paa.crl
same "$(head -n 1 "$work/4.pem")" "-----BEGIN X509 CRL-----" "is PEM"
openssl crl -in "$work/4.pem" -outform DER -out "$work/4.crl"
judged "a CRL with its address" "$work/4.crl" acme-paa
that "to standard output" "$HEDDLE" -q crl sign acme-paa --out -
cp "$out" "$work/stdout.crl"
judged "a CRL from standard output" "$work/stdout.crl" acme-paa
same "$(need pai-1)" none "a PAI that revoked nothing needs none"

# Delegates.
refused 3 crl-delegate "the CRL of a delegate needs its address" "$HEDDLE" crl sign acme-paa --signer acme-crl --out "$work/no"
refused 3 crl-delegate "a delegate of another authority" "$HEDDLE" crl sign acme-paa --signer pai-crl --uri http://a/b --out "$work/no"
refused 3 authority-kind "a CD signer is no delegate" "$HEDDLE" crl sign acme-paa --signer lab --uri http://a/b --out "$work/no"
refused 3 authority-kind "a delegate has no CRL of its own" "$HEDDLE" crl sign acme-crl --out "$work/no"
that "a delegate signs" "$HEDDLE" crl sign acme-paa --signer acme-crl --uri https://example.com/all.crl --out "$work/d.crl"
judged "a delegate's CRL" "$work/d.crl" acme-crl acme-paa
"$MATTERCERT" crl show "$work/d.crl" --json >"$work/d.json"
same "$(jq -r '.number, .indirect, .distribution_point, .revoked[0].certificate_issuer' "$work/d.json" | tr '\n' ' ')" \
    "01 true https://example.com/all.crl CN=acme-paa PAA,VID=FFF1 " "numbered for itself, indirect, each entry with its issuer"
same "$(need acme-paa)" good "the delegate's CRL counts for its authority"
same "$("$HEDDLE" crl due --all --json | jq '.authorities[0].delegated')" true "and is told to be its"

refused 2 usage "an unknown format" "$HEDDLE" crl sign acme-paa --out "$work/no" --format txt
refused 2 time-text "a next update that is none" "$HEDDLE" crl sign acme-paa --out "$work/no" --next-update soon
refused 2 usage "a next update in the past" "$HEDDLE" crl sign acme-paa --out "$work/no" --next-update 2020-01-01
refused 2 usage "no output" "$HEDDLE" crl sign acme-paa
refused 5 '' "an unknown authority" "$HEDDLE" crl sign nobody --out "$work/no"
refused 3 crl-profile "an address that is no URL" "$HEDDLE" crl sign acme-paa --signer acme-crl --uri ftp://x --out "$work/no"
refused 2 usage "within is a span" "$HEDDLE" crl due --within x
refused 1 output "a folder that is not there" "$HEDDLE" crl sign acme-paa --out "$work/none/x.crl"
same "$([ -e "$work/no" ] && echo there)" "" "a refusal leaves no file"
same "$(need acme-paa)" good "a CRL that was not written does not count"
that "the next one" "$HEDDLE" crl sign acme-paa --out "$work/5.crl" --json
same "$(json_value "$out" number)" 7 "has the next number: the one that was not written is burned"
same "$(need acme-paa)" good "and counts"

# The times are heddle.conf's, unless an option stands.
conf=$HEDDLE_STATE/heddle.conf
cp "$conf" "$work/conf"
next_of() { "$MATTERCERT" crl show "$1" --json | jq -r '(.next_update | fromdateiso8601) - (.this_update | fromdateiso8601)'; }
same "$(next_of "$work/5.crl")" $((30 * 86400)) "30 days by default"
grep -q '^next-update = 30 days$' "$conf" && pass "which heddle.conf says" || fail "which heddle.conf says"
sed -i 's/^next-update.*/next-update = 36 hours/; s/^due-within.*/due-within = 2 days/' "$conf"
that "a CRL by heddle.conf" "$HEDDLE" crl sign acme-paa --out "$work/6.crl"
same "$(next_of "$work/6.crl")" $((36 * 3600)) "has its 36 hours"
same "$(need acme-paa)" soon "which is soon: within its 2 days"
same "$("$HEDDLE" crl due --within 12h --json | jq '.authorities | length')" 0 "an option goes before it"
that "so it does for the next update" "$HEDDLE" crl sign acme-paa --out "$work/7.crl" --next-update 3d
same "$(next_of "$work/7.crl")" $((3 * 86400)) "3 days"
for bad in '30' '0 days' '30 weeks' '36501 days' 'no-expiry'; do
    sed -i "s/^next-update.*/next-update = $bad/" "$conf"
    refused 4 conf-value "next-update = $bad" "$HEDDLE" crl due
done
sed '/^next-update/d; /^due-within/d' "$work/conf" >"$conf"
that "a heddle.conf without them" "$HEDDLE" crl sign acme-paa --out "$work/8.crl"
same "$(next_of "$work/8.crl")" $((30 * 86400)) "is as the default"
sed -E 's/^# (\[ lifetimes|[a-z-]+ = )/\1/' "$work/conf" >"$conf"
same "$(sed -n '/^\[ lifetimes/,$p' "$conf" | grep -c ' = ')" 8 "the lifetimes that heddle.conf shows are of all eight kinds"
that "and are what it takes" "$HEDDLE" crl due
cp "$work/conf" "$conf"

# What commissioners make of it.
that "a revocation set of our CRLs" "$MATTERCERT" revocation make --cert "$work/x" "$work/2.crl" "$work/d.crl" --out "$work/set.json"
that "whose entries are usable" "$MATTERCERT" revocation show "$work/set.json" --json
same "$(jq '[.entries[].usable] | all' "$out")" true "all of them"

# DACs, of a PAI of our own and of one that somebody else's PAA signed.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/their.key" -out "$work/x/their.pem" -days 3650 \
    -subj "/CN=Their PAA" -addext basicConstraints=critical,CA:TRUE,pathlen:1 -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
printf '%s\n' basicConstraints=critical,CA:TRUE,pathlen:0 keyUsage=critical,keyCertSign,cRLSign subjectKeyIdentifier=hash \
    authorityKeyIdentifier=keyid >"$work/ext"
"$HEDDLE" -q pai create out --csr-out "$work/out.csr" --vid 0xFFF1 --common-name "Out PAI"
openssl x509 -req -in "$work/out.csr" -CA "$work/x/their.pem" -CAkey "$work/their.key" -extfile "$work/ext" -days 3000 -set_serial 4711 \
    -sha256 -out "$work/out.pem" 2>/dev/null
"$HEDDLE" -q pai import out --cert "$work/out.pem" --paa "$work/x/their.pem" >/dev/null
"$HEDDLE" -q pai export out --out "$work/x" --format all
for n in 1 2 3 4; do
    new_csr "d$n"
    "$HEDDLE" -q dac issue "$([ $n -le 2 ] && echo pai-3 || echo out)" --csr "$work/d$n.csr" --pid 0x8000 --out "$work/d$n" >"$work/dac$n"
done
that "revoke a DAC by serial number" "$HEDDLE" revoke "$(cat "$work/dac1")" --why "lost on the line"
grep -q "^dac .* is revoked" "$out" && pass "it says so" || fail "it says so" "$(cat "$out")"
that "a DAC of the imported PAI, by its file" "$HEDDLE" revoke --cert "$work/d3/dac.der" --json
same "$(jq -r '.kind, .status' "$out" | tr '\n' ' ')" "dac revoked " "its JSON"
that "both again" "$HEDDLE" revoke "$(cat "$work/dac3")" --cert "$work/d1/dac.der"
same "$(grep -c 'was revoked before' "$out")" 2 "were revoked before"
same "$(need pai-3) $(need out)" "missing missing" "both PAIs owe a CRL"
that "the PAI's CRL" "$HEDDLE" crl sign pai-3 --out "$work/pai-3.crl"
judged "a CRL of DACs" "$work/pai-3.crl" pai-3
same "$(listed "$work/pai-3.crl")" "$(upper "$(cat "$work/dac1")") " "the DAC is in it, and no other"
that "the imported PAI's CRL" "$HEDDLE" crl sign out --out "$work/out.crl"
judged "a CRL of an imported PAI" "$work/out.crl" out
same "$(listed "$work/out.crl")" "$(upper "$(cat "$work/dac3")") " "its DAC is in it"
that "a delegate of the imported PAI" "$HEDDLE" crl-signer create out-crl --for out
"$HEDDLE" -q crl-signer export out-crl --out "$work/x" --format all
that "signs for it" "$HEDDLE" crl sign out --signer out-crl --uri http://example.com/out.crl --out "$work/out-d.crl"
judged "a delegate's CRL of DACs" "$work/out-d.crl" out-crl out
"$MATTERCERT" crl show "$work/out-d.crl" --json >"$work/d.json"
same "$(jq -r '[.revoked[] | "\(.serial) \(.certificate_issuer)"] | join(",")' "$work/d.json")" \
    "$(upper "$(cat "$work/dac3")") CN=Out PAI,VID=FFF1" "each entry names the imported PAI"
openssl crl -inform DER -in "$work/out.crl" -out "$work/out.crl.pem"
for n in 3 4; do openssl x509 -inform DER -in "$work/d$n/dac.der" -out "$work/d$n.pem"; done
checked() { openssl verify -crl_check -partial_chain -trusted "$work/x/out.pem" -CRLfile "$work/out.crl.pem" "$1" >"$out" 2>"$err"; }
checked "$work/d3.pem" && fail "OpenSSL finds the DAC revoked" || grep -q 'certificate revoked' "$err" && pass "OpenSSL finds the DAC revoked" ||
    fail "OpenSSL finds the DAC revoked"
that "and the other one good" checked "$work/d4.pem"

# What only others can revoke, and who signs no more.
refused 3 revoke-kind "an imported PAI is its PAA's to revoke" "$HEDDLE" revoke --cert "$work/x/out.pem"
refused 3 revoke-kind "by its serial number as well" "$HEDDLE" revoke 1267
openssl x509 -req -in "$work/d4.csr" -CA "$work/x/their.pem" -CAkey "$work/their.key" -days 30 -set_serial 4711 -sha256 -out "$work/foreign.pem" 2>/dev/null
refused 5 not-found "a certificate of another CA" "$HEDDLE" revoke --cert "$work/foreign.pem"
refused 5 not-found "with one of ours beside it" "$HEDDLE" revoke --cert "$work/d4/dac.der" --cert "$work/foreign.pem"
same "$("$HEDDLE" ledger search --serial "$(cat "$work/dac4")" --json | jq -r .type)" issued "then none is revoked"
new_csr late
refused 3 authority-state "a revoked PAI issues no DAC" "$HEDDLE" dac issue pai-1 --csr "$work/late.csr" --pid 0x8000 --out "$work/no"
refused 3 authority-state "nor certificates of delegates" "$HEDDLE" crl-signer create late --for pai-1
that "but it signs its CRL" "$HEDDLE" crl sign pai-1 --out "$work/pai-1.crl"
"$HEDDLE" -q cd-signer create hung --paa acme-paa >/dev/null
that "a delegate and a CD signer are revoked" "$HEDDLE" revoke "$(serial crl-signer acme-crl)" "$(serial cd-signer hung)"
before=$(entries "$HEDDLE_STATE" document)
refused 3 authority-state "a revoked delegate signs no CRL" "$HEDDLE" crl sign acme-paa --signer acme-crl --uri http://a/b --out "$work/no"
refused 3 authority-state "a revoked CD signer signs no declaration" "$HEDDLE" cd sign hung --vid 0xFFF1 --pid 0x8000 --device-type 1 --out "$work/no"
refused 3 crl-profile "an address that is none" "$HEDDLE" crl sign acme-paa --uri ftp://a/b --out "$work/no"
refused 3 crl-profile "an address with a space" "$HEDDLE" crl sign acme-paa --uri 'http://a/ b' --out "$work/no"
refused 3 crl-profile "an address that is not ASCII" "$HEDDLE" crl sign acme-paa --uri "$(printf 'http://a/\303\244')" --out "$work/no"
same "$(entries "$HEDDLE_STATE" document)" "$before" "none of these burns a number"

that "the ledger verifies" "$HEDDLE" ledger verify
finish
