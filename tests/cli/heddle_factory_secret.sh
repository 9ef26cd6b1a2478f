#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From the batch to the line: keys, verifiers, rotating ids and codes of devices are in no file and no system call, but where the
# operator asked for them in clear. Also in a batch that was killed and resumed.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state TMPDIR=$work/tmp HOME=$work/home XDG_RUNTIME_DIR=$work/tmp
mkdir "$TMPDIR" "$HOME" "$work/logs"
helper needle -lcrypto
helper killer
"$HEDDLE" -q init
"$HEDDLE" -q paa create paa --vid 0xFFF1 >"$work/logs/paa"
"$HEDDLE" -q pai create pai --paa paa --vid 0xFFF1 --pid 0x8000 >"$work/logs/pai"
# The line's key stands outside of all that is searched.
line=$(mktemp -d "${TMPDIR%/tmp}-line-XXXXXX")
undo='rm -rf "$line"'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=line -days 30 -keyout "$line/line.key" -out "$work/line.pem" 2>"$err"

# log NAME COMMAND...: keeps what the command prints and, as octets, all that it writes, sends or is called with.
log() {
    strace -f -qq -xx -e trace=execve,openat,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg -s 1000000 -o "$line/trace" \
        "${@:2}" >"$work/logs/$1.out" 2>"$work/logs/$1.err" || fail "$1" "status $?"
    python3 - "$line/trace" "$work/logs/$1.calls" <<'PY'
import re, sys
text = open(sys.argv[1], encoding="ascii", errors="replace").read()
with open(sys.argv[2], "wb") as f:
    for run in re.findall(r'"((?:\\x[0-9a-f]{2})+)"', text):
        f.write(bytes.fromhex(run.replace("\\x", "")) + b"\n")
PY
    traced=$((traced + $(grep -c . "$line/trace")))
}
traced=0
if ! command -v strace >/dev/null || sanitized; then
    log() { "${@:2}" >"$work/logs/$1.out" 2>"$work/logs/$1.err" || fail "$1" "status $?"; }
fi

# needles FILE [EVERY]: what is secret in the records of FILE, of every EVERY-th device, as hex; their passcodes
needles() {
    python3 - "$1" "${2:-1}" "$line/passcodes" <<'PY'
import base64, json, sys
devices = [json.loads(l) for l in open(sys.argv[1])][::int(sys.argv[2])]
with open(sys.argv[3], "w") as f:
    for d in devices:
        verifier = base64.b64decode(d["spake2p"]["verifier"])
        for secret in (base64.b64decode(d["key"]), verifier[:32], verifier[33:], base64.b64decode(d["rotating_id"]), d["qr"].encode(),
                       d["manual"].encode()):
            print(secret.hex())
        # Few digits may stand anywhere: those are looked for behind their names.
        for form in ("%d",) if d["passcode"] > 999999 else ('"passcode": %d', '"passcode":%d', "passcode=%d", "passcode %d"):
            print(form % d["passcode"], file=f)
PY
}
# nowhere NAME PATH...: none of $line/needles and $line/passcodes is in a file there
nowhere() {
    local name=$1 files
    shift
    mapfile -t files < <(find "$@" -type f)
    if ! "$work/needle" find "${files[@]}" <"$line/needles" >"$err"; then
        fail "$name"
    elif grep -alFwf "$line/passcodes" "${files[@]}" >"$err"; then
        fail "$name" "a passcode"
    else
        pass "$name (${#files[@]} files)"
    fi
}
everywhere=("$HEDDLE_STATE" "$work/logs" "$TMPDIR" "$HOME" "$work/results")

# --- a batch, opened for the line --------------------------------------------------------------------
echo '{"count": 10, "prefix": "s-"}' >"$work/manifest"
log batch "$HEDDLE" dac batch pai --in "$work/manifest" --recipient "$work/line.pem" --out "$work/results"
[ "$traced" -gt 50 ] && pass "all processes of the batch were traced" || skip "all processes of the batch were traced" "no strace"
"$HEDDLE" factory open --key "$line/line.key" --in "$work/results" >"$line/records"
needles "$line/records" >"$line/needles"
same "$(wc -l <"$line/needles")" 60 "the test knows the secrets of 10 devices"
nowhere "a batch writes none of them in clear" "${everywhere[@]}"
log verify "$HEDDLE" ledger verify
log list "$HEDDLE" ledger list --json
log show "$HEDDLE" batch show batch-1
log search "$HEDDLE" ledger export --json
nowhere "nor does the ledger tell them" "${everywhere[@]}"

# --- one device by itself ----------------------------------------------------------------------------
log issue "$HEDDLE" dac issue pai --make-key --recipient "$work/line.pem" --out "$work/logs/one"
"$HEDDLE" factory open --key "$line/line.key" --in "$work/logs/one/device.cms" >"$line/made"
needles "$line/made" >"$line/needles"
same "$(wc -l <"$line/needles")" 6 "the test knows the secrets of a device made by itself"
nowhere "dac issue --make-key writes none of them in clear" "${everywhere[@]}"
"$work/needle" find "$line/made" <"$line/needles" >"$err" && fail "the search finds them in its record" || pass "the search finds them in its record"
needles "$line/records" >"$line/needles"

# --- the line's verbs: nothing but the file that was asked for ----------------------------------------
mkdir "$line/quiet"
pipe() { "$HEDDLE" -q factory open --key "$line/line.key" --in "$work/results" | "$HEDDLE" -q factory "$@"; }
(cd "$line/quiet" && pipe write --format csv >/dev/null && pipe label --format png --sheet a4 --out "$line/labels")
same "$(find "$line/quiet" | wc -l)" 1 "factory write leaves nothing where it runs"
nowhere "nor anywhere else" "${everywhere[@]}"
pipe write --format esp-nvs --insecure-dir "$line/flash"
"$work/needle" find "$line"/flash/*.csv <"$line/needles" >"$err" && fail "the search finds what is there: files in clear" ||
    pass "the search finds what is there: files in clear"
"$work/needle" find "$line/records" <"$line/needles" >"$err" && fail "and records" || pass "and records"
same "$(find "$line/flash" "$line/labels" -type f ! -perm 600 | wc -l)" 0 "all of them have mode 0600"

# Errors: each member of a record is spoilt in turn.
head -n 1 "$line/records" >"$line/one"
n=0
for member in schema id vid pid serial_number dac pai key discriminator passcode spake2p rotating_id flow rendezvous qr manual; do
    for spoil in "s/\"$member\": /\"$member\": [1, /" "s/\"$member\": /\"x$member\": /" "s/\"$member\": \"*/&\x7f/" "s/\"$member\": .*/\"$member\": /"; do
        n=$((n + 1))
        sed "$spoil" "$line/one" | "$HEDDLE" factory open >>"$work/logs/spoilt.out" 2>>"$work/logs/spoilt.err" &&
            fail "a spoilt record" "$spoil" || true
    done
done
nowhere "$n errors about spoilt records repeat nothing of them" "$work/logs"
for form in write label; do
    "$HEDDLE" factory $form --help >>"$work/logs/help"
done

# --- a batch that is killed and resumed --------------------------------------------------------------
echo '{"count": 400, "prefix": "k-"}' >"$work/manifest2"
status=0
"$work/killer" KILL 900000 "$HEDDLE" -q dac batch pai --in "$work/manifest2" --recipient "$work/line.pem" --out "$work/results2" --name killed \
    >"$work/logs/killed.out" 2>"$work/logs/killed.err" || status=$?
cp -r "$HEDDLE_STATE" "$work/killed-state"
[ -e "$work/results2" ] || "$HEDDLE" -q batch resume killed >"$work/logs/resume.out" 2>"$work/logs/resume.err" ||
    "$HEDDLE" -q dac batch pai --in "$work/manifest2" --recipient "$work/line.pem" --out "$work/results2" --name again >"$work/logs/again.out" 2>"$work/logs/again.err"
status=0
"$HEDDLE" -q factory open --key "$line/line.key" --in "$work/results2" >"$line/records2" 2>"$work/logs/open2.err" || status=$?
same "$(wc -l <"$line/records2")" 400 "every device of a killed batch has its record"
needles "$line/records2" 40 >"$line/needles"
same "$(wc -l <"$line/needles")" 60 "the secrets of ten of them"
nowhere "are nowhere in the state that the kill left" "$work/killed-state"
nowhere "nor in what was there before and after" "${everywhere[@]}" "$work/results2"
finish
