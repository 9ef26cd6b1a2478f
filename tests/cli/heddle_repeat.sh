#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The same request twice, and many requests at once on one state.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE HEDDLE_STATE=$work/state work
"$HEDDLE" init -q
"$HEDDLE" fabric create home --fabric-id 0xFAB1 >/dev/null
give() { # DIR ARGUMENT...
    "$HEDDLE" noc issue home --out "$work/$1" --format all --json "${@:2}"
}
for name in a b c; do new_csr $name; done

again() { # NAME DIR ARGUMENT...
    local name=$1 dir=$2
    shift 2
    that "$name: first" give "$dir-1" "$@"
    same "$(json_value "$out" status)" issued "$name: is issued"
    serial=$(json_value "$out" serial)
    that "$name: again" give "$dir-2" "$@"
    same "$(json_value "$out" status)" repeated "$name: is repeated"
    same "$(json_value "$out" serial)" "$serial" "$name: has the same serial number"
    that "$name: has the same bytes" diff -r "$work/$dir-1" "$work/$dir-2"
}
again "a request with an id" id --csr "$work/a.csr" --node-id 5 --request-id 'order/17:a~"%s'
again "a request without id" auto --csr "$work/b.csr" --node-id 6 --cat 0xABCD0001
again "a request for the next node" next --csr "$work/c.csr" --node-id next
that "a repeated request writes other formats too" "$HEDDLE" noc issue home --csr "$work/c.csr" --node-id next --out "$work/tlv" --json
same "$(json_value "$out" status)" repeated "and is repeated"
that "with the bytes of before" cmp "$work/tlv/noc.tlv" "$work/next-1/noc.tlv"
openssl req -in "$work/c.csr" -outform DER -out "$work/c.der"
that "the same CSR in another form" give other --csr "$work/c.der" --node-id next
same "$(json_value "$out" status)" repeated "is the same request"
openssl req -new -key "$work/c.key" -subj /CN=other -out "$work/c2.csr"
that "another CSR of the same key" give other2 --csr "$work/c2.csr" --node-id next
same "$(json_value "$out" status)" repeated "is the same request, since a CSR gives a key and nothing else"
that "a node gets a second certificate" give renewed --csr "$work/a.csr" --node-id 5 --request-id order/18
same "$(json_value "$out" status)" issued "under another request id"
same "$(json_value "$out" replaces)" true "and the answer says that it replaces one"
that "the first id still gives the first bytes" give id-3 --csr "$work/a.csr" --node-id 5 --request-id 'order/17:a~"%s'
that "byte for byte" diff -r "$work/id-1" "$work/id-3"

# --- many at once ----------------------------------------------------------------------------------
storm() { # PROCESSES REQUESTS
    local before
    before=$(entries "$HEDDLE_STATE" issued)
    for i in $(seq "$2"); do [ -f "$work/s$i.csr" ] || new_csr "s$i"; done
    : >"$err"
    seq "$2" | xargs -P "$1" -I@ sh -c \
        '"$HEDDLE" noc issue home --csr "$work/s@.csr" --node-id next --request-id "storm-$0-@" --out "$work/storm-$0-@" --json >"$work/storm-$0-@.json" 2>>"$work/stderr"' "$1" &&
        pass "$1 processes, $2 requests: none fails" || fail "$1 processes, $2 requests: none fails"
    same "$(($(entries "$HEDDLE_STATE" issued) - before))" "$2" "each has one certificate"
    same "$(sed -n 's/.*"serial": "\([^"]*\)".*/\1/p' "$work/storm-$1"-*.json | sort -u | wc -l)" "$2" "each has its own serial number"
    same "$(sed -n 's/.*"node_id": "\([^"]*\)".*/\1/p' "$work/storm-$1"-*.json | sort -u | wc -l)" "$2" "each has its own node id"
    for i in $(seq "$2"); do
        [ -s "$work/storm-$1-$i/noc.tlv" ] || fail "request $i has its file"
    done
    that "ledger verify" "$HEDDLE" ledger verify
}
storm 2 24
rm -f "$work"/s*.csr
storm 8 48

rm -f "$work"/race*
new_csr race
seq 8 | xargs -P 8 -I@ sh -c '"$HEDDLE" noc issue home --csr "$work/race.csr" --node-id next --out "$work/race@" --json >"$work/race@.json" 2>>"$work/stderr"' &&
    pass "eight processes with one request: none fails" || fail "eight processes with one request: none fails"
same "$(cat "$work"/race?/noc.tlv | sha256sum)" "$(for i in 1 2 3 4 5 6 7 8; do cat "$work/race1/noc.tlv"; done | sha256sum)" \
    "all have the same bytes"
same "$(grep -h -c '"status": "issued"' "$work"/race?.json | grep -c 1)" 1 "one was issued, the others repeated"

seq 4 | xargs -P 4 -I@ sh -c '"$HEDDLE" fabric create twin --fabric-id 2 >/dev/null 2>"$work/twin@.err"; echo $? >"$work/twin@.status"'
same "$(sort "$work"/twin?.status | tr '\n' ' ')" "0 6 6 6 " "four processes make one fabric: one does, the others say that it exists"
: >"$err"
seq 8 | xargs -P 8 -I@ sh -c '"$HEDDLE" fabric create fab@ --fabric-id 3 >/dev/null 2>>"$work/stderr"' &&
    pass "eight fabrics at once" || fail "eight fabrics at once"
that "ledger verify" "$HEDDLE" ledger verify
same "$(ls "$HEDDLE_STATE/run" | wc -l)" 0 "no process left its lock"
finish
