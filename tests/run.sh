#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs every test and counts its cases: tests/run.sh BUILD. PARTS chooses among
#   layers unit cli hsm faults fuzz docs lint san valgrind interop
# A test prints "N passed, N failed[, N skipped]" as its last line, or is a cmocka program. Exit status 77
# means that the test cannot run here, and its last line says why.
set -u
cd "$(dirname "$0")/.."

B=${1:-build}
PARTS=${PARTS:-layers unit cli hsm faults fuzz docs lint san valgrind interop}
export B MATTERCERT=$PWD/$B/mattercert HEDDLE=$PWD/$B/heddle
export VECTORS=${HEDDLE_VECTORS:-$PWD/../shared/vectors} HEDDLE_VECTORS=${HEDDLE_VECTORS:-$PWD/../shared/vectors}
LOGS=$B/log
mkdir -p "$LOGS"
passed=0 failed=0 skipped=0
unset HEDDLE_STATE XDG_STATE_HOME

# Counts of a log: cmocka's own lines, or the last line of a script.
count() {
    awk '
        /^\[  PASSED  \] [0-9]+ test/  { p += $4; seen = 1 }
        /^\[  FAILED  \] [0-9]+ test/  { f += $4; seen = 1 }
        /^\[  SKIPPED \] [0-9]+ test/  { s += $4; seen = 1 }
        /^[0-9]+ passed, [0-9]+ failed/ { p += $1; f += $3; s += $5; seen = 1 }
        END { if (!seen) exit 1; print p + 0, f + 0, s + 0 }' "$1"
}

run() {
    local name=$1 log began status counts p f s
    shift
    log=$LOGS/${name//\//_}.log
    began=$SECONDS
    # What runs in the background, or under nohup, inherits ignored signals, which a shell cannot take back.
    env --default-signal=HUP,INT,QUIT,PIPE,TERM "$@" >"$log" 2>&1 </dev/null
    status=$?
    if [ $status = 77 ]; then
        skipped=$((skipped + 1))
        printf 'skip  %-34s %s\n' "$name" "$(tail -n 1 "$log")"
        return
    fi
    counts=$(count "$log") || counts=$([ $status = 0 ] && echo "1 0 0" || echo "0 0 0")
    read -r p f s <<<"$counts"
    if [ $status != 0 ] && [ "$f" = 0 ]; then
        f=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if [ "$f" != 0 ]; then
        printf 'FAIL  %-34s %d passed, %d failed, status %d\n' "$name" "$p" "$f" "$status"
        tail -n 60 "$log" | sed 's/^/      | /'
    else
        printf 'ok    %-34s %5d cases, %d s%s\n' "$name" "$p" $((SECONDS - began)) \
            "$([ "$s" = 0 ] || echo ", $s skipped")"
    fi
}

has() { case " $PARTS " in *" $1 "*) true ;; *) false ;; esac; }
scripts() { find "tests/$1" -maxdepth 1 -name "$2" 2>/dev/null | sort; }

[ -d "$VECTORS" ] || echo "note: no vectors at $VECTORS: their tests are skipped"

has layers && run layers make -s B="$B" check-layers
if has unit; then
    for program in "$B"/tests/test_*; do
        [ -x "$program" ] && run "unit/$(basename "$program")" "$program"
    done
fi
has cli && for script in $(scripts cli 'mattercert_*.sh') $(scripts cli 'heddle_*.sh'); do
    run "cli/$(basename "$script" .sh)" bash "$script"
done
has cli && run demo sh tests/demo.sh "$B"
has hsm && for script in $(scripts hsm '[a-z]*.sh' | grep -v common.sh); do
    run "hsm/$(basename "$script" .sh)" bash "$script"
done
has faults && for script in $(scripts faults '[a-z]*.sh'); do
    run "faults/$(basename "$script" .sh)" bash "$script"
done
has fuzz && run fuzz-short make -s B="$B" fuzz-short
has docs && run docs sh docs/check.sh "$B"
has lint && run lint sh tests/lint.sh "$B"
has san && run check-san bash -c 'make -s B="$B" SAN_PARTS=unit check-san'
has valgrind && run valgrind bash tests/valgrind.sh
has interop && run interop bash tests/interop/run.sh
has interop && run interop-storage bash tests/interop/storage.sh

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
