#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 and signals at random moments: what was signed is on record, what is not on record was not released,
# and the same request again gives exactly one certificate.
#
# NOC_KILLS, FABRIC_KILLS, SIGNALS: how often (200, 30, 40).
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
kills=${NOC_KILLS:-200} fabric_kills=${FABRIC_KILLS:-30} signals=${SIGNALS:-40}
helper killer

"$HEDDLE" init -q
"$HEDDLE" fabric create home --fabric-id 0xFAB1 >/dev/null
for i in 0 1 2 3 4 5 6 7 8 9; do new_csr "k$i"; done
ask() { "$HEDDLE" -q noc issue home --csr "$work/k$(($1 % 10)).csr" --node-id $((1 + $1 % 10)) --request-id "kill-$1" --out "$work/out/$1" --json; }
mkdir "$work/out"

# How long one takes on this machine, so that the moments cover it.
ask 0 >"$out"
begin=$(date +%s%N)
for i in 10 20 30 40 50; do ask $i >"$out"; done
long=$((($(date +%s%N) - begin) / 5000 * 12 / 10))

# --- noc issue -------------------------------------------------------------------------------------
died=0 lived=0
for i in $(seq 1001 $((1000 + kills))); do
    if "$work/killer" KILL "$long" "$HEDDLE" -q noc issue home --csr "$work/k$((i % 10)).csr" --node-id $((1 + i % 10)) \
        --request-id "kill-$i" --out "$work/out/$i" >"$out" 2>"$err"; then
        lived=$((lived + 1))
    else
        died=$((died + 1))
    fi
done
[ "$died" -gt $((kills / 4)) ] && pass "noc issue was killed $died times of $kills" ||
    fail "noc issue was killed often enough" "$died of $kills, window ${long} us"

# Whatever lies in an output folder is in the ledger, whole.
"$HEDDLE" ledger list --type issued --json | sed -n 's/.*"certificate_tlv": "\([0-9a-f]*\)".*/\1/p' | sort >"$work/known"
find "$work/out" -name noc.tlv | while read -r file; do
    od -An -v -tx1 "$file" | tr -d ' \n'
    echo
done | sort -u >"$work/released"
same "$(comm -23 "$work/released" "$work/known" | wc -l)" 0 "no certificate is outside of the ledger ($(wc -l <"$work/released") released)"

that "the next start works" "$HEDDLE" fabric create after --fabric-id 2
voids=$(entries "$HEDDLE_STATE" void)
that "ledger verify" "$HEDDLE" ledger verify
serials() { "$HEDDLE" ledger list --json | sed -n 's/.*"serial": "\([0-9a-f]*\)".*/\1/p'; }
same "$(serials | sort | uniq -d | wc -l)" 0 "serial numbers are unique ($(serials | wc -l), of them $voids void)"
# The counter in a serial number is its octets 2 to 8: none may be missing.
same "$(serials | cut -c3-16 | sort | tail -n 1)" "$(printf %014x "$(serials | wc -l)")" "none is unaccounted for"
same "$("$HEDDLE" ledger list --type void --json | grep -vc '"rule": "interrupted"')" 0 "void ones tell that they were interrupted"

for i in $(seq 1001 $((1000 + kills))); do
    ask "$i" >"$work/again" 2>"$err" || { fail "the same request again" "$i"; continue; }
    [ -s "$work/out/$i/noc.tlv" ] || fail "the same request again" "$i wrote nothing"
done
"$HEDDLE" ledger list --type issued --json | sed -n 's/.*"request_id": "\(kill-1[0-9]*\)".*/\1/p' | sort >"$work/ids"
same "$(grep -c '^kill-1[0-9][0-9][0-9]' "$work/ids")" "$kills" "the same requests again: each has its certificate"
same "$(uniq -d "$work/ids" | wc -l)" 0 "and none has two"
same "$(entries "$HEDDLE_STATE" void)" "$voids" "and nothing more is void"
that "ledger verify" "$HEDDLE" ledger verify

# SIGINT and SIGTERM end it at once, and leave no temporary file.
mkdir "$work/int"
for i in $(seq "$signals"); do
    signal=INT
    [ $((i % 2)) = 0 ] || signal=TERM
    "$work/killer" $signal "$long" "$HEDDLE" -q noc issue home --csr "$work/k$((i % 10)).csr" --node-id $((1 + i % 10)) \
        --request-id "int-$i" --out "$work/int/$i" >"$out" 2>"$err" || true
done
same "$(find "$work/int" -name '.tmp-*' | wc -l)" 0 "SIGINT or SIGTERM in noc issue leave no temporary file"
for i in $(seq "$signals"); do
    "$HEDDLE" -q noc issue home --csr "$work/k$((i % 10)).csr" --node-id $((1 + i % 10)) --request-id "int-$i" --out "$work/int/$i" \
        >"$out" 2>"$err" || fail "the same request after SIGINT or SIGTERM" "$i"
done
same "$(find "$work/int" -name noc.tlv | wc -l)" "$signals" "and the same requests again give their certificates"
same "$(find "$HEDDLE_STATE/run" -type f | wc -l)" 0 "no lock of a dead process stays"

# --- fabric create ---------------------------------------------------------------------------------
died=0
begin=$(date +%s%N)
"$HEDDLE" fabric create timing --fabric-id 3 >"$out"
long=$((($(date +%s%N) - begin) / 1000 * 11 / 10))
for i in $(seq "$fabric_kills"); do
    "$work/killer" KILL "$long" "$HEDDLE" -q fabric create "f$i" --fabric-id 0xF$i >"$out" 2>"$err" || died=$((died + 1))
done
[ "$died" -gt $((fabric_kills / 4)) ] && pass "fabric create was killed $died times of $fabric_kills" ||
    fail "fabric create was killed often enough" "$died of $fabric_kills, window ${long} us"
made=$("$HEDDLE" fabric list | awk '$1 ~ /^f[0-9]/' | wc -l)
again=0
for i in $(seq "$fabric_kills"); do
    status=0
    "$HEDDLE" -q fabric create "f$i" --fabric-id 0xF$i >"$out" 2>"$err" || status=$?
    case $status in
    0) again=$((again + 1)) ;;
    6) ;;
    *) fail "fabric create again" "f$i: status $status" ;;
    esac
done
same $((made + again)) "$fabric_kills" "each fabric is there or was not begun ($made were there)"
same "$("$HEDDLE" fabric list | awk '$1 ~ /^f[0-9]/ { print $1 }' | sort -u | wc -l)" "$fabric_kills" "each is there once"
for i in $(seq "$fabric_kills"); do
    "$HEDDLE" -q noc issue "f$i" --csr <(openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x \
        -keyout /dev/null 2>/dev/null) --node-id 1 --out "$work/fab-out" >"$out" 2>"$err" || { fail "f$i issues"; break; }
done
pass "each of them issues"
same "$(serials | sort | uniq -d | wc -l)" 0 "serial numbers are unique"
same "$(serials | cut -c3-16 | sort | tail -n 1)" "$(printf %014x "$(serials | wc -l)")" "none is unaccounted for"
that "ledger verify" "$HEDDLE" ledger verify
that "the token still opens" "$HEDDLE" hsm status

# --- init ------------------------------------------------------------------------------------------
begin=$(date +%s%N)
"$HEDDLE" --state "$work/timing" init -q
long=$((($(date +%s%N) - begin) / 1000 * 12 / 10))
mkdir "$work/homes"
whole=0 none=0
for i in $(seq "$signals"); do
    signal=INT
    [ $((i % 2)) = 0 ] || signal=TERM
    mkdir "$work/homes/$i"
    "$work/killer" $signal "$long" "$HEDDLE" --state "$work/homes/$i/state" init -q >"$out" 2>"$err" || true
    case $(ls -A "$work/homes/$i") in
    state)
        whole=$((whole + 1))
        "$HEDDLE" --state "$work/homes/$i/state" fabric create home --fabric-id 1 >"$out" 2>"$err" ||
            fail "init after SIG$signal left a complete state" "$i"
        ;;
    '') none=$((none + 1)) ;;
    *) fail "init after SIG$signal" "left $(ls -A "$work/homes/$i")" ;;
    esac
done
same $((whole + none)) "$signals" "SIGINT or SIGTERM in init leave a complete state ($whole) or nothing ($none)"
finish
