#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The state directory: whose it is, what happens when parts of it are missing, moved, newer or full.
set -eu
. "$(dirname "$0")/lib.sh"

helper token -lcrypto -ldl
good=$work/good
"$HEDDLE" --state "$good" init -q
"$HEDDLE" --state "$good" fabric create home --fabric-id 0xFAB1 >/dev/null
new_csr a
"$HEDDLE" --state "$good" -q noc issue home --csr "$work/a.csr" --node-id 1 --out "$work/first" >/dev/null
new_csr b
state=$work/state
fresh() { rm -rf "$state"; cp -a "$good" "$state"; }
on() { "$HEDDLE" --state "$state" "$@"; }
issue() { on noc issue home --csr "$work/b.csr" --node-id next --out "$work/out"; }

# --- where it is -----------------------------------------------------------------------------------
for path in "$good" "$work/a.csr" "$work"; do
    refused 6 exists "init refuses $(basename "$path"), which exists" "$HEDDLE" --state "$path" init
done
ln -s "$work/nowhere" "$work/link"
refused 6 exists "init refuses a dangling link" "$HEDDLE" --state "$work/link" init
refused 5 state-none "no state there" "$HEDDLE" --state "$work/none" fabric list
refused 5 state-none "a file is no state" "$HEDDLE" --state "$work/a.csr" fabric list
refused 2 usage "an empty path" "$HEDDLE" --state '' fabric list
refused 2 usage "no home" env -i "$HEDDLE" fabric list
for path in 'a#b' 'a=b' $'a\nb'; do
    refused 2 usage "init refuses a path that SoftHSM would misread: $(printf %q "$path")" "$HEDDLE" --state "$work/$path" init
done
that "init takes blanks and signs" "$HEDDLE" --state "$work/a b;ä" init
that "and the state works" "$HEDDLE" --state "$work/a b;ä" fabric create home --fabric-id 1
that "HEDDLE_STATE" env HEDDLE_STATE="$good" "$HEDDLE" fabric list
that "--state wins over HEDDLE_STATE" env HEDDLE_STATE="$work/none" "$HEDDLE" --state "$good" fabric list
that "init under XDG_STATE_HOME" env -i XDG_STATE_HOME="$work/xdg" HOME="$work/home" "$HEDDLE" init
that "is in XDG_STATE_HOME/heddle" test -f "$work/xdg/heddle/ledger.db"
that "init under HOME" env -i HOME="$work/home" "$HEDDLE" init
that "is in HOME/.local/state/heddle" test -f "$work/home/.local/state/heddle/ledger.db"
same "$(stat -c %a "$work/home/.local" "$work/home/.local/state/heddle" | tr '\n' ' ')" "700 700 " "new folders on the way are private"
that "a relative XDG_STATE_HOME does not count" env -i XDG_STATE_HOME=xdg HOME="$work/home" "$HEDDLE" fabric list
(cd "$work" && that "a relative --state" "$HEDDLE" --state good fabric list && "$HEDDLE" --state relative init -q &&
    echo "$passed $failed" >"$work/count") && read -r passed failed <"$work/count"
that "a relative state is the same as an absolute one" "$HEDDLE" --state "$work/relative" fabric create r --fabric-id 1

# --- what a killed init has left ---------------------------------------------------------------------
mkdir -p "$work/drafts/.heddle-new-aaaaaa/run" "$work/drafts/.heddle-new-bbbbbb/softhsm" "$work/drafts/.heddle-new-cccccc" \
    "$work/drafts/.heddle-new-dddddd/run" "$work/drafts/.heddle-new-too-long" "$work/elsewhere"
echo key | tee "$work/drafts/.heddle-new-aaaaaa/pin" "$work/drafts/.heddle-new-bbbbbb/softhsm/key" >"$work/elsewhere/file"
ln -s "$work/elsewhere" "$work/drafts/.heddle-new-eeeeee"
that "init beside what killed ones have left, and one at work" flock "$work/drafts/.heddle-new-dddddd/run" "$HEDDLE" --state "$work/drafts/state" init
same "$(find "$work/drafts" -maxdepth 1 -name '.heddle*' -printf '%f ' | tr ' ' '\n' | sort | tr '\n' ' ')" \
    ".heddle-new-dddddd .heddle-new-eeeeee .heddle-new-too-long " "clears away the drafts of dead processes, and no other"
same "$(ls "$work/elsewhere")" file "and follows no link"

# --- modes -----------------------------------------------------------------------------------------
for mask in 000 022 077; do
    (umask $mask && "$HEDDLE" --state "$work/mask-$mask" init -q && "$HEDDLE" --state "$work/mask-$mask" fabric create m --fabric-id 1 >/dev/null)
    same "$(find "$work/mask-$mask" \( -type d ! -perm 700 \) -o \( -type f ! -perm 600 ! -perm 400 \) | wc -l)" 0 \
        "umask $mask: folders have 0700, files 0600 or 0400"
done
for mode in 701 710 750 755 707 777; do
    fresh
    chmod $mode "$state"
    refused 3 state-mode "a state of mode $mode is refused" on fabric list
done
fresh
chmod 644 "$state/pin"
refused 8 pin-file "a PIN that others can read is refused" issue

# --- versions --------------------------------------------------------------------------------------
if command -v sqlite3 >/dev/null; then
    fresh
    sqlite3 "$state/ledger.db" 'PRAGMA user_version = 1000'
    for verb in "fabric list" "ledger verify" "hsm status"; do
        # shellcheck disable=SC2086
        refused 9 state-version "a newer state: $verb" on $verb
    done
    refused 9 state-version "a newer state: noc issue" issue
    sqlite3 "$state/ledger.db" 'PRAGMA application_id = 1'
    refused 9 database "another program's database" on fabric list
    for change in 'DELETE FROM entry' 'UPDATE entry SET type = 3' 'DELETE FROM cert' 'UPDATE cert SET node_id = 7' \
        'INSERT INTO entry VALUES(99, 1, zeroblob(32), x"00")'; do
        fresh
        sqlite3 "$state/ledger.db" "$change" 2>/dev/null && fail "the ledger is append-only" "$change" ||
            pass "the ledger refuses: $change"
    done
    fresh
    trigger=$(sqlite3 "$state/ledger.db" "SELECT sql FROM sqlite_master WHERE name = 'entry_update'")
    sqlite3 "$state/ledger.db" "DROP TRIGGER entry_update; UPDATE entry SET body = zeroblob(length(body)) WHERE seq = 3"
    refused 9 ledger "a trigger that was removed is found by verify" on ledger verify
    sqlite3 "$state/ledger.db" "$trigger"
    refused 9 ledger "an entry that was changed is found by verify" on ledger verify
    grep -q 'entry 3' "$err" && pass "and named" || fail "and named"
    fresh
    sqlite3 "$state/ledger.db" "DROP TRIGGER entry_delete; PRAGMA foreign_keys = OFF; DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)"
    refused 9 ledger "a cut ledger is refused at start" issue
else
    skip "newer and changed databases" "no program sqlite3"
fi
fresh
printf 'x' | dd of="$state/ledger.db" bs=1 seek=0 conv=notrunc 2>/dev/null
refused 9 database "a database that is none" on fabric list
fresh
: >"$state/ledger.db"
refused 9 "" "an empty database" issue
same "$(stat -c %s "$state/ledger.db")" 0 "is not filled with a new ledger"

# --- missing parts ---------------------------------------------------------------------------------
parts=$(cd "$good" && find . -mindepth 1 ! -name '*.lock' ! -path ./softhsm/lock ! -path './softhsm/tokens/*/*' | sort)
for part in $parts; do
    fresh
    keys=$(find "$state/softhsm" -name '*.object' ! -name token.object | wc -l)
    rm -rf "${state:?}/$part"
    status=0
    issue >"$out" 2>"$err" || status=$?
    case $part in
    # What is not needed for this, or can be told from the rest.
    ./profiles/rcac.profile | ./profiles/icac.profile | ./profiles/[cdp]*.profile | ./softhsm/token.object.copy | ./softhsm/token.object.sum | \
        ./softhsm/softhsm2.conf)
        same "$status" 0 "without $part it works" ;;
    ./pin) same "$status" 8 "without $part: status 8" ;;
    ./softhsm | ./softhsm/tokens | ./softhsm/tokens/*) same "$status" 7 "without $part: status 7" ;;
    *) same "$status" 9 "without $part: status 9" ;;
    esac
    if [ "$status" != 0 ]; then
        [ "$(grep -c '^heddle: ' "$err")" = 1 ] && pass "one sentence" || fail "one sentence" "$part"
        [ ! -e "$state/$part" ] && pass "and $part is not made anew" || fail "$part was made anew"
    else
        same "$(find "$state/softhsm" -name '*.object' ! -name token.object | wc -l)" "$keys" "and no key is made"
    fi
done
fresh
rm -rf "$state"/softhsm/tokens/*/*.object
refused 7 "" "a token without objects" issue
fresh
for file in "$state"/softhsm/tokens/*/token.object; do chmod u+w "$file" && : >"$file"; done
that "an emptied token.object is put back" issue
fresh
rm -f "$state"/softhsm/tokens/*/token.object
that "a removed token.object is put back" issue
fresh
that "a state that was moved works" mv "$state" "$work/moved"
that "at its new place" "$HEDDLE" --state "$work/moved" noc issue home --csr "$work/b.csr" --node-id next --out "$work/moved-out"
that "ledger verify" "$HEDDLE" --state "$work/moved" ledger verify

# --- no room, no writing ---------------------------------------------------------------------------
lost_nothing() { # NAME STATE
    that "$1: the first certificate is still given" "$HEDDLE" --state "$2" noc issue home --csr "$work/a.csr" --node-id 1 --out "$work/again" --json
    same "$(json_value "$out" status)" repeated "$1: repeated"
    that "$1: with its bytes" cmp "$work/first/noc.tlv" "$work/again/noc.tlv"
    that "$1: ledger verify" "$HEDDLE" --state "$2" ledger verify
}
one_sentence() { [ "$(grep -c '^heddle: ' "$err")" = 1 ] && pass "$1: one sentence" || fail "$1: one sentence"; }
disk=$work/disk
mkdir "$disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=2M,mode=700 tmpfs "$disk" 2>/dev/null; then
    undo="umount -l '$disk'"
    cp -a "$good" "$disk/state"
    mount -o remount,ro "$disk"
    refused 1 "" "read-only: noc issue" "$HEDDLE" --state "$disk/state" noc issue home --csr "$work/b.csr" --node-id next --out "$work/ro"
    one_sentence "read-only: noc issue"
    status=0
    "$HEDDLE" --state "$disk/state" fabric list >"$out" 2>"$err" || status=$?
    [ "$status" = 0 ] || [ "$status" = 1 ] && pass "read-only: fabric list works or says why not" || fail "read-only: fabric list" "$status"
    refused 1 "" "read-only: init" "$HEDDLE" --state "$disk/new" init
    mount -o remount,rw "$disk"
    refused 1 "" "read-only folder for the output" "$HEDDLE" --state "$disk/state" noc issue home --csr "$work/b.csr" --node-id next --out /proc/heddle
    lost_nothing "read-only" "$disk/state"

    # The last free pages go one by one, so that the disk is full at each place once.
    for free in 0 4 8 16 32 64 96 128 192; do
        dd if=/dev/zero of="$disk/filler" bs=4k 2>/dev/null || true
        truncate -s $(($(stat -c %s "$disk/filler") - free * 1024)) "$disk/filler"
        new_csr full
        status=0
        "$HEDDLE" --state "$disk/state" noc issue home --csr "$work/full.csr" --node-id next --out "$work/full" >"$out" 2>"$err" || status=$?
        case $status in
        0) pass "full disk, $free KiB free: issued" ;;
        1) one_sentence "full disk, $free KiB free: refused" ;;
        *) fail "full disk, $free KiB free" "status $status" ;;
        esac
        rm "$disk/filler"
        that "then space: it works" "$HEDDLE" --state "$disk/state" noc issue home --csr "$work/full.csr" --node-id next --out "$work/full"
    done
    lost_nothing "full disk" "$disk/state"
    dd if=/dev/zero of="$disk/filler" bs=4k 2>/dev/null || true
    for free in 0 16 48 96; do
        truncate -s $(($(stat -c %s "$disk/filler") - free * 1024)) "$disk/filler"
        refused 1 "" "full disk, init with $free KiB" "$HEDDLE" --state "$disk/new" init
        same "$(ls -A "$disk" | tr '\n' ' ')" "filler state " "leaves nothing"
    done
    rm "$disk/filler"
    same "$("$HEDDLE" --state "$disk/state" ledger list --json | sed -n 's/.*"serial": "\([0-9a-f]*\)".*/\1/p' | sort | uniq -d | wc -l)" 0 \
        "serial numbers are unique"
    umount "$disk"
    undo=:
else
    skip "read-only and full disks" "needs root and a mount"
fi
finish
