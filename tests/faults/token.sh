#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A token that is removed, forgets, stalls, lies or is slow (chaos.c): the expected status, nothing lost, nothing
# released that is wrong, and the rest is done when the fault is gone.
#
# RATES: with 10 ms a signature, the rates of these numbers of workers and sessions, such as "1:64 64:1 32:64".
set -eu
. tests/faults/lib.bash

# A token outside of the state, behind our module, as a vendor's would be.
command -v softhsm2-util >/dev/null || { skip "token faults" "no program softhsm2-util"; finish; exit; }
mkdir "$work/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" >"$work/softhsm2.conf"
export SOFTHSM2_CONF=$work/softhsm2.conf
softhsm2-util --init-token --free --label vendor --so-pin 87654321 --pin 314159 >/dev/null
(umask 077 && echo 314159 >"$work/pin" && echo 271828 >"$work/wrong")
pin=(--pin-file "$work/pin")
export HEDDLE_STATE=$work/state
mkdir "$work/one"
"$HEDDLE" init -q --module "$tools/chaos.so" --token vendor "${pin[@]}"
"$HEDDLE" -q fabric create home --fabric-id 1 "${pin[@]}" >/dev/null
"$HEDDLE" -q fabric create away --fabric-id 2 "${pin[@]}" >/dev/null
setting() { sed -i "s/^$1 = .*/$1 = $2/" "$HEDDLE_STATE/heddle.conf"; }
setting timeout "5 seconds"

number=0
issue() { "$HEDDLE" -q noc issue home --csr "$work/one.csr" --node-id next --request-id "one-$number" --out "$work/one/$number" "${pin[@]}"; }
batch() { "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" --name "b$number" "${pin[@]}" "$@"; }
# next: new requests for both
next() {
    number=$((number + 1))
    new_csr one
    requests 600 "b$number" >"$work/in"
    rm -f "$work/answers" "$CHAOS_LOG"
}
# after_all NAME: without the fault both are done, and everything is as it must be
mended() {
    orders
    that "$1: noc issue afterwards" issue
    that "$1: the batch is resumed" "$HEDDLE" -q batch resume "b$number" "${pin[@]}"
    model "$1: all answered, no signature without intent" requests="$work/in" results="$work/answers" log="$CHAOS_LOG" \
        released="$work/one/$number/noc.tlv"
}
# fault NAME STATUS RULE ORDER...: noc issue at its one signature, a batch at its 300th
fault() {
    local name=$1 want=$2 rule=$3
    shift 3
    next
    # The first signature of a process is a trial of the key.
    orders "after 1" "$@"
    refused "$want" "$rule" "$name: noc issue" issue
    [ ! -e "$work/one/$number/noc.tlv" ] || fail "$name: nothing is released"
    orders "after 300" "$@"
    refused "$want" "$rule" "$name: noc batch" batch
    [ ! -e "$work/answers" ] || fail "$name: no complete answers"
    mended "$name"
}

# --- removed, lost, logged out ---------------------------------------------------------------------
fault "the token is removed" 7 token-lost gone
fault "CKR_TOKEN_NOT_PRESENT" 7 token-lost "sign 0xE0"
fault "CKR_DEVICE_REMOVED" 7 token-lost "sign 0x32"
fault "CKR_DEVICE_ERROR" 7 "" "sign 0x30"
fault "CKR_FUNCTION_FAILED" 7 "" "sign 0x06"
fault "the session is lost again and again" 7 token-lost lost
fault "the login ends again and again" 7 token-lost logout

# once NAME ORDER...: it is mended by heddle itself
once() {
    local name=$1
    shift
    next
    orders "after 1" "times 1" "$@"
    that "$name once: noc issue goes on" issue
    orders "after 300" "times 1" "$@"
    that "$name once: noc batch goes on" batch
    orders
    model "$name once: all answered" requests="$work/in" results="$work/answers" released="$work/one/$number/noc.tlv"
}
once "the session is lost" lost
once "the login ends" logout

next
orders gone
refused 7 no-token "no token from the start: noc issue" issue
refused 7 no-token "no token from the start: noc batch" batch
mended "no token from the start"

# Back later, by itself: what runs then is not the batch that was ended.
next
orders "after 200" gone
refused 7 token-lost "removed in a batch" batch
refused 7 no-token "still away: resume" "$HEDDLE" -q batch resume "b$number" "${pin[@]}"
mended "put back in"

# --- slow and stalled ------------------------------------------------------------------------------
setting timeout "1 seconds"
next
orders "after 1" stall
began=$SECONDS
refused 7 token-timeout "a signature that never comes: noc issue" issue
orders "after 300" stall
refused 7 token-timeout "a signature that never comes: noc batch" batch
[ $((SECONDS - began)) -lt 20 ] && pass "both ended by themselves" || fail "both ended by themselves" "$((SECONDS - began)) s"
mended "stalled"
same "$(pgrep -c -f "$HEDDLE_STATE" || true)" 0 "no worker is left waiting"
next
orders "slow 700"
requests 4 "b$number" >"$work/in"
that "700 ms a signature: noc issue" issue
that "700 ms a signature: noc batch" batch
orders
setting timeout "5 seconds"

# A stop in the middle of a slow batch. (SIGINT is ignored by what a script runs in the background.)
next
orders "slow 5"
requests 6000 "b$number" >"$work/in"
"$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" --name "b$number" "${pin[@]}" >"$out" 2>"$err" &
job=$!
sleep 1
kill -TERM $job
got=0
wait $job || got=$?
same $got 1 "SIGTERM in a slow batch: status 1"
says '\[interrupted\]' "it says so"
mended "SIGTERM"

# --- PIN -------------------------------------------------------------------------------------------
logins() { grep -c ^login "$CHAOS_LOG" 2>/dev/null || true; }
next
pin=(--pin-file "$work/wrong")
refused 8 pin-wrong "a wrong PIN: noc batch of eight workers" batch --workers 8
same "$(logins)" 1 "it was tried once"
refused 8 pin-remembered "again: noc batch" "$HEDDLE" -q batch resume "b$number" --workers 8 "${pin[@]}"
refused 8 pin-remembered "again: noc issue" issue
same "$(logins)" 1 "and never again"
pin=(--pin-file "$work/pin")
mended "with the right PIN"
for flags in "0x20000 pin-last-try last try" "0x40000 pin-locked locked"; do
    set -- $flags
    next
    orders "flags $1"
    refused 8 "$2" "PIN ${*:3}: noc issue" issue
    refused 8 "$2" "PIN ${*:3}: noc batch" batch
    same "$(logins)" 0 "PIN ${*:3}: it is not tried"
    mended "PIN ${*:3}"
done
next
orders "login 0xA4"
# One worker: a real token would have the flag from now on, at which the others stop.
refused 8 pin-locked "CKR_PIN_LOCKED: noc batch" batch --workers 1
same "$(logins)" 1 "it was tried once"
mended "CKR_PIN_LOCKED"

# --- sessions --------------------------------------------------------------------------------------
next
orders "sessions 1"
that "a token of one session: noc issue" issue
that "a token of one session: a batch of one worker" batch --workers 1
model "a token of one session: all answered" requests="$work/in" results="$work/answers"
next
orders "sessions 1"
refused 7 token-sessions "a token of one session: a batch of four workers" batch --workers 4
orders
mended "fewer workers"
next
orders "sessions 16"
that "a token of 16 sessions: a batch of 16 workers" batch --workers 16
model "a token of 16 sessions: all answered" requests="$work/in" results="$work/answers"
next
setting sessions 16
orders "sessions 16"
that "16 sessions, all in one worker" batch --workers 1
model "16 sessions, all in one worker: all answered" requests="$work/in" results="$work/answers" log="$CHAOS_LOG"
next
orders "after 300" gone
refused 7 token-lost "removed with 16 sessions at work" batch --workers 1
same "$("$HEDDLE" ledger list --type void --json | grep -c '"rule": "token-signature"')" 0 "what was not signed is not called wrong"
setting sessions 1
mended "removed with 16 sessions at work"
setting sessions 16
next
orders "sessions 8"
status 7 "more sessions than the token has" batch --workers 1
setting sessions 1
mended "fewer sessions"

# --- wrong signatures ------------------------------------------------------------------------------
fault "a bit of the signature is wrong" 7 token-signature flip
fault "another key signs" 7 token-signature "other heddle-audit"
next
orders "other heddle-audit"
refused 7 key-other "another key under the label from the start: noc issue" issue
refused 7 key-other "another key under the label from the start: noc batch" batch
mended "the right key"
for form in zero-r zero-s high-s low-s; do
    next
    requests 40 "b$number" >"$work/in"
    orders "$form"
    that "signatures with $form: noc issue" issue
    that "signatures with $form: noc batch" batch
    orders
    model "signatures with $form" requests="$work/in" results="$work/answers" released="$work/one/$number/noc.tlv"
    verify_one() { "$MATTERCERT" verify --root "$work/one/$number/rcac.tlv" --ica "$work/one/$number/icac.tlv" "$work/one/$number/noc.tlv"; }
    that "mattercert verifies it" verify_one
done
verified "ledger verify"

# --- CRLs at once ------------------------------------------------------------------------------------
# An older CRL never takes the place of a newer one: the second process waits until the first has written its own.
"$HEDDLE" -q paa create paa "${pin[@]}" >/dev/null
"$HEDDLE" -q cd-signer create lab "${pin[@]}" >/dev/null
numbered() { "$HEDDLE" ledger list --type document --json | grep -c '"number"'; }
at_once() { # NAME COMMAND...: twice, the first with a slow token
    local name=$1 before got=0 tries=0
    shift
    before=$(numbered || true)
    orders "slow 1000"
    "$@" --out "$work/first" "${pin[@]}" >"$work/first.out" 2>&1 &
    job=$!
    until [ "$(numbered || true)" -gt "$before" ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.05; done
    orders
    that "$name, while the token is slow for another process" "$@" --out "$work/second" "${pin[@]}"
    wait $job || got=$?
    same "$got" 0 "$name: the other one is not disturbed"
    [ "$work/second" -nt "$work/first" ] && pass "$name: the newer one was written last" || fail "$name: the newer one was written last"
}
at_once "crl sign" "$HEDDLE" crl sign paa
same "$("$MATTERCERT" crl show "$work/second" --json | tr -d '\n ' | sed 's/.*"number":"\([^"]*\)".*/\1/')" 02 "it has the next number"
at_once "cd sign" "$HEDDLE" cd sign lab --vid 0xFFF1 --pid 0x8000 --device-type 1
verified "ledger verify"

# --- many sessions in flight -----------------------------------------------------------------------
# rate WORKERS SESSIONS: signatures a second at 10 ms each, of 6,400 that 64 in flight can give
rate() {
    next
    requests 12800 "b$number" >"$work/in"
    setting sessions "$2"
    orders "slow 10"
    that "10 ms a signature, workers and sessions $1 $2" "$HEDDLE" noc batch home --in "$work/in" --out "$work/answers" --workers "$1" "${pin[@]}"
    sed -n 's/.*(\([0-9]*\)\/s).*/      \1 a second/p' "$err"
    orders
}
for way in ${RATES:-}; do
    rate "${way%:*}" "${way#*:}"
done
setting sessions 1
finish
