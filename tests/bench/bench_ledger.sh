#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a large ledger costs: tests/bench/bench_ledger.sh BUILD
#
# Verifying it, against hashing the octets of its file in as many threads; proving and searching, as whole processes;
# issuing one certificate with it and with an empty one, in turns. Every figure is the median of its rounds.
#
#   ENTRIES=1000000   what the ledger holds; 10000000 takes 7 GB of disk
#   LARGE=STATE       a state whose ledger was filled before, used as it is and added to
#   ROUNDS=3 TIMES=21 of verifying; of all else
#   FIRST=yes         before everything else on the machine, where its owner groups processes by session (root)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.bash

ENTRIES=${ENTRIES:-1000000} ROUNDS=${ROUNDS:-3} TIMES=${TIMES:-21}
large=${LARGE:-$work/large}
[ -n "${LARGE:-}" ] || fill "$large" "$ENTRIES"
new_state "$work/small"
db=$large/ledger.db

# timed COMMAND...: "seconds by the clock, of CPU"
timed() {
    { time "$@" >"$work/out" 2>"$work/err"; } 2>&1 | awk '{ print $1, $2 + $3 }'
    [ "${PIPESTATUS[0]}" = 0 ] || { cat "$work/err" >&2; exit 1; }
}

cat "$db" >/dev/null
for ((i = 1; i <= ROUNDS; i++)); do
    echo "verify, round $i of $ROUNDS" >&2
    echo "$("$tools/hash_file" "$db" "$CORES") $(timed "$heddle" --state "$large" ledger verify)" |
        awk '{ print $1 / $3, $2 / $4, $3 }' >>"$work/verify.rows"
done

"$heddle" --state "$large" ledger checkpoint -q
last=$(sed -n 2p "$large/checkpoint")
echo "proving, searching, issuing" >&2
for ((i = 1; i <= TIMES; i++)); do
    leaf=$((100 + RANDOM * 32768 % (last - 200) + RANDOM % 100))
    "$heddle" --state "$large" ledger show "$leaf" --json >"$work/entry"
    serial=$(sed -n 's/.*"serial": *"\([0-9a-f]*\)".*/\1/p' "$work/entry")
    node=$(sed -n 's/.*"node_id": *"\(0x[0-9A-F]*\)".*/\1/p' "$work/entry")
    timed "$heddle" --version >>"$work/start.rows"
    timed "$heddle" --state "$large" ledger prove "$leaf" --no-sign >>"$work/prove.rows"
    timed "$heddle" --state "$large" ledger search --serial "$serial" >>"$work/serial.rows"
    timed "$heddle" --state "$large" ledger search --node-id "$node" >>"$work/node.rows"
    for s in small large; do
        dir=$work/small
        [ $s = small ] || dir=$large
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj /O=CSR -out "$work/csr" 2>/dev/null
        timed "$heddle" --state "$dir" noc issue bench --node-id next --csr "$work/csr" --out "$work/noc" >>"$work/issue-$s.rows"
    done
done

ms() { awk -v x="$(column "$1" "${2:-1}")" 'BEGIN { printf "%.1f", 1000 * x }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
below() { awk -v x="$1" -v goal="$2" 'BEGIN { printf "%s\n", x <= goal ? "met" : "missed" }'; }

printf '\na ledger of %s entries, %s octets in its file; %s cores\n\n' "$last" "$(stat -c %s "$db")" "$CORES"
printf '%-58s %9s %9s  %s\n' "" figure goal ""
row() { printf '%-58s %9s %9s  %s\n' "$@"; case ${4:-} in missed) missed=1 ;; esac; }
v=$(column verify 1)
row "verify: speed against hashing the file, by the clock" "$(printf %.2f "$v")" ">= 0.50" "$(below 0.5 "$v")"
row "  the same by CPU time" "$(printf %.2f "$(column verify 2)")" "" ""
row "a process that does nothing, ms" "$(ms start)" "" ""
for what in "prove prove" "serial search --serial" "node search --node-id"; do
    row "${what#* }, the whole process, ms" "$(ms "${what%% *}")" "<= 5.0" "$(below "$(ms "${what%% *}")" 5)"
done
r=$(ratio "$(column issue-large 1)" "$(column issue-small 1)")
row "noc issue, ms, and against an empty ledger ($(ms issue-small))" "$(ms issue-large) $r" "<= 1.50" "$(below "$r" 1.5)"
row "  the same by CPU time" "$(ratio "$(column issue-large 2)" "$(column issue-small 2)")" "" ""
exit $missed
