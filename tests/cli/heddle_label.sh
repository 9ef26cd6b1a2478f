#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# heddle factory label: every label is read back by zbar as the payload of its device. LABELS (20) devices; 1000 is the
# long form.
set -eu
. "$(dirname "$0")/lib.sh"

command -v zbarimg >/dev/null || { echo "no zbarimg here"; exit 77; }
LABELS=${LABELS:-20}
mkdir "$work/pki"
python3 "$here/devices.py" make "$work/pki" "$LABELS" >"$work/records"
sed 's/.*"qr": "\([^"]*\)".*/\1/' "$work/records" >"$work/codes"
scan() { zbarimg -q --raw --nodbus -Sdisable -Sqrcode.enable "$@" 2>"$err"; }
label() { "$HEDDLE" -q factory label "$@"; }

# --- single labels -----------------------------------------------------------------------------------
that "PNG labels" label --format png --in "$work/records" --out "$work/png" --name 'ACME Lamp E27'
same "$(find "$work/png" -name 'device-*.png' -perm 600 | wc -l)" "$LABELS" "one file of mode 0600 for each device"
scan "$work"/png/*.png | cmp -s - "$work/codes" && pass "zbar reads each of $LABELS as its device's payload" || fail "zbar reads each PNG"
that "SVG labels" label --format svg --in "$work/records" --out "$work/svg"
same "$(find "$work/svg" -name 'device-*.svg' -perm 600 | wc -l)" "$LABELS" "one file of mode 0600 for each device"
if command -v rsvg-convert >/dev/null; then
    for file in "$work"/svg/*.svg; do
        rsvg-convert -d 300 -p 300 -o "$file.png" "$file" 2>"$err" || fail "$file is SVG"
    done
    scan "$work"/svg/*.png | cmp -s - "$work/codes" && pass "zbar reads each of $LABELS" || fail "zbar reads each SVG"
else
    skip "zbar reads each SVG" "no rsvg-convert"
fi
that "SVG is XML" python3 -c 'import sys, xml.dom.minidom as x; [x.parse(f) for f in sys.argv[1:]]' "$work"/svg/*.svg
python3 - "$work/svg/device-0000.svg" "$work/png/device-0000.png" <<'PY' 2>"$err" && pass "both have the size that was asked for" || fail "both have the size"
import re, struct, sys
svg, png = open(sys.argv[1]).read(), open(sys.argv[2], "rb").read()
assert 'width="50.00mm" height="16.50mm"' in svg
w, h = struct.unpack(">II", png[16:24])
at = png.index(b"pHYs") + 4
x, y, unit = struct.unpack(">IIB", png[at:at + 9])
assert unit == 1 and x == y and abs(w / x - 0.050) < 1e-4 and abs(h / y - 0.0165) < 1e-4
PY
head -n 1 "$work/records" >"$work/first"
that "the one label goes to stdout" bash -c '"$0" factory label --format png --in "$1" >"$2/one.png"' "$HEDDLE" "$work/first" "$work"
that "and is the same" cmp "$work/png/device-0000.png" <(label --format png --in "$work/first" --name 'ACME Lamp E27')
for width in 25 200; do
    label --format png --in "$work/first" --width $width --dpi 600 >"$work/wide.png"
    same "$(scan "$work/wide.png")" "$(head -n 1 "$work/codes")" "$width mm wide"
done

# Printed badly: half a module of the edges is grey, and the ink is faint.
if command -v rsvg-convert >/dev/null; then
    rsvg-convert -d 120 -p 120 -o "$work/faint.png" "$work/svg/device-0000.svg"
    same "$(scan "$work/faint.png")" "$(head -n 1 "$work/codes")" "at 120 dpi"
fi

# --- the texts ---------------------------------------------------------------------------------------
label --format term --in "$work/first" --name Lamp >"$work/term"
code=$(sed 's/.*"manual": "\(....\)\(...\)\(....\)".*/\1-\2-\3/' "$work/first")
that "the manual code stands in groups of 4, 3, 4" grep -q "^    $code$" "$work/term"
that "so does the name" grep -q '^    Lamp$' "$work/term"
that "and the serial number" grep -q '^    S/N SN000000$' "$work/term"
python3 "$here/devices.py" make "$work/pki" 1 custom >"$work/custom"
code=$(sed 's/.*"manual": "\(....\)\(...\)\(....\)\(....\)\(....\)\(..\)".*/\1-\2-\3-\4-\5-\6/' "$work/custom")
that "the code of 21 digits" grep -q "^    $code$" <(label --format term --in "$work/custom")
label --format png --in "$work/custom" >"$work/custom.png"
same "$(scan "$work/custom.png")" "$(sed 's/.*"qr": "\([^"]*\)".*/\1/' "$work/custom")" "its label is read"

# --- the terminal ------------------------------------------------------------------------------------
python3 "$here/devices.py" picture <"$work/term" >"$work/term.pbm"
same "$(scan "$work/term.pbm")" "$(head -n 1 "$work/codes")" "the picture of blocks is read"
if command -v script >/dev/null; then
    env -u NO_COLOR TERM=xterm script -qec "$HEDDLE factory label --format term --in $work/first" /dev/null >"$work/tty" </dev/null
    that "on a terminal it brings its colours" grep -q $'\e\[30;107m' "$work/tty"
    tr -d '\r' <"$work/tty" | python3 "$here/devices.py" picture >"$work/tty.pbm"
    same "$(scan "$work/tty.pbm")" "$(head -n 1 "$work/codes")" "and is read too"
fi

# --- sheets ------------------------------------------------------------------------------------------
that "sheets" label --format png --sheet a4 --in "$work/records" --out "$work/sheets" --name Lamp
scan "$work"/sheets/*.png | sort | cmp -s - <(sort "$work/codes") && pass "every label of them is read" || fail "every label of the sheets is read"
same "$(find "$work/sheets" -name '*.png' | wc -l)" $(((LABELS + 41) / 42)) "42 labels on a sheet"
that "of letter paper, as SVG" label --format svg --sheet letter --in "$work/records" --out "$work/sheets"
that "sealed in between: a line that fails does not stop the others" bash -c '
    { cat "$1"; echo "{}"; cat "$2"; } | "$0" factory label --format png --sheet a4 --out "$3" 2>/dev/null; [ $? = 10 ] && [ -s "$3/sheet-001.png" ]' \
    "$HEDDLE" "$work/first" "$work/custom" "$work/sheets2"

# --- the command line --------------------------------------------------------------------------------
refused 2 usage "an unknown form" "$HEDDLE" factory label --format pdf --in "$work/first"
refused 2 usage "no form" "$HEDDLE" factory label --in "$work/first"
refused 2 usage "an umlaut in the name" "$HEDDLE" factory label --format svg --in "$work/first" --name 'Lämpchen'
refused 2 usage "an empty name" "$HEDDLE" factory label --format svg --in "$work/first" --name ''
refused 2 usage "a name of 33 characters" "$HEDDLE" factory label --format svg --in "$work/first" --name 123456789012345678901234567890123
for width in 24 201 x; do
    status=0
    "$HEDDLE" factory label --format svg --in "$work/first" --width $width >"$out" 2>"$err" || status=$?
    same "$status" 2 "--width $width"
done
for dpi in 99 1201; do
    refused 2 usage "--dpi $dpi" "$HEDDLE" factory label --format png --in "$work/first" --dpi $dpi
done
refused 2 usage "an unknown paper" "$HEDDLE" factory label --format svg --in "$work/first" --sheet a0 --out "$work/x"
refused 2 usage "sheets for the terminal" "$HEDDLE" factory label --format term --in "$work/first" --sheet a4
refused 2 usage "sheets to stdout" "$HEDDLE" factory label --format svg --in "$work/first" --sheet a4
refused 2 usage "the terminal's picture in a folder" "$HEDDLE" factory label --format term --in "$work/first" --out "$work/x"
refused 6 exists "labels are not overwritten" "$HEDDLE" factory label --format png --in "$work/first" --out "$work/png"
status=0
"$HEDDLE" factory label --format svg --in "$work/records" >"$out" 2>"$err" || status=$?
same "$status" 2 "two labels do not go to stdout"
finish
