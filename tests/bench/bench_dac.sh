#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How near batches of DACs come to what the machine can do: tests/bench/bench_dac.sh BUILD
#
# Two bounds, of what `yardstick` measures in the same seconds (bench_batch.sh says why, and why by CPU time too):
#
#   as for NOCs        cores / (key + 2 verifications + signature)
#   with the secrets   cores / (key + verification + signature + verifier of the passcode + sealing): no CSR comes
#                      with a key that is made here, so one verification is enough
#
# Batches of CSRs alone are compared with batches of NOCs for the same CSRs.
#
#   COUNT=100000 ROUNDS=3   devices with keys, and how often
#   REQUESTS=20000          CSRs
#   WORK=DIR                where the states lie; default: a folder of its own in $TMPDIR
set -euo pipefail
cd "$(dirname "$0")/../.."

B=${1:-build}
COUNT=${COUNT:-100000} REQUESTS=${REQUESTS:-20000} ROUNDS=${ROUNDS:-3}
CORES=$(nproc)
heddle=$PWD/$B/heddle tools=$PWD/$B/bench
work=$(mktemp -d "${WORK:-${TMPDIR:-/tmp}}/heddle-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%R %U %S'
unset HEDDLE_STATE XDG_STATE_HOME SOFTHSM2_CONF
missed=0

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
column() { awk -v c="$2" '{ print $c }' "$work/$1.rows" | median; }

# timed ARGUMENT...: seconds by the clock, of the program, of the system
timed() {
    { time "$heddle" --state "$work/state" "$@" >/dev/null 2>"$work/err"; } 2>&1 || { cat "$work/err" >&2; exit 1; }
}

# peak COUNT: MiB of the largest process of a batch of COUNT devices
peak() {
    rm -rf "$work/state"
    cp -a "$work/base" "$work/state"
    echo "{\"count\":$1,\"prefix\":\"m-\"}" >"$work/manifest"
    python3 - "$heddle" -q --state "$work/state" dac batch line --in "$work/manifest" --recipient "$work/rsa.pem" --out "$work/out" <<'END'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print("%.1f" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
END
}

# row TEXT VALUE OF RATIO GOAL: says whether the goal is met
row() {
    local verdict=met
    [ -n "$5" ] || verdict=
    if [ -n "$5" ] && awk -v r="$4" -v g="$5" 'BEGIN { exit !(r < g) }'; then
        verdict=missed
        missed=1
    fi
    printf '%-44s %9s %9s %7s %6s  %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict"
}

"$heddle" --state "$work/base" init >/dev/null 2>&1
"$heddle" --state "$work/base" fabric create bench --fabric-id 0xBE7C >/dev/null
"$heddle" -q --state "$work/base" paa create root --vid 0xFFF1 >/dev/null
"$heddle" -q --state "$work/base" pai create line --paa root --vid 0xFFF1 --pid 0x8000 >/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/rsa.key" -out "$work/rsa.pem" -subj /CN=rsa -days 30 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ec.key" -out "$work/ec.pem" -subj /CN=ec \
    -days 30 2>/dev/null
"$tools/make_requests" "$REQUESTS" a >"$work/nocs"
sed 's/,"node_id":"[^"]*"//' "$work/nocs" >"$work/csrs"

# devices NAME RECIPIENT COUNT: one line of rates, bounds, their ratios, and what it cost
devices() {
    local before after took
    rm -rf "$work/state"
    cp -a "$work/base" "$work/state"
    echo "{\"count\":$3,\"prefix\":\"d-\"}" >"$work/manifest"
    before=$("$tools/yardstick" "$work/state" line 1 "$CORES" "$work/$2.pem")
    took=$(timed dac batch line --in "$work/manifest" --recipient "$work/$2.pem" --out "$work/out")
    after=$("$tools/yardstick" "$work/state" line 1 "$CORES" "$work/$2.pem")
    echo "$before $after $took" | awk -v n="$3" -v cores="$CORES" '{
        for (i = 1; i <= 10; i++) t[i] = ($i + $(i + 10)) / 2
        bare = t[5] + 2 * t[1] + t[3]; whole = t[5] + t[1] + t[3] + t[7] + t[9]
        bare_cpu = t[6] + 2 * t[2] + t[4]; whole_cpu = t[6] + t[2] + t[4] + t[8] + t[10]
        rate = n / $21; cpu = ($22 + $23) * 1e6 / n
        printf "%.0f %.0f %.3f %.3f %.0f %.3f %.3f %.1f %.1f %.1f %.1f %.1f %.1f\n", rate, cores * 1e6 / bare,
            rate * bare / cores / 1e6, bare_cpu / cpu, cores * 1e6 / whole, rate * whole / cores / 1e6, whole_cpu / cpu, cpu,
            t[2], t[4], t[6], t[8], t[10] }' >>"$work/$1.rows"
}

for ((i = 1; i <= ROUNDS; i++)); do
    echo "round $i of $ROUNDS" >&2
    devices rsa rsa "$COUNT"
    # The last state has a batch of COUNT: its ledger is verified.
    [ "$i" != 1 ] || verified=$(timed ledger verify)
    [ "$i" != 1 ] || entries=$("$heddle" --state "$work/state" ledger status --json | tr -d '\n' | sed 's/.*"entries": *\([0-9]*\).*/\1/')
    [ "$i" != 1 ] || issued=$(grep -c '"status":"issued"' "$work/out")
    devices ec ec "$((COUNT / 5))"
    # The same CSRs as NOCs and as DACs, each from a fresh state.
    for kind in noc dac; do
        rm -rf "$work/state"
        cp -a "$work/base" "$work/state"
        if [ $kind = noc ]; then took=$(timed noc batch bench --in "$work/nocs" --out "$work/out"); else
            took=$(timed dac batch line --in "$work/csrs" --out "$work/out"); fi
        echo "$took" | awk -v n="$REQUESTS" '{ printf "%.0f %.1f\n", n / $1, ($2 + $3) * 1e6 / n }' >>"$work/$kind.rows"
    done
done
# All chunks and the ledger's cache are in use after some ten thousand: from there on it is to be flat.
small=$(peak 1000) middle=$(peak $((COUNT / 4))) large=$(peak "$COUNT")

cat <<END

batches of $COUNT devices with keys on $CORES cores, ledger durable; median of $ROUNDS rounds
us of CPU: key $(column rsa 11), verification $(column rsa 9), signature $(column rsa 10), verifier $(column rsa 12), sealing $(column rsa 13) (RSA-2048) or $(column ec 13) (P-256)
heddle $(column rsa 8) us of CPU a device, $(column ec 8) with sealing to P-256; $(column dac 2) from a CSR, and a NOC $(column noc 2)
all $issued issued; the ledger of $entries entries verified in ${verified%% *} s

END
printf '%-44s %9s %9s %7s %6s\n' "" devices/s bound ratio goal
row "keys made, bound as for NOCs" "$(column rsa 1)" "$(column rsa 2)" "$(column rsa 3)" ""
row "  by CPU time" "" "" "$(column rsa 4)" ""
row "keys made, bound with the secrets" "$(column rsa 1)" "$(column rsa 5)" "$(column rsa 6)" ""
row "  by CPU time" "" "" "$(column rsa 7)" 0.85
row "  sealed to P-256" "$(column ec 1)" "$(column ec 5)" "$(column ec 6)" ""
row "  by CPU time" "" "" "$(column ec 7)" ""
row "from CSRs, against NOCs" "$(column dac 1)" "$(column noc 1)" \
    "$(echo "$(column dac 1) $(column noc 1)" | awk '{ printf "%.3f", $1 / $2 }')" ""
row "  by CPU time" "" "" "$(echo "$(column noc 2) $(column dac 2)" | awk '{ printf "%.3f", $1 / $2 }')" 0.85
printf '%-44s %9s MiB\n' "peak memory, 1000 devices" "$small" "$((COUNT / 4)) devices" "$middle" "$COUNT devices" "$large"
row "  a quarter of it against all" "" "" "$(echo "$middle $large" | awk '{ printf "%.3f", $1 / $2 }')" 0.90
exit $missed
