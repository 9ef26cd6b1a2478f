#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A fabric's whole life, 2026 to 2046, by libfaketime: nodes are issued, the ICA is rotated twice with a new key and once
# with the same, a CAT is raised, the root renewed and in the end replaced; twice the machine is lost and the state
# restored from a backup. What each node holds is kept here as the nodes would keep it, and at the first of each sampled
# month every chain must verify and the ledger agree with itself.
#
# NODES: how many (60); MONTHS: sample every so many months (6); 1000 and 1 for the whole.
set -eu
. "$(dirname "$0")/lib.sh"

command -v faketime >/dev/null || { skip "the life of a fabric" "no program faketime"; finish; exit; }
! sanitized || { skip "the life of a fabric" "this build has a sanitizer"; finish; exit; }
helper fleet -lcrypto -ljansson
export HEDDLE_STATE=$work/state FAKETIME_DONT_FAKE_MONOTONIC=1
nodes=${NODES:-60} months=${MONTHS:-6}
fleet=$work/nodes
now='2026-03-01 12:00:00'
mkdir "$fleet"

at() { faketime -f "@$now" "$HEDDLE" -q "$@"; }
ids() { seq "$1" "$2" | awk '{ printf "0x%016X\n", $1 }'; }

# update FABRIC NAME CATS <NODES: a batch for these nodes, each of which then holds its NOC, the ICAC and, if it is new,
# the RCAC of this moment; one that has an RCAC keeps it
update() {
    local fabric=$1 name=$2 chain
    shift 2
    "$work/fleet" ask "$name" "$@" >"$work/requests"
    [ -s "$work/requests" ] || return 0
    at noc batch "$fabric" --in "$work/requests" --out "$work/results" --name "$name" >"$out" 2>"$err" ||
        { fail "batch $name" "$(tail -n 1 "$err")"; return; }
    rm -rf "$work/new"
    mkdir "$work/new"
    "$work/fleet" take "$work/new" <"$work/results" || fail "batch $name is answered"
    at fabric export "$fabric" --out "$work/chain" >"$out"
    chain=$fabric-$(sha256sum "$work/chain/icac.tlv" | cut -c1-12)
    for noc in "$work/new"/*.tlv; do
        node=${noc##*/} root=$(sha256sum "$work/chain/rcac.tlv" | cut -c1-12)
        old=$(find "$fleet" -path "$fleet/$fabric-*/nocs/$node")
        if [ -n "$old" ]; then # UpdateNOC: the root stays
            root=${old%/nocs/*}
            root=${root##*-}
            rm "$old"
        fi
        to=$fleet/$chain-$root
        if [ ! -d "$to" ]; then
            mkdir -p "$to/nocs"
            cp "$work/chain/icac.tlv" "$to"
            [ -z "$old" ] && cp "$work/chain/rcac.tlv" "$to" || cp "${old%/nocs/*}/rcac.tlv" "$to"
        fi
        mv "$noc" "$to/nocs"
    done
}

# Every chain that a node holds verifies now, the ledger does, and both know the same nodes.
check() {
    local held=0 known=0 f stamp
    stamp=$(date -u -d "$now UTC" +%FT%TZ)
    for dir in "$fleet"/*; do
        n=$(find "$dir/nocs" -name '*.tlv' | wc -l)
        [ "$n" != 0 ] || continue
        held=$((held + n))
        "$MATTERCERT" verify --root "$dir/rcac.tlv" --ica "$dir/icac.tlv" --at "$stamp" "$dir/nocs" >"$out" 2>"$err" ||
            { fail "$stamp: the chains of ${dir##*/}" "$(grep -v valid "$out" | head -n 1)"; bad=1; }
    done
    for f in $(at fabric list --json | sed -n 's/.*"name": "\(.*\)".*/\1/p'); do
        known=$((known + $(at node list "$f" | awk '$2 == "live"' | wc -l)))
    done
    [ "$held" = "$known" ] || { fail "$stamp: the ledger knows the nodes" "$held hold a NOC, $known are live"; bad=1; }
    at ledger verify >"$out" 2>"$err" || { fail "$stamp: ledger verify"; bad=1; }
    checks=$((checks + 1)) chains=$((chains + held))
}
checks=0 chains=0 bad=0

# to YEAR-MONTH: time passes
to() {
    local next
    while :; do
        next=$(date -u -d "$now UTC + $months months" '+%F %T')
        [[ "$next" < "$1-01 12:00:00" ]] || break
        now=$next
        check
    done
    now="$1-01 12:00:00"
    check
}
pending() { at campaign "$1" | awk '$1 ~ /^0x/ { print $1 }'; }
done_of() { at campaign "$1" | tail -n 1; }

# A backup; then WORK, of which the backup knows nothing; then the machine is lost, and another one goes on.
(umask 077 && echo 'five random words are enough' >"$work/pp")
lost=0
lose() {
    local was
    lost=$((lost + 1))
    that "${now%% *}: a backup" at backup --out "$work/backup.$lost" --passphrase-file "$work/pp"
    was=$(at ledger verify)
    "$@"
    mv "$HEDDLE_STATE" "$work/lost.$lost"
    that "  is restored on another machine" at restore "$work/backup.$lost" --passphrase-file "$work/pp"
    same "$(at ledger verify)" "$was" "  with the ledger of its day"
    check
}

at init
printf '[ lifetimes ]\nrcac = 5479 days\nicac = 3653 days\nnoc = 1826 days\n' >>"$HEDDLE_STATE/heddle.conf"
at fabric create home --fabric-id 0xFAB1 >"$out"
tenth=$((nodes / 10))
ids 1 "$tenth" | update home first-a 0x00010001
ids $((tenth + 1)) "$nodes" | update home first-b
check
same "$(done_of home)" "done $nodes of $nodes" "2026: $nodes nodes, none in need of anything"

to 2030-01
that "2030: the ICA is rotated" at ica rotate home
same "$(done_of home)" "done 0 of $nodes" "every node hangs from the old one"
refused 3 authority-in-use "which cannot be retired" at ica retire home
check
pending home | head -n $((nodes / 3)) >"$work/third"
grep -Fxf <(ids 1 "$tenth") "$work/third" | update home second-a 0x00010001
grep -vFxf <(ids 1 "$tenth") "$work/third" | update home second-b
same "$(done_of home)" "done $((nodes / 3)) of $nodes" "a third has new NOCs"
to 2030-04
pending home | update home second-c
same "$(done_of home)" "done $nodes of $nodes" "the others follow"
that "the old ICA is retired" at ica retire home

to 2031-06
that "2031: a CAT is raised" at cat bump home --cat 0x00010002
same "$(done_of home)" "done $((nodes - tenth)) of $nodes" "those that carry it need new NOCs"
pending home | update home cat 0x00010002
same "$(done_of home)" "done $nodes of $nodes" "and get them"

to 2032-06
lose true
to 2034-06
that "2034: the ICA is rotated again" at ica rotate home
same "$(at fabric show home --json | grep '"key_id"' | sort -u | wc -l)" 4 "three ICAs had a key each, and the root"
pending home >"$work/all"
grep -Fxf <(ids 1 "$tenth") "$work/all" | update home third-a 0x00010002
grep -vFxf <(ids 1 "$tenth") "$work/all" | update home third-b
same "$(done_of home)" "done $nodes of $nodes" "all have new NOCs"
that "the second ICA is retired" at ica retire home

to 2036-06
at plan home --until 2042-01-01 >"$work/plan"
grep -q 'plan-root-ends' "$work/plan" && pass "2036: the plan knows the end of the root" || fail "2036: the plan knows the end of the root"
that "the root is renewed" at root renew home
ids $((nodes + 1)) $((nodes + tenth)) | update home young
same "$(find "$fleet" -name rcac.tlv -exec sha256sum {} + | cut -c1-64 | sort -u | wc -l)" 2 "new nodes hold the new RCAC, old ones the old"

late() { ids 1 3 | update home unknown 0x00010002; }
to 2037-06
lose late
refused 9 ledger "a checkpoint of the lost machine does not fit" at ledger verify --checkpoint "$work/lost.2/checkpoint"
to 2038-06
that "2038: the key of the ICA gets an ICAC that the old root cut short" at ica rotate home --same-key
ids 1 $((nodes + tenth)) | update home fourth 0x00010002
same "$(done_of home)" "done $((nodes + tenth)) of $((nodes + tenth))" "all are renewed"
that "and the shorter ICAC is retired" at ica retire home

to 2040-06
that "2040: the root is replaced" at root replace home --to home2
grep -q "^done 0 of $((nodes + tenth)) (0 in both fabrics)" "$out" && pass "its plan names every node" || fail "its plan names every node"
ids 1 $((nodes + tenth)) | update home2 moved
check
that "all nodes are in both fabrics" at root replace home --to home2
grep -q "^done 0 of $((nodes + tenth)) ($((nodes + tenth)) in both fabrics)" "$out" && pass "the plan says so" || fail "the plan says so"
for node in $(ids 1 $((nodes + tenth))); do # RemoveFabric
    at node remove home --node-id "$node" >"$out"
    find "$fleet" -path "$fleet/home-*/nocs/$node.tlv" -delete
done
at root replace home --to home2 >"$out"
same "$(tail -n 1 "$out")" "done $((nodes + tenth)) of $((nodes + tenth)) (0 in both fabrics)" "all have moved"

to 2044-09
ids 1 $((nodes + tenth)) | update home2 fifth
to 2046-03
[ "$bad" = 0 ] && pass "$checks times, every chain verified ($chains in all) and the ledger agreed" || fail "every chain verifies"
that "the ledger verifies at the end" at ledger verify
finish
