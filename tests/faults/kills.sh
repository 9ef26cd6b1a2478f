#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 at random moments of batches: all processes, the parent alone, one worker alone; the batch is resumed
# until it is done.
#
# KILLS (30), BATCH (2000): how many kills, inside of batches of how many requests. WORKERS (2). WINDOW (60): within
# how much of the time that a batch takes, in percent. LIMIT (none): no new batch after so many seconds.
set -eu
. tests/faults/lib.bash

kills=${KILLS:-30} size=${BATCH:-2000} workers=${WORKERS:-2}
export HEDDLE_STATE=$work/state
"$HEDDLE" init -q
chaos "$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null

# Milliseconds since some moment.
now() { echo $(($(date +%s%N) / 1000000)); }
# run VERB...: begins the batch in a process group of its own, pid in $batch
run() {
    LD_PRELOAD=$tools/chaos.so setsid "$HEDDLE" -q "$@" --workers "$workers" >"$out" 2>"$err" &
    batch=$!
}
# strike MODE: 1 if there was nothing left to kill
strike() {
    local workers_of
    case $1 in
    all) kill -9 -- "-$batch" 2>/dev/null ;;
    parent) kill -9 "$batch" 2>/dev/null ;;
    worker)
        # shellcheck disable=SC2207
        workers_of=($(pgrep -P "$batch"))
        [ ${#workers_of[@]} -gt 0 ] || return 1
        kill -9 "${workers_of[RANDOM % ${#workers_of[@]}]}" 2>/dev/null
        ;;
    esac
}

for i in 1 2; do
    requests "$size" "timing$i" >"$work/in"
    began=$(now)
    run noc batch home --in "$work/in" --out "$work/answers"
    wait "$batch"
    whole=$(($(now) - began))
done
echo "      a batch of $size takes $whole ms"

done_kills=0 batches=0 answered=0 resumed=0 burned=0
declare -A by=([all]=0 [parent]=0 [worker]=0)
modes=(all parent worker)
while [ $done_kills -lt "$kills" ] && [ $failed = 0 ] && [ "$SECONDS" -lt "${LIMIT:-1000000}" ]; do
    batches=$((batches + 1)) name=kills-$batches got=1 struck=0
    rm -f "$CHAOS_LOG" "$work/answers" "$work/answers.part"
    requests "$size" "$name" >"$work/in"
    verb=(noc batch home --in "$work/in" --out "$work/answers" --name "$name")
    while [ $got != 0 ]; do
        run "${verb[@]}"
        mode=${modes[RANDOM % 3]}
        if [ $done_kills -lt "$kills" ] && [ $struck -lt 40 ]; then
            ms=$((RANDOM * 32768 + RANDOM))
            sleep "$(awk -v ms=$((ms % (whole * ${WINDOW:-60} / 100 + 1))) 'BEGIN { print ms / 1000 }')"
            if strike $mode; then
                done_kills=$((done_kills + 1)) struck=$((struck + 1))
                by[$mode]=$((${by[$mode]} + 1))
            fi
        fi
        got=0
        wait "$batch" 2>/dev/null || got=$?
        case $got in
        0) ;;
        137) ;;
        7 | 1) [ $mode = worker ] || { fail "$name" "status $got after a kill of $mode"; break; } ;;
        *) fail "$name" "status $got"; break ;;
        esac
        # Workers end with their parent; until then its numbers are theirs.
        while kill -0 -- "-$batch" 2>/dev/null; do sleep 0.01; done
        [ ! -e "$HEDDLE_STATE/batches/$((batches + 2)).json" ] || verb=(batch resume "$name")
        resumed=$((resumed + (got != 0)))
    done
    "$tools/model" "$HEDDLE_STATE" home requests="$work/in" results="$work/answers" log="$CHAOS_LOG" >"$out" 2>"$err" ||
        fail "$name" "$(cat "$out")"
    set -- $(grep signatures: "$out")
    burned=$((burned + $5)) answered=$((answered + size))
done
[ $failed != 0 ] || pass "$done_kills kills in $batches batches of $size (all ${by[all]}, parent ${by[parent]}, worker ${by[worker]}), $resumed resumed: $answered requests, $answered answers, $burned burned signatures, each with its intent"
verified "ledger verify"
model "no serial number twice, none lost"
same "$(find "$HEDDLE_STATE/run" -type f | wc -l)" 0 "no lock of a dead process stays"
finish
