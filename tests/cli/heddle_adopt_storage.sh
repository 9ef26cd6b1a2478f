#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Adopting a fabric from the storage of chip-tool, the Python controller and matter.js, as their public sources lay it out
# (storage.py writes it): what is issued afterwards verifies under the adopted root. Storage that is broken, of somebody
# else, or hostile is refused with the reason, and nothing is recorded.
set -eu
. "$(dirname "$0")/lib.sh"
. "$here/sdk_certs.bash"
cd "$work"

# --- a fabric in the style of Home Assistant: 2021-01-01 to 2030-12-30, serial number 1 ----------------------
for k in root ica ctl lamp plug other oroot; do key $k; done
F=00000000000000AB
cert root "/mRoot=CACACACA00000001" root 1 "$root_ext"
cert ica "/mIca=CACACACA00000002" root 1 "$root_ext"
cert ctl "/mNode=000000000001B669/mFabric=$F" ica 1 "$noc_ext"
cert lamp "/mNode=0000000000000012/mFabric=$F" ica 1 "$noc_ext"
cert plug "/mNode=0000000000000013/mFabric=$F" root 1 "$noc_ext" # signed by the root, though there is an ICA
cert oroot "/mRoot=CACACACA00000009" oroot 1 "$root_ext"
cert other "/mNode=0000000000000014/mFabric=$F" oroot 1 "$noc_ext" # of another fabric
for c in root ica ctl lamp plug oroot other; do
    openssl x509 -in $c.pem -outform DER -out $c.der
    "$MATTERCERT" convert $c.pem $c.tlv --to tlv
    openssl ec -in $c.key -outform DER -out $c.sec1 2>/dev/null
done
make() { python3 "$here/storage.py" "$@"; }
ca='root=root.der root_key=root.sec1 rcac=root.tlv fabric=0xAB'
both="$ca ica=ica.der ica_key=ica.sec1 icac=ica.tlv noc=ctl.tlv"
new_csr new
openssl req -new -key lamp.key -subj /CN=lamp -out lamp.csr
n=0
fresh() { n=$((n + 1)) state=$work/s$n; "$HEDDLE" --state "$state" init -q; }
h() { "$HEDDLE" --state "$state" "$@"; }

# adopts NAME TOOL NOCS PATH [OPTION...]: all of a round trip
adopts() {
    local name=$1 tool=$2 nocs=$3 path=$4
    shift 4
    find "$path" -type f -exec sha256sum {} + | sort >before
    fresh
    that "$name is adopted" h fabric adopt home --from "$path" --no-backup "$@"
    grep -Eq ", $nocs NOCs?( and [1-9] nodes? without)?, from $tool\$" "$out" && pass "  as $tool's, with $nocs NOCs" || fail "  as $tool's, with $nocs NOCs" "$(cat "$out")"
    cp "$err" told
    grep -qi "$secrets" "$out" "$err" && fail "  a key is printed" || pass "  no key is printed"
    that "  a NOC" h -q noc issue home --csr new.csr --node-id next --out "issued$n"
    if [ -f "issued$n/icac.tlv" ]; then
        that "  verifies under the adopted root" "$MATTERCERT" verify --root root.pem --ica ica.pem "issued$n/noc.tlv"
    else
        that "  verifies under the adopted root" "$MATTERCERT" verify --root root.pem "issued$n/noc.tlv"
    fi
    that "  and the root is the same, octet by octet" cmp root.tlv "issued$n/rcac.tlv"
    that "  the ledger verifies" h ledger verify
    find "$path" -type f -exec sha256sum {} + | sort | cmp -s - before && pass "  the storage is untouched" || fail "  the storage is untouched"
}
scalar() { openssl ec -in "$1.key" -text -noout 2>/dev/null | sed -n '/priv/,/pub/{/:$/!p}' | tr -d ' :\n' | sed 's/^00//' | cut -c1-24; }
secrets="$(scalar root)\\|$(scalar ica)"
default=$(printf 'temporary ipk 01' | od -An -tx1 | tr -d ' \n')

# --- chip-tool -----------------------------------------------------------------------------------------------
mkdir tool two
# shellcheck disable=SC2086
make chip-tool tool/chip_tool_config.alpha.ini $both ca=0 id=0x20
printf '[Default]\nLocalNodeId=aQEAAAAAAAA=\n' >tool/chip_tool_config.ini
adopts "the folder of chip-tool" chip-tool 1 tool
grep -q 'field-serial-one' told && grep -q 'field-2030-12-30' told && pass "  its defects are told" || fail "  its defects are told"
grep -q "^  tool/chip_tool_config.alpha.ini$" told && pass "  the file to destroy is named" || fail "  the file to destroy is named"
grep -q "stands in the SDK's source" told && pass "  the well-known IPK is told" || fail "  the well-known IPK is told"
that "  the IPK" h -q fabric ipk home --out ipk1
same "$(cat ipk1)" "$default" "  is the one of the storage"
grep -q 'of 1 node there is no NOC.*: 0x20;' told && pass "  a node without NOC is told" || fail "  a node without NOC is told"
same "$(h node list home | awk '$1 == "0x0000000000000020" { print $2, $3 }')" "unknown unknown" "  and on record"
that "  and takes a NOC as its first" h -q noc issue home --csr lamp.csr --node-id 0x20 --out first
same "$(h node list home | awk '$1 == "0x0000000000000020" { print $2, $5 }')" "live 1" "  which is then on record"
adopts "its file" chip-tool 1 tool/chip_tool_config.alpha.ini
# shellcheck disable=SC2086
make chip-tool sec1.ini $both ca=0xA sec1=1 ipk=00112233445566778899aabbccddeeff
(umask 077 && echo 00112233445566778899aabbccddeeff >ipk.hex && echo ff112233445566778899aabbccddeeff >wrong.hex)
adopts "another IPK and keys in DER" chip-tool 1 sec1.ini --ipk-file ipk.hex
that "  the IPK" h -q fabric ipk home --out ipk2
same "$(cat ipk2)" "$(cat ipk.hex)" "  is the one that was given"
fresh
refused 3 adopt-ipk "an IPK that cannot be told" h fabric adopt home --from sec1.ini --no-backup
refused 3 adopt "an IPK that is not the storage's" h fabric adopt home --from sec1.ini --ipk-file wrong.hex --no-backup
refused 2 usage "both" h fabric adopt home --from sec1.ini --ipk-file ipk.hex --new-ipk --no-backup
that "a new IPK, on demand" h fabric adopt home --from sec1.ini --new-ipk --no-backup
grep -q 'nodes of the fabric do not have it' "$err" && pass "  and that is said" || fail "  and that is said"
# shellcheck disable=SC2086
make chip-tool noica.ini $ca noc=plug.tlv
adopts "no ICA, as the SDK can be told to work" chip-tool 1 noica.ini

# --- the Python controller -------------------------------------------------------------------------------------
# shellcheck disable=SC2086
make python ha $both node=lamp.tlv node=plug.tlv node=other.tlv id=0x30
cp ha/chip.json ha/chip.json.backup
adopts "the folder of python-matter-server" "the Python controller" 3 ha
grep -q '1 NOCs in the storage are of other fabrics' told && pass "  a NOC of another root is left out, and that is said" || fail "  a NOC of another root is left out"
grep -q "^  ha/chip.json.backup$" told && pass "  its own backup is to be destroyed too" || fail "  its own backup is to be destroyed too"
grep -Eq ' of [0-9] NOCs: .*\[' told && pass "  defects of NOCs share a line" || fail "  defects of NOCs share a line"
h plan home --until 2031-01-01 --json >plan
for rule in plan-2030 plan-ica-short; do
    grep -q "\"$rule\"" plan && pass "  the plan says $rule" || fail "  the plan says $rule"
done
refused 3 key-taken "  an adopted node's key is no other node's" h noc issue home --csr lamp.csr --node-id 0x99 --out o2
that "  but its own" h -q noc renew home --node-id 0x12 --csr lamp.csr --out o3
"$MATTERCERT" show o3/noc.tlv >"$out"
grep -q 'serial.*01$' "$out" && fail "  serial number 1 is not repeated" || pass "  serial number 1 is not repeated"
adopts "its chip.json" "the Python controller" 3 ha/chip.json
fresh
h fabric adopt home --from ha --no-backup --json >"$out" 2>"$err"
grep -q '^    "0x0000000000000030"' "$out" && pass "a node without NOC is named" || fail "a node without NOC is named"
same "$(json_value "$out" schema) $(json_value "$out" ipk) $(json_value "$out" nocs_left_out)" "heddle.fabric-adopt/1 well-known 1" "in JSON"
python3 - "$out" <<'PY' && pass "  with the defects by lint's rules" || fail "  with the defects by lint's rules"
import json, sys
d = json.load(open(sys.argv[1]))
rules = {(x["of"], x["rule"]) for x in d["defects"]}
want = {("root", "field-2030-12-30"), ("ICA", "field-serial-one"), ("NOC", "field-serial-one"), ("NOC", "field-2030-12-30")}
sys.exit(not (want <= rules and d["destroy"] == ["ha/chip.json", "ha/chip.json.backup"]))
PY

# several CAs, several fabrics
mkdir many
# shellcheck disable=SC2086
make python many $both ca=1
make python many root=oroot.der root_key=oroot.sec1 fabric=0xAB ca=2
fresh
refused 2 storage-choice "two CAs" h fabric adopt home --from many --no-backup
refused 2 storage-choice "a CA that is not there" h fabric adopt home --from many --ca-index 7 --no-backup
grep -q '1, 2' "$err" && pass "  those that are there are named" || fail "  those that are there are named"
adopts "the first of two CAs" "the Python controller" 1 many --ca-index 1
sed 's/"fabricId": 171, "vendorId": 65521}/&, {"fabricId": 5, "vendorId": 65521}/; s/"fabricId": 171,$/"fabricId": 5,/' many/chip.json >two/chip.json
python3 - two/chip.json <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
d["repl-config"]["caList"] = {"1": [{"fabricId": 171, "vendorId": 1}, {"fabricId": 5, "vendorId": 1}]}
json.dump(d, open(sys.argv[1], "w"))
PY
fresh
refused 2 storage-choice "two fabrics under one root" h fabric adopt home --from two --ca-index 1 --no-backup
grep -q '0xAB, 0x5' "$err" && pass "  both are named" || fail "  both are named"
refused 2 storage-choice "a fabric that is not there" h fabric adopt home --from two --ca-index 1 --fabric-id 6 --no-backup
adopts "one of them" "the Python controller" 1 two --ca-index 1 --fabric-id 0xAB
cp tool/chip_tool_config.alpha.ini many/
fresh
refused 2 storage-choice "storage of two tools in one folder" h fabric adopt home --from many --ca-index 1 --no-backup

# --- matter.js ---------------------------------------------------------------------------------------------------
for form in file json wal sqlite; do
    # shellcheck disable=SC2086
    make matterjs-$form js-$form $both node=lamp.tlv node=plug.tlv id=0x31 ipk=0f0e0d0c0b0a09080706050403020100
    adopts "matter.js, $form" matter.js 3 js-$form
    that "  the IPK" h -q fabric ipk home --out ipk-$form
    same "$(cat ipk-$form)" 0f0e0d0c0b0a09080706050403020100 "  is the one of the storage"
done
for file in storage.db; do adopts "matter.js, $file alone" matter.js 3 js-sqlite/$file; done
adopts "matter.js, storage.json alone" matter.js 3 js-json/storage.json
# shellcheck disable=SC2086
make matterjs-old js-old $both node=lamp.tlv id=0x32
adopts "matter.js before 0.16" matter.js 1 js-old
# shellcheck disable=SC2086
make matterjs-file js-noica $ca noc=plug.tlv
adopts "matter.js without ICA" matter.js 1 js-noica
mkdir -p dot/other && cp -r js-wal dot/server && echo '{}' >dot/other/storage.json
adopts "the folder of its namespaces" matter.js 3 dot
cp -r js-file js-nokey && rm js-nokey/certificates.rootKeyPair
fresh
refused 4 storage "a root without its key" h fabric adopt home --from js-nokey --no-backup
that "which is given as a file" h fabric adopt home --from js-nokey --root-key root.key --no-backup
grep -q '^  root.key$' "$err" && grep -q '^  js-nokey/certificates.icacKeyPair$' "$err" && pass "  all key files are named" || fail "  all key files are named"

# --- the backup choice -----------------------------------------------------------------------------------------------
(umask 077 && echo 'five random words' >pp && echo short >short)
fresh
refused 2 usage "no choice" h fabric adopt home --from tool
refused 2 usage "both choices" h fabric adopt home --from tool --no-backup --backup b --passphrase-file pp
refused 3 passphrase-short "a short passphrase" h fabric adopt home --from tool --backup b --passphrase-file short
touch there
refused 6 exists "a backup that exists" h fabric adopt home --from tool --backup there --passphrase-file pp
refused 1 output "no folder for it" h fabric adopt home --from tool --backup none/b --passphrase-file pp
refused 8 passphrase-source "no terminal to ask on" setsid "$HEDDLE" --state "$state" fabric adopt home --from tool --backup b
same "$(entries "$state" fabric)" 0 "nothing was adopted"
that "with a backup" h fabric adopt home --from tool --backup b --passphrase-file pp
grep -q '^destroy, with every copy of them:$' "$err" && pass "  then the files can be destroyed" || fail "  then the files can be destroyed"
that "  it restores" "$HEDDLE" --state "$work/restored" -q restore b --passphrase-file pp
that "  and the restored state issues" "$HEDDLE" --state "$work/restored" -q noc issue home --csr new.csr --node-id 0x77 --out o5
that "  what verifies" "$MATTERCERT" verify --root root.pem --ica ica.pem o5/noc.tlv

# --- broken, foreign, hostile -------------------------------------------------------------------------------------------
fresh
h ledger verify >"$out"
head=$(cat "$out")
from() { h fabric adopt x --from "$@" --no-backup; }
refused 5 file-not-found "no such path" from nowhere
refused 4 storage-form "a folder of something else" from "$here"
refused 4 storage-form "an empty file" from there
mkdir empty && refused 4 storage-form "an empty folder" from empty
refused 4 storage-form "a certificate" from root.pem
mkfifo pipe && refused 4 storage-form "a pipe" timeout 10 "$HEDDLE" --state "$state" fabric adopt x --from pipe --no-backup
refused 4 storage-form "a device" from /dev/zero
ln -s loop loop && refused 4 read "a link to itself" from loop
refused 2 usage "--from with --root-cert" from tool --root-cert root.pem
refused 2 storage-choice "--ca-index with matter.js" from js-file --ca-index 1
head -c 700 ha/chip.json >cut.json && refused 4 storage "JSON that was cut off" from cut.json
grep -q 'line [0-9]*, column' "$err" && pass "  the place is told" || fail "  the place is told"
edit() { python3 - ha/chip.json "$1" "$2" "$3" <<'PY'
import json, sys
d = json.load(open(sys.argv[1])); s = d["sdk-config"]
exec(sys.argv[3])
json.dump(d, open(sys.argv[2], "w"))
PY
}
mutant() { edit mutant.json "$3" x; refused "$1" "$2" "$4" from mutant.json "${@:5}"; }
mutant 4 storage 's["ExampleCARootCert1"] = "@@@"' "a value that is no base64"
mutant 4 storage 'del s["ExampleCARootCert1"]' "no root certificate"
mutant 4 storage-form 'del s["ExampleOpCredsCAKey1"]' "no CA key"
mutant 4 storage 'del s["ExampleOpCredsICAKey1"]' "an ICA without its key"
mutant 4 key-file 's["ExampleOpCredsCAKey1"] = "AAAA"' "a key that is none"
mutant 7 key-other 's["ExampleOpCredsCAKey1"] = s["ExampleOpCredsICAKey1"]' "the key of another certificate"
mutant 3 chain-kind 's["ExampleCARootCert1"] = s["ExampleCAIntermediateCert1"]' "an ICAC in the place of the root" --new-ipk
mutant 4 storage 's["f/1/k/0"] = "AAAA"' "a key set that is none"
mutant 3 adopt-ipk 'del s["f/1/k/0"]' "no key set"
mutant 2 usage 'd["repl-config"] = {}; [s.pop(k) for k in list(s) if k.startswith("f/")]' "no fabric id" --new-ipk
mutant 4 storage-form 's.clear()' "nothing in it"
mutant 4 storage-form 'd["sdk-config"] = 5' "a number in the place of the values"
mutant 4 storage-form 'd["sdk-config"] = [1]' "a list in the place of the values"
printf '{"sdk-config": {"ExampleOpCredsCAKey1": "AA==", "ExampleOpCredsCAKey1": "AA=="}}' >twice.json
refused 4 storage "a name that stands twice" from twice.json
python3 -c 'print("{\"sdk-config\":" + "[" * 200000)' >deep.json && refused 4 storage "200,000 brackets" from deep.json
python3 -c 'print("{\"sdk-config\": {\"a\": \"\\xff\"}}")' >latin.json && from latin.json >"$out" 2>"$err" && fail "Latin-1" || pass "a storage that is no storage of UTF-8"
truncate -s 65M big.json && refused 4 too-big "65 MiB" from big.json
for damage in 's/^\[Default\]$/[Default/' 's/^ExampleCARootCert0=/&=/' '2s/=/ /' 's/^ExampleCARootCert0=.*/&\n&/' 's/^f/\\x0/'; do
    sed "$damage" tool/chip_tool_config.alpha.ini >bad.ini
    refused 4 "" "ini: $damage" from bad.ini
done
cp -r js-file js-bad && echo 'x' >js-bad/fabrics.fabrics && refused 4 storage "matter.js: a value that is no JSON" from js-bad
cp js-file/certificates.rootKeyPair js-bad/fabrics.fabrics && refused 2 usage "matter.js: no fabric in it" from js-bad --new-ipk
rm -rf js-bad && cp -r js-wal js-bad && head -c 200 js-wal/snapshot.json.gz >js-bad/snapshot.json.gz
refused 4 storage "matter.js: a snapshot that was cut off" from js-bad
head -c 300M /dev/zero | gzip -1 >js-bad/snapshot.json.gz && refused 4 too-big "matter.js: 300 MiB in a small file" from js-bad
rm -rf js-bad && cp -r js-sqlite js-bad && dd if=/dev/urandom of=js-bad/storage.db bs=4096 seek=1 count=3 conv=notrunc 2>/dev/null
refused 4 storage "matter.js: a damaged database" from js-bad
rm js-bad/storage.db && python3 - js-bad/storage.db <<'PY'
import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("CREATE TABLE other(x)")
PY
refused 4 storage "matter.js: another database" from js-bad
sqlite3 js-bad/storage.db "CREATE TABLE kvstore(context, key, value_type, value_json);
    INSERT INTO kvstore VALUES('certificates', CAST(x'ff41' AS TEXT), 'json', '1')"
refused 4 storage "matter.js: a name that is no UTF-8" from js-bad
rm js-bad/storage.db
sqlite3 js-bad/storage.db "CREATE VIEW kvstore(context, key, value_type, value_json) AS
    WITH RECURSIVE r(n) AS (VALUES(1) UNION ALL SELECT n + 1 FROM r) SELECT 'x', n, 'json', '1' FROM r"
refused 4 storage "matter.js: a view without end" timeout 10 "$HEDDLE" --state "$state" fabric adopt x --from js-bad --no-backup
same "$(h ledger verify)" "$head" "nothing was recorded by any of them"

# --- the runbook: each line that begins with $ in docs/adopting.md ------------------------------------------------------
mkdir bin desk && ln -s "$HEDDLE" bin/heddle && cd desk
cp -r ../ha matter_server && cp ../pp passphrase && cp ../oroot.pem rcac.pem && cp ../oroot.key root.key && cp ../ipk.hex .
key oica
cert oica "/mIca=CACACACA00000010" oroot 1 "$root_ext"
cp ../oica.pem icac.pem && cp ../oica.key ica.key && cp ../other.pem node1.pem && cp ../new.csr controller.csr
export HEDDLE_STATE=$work/runbook PATH=$work/bin:$PATH
h() { "$HEDDLE" "$@"; }
h init -q
lines=0
while read -r line; do
    lines=$((lines + 1))
    that "adopting.md: $line" bash -euc "$line"
done < <(awk '/^    \$ / { sub(/^    \$ /, ""); print }' "$top/docs/adopting.md")
[ $lines -ge 10 ] && pass "the runbook has $lines commands" || fail "the runbook has $lines commands"
grep -rlE 'PRIVATE KEY' chain controller && fail "a private key is given out" || pass "no private key is given out"
same "$(stat -c %a ipk-of-home)" 600 "the epoch key is nobody else's"
cd "$work"
unset HEDDLE_STATE
h() { "$HEDDLE" --state "$state" "$@"; }
refused 2 name "a name that leads out" h fabric adopt ../x --from tool --no-backup
finish
