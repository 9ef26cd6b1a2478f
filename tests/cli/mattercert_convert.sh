#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert convert: all pairs, all forms, all refusals of the vectors, directories.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

# Every pair, byte for byte, both ways.
n=0
for tlv in "$pairs"/*_Chip.tlv; do
    der=${tlv%_Chip.tlv}_DER.der
    [ -f "$der" ] || continue
    name=$(basename "$tlv" _Chip.tlv) n=$((n + 1))
    mc convert "$tlv" "$tmp/x" --to der
    is "$name: TLV to DER" "$tmp/x" "$der"
    mc convert "$der" "$tmp/x" --to tlv
    is "$name: DER to TLV" "$tmp/x" "$tlv"
done
holds "there are 18 pairs" [ "$n" = 18 ]

# The compact form of a network identity.
identity=$pairs/sTestCert_PDCID01
mc convert "$identity"_DER.der "$tmp/x" --to tlv --compact
is "network identity: DER to compact TLV" "$tmp/x" "$identity"_ChipCompact.tlv
mc convert "$identity"_ChipCompact.tlv "$tmp/x" --to der
is "network identity: compact TLV to DER" "$tmp/x" "$identity"_DER.der
mc convert "$identity"_ChipCompact.tlv "$tmp/x" --to tlv
is "network identity: compact TLV to full TLV" "$tmp/x" "$identity"_Chip.tlv
mc convert "$identity"_Chip.tlv "$tmp/x" --to tlv --compact
is "network identity: full TLV to compact TLV" "$tmp/x" "$identity"_ChipCompact.tlv
mc convert "$pairs"/sTestCert_Root01_DER.der --to tlv --compact
says "a root has no compact form" 3 not-compact
mc convert "$identity"_DER.der --to der --compact
says "DER has no compact form" 2 usage

mc convert "$pairs"/sTestCert_Node01_01_Err01_Chip.tlv --to der
says "Node01_01_Err01 is refused" 4 tlv-tag

# Every text form leads back to the same bytes.
der=$pairs/sTestCert_Node02_04_DER.der tlv=$pairs/sTestCert_Node02_04_Chip.tlv
for form in tlv tlv-hex tlv-base64 der der-hex pem; do
    mc convert "$der" "$tmp/form" --to $form
    mc convert "$tmp/form" "$tmp/x" --to der
    is "$form leads back to DER" "$tmp/x" "$der"
    mc convert "$tmp/form" "$tmp/x" --to tlv
    is "$form leads back to TLV" "$tmp/x" "$tlv"
    "$MATTERCERT" convert - --to der <"$tmp/form" >"$tmp/x"
    is "$form by stdin and stdout" "$tmp/x" "$der"
    "$MATTERCERT" convert --to der - - <"$tmp/form" >"$tmp/x"
    is "$form by - and -" "$tmp/x" "$der"
done
"$MATTERCERT" convert "$der" --to pem | sed 's/$/\r/; 1s/^/\xEF\xBB\xBF/' >"$tmp/crlf"
mc convert "$tmp/crlf" "$tmp/x" --to tlv
is "PEM with byte order mark and CRLF" "$tmp/x" "$tlv"
openssl x509 -inform DER -in "$der" -text >"$tmp/text.pem" 2>/dev/null
mc convert "$tmp/text.pem" "$tmp/x" --to tlv
is "PEM with text before it" "$tmp/x" "$tlv"
mc convert "$der" "$tmp/x" --to tlv-hex
holds "hex is one line of lower-case digits" sh -c '[ "$(wc -l <"$1")" = 1 ] && ! grep -q "[^0-9a-f]" "$1"' - "$tmp/x"

# Other programs accept what comes out.
for tlv in "$pairs"/*_Chip.tlv; do
    case $tlv in *_Err01_*) continue ;; esac
    name=$(basename "$tlv" _Chip.tlv)
    mc convert "$tlv" "$tmp/x.pem" --to pem
    holds "$name: openssl reads the PEM" openssl x509 -in "$tmp/x.pem" -noout
    mc convert "$tlv" "$tmp/x.der" --to der
    holds "$name: openssl reads the DER" openssl x509 -inform DER -in "$tmp/x.der" -noout
done

# Attestation certificates keep their form; they have no Matter TLV.
dac=$VECTORS/attestation/development/Matter-Development-DAC-FFF1-8000-Cert
mc convert "$dac.pem" "$tmp/x" --to der
is "a DAC goes from PEM to DER" "$tmp/x" "$dac.der"
mc convert "$dac.der" --to tlv
says "a DAC has no TLV" 4 dn-attr

# Every refusal of the vectors (convert, and show where the row says load), with the rule that it breaks.
declare -A rule
while read -r file word; do
    rule[$file]=$word
done <<'TABLE'
Chip-Test-ICAC-Cert-Version-V2-Cert.der version
Chip-Test-ICAC-Ext-AKID-Length-Invalid-Cert.chip ext-key-id
Chip-Test-ICAC-Ext-AKID-Length-Invalid-Cert.der ext-akid
Chip-Test-ICAC-Ext-Basic-Critical-Missing-Cert.der ext-critical
Chip-Test-ICAC-Ext-KeyUsage-Critical-Wrong-Cert.der ext-critical
Chip-Test-ICAC-Issuer-Missing-Cert.chip tlv-order
Chip-Test-ICAC-Oversized-Cert.chip size-tlv
Chip-Test-ICAC-Oversized-Cert.der size-der
Chip-Test-ICAC-Sig-Algo-ECDSA-With-SHA1-Cert.chip sig-alg
Chip-Test-ICAC-Sig-Algo-ECDSA-With-SHA1-Cert.der sig-alg
Chip-Test-ICAC-Sig-Curve-Secp256k1-Cert.chip curve
Chip-Test-ICAC-Sig-Curve-Secp256k1-Cert.der curve
Chip-Test-ICAC-Subject-CAT-Invalid-Cert.chip cat-version-zero
Chip-Test-ICAC-Subject-CAT-Invalid-Cert.der cat-version-zero
Chip-Test-ICAC-Subject-Missing-Cert.chip tlv-order
Chip-Test-ICAC-Validity-Not-After-Missing-Cert.chip tlv-order
Chip-Test-ICAC-Validity-Not-After-Missing-Cert.der der-tag
Chip-Test-ICAC-Validity-Not-Before-Missing-Cert.chip tlv-order
Chip-Test-ICAC-Validity-Not-Before-Missing-Cert.der der-tag
Chip-Test-NOC-Ext-AKID-Length-Invalid-Cert.chip ext-key-id
Chip-Test-NOC-Ext-AKID-Length-Invalid-Cert.der ext-akid
Chip-Test-NOC-Ext-Basic-CA-Missing-Cert.chip tlv-order
Chip-Test-NOC-Ext-Basic-CA-Missing-Cert.der ext-basic-constraints
Chip-Test-NOC-Ext-Basic-Critical-Missing-Cert.der ext-critical
Chip-Test-NOC-Ext-Basic-Critical-Wrong-Cert.der ext-critical
Chip-Test-NOC-Ext-Basic-PathLen-Presence-Wrong-Cert.der ext-basic-constraints
Chip-Test-NOC-Ext-KeyUsage-Critical-Missing-Cert.der ext-critical
Chip-Test-NOC-Ext-SKID-Length-Invalid-Cert.chip ext-key-id
Chip-Test-NOC-Ext-SKID-Length-Invalid-Cert.der ext-key-id
Chip-Test-NOC-Serial-Number-Missing-Cert.chip tlv-order
Chip-Test-NOC-Subject-Missing-Cert.chip tlv-order
Chip-Test-NOC-Subject-NodeId-Invalid-Cert.chip node-id-range
Chip-Test-NOC-Subject-NodeId-Invalid-Cert.der node-id-range
Chip-Test-NOC-Validity-Not-After-Missing-Cert.chip tlv-order
Chip-Test-NOC-Validity-Not-After-Missing-Cert.der der-tag
Chip-Test-NOC-Validity-Not-Before-Missing-Cert.chip tlv-order
Chip-Test-NOC-Validity-Not-Before-Missing-Cert.der der-tag
Chip-Test-NOC-Validity-Wrong-Cert.chip time-order
Chip-Test-NOC-Validity-Wrong-Cert.der time-order
Chip-Test-RCAC-Ext-AKID-Length-Invalid-Cert.chip ext-key-id
Chip-Test-RCAC-Ext-AKID-Length-Invalid-Cert.der ext-akid
Chip-Test-RCAC-Ext-Basic-CA-Missing-Cert.chip tlv-order
Chip-Test-RCAC-Ext-Basic-CA-Missing-Cert.der ext-basic-constraints
Chip-Test-RCAC-Ext-Basic-Critical-Missing-Cert.der ext-critical
Chip-Test-RCAC-Ext-Basic-Critical-Wrong-Cert.der ext-critical
Chip-Test-RCAC-Ext-KeyUsage-Critical-Wrong-Cert.der ext-critical
Chip-Test-RCAC-Ext-SKID-Length-Invalid-Cert.chip ext-key-id
Chip-Test-RCAC-Ext-SKID-Length-Invalid-Cert.der ext-key-id
Chip-Test-RCAC-Issuer-Missing-Cert.chip tlv-order
Chip-Test-RCAC-Serial-Number-Missing-Cert.chip tlv-order
Chip-Test-RCAC-Sig-Algo-ECDSA-With-SHA1-Cert.chip sig-alg
Chip-Test-RCAC-Sig-Algo-ECDSA-With-SHA1-Cert.der sig-alg
Chip-Test-RCAC-Sig-Curve-Secp256k1-Cert.chip curve
Chip-Test-RCAC-Sig-Curve-Secp256k1-Cert.der curve
Chip-Test-RCAC-Subject-FabricId-Invalid-Cert.chip fabric-id-zero
Chip-Test-RCAC-Subject-FabricId-Invalid-Cert.der fabric-id-zero
Chip-Test-RCAC-Subject-Missing-Cert.chip tlv-order
Chip-Test-RCAC-Validity-Wrong-Cert.chip time-order
Chip-Test-RCAC-Validity-Wrong-Cert.der time-order
TABLE
while IFS=$'\t' read -r file what; do
    case $file in file) continue ;; esac
    case ,$what, in
    *,x509-to-tlv,*)
        mc convert "$errors/$file" --to tlv
        says "$file to TLV" 4 "${rule[$file]:-none}"
        ;;
    esac
    case ,$what, in
    *,tlv-to-x509,*)
        mc convert "$errors/$file" --to der
        says "$file to DER" 4 "${rule[$file]:-none}"
        ;;
    esac
    case ,$what, in
    *,load,*)
        mc show "$errors/$file"
        says "$file is not shown" 4 "${rule[$file]:-none}"
        ;;
    esac
done <"$VECTORS/expected/error-cases.tsv"

# Directories.
mkdir "$tmp/in"
cp "$pairs"/*_DER.der "$tmp/in"
mc convert "$tmp/in" --to tlv --out "$tmp/out"
holds "a directory: status 0" [ "$status" = 0 ]
holds "a directory: a file for each" [ "$(ls -A "$tmp/out" | wc -l)" = "$n" ]
holds "a directory: summary on stderr" grep -qF "converted $n of $n files" "$tmp/stderr"
holds "a directory: nothing on stdout" [ ! -s "$tmp/stdout" ]
is "a directory: the same bytes" "$tmp/out/sTestCert_Root01_DER.tlv" "$pairs/sTestCert_Root01_Chip.tlv"
mc convert "$tmp/in" --to tlv --out "$tmp/out"
says "files that exist are not overwritten" 6 exists
echo old >"$tmp/out/sTestCert_Root01_DER.tlv"
mc convert "$tmp/in" --to tlv --out "$tmp/out" --force --quiet
is "with --force they are" "$tmp/out/sTestCert_Root01_DER.tlv" "$pairs/sTestCert_Root01_Chip.tlv"
holds "--quiet: no summary" [ ! -s "$tmp/stderr" ]

echo rubbish >"$tmp/in/bad one.der"
: >"$tmp/in/empty.der"
mkdir "$tmp/in/folder.der"
echo hidden >"$tmp/in/.hidden.der"
mc convert "$tmp/in" --to pem --out "$tmp/out2"
holds "one bad file does not stop the others" [ "$status" = 10 -a "$(ls -A "$tmp/out2" | wc -l)" = "$n" ]
holds "its error names it" grep -qF "bad one.der: " "$tmp/stderr"
holds "no temporary file stays" sh -c '! ls -A "$1" | grep -q tmp' - "$tmp/out2"
mc convert "$tmp/in/bad one.der" --to pem --out "$tmp/out3"
says "when none succeeds, the status is the failure's" 4 form
mc convert "$tmp/missing" --to pem --out "$tmp/out3"
says "a missing file" 5 file-not-found

mkdir "$tmp/in2"
cp "$der" "$tmp/in2/sTestCert_Root01_DER.pem"
mc convert "$tmp/in" "$tmp/in2" --to tlv --out "$tmp/out4"
says "two inputs with one output name" 6 same-output
holds "... and nothing is written" [ ! -e "$tmp/out4" ]
mc convert "$der" - --to tlv --out "$tmp/out4"
says "stdin has no name in a directory" 2 usage
mc convert "$der" "$tmp/x" "$tmp/y" --to tlv
says "more than one IN without --out" 2 usage
mc convert "$der" --to tlv --out "$tmp/in/empty.der"
says "--out is a file" 1 output

# Hostile names.
mkdir "$tmp/names"
long=$(printf 'a%.0s' {1..250})
for name in $'line\nbreak.der' $'esc\033[31m.der' '-dash.der' '--to' 'no ending' $'\xff\xfe.der' '*.der' '$(x).der' \
    "$long.der" 'two.dots.der' 'UPPER.DER'; do
    cp "$der" "$tmp/names/$name"
done
(cd "$tmp/names" && mc convert --to tlv --out "$tmp/named" -- * && echo "$status" >"$tmp/status")
holds "hostile names: all are converted" [ "$(cat "$tmp/status")" = 0 -a "$(ls -AU "$tmp/named" | wc -c)" -gt 0 ]
holds "hostile names: 11 files" [ "$(find "$tmp/named" -type f -printf x | wc -c)" = 11 ]
holds "hostile names: two.dots.tlv" [ -f "$tmp/named/two.dots.tlv" ]
holds "hostile names: UPPER.tlv" [ -f "$tmp/named/UPPER.tlv" ]
holds "hostile names: -dash.tlv" [ -f "$tmp/named/-dash.tlv" ]
echo rubbish >"$tmp/names/"$'esc\033[31m.der'
mc convert "$tmp/names" --to tlv --out "$tmp/named2"
holds "hostile names: the terminal is safe" sh -c '! grep -q "$(printf "\033")" "$1"' - "$tmp/stderr"

# A symbolic link is followed, never replaced.
echo old >"$tmp/target"
ln -s target "$tmp/link"
mc convert "$der" "$tmp/link" --to der
holds "a symbolic link stays one" [ -L "$tmp/link" ]
is "... and its target is written" "$tmp/target" "$der"
mc convert "$der" /dev/null --to der
holds "/dev/null stays a device" [ "$status" = 0 -a -c /dev/null ]
holds "mode of files" [ "$(umask 022; "$MATTERCERT" convert "$der" "$tmp/mode" --to der; stat -c %a "$tmp/mode")" = 644 ]

finish
