#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The audit side of the ledger: checkpoints, proofs, verifying, searching, exporting, status.
set -eu
. "$(dirname "$0")/lib.sh"

state=$work/state
on() { "$HEDDLE" --state "$state" "$@"; }
on init -q
on fabric create home --fabric-id 0xFAB1 >/dev/null
on fabric create barn --fabric-id 0xFAB2 >/dev/null
for i in 1 2 3; do
    new_csr "n$i"
    eval "s$i=\$(on -q noc issue home --csr '$work/n$i.csr' --node-id $i --cat 0x0001000$i --request-id req-$i --out '$work/n$i')"
done
new_csr b1
barn=$(on -q noc issue barn --csr "$work/b1.csr" --node-id 1 --out "$work/b1")

# --- checkpoints -----------------------------------------------------------------------------------
that "init and fabric create signed a checkpoint" test -s "$state/checkpoint"
same "$(sed -n 2p "$state/checkpoint")" 11 "over what there was then"
that "checkpoint" on ledger checkpoint --out "$work/witness.note"
cmp -s "$state/checkpoint" "$work/witness.note" && pass "the copy is the checkpoint" || fail "the copy is the checkpoint"
same "$(sed -n 2p "$work/witness.note")" 15 "over all entries"
same "$(on ledger checkpoint --out - 2>/dev/null | sed -n 2p)" 15 "--out - is standard output"
refused 2 usage "--out - with --json" on ledger checkpoint --json --out -
that "ledger key" on ledger key --out "$work/audit.pem"
that "OpenSSL reads the key" openssl pkey -pubin -in "$work/audit.pem" -noout
same "$(on ledger key --json | grep -c '"heddle.audit-key/1"')" 1 "ledger key --json has its schema"
# the signature as OpenSSL sees it: body up to the empty line; four octets of key id before the DER
sed '/^$/,$d' "$work/witness.note" >"$work/body"
tail -n 1 "$work/witness.note" | awk '{ print $3 }' | base64 -d | tail -c +5 >"$work/sig"
that "OpenSSL verifies the checkpoint" openssl dgst -sha256 -verify "$work/audit.pem" -signature "$work/sig" "$work/body"

# --- verify ----------------------------------------------------------------------------------------
that "verify" on ledger verify
grep -q '^valid: all 15 entries; signed checkpoint over 15$' "$out" && pass "and says what" || fail "and says what" "$(cat "$out")"
that "verify with witness and key" on ledger verify --checkpoint "$work/witness.note" --key "$work/audit.pem"
that "verify since a checkpoint" on ledger verify --since-checkpoint "$work/witness.note"
grep -q '^valid: no entry came after' "$out" && pass "and says what" || fail "and says what" "$(cat "$out")"
same "$(on ledger verify --json | grep -c '"heddle.verify/1"')" 1 "verify --json has its schema"
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl ec -pubout -out "$work/other.pem" 2>/dev/null
refused 9 ledger "verify with another audit key" on ledger verify --key "$work/other.pem"
sed 's/^15$/14/' "$work/witness.note" >"$work/bad.note"
refused 9 ledger "a witness that was changed" on ledger verify --checkpoint "$work/bad.note"
refused 5 file-not-found "a witness that is not there" on ledger verify --checkpoint "$work/none"
"$HEDDLE" --state "$work/foreign" init -q
refused 9 ledger "the checkpoint of another ledger" on ledger verify --checkpoint "$work/foreign/checkpoint"

# --- proofs ----------------------------------------------------------------------------------------
that "prove by serial" on ledger prove "$s2" --out "$work/n2.proof"
that "prove by entry number" on ledger prove 0 --out "$work/0.proof"
that "mattercert checks it with the certificate" "$MATTERCERT" proof check "$work/n2.proof" --key "$work/audit.pem" --cert "$work/n2/noc.tlv"
that "and entry 0" "$MATTERCERT" proof check "$work/0.proof" --key "$work/audit.pem"
same "$(on ledger prove "$s2" --json | grep -c '"heddle.proof/1"')" 1 "prove --json has its schema"
refused 5 not-found "prove what is not there" on ledger prove 99
new_csr late
late=$(on -q noc issue home --csr "$work/late.csr" --node-id 9 --out "$work/late")
refused 3 not-covered "prove --no-sign before a checkpoint" on ledger prove "$late" --no-sign
that "prove signs a checkpoint first" on ledger prove "$late" --out "$work/late.proof"
that "that proof holds" "$MATTERCERT" proof check "$work/late.proof" --key "$work/audit.pem" --cert "$work/late/noc.tlv"
that "the older witness still fits" on ledger verify --checkpoint "$work/witness.note"

# --- search ----------------------------------------------------------------------------------------
found() { on ledger search --json "$@" | sed -n 's/.*"serial": *"\([0-9a-f]*\)".*/\1/p' | tr '\n' ' '; }
same "$(found --serial "$s1")" "$s1 " "search by serial"
same "$(found --node-id 1)" "$s1 $barn " "by node id in all fabrics"
same "$(found --node-id 1 --fabric barn)" "$barn " "by node id in one"
same "$(found --key "$work/n3.csr")" "$s3 " "by key, from a CSR"
same "$(found --key "$work/n3/noc.tlv")" "$s3 " "by key, from a certificate"
same "$(found --request-id req-2)" "$s2 " "by request id"
same "$(found --cat 0x00010003)" "$s3 " "by CAT"
same "$(found --type issued --fabric home --limit 2)" "$s1 $s2 " "by type and fabric, with a limit"
same "$(found --type issued --issued-after 2100-01-01)" "" "nothing from the future"
same "$(found --type issued --issued-before 2100-01-01 | wc -w)" 5 "all from the past"
same "$(found --type issued --expires-before 2020-01-01)" "" "nothing that is expired"
same "$(found --serial "$s1" --fabric barn)" "" "all options must fit"
same "$(found --kind icac --fabric barn)$(found --kind icac | wc -w)" 2 "by kind"
same "$(found --authority 4)" "$(found --authority 4 --kind icac)$barn " "by authority: its own certificate, and what it issued"
same "$(found --authority 4 --status valid --type issued)" "$barn " "what it issued and is valid"
same "$(found --status expired)$(found --status revoked)" "" "nothing is expired or revoked"
same "$(found --expires-after 2040-01-01 --type issued | wc -w)$(found --expires-after 9000-01-01 --type issued)" 5 "by the end of validity"
skid=$(on ledger show "$s2" | sed -n 's/^  key id *//p')
same "$(found --subject-key-id "$skid")" "$s2 " "by subject key id"
same "$(on ledger search --name barn --json | grep -c '"fabric"')" 1 "by name"
on -q fabric export barn --out "$work/chain" --format pem
same "$(on ledger search --key "$work/chain/icac.pem" --json | grep -c '"authority"')" 1 "by the key of an authority"
refused 6 "" "a request that is refused" on noc issue home --csr "$work/n2.csr" --node-id 2 --request-id req-1 --out "$work/no"
echo '{"id":"in-a-batch","csr":"AAAA","node_id":"0x1"}' >"$work/bad.jsonl"
refused 10 partial "a batch with a bad line" on -q noc batch home --in "$work/bad.jsonl" --out "$work/bad.out" --name monday
same "$(on ledger search --batch monday --json | grep -c '"refused"')" 1 "by batch"
same "$(on ledger search --batch 1 --rule form --json | grep -c '"in-a-batch"')" 1 "by its number, and by rule"
same "$(on ledger search --rule form | tail -n 1 | awk '{ print $3, $4, $5, $6 }')" "refused noc 0x0000000000000001: form" "a list tells the rule"
refused 2 usage "a kind that is none" on ledger search --kind nok
refused 2 usage "a status that is none" on ledger search --status lost
refused 2 usage "a subject key id that is too short" on ledger search --subject-key-id 00
refused 5 not-found "an authority that is none" on ledger search --authority 99
refused 5 not-found "a batch that is none" on ledger search --batch friday
refused 2 time-text "a time that is none" on ledger search --issued-after yesterday
refused 5 not-found "a fabric that is none" on ledger search --fabric shed
refused 2 usage "a type that is none" on ledger search --type lost

# --- export ----------------------------------------------------------------------------------------
same "$(on ledger export | wc -l)" 18 "export: a line for each entry"
same "$(on ledger export --format csv | wc -l)" 19 "CSV: and one of names"
same "$(on ledger export --format csv | grep ",$s1," | awk -F, '{ print $NF }' | cut -c5-)" "${expires:=$(on ledger show "$s1" | sed -n 's/^  expires *....//p')}" "CSV tells when it expires"
same "$(on ledger export --from 10 | wc -l)" 8 "export --from"
that "export to a file" on ledger export --out "$work/all.jsonl"
same "$(wc -l <"$work/all.jsonl")" 18 "which is whole"
that "export of certificates" on ledger export --format certs --out "$work/certs"
cmp -s "$work/certs/$s2.tlv" "$work/n2/noc.tlv" && pass "which are those issued" || fail "which are those issued"
same "$(find "$work/certs" -name '*.tlv' | wc -l)" 9 "all of them"
refused 2 usage "a format that is none" on ledger export --format xml
# the leaf of each exported entry is what the ledger's root is made of
node=$(sed -n '1s/.*"entry": *"\([0-9a-f]*\)".*/\1/p' "$work/all.jsonl")
same "$( (printf '\0'; printf %s "$node" | xxd -r -p) | sha256sum | cut -d' ' -f1)" \
    "$(on ledger prove 0 --json | sed -n 's/.*"leaf_hash": *"\([0-9a-f]*\)".*/\1/p')" "a stranger computes the leaf"

# --- status ----------------------------------------------------------------------------------------
on ledger status >"$out"
grep -q '^home  *icac 2  *4  *0  *0 ' "$out" && pass "status counts by authority" || fail "status counts by authority" "$(cat "$out")"
grep -q '^  20[0-9-]*  *4  ##' "$out" && pass "status has a chart" || fail "status has a chart"
same "$(on ledger status --json | grep -c '"heddle.ledger-status/1"')" 1 "status --json has its schema"
same "$(on ledger status --fabric barn | grep -c '^barn')" 2 "status of one fabric"

# --- two ledgers from one ----------------------------------------------------------------------------
cp -a "$state" "$work/twin"
new_csr here
new_csr there
on -q noc issue home --csr "$work/here.csr" --node-id 50 --out "$work/here" >/dev/null
"$HEDDLE" --state "$work/twin" -q noc issue home --csr "$work/there.csr" --node-id 51 --out "$work/there" >/dev/null
on -q ledger checkpoint
"$HEDDLE" --state "$work/twin" -q ledger checkpoint
that "each of two copies that went on is sound in itself" "$HEDDLE" --state "$work/twin" ledger verify
refused 9 ledger "the checkpoint of the other shows the fork" on ledger verify --checkpoint "$work/twin/checkpoint"
grep -q forked "$err" && pass "and says so" || fail "and says so"
on ledger verify --checkpoint "$work/twin/checkpoint" --json >"$out" 2>"$err" || true
same "$(json_value "$out" valid)" false "in JSON too"

# --- an older ledger, a lost checkpoint --------------------------------------------------------------
cp "$state/ledger.db" "$work/old.db"
new_csr z
on -q noc issue home --csr "$work/z.csr" --node-id 77 --out "$work/z" >/dev/null
on -q ledger checkpoint
cp "$state/ledger.db" "$work/new.db"
cp "$work/old.db" "$state/ledger.db"
for verb in "ledger list" "ledger verify" "fabric list" "ledger checkpoint" "fabric create x --fabric-id 1"; do
    # shellcheck disable=SC2086
    refused 9 ledger "an older database: $verb" on $verb
    grep -q 'rolled back' "$err" && pass "and says so" || fail "and says so"
done
cp "$work/new.db" "$state/ledger.db"
that "with the right one it goes on" on ledger verify
mv "$state/checkpoint" "$work/kept"
refused 9 checkpoint-none "without a checkpoint nothing is issued" on noc issue home --csr "$work/z.csr" --node-id 77 --out "$work/z2"
that "reading goes on" on ledger list
grep -q 'checkpoint is missing' "$err" && pass "with a warning" || fail "with a warning"
that "a checkpoint kept elsewhere is compared" on ledger verify --checkpoint "$work/kept"
that "--adopt verifies and signs" on ledger checkpoint --adopt
refused 6 exists "--adopt is for lost checkpoints" on ledger checkpoint --adopt
that "then it issues again" on noc issue home --csr "$work/z.csr" --node-id 77 --out "$work/z3"

# --- batches ----------------------------------------------------------------------------------------
signed() { sed -n 2p "$state/checkpoint"; }
request() {
    new_csr "$1"
    printf '{"id":"%s","csr":"%s","node_id":"next"}\n' "$1" "$(openssl req -in "$work/$1.csr" -outform DER | base64 -w 0)"
}
# conversation NAME yes|no: a batch that gets two requests, and more than a second later two more; leaves what was signed
# over before it, when all four were answered (yes: and something new was signed), and at its end
conversation() {
    local i
    for i in 1 2 3 4; do request "$1-$i" >"$work/request.$i"; done
    mkfifo "$work/fifo"
    on -q noc batch home --in - --out - <"$work/fifo" >"$work/answers" &
    exec 3>"$work/fifo"
    before=$(signed)
    cat "$work/request.1" "$work/request.2" >&3
    sleep 1.3
    cat "$work/request.3" "$work/request.4" >&3
    for ((i = 0; i < 100; i++)); do
        during=$(signed)
        if [ "$(wc -l <"$work/answers")" = 4 ] && { [ "$2" = no ] || [ "$during" != "$before" ]; }; then break; fi
        sleep 0.1
    done
    exec 3>&-
    wait $!
    after=$(signed)
    rm "$work/fifo"
}
on -q ledger checkpoint
conversation seldom no
same "$during $after" "$before $((before + 4))" "a batch below checkpoint-every is signed over at its end"
sed -i 's/^checkpoint-every = .*/checkpoint-every = 2/' "$state/heddle.conf"
for sessions in 1 4; do
    sed -i "s/^sessions = .*/sessions = $sessions/" "$state/heddle.conf"
    conversation "often-$sessions" yes
    [ "$during" -gt "$before" ] && [ "$after" = $((before + 4)) ] &&
        pass "above it, while it runs too, with $sessions sessions" || fail "above it, while it runs too, with $sessions sessions" "$before $during $after"
done
that "all of it verifies" on ledger verify
number=$(on batch list --json | sed -n 's/.*"number": *\([0-9]*\).*/\1/p' | tail -n 1)
on ledger export >"$out"
same "$(tail -n 1 "$out" | grep -c "\"batch\": *$number[,}]")" 1 "an entry's JSON names its batch"
same "$(on ledger show "$((after - 1))" | sed -n 's/^  batch  *//p')" "$number" "and so does its page"
same "$(sed -n 1,12p "$out" | grep -c '"batch"')" 0 "others have none"

finish
