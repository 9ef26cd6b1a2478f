#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the libFuzzer targets one after the other and prints a table. Exit status 1: there is a finding.
#
#     run.sh FOLDER [TARGET...]      FOLDER holds the fuzz_* programs
#
# RUNS_EACH      executions of each target, or
# SECONDS_EACH   seconds of each target (60)
# FUZZ_DIR       where the corpus grows and findings are left; kept between runs, never inside the tree
#                (${TMPDIR:-/tmp}/heddle-fuzz)
# HEDDLE_VECTORS published test vectors; they are read as further seeds when they are there
set -eu

bin=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
vectors=${HEDDLE_VECTORS:-$top/../shared/vectors}
dir=${FUZZ_DIR:-${TMPDIR:-/tmp}/heddle-fuzz}
case $(realpath -m "$dir")/ in
"$(realpath "$top")"/*)
    echo "run.sh: FUZZ_DIR is inside of the tree: $dir" >&2
    exit 2
    ;;
esac
mkdir -p "$dir"

max_len() {
    case $1 in
    cert_der | chain) echo 1400 ;;
    cert_tlv) echo 500 ;;
    cert_build) echo 700 ;;
    csr | nocsr | cms | elements) echo 1000 ;;
    cd) echo 800 ;;
    attest) echo 3600 ;;
    entry | input) echo 2200 ;;
    crl | batch | manifest) echo 700 ;;
    profile) echo 1400 ;;
    revset) echo 2000 ;;
    device | trust) echo 3200 ;;
    storage) echo 5200 ;;
    *) echo 600 ;;
    esac
}

# The vectors that are inputs of this target, linked into one folder without private keys.
vectors_of() {
    local out=$dir/vectors/$1 pattern
    case $1 in
    cert_der) pattern='*.der' ;;
    cert_tlv) pattern='*.tlv' ;;
    csr | nocsr) pattern="*[cC][sS][rR]*" ;;
    cms) pattern='*[cC][dD]*.der' ;;
    crl) pattern='*CRL.der' ;;
    revset) pattern='*revo*.json' ;;
    cd) pattern='*CDContent*' ;;
    elements) pattern='*ttestationElements*' ;;
    input) pattern='*Cert.pem' ;;
    *) return 0 ;;
    esac
    [ -d "$vectors" ] || return 0
    rm -rf "$out"
    mkdir -p "$out"
    find "$(cd "$vectors" && pwd)" -type f -name "$pattern" ! -name '*Key*' -size -8k | while read -r file; do
        ln -sf "$file" "$out/$(echo "$file" | tr / _ | tail -c 200)"
    done
    echo "$out"
}

stat_of() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1; }

run() { # TARGET; sets the findings of it in $found
    local name=$1 log=$dir/$1.log growing=$dir/corpus/$1 left=$dir/findings extra dict=$here/$1.dict rc=0
    local -a args=(-print_final_stats=1 -timeout=10 -rss_limit_mb=1024 -len_control=100)

    mkdir -p "$growing" "$left"
    args+=(-max_len="$(max_len "$name")" -artifact_prefix="$left/$name-")
    if [ -n "${RUNS_EACH:-}" ]; then args+=(-runs="$RUNS_EACH"); else args+=(-max_total_time="${SECONDS_EACH:-60}"); fi
    [ -f "$dict" ] && args+=(-dict="$dict")
    # Most inputs of this target reach everything; weighing them would take a third of the time.
    [ "$name" != cert_build ] || args+=(-entropic=0)
    extra=$(vectors_of "$name")
    # shellcheck disable=SC2086
    "$bin/fuzz_$name" "${args[@]}" "$growing" "$here/corpus/$name" $extra >"$log" 2>&1 || rc=$?
    found=$(find "$left" -name "$name-*" | wc -l)
    [ "$rc" -eq 0 ] || [ "$found" -ne 0 ] || found=1
    printf '%-12s %12s %9s %7s %7s %8s %9s\n' "$name" "$(stat_of number_of_executed_units "$log")" \
        "$(stat_of average_exec_per_sec "$log")" "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)" \
        "$(sed -n 's/.* ft: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)" "$(find "$growing" -type f | wc -l)" "$found"
    [ "$found" -eq 0 ] || echo "  see $log and $left/$name-*"
}

total=0
printf '%-12s %12s %9s %7s %7s %8s %9s\n' target runs exec/s cov ft corpus findings
if [ $# -eq 0 ]; then
    for source in "$here"/fuzz_*.c; do
        source=${source##*/fuzz_}
        set -- "$@" "${source%.c}"
    done
fi
for name in "$@"; do
    found=0
    run "$name"
    total=$((total + found))
done
[ "$total" -eq 0 ]
