#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The attestation desk, killed at every step and with a token that fails: an authority is whole or not there, whatever was
# written is whole and on record, no signature is without an entry, no number is used twice, and the same command again
# does what it did not. revoke and crl sign are in revoke.sh.
#
# CRASH_POINTS: how many points of each command are tried, spread evenly (4); 0: all.
# ONLY: an extended regular expression: the commands that are tried (all).
set -eu
. tests/faults/lib.bash

points=${CRASH_POINTS:-4} only=${ONLY:-.}
export HEDDLE_STATE=$work/state
o=$work/o
device=(--pid 0x8000 --recipient "$work/line.pem")

fresh() { rm -rf "$work/state" "$o" "$CHAOS_LOG"; cp -a "$work/base" "$work/state"; mkdir "$o"; }
chain() { "$MATTERCERT" -q verify --root "$1" --ica "$2" ${3:+"$3"}; }
exported() { "$HEDDLE" -q "$1" export "$2" --out "$work/x" --format all; }
# written FILE...: in $o are these files or none, and no other
written() { [ "$(cd "$o" && find . -type f | sort | tr '\n' ' ')" = "$(printf './%s ' "$@")" ] || [ -z "$(find "$o" -type f)" ]; }

# --- what a command makes: left_ after a kill, made_ after it was done ------------------------------
# An authority is there once, and what it hangs from verifies it.
made_authority() {
    local kind=$1 name=$2
    [ "$("$HEDDLE" "$kind" list --json | jq --arg n "$name" '[.authorities[] | select(.name == $n)] | length')" = 1 ] &&
        exported "$kind" "$name" && "$MATTERCERT" -q lint "$work/x/$name.der"
}
made_paa() { made_authority paa new && openssl verify -x509_strict -CAfile "$work/x/new.pem" "$work/x/new.pem"; }
made_pai() { made_authority pai new && openssl verify -x509_strict -CAfile "$work/x/paa.pem" "$work/x/new.pem"; }
made_cd-signer() { made_authority cd-signer new; }
made_crl-signer() { made_authority crl-signer new && openssl verify -x509_strict -CAfile "$work/x/paa.pem" "$work/x/new.pem"; }
left_csr() { written csr && { [ ! -e "$o/csr" ] || "$MATTERCERT" -q csr check "$o/csr"; }; }
made_csr() { [ -e "$o/csr" ] && left_csr && "$HEDDLE" ledger list --type key --json | jq -e 'select(.name == "new")'; }
made_import() { "$HEDDLE" -q dac issue out --csr "$work/device.csr" --pid 0x8000 --out "$work/d" && chain "$work/their.pem" "$work/d/pai.der" "$work/d/dac.der"; }
left_dac() { [ ! -e "$o/dac.der" ] || "$tools/model" "$HEDDLE_STATE" pai:pai released="$o/dac.der"; }
made_dac() {
    left_dac && chain "$o/paa.der" "$o/pai.der" "$o/dac.der" &&
        openssl verify -x509_strict -CAfile <(openssl x509 -inform DER -in "$o/paa.der") \
            -untrusted <(openssl x509 -inform DER -in "$o/pai.der") <(openssl x509 -inform DER -in "$o/dac.der") &&
        [ "$(entries "$HEDDLE_STATE" issued)" = 1 ] && [ "$(find "$o" -type f | wc -l)" = "${1:-3}" ]
}
record() { openssl cms -decrypt -inform DER -inkey "$work/line.key"; }
# Its key is the DAC's: what was signed before a kill is not lost, and no seed outlives the record.
left_device() { left_dac; }
made_device() {
    made_dac 4 && record <"$o/device.cms" >"$work/record" && [ -z "$(find "$HEDDLE_STATE/batches" -name 'device-*')" ] &&
        [ "$({ printf '\x30\x31\x02\x01\x01\x04\x20'; jq -r .key "$work/record" | base64 -d; printf '\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07'; } |
            openssl ec -inform DER -pubout 2>/dev/null)" = "$(openssl x509 -inform DER -in "$o/dac.der" -noout -pubkey)" ]
}
left_cd() { written cd && { [ ! -e "$o/cd" ] || "$MATTERCERT" -q cd verify "$o/cd" --cd-signer "$work/x/lab.der"; }; }
made_cd() {
    [ -e "$o/cd" ] && left_cd && openssl cms -verify -inform DER -in "$o/cd" -certfile "$work/x/lab.pem" -noverify -binary -out /dev/null
}
left_note() { written note && { [ ! -e "$o/note" ] || "$MATTERCERT" -q trust show "$work/bundle" --note "$o/note" --key "$work/audit.pem"; }; }
made_note() { [ -e "$o/note" ] && left_note; }

# sound POINT WHAT: the state verifies, and each signature has its entry
sound() {
    "$tools/model" "$HEDDLE_STATE" pai:pai log="$CHAOS_LOG" >"$out" 2>"$err" || bad "$1" "$2: no signature without entry"
    "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$1" "$2: ledger verify"
}
# crashes WHAT STATUS ARGUMENTS...: STATUS is what the command says once it was done: 0 if it can be done twice
crashes() {
    local what=$1 again=$2 point got n=0 died=0 wrong=0 name
    shift 2
    name=${*//$work\//}
    [[ $* =~ $only ]] || return 0
    fresh
    list "$crash" -q "$@" || return 0
    # Two more: at the token's signature itself, before and after it.
    for point in $(choose "$work/points") kill kill-signed; do
        n=$((n + 1)) got=0
        fresh
        case $point in
        kill*)
            orders 'after 1' "$point"
            ! killed 0:begin:0 "$HEDDLE" -q "$@" || died=$((died + 1))
            orders
            ;;
        *) ! killed "$point" "$crash" -q "$@" || died=$((died + 1)) ;;
        esac
        if [ "$(type -t "left_$what")" = function ]; then
            "left_$what" >"$out" 2>"$err" || bad "$point" "$name: what is left is whole"
        fi
        heddle -q "$@" >"$out" 2>"$err" || got=$?
        [ $got = 0 ] || [ $got = "$again" ] || bad "$point" "$name: again (status $got)"
        "made_$what" >"$out" 2>"$err" || bad "$point" "$name: what was made"
        sound "$point" "$name, again"
    done
    same $wrong 0 "$name: killed at $died of $n points"
    [ $((2 * died)) -gt $n ] || fail "$name is killed at most points" "$died of $n"
}

# --- the state that they begin with -----------------------------------------------------------------
cat >"$work/ext" <<'END'
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
END
"$HEDDLE" init -q
heddle -q paa create paa --vid 0xFFF1 >"$out"
heddle -q pai create pai --paa paa --vid 0xFFF1 >"$out"
heddle -q cd-signer create lab >"$out"
heddle -q pai create out --csr-out "$work/out.csr" --vid 0xFFF1 --common-name "Out PAI" >"$out"
exported cd-signer lab
exported paa paa
"$HEDDLE" -q ledger key --out "$work/audit.pem"
"$MATTERCERT" -q trust make --out "$work/bundle" --paa "$work/x/paa.der"
new_csr device
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/line.key" -out "$work/line.pem" -subj /CN=line -days 30 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/their.key" -out "$work/their.pem" -days 3650 \
    -subj "/CN=Their PAA" -addext basicConstraints=critical,CA:TRUE,pathlen:1 -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
openssl x509 -req -in "$work/out.csr" -CA "$work/their.pem" -CAkey "$work/their.key" -extfile "$work/ext" -days 3000 -set_serial 4711 \
    -sha256 -out "$work/out.pem" 2>/dev/null
rm -rf "$work/base" && cp -a "$work/state" "$work/base"

dac=(dac issue pai --csr "$work/device.csr" --pid 0x8000 --out "$o")
cd=(cd sign lab --vid 0xFFF1 --pid 0x8000 --device-type 0x0100 --out "$o/cd")
crashes paa 6 paa create new --vid 0xFFF1
crashes pai 6 pai create new --paa paa --vid 0xFFF1 --pid 0x8001
crashes csr 0 pai create new --csr-out "$o/csr" --vid 0xFFF1
crashes import 0 pai import out --cert "$work/out.pem" --paa "$work/their.pem"
crashes cd-signer 6 cd-signer create new
crashes crl-signer 6 crl-signer create new --for paa
crashes dac 0 "${dac[@]}"
crashes device 0 dac issue pai --make-key "${device[@]}" --request-id d-1 --out "$o"
crashes cd 0 "${cd[@]}"
crashes note 0 trust sign "$work/bundle" --out "$o/note"

# --- dac batch: killed, and resumed ----------------------------------------------------------------
# batch_crashes WHAT: the manifest in $work/in; $o/answers answers it
batch_crashes() {
    local what=$1 point got n=0 died=0 wrong=0
    local batch=(-q dac batch pai --in "$work/in" --out "$o/answers" --name b --workers 2 "${@:2}")
    [[ $what =~ $only ]] || return 0
    fresh
    list "$crash" "${batch[@]}" || return 0
    for point in $(choose "$work/points"); do
        n=$((n + 1)) got=0
        fresh
        # Alone, parent or worker, whoever comes there first; or with all others.
        if [ $((n % 2)) = 0 ]; then
            HEDDLE_CRASH_AT=$point HEDDLE_CRASH_GROUP=1 setsid -w env LD_PRELOAD="$tools/chaos.so" "$crash" "${batch[@]}" >"$out" 2>"$err" || got=$?
        else
            HEDDLE_CRASH_AT=$point chaos "$crash" "${batch[@]}" >"$out" 2>"$err" || got=$?
        fi
        cases=$((cases + 1))
        [ $got = 0 ] || died=$((died + 1))
        got=0
        heddle -q batch resume b >"$out" 2>"$err" || got=$?
        # Killed before it had a name.
        if [ $got = 5 ]; then got=0; heddle "${batch[@]}" >"$out" 2>"$err" || got=$?; fi
        [ $got = 0 ] || bad "$point" "$what: resumed (status $got)"
        "answered_$what" >"$out" 2>"$err" || bad "$point" "$what: every line has its one answer"
        [ -z "$(find "$HEDDLE_STATE/batches" -name '*.seed*')" ] || bad "$point" "$what: no seed is left"
        "$HEDDLE" -q ledger verify >"$out" 2>"$err" || bad "$point" "$what: ledger verify"
    done
    same $wrong 0 "dac batch, $what: killed at $died of $n points"
    [ $((2 * died)) -gt $n ] || fail "dac batch, $what is killed at most points" "$died of $n"
}
answered_csrs() { "$tools/model" "$HEDDLE_STATE" pai:pai requests="$work/in" results="$o/answers" log="$CHAOS_LOG"; }
# Each device is issued once, and its record, with its key, opens.
answered_keys() {
    [ "$(jq -r 'select(.status == "issued" and .sealed != null) | .id' "$o/answers" | sort -u | wc -l)" = 200 ] &&
        [ "$(wc -l <"$o/answers") $(entries "$HEDDLE_STATE" issued)" = "200 200" ] && "$tools/model" "$HEDDLE_STATE" pai:pai &&
        record_of 1 && record_of 200
}
# record_of LINE: the key in the record is the DAC's
record_of() {
    sed -n "$1p" "$o/answers" >"$work/answer"
    jq -r .sealed "$work/answer" | base64 -d | record >"$work/record" || return 1
    [ "$({ printf '\x30\x31\x02\x01\x01\x04\x20'; jq -r .key "$work/record" | base64 -d; printf '\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07'; } |
        openssl ec -inform DER -pubout 2>/dev/null)" = "$(jq -r .dac "$work/answer" | base64 -d | openssl x509 -inform DER -noout -pubkey)" ]
}
requests 200 b | sed 's/,"node_id":"[^"]*"/,"vid":"0xFFF1","pid":"0x8000"/' >"$work/in"
batch_crashes csrs
cp "$work/in" "$work/csrs"
echo '{"count": 200, "prefix": "k-", "pid": "0x8000"}' >"$work/in"
batch_crashes keys --recipient "$work/line.pem"

# --- a token that fails -----------------------------------------------------------------------------
# Status, rules, order, order: the first signature of a process is a trial of the key.
faults=('7:token-signature|key-other:after 1:flip' '7:key-other:flip:' '7:token-signature|key-other:after 1:other heddle-audit'
    '7:token-lost:after 1:lost' '7:token-lost:after 1:logout' '7:token-lost|no-token:after 1:gone' '7:no-token:gone:'
    '7:token-lost:after 1:sign 0xE0' '8:pin-locked:flags 0x40000:' '8:pin-locked:login 0xA4:' '8:pin-wrong:login 0xA0:')
# faulty WHAT ARGUMENTS...: each fault ends the command with its status and rule; nothing is released; then it is done
faulty() {
    local what=$1 fault name wrong=0 got want rule first second then
    shift
    [[ $* =~ $only ]] || return 0
    name=${*//$work\//}
    for fault in "${faults[@]}"; do
        # What 'heddle-audit' signs for the audit key is right.
        [[ $fault/$what != *heddle-audit/note ]] || continue
        got=0
        fresh
        IFS=: read -r want rule first second <<<"$fault"
        orders "$first" "$second"
        heddle -q "$@" >"$out" 2>"$err" || got=$?
        orders
        [ $got = "$want" ] && [ "$(grep -cE "\[($rule)\]" "$err")" = 1 ] && [ ! -s "$out" ] || wrongly "$fault" "$name: status $got"
        ! grep -q "^heddle: $work" "$err" || wrongly "$fault" "$name: a file is blamed"
        [ -z "$(find "$o" -type f ! -name '*.part')" ] || wrongly "$fault" "$name: something was released"
        rm -f "$HEDDLE_STATE/pin-wrong"
        then=("$@")
        [ "$what" != csrs ] || then=(batch resume b)
        heddle -q "${then[@]}" >"$out" 2>"$err" || wrongly "$fault" "$name: then"
        "made_$what" >"$out" 2>"$err" || wrongly "$fault" "$name: what was made then"
        "$HEDDLE" -q ledger verify >"$out" 2>"$err" || wrongly "$fault" "$name: ledger verify"
        [ "$what" = csrs ] || "$tools/model" "$HEDDLE_STATE" pai:pai log="$CHAOS_LOG" >"$out" 2>"$err" || wrongly "$fault" "$name: no signature without entry"
    done
    same $wrong 0 "$name: a token that fails in ${#faults[@]} ways"
}
wrongly() { fail "$2" "$1"; wrong=$((wrong + 1)); }
made_csrs() { answered_csrs; }
mv "$work/csrs" "$work/in"
faulty paa paa create new --vid 0xFFF1
faulty pai pai create new --paa paa --vid 0xFFF1 --pid 0x8001
faulty csr pai create new --csr-out "$o/csr" --vid 0xFFF1
faulty crl-signer crl-signer create new --for paa
faulty dac "${dac[@]}"
faulty cd "${cd[@]}"
faulty note trust sign "$work/bundle" --out "$o/note"
faulty csrs dac batch pai --in "$work/in" --out "$o/answers" --name b --workers 2
echo "$cases kills"
finish
