#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Adopting, backing up and restoring, killed at every step: whatever is left opens and verifies, no file is half-written, and
# the same command again does what it did not. The steps of rotation are in rotate.sh.
#
# CRASH_POINTS: how many points of each command are tried, spread evenly (6); 0: all.
set -eu
. tests/faults/lib.bash
. "$here/sdk_certs.bash"

points=${CRASH_POINTS:-6}
export HEDDLE_STATE=$work/state TMPDIR=$work/tmp
mkdir "$work/tmp"

fresh() { rm -rf "$work/state" "$work/b" "$work/r" "$work"/.heddle-new-*; cp -a "$work/base" "$work/state"; }
sound() { "$HEDDLE" -q restore "$1" --check --passphrase-file "$work/pp" >"$out" 2>"$err"; }

# left POINT NAME: what a killed command may leave: a backup that has its name is whole, a restored state proves itself
left() {
    [ ! -e "$work/b" ] || sound "$work/b" || bad "$1" "$2: a backup is whole or is not there"
    [ "$(find "$work" -maxdepth 1 -name 'b.*' | wc -l)" = 0 ] || bad "$1" "$2: half a backup is left"
    [ ! -e "$work/r" ] || "$HEDDLE" --state "$work/r" -q ledger verify >"$out" 2>"$err" || bad "$1" "$2: a restored state verifies"
    "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$1" "$2: ledger verify"
    issues "$HEDDLE_STATE" mine || bad "$1" "$2: the other fabric issues"
}
# issues STATE FABRIC: a NOC that verifies
issues() {
    rm -rf "$work/noc"
    HEDDLE_STATE=$1 heddle -q noc issue "$2" --csr "$work/csr-$2.csr" --node-id next --request-id "after-$cases" --out "$work/noc" >"$out" 2>"$err" &&
        "$MATTERCERT" verify --root "$work/noc/rcac.tlv" --ica "$work/noc/icac.tlv" "$work/noc/noc.tlv" >"$out" 2>"$err"
}

# crashes STATUS STATE FABRIC ARGUMENTS...: STATUS is what the command says once it was done; then this fabric of this state issues
crashes() {
    local again=$1 state=$2 fabric=$3 point got n=0 died=0 wrong=0
    shift 3
    fresh
    list "$crash" -q "$@" || return 0
    for point in $(choose "$work/points"); do
        n=$((n + 1))
        fresh
        ! killed "$point" "$crash" -q "$@" || died=$((died + 1))
        left "$point" "$*"
        got=0
        heddle -q "$@" >"$out" 2>"$err" || got=$?
        [ $got = 0 ] || [ $got = "$again" ] || bad "$point" "$*: again (status $got)"
        [[ "$*" != *" $work/b"* ]] || sound "$work/b" || bad "$point" "$*: then the backup is there"
        [ "$fabric" = - ] || issues "$state" "$fabric" || bad "$point" "$*: NOCs are issued and verify"
        [ "$(find "$work" "$work/tmp" -maxdepth 1 -name '.heddle-new-*' | wc -l)" = 0 ] || bad "$point" "$*: the next one clears away what the killed one left"
    done
    same $wrong 0 "$*: killed at $died of $n points"
    [ $((2 * died)) -ge $n ] || fail "$* is killed at most points" "$died of $n"
}

for k in root ica node; do key $k; done
cert root "/mRoot=CACACACA00000001" root 1 "$root_ext"
cert ica "/mIca=CACACACA00000002" root 1 "$root_ext"
cert node "/mNode=0000000000000012/mFabric=00000000000000AB" ica 1 "$noc_ext"
for c in root ica node; do
    openssl x509 -in "$work/$c.pem" -outform DER -out "$work/$c.der"
    "$MATTERCERT" convert "$work/$c.pem" "$work/$c.tlv" --to tlv
    openssl ec -in "$work/$c.key" -outform DER -out "$work/$c.sec1" 2>/dev/null
done
(cd "$work" && python3 "$here/storage.py" chip-tool "$work/alpha.ini" root=root.der root_key=root.sec1 rcac=root.tlv ica=ica.der \
    ica_key=ica.sec1 icac=ica.tlv noc=node.tlv fabric=0xAB ca=0 id=0x20)
(umask 077 && echo 'five random words' >"$work/pp")
new_csr csr-mine; new_csr csr-home
"$HEDDLE" init -q
heddle -q fabric create mine --fabric-id 1 >"$out"
cp -a "$work/state" "$work/base"
crashes 0 "$work/state" home fabric adopt home --root-cert "$work/root.pem" --root-key "$work/root.key" --ica-cert "$work/ica.pem" \
    --ica-key "$work/ica.key" --noc "$work/node.pem" --no-backup
crashes 6 "$work/state" home fabric adopt home --from "$work/alpha.ini" --backup "$work/b" --passphrase-file "$work/pp"
crashes 6 "$work/state" mine backup --out "$work/b" --passphrase-file "$work/pp"
fresh
heddle -q backup --out "$work/kept" --passphrase-file "$work/pp"
crashes 6 "$work/r" mine --state "$work/r" restore "$work/kept" --passphrase-file "$work/pp"
crashes 0 "$work/state" mine restore "$work/kept" --check --passphrase-file "$work/pp"
echo "$cases kills"
finish
