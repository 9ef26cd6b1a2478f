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

that "the ledger verifies" "$HEDDLE" ledger verify
finish
