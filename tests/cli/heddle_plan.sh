#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# heddle plan: what ends when; and the runbook docs/rotation.md, each of whose commands is run.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state FAKETIME_DONT_FAKE_MONOTONIC=1
q() { "$HEDDLE" -q "$@"; }
rules() { python3 -c 'import json,sys
for f in json.load(sys.stdin)["fabrics"]:
    print(f["fabric"], *(x["by"][:10] + "=" + x["rule"] for x in f["findings"]))'; }

q init
that "a plan of nothing" q plan
same "$(cat "$out")" "" "is empty"
q fabric create home --fabric-id 0xFAB1 >"$out"
that "a plan of a new fabric" q plan home
grep -q '^nothing to do$' "$out" && pass "has nothing to do" || fail "has nothing to do"
refused 5 not-found "no such fabric" q plan nowhere
refused 2 usage "no time" q plan --until tomorrow

if command -v faketime >/dev/null && ! sanitized; then
    at() { faketime -f "@$1" "$HEDDLE" --state "$work/timed" -q "${@:2}"; }
    at '2026-03-01 12:00:00' init
    printf '[ lifetimes ]\nrcac = 1765 days\nicac = 1200 days\nnoc = 700 days\n' >>"$work/timed/heddle.conf"
    at '2026-03-01 12:00:00' fabric create home --fabric-id 1 >"$out"
    for n in 1 2 3; do
        new_csr "n$n"
        at '2026-03-01 12:00:00' noc issue home --csr "$work/n$n.csr" --node-id "$n" --out "$work/n$n" >"$out"
    done
    same "$(at '2026-03-02 12:00:00' plan --json --until 2026-06-01 | rules)" "home 2030-12-30=plan-2030" \
        "nothing ends in three months, but the date of the SDK's example is told at once"
    same "$(at '2026-03-02 12:00:00' plan --json --until 2031-01-01 | rules)" \
        "home 2027-07-14=plan-ica-short 2028-01-30=plan-nodes-end 2030-12-30=plan-2030" "by 2031 all does"
    at '2027-08-01 12:00:00' ica rotate home >"$out"
    at '2027-08-01 12:00:00' noc renew home --node-id 1 --out "$work/n1" >"$out"
    at '2027-08-01 12:00:00' plan home --until 2027-12-01 --json >"$work/plan"
    same "$(rules <"$work/plan")" "home 2028-01-30=plan-campaign 2030-12-30=plan-2030" "a campaign is called for"
    at '2027-08-01 12:00:00' plan home --until 2028-12-01 >"$work/plan"
    grep -Eq '^  2028   #+ 2$' "$work/plan" && pass "the timeline has the year" || fail "the timeline has the year"
    same "$(grep -c '^0x.* 2028-01-30' "$work/plan")" 2 "the nodes are listed"
    same "$(at '2028-03-01 12:00:00' plan home --until 2028-04-01 --json | rules)" \
        "home 2028-03-01=plan-nodes-ended 2030-12-30=plan-2030 9999-12-31=plan-ica-drained" "chains that have ended are told"
fi

# --- the runbook ------------------------------------------------------------------------------------
# Each line that begins with $ in docs/rotation.md, in order, in a folder that has what the text says it has.
awk '/^    \$ / { sub(/^    \$ /, ""); print }' "$top/docs/rotation.md" >"$work/runbook"
mkdir "$work/bin" "$work/desk"
ln -s "$HEDDLE" "$work/bin/heddle"
ln -s "$MATTERCERT" "$work/bin/mattercert"
helper fleet -lcrypto -ljansson
export HEDDLE_STATE=$work/runbook-state PATH=$work/bin:$PATH
cd "$work/desk"
q init
for n in 1 2 3; do
    new_csr "node$n"
    cp "$work/node$n.csr" .
done
q fabric create home --fabric-id 0xFAB1 >"$out"
for n in 1 2 3; do q noc issue home --csr "node$n.csr" --node-id "$n" --cat 0x00010001 --out "node$n" >"$out"; done
for n in 1 2 3; do new_csr "new$n" && cp "$work/new$n.csr" "node$n.csr"; done
for set in requests cat-requests; do
    printf '0x1\n0x2\n' | "$work/fleet" ask "$set" "$([ $set = requests ] && echo 0x00010001 || echo 0x00010002)" >"$set.jsonl"
done
printf '0x1\n0x2\n' | "$work/fleet" ask moved >moved.jsonl
lines=0
while read -r line; do
    lines=$((lines + 1))
    that "rotation.md: $line" bash -euc "$line"
done <"$work/runbook"
[ "$lines" -gt 15 ] && pass "the runbook has $lines commands" || fail "the runbook has $lines commands"
that "ledger verify" q ledger verify
finish
