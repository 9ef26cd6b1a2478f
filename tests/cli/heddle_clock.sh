#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Clocks and lifetimes, by libfaketime.
set -eu
. "$(dirname "$0")/lib.sh"

command -v faketime >/dev/null || { skip "clocks" "no program faketime"; finish; exit; }
! sanitized || { skip "clocks" "this build has a sanitizer"; finish; exit; }
export HEDDLE_STATE=$work/state FAKETIME_DONT_FAKE_MONOTONIC=1
at() { # TIME ARGUMENT...
    faketime -f "@$1" "$HEDDLE" "${@:2}"
}
issue() { # TIME NAME ARGUMENT...
    at "$1" -q noc issue home --csr "$work/$2.csr" --node-id next --out "$work/$2" --format pem "${@:3}"
}
day() { openssl x509 -in "$1" -noout "$2" | sed 's/.*=//' | xargs -I@ date -u -d @ +%F; }

at '2026-03-01 12:00:00' init -q
printf '[ lifetimes ]\nicac = 400 days\nnoc = 100 days\n' >>"$HEDDLE_STATE/heddle.conf"
that "a fabric of the year 2026" at '2026-03-01 12:00:00' fabric create home --fabric-id 1
for name in a b c d e f g h; do new_csr $name; done

that "a NOC of the same day" issue '2026-03-01 12:00:00' a
same "$(day "$work/a/noc.pem" -startdate) $(day "$work/a/noc.pem" -enddate)" "2026-02-28 2026-06-09" \
    "its notBefore is the issuer's, its lifetime that of heddle.conf"
that "a NOC of the next week" issue '2026-03-08 12:00:00' b
same "$(day "$work/b/noc.pem" -startdate)" 2026-03-07 "is dated back by a day"
that "a clock four minutes behind the ledger" issue '2026-03-08 11:56:00' c
refused 3 clock "a clock six minutes behind" issue '2026-03-08 11:53:00' d
grep -q '2026-03-08T11:53:0[0-9]Z.*2026-03-08T12:00:0[0-9]Z' "$err" && pass "both times are told" || fail "both times are told"
refused 3 clock "a clock of 1970" issue '1970-01-02 00:00:00' d
that "a repeated request needs no clock" issue '1970-01-02 00:00:00' b --json
same "$(json_value "$out" status)" repeated "it is repeated"
that "reading needs no clock" at '1970-01-02 00:00:00' ledger list
same "$(entries "$HEDDLE_STATE" void)" 0 "no serial number was burned"

that "a NOC near the end of its issuer" issue '2027-03-01 12:00:00' e
same "$(day "$work/e/noc.pem" -enddate)" "$(day "$work/e/icac.pem" -enddate)" "ends with its issuer"
refused 3 lifetime "an ICA that has expired" issue '2027-04-06 12:00:00' f
grep -q '2027-04-05' "$err" && pass "the day is told" || fail "the day is told"
that "another fabric works on" at '2027-04-06 12:00:00' fabric create flat --fabric-id 2 --no-ica
refused 3 lifetime "a clock that runs a century ahead" at '2130-03-01 12:00:00' noc issue home --csr "$work/g.csr" \
    --node-id next --out "$work/g"
for when in '2038-01-19 03:14:09' '2049-12-31 23:59:59' '2050-01-01 00:00:01' '2106-02-07 06:28:17'; do
    new_csr far
    that "a NOC at $when" at "$when" -q noc issue flat --csr "$work/far.csr" --node-id next --out "$work/far" --format pem
    that "openssl reads it" openssl x509 -in "$work/far/noc.pem" -noout -text
    same "$(day "$work/far/noc.pem" -startdate)" "$(date -u -d "$when UTC - 1 day" +%F)" "its notBefore is the day before"
done
status=0
at '2140-01-01 00:00:00' -q noc issue flat --csr "$work/h.csr" --node-id next --out "$work/h" >"$out" 2>"$err" || status=$?
[ "$status" = 3 ] || [ "$status" = 4 ] && [ ! -e "$work/h/noc.tlv" ] && pass "after the Matter epoch nothing is issued" ||
    fail "after the Matter epoch nothing is issued" "status $status"
that "ledger verify" "$HEDDLE" ledger verify
finish
