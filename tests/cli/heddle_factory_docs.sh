#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each command of docs/factory.md, in its order, and what it leaves.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir "$work/bin" "$work/desk"
ln -s "$HEDDLE" "$work/bin/heddle"
ln -s "$MATTERCERT" "$work/bin/mattercert"
export HEDDLE_STATE=$work/state PATH=$work/bin:$PATH
cd "$work/desk"
(umask 077 && echo 'correct horse battery' >passphrase)

# The declaration of the product, as a lab signs it: VID FFF1, PID 8000.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=lab -days 30 -keyout "$work/lab.key" -out lab-cd.pem 2>"$err"
xxd -r -p >"$work/cd.tlv" <<<"152400012501F1FF3602050080182503010\
12C04134353413030303030535743303030303 02D303024050024060024070124080018"
openssl cms -sign -binary -nodetach -nocerts -noattr -nosmimecap -keyid -md sha256 -signer lab-cd.pem -inkey "$work/lab.key" \
    -in "$work/cd.tlv" -outform DER -out product-cd.der
that "the declaration is one" mattercert cd show product-cd.der

lines=0
while read -r line; do
    lines=$((lines + 1))
    that "factory.md: $line" bash -euc -o pipefail "$line"
    ! grep -q 'payload show' <<<"$line" || cp "$out" payload
    ! grep -q 'factory check' <<<"$line" || cp "$out" verdict
done < <(awk '/^    \$ / { sub(/^    \$ /, ""); print }' "$top/docs/factory.md")
[ $lines -ge 14 ] && pass "the runbook has $lines commands" || fail "the runbook has $lines commands"

same "$(cat verdict)" "12 devices: 12 accepted, 0 refused" "the check accepts all"
same "$(find esp nrf -type f -perm 600 | wc -l)" 24 "two files for each device, for nobody else"
for file in esp/*.csv; do
    python3 "$here/devices.py" nvs "$file" >"$out" 2>"$err" || fail "$file keeps its schema"
done
for file in nrf/*.json; do
    python3 "$here/devices.py" nrf "$file" >"$out" 2>"$err" || fail "$file keeps its schema"
done
pass "each file was looked at by its schema"
same "$(wc -l <devices.csv)" 13 "the CSV has a line for each device"
same "$(find labels -name '*.svg' | wc -l) $(find sheets -name '*.png' | wc -l)" "12 1" "12 labels, one sheet"
grep -q '^Vendor id       0xFFF1' payload && pass "the payload is shown" || fail "the payload is shown"
if command -v zbarimg >/dev/null; then
    zbarimg -q --raw --nodbus -Sdisable -Sqrcode.enable sheets/*.png 2>"$err" | sort >"$work/scanned"
    that "zbar reads the sheet" cmp "$work/scanned" <(cut -d, -f7 devices.csv | tail -n +2 | sort)
fi

# The DACs are what OpenSSL takes for certificates under the PAA, and no two devices share anything.
mkdir "$work/x"
heddle pai export acme-pai --out "$work/x" --format pem >"$out"
cut -d, -f15 devices.csv | sed -n 2p | base64 -d | openssl x509 -inform DER -out "$work/dac.pem"
that "openssl verifies a DAC" openssl verify -CAfile "$work/x/acme-paa.pem" -untrusted "$work/x/acme-pai.pem" "$work/dac.pem"
for column in 4 6 7 8 12 13 14 15 17; do
    same "$(cut -d, -f$column devices.csv | tail -n +2 | sort -u | wc -l)" 12 "column $column differs from device to device"
done
finish
