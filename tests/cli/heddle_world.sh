#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The world around the program: streams that are closed or full, other time zones and languages, small limits.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
"$HEDDLE" init -q
"$HEDDLE" fabric create home --fabric-id 0xFAB1 >/dev/null
new_csr a
issue() { "$HEDDLE" noc issue home --csr "$work/$1.csr" --node-id next --out "$work/$1" "${@:2}"; }
status_of() { # NAME STATUS COMMAND...: only the status counts, streams are the caller's
    local name=$1 want=$2 got=0
    shift 2
    "$@" || got=$?
    same "$got" "$want" "$name"
}

# --- streams ---------------------------------------------------------------------------------------
: >"$err"
for verb in "fabric list" "fabric show home" "ledger list" "ledger list --json" "ledger verify" "hsm status" "--help" "--version" "help noc issue"; do
    full() { "$HEDDLE" $verb >/dev/full 2>"$err"; }
    closed() { "$HEDDLE" $verb >&- 2>"$err"; }
    status_of "$verb to a full device" 1 full
    status_of "$verb to a closed stdout" 1 closed
    [ "$(grep -c '^heddle: ' "$err")" = 1 ] || fail "$verb to a closed stdout: one sentence"
done
serial_full() { issue a >/dev/full 2>"$err"; }
status_of "noc issue, serial number to a full device" 1 serial_full
that "the certificate is not lost" issue a --json
same "$(json_value "$out" status)" repeated "the same request gives it"
new_csr none
nothing() { issue none <&- >&- 2>&-; }
status_of "noc issue without any stream" 1 nothing
that "its certificate is whole" openssl x509 -inform DER -in <("$HEDDLE" noc issue home --csr "$work/none.csr" --node-id next \
    --out "$work/none" --format der -q >/dev/null && cat "$work/none/noc.der") -noout
quiet() { issue none -q 2>&- >"$out"; }
status_of "noc issue with a closed stderr" 0 quiet
that "the state took no harm from closed streams" "$HEDDLE" ledger verify
init_closed() { "$HEDDLE" --state "$work/closed" init <&- >&- 2>&-; }
status_of "init without any stream" 0 init_closed
that "is whole" "$HEDDLE" --state "$work/closed" fabric create x --fabric-id 1
pipe() { "$HEDDLE" ledger list --json 2>/dev/null | true; }
status_of "a reader that stops early does no harm" 0 pipe
no_input() { "$HEDDLE" noc issue home --csr - --node-id next --out "$work/no" <&- >"$out" 2>"$err"; }
status_of "a CSR from a closed stdin" 4 no_input

# --- outputs ---------------------------------------------------------------------------------------
mkdir "$work/dir" "$work/dir/noc.tlv"
refused 4 is-directory "an output that is a folder" "$HEDDLE" noc issue home --csr "$work/a.csr" --node-id next --out "$work/dir"
refused 1 "" "an output folder that is a file" "$HEDDLE" noc issue home --csr "$work/a.csr" --node-id next --out "$work/a.csr"
refused 1 "" "an output folder in one that is missing" "$HEDDLE" noc issue home --csr "$work/a.csr" --node-id next --out "$work/x/y/z"
same "$(find "$work" -name '.tmp-*' | wc -l)" 0 "no temporary file stays"
new_csr slash
that "an output folder with a slash at its end" "$HEDDLE" noc issue home --csr "$work/slash.csr" --node-id next --out "$work/slash/"
that "again over what is there" "$HEDDLE" noc issue home --csr "$work/slash.csr" --node-id next --out "$work/slash/"
(umask 000 && issue a -q >/dev/null)
same "$(stat -c %a "$work/a/noc.tlv")" 644 "certificates have mode 0644 under umask 000"
that "an output folder with blanks and signs" "$HEDDLE" noc issue home --csr "$work/a.csr" --node-id next --out "$work/  ä
-x"

# --- time zones and languages ----------------------------------------------------------------------
"$HEDDLE" fabric show home >"$work/plain"
"$HEDDLE" ledger list --json >"$work/plain.json"
for world in TZ=Pacific/Apia TZ=right/UTC TZ=:/nonexistent LC_ALL=tr_TR.UTF-8 LC_ALL=de_DE.UTF-8 LANG=ar_EG.UTF-8 LC_ALL=C POSIXLY_CORRECT=1 \
    COLUMNS=1 TERM=dumb MALLOC_PERTURB_=165; do
    that "fabric show under $world" cmp "$work/plain" <(env "$world" "$HEDDLE" fabric show home)
    that "ledger list under $world" cmp "$work/plain.json" <(env "$world" "$HEDDLE" ledger list --json)
done
new_csr world
that "noc issue under Apia and Turkish" env TZ=Pacific/Apia LC_ALL=tr_TR.UTF-8 "$HEDDLE" noc issue home --csr "$work/world.csr" \
    --node-id next --out "$work/world" --format pem
that "its dates are in UTC" openssl x509 -in "$work/world/noc.pem" -noout -checkend 0

# --- limits ----------------------------------------------------------------------------------------
new_csr limit
limited() { # OPTION VALUE
    (ulimit "$1" "$2" && issue limit)
}
that "with 16 open files" limited -n 16
sanitized || that "with 200 MB of memory" limited -v 200000
for files in 4 5 6 7 8; do
    status=0
    limited -n $files >"$out" 2>"$err" || status=$?
    [ "$status" -le 11 ] && pass "with $files open files: status $status" || fail "with $files open files" "status $status"
done
status=0
(ulimit -f 4 && "$HEDDLE" --state "$work/small" init) >"$out" 2>"$err" || status=$?
[ "$status" != 0 ] && [ ! -e "$work/small" ] && pass "a limit on file sizes ends init, which leaves nothing" ||
    fail "a limit on file sizes" "status $status, $(ls -A "$work/small" 2>/dev/null)"
same "$(find "$work" -maxdepth 1 -name '.heddle-new-*' | wc -l)" 0 "no half-made state stays"
that "ledger verify" "$HEDDLE" ledger verify
finish
