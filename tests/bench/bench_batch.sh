#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How near batches come to what the machine can do: tests/bench/bench_batch.sh BUILD
#
# The bound is cores / (2 verifications + 1 signature), measured by `yardstick` in the same seconds, since a
# machine that others use is faster one second and slower the next. Every figure is the median of ROUNDS
# rounds. The second ratio is of CPU times: it tells the program's own cost where the clock tells the neighbours'.
#
#   REQUESTS=20000 ROUNDS=5     the batch, and how often
#   ENTRIES=1000000             what the large ledger holds; 10000000 takes 7 GB of disk; 0 leaves it out
#   LARGE=STATE                 a state whose ledger was filled before, used as it is and added to
#   WORK=DIR                    where the states lie; default: a folder of its own in $TMPDIR
#   FIRST=yes                   before everything else on the machine, where its owner groups processes by session (root)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/bench/lib.bash

REQUESTS=${REQUESTS:-20000} ROUNDS=${ROUNDS:-5} ENTRIES=${ENTRIES:-1000000}
large=${LARGE:-$work/large}

# batch STATE REQUESTS [OPTION...]: seconds by the clock, of the program, of the system
batch() {
    { time "$heddle" --state "$1" noc batch bench --in "$2" --out "$work/out" "${@:3}" >/dev/null 2>"$work/err"; } 2>&1 ||
        { cat "$work/err" >&2; exit 1; }
}

# measure NAME STATE REQUESTS: one line of rate, bound, their ratio, and the ratio of CPU times
measure() {
    local before after took
    before=$("$tools/yardstick" "$2" bench 1 "$CORES")
    took=$(batch "$2" "$3")
    after=$("$tools/yardstick" "$2" bench 1 "$CORES")
    echo "$before $after $took" | awk -v n="$REQUESTS" -v cores="$CORES" '{
        wall = $1 + $5 + ($3 + $7) / 2; cpu = $2 + $6 + ($4 + $8) / 2
        rate = n / $9; bound = cores * 1e6 / wall
        printf "%.0f %.0f %.3f %.3f %.1f %.1f %.1f\n", rate, bound, rate / bound, cpu * n / (($10 + $11) * 1e6),
            (($10 + $11) * 1e6) / n, ($2 + $6) / 2, ($4 + $8) / 2 }' >>"$work/$1.rows"
}

# row TEXT VALUE OF RATIO GOAL SPREAD: says whether the goal is met
row() {
    local verdict=met
    [ -n "$5" ] || verdict=
    if [ -n "$5" ] && awk -v r="$4" -v g="$5" 'BEGIN { exit !(r < g) }'; then
        verdict=missed
        missed=1
    fi
    printf '%-44s %9s %9s %7s  %-15s %5s  %s\n' "$1" "$2" "$3" "$4" "${6:-}" "$5" "$verdict"
}

# A token that makes one wait: a module that sleeps 10 ms before each signature, and 64 sessions.
slow_token() {
    mkdir "$work/tokens"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" >"$work/softhsm2.conf"
    (umask 077 && echo 567890 >"$work/pin")
    in_slow softhsm2-util --init-token --free --label slow --so-pin 123456 --pin 567890 >/dev/null
    in_slow new_state "$work/slow" --module "$tools/slow.so" --token slow --pin-file "$work/pin"
    sed -i 's/^sessions = .*/sessions = 64/' "$work/slow/heddle.conf"
}

# in_slow COMMAND...: with the environment of that token
SLOW_MODULE=$(find /usr/lib -name libsofthsm2.so | head -n 1)
in_slow() { SOFTHSM2_CONF=$work/softhsm2.conf SLOW_MODULE=$SLOW_MODULE SLOW_MS=${ms:-0} "$@"; }

wait_for_slow() {
    rm -rf "$work/state"
    cp -a "$work/slow" "$work/state"
    ms=10 in_slow batch "$work/state" "$work/requests" --pin-file "$work/pin" |
        awk -v n="$REQUESTS" '{ printf "%.0f %.3f %.1f\n", n / $1, n / $1 / 6400, ($2 + $3) * 1e6 / n }' >>"$work/waiting.rows"
}

echo "making $REQUESTS requests" >&2
"$tools/make_requests" "$REQUESTS" a >"$work/requests"
new_state "$work/base"
slow_token

[ "$ENTRIES" = 0 ] || [ -n "${LARGE:-}" ] || fill "$large" "$ENTRIES"

for ((i = 1; i <= ROUNDS; i++)); do
    echo "round $i of $ROUNDS" >&2
    rm -rf "$work/state"
    cp -a "$work/base" "$work/state"
    measure small "$work/state" "$work/requests"
    if [ "$ENTRIES" != 0 ]; then
        # Node ids of the filled ledger may be the requests' own: the ledger chooses new ones.
        "$tools/make_requests" "$REQUESTS" "large-$i-$$" --next >"$work/more"
        measure large "$large" "$work/more"
    fi
    wait_for_slow
done

cat <<END

batches of $REQUESTS on $CORES cores, JSON Lines to JSON Lines, ledger durable; median of $ROUNDS rounds
verification $(column small 6) us, signature $(column small 7) us of CPU (OpenSSL; the embedded token's session copy)
heddle $(column small 5) us of CPU a certificate, where 2 verifications and 1 signature are $(column small 6 | awk -v s="$(column small 7)" '{ printf "%.1f", 2 * $1 + s }')

END
printf '%-44s %9s %9s %7s  %-15s %5s\n' "" certs/s bound ratio "from - to" goal
row "embedded token, empty ledger" "$(column small 1)" "$(column small 2)" "$(column small 3)" 0.90 "$(spread small 3)"
row "  the same by CPU time" "" "" "$(column small 4)" "" "$(spread small 4)"
if [ "$ENTRIES" != 0 ]; then
    row "a ledger of $(sed -n 2p "$large/checkpoint") entries" "$(column large 1)" "$(column large 2)" "$(column large 3)" "" "$(spread large 3)"
    row "  its ratio against that of the empty one" "" "" \
        "$(awk -v a="$(column large 3)" -v b="$(column small 3)" 'BEGIN { printf "%.3f", a / b }')" 0.90
    row "  the same by CPU time" "" "" \
        "$(awk -v a="$(column large 4)" -v b="$(column small 4)" 'BEGIN { printf "%.3f", a / b }')" ""
fi
row "10 ms a signature, 64 sessions" "$(column waiting 1)" 6400 "$(column waiting 2)" 0.95 "$(spread waiting 2)"
exit $missed
