#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert payload show and payload make: codes in, fields out, and the reverse.
. "$(dirname "$0")/lib_mattercert.sh"

show() { # TEXT [OPTION...]
    printf '%b' "$1" >"$tmp/code"
    mc payload show "$tmp/code" "${@:2}"
}

show 'MT:Y.K9042C00KA0648G00\n'
gives "a QR code: vendor id" 0 "Vendor id       0xFFF1"
gives "product id" 0 "Product id      0x8000"
gives "discriminator" 0 "Discriminator   3840 (short 15)"
gives "passcode" 0 "Passcode        20202021"
gives "rendezvous" 0 "Rendezvous      BLE"
gives "the manual code of it" 0 "Manual code     3497-011-2332"
show '3497-011-2332'
gives "a manual code: passcode" 0 "Passcode        20202021"
gives "its discriminator is short" 0 "15 (upper 4 bits: 3840 to 4095)"
show '749701123365521327687'
gives "a manual code with ids" 0 "Vendor id       0xFFF1"
show 'text%MT:Y.K9042C00KA0648G00*M5L90MP500K64J00000%more' --json
gives "two payloads behind one MT:" 0 '"passcode": 2048'
holds "each is a line of JSON" python3 -c 'import json,sys; l=[json.loads(x) for x in open(sys.argv[1])]; assert len(l)==2 and l[0]["vid"]=="0xFFF1" and l[1]["vid"]=="0x000C" and l[0]["valid"]' "$tmp/stdout"
show '\n\n34970112332\n' --json
holds "one is an object" python3 -c 'import json,sys; x=json.load(open(sys.argv[1])); assert x["schema"]=="mattercert.payload/1" and x["kind"]=="manual" and x["short_discriminator"]==15' "$tmp/stdout"
"$MATTERCERT" payload show >"$tmp/stdout" <<<34970112332
gives "without IN, stdin is read" 0 "20202021"

# --- what is wrong ----------------------------------------------------------------------------------
show '34970112333'
says "a wrong digit" 4 payload-check-digit
show '34970112332\n34970112333\n'
[ "$status" = 4 ] && grep -q 'code:2:' "$tmp/stderr" && ok "the line is named" || bad "the line is named"
show '3497011233'
says "ten digits" 4 payload-manual
show 'hello'
says "words" 4 payload-form
show ''
says "nothing" 4 empty
show 'MT:Y.K9042C00KA0648G0'
says "a QR code cut short" 4 payload-base38
show 'MT:Y.K90'
says "a shorter one" 4 payload-length
show 'MT:Y.K9042C00KA0648G0000'
says "half a group" 4 payload-base38
show 'MT:Y.K9042C00KA0648G00000'
says "what follows is no TLV" 4 payload-tlv
mc payload show 34970112332
says "a code is no argument" 2 usage
! grep -q 34970112332 "$tmp/stderr" && ok "and is not repeated" || bad "and is not repeated"
mc payload show MT:Y.K9042C00KA0648G00
says "nor is a QR code" 2 usage
mc payload show "$tmp/missing"
says "a missing file" 5 file-not-found
show 'MT:00000000000000000000'
says "20 characters" 4 payload-tlv
show 'MT:0000000000000000000'
[ "$status" = 3 ] && grep -q 'payload-field' "$tmp/stderr" && grep -q 'Passcode        00000000' "$tmp/stdout" &&
    ok "fields that no device may have are shown, and refused" || bad "fields that no device may have" "$(cat "$tmp/stderr")"
show 'MT:0000000000000000000' --json
gives "in JSON too" 3 '"valid": false'

# --- make -------------------------------------------------------------------------------------------
echo 20202021 >"$tmp/passcode"
usual=(payload make --vid 0xFFF1 --pid 0x8000 --passcode-file "$tmp/passcode")
mc "${usual[@]}" --discriminator 3840
same_out() { [ "$status" = 0 ] && [ "$(cat "$tmp/stdout")" = "$2" ] && ok "$1" || bad "$1" "$(cat "$tmp/stdout" "$tmp/stderr")"; }
same_out "the example of the SDK" $'MT:Y.K9042C00KA0648G00\n3497-011-2332'
mc "${usual[@]}" --discriminator 3840 --flow custom
same_out "with custom flow" $'MT:Y.K90YXE00KA0648G00\n7497-011-2336-5521-3276-87'
mc "${usual[@]}" --discriminator 0xF00 --rendezvous BLE,on-network --json
holds "JSON" python3 -c 'import json,sys; x=json.load(open(sys.argv[1])); assert x["rendezvous"]==6 and x["discriminator"]==3840 and x["valid"]' "$tmp/stdout"
mc "${usual[@]}" --discriminator 1 --tlv 152C0003313233240501 18
[ "$status" = 2 ] && ok "one word too many" || bad "one word too many"
mc "${usual[@]}" --discriminator 1 --tlv 152C000331323318
head -n 1 "$tmp/stdout" >"$tmp/code"
mc payload show "$tmp/code"
gives "TLV is read back" 0 "serial number: 123"
echo 2048 >"$tmp/passcode"
mc payload make --vid 12 --pid 1 --discriminator 128 --rendezvous softap --passcode-file "$tmp/passcode"
gives "the other example" 0 "MT:M5L90MP500K64J00000"
for bad_passcode in 0 00000000 11111111 12345678 87654321 99999999 100000000 -1 abc '' '1 2'; do
    echo "$bad_passcode" >"$tmp/passcode"
    mc "${usual[@]}" --discriminator 1
    says "passcode '$bad_passcode'" 3 passcode
done
echo 1 >"$tmp/passcode"
mc "${usual[@]}" --discriminator 4096
says "discriminator 4096" 3 payload-field
mc payload make --vid 0xFFF5 --pid 1 --discriminator 1 --passcode-file "$tmp/passcode"
says "vendor id 0xFFF5" 3 payload-field
mc payload make --vid 1 --discriminator 1 --passcode-file "$tmp/passcode"
says "vendor id without product id" 3 payload-field
mc payload make --discriminator 1 --passcode-file "$tmp/passcode" --flow custom
says "a code of 21 digits without ids" 3 payload-field
mc "${usual[@]}" --discriminator 1 --flow other
says "an unknown flow" 3 payload-field
mc "${usual[@]}" --discriminator 1 --rendezvous ble,zigbee
says "an unknown way" 3 payload-field
mc "${usual[@]}" --discriminator 1 --tlv 1
says "half an octet of TLV" 2 usage
mc "${usual[@]}" --discriminator 1 --tlv 1618
says "TLV that is no structure" 4 payload-tlv
mc payload make --discriminator 1
says "no passcode" 2 usage
status=0
"$MATTERCERT" payload make --discriminator 5 --passcode-file - <<<20202021 >"$tmp/stdout"
gives "the passcode from stdin, no ids" 0 "MT:"
finish
