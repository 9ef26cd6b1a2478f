#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every replay program over its corpus: each file once and MUTATIONS (20000) changed ones. The last line
# sums up all of them.
#
#     replay.sh FOLDER        FOLDER holds the replay_* programs
set -eu

bin=$1
here=$(cd "$(dirname "$0")" && pwd)
passed=0 failed=0

for program in "$bin"/replay_*; do
    name=${program##*/replay_}
    rc=0
    line=$("$program" -n "${MUTATIONS:-20000}" "$here/corpus/$name") || rc=$?
    line=${line##*$'\n'}
    printf 'fuzz %-12s %s\n' "$name" "${line:-ended with status $rc}"
    case $line in
    *passed*failed)
        passed=$((passed + ${line%% *}))
        line=${line#*, }
        failed=$((failed + ${line%% *}))
        ;;
    *) failed=$((failed + 1)) ;;
    esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
