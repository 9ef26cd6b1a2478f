#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# heddle factory check: the result code that it predicts is the one of the published commissioner cases. A case whose DAC or
# PAI cannot be read at all does not make a record; it must be refused as one.
set -eu
. "$(dirname "$0")/lib.sh"

cases=$VECTORS/attestation/commissioner-cases
[ -d "$cases" ] || { echo "no vectors at $VECTORS"; exit 77; }
devices() { python3 "$here/devices.py" "$@"; }
mkdir "$work/paas"
cp "$VECTORS"/attestation/test/Chip-Test-PAA-*Cert.der "$work/paas"
at=2026-09-01T00:00:00Z
check() { "$HEDDLE" factory check --trust "$work/paas" --allow-test-cd --vid 0xFFF1 --at "$at" "$@"; }

# --- the cases ---------------------------------------------------------------------------------------
predicted=0 unread=0
while IFS=$'\t' read -r case valid code _; do
    [ "$case" != case ] || continue
    pid=$(devices case "$cases/$case" "$work/case")
    status=0
    check --pid "$pid" --json --cd "$work/case.cd" --in "$work/case.record" >"$out" 2>"$err" || status=$?
    if [ ! -s "$out" ]; then
        [ "$status $valid" = "4 false" ] || [ "$status $valid" = "3 false" ] || fail "$case" "status $status"
        unread=$((unread + 1))
        continue
    fi
    got=$(sed -n 's/.*"number": \([0-9]*\).*/\1/p' "$out")
    [ "$got" = "${code%% *}" ] || fail "$case" "$got, not $code"
    [ "$got" = 0 ] || [ "$status" = 3 ] || fail "$case" "status $status"
    predicted=$((predicted + 1))
done <"$VECTORS/expected/commissioner-cases.tsv"
[ "$predicted" -ge 70 ] && pass "$predicted cases: the code is predicted; $unread make no record" ||
    fail "the code of most cases is predicted" "$predicted, and $unread unread"

# --- what people read --------------------------------------------------------------------------------
good=$cases/struct_cd_pid_array_count01_valid
[ -d "$good" ] || good=$cases/struct_cd_format_version_1
pid=$(devices case "$good" "$work/good")
that "a device that is accepted" check --cd "$work/good.cd" --in "$work/good.record"
check --cd "$work/good.cd" --in "$work/good.record" >"$work/text"
same "$(cat "$work/text")" "1 device: 1 accepted, 0 refused" "is told in one line"
status=0
check --pid 0x8001 --cd "$work/good.cd" --in "$work/good.record" >"$out" 2>"$err" || status=$?
same "$status $(grep -c 'result 605 CertificationDeclarationInvalidProductId' "$out")" "3 1" "firmware with another product id"
grep -q 'cd-.*0x8001' "$out" && pass "the step and the id are told" || fail "the step and the id are told" "$(cat "$out")"
status=0
"$HEDDLE" factory check --trust "$work/paas" --vid 0xFFF2 --allow-test-cd --cd "$work/good.cd" --in "$work/good.record" >"$out" 2>"$err" || status=$?
same "$status $(grep -c 'result 604' "$out")" "3 1" "firmware with another vendor id"
status=0
"$HEDDLE" factory check --trust "$work/paas" --cd "$work/good.cd" --in "$work/good.record" >"$out" 2>"$err" || status=$?
same "$status $(grep -c 'result 601' "$out")" "3 1" "the test key, where it is not allowed"
mkdir "$work/pki"
devices make "$work/pki" 2 >"$work/own"
at=$(date -u +%FT%TZ)
status=0
check --cd "$work/good.cd" --in "$work/own" >"$out" 2>"$err" || status=$?
same "$status $(grep -c 'result 101 PaaNotFound' "$out")" "3 2" "a PAA that nobody trusts"
that "trusted, it is accepted" check --trust "$work/pki/paa.der" --cd "$work/good.cd" --in "$work/own"
status=0 at=2020-01-01T00:00:00Z
cat "$work/own" "$work/good.record" | check --trust "$work/pki/paa.der" --cd "$work/good.cd" --json >"$out" 2>"$err" || status=$?
same "$status $(wc -l <"$out") $(grep -c '"number": 300' "$out")" "3 3 3" "before they are valid; a line of JSON for each"
that "JSON" python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1])]' <(check --json --cd "$work/good.cd" --in "$work/good.record")

# --- the command line --------------------------------------------------------------------------------
refused 2 usage "no declaration" "$HEDDLE" factory check --trust "$work/paas" --in "$work/own"
refused 2 usage "nobody to trust" "$HEDDLE" factory check --cd "$work/good.cd" --in "$work/own"
refused 5 file-not-found "a declaration that is not there" check --cd "$work/none" --in "$work/own"
refused 4 too-big "a file that is no declaration" check --cd "$HEDDLE" --in "$work/own"
refused 2 time-text "no time" "$HEDDLE" factory check --trust "$work/paas" --cd "$work/good.cd" --in "$work/own" --at yesterday
finish
