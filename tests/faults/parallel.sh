#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Eight processes that issue at once into one state: two batches, a batch of the same requests twice, and loops of
# noc issue, while others read. Then one that sleeps with an intent open while others start.
set -eu
. tests/faults/lib.bash

export HEDDLE_STATE=$work/state
size=${BATCH:-1500} loops=${LOOPS:-12}
"$HEDDLE" init -q
chaos "$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
requests "$size" one >"$work/one"
requests "$size" two >"$work/two"
requests "$size" twice >"$work/twice"
mkdir "$work/out"
for p in 1 2 3 4; do
    for i in $(seq "$loops"); do
        new_csr "k$p-$i"
        echo "{\"id\":\"loop-$p-$i\"}" >>"$work/loops"
    done
done

loop() { # every request is asked for twice
    local i
    for i in $(seq "$loops"); do
        for _ in 1 2; do
            heddle -q noc issue home --csr "$work/k$1-$i.csr" --node-id next --request-id "loop-$1-$i" --out "$work/out/$1-$i" ||
                echo "loop $1-$i: status $?" >>"$work/trouble"
        done
    done
}
batch() { heddle -q noc batch home --in "$work/$1" --out "$work/$2.answers" --name "$2" || echo "$2: status $?" >>"$work/trouble"; }
reader() {
    while [ ! -e "$work/stop" ]; do
        "$HEDDLE" -q ledger verify || echo "verify: status $?" >>"$work/trouble"
        "$HEDDLE" ledger list --limit 20 >/dev/null || echo "list: status $?" >>"$work/trouble"
        "$HEDDLE" ledger search --node-id 1 --json >/dev/null || echo "search: status $?" >>"$work/trouble"
        "$HEDDLE" ledger export >"$work/exported" || echo "export: status $?" >>"$work/trouble"
        [ "$(tail -n 1 "$work/exported" | sed 's/.*"leaf": *\([0-9]*\).*/\1/')" = $(($(wc -l <"$work/exported") - 1)) ] ||
            echo "export: not the first entries of some moment" >>"$work/trouble"
        "$HEDDLE" ledger status >/dev/null || echo "status: status $?" >>"$work/trouble"
        "$HEDDLE" ledger prove 5 --no-sign >"$work/5.proof" || echo "prove: status $?" >>"$work/trouble"
        "$MATTERCERT" proof check "$work/5.proof" --key "$work/audit.pem" >/dev/null || echo "proof: status $?" >>"$work/trouble"
        "$HEDDLE" batch list >/dev/null || echo "batch list: status $?" >>"$work/trouble"
        sleep 0.2
    done
}
: >"$work/trouble"
"$HEDDLE" -q ledger key --out "$work/audit.pem"
jobs=()
for p in 1 2 3 4; do loop $p >/dev/null 2>>"$work/said" & jobs+=($!); done
batch one one 2>>"$work/said" & jobs+=($!)
batch two two 2>>"$work/said" & jobs+=($!)
batch twice twice 2>>"$work/said" & jobs+=($!)
batch twice again 2>>"$work/said" & jobs+=($!)
reader 2>>"$work/said" & reads=$!
wait "${jobs[@]}"
touch "$work/stop"
wait $reads
cp "$work/said" "$err"
same "$(cat "$work/trouble")" "" "eight processes issue at once, none is refused or fails"
rm -f "$work/stop"
for name in one two; do
    model "batch $name" requests="$work/$name" results="$work/$name.answers"
done
model "the same batch in two processes: the same bytes" requests="$work/twice" results="$work/twice.answers"
model "in the other too" requests="$work/twice" results="$work/again.answers"
issued() { grep -c '"status":"issued"' "$work/$1.answers" || true; }
same $(($(issued twice) + $(issued again))) "$size" "each request was issued by one of them, repeated by the other"
# shellcheck disable=SC2046
model "noc issue: one certificate for each request" requests="$work/loops" $(find "$work/out" -name noc.tlv -printf 'released=%p ')
cat "$work/one" "$work/two" "$work/twice" "$work/loops" >"$work/all"
model "no signature without intent" requests="$work/all" log="$CHAOS_LOG"
verified "ledger verify"
node_ids() { "$HEDDLE" ledger list --type issued --json | sed -n 's/.*"request_id": "loop[^"]*".*"node_id": "\([^"]*\)".*/\1/p'; }
same "$(node_ids | sort | uniq -d | wc -l)" 0 "no node id of 'next' is there twice"
n=0
for serial in $("$HEDDLE" ledger list --type issued --json | sed -n 's/.*"serial": "\([0-9a-f]*\)".*/\1/p' | shuf -n 12); do
    "$HEDDLE" ledger prove "$serial" >"$out" 2>"$err" && n=$((n + 1))
done
same "$n" 12 "certificates of all of them can be proven"

# --- an intent that is alive -----------------------------------------------------------------------
crash=$tools/heddle-crash
at=$(nm "$crash" | awk '$3 == "issue_sign" { print $1 }' | sed 's/^0*//')
voids=$(entries "$HEDDLE_STATE" void)
new_csr slow
# noc_issue waits between its intent and its signature.
HEDDLE_CRASH_AT=$at:begin:1 HEDDLE_CRASH_DELAY=2500 "$crash" -q noc issue home --csr "$work/slow.csr" --node-id next \
    --request-id slow --out "$work/out/slow" >/dev/null 2>"$work/said" &
job=$!
sleep 1
for i in 1 2 3; do
    new_csr q
    that "noc issue beside it" "$HEDDLE" -q noc issue home --csr "$work/q.csr" --node-id next --out "$work/out/q"
done
that "it goes on" wait $job
same "$(entries "$HEDDLE_STATE" void)" "$voids" "the intent of a living process is not burned"
verified "ledger verify"
same "$(find "$HEDDLE_STATE/run" -type f | wc -l)" 0 "no lock stays"
finish
