#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Backups: made while the CA issues, restored elsewhere; damaged and foreign ones are refused with the reason.
# The commands of docs/backup.md are run as they stand there.
set -eu
. "$(dirname "$0")/lib.sh"

state=$work/ca
export HEDDLE_STATE=$state TMPDIR=$work
h() { "$HEDDLE" "$@"; }
h init -q
h fabric create home --fabric-id 0xFAB1 >/dev/null
new_csr a
h -q noc issue home --csr "$work/a.csr" --node-id 1 --out "$work/first" >/dev/null
(umask 077 && echo 'five random words are enough' >"$work/pp" && echo 'five random words are wrong' >"$work/wrong" && echo short >"$work/short")
make() { h -q backup --passphrase-file "$work/pp" --out "$@"; }
check() { h -q restore --check --passphrase-file "$work/pp" "$@"; }
good=$work/good.backup

# --- making one --------------------------------------------------------------------------------------
that "a backup" make "$good"
same "$(stat -c %a "$good")" 600 "has mode 0600"
same "$(od -An -tu1 -j16 -N4 "$good" | tr -s ' ')" " 17 8 1 0" "and the cost of scrypt that docs/backup.md names"
same "$(find "$work" -maxdepth 1 -name 'good.backup?*' | wc -l)" 0 "leaves no other file"
same "$(find "$state/run" -type f | wc -l)" 0 "nor one in the state"
for secret in "$(cat "$state/pin")" home heddle.ledger 'BEGIN IMMEDIATE' SQLite; do
    grep -qaF "$secret" "$good" && fail "the file is readable" "$secret" || pass "nothing in clear: ${#secret} octets"
done
refused 6 exists "a file that exists is not overwritten" make "$good"
refused 3 passphrase-short "a short passphrase" h backup --out "$work/x" --passphrase-file "$work/short"
chmod 644 "$work/short"
refused 8 passphrase-source "a passphrase that others can read" h backup --out "$work/x" --passphrase-file "$work/short"
refused 8 passphrase-source "no passphrase file" h backup --out "$work/x" --passphrase-file "$work/none"
refused 8 passphrase-source "no terminal to ask on" setsid "$HEDDLE" backup --out "$work/x"
refused 2 usage "two sources" h backup --out "$work/x" --passphrase-file "$work/pp" --passphrase-fd 0
refused 2 usage "no --out" h backup --passphrase-file "$work/pp"
refused 1 output "no folder" make "$work/none/x"
refused 5 state-none "no state" "$HEDDLE" --state "$work/none" backup --out "$work/x" --passphrase-file "$work/pp"
that "a passphrase from a descriptor" bash -c '"$0" -q backup --out "$1/fd" --passphrase-fd 3 3<"$1/pp"' "$HEDDLE" "$work"
that "is the same passphrase" check "$work/fd"
same "$(find "$work" -maxdepth 1 -name 'x*' | wc -l)" 0 "a refused backup leaves nothing"

# --- restoring -----------------------------------------------------------------------------------------
that "a check" check "$good"
that "a restore" "$HEDDLE" --state "$work/r" restore "$good" --passphrase-file "$work/pp"
grep -q 'belong together' "$err" && pass "says what was proven" || fail "says what was proven"
same "$(h ledger verify)" "$("$HEDDLE" --state "$work/r" ledger verify)" "the ledger is the same"
same "$(find "$work/r" \( -type d ! -perm 700 \) -o \( -type f ! -perm 600 ! -perm 400 \) | wc -l)" 0 "modes are private"
new_csr b
that "it issues again" "$HEDDLE" --state "$work/r" -q noc issue home --csr "$work/b.csr" --node-id 2 --out "$work/o"
that "what verifies" "$MATTERCERT" verify --root "$work/o/rcac.tlv" --ica "$work/o/icac.tlv" "$work/o/noc.tlv"
that "under the root of before" cmp "$work/first/rcac.tlv" "$work/o/rcac.tlv"
that "the IPK opens" "$HEDDLE" --state "$work/r" -q fabric ipk home --out "$work/ipk"
refused 6 exists "restoring onto a state" h restore "$good" --passphrase-file "$work/pp"
refused 8 passphrase-wrong "a wrong passphrase" h restore "$good" --check --passphrase-file "$work/wrong"
refused 5 file-not-found "no file" check "$work/none"
refused 4 backup-form "a folder" check "$work"
h restore --check "$good" --passphrase-file "$work/pp" --json >"$out"
same "$(json_value "$out" schema) $(json_value "$out" authorities_proven) $(json_value "$out" fabrics_proven)" \
    "heddle.restore/1 2 1" "JSON says what was proven"

# --- an old one ------------------------------------------------------------------------------------------
h -q noc issue home --csr "$work/b.csr" --node-id 3 --out "$work/o3" >/dev/null
h -q ledger checkpoint --out "$work/witness" 2>/dev/null
refused 9 ledger "a backup that is older than a checkpoint elsewhere" check "$good" --checkpoint "$work/witness"
grep -q 'rolled back' "$err" && pass "says so" || fail "says so"
that "without it the backup is sound" check "$good"

# --- damaged and foreign ones ----------------------------------------------------------------------------
before=$(find "$state" -type f -exec sha256sum {} + | sort)
size=$(stat -c %s "$good")
bad=$work/bad
: >"$work/kinds"
kind() { echo "$1" | sed 's/[0-9][0-9]*/N/' >>"$work/kinds"; }
damaged() { kind "$2"; refused 4 "$1" "$2" "$HEDDLE" --state "$work/never" restore "$bad" --passphrase-file "$work/pp"; }
flip() {
    cp "$good" "$bad"
    local old
    old=$(od -An -tu1 -j "$1" -N 1 "$good")
    printf "\\$(printf %o $((old ^ 1)))" | dd of="$bad" bs=1 seek="$1" conv=notrunc 2>/dev/null
}
for at in 0 5 13; do flip $at; damaged backup-form "octet $at changed"; done
flip 14; damaged backup-version "another version"
for at in 16 17 20 28 59 60 64 95; do flip $at; damaged backup-damaged "octet $at changed"; done
flip 127; kind "octet 127 of the head"
refused 8 passphrase-wrong "octet 127 changed" "$HEDDLE" --state "$work/never" restore "$bad" --passphrase-file "$work/pp"
for part in 0 1 2 3 4 5 6 7 8 9; do
    at=$((128 + (size - 129) * part / 9))
    flip $at
    damaged backup-damaged "octet $at changed"
done
for keep in 0 1 127; do head -c $keep "$good" >"$bad"; damaged backup-form "cut to $keep octets"; done
for keep in 128 129 144 1000 65536 65680 $((size / 2)) $((size - 65536)) $((size - 16)) $((size - 1)); do
    head -c "$keep" "$good" >"$bad"
    damaged backup-damaged "cut to $keep octets"
done
{ cat "$good"; printf x; } >"$bad"; damaged backup-damaged "an octet more"
{ cat "$good"; tail -c 65552 "$good"; } >"$bad"; damaged backup-damaged "a chunk more"
{ head -c 128 "$good"; tail -c +65681 "$good"; } >"$bad"; damaged backup-damaged "the first chunk is missing"
{ head -c 128 "$work/fd"; tail -c +129 "$good"; } >"$bad"
damaged backup-damaged "the head of another backup"
{ head -c 128 "$good"; tail -c +129 "$work/fd"; } >"$bad"; damaged backup-damaged "the chunks of another backup"
tr '\n' '\r' <"$good" >"$bad"; damaged backup-form "line ends changed on the way"
base64 "$good" >"$bad"; damaged backup-form "base64"
gzip -c "$good" >"$bad"; damaged backup-form "compressed"
tar cf "$bad" -C "$state" heddle.conf; damaged backup-form "a tar archive"
cp "$state/ledger.db" "$bad"; damaged backup-form "a database"
head -c 100000 /dev/urandom >"$bad"; damaged backup-form "random octets"
head -c 100000 /dev/zero >"$bad"; damaged backup-form "zeros"
printf 'kept in a folder of its own' >"$bad"; damaged backup-form "a text"
mkdir "$bad.d"; refused 4 backup-form "a folder" "$HEDDLE" --state "$work/never" restore "$bad.d" --passphrase-file "$work/pp"
kind "a folder"
mkfifo "$bad.p"; refused 4 backup-form "a pipe" timeout 10 "$HEDDLE" --state "$work/never" restore "$bad.p" --passphrase-file "$work/pp"
kind "a pipe"
kind "older than a checkpoint"; kind "a wrong passphrase"
# Beside them 40 kinds whose seal is right are in tests/unit/test_backup.
kinds=$(sort -u "$work/kinds" | wc -l)
[ "$kinds" -ge 20 ] && pass "$kinds kinds of backups that are not sound are refused" || fail "only $kinds kinds of backups are refused"
same "$(find "$work" -maxdepth 1 -name never -o -maxdepth 1 -name '.heddle-new*' | wc -l)" 0 "nothing was restored, nothing is left"
same "$(find "$state" -type f -exec sha256sum {} + | sort)" "$before" "the state is untouched"

# --- while a batch runs ------------------------------------------------------------------------------------
for i in $(seq 60); do
    openssl req -new -key <(openssl ecparam -name prime256v1 -genkey -noout) -subj /CN=x -outform DER 2>/dev/null |
        base64 -w0 | sed 's/.*/{"id":"r'"$i"'","csr":"&","node_id":"next"}/'
    echo
done >"$work/in.jsonl"
(while read -r line; do echo "$line"; sleep 0.05; done <"$work/in.jsonl" | h -q noc batch home --in - --out "$work/out.jsonl") &
batch=$!
n=0
while kill -0 $batch 2>/dev/null; do
    n=$((n + 1))
    make "$work/during.$n" 2>"$err" && pass "backup $n during a batch" || fail "backup $n during a batch"
done
wait $batch && pass "the batch is done" || fail "the batch is done"
same "$(grep -c '"issued"' "$work/out.jsonl")" 60 "and lost nothing"
for i in $(seq $n); do that "backup $i is sound" check "$work/during.$i"; done

# --- killed ------------------------------------------------------------------------------------------------
"$HEDDLE" -q backup --out "$work/killed" --passphrase-file "$work/pp" &
sleep 0.2
kill -9 $! 2>/dev/null || :
wait $! 2>/dev/null || :
that "after a backup that was killed" make "$work/after"
same "$(find "$state/run" -type f | wc -l)" 0 "its copy of the ledger goes with the next one"

# --- an outside token ---------------------------------------------------------------------------------------
module=$(softhsm_module)
if [ -n "$module" ] && command -v softhsm2-util >/dev/null; then
    mkdir "$work/tokens"
    printf 'directories.tokendir = %s\n' "$work/tokens" >"$work/soft.conf"
    export SOFTHSM2_CONF=$work/soft.conf
    softhsm2-util --init-token --free --label out --so-pin 12345678 --pin 1234 >/dev/null
    (umask 077 && echo 1234 >"$work/outpin")
    "$HEDDLE" --state "$work/out.s" -q init --module "$module" --token out --pin-file "$work/outpin"
    "$HEDDLE" --state "$work/out.s" -q fabric create far --fabric-id 9 --pin-file "$work/outpin" >/dev/null
    that "a backup with an outside token needs no PIN" "$HEDDLE" --state "$work/out.s" backup --out "$work/outside" --passphrase-file "$work/pp"
    grep -q 'not in this file' "$err" && pass "says where the keys are" || fail "says where the keys are"
    that "checked with the token" check "$work/outside" --module "$module" --pin-file "$work/outpin"
    that "checked without it" check "$work/outside" --no-token
    refused 2 usage "its module is loaded only when it is named" check "$work/outside" --pin-file "$work/outpin"
    grep -q "module $module" "$err" && pass "  and told" || fail "  and told"
    refused 2 usage "a backup with keys takes no module" check "$good" --module "$module"
    mkdir "$work/else where" && cp "$module" "$work/else where/module.so"
    that "restored where the module is elsewhere" "$HEDDLE" --state "$work/out.r" -q restore "$work/outside" --passphrase-file "$work/pp" \
        --module "$work/else where/module.so" --pin-file "$work/outpin"
    same "$(diff "$work/out.s/heddle.conf" "$work/out.r/heddle.conf" | grep -c '^[<>]')" 2 "  heddle.conf has another module, and is the same else"
    [ ! -e "$work/out.r/softhsm" ] && [ ! -e "$work/out.r/pin" ] && pass "  no token is in the state" || fail "  no token is in the state"
    new_csr o
    that "  it issues" "$HEDDLE" --state "$work/out.r" -q noc issue far --csr "$work/o.csr" --node-id 1 --pin-file "$work/outpin" --out "$work/far"
    that "  what verifies" "$MATTERCERT" verify --root "$work/far/rcac.tlv" --ica "$work/far/icac.tlv" "$work/far/noc.tlv"
    refused 7 "" "a module that is not there" check "$work/outside" --module "$work/none.so" --pin-file "$work/outpin"
    refused 2 usage "a module without a full path" check "$work/outside" --module module.so --pin-file "$work/outpin"
    mv "$work/tokens" "$work/gone"; mkdir "$work/tokens"
    refused 7 "" "the token is not there" check "$work/outside" --module "$module" --pin-file "$work/outpin"
    rm -r "$work/tokens"; mv "$work/gone" "$work/tokens"
    softhsm2-util --delete-token --token out >/dev/null
    softhsm2-util --init-token --free --label out --so-pin 12345678 --pin 1234 >/dev/null
    refused 7 "" "another token of the same name" check "$work/outside" --module "$module" --pin-file "$work/outpin"
    unset SOFTHSM2_CONF
else
    skip "an outside token" "no softhsm2-util"
fi

# --- the runbook --------------------------------------------------------------------------------------------
mkdir "$work/book"
sed -n '/^```sh/,/^```/{/^```/d;p}' "$top/docs/backup.md" >"$work/book/run.sh"
same "$(grep -c 'heddle ' "$work/book/run.sh" | awk '{ print ($1 >= 6) }')" 1 "the runbook has commands"
(
    cd "$work/book"
    ln -s "$HEDDLE" heddle
    cp "$work/pp" passphrase
    PATH=$PWD:$PATH
    export PATH HEDDLE_STATE="$state"
    bash -eux run.sh
) >"$out" 2>"$err" && pass "every command of the runbook works" || fail "every command of the runbook works"
finish
