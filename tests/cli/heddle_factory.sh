#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# heddle factory open and write: records of devices, sealed and in clear, and each form against its public schema. The
# devices are made without heddle, by openssl and tests/cli/devices.py.
set -eu
. "$(dirname "$0")/lib.sh"

# makes NAME COMMAND...: as `that`; what it printed is kept in $work/made
makes() {
    that "$@"
    cp "$out" "$work/made"
}
devices() { python3 "$here/devices.py" "$@"; }
mkdir "$work/pki"
devices make "$work/pki" 3 >"$work/records"

# --- records in clear --------------------------------------------------------------------------------
that "records are read and written" "$HEDDLE" factory open --in "$work/records"
python3 -c 'import json,sys; a,b=[[json.loads(l) for l in open(p)] for p in sys.argv[1:]]; assert a==b' "$work/records" "$out" &&
    pass "they are the same" || fail "they are the same"
"$HEDDLE" factory open --in "$out" | cmp -s - "$out" && pass "also octet by octet, once heddle wrote them" || fail "octet by octet"
that "no state is needed" env -i HEDDLE_STATE=/nonexistent "$HEDDLE" factory open --in "$work/records"

# --- sealed records ----------------------------------------------------------------------------------
# seal CERT: the results of a batch that made these devices
seal() {
    while read -r line; do
        printf '%s' "$line" | openssl cms -encrypt -binary -aes-256-cbc -outform DER "$1" >"$work/sealed"
        printf '{"id": "%s", "status": "issued", "serial": "01", "dac": "%s", "sealed": "%s"}\n' \
            "$(jq_ id <<<"$line")" "$(jq_ dac <<<"$line")" "$(base64 -w 0 "$work/sealed")"
    done
}
jq_() { sed "s/.*\"$1\": \"\([^\"]*\)\".*/\1/"; }
recipient() { # NAME OPTION...: NAME.key and NAME.pem
    openssl req -x509 -newkey "${@:2}" -subj "/CN=$1" -days 30 -keyout "$work/$1.key" -out "$work/$1.pem" 2>"$err"
}
recipient ec ec -pkeyopt ec_paramgen_curve:P-256 -nodes
recipient rsa rsa:2048 -nodes
recipient other rsa:2048 -nodes
echo 'correct horse' >"$work/passphrase"
recipient locked ec -pkeyopt ec_paramgen_curve:P-256 -passout file:"$work/passphrase"
chmod 600 "$work/passphrase"
for kind in ec rsa locked; do
    seal "$work/$kind.pem" <"$work/records" >"$work/results.$kind"
done
"$HEDDLE" factory open --in "$work/records" >"$work/clear"
for kind in ec rsa; do
    makes "results sealed to $kind are opened" "$HEDDLE" factory open --key "$work/$kind.key" --in "$work/results.$kind"
    that "and give the records" cmp "$work/made" "$work/clear"
done
that "with an encrypted key" "$HEDDLE" factory open --key "$work/locked.key" --passphrase-file "$work/passphrase" --in "$work/results.locked"
that "whose passphrase comes by a descriptor" bash -c '"$0" factory open --key "$1" --passphrase-fd 3 --in - <"$2" 3<"$3"' \
    "$HEDDLE" "$work/locked.key" "$work/results.locked" "$work/passphrase"
refused 8 passphrase-source "an encrypted key without one" setsid "$HEDDLE" factory open --key "$work/locked.key" --in "$work/results.locked"
chmod 644 "$work/passphrase"
refused 8 passphrase-source "a passphrase that others can read" \
    "$HEDDLE" factory open --key "$work/locked.key" --passphrase-file "$work/passphrase" --in "$work/results.locked"
chmod 600 "$work/passphrase"
echo wrong >"$work/wrong" && chmod 600 "$work/wrong"
refused 4 recipient-key "a wrong passphrase" "$HEDDLE" factory open --key "$work/locked.key" --passphrase-file "$work/wrong" --in "$work/results.locked"
head -n 1 "$work/results.ec" >"$work/one.ec"
head -n 1 "$work/results.rsa" >"$work/one.rsa"
refused 4 sealed "another's key" "$HEDDLE" factory open --key "$work/ec.key" --in "$work/one.rsa"
refused 4 sealed "another's key of the same kind" "$HEDDLE" factory open --key "$work/other.key" --in "$work/one.rsa"
refused 4 recipient-key "no key" "$HEDDLE" factory open --in "$work/one.ec"
refused 4 recipient-key "a certificate in place of the key" "$HEDDLE" factory open --key "$work/ec.pem" --in "$work/one.ec"
refused 5 file-not-found "a key that is not there" "$HEDDLE" factory open --key "$work/none.key" --in "$work/one.ec"
refused 5 file-not-found "results that are not there" "$HEDDLE" factory open --key "$work/ec.key" --in "$work/none"
refused 4 is-directory "a folder" "$HEDDLE" factory open --key "$work/ec.key" --in "$work"
refused 4 empty "nothing" "$HEDDLE" factory open --in /dev/null

# One sealed record alone, as `heddle dac issue` writes it.
for kind in ec rsa; do
    head -n 1 "$work/clear" | tr -d '\n' | openssl cms -encrypt -binary -aes-256-cbc -outform DER "$work/$kind.pem" >"$work/$kind.cms"
    makes "one sealed record alone" "$HEDDLE" factory open --key "$work/$kind.key" --in "$work/$kind.cms"
    that "gives its record" cmp "$work/made" <(head -n 1 "$work/clear")
done
refused 4 sealed "sealed to another" "$HEDDLE" factory open --key "$work/other.key" --in "$work/rsa.cms"
refused 4 recipient-key "without a key" "$HEDDLE" factory open --in "$work/rsa.cms"
head -c 300 "$work/rsa.cms" >"$work/cut.cms"
refused 4 sealed "cut short" "$HEDDLE" factory open --key "$work/rsa.key" --in "$work/cut.cms"
{ cat "$work/rsa.cms"; echo; } >"$work/more.cms"
refused 4 sealed "with something behind it" "$HEDDLE" factory open --key "$work/rsa.key" --in "$work/more.cms"

# One bad line does not stop the others.
{
    sed -n 1p "$work/results.ec"
    echo '{"id": "x", "status": "refused", "rule": "passcode", "why": "no"}'
    echo '{"id": "y", "status": "repeated", "serial": "01", "dac": "AAAA"}'
    echo 'no JSON, 20202021'
    sed -n '2s/"sealed": "M/"sealed": "N/p' "$work/results.ec"
    sed -n '3s/"dac": "M/"dac": "N/p' "$work/results.ec"
    echo
    sed -n 3p "$work/results.ec"
} >"$work/mixed"
status=0
"$HEDDLE" factory open --key "$work/ec.key" --in "$work/mixed" >"$out" 2>"$err" || status=$?
same "$status $(wc -l <"$out")" "10 2" "good lines are written, the status is 10"
for wanted in 'mixed:2:.*no-secrets' 'mixed:3:.*no-secrets' 'mixed:4:.*json' 'mixed:5:.*sealed' 'mixed:6:.*device'; do
    grep -Eq "$wanted" "$err" && pass "$wanted is told" || fail "$wanted is told"
done
grep -q 20202021 "$err" && fail "no error repeats its line" || pass "no error repeats its line"
sed 's/"id": "device-0000"/"id": "device-0001"/' "$work/one.ec" >"$work/swapped"
refused 4 device "a record under another's id" "$HEDDLE" factory open --key "$work/ec.key" --in "$work/swapped"
{ head -c 70000 /dev/zero | tr '\0' ' '; head -n 1 "$work/records"; } >"$work/long"
refused 4 too-big "a line that is too long" "$HEDDLE" factory open --in "$work/long"

# --- forms -------------------------------------------------------------------------------------------
product=(--vendor-name 'ACME, "Home" Ltd' --product-name 'Lämpchen' --hw-ver 3 --hw-ver-str 3.0-b --date 2026-11-25
    --part-number P-1 --product-label 'Lamp, large' --product-url 'https://example.com/?a=1,2' --finish 2 --color 11)
head -n 1 "$work/records" >"$work/first"
head -c 237 /dev/urandom >"$work/cd"
that "esp-nvs" "$HEDDLE" factory write --format esp-nvs --in "$work/first" "${product[@]}" --cd "$work/cd"
cp "$out" "$work/nvs.csv"
that "keeps its schema" devices nvs "$work/nvs.csv"
cp "$out" "$work/nvs.json"
that "and holds the device" python3 - "$work/first" "$work/nvs.json" "$work/cd" <<'PY'
import base64, json, sys
d, v = (json.load(open(p)) for p in sys.argv[1:3])
raw = lambda text: base64.b64decode(text).hex()
assert v["discriminator"] == d["discriminator"] and v["iteration-count"] == 1000
assert v["salt"] == d["spake2p"]["salt"] and v["verifier"] == d["spake2p"]["verifier"]
assert v["dac-cert"] == raw(d["dac"]) and v["pai-cert"] == raw(d["pai"]) and v["dac-key"] == raw(d["key"])
assert v["dac-pub-key"] in raw(d["dac"]) and v["rd-id-uid"] == raw(d["rotating_id"])
assert v["cert-dclrn"] == open(sys.argv[3], "rb").read().hex()
assert (v["vendor-id"], v["product-id"], v["serial-num"]) == (0xFFF1, 0x8000, d["serial_number"])
assert (v["vendor-name"], v["product-name"]) == ('ACME, "Home" Ltd', "Lämpchen")
assert (v["hardware-ver"], v["hw-ver-str"], v["mfg-date"]) == (3, "3.0-b", "20261125")
assert (v["part-number"], v["product-label"], v["product-url"]) == ("P-1", "Lamp, large", "https://example.com/?a=1,2")
assert (v["product-finish"], v["product-color"]) == (2, 11)
PY
that "nrf" "$HEDDLE" factory write --format nrf --in "$work/first" "${product[@]}"
cp "$out" "$work/nrf.json"
that "keeps its schema" devices nrf "$work/nrf.json"
that "and holds the device" python3 - "$work/first" "$work/nrf.json" <<'PY'
import base64, json, sys
d, v = (json.load(open(p)) for p in sys.argv[1:3])
raw = lambda text: "hex:" + base64.b64decode(text).hex()
assert v["dac_cert"] == raw(d["dac"]) and v["pai_cert"] == raw(d["pai"]) and v["dac_key"] == raw(d["key"])
assert v["spake2_salt"] == raw(d["spake2p"]["salt"]) and v["spake2_verifier"] == raw(d["spake2p"]["verifier"])
assert (v["version"], v["sn"], v["vendor_id"], v["product_id"]) == (1, d["serial_number"], 0xFFF1, 0x8000)
assert (v["vendor_name"], v["product_name"], v["date"]) == ('ACME, "Home" Ltd', "Lämpchen", "2026-11-25")
assert (v["hw_ver"], v["hw_ver_str"], v["product_finish"], v["primary_color"]) == (3, "3.0-b", 2, 11)
assert v["rd_uid"] == raw(d["rotating_id"]) and v["discriminator"] == d["discriminator"] and v["spake2_it"] == 1000
assert "passcode" not in v
PY
makes "nrf with the passcode" "$HEDDLE" factory write --format nrf --in "$work/first" "${product[@]}" --with-passcode
that "has it" grep -q '"passcode": [0-9]' "$work/made"
makes "json" "$HEDDLE" factory write --format json --in "$work/records"
that "is the record" cmp "$work/made" "$work/clear"
that "csv" "$HEDDLE" factory write --format csv --in "$work/records"
cp "$out" "$work/all.csv"
that "has a line for each device" python3 - "$work/records" "$work/all.csv" <<'PY'
import csv, json, sys
d = [json.loads(l) for l in open(sys.argv[1])]
rows = list(csv.DictReader(open(sys.argv[2], newline=""), strict=True))
assert len(rows) == len(d)
for x, r in zip(d, rows):
    assert all(str(x[k]) == r[k] for k in r if k in x), r
    assert all(str(x["spake2p"][k]) == r[k] for k in ("iterations", "salt", "verifier"))
PY
that "esp-nvs with no more than it must have" "$HEDDLE" factory write --format esp-nvs --in "$work/first"
cp "$out" "$work/least.csv"
that "keeps its schema too" devices nvs "$work/least.csv"
same "$(grep -c "^mfg-date,data,string,$(date -u +%Y%m%d)" "$work/least.csv")" 1 "the date is today"

# The checkers can say no.
sed 's/,u32,3840//; s/^discriminator.*/discriminator,data,u32,4096/' "$work/nvs.csv" >"$work/bad.csv"
devices nvs "$work/bad.csv" >"$out" 2>&1 && fail "the NVS checker refuses 4096" || pass "the NVS checker refuses 4096"
sed 's/"dac_key": "hex:../"dac_key": "hex:/' "$work/nrf.json" >"$work/bad.json"
devices nrf "$work/bad.json" >"$out" 2>&1 && fail "the nRF checker refuses a short key" || pass "the nRF checker refuses a short key"

# A device that made its own key.
sed 's/"key": "[^"]*", //' "$work/first" >"$work/own"
that "esp-nvs of a device with its own key" "$HEDDLE" factory write --format esp-nvs --in "$work/own"
grep -q '^dac-key' "$out" && fail "has none" || pass "has none"
refused 4 device "nrf needs the key" "$HEDDLE" factory write --format nrf --in "$work/own" "${product[@]}"

# --- files -------------------------------------------------------------------------------------------
(umask 000 && "$HEDDLE" -q factory write --format esp-nvs --in "$work/records" --insecure-dir "$work/flash")
same "$(cd "$work/flash" && stat -c '%n %a' ./* | tr '\n' ' ')" "./device-0000.csv 600 ./device-0001.csv 600 ./device-0002.csv 600 " \
    "a file for each device, of mode 0600 whatever the umask"
same "$(stat -c %a "$work/flash")" 700 "in a folder of mode 0700"
refused 6 "" "files are never overwritten" "$HEDDLE" factory write --format esp-nvs --in "$work/records" --insecure-dir "$work/flash"
that "csv is one file" "$HEDDLE" -q factory write --format csv --in "$work/records" --insecure-dir "$work/flash-csv"
that "with all devices" cmp "$work/all.csv" "$work/flash-csv/devices.csv"
that "sealed results straight to files" "$HEDDLE" -q factory write --format json --key "$work/rsa.key" --in "$work/results.rsa" --insecure-dir "$work/flash-json"
same "$(cat "$work"/flash-json/*.json | md5sum)" "$(md5sum <"$work/clear")" "give the same records"
that "factory open writes them too" "$HEDDLE" -q factory open --key "$work/rsa.key" --in "$work/results.rsa" --insecure-dir "$work/flash-open"
same "$(cd "$work/flash-open" && stat -c '%n %a' ./* | sort -u | wc -l)" 3 "one a device"
status=0
"$HEDDLE" factory write --format nrf --in "$work/records" "${product[@]}" >"$out" 2>"$err" || status=$?
same "$status $(grep -c "insecure-dir: .*one file a device" "$err")" "2 1" "several nrf files do not go to stdout"
sed 's|"id": "device-0000"|"id": "../a/b"|' "$work/first" >"$work/tricky"
that "an id that is a path" "$HEDDLE" -q factory write --format json --in "$work/tricky" --insecure-dir "$work/flash-tricky"
same "$(ls "$work/flash-tricky")" "%2E.%2Fa%2Fb.json" "names a file in its folder"
refused 1 "" "a folder that cannot be made" "$HEDDLE" factory write --format json --in "$work/first" --insecure-dir "$work/first/x"

# --- the command line --------------------------------------------------------------------------------
write() { "$HEDDLE" factory write --in "$work/first" "$@"; }
refused 2 usage "an unknown form" write --format xml
refused 2 usage "no form" write
for missing in vendor-name product-name hw-ver hw-ver-str; do
    args=()
    for ((i = 0; i < ${#product[@]}; i += 2)); do
        [ "${product[i]}" = "--$missing" ] || args+=("${product[i]}" "${product[i + 1]}")
    done
    refused 2 usage "nrf without --$missing" write --format nrf "${args[@]}"
done
refused 2 usage "a name of 33 octets" write --format nrf "${product[@]}" --product-name 123456789012345678901234567890123
for wrong in "vendor-name " "product-name"$'\n' "date 2026-13-01" "date 2026-02-30" "date 25.11.2026" "hw-ver 65536" "finish 6" "color 21" "hw-ver x"; do
    args=("--${wrong%% *}" "${wrong#* }")
    [ "${wrong%%$'\n'*}" = "$wrong" ] || args=(--product-name $'a\nb')
    status=0
    write --format esp-nvs "${args[@]}" >"$out" 2>"$err" || status=$?
    same "$status" 2 "refused: $(printf %q "${args[*]}")"
done
head -c 791 /dev/urandom >"$work/cd"
refused 4 too-big "a CD of 791 octets" write --format esp-nvs --cd "$work/cd"
refused 2 usage "two sources of a passphrase" write --format json --passphrase-fd 3 --passphrase-file x
refused 1 "" "a full disk" bash -c '"$0" factory write --in "$1" --format json >/dev/full' "$HEDDLE" "$work/first"
finish
