#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Storage that matter.js itself has written, with each of its drivers, is adopted; matter.js then checks, with its own rules and
# the root of that storage, a NOC that heddle has issued. Needs Node with npm.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
. "$folder/../cli/lib.sh"

no() {
    echo "interop of storage is skipped: $1"
    exit 77
}
command -v npm >/dev/null || no "npm is not installed"
command -v node >/dev/null || no "Node is not installed"
cd "$folder"
if ! cmp -s package-lock.json node_modules/.installed-from; then
    npm ci --loglevel=error >"$work/npm.log" 2>&1 || no "npm ci did not succeed"
    cp package-lock.json node_modules/.installed-from
fi
js() { "$folder/node_modules/.bin/node" "$folder/storage.js" "$@" >"$out" 2>"$work/js.log" || { tail -n 5 "$work/js.log" >&2; return 1; }; }
cd "$work"
new_csr new
n=0
for driver in file wal sqlite; do
    for tiers in 3 2; do
        n=$((n + 1)) state=$work/s$n
        that "$driver, $tiers tiers: matter.js writes" js write $driver "$work/$driver-$tiers" $tiers
        "$HEDDLE" --state "$state" init -q
        that "  it is adopted" "$HEDDLE" --state "$state" fabric adopt home --from $driver-$tiers --no-backup
        same "$(sed 's/.*home, //' "$out")" "0xFAB0000000000077, 3 NOCs, from matter.js" "  with its controller and two nodes"
        same "$("$HEDDLE" --state "$state" node list home | awk '/^0x/ { printf "%s ", $1 }')" \
            "0x0000000000000011 0x0000000000000070 0x8899AABBCCDDEEFF " "  whose ids are these"
        that "  a NOC" "$HEDDLE" --state "$state" -q noc issue home --csr new.csr --node-id 0x22 --out chain$n
        that "  is good for matter.js" js check $driver "$work/$driver-$tiers" "$work/chain$n"
        same "$(grep "^fab" "$out")" "fab0000000000077 22" "  in this fabric"
        that "  the ledger verifies" "$HEDDLE" --state "$state" ledger verify
    done
done
finish
