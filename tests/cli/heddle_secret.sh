#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Secrets: private keys, PIN and IPK are nowhere but where they belong.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
module=$(softhsm_module)
helper token -lcrypto -ldl
helper needle -lcrypto
helper killer
mkdir "$work/logs" "$work/cores"
log() { # NAME COMMAND...: keeps what the command prints and what it is called with
    strace -f -qq -e trace=execve,openat,write,pwrite64,sendto -s 4096 -o "$work/logs/$1.trace" "${@:2}" >"$work/logs/$1.out" 2>"$work/logs/$1.err" ||
        fail "$1"
}
command -v strace >/dev/null && ! sanitized || log() { "${@:2}" >"$work/logs/$1.out" 2>"$work/logs/$1.err" || fail "$1"; }

new_csr a
log init "$HEDDLE" init
log create "$HEDDLE" fabric create home --fabric-id 0xFAB1
log flat "$HEDDLE" fabric create flat --fabric-id 2 --no-ica --json
log issue "$HEDDLE" noc issue home --csr "$work/a.csr" --node-id next --out "$work/logs/out" --format all
log status "$HEDDLE" hsm status --json
log list "$HEDDLE" ledger list --json
log show "$HEDDLE" fabric show home --json
log verify "$HEDDLE" ledger verify

# --- key objects -----------------------------------------------------------------------------------
label=$(json_value "$work/logs/status.out" token)
SOFTHSM2_CONF=$HEDDLE_STATE/softhsm/softhsm2.conf "$work/token" "$module" "$label" "$HEDDLE_STATE/pin" list >"$work/keys"
same "$(wc -l <"$work/keys")" 5 "the token holds three authorities, the audit key and the sealing key"
same "$(grep -vc ': sensitive=1 always=1 extractable=0 never=1 value=closed$' "$work/keys")" 0 \
    "all are sensitive, always were, not extractable, never were, and closed"
# The labels tell whose they are.
for name in 'home root' 'home ica' 'flat root' heddle-audit heddle-seal; do
    grep -q "^$name: " "$work/keys" && pass "key '$name'" || fail "key '$name'"
done

# --- IPK -------------------------------------------------------------------------------------------
before=$(entries "$HEDDLE_STATE" secret)
refused 2 usage "fabric ipk refuses standard output" "$HEDDLE" fabric ipk home --out -
same "$(entries "$HEDDLE_STATE" secret)" "$before" "and records nothing"
log ipk "$HEDDLE" fabric ipk home --out "$work/ipk" --why 'commissioner in building 7, Zürich'
same "$(stat -c %a "$work/ipk")" 600 "the IPK's file has mode 0600"
(umask 000 && "$HEDDLE" -q fabric ipk home --out "$work/ipk2")
same "$(stat -c %a "$work/ipk2")" 600 "whatever the umask"
touch "$work/ipk3" && chmod 666 "$work/ipk3" && "$HEDDLE" -q fabric ipk home --out "$work/ipk3"
same "$(stat -c %a "$work/ipk3")" 600 "and whatever the mode of a file that was there"
that "it is the same IPK each time" cmp "$work/ipk" "$work/ipk2"
grep -Eq '^[0-9a-f]{32}$' "$work/ipk" && pass "it is 32 hex digits" || fail "it is 32 hex digits"
"$HEDDLE" -q fabric ipk flat --out "$work/ipk-flat"
cmp -s "$work/ipk" "$work/ipk-flat" && fail "each fabric has its own" || pass "each fabric has its own"
same "$(entries "$HEDDLE_STATE" secret)" $((before + 4)) "each release is on record"
that "with its reason" grep -q 'building 7' <("$HEDDLE" ledger list --type secret --json)
for why in $'\xff' $'a\nb' $'\e[31m' $'\xc2\x9b31m' $'\xe2\x80\xae' "$(printf %0257d 0)"; do
    refused 2 usage "--why $(printf %q "$why" | cut -c1-20)" "$HEDDLE" fabric ipk home --out "$work/ipk4" --why "$why"
done
same "$(entries "$HEDDLE_STATE" secret)" $((before + 4)) "what is refused is not recorded"
refused 1 "" "a release that cannot be written" "$HEDDLE" fabric ipk home --out /proc/ipk
same "$(entries "$HEDDLE_STATE" secret)" $((before + 5)) "was recorded before it was tried"

# --- where secrets are -----------------------------------------------------------------------------
"$work/needle" keys "$HEDDLE_STATE" >"$work/needles"
[ "$(wc -l <"$work/needles")" -ge 7 ] && pass "the test knows the PIN, the token's key and the five keys" ||
    fail "the test knows the PIN, the token's key and the five keys" "$(wc -l <"$work/needles") lines"
# That they are the right octets is told by their public keys, which the ledger has.
known=0
while read -r d; do
    [ "${#d}" = 64 ] || continue
    printf '%s' "30310201010420${d}a00a06082a8648ce3d030107" | sed 's/../\\x&/g' | xargs -0 printf '%b' |
        openssl ec -inform DER -pubout -outform DER 2>/dev/null | tail -c 65 | od -An -v -tx1 | tr -d ' \n' >"$work/point"
    grep -qF "\"point\": \"$(cat "$work/point")\"" "$work/logs/list.out" && known=$((known + 1))
done <"$work/needles"
same "$known" 4 "four of them are private keys of points in the ledger"
cat "$work/ipk" "$work/ipk-flat" >>"$work/needles"
nowhere() { # NAME FILE...
    local name=$1
    shift
    [ $# -gt 0 ] && "$work/needle" find "$@" <"$work/needles" >"$err" && pass "$name ($# files)" || fail "$name"
}
mapfile -t files < <(find "$HEDDLE_STATE" -type f ! -path "$HEDDLE_STATE/pin")
nowhere "no secret in clear in the state, but the PIN in its file" "${files[@]}"
mapfile -t files < <(find "$work/logs" -type f ! -name init.trace ! -name ipk.trace)
nowhere "no secret in what was printed, called, written or sent" "${files[@]}"
if [ -f "$work/logs/init.trace" ]; then
    same "$(grep -c "$(head -n 1 "$work/needles")" "$work/logs/init.trace")" 1 "init writes the PIN once"
    same "$(grep -c "$(cat "$work/ipk")" "$work/logs/ipk.trace")" 1 "fabric ipk writes the IPK once"
fi
"$work/needle" find "$HEDDLE_STATE/pin" "$work/ipk" <"$work/needles" >"$err" && fail "the search finds what is there" ||
    same "$(sed 's/:.*//' "$err" | sort -u | wc -l)" 2 "the search finds what is there"

# --- a running process -----------------------------------------------------------------------------
# The write lock is held from outside, so that heddle waits with the token open.
if command -v sqlite3 >/dev/null; then
    # until COMMAND...: waits for it, a minute at most
    until_true() { for _ in $(seq 600); do "$@" && return; sleep 0.1; done; return 1; }
    has_token() { grep -q softhsm "/proc/$pid/maps" 2>/dev/null; }
    mkfifo "$work/hold"
    sed -i 's/^busy-timeout = .*/busy-timeout = 600 seconds/' "$HEDDLE_STATE/heddle.conf"
    sqlite3 "$HEDDLE_STATE/ledger.db" <"$work/hold" >"$work/held" &
    holder=$!
    exec 7>"$work/hold"
    echo "BEGIN IMMEDIATE; SELECT 'held';" >&7
    until_true test -s "$work/held" || fail "the write lock is held"
    new_csr b
    signals="ABRT SEGV QUIT"
    ! sanitized || signals="ABRT QUIT" # it takes SIGSEGV itself
    for signal in $signals; do
        cd "$work/cores"
        (
            ulimit -c unlimited 2>/dev/null || ulimit -c "$(ulimit -H -c)"
            exec "$HEDDLE" -q noc issue home --csr "$work/b.csr" --node-id 77 --out "$work/logs/out-b"
        ) >"$out" 2>"$err" &
        pid=$!
        # Before its exec it is a shell, which takes no notice of SIGQUIT.
        until_true has_token || fail "it opens the token"
        sleep 0.2
        if [ "$signal" = ABRT ]; then
            tr '\0' '\n' <"/proc/$pid/cmdline" >"$work/logs/cmdline"
            nowhere "no secret on the command line" "$work/logs/cmdline"
            cat "/proc/$pid/environ" >"$work/logs/environ" 2>/dev/null || echo none >"$work/logs/environ"
            nowhere "no secret in the environment" "$work/logs/environ"
        fi
        # Root sees all of its memory all the same: what is there of secrets is masked or wiped.
        if [ "$signal" = ABRT ] && [ "$(id -u)" = 0 ] && command -v gdb >/dev/null && ! sanitized; then
            timeout 60 gdb -p $pid -batch -ex "gcore $work/image" >"$work/gdb" 2>&1 || true
            if [ -s "$work/image" ]; then
                nowhere "no secret in an image of its memory" "$work/image"
            else
                skip "an image of its memory" "gdb may not"
            fi
            rm -f "$work/image"
        fi
        kill -$signal $pid
        status=0
        { wait $pid; } 2>"$work/wait" || status=$?
        [ "$status" -gt 128 ] && pass "SIG$signal ends it" || fail "SIG$signal ends it" "status $status"
        cd "$top"
        same "$(find "$work/cores" -type f | wc -l)$(grep -c 'core dumped' "$work/wait")" 00 "and no core is written"
    done
    exec 7>&-
    wait "$holder" 2>/dev/null || true
    that "afterwards it works" "$HEDDLE" noc issue home --csr "$work/b.csr" --node-id 77 --out "$work/logs/out-b"
else
    skip "a process that waits" "no program sqlite3"
fi
that "ledger verify" "$HEDDLE" ledger verify
finish
