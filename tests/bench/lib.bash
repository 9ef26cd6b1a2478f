# SPDX-License-Identifier: Apache-2.0
# lib.bash - sourced by the benches of batches and ledgers (bash, in the top folder, $1 the build).

# FIRST=yes: in a session of its own, before those of others; a figure by the clock is of this program then.
if [ -n "${FIRST:-}" ]; then
    # shellcheck disable=SC2016
    exec env -u FIRST setsid -w sh -c 'echo -19 >/proc/self/autogroup; exec bash "$@"' sh "$0" "$@"
fi
B=${1:-build}
CORES=$(nproc)
heddle=$PWD/$B/heddle tools=$PWD/$B/bench
work=$(mktemp -d "${WORK:-${TMPDIR:-/tmp}}/heddle-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%R %U %S'
unset HEDDLE_STATE XDG_STATE_HOME SOFTHSM2_CONF
missed=0

# new_state DIR [INIT-OPTION...]
new_state() {
    "$heddle" --state "$1" init "${@:2}" >/dev/null 2>&1
    "$heddle" --state "$1" fabric create bench --fabric-id 0xBE7C "${@:6}" >/dev/null
}

# fill DIR ENTRIES: a new state with a large ledger
fill() {
    echo "filling a ledger with $2 entries" >&2
    new_state "$1"
    "$tools/fill_ledger" "$1" bench "$2" >/dev/null
}

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# column NAME N: the median of a column of $work/NAME.rows; spread: its smallest and largest
column() { awk -v c="$2" '{ print $c }' "$work/$1.rows" | median; }
spread() { awk -v c="$2" '{ print $c }' "$work/$1.rows" | sort -g | sed -n '1p;$p' | paste -s -d' ' | sed 's/ / - /'; }
