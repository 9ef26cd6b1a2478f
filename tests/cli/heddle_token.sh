#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A token outside of the state, and PINs.
set -eu
. "$(dirname "$0")/lib.sh"

module=$(softhsm_module)
[ -n "$module" ] || { skip "an outside token" "SoftHSM 2 is not installed"; finish; exit; }
export HEDDLE_STATE=$work/state

# A private token of our own, as a vendor's tool would make one.
mkdir "$work/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" >"$work/softhsm2.conf"
export SOFTHSM2_CONF=$work/softhsm2.conf
command -v softhsm2-util >/dev/null || { skip "an outside token" "no program softhsm2-util"; finish; exit; }
softhsm2-util --init-token --free --label vendor --so-pin 87654321 --pin 314159 >/dev/null
(umask 077 && echo 314159 >"$work/pin" && echo 271828 >"$work/wrong" && printf 161803 >"$work/third")
pin=(--pin-file "$work/pin")
new_csr a
new_csr b

# --- init ------------------------------------------------------------------------------------------
init() { "$HEDDLE" init --module "$module" "$@"; }
no_trace() { same "$(find "$work" -maxdepth 1 \( -name state -o -name '.heddle-new-*' \) | wc -l)" 0 "and nothing is left"; }
refused 7 module "a module that is not there" "$HEDDLE" init --module /nonexistent.so --token vendor "${pin[@]}"
no_trace
refused 7 module "a module that is none" "$HEDDLE" init --module "$work/pin" --token vendor "${pin[@]}"
refused 2 usage "a relative module" "$HEDDLE" init --module libsofthsm2.so --token vendor "${pin[@]}"
refused 2 usage "a module without token" init "${pin[@]}"
refused 2 usage "a token without module" "$HEDDLE" init --token vendor
refused 2 usage "a PIN without module" "$HEDDLE" init "${pin[@]}"
refused 7 no-token "a token that is not there" init --token other "${pin[@]}"
no_trace
refused 7 no-token "a token of another serial number" init --token vendor --token-serial 0123456789abcdef "${pin[@]}"
refused 8 pin-wrong "a wrong PIN" init --token vendor --pin-file "$work/wrong"
no_trace
refused 8 pin-file "no PIN file" init --token vendor --pin-file "$work/none"
refused 8 pin-source "no PIN and no terminal" setsid -w "$HEDDLE" init --module "$module" --token vendor </dev/null
no_trace
for mode in 644 640 604 660 666; do
    cp "$work/pin" "$work/open" && chmod $mode "$work/open"
    refused 8 pin-file "a PIN file of mode $mode" init --token vendor --pin-file "$work/open"
done
refused 8 pin-file "a PIN file that is a folder" init --token vendor --pin-file "$work"
(umask 077 && : >"$work/empty" && printf 'a\nb\n' >"$work/two")
refused 8 pin-file "an empty PIN file" init --token vendor --pin-file "$work/empty"
refused 8 pin-file "a PIN file of two lines" init --token vendor --pin-file "$work/two"
that "init with an outside token" init --token vendor "${pin[@]}" --json
same "$(json_value "$out" token)" vendor "its label is told"
same "$(find "$HEDDLE_STATE" -name pin -o -name softhsm | wc -l)" 0 "the state keeps no PIN and no token"
grep -q 314159 -r "$HEDDLE_STATE" && fail "the PIN is not in the state" || pass "the PIN is not in the state"

# --- work ------------------------------------------------------------------------------------------
issue() { # NAME PIN-OPTION...
    "$HEDDLE" noc issue home --csr "$work/$1.csr" --node-id next --out "$work/$1" "${@:2}"
}
that "fabric create" "$HEDDLE" fabric create home --fabric-id 0xFAB1 "${pin[@]}"
that "noc issue, PIN from a file" issue a "${pin[@]}"
from_fd() { issue "$1" --pin-fd 5 5<"$2"; }
that "noc issue, PIN from a descriptor" from_fd b "$work/pin"
from_pipe() { cat "$work/pin" | issue "$1" --pin-fd 0; }
that "noc issue, PIN from standard input" from_pipe b
from_both() { (cat "$work/pin" "$work/b.csr") | "$HEDDLE" noc issue home --csr - --pin-fd 0 --node-id next --out "$work/b"; }
status=0
from_both >"$out" 2>"$err" || status=$?
[ "$status" != 0 ] && [ "$status" -le 11 ] && pass "CSR and PIN from one input are not mixed up silently (status $status)" ||
    fail "CSR and PIN from one input" "status $status"
refused 8 "" "a descriptor that is closed" issue a --pin-fd 9
refused 2 number "a descriptor that is no number" issue a --pin-fd 314159x
! grep -q 314159 "$err" && pass "and is not repeated, since it may be a PIN" || fail "a mistaken PIN is repeated"
both() { issue a --pin-fd 5 "${pin[@]}" 5<"$work/pin"; }
refused 2 usage "both a file and a descriptor" both
that "reading needs no PIN" "$HEDDLE" ledger list
that "hsm status" "$HEDDLE" hsm status "${pin[@]}"
refused 8 pin-source "no PIN given and no terminal" setsid -w "$HEDDLE" hsm status </dev/null
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
    typed() { (sleep 1; echo "$1") | script -qec "$HEDDLE hsm status" /dev/null; }
    that "a PIN typed at the terminal" typed 314159
    grep -q 'token  *vendor' "$out" && pass "opens the token" || fail "opens the token"
    grep -q 314159 "$out" && fail "and is not shown" || pass "and is not shown"
else
    skip "a PIN typed at the terminal" "no program script, or no pseudo-terminals"
fi
same "$(entries "$HEDDLE_STATE" void)" 0 "no serial number was burned"

# --- one PIN for all processes of a batch ----------------------------------------------------------
"$HEDDLE" -q paa create paa --vid 0xFFF1 "${pin[@]}" >"$out"
"$HEDDLE" -q pai create pai --paa paa --vid 0xFFF1 --pid 0x8000 "${pin[@]}" >"$out"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/line.key" -out "$work/line.pem" -subj /CN=line -days 30 2>/dev/null
# 5 chunks: each of the workers gets one. The seed is asked for by a process of its own.
devices() { # PREFIX OPTION...
    echo "{\"count\": 600, \"prefix\": \"$1-\"}" >"$work/manifest"
    "$HEDDLE" dac batch pai --in "$work/manifest" --recipient "$work/line.pem" --out "$work/results" --workers 3 "${@:2}"
}
devices_fd() { devices "$1" --pin-fd 5 5<"$2"; }
devices_pipe() { cat "$work/pin" | devices "$1" --pin-fd 0; }
that "a batch, PIN from a descriptor" devices_fd d "$work/pin"
same "$(grep -c '"status":"issued"' "$work/results")" 600 "serves the seed and three workers"
that "a batch, PIN from a pipe" devices_pipe e
nocs() { # the PIN is the first line of the requests
    { cat "$work/pin"; for n in c d; do
        new_csr $n
        echo "{\"id\": \"$n\", \"csr\": \"$(openssl req -in "$work/$n.csr" -outform DER | base64 -w 0)\", \"node_id\": \"next\"}"
    done; } | "$HEDDLE" noc batch home --in - --out "$work/results" --workers 2 --pin-fd 0
}
that "a batch of NOCs, PIN and requests from standard input" nocs
same "$(grep -c '"status":"issued"' "$work/results")" 2 "both are issued"
that "a dry run asks for no PIN" setsid -w "$HEDDLE" noc batch home --in "$work/empty" --out "$work/results" --dry-run
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
    echo '{"count": 600, "prefix": "f-"}' >"$work/manifest"
    typed_batch() {
        (sleep 1; echo 314159) |
            script -qec "$HEDDLE dac batch pai --in $work/manifest --recipient $work/line.pem --out $work/results --workers 3" /dev/null
    }
    that "a batch, PIN typed at the terminal" typed_batch
    same "$(grep -c 'PIN' "$out") $(grep -c '"status":"issued"' "$work/results")" "1 600" "it is asked for once"
fi
sed -n '1p' "$work/wrong" >"$work/wrong-fd"
refused 8 pin-wrong "a batch with a wrong PIN" devices_fd g "$work/wrong-fd"
that "forgets it with the right one" "$HEDDLE" hsm status "${pin[@]}"

# --- a wrong PIN -----------------------------------------------------------------------------------
refused 8 pin-wrong "a wrong PIN" issue a --pin-file "$work/wrong"
same "$(stat -c %a "$HEDDLE_STATE/pin-wrong")" 600 "it is remembered in a file of mode 0600"
grep -q 271828 "$HEDDLE_STATE/pin-wrong" && fail "not in clear" || pass "not in clear"
for i in 1 2 3 4 5 6 7 8 9; do
    refused 8 pin-remembered "the same wrong PIN, time $i" issue a --pin-file "$work/wrong"
done
wrong_fd() { issue a --pin-fd 5 5<"$work/wrong"; }
refused 8 pin-remembered "the same wrong PIN from a descriptor" wrong_fd
that "the right PIN works" issue a "${pin[@]}" --json
same "$(json_value "$out" status)" repeated "at once"
refused 8 pin-wrong "another wrong PIN" issue a --pin-file "$work/third"
refused 8 pin-remembered "is remembered too" issue a --pin-file "$work/third"
that "the right PIN works again" "$HEDDLE" hsm status "${pin[@]}"

# --- a token that goes -----------------------------------------------------------------------------
mv "$work/tokens" "$work/away"
mkdir "$work/tokens"
refused 7 no-token "the token is gone" issue a "${pin[@]}"
same "$(find "$work/tokens" -mindepth 1 | wc -l)" 0 "none is made in its place"
that "reading works without it" "$HEDDLE" fabric show home
softhsm2-util --init-token --free --label vendor --so-pin 87654321 --pin 314159 >/dev/null
refused 7 no-token "another token of the same label" issue a "${pin[@]}"
rm -rf "$work/tokens"
mv "$work/away" "$work/tokens"
that "the token is back" issue a "${pin[@]}"
rm "$work"/tokens/*/*.object
refused 7 "" "a token that was emptied" issue a "${pin[@]}"
that "ledger verify" "$HEDDLE" ledger verify
finish
