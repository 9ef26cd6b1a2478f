#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What heddle refuses, by which name and with which exit status; and that a refusal leaves nothing behind.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
"$HEDDLE" init -q
"$HEDDLE" fabric create home --fabric-id 0xFAB1 >/dev/null
issue() { "$HEDDLE" noc issue home --out "$work/refused" "$@"; }
give() { # DIR ARGUMENT...
    "$HEDDLE" noc issue home --out "$work/$1" "${@:2}"
}
new_csr a
new_csr b

# --- the command line ------------------------------------------------------------------------------
refused 2 usage "no verb" "$HEDDLE"
refused 2 usage "an unknown verb" "$HEDDLE" fabric frob
refused 2 usage "an unknown option" "$HEDDLE" fabric list --frob
refused 2 usage "a missing option" "$HEDDLE" noc issue home --csr "$work/a.csr" --out "$work/refused"
refused 2 usage "a missing operand" "$HEDDLE" fabric show
refused 2 usage "an operand too many" "$HEDDLE" fabric show home home
refused 2 usage "an unknown format" "$HEDDLE" fabric export home --out "$work/refused" --format xml
refused 2 usage "an unknown type of entry" "$HEDDLE" ledger list --type frob
refused 2 usage "a serial number that is none" "$HEDDLE" ledger show frob

# --- names -----------------------------------------------------------------------------------------
hostile=('' . .. ../up a/b 'a b' -dash .dot 'a;b' "$(printf 'a\nb')" "$(printf 'a\033[31mb')" $'\xff\xfe' 'ä' "$(printf %065d 0)")
for name in "${hostile[@]}"; do
    for verb in "fabric create" "fabric show" "fabric export"; do
        args=(--out "$work/refused")
        [ "$verb" != "fabric create" ] || args=(--fabric-id 1)
        [ "$verb" != "fabric show" ] || args=()
        # shellcheck disable=SC2086
        refused 2 name "$verb refuses the name $(printf %q "$name" | cut -c1-20)" "$HEDDLE" $verb "${args[@]}" -- "$name"
        ! grep -q "$(printf '\033')" "$err" || fail "a name reaches the terminal as it is"
    done
done
that "a name of 64 characters" "$HEDDLE" fabric create "$(printf %064d 0)" --fabric-id 1
refused 5 not-found "an unknown fabric: show" "$HEDDLE" fabric show other
refused 5 not-found "an unknown fabric: export" "$HEDDLE" fabric export other --out "$work/refused"
refused 5 not-found "an unknown fabric: ipk" "$HEDDLE" fabric ipk other --out "$work/refused"
refused 5 not-found "an unknown fabric: noc issue" "$HEDDLE" noc issue other --csr "$work/a.csr" --node-id 1 --out "$work/refused"
refused 5 not-found "an unknown fabric: ledger list" "$HEDDLE" ledger list --fabric other
refused 5 not-found "an unknown serial number" "$HEDDLE" ledger show 4000000000000001
refused 5 not-found "an unknown entry" "$HEDDLE" ledger show 4000
refused 6 fabric-exists "a fabric that exists" "$HEDDLE" fabric create home --fabric-id 0xFAB2
refused 3 request-fabric-id "fabric id 0" "$HEDDLE" fabric create zero --fabric-id 0
refused 2 number "a fabric id of 65 bits" "$HEDDLE" fabric create wide --fabric-id 0x10000000000000000
refused 2 number "a negative fabric id" "$HEDDLE" fabric create minus --fabric-id -1
refused 2 number "a fabric id with a tail" "$HEDDLE" fabric create tail --fabric-id 0x1z
same "$("$HEDDLE" fabric list | wc -l)" 3 "no refused fabric was made"

# --- node ids and CATs -----------------------------------------------------------------------------
for node in 0 0xFFFFFFF000000000 0xFFFFFFFFFFFFFFFF 0xFFFFFFFFFFFF0001 0xFFFFFFFD00010001 0xFFFFFFFB00000000; do
    refused 3 request-node-id "node id $node" issue --csr "$work/a.csr" --node-id "$node"
done
for node in '' Next 0x 1.5 ' 1' 0x10000000000000000 18446744073709551616; do
    refused 2 number "node id '$node'" issue --csr "$work/a.csr" --node-id "$node"
done
refused 3 request-cat "a CAT of version 0" issue --csr "$work/a.csr" --node-id 1 --cat 0xABCD0000
refused 3 cat-twice "two CATs of one identifier" issue --csr "$work/a.csr" --node-id 1 --cat 0xABCD0001 --cat 0xABCD0002
refused 3 cat-count "four CATs" issue --csr "$work/a.csr" --node-id 1 --cat 0x10001 --cat 0x20001 --cat 0x30001 --cat 0x40001
refused 2 number "a CAT of 33 bits" issue --csr "$work/a.csr" --node-id 1 --cat 0x1ABCD0001
refused 2 usage "nine CATs" issue --csr "$work/a.csr" --node-id 1 $(printf -- '--cat 0x%x0001 ' 1 2 3 4 5 6 7 8 9)

# --- request ids and keys --------------------------------------------------------------------------
for id in '' 'a b' "$(printf 'a\nb')" "$(printf 'a\tb')" 'ä' "$(printf %0300d 0)"; do
    refused 2 usage "request id $(printf %q "$id" | cut -c1-20)" issue --csr "$work/a.csr" --node-id 1 --request-id "$id"
done
same "$(ls -A "$work/refused" 2>/dev/null | wc -l)" 0 "no refused request wrote a file"
that "a first request" give a --csr "$work/a.csr" --node-id 1 --request-id one
refused 6 request-conflict "its id with another key" issue --csr "$work/b.csr" --node-id 1 --request-id one
refused 6 request-conflict "its id with another node id" issue --csr "$work/a.csr" --node-id 2 --request-id one
refused 6 request-conflict "its id with a CAT" issue --csr "$work/a.csr" --node-id 1 --cat 0xABCD0001 --request-id one
refused 3 key-taken "its key for another node" issue --csr "$work/a.csr" --node-id 2 --request-id two
refused 3 key-taken "its key for another fabric" "$HEDDLE" noc issue "$(printf %064d 0)" --csr "$work/a.csr" \
    --node-id 1 --out "$work/refused"
"$HEDDLE" fabric export home --out "$work/chain" --format pem -q
helper csr_with_key -lcrypto
helper token -lcrypto -ldl
label=$(json_value <("$HEDDLE" hsm status --json) token)
export SOFTHSM2_CONF=$HEDDLE_STATE/softhsm/softhsm2.conf
for cert in rcac icac; do
    refused 3 csr-signature "a CSR that borrows the public key of the $cert" \
        issue --csr <("$work/csr_with_key" <(openssl x509 -in "$work/chain/$cert.pem" -noout -pubkey) "$work/a.key") --node-id 9
    "$work/token" "$(softhsm_module)" "$label" "$HEDDLE_STATE/pin" csr "$work/chain/$cert.pem" >"$work/$cert.csr"
    refused 3 key-taken "a CSR that the $cert's key signed itself" issue --csr "$work/$cert.csr" --node-id 9
done
unset SOFTHSM2_CONF

# --- CSRs ------------------------------------------------------------------------------------------
csrs=$VECTORS/values/TestChipCryptoPAL/TestCSR_Verify
if [ -d "$VECTORS/values" ]; then
    that "the good CSR" give good --csr "$csrs.kGoodCsr.der" --node-id 100
    refused 3 csr-signature "a bad signature" issue --csr "$csrs.kBadSignatureSignatureCsr.der" --node-id 101
    refused 4 der-trailing "trailing octets" issue --csr "$csrs.kBadTrailingGarbageCsr.bin" --node-id 101
    refused 4 "" "too big" issue --csr "$csrs.kBadTooBigCsr.bin" --node-id 101
    refused 4 "" "too small" issue --csr "$csrs.kTooSmallCsr.bin" --node-id 101
    refused 4 "" "not a SEQUENCE" issue --csr "$csrs.kNotSequenceCsr.bin" --node-id 101
else
    skip "the CSRs of the SDK" "no folder $VECTORS"
fi
openssl req -new -newkey rsa:2048 -nodes -subj /CN=x -keyout "$work/rsa.key" -out "$work/rsa.csr" 2>/dev/null
refused 4 key-alg "an RSA key" issue --csr "$work/rsa.csr" --node-id 101
for curve in P-384 secp256k1; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:$curve -nodes -subj /CN=x -keyout "$work/curve.key" -out "$work/curve.csr" 2>/dev/null
    refused 4 curve "a key on $curve" issue --csr "$work/curve.csr" --node-id 101
done
openssl req -new -key "$work/b.key" -subj /CN=x -sha384 -out "$work/sha384.csr"
refused 4 csr-sig-alg "a signature with SHA-384" issue --csr "$work/sha384.csr" --node-id 101
cat "$work/a.csr" "$work/b.csr" >"$work/two.csr"
refused 4 pem-count "two PEM blocks" issue --csr "$work/two.csr" --node-id 101
refused 4 private-key "a private key" issue --csr "$work/a.key" --node-id 101
! grep -qF "$(sed -n 2p "$work/a.key")" "$err" && pass "it is not repeated" || fail "it is not repeated"
openssl x509 -req -in "$work/a.csr" -signkey "$work/a.key" -out "$work/a.pem" 2>/dev/null
refused 4 "" "a certificate" issue --csr "$work/a.pem" --node-id 101
refused 4 empty "an empty file" issue --csr /dev/null --node-id 101
refused 5 file-not-found "no such file" issue --csr "$work/none" --node-id 101
refused 4 is-directory "a directory" issue --csr "$work" --node-id 101
truncate -s 1G "$work/huge"
refused 4 too-big "a file of 1 GB" issue --csr "$work/huge" --node-id 101
refused 4 too-big "input without end" issue --csr /dev/zero --node-id 101
refused 4 "" "random octets" issue --csr <(head -c 500 /dev/urandom) --node-id 101
cp "$work/b.csr" "$work/closed.csr" && chmod 000 "$work/closed.csr"
if [ "$(id -u)" != 0 ]; then
    refused 4 read "an unreadable CSR" issue --csr "$work/closed.csr" --node-id 101
elif command -v setpriv >/dev/null && setpriv --reuid=65534 --clear-groups test -x "$HEDDLE"; then
    refused 4 read "an unreadable CSR" setpriv --reuid=65534 --clear-groups \
        "$HEDDLE" noc issue home --csr "$work/closed.csr" --node-id 101 --out "$work/refused"
else
    skip "an unreadable CSR" "root reads everything"
fi

same "$(entries "$HEDDLE_STATE" void)" 0 "no refusal used up a serial number"
same "$(ls -A "$work/refused" 2>/dev/null | wc -l)" 0 "no refusal wrote a file"
that "ledger verify" "$HEDDLE" ledger verify

# --- configuration and profiles --------------------------------------------------------------------
conf=$HEDDLE_STATE/heddle.conf
cp "$conf" "$work/conf"
{
    cat "$work/conf"
    printf 'tolerance = 5\n[ lifetimes ]\nnoc = ten days\n[ frob ]\nkey = value\nnonsense\n'
} >"$conf"
first=$(($(wc -l <"$work/conf") + 1))
refused 4 "" "mistakes in heddle.conf" "$HEDDLE" fabric list
for line in $first $((first + 2)) $((first + 4)) $((first + 5)); do
    grep -Eq "(line|lines|,) .*\b$line\b" "$err" && pass "line $line is named" || fail "line $line is named"
done
sed '/^label/d' "$work/conf" >"$conf"
refused 4 conf-missing "heddle.conf without a label" "$HEDDLE" fabric list
sed 's/^sessions.*/sessions = 0/' "$work/conf" >"$conf"
refused 4 conf-value "heddle.conf with no sessions" "$HEDDLE" fabric list
sed 's|^module.*|module = libsofthsm2.so|' "$work/conf" >"$conf"
refused 4 conf-value "heddle.conf with a relative module" "$HEDDLE" fabric list
: >"$conf"
refused 4 "" "an empty heddle.conf" "$HEDDLE" fabric list
cp "$work/conf" "$conf"
profile=$HEDDLE_STATE/profiles/noc.profile
cp "$profile" "$work/profile"
{
    cat "$work/profile"
    printf 'frob = 1\nnameConstraints = critical\n'
} >"$profile"
first=$(($(wc -l <"$work/profile") + 1))
refused 4 conf-key "unknown keys in a profile" issue --csr "$work/b.csr" --node-id 101
for line in $first $((first + 1)); do
    grep -Eq "(line|lines|,) .*\b$line\b" "$err" && pass "line $line is named" || fail "line $line is named"
done
sed 's/^keyUsage.*/keyUsage = critical, keyCertSign/' "$work/profile" >"$profile"
refused 4 profile-rule "a profile that Matter forbids" issue --csr "$work/b.csr" --node-id 101
cp "$HEDDLE_STATE/profiles/icac.profile" "$profile"
refused 4 profile-rule "a profile of another kind" issue --csr "$work/b.csr" --node-id 101
sed 's/^validity.*/validity = 20000 days/' "$work/profile" >"$profile"
that "a NOC that would outlive its issuer ends with it" give long --csr "$work/b.csr" --node-id 101 --format pem
same "$(openssl x509 -in "$work/long/noc.pem" -noout -enddate)" "$(openssl x509 -in "$work/long/icac.pem" -noout -enddate)" \
    "at the issuer's end"
cp "$work/profile" "$profile"
printf '[ lifetimes ]\nnoc = 30 days\n' >>"$conf"
new_csr month
that "heddle.conf shortens a lifetime" give month --csr "$work/month.csr" --node-id 102 --format pem
that "the NOC lives 30 days" openssl x509 -in "$work/month/noc.pem" -noout -checkend $((29 * 86400))
openssl x509 -in "$work/month/noc.pem" -noout -checkend $((31 * 86400)) >"$out" && fail "and no longer" || pass "and no longer"
finish
