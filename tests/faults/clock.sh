#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Clocks, time zones and languages, for batches and checkpoints; tests/cli/heddle_clock.sh has single certificates.
set -eu
. tests/faults/lib.bash

command -v faketime >/dev/null || { skip "clocks" "no program faketime"; finish; exit; }
export HEDDLE_STATE=$work/state FAKETIME_DONT_FAKE_MONOTONIC=1
at() { faketime -f "@$1" "${@:2}"; }
number=0
batch() { # WHEN: a batch of new requests, or of the same if SAME is set
    [ -n "${SAME:-}" ] || { number=$((number + 1)); requests 300 "b$number" >"$work/in"; }
    at "$1" "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" ${NAME:+--name "$NAME"}
}
at '2026-03-01 12:00:00' "$HEDDLE" init -q
at '2026-03-01 12:00:00' "$HEDDLE" -q fabric create home --fabric-id 1 --no-ica >/dev/null
that "a batch of today" batch '2026-03-02 12:00:00'
NAME=back
refused 3 clock "a batch with a clock ten minutes back" batch '2026-03-02 11:50:00'
[ ! -e "$work/answers.part" ] || [ ! -s "$work/answers.part" ] && pass "no answer leaves" || fail "no answer leaves"
that "resumed with the right clock" at '2026-03-02 12:01:00' "$HEDDLE" -q batch resume back
unset NAME
SAME=1
that "what is known needs no clock" batch '2026-03-02 12:02:00'
same "$(grep -c '"status":"repeated"' "$work/answers")" 300 "all are repeated"
unset SAME
refused 3 clock "a clock of 1970" batch '1970-01-01 00:00:10'
refused 3 clock "a clock of 1999" batch '1999-12-31 23:59:59'
same "$(entries "$HEDDLE_STATE" void)" 0 "no serial number was burned"
for when in '2028-02-29 23:59:59' '2038-01-19 03:14:08' '2050-01-01 00:00:00' '2106-02-07 06:28:16' '2115-12-31 00:00:00'; do
    that "a batch at $when" batch "$when"
    model "all answered" requests="$work/in" results="$work/answers"
done
for when in '2135-12-31 00:00:00' '2136-02-07 06:28:20'; do
    rm -f "$work/answers"
    got=0
    batch "$when" >"$out" 2>"$err" || got=$?
    case $got in 3 | 4 | 10) pass "a lifetime beyond the Matter epoch, at $when: refused, status $got" ;; *) fail "at $when" "status $got" ;; esac
    same "$(grep -c '"status":"issued"' "$work/answers" 2>/dev/null || true)" "$([ -e "$work/answers" ] && echo 0)" "none is issued"
done
NAME=now
refused 3 clock "a clock that came back from the future" batch '2026-03-03 12:00:00'
unset NAME
verified "ledger verify"
that "ledger verify with a clock of 1970" at '1970-01-01 00:00:10' "$HEDDLE" ledger verify

# --- time zones and languages ----------------------------------------------------------------------
rm -rf "$HEDDLE_STATE"
"$HEDDLE" init -q
"$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
requests 50 plain >"$work/in"
n=0
for zone in UTC Pacific/Apia America/St_Johns Asia/Kathmandu :/nonexistent "$(printf 'X%.0s' $(seq 300))"; do
    for language in C C.UTF-8 tr_TR.UTF-8 de_DE.UTF-8 ar_SA.UTF-8; do
        TZ=$zone LC_ALL=$language LANG=$language "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers.$n" >"$out" 2>"$err" ||
            fail "TZ=$zone LC_ALL=$language" "status $?"
        sed 's/"status":"repeated"/"status":"issued"/' "$work/answers.$n" | cmp -s - "$work/answers.0" || fail "TZ=$zone LC_ALL=$language" "other answers"
        TZ=$zone LC_ALL=$language "$HEDDLE" ledger list --json >"$work/list.$n" 2>"$err" || fail "TZ=$zone LC_ALL=$language: ledger list"
        cmp -s "$work/list.0" "$work/list.$n" || fail "TZ=$zone LC_ALL=$language" "other entries"
        n=$((n + 1))
    done
done
[ $failed = 0 ] && pass "$n time zones and languages: the same answers and entries"
finish
