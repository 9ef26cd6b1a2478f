# SPDX-License-Identifier: Apache-2.0
# lib.bash - sourced by the tests in this folder (bash, set -eu), from the top of the tree: tests/cli/lib.sh with
# what faults need. B is the build folder.

B=${B:-build}
HEDDLE=${HEDDLE:-$PWD/$B/heddle} MATTERCERT=${MATTERCERT:-$PWD/$B/mattercert}
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
cd "$top"
make -s -f Makefile -f tests/faults/faults.mk B="$B" "${tools:-faults-tools}" >&2
tools=$(realpath "$B/faults")

! sanitized || { skip "$(basename "$0" .sh)" "this build has a sanitizer"; finish; exit; }
module=$(softhsm_module)
[ -n "$module" ] || { skip "$(basename "$0" .sh)" "SoftHSM 2 is not installed"; finish; exit; }

# What chaos.c reads and writes.
export CHAOS_MODULE=$module CHAOS_ORDERS=$work/orders CHAOS_COUNTS=$work/counts CHAOS_LOG=$work/signatures
: >"$CHAOS_ORDERS"
# orders LINE...: from the next call on; signatures are counted from here.
orders() { rm -f "$CHAOS_COUNTS"; printf '%s\n' "$@" >"$work/orders.new"; mv "$work/orders.new" "$CHAOS_ORDERS"; }
# Under our module in the place of the embedded SoftHSM.
chaos() { LD_PRELOAD=$tools/chaos.so "$@"; }
heddle() { chaos "$HEDDLE" "$@"; }

# status WANT NAME COMMAND...: like refused, whatever is printed
status() {
    local want=$1 name=$2 got=0
    shift 2
    "$@" >"$out" 2>"$err" || got=$?
    if [ "$got" = "$want" ]; then pass "$name"; else fail "$name" "status $got, not $want"; fi
}
says() { if grep -q "$1" "$err"; then pass "$2"; else fail "$2" "no '$1'"; fi; }

requests() { "$tools/make_requests" "$@"; }
# model NAME ARGUMENT...: the state is what it must be; see model.c
model() {
    local name=$1
    shift
    : >"$err"
    if "$tools/model" "$HEDDLE_STATE" home "$@" >"$out" 2>"$err"; then pass "$name"; else fail "$name"; fi
    sed 's/^/      /' "$out"
}
verified() { that "$1" "$HEDDLE" ledger verify; }

# --- killed at a point of crash_points.c ------------------------------------------------------------
crash=$tools/heddle-crash
cases=0 wrong=0
# choose FILE: of the points in it those that are tried: $points of them, spread evenly; 0: all. CRASH_SLICE (0/1): A/N, of
# those every N-th from A, so that a long run can be had in pieces.
choose() {
    sort -u "$1" | awk -v want="$points" -v slice="${CRASH_SLICE:-0/1}" '{ line[NR] = $1 ":" $2 ":" $3 }
        END { step = want == 0 || NR <= want ? 1 : NR / want; split(slice, of, "/")
              for (i = 1; i <= NR; i += step) if (n++ % of[2] == of[1]) print line[int(i)] }'
}
# list COMMAND...: writes the points that it passes to $work/points
list() {
    rm -f "$work/points"
    HEDDLE_POINTS_OUT=$work/points chaos "$@" >"$out" 2>"$err" || { fail "$*" "listing the points"; return 1; }
}
# killed POINT COMMAND...: 0 if it was killed there
killed() {
    local point=$1 got=0
    shift
    HEDDLE_CRASH_AT=$point chaos "$@" >"$out" 2>"$err" || got=$?
    cases=$((cases + 1))
    [ $got = 137 ]
}
name_of() { nm "$crash" | awk -v at="$(printf '%016x' "0x${1%%:*}")" '$1 == at { print $3; exit }'; }
# bad POINT WHAT: says where, and counts it in $wrong
bad() {
    fail "$2" "killed at $1 ($(name_of "$1"))"
    wrong=$((wrong + 1))
}
