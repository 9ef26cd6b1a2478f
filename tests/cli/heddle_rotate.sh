#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rotation, renewal, removal: each step, each refusal, and kill -9 at random moments.
#
# KILLS: how often each operation is killed (25).
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
kills=${KILLS:-25}
helper killer
helper fleet -lcrypto -ljansson
q() { "$HEDDLE" -q "$@"; }
state_of() { "$HEDDLE" fabric show "${2:-home}" | awk -v n="$1," '$1 == "authority" && $2 == n { print $3 }'; }
issue() { q noc issue home --csr "$work/$1.csr" --node-id "$2" --out "$work/$1" "${@:3}"; }
chain() { "$MATTERCERT" verify --root "$work/$1/rcac.tlv" --ica "$work/$1/icac.tlv" "$work/$1/noc.tlv"; }

q init
q fabric create home --fabric-id 0xFAB1 >"$out"
for name in a b c d e f; do new_csr $name; done
issue a 1 --request-id first --cat 0x00010001 >"$out"
issue b 2 --cat 0x00010001 >"$out"

# --- prepared, active, draining, retired ------------------------------------------------------------
that "rotate --prepare-only" q ica rotate home --prepare-only
same "$(state_of 2) $(state_of 3)" "active prepared" "the new ICA is prepared, the old one signs"
that "the same again goes on with it" q ica rotate home --prepare-only --json
same "$(json_value "$out" step) $(state_of 4)" "prepared " "and makes no other"
refused 3 authority-state "but not with another kind of key" q ica rotate home --same-key
issue c 3 >"$out"
same "$(q node list home | awk '$1 ~ /3$/ { print $4 }')" 2 "a NOC of now is from the old one"
that "activate" q ica activate home
same "$(state_of 2) $(state_of 3)" "draining active" "the new one signs, the old one drains"
refused 3 authority-state "there is no prepared one any more" q ica activate home
that "rollback" q ica rollback home
same "$(state_of 2) $(state_of 3)" "active prepared" "undoes it while no node depends on it"
that "rollback" q ica rollback home
same "$(state_of 2) $(state_of 3)" "active retired" "and once more drops the new one"
refused 3 authority-state "then there is nothing to undo" q ica rollback home
refused 3 authority-state "a retired ICA stays so" q ica activate home 3
refused 3 authority-state "the active one cannot be retired" q ica retire home 2
refused 3 authority-state "nothing drains" q ica retire home
refused 5 not-found "no such fabric" q ica rotate nowhere
refused 5 not-found "a root is no ICA" q ica activate home 1
refused 2 usage "a word is no authority" q ica activate home new
that "rotate alone does both steps" q ica rotate home
same "$(state_of 2) $(state_of 4)" "draining active" "with a new ICA"

# --- what nodes see ---------------------------------------------------------------------------------
that "the same request after it" issue a 1 --request-id first --cat 0x00010001 --json
same "$(json_value "$out" status)" repeated "gives the old bytes"
that "with the old ICAC" chain a
issue d 4 >"$out"
that "a new one hangs from the new ICA" chain d
cmp -s "$work/a/icac.tlv" "$work/d/icac.tlv" && fail "with another ICAC" || pass "with another ICAC"
same "$(q campaign home | tail -n 1)" "done 1 of 4" "campaign counts"
q campaign home --json >"$work/campaign"
same "$(python3 -c 'import json,sys; c=json.load(open(sys.argv[1])); print(c["done"], c["live"], *(n["node_id"][-1]+n["reason"]+",".join(n["cats"]) for n in c["pending"]))' "$work/campaign" 2>"$err")" \
    "1 4 1issuer0x00010001 2issuer0x00010001 3issuer" "and tells what each needs"
refused 3 authority-in-use "the old one cannot be retired" q ica retire home
refused 3 authority-in-use "nor the step be undone" q ica rollback home
that "the former one can be taken back" q ica activate home 2
same "$(state_of 2) $(state_of 4)" "active draining" "without undoing"
that "and again" q ica activate home 4

# --- renewal ----------------------------------------------------------------------------------------
that "noc renew with a new CSR" q noc renew home --node-id 1 --csr "$work/e.csr" --out "$work/e"
that "its chain" chain e
that "with the CATs of before" "$MATTERCERT" show "$work/e/noc.tlv"
grep -qi 00010001 "$out" && pass "which are there" || fail "which are there"
that "for the same key" q noc renew home --node-id 2 --out "$work/b2" --json
serial=$(json_value "$out" serial)
that "its chain" chain b2
that "the same command" q noc renew home --node-id 2 --out "$work/b2" --json
same "$(json_value "$out" status) $(json_value "$out" serial)" "repeated $serial" "gives the same bytes"
that "with a request id" q noc renew home --node-id 2 --request-id r2 --cat 0x00020005 --out "$work/b3"
refused 6 request-conflict "the id for other content" q noc renew home --node-id 2 --request-id r2 --no-cat --out "$work/b3"
refused 2 usage "CATs and none" q noc renew home --node-id 2 --no-cat --cat 0x00020005 --out "$work/b3"
refused 5 not-found "a node without any NOC" q noc renew home --node-id 77 --out "$work/b3"
refused 3 key-taken "another node's key" q noc renew home --node-id 3 --csr "$work/e.csr" --out "$work/b3"

# --- CATs -------------------------------------------------------------------------------------------
q noc renew home --node-id 2 --request-id r3 --cat 0x00010001 --out "$work/b4" >"$out"
that "cat bump" q cat bump home --cat 0x00010003 --json
same "$(json_value "$out" nodes)" 2 "lists who needs a new NOC"
refused 3 cat-version-old "the same version again" q cat bump home --cat 0x00010003
refused 3 cat-version-old "a lower one" q cat bump home --cat 0x00010002
refused 3 request-cat "version 0" q cat bump home --cat 0x00010000
that "a renewal carries the new version" q noc renew home --node-id 2 --out "$work/b5"
"$MATTERCERT" show "$work/b5/noc.tlv" | grep -qi 00010003 && pass "by itself" || fail "by itself"
that "cat bump --list records nothing" q cat bump home --cat 0x00010003 --list --json
same "$(json_value "$out" nodes) $(entries "$HEDDLE_STATE" decision)" "1 1" "and tells who is left"

# --- nodes ------------------------------------------------------------------------------------------
that "node remove" q node remove home --node-id 3 --why "sold"
same "$(grep -c stops: "$out")" 5 "tells what each step stops"
refused 3 node-removed "a removed node gets no NOC" issue f 3
refused 3 node-removed "nor a renewal" q noc renew home --node-id 3 --out "$work/f"
echo 0x3 | "$work/fleet" ask x >"$work/requests"
status=0
q noc batch home --in "$work/requests" --out "$work/results" >"$out" 2>"$err" || status=$?
same "$status $(grep -c '"node-removed"' "$work/results")" "10 1" "nor one in a batch"
was=$(q ledger verify)
that "removed again" q node remove home --node-id 3 --json
same "$(grep -c '"stops"' "$out")" 5 "  it tells the steps again"
same "$(q ledger verify)" "$was" "  and records nothing"
refused 5 not-found "a node that is not there" q node remove home --node-id 0x99
refused 3 request-node-id "no node id" q node remove home --node-id 0
refused 2 usage "a reason that steers terminals" q node remove home --node-id 1 --why $'\e[2J'
same "$(q node list home --removed | awk '$2 == "removed"' | wc -l)" 1 "node list --removed"
that "node show" q node show home --node-id 3
grep -q ', removed$' "$out" && pass "says that it was removed" || fail "says that it was removed"
that "--force takes it back" issue f 3 --force
same "$(entries "$HEDDLE_STATE" decision)" 3 "and the ledger has it on record"
that "node list" q node list home --json

new_csr h

# --- the ends of an ICA -----------------------------------------------------------------------------
q ica rotate home >"$out"
that "retire --force" q ica retire home 4 --force
"$HEDDLE" ledger list --type state --json | grep -q '"why": "forced while 4 live NOCs hang from it"' && pass "is on record" || fail "is on record"
q ica retire home 2 >"$out"
same "$(state_of 2) $(state_of 4) $(state_of 5)" "retired retired active" "both are retired"
that "a campaign still knows the nodes" q campaign home
same "$(tail -n 1 "$out")" "done 0 of 4" "of the one that was forced"
refused 2 usage "its lines are JSON already" q campaign home --requests --json
q campaign home --requests >"$work/pending.jsonl"
same "$(wc -l <"$work/pending.jsonl") $(grep -c '"cats": *\["0x00010003"\]' "$work/pending.jsonl")" "4 2" "its lines for a batch have the CATs, raised"
head -n 1 "$work/pending.jsonl" | sed "s|}\$|,\"csr\":\"$(openssl req -in "$work/h.csr" -outform DER | base64 -w 0)\"}|" >"$work/requests"
that "with a CSR a line is a request" q noc batch home --in "$work/requests" --out "$work/results"
same "$(q campaign home | tail -n 1)" "done 1 of 4" "after which its node is done"
same "$(q campaign home --requests | wc -l)" 3 "and has no line"

# --- the root ---------------------------------------------------------------------------------------
q fabric export home --out "$work/before" >"$out"
that "root renew" q root renew home
q fabric export home --out "$work/after" >"$out"
cmp -s "$work/before/rcac.tlv" "$work/after/rcac.tlv" && fail "a new RCAC" || pass "a new RCAC"
point() { "$MATTERCERT" show "$1" --json | grep -E '"(key_id|subject|public_key|point)' | head -n 3; }
same "$(point "$work/before/rcac.tlv")" "$(point "$work/after/rcac.tlv")" "with the same name and key"
for root in before after; do
    that "the chain of a NOC of before verifies with the root of $root" "$MATTERCERT" verify --root "$work/$root/rcac.tlv" --ica "$work/e/icac.tlv" "$work/e/noc.tlv"
done
same "$(q fabric show home | awk '$1 == "compressed" { print $2 }' | wc -l)" 1 "the fabric is the same"
q ica rotate home --same-key >"$out"
issue f 3 >"$out" 2>"$err" || true
that "an ICAC for the same key" q noc renew home --node-id 4 --out "$work/g"
that "its chain" chain g
that "root replace" q root replace home --to next
refused 6 fabric-replaced "by another one" q root replace home --to other
refused 6 fabric-exists "by itself" q root replace home --to home
that "again: how far it has come" q root replace home --to next --json
same "$(json_value "$out" to_add) $(json_value "$out" moved)" "4 0" "it counts"
that "fabric show names the successor" q fabric show home
grep -q 'replaced by next' "$out" && pass "it does" || fail "it does"

# A fabric without ICA gets one.
q fabric create flat --fabric-id 2 --no-ica >"$out"
new_csr flat
q noc issue flat --csr "$work/flat.csr" --node-id 1 --out "$work/flat" >"$out"
refused 3 authority-state "there is no ICA whose key could be kept" q ica rotate flat --same-key
that "a first ICA" q ica rotate flat
same "$(q campaign flat | tail -n 1)" "done 0 of 1" "its node hangs from the root"
refused 3 authority-state "there is none to go back to" q ica rollback flat
that "a renewal" q noc renew flat --node-id 1 --out "$work/flat2"
that "hangs from the ICA" chain flat2
that "ledger verify" q ledger verify

# --- kill -9 ----------------------------------------------------------------------------------------
# slay NAME ARGUMENTS...: runs it to its end once to learn how long it takes, then kills it at random moments. Each time the
# fabric must be usable and a further call must succeed or say that all is done.
slay() {
    local name=$1 begin long died=0 i
    shift
    begin=$(date +%s%N)
    q "$@" >"$out" 2>"$err" || true
    long=$((($(date +%s%N) - begin) / 1000 * 11 / 10))
    for i in $(seq "$kills"); do
        "$work/killer" KILL "$long" "$HEDDLE" -q "$@" >"$out" 2>"$err" || died=$((died + 1))
        [ "$(q fabric show "$fabric" | grep -c ', active$')" = 2 ] || { fail "$name: one root and one ICA are active"; return; }
        q noc renew "$fabric" --node-id 1 --request-id "${name// /-}-$i" --out "$work/k" >"$out" 2>"$err" || { fail "$name: NOCs are issued" "$i"; return; }
        chain k >"$out" 2>"$err" || { fail "$name: and verify" "$i"; return; }
    done
    pass "$name was killed $died times of $kills; the fabric always worked"
    that "$name goes on" q "$@"
}
fabric=slain
q fabric create slain --fabric-id 3 >"$out"
new_csr slain
q noc issue slain --csr "$work/slain.csr" --node-id 1 --out "$work/slain" >"$out"
slay "ica rotate" ica rotate slain
slay "ica rotate --same-key" ica rotate slain --same-key
slay "root renew" root renew slain
# A rotation that was interrupted is gone on with or rolled back.
for i in $(seq "$kills"); do
    "$work/killer" KILL 60000 "$HEDDLE" -q ica rotate slain >"$out" 2>"$err" || true
    if [ "$(q fabric show slain | grep -c ', prepared$')" -gt 1 ]; then fail "at most one ICA is prepared"; break; fi
    q ica rollback slain >"$out" 2>"$err" || true
done
[ "$(q fabric show slain | grep -c ', active$')" = 2 ] && pass "and rolled back" || fail "and rolled back"
for i in $(seq "$kills"); do
    "$work/killer" KILL 150000 "$HEDDLE" -q root replace slain --to "slain$i" >"$out" 2>"$err" || true
    q fabric show slain >"$out" 2>"$err"
    ! grep -q 'replaced by' "$out" || break
done
successor=$(q fabric show slain | awk '$1 == "replaced" { print $3 }')
that "root replace goes on" q root replace slain --to "${successor:-slain-last}"
that "ledger verify" q ledger verify
finish
