#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# DACs: one by one and in batches, from CSRs and with keys made here; what is refused; commands and batches that are
# stopped, killed and resumed. That devices' secrets are nowhere but with the recipient: heddle_factory_secret.sh.
#
# KILLS (6), BATCH (400): how often batches of so many devices are killed. KILLS=100 BATCH=3000 takes some minutes.
# ISSUE_KILLS (15): how often `dac issue --make-key` is.
set -eu
. "$(dirname "$0")/lib.sh"

kills=${KILLS:-6} size=${BATCH:-400} issue_kills=${ISSUE_KILLS:-15}
export HEDDLE_STATE=$work/state
helper killer
issue() { "$HEDDLE" dac issue "$@"; }
batch() { "$HEDDLE" -q dac batch "$@"; }
field() { sed -n "s/.*\"$2\": *\"\{0,1\}\([^\",}]*\).*/\1/p" <<<"$1"; } # TEXT KEY: of JSON in one line
opened() { openssl cms -decrypt -inform DER -inkey "$work/line.key" -in "$1"; }
# The public key of a scalar in base64; of a certificate in base64.
point_of() {
    { printf '\x30\x31\x02\x01\x01\x04\x20'; base64 -d <<<"$1"; printf '\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07'; } |
        openssl ec -inform DER -pubout 2>/dev/null
}
cert_point() { base64 -d <<<"$1" | openssl x509 -inform DER -noout -pubkey; }
# whole RESULT-LINE NAME: its record opens and belongs to its DAC
whole() {
    local record
    field "$1" sealed | base64 -d >"$work/sealed"
    record=$(opened "$work/sealed") || { fail "$2" "the record does not open"; return; }
    if [ "$(field "$record" id)" != "$(field "$1" id)" ] || [ "$(field "$record" dac)" != "$(field "$1" dac)" ]; then
        fail "$2" "the record is of another device"
    elif [ "$(point_of "$(field "$record" key)")" != "$(cert_point "$(field "$1" dac)")" ]; then
        fail "$2" "the key is not the DAC's"
    else
        pass "$2"
    fi
}

"$HEDDLE" -q init
"$HEDDLE" -q paa create paa --vid 0xFFF1 >"$out"
"$HEDDLE" -q pai create pai --paa paa --vid 0xFFF1 >"$out"
"$HEDDLE" -q pai create lock --paa paa --vid 0xFFF1 --pid 0x8001 >"$out"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/line.key" -out "$work/line.pem" -subj /CN=line -days 30 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ec.key" -out "$work/ec.pem" -subj /CN=ec \
    -days 30 2>/dev/null
openssl req -x509 -newkey rsa:1024 -nodes -keyout "$work/weak.key" -out "$work/weak.pem" -subj /CN=weak -days 30 2>/dev/null

# --- one DAC ---------------------------------------------------------------------------------------------
new_csr a
that "dac issue from a CSR" issue pai --csr "$work/a.csr" --pid 0x8000 --out "$work/a" --format all --json
same "$(json_value "$out" status)" issued "its status"
same "$(cd "$work/a" && echo *)" "dac.der dac.pem paa.der paa.pem pai.der pai.pem" "the whole chain is written"
that "it verifies" "$MATTERCERT" verify --root "$work/a/paa.der" --ica "$work/a/pai.der" "$work/a/dac.der"
that "OpenSSL verifies it" openssl verify -x509_strict -CAfile "$work/a/paa.pem" -untrusted "$work/a/pai.pem" "$work/a/dac.pem"
that "lint finds no fault" "$MATTERCERT" lint "$work/a/dac.der"
grep -q 'error\|warning' "$out" && fail "nor a warning" || pass "nor a warning"
that "its key is the CSR's" cmp <(openssl x509 -in "$work/a/dac.pem" -noout -pubkey) <(openssl req -in "$work/a.csr" -noout -pubkey)
cp "$work/a/dac.der" "$work/first"
that "the same request again" issue pai --csr "$work/a.csr" --pid 0x8000 --out "$work/a" --json
same "$(json_value "$out" status)" repeated "is repeated"
that "with the same bytes" cmp "$work/first" "$work/a/dac.der"
that "with another id the key gets another DAC of the same product" issue pai --csr "$work/a.csr" --pid 0x8000 --request-id again \
    --out "$work/again"
that "--make-key" issue pai --make-key --pid 0x8000 --recipient "$work/line.pem" --serial-number SN-1 --out "$work/made" --json
same "$(json_value "$out" sealed)" true "its secrets are sealed"
record=$(opened "$work/made/device.cms")
same "$(field "$record" schema)" heddle.device/1 "the record opens"
same "$(field "$record" serial_number)" SN-1 "it has the serial number"
same "$(point_of "$(field "$record" key)")" "$(cert_point "$(field "$record" dac)")" "its key is the DAC's"
that "the DAC in it is the one beside it" cmp <(field "$record" dac | base64 -d) "$work/made/dac.der"
that "--make-key to an EC key" issue pai --make-key --pid 0x8000 --recipient "$work/ec.pem" --out "$work/ec" --request-id made-1
openssl cms -decrypt -inform DER -inkey "$work/ec.key" -in "$work/ec/device.cms" >"$work/record"
same "$(json_value "$work/record" id)" made-1 "opens with it"
rm "$work/ec/device.cms"
that "the same id again" issue pai --make-key --pid 0x8000 --recipient "$work/ec.pem" --out "$work/ec" --request-id made-1 --json
same "$(json_value "$out" status) $(json_value "$out" sealed)" "repeated false" "gives the certificate, and no secrets"
[ ! -e "$work/ec/device.cms" ] && pass "nor a file for them" || fail "nor a file for them"
that "VID and PID of the PAI" issue lock --make-key --recipient "$work/line.pem" --out "$work/lock" --json
same "$(json_value "$out" pid)" 0x8001 "are the DAC's"
new_csr c
that "a CSR with a recipient" issue pai --csr "$work/c.csr" --pid 0x8000 --recipient "$work/line.pem" --out "$work/c"
opened "$work/c/device.cms" >"$work/record"
grep -q '"key"' "$work/record" && fail "gives a record without a key" || pass "gives a record without a key"

before=$(entries "$HEDDLE_STATE" issued)
new_csr b
no() { # STATUS RULE NAME ARGUMENTS...
    local status=$1 rule=$2 name=$3
    shift 3
    refused "$status" "$rule" "$name" issue "$@" --out "$work/no"
}
no 3 att-vid "another vendor than the PAI's" pai --csr "$work/b.csr" --vid 0xFFF2 --pid 0x8000
grep -q '305 (DacVendorIdMismatch)' "$err" && pass "with the commissioner's answer" || fail "with the commissioner's answer"
no 3 att-pid "another product than the PAI's" lock --csr "$work/b.csr" --pid 0x8000
grep -q '306 (DacProductIdMismatch)' "$err" && pass "with the commissioner's answer" || fail "with the commissioner's answer"
no 3 key-taken "a key with another product" pai --csr "$work/a.csr" --pid 0x8002
no 6 request-conflict "an id with another product" pai --csr "$work/a.csr" --pid 0x8000 --request-id made-1
no 6 device-taken "a serial number of another device" pai --csr "$work/b.csr" --pid 0x8000 --serial-number SN-1
that "but not of another product" issue pai --csr "$work/b.csr" --pid 0x8003 --serial-number SN-1 --out "$work/b"
before=$((before + 1))
no 2 usage "a serial number of 33 characters" pai --csr "$work/b.csr" --pid 0x8000 --serial-number "$(printf 'x%.0s' {1..33})"
no 2 usage "of 300" pai --csr "$work/b.csr" --pid 0x8000 --serial-number "$(printf 'x%.0s' {1..300})"
no 2 usage "with a space" pai --csr "$work/b.csr" --pid 0x8000 --serial-number "a b"
no 2 usage "no product" pai --csr "$work/b.csr"
no 2 usage "neither CSR nor key" pai --pid 0x8000
no 2 usage "both" pai --pid 0x8000 --make-key --csr "$work/b.csr" --recipient "$work/line.pem"
no 2 usage "a key for nobody" pai --pid 0x8000 --make-key
no 4 recipient "a weak recipient" pai --pid 0x8000 --make-key --recipient "$work/weak.pem"
no 4 recipient "a recipient that is no certificate" pai --pid 0x8000 --make-key --recipient "$work/a.csr"
no 3 authority-kind "a PAA" paa --csr "$work/b.csr" --pid 0x8000
no 5 not-found "no PAI" nobody --csr "$work/b.csr" --pid 0x8000
openssl req -in "$work/b.csr" -outform DER | sed 's/test/tent/' >"$work/changed.csr"
no 3 csr-signature "a CSR that was changed" pai --pid 0x8000 --csr "$work/changed.csr"
same "$(entries "$HEDDLE_STATE" issued)" "$before" "nothing was issued"
that "the ledger verifies" "$HEDDLE" ledger verify

# --- a batch ---------------------------------------------------------------------------------------------
new_csr d
csr=$(openssl req -in "$work/d.csr" -outform DER | base64 -w 0)
cat >"$work/manifest" <<END
{"count": 5, "prefix": "lot-", "pid": "0x8000"}
{"id": "own", "pid": "0x8000", "serial_number": "SN-2", "discriminator": 3840, "passcode": 20202021}
{"id": "csr", "pid": 32768, "csr": "$csr"}
{"id": "twin", "pid": "0x8000", "serial_number": "SN-2"}
{"id": "own", "pid": "0x8000", "serial_number": "SN-2"}
{"id": "own", "pid": "0x8004"}
{"id": "easy", "pid": "0x8000", "passcode": 11111111}
{"id": "wide", "pid": "0x8000", "discriminator": 4096}
{"id": "other", "vid": "0xFFF2", "pid": "0x8000"}
{"id": "extra", "pid": "0x8000", "node_id": "0x1"}
{"count": 0, "prefix": "x"}
not JSON
{"id": "nothing"}
{"id": "last", "pid": "0x8000"}
END
refused 10 partial "a batch with bad lines" "$HEDDLE" dac batch pai --in "$work/manifest" --recipient "$work/line.pem" --out "$work/r" --name one
awk -F'"' '{ print $4, $8 }' "$work/r" | sort | uniq -c >"$work/statuses"
answer() { grep "^{\"id\":\"$1\"" "$work/r"; }
for id in lot-1 lot-5 own csr last; do
    same "$(answer $id | head -n 1 | sed 's/.*"status":"\([a-z]*\)".*/\1/')" issued "$id is issued"
done
for id in lot-3 own last; do whole "$(answer $id | head -n 1)" "the record of $id"; done
same "$(answer own | sed -n 's/.*"status":"\([a-z]*\)".*/\1/p' | tr '\n' ' ')" "issued repeated refused " "one id three times"
answer own | sed -n 2p | grep -q '"sealed":null' && pass "the repeated answer is without secrets" || fail "the repeated answer is without secrets"
rule() { answer "$1" | tail -n 1 | sed -n 's/.*"rule":"\([a-z-]*\)".*/\1/p'; }
same "$(rule twin)" device-taken "one serial number twice"
same "$(rule own)" request-conflict "one id with other content"
same "$(rule easy)" passcode "a forbidden passcode"
same "$(rule other)" att-vid "another vendor"
same "$(rule extra)" json-member "an unknown member"
same "$(rule nothing)" manifest "no product"
[ -n "$(rule wide)" ] && pass "a discriminator of 13 bits" || fail "a discriminator of 13 bits"
same "$(grep -c '"id":null,"status":"refused"' "$work/r")" 2 "two lines that are none"
grep -q 11111111 "$work/r" && fail "no answer repeats a passcode" || pass "no answer repeats a passcode"
answer own | head -n 1 | sed 's/.*"sealed":"\([^"]*\)".*/\1/' | base64 -d >"$work/sealed"
record=$(opened "$work/sealed")
same "$(field "$record" passcode) $(field "$record" discriminator)" "20202021 3840" "what the manifest gives is in the record"
[ -z "$(find "$HEDDLE_STATE/batches" -name '*.seed')" ] && pass "the seed is gone" || fail "the seed is gone"
"$HEDDLE" ledger list --type secret >"$work/secrets"
same "$(grep -c 'seed of batch 1' "$work/secrets")" 1 "and its end is on record"
that "batch show" "$HEDDLE" batch show one
grep -q 'PAI  *pai' "$out" && pass "tells the PAI" || fail "tells the PAI"
refused 10 partial "the same manifest again" "$HEDDLE" dac batch pai --in "$work/manifest" --recipient "$work/line.pem" --out "$work/r2"
same "$(grep -c '"status":"repeated"' "$work/r2")" 9 "everything is repeated"
same "$(grep -c '"sealed":"' "$work/r2")" 0 "without secrets"
that "with the same bytes" cmp <(grep -o '"dac":"[^"]*"' "$work/r" | sort -u) <(grep -o '"dac":"[^"]*"' "$work/r2" | sort -u)
that "a batch of CSRs alone" batch pai --in <(echo "{\"id\":\"csr2\",\"pid\":\"0x8000\",\"csr\":\"$csr\"}") --out "$work/r3"
grep -q '"sealed"' "$work/r3" && fail "needs no recipient and gives no secrets" || pass "needs no recipient and gives no secrets"
refused 10 partial "a key for nobody" "$HEDDLE" dac batch pai --in <(echo '{"id":"x","pid":"0x8000"}') --out "$work/r3"
that "a dry run" batch lock --in <(echo '{"count":3,"prefix":"dry-"}') --recipient "$work/line.pem" --dry-run --out "$work/r4"
same "$(grep -c '"status":"valid"' "$work/r4")" 3 "tells what would be"
same "$("$HEDDLE" ledger search --request-id dry-1 --json | wc -l)" 0 "and issues nothing"

# --- one device, killed ----------------------------------------------------------------------------------
# Where the record of a device cannot be written, its key is not lost: the same request gives the same device.
kept() { find "$HEDDLE_STATE/batches" -name 'device-*.seed' | wc -l; }
same "$(kept)" 0 "no seed of a single device is kept"
make_one() { issue pai --make-key --pid 0x8000 --recipient "$work/line.pem" --request-id "$1" --out "$work/$1" "${@:2}"; }
mkdir -p "$work/full-1/device.cms"
refused 4 "" "device.cms cannot be written" make_one full-1
same "$(kept)" 1 "the seed is kept"
same "$(stat -c %a "$HEDDLE_STATE"/batches/device-*.seed)" 600 "for nobody else"
issue pai --csr "$work/a.csr" --pid 0x8000 --out "$work/a" >"$out" 2>"$err"
grep -q "request 'full-1' is not finished" "$err" && pass "and the next command tells of it" || fail "and the next command tells of it"
cp "$work/full-1/dac.der" "$work/before"
rmdir "$work/full-1/device.cms"
that "the same request again" make_one full-1 --json
same "$(json_value "$out" status) $(json_value "$out" sealed)" "repeated true" "gives the certificate and the secrets"
that "with the same bytes" cmp "$work/before" "$work/full-1/dac.der"
record=$(opened "$work/full-1/device.cms")
same "$(point_of "$(field "$record" key)")" "$(cert_point "$(field "$record" dac)")" "and the key of this DAC"
same "$(kept)" 0 "the seed is gone"
that "once more" make_one full-1 --json
same "$(json_value "$out" sealed)" false "there are no secrets"
refused 3 att-vid "a request that is refused" make_one other-1 --vid 0xFFF2
same "$(kept)" 0 "leaves no seed"
make_one time-1 >"$out" 2>"$err"
began=$(date +%s%N)
make_one time-2 >"$out" 2>"$err"
long=$((($(date +%s%N) - began) / 1000 * 11 / 10)) died=0 bad=0
for i in $(seq "$issue_kills"); do
    "$work/killer" KILL $long "$HEDDLE" -q dac issue pai --make-key --pid 0x8000 --recipient "$work/line.pem" --request-id "die-$i" \
        --out "$work/die-$i" >"$out" 2>"$err" || died=$((died + 1))
    [ ! -f "$work/die-$i/device.cms" ] || cp "$work/die-$i/device.cms" "$work/die-$i/handed"
    make_one "die-$i" >"$out" 2>"$err" || bad=$((bad + 1))
    cp "$work/die-$i/device.cms" "$work/sealed" 2>/dev/null || { bad=$((bad + 1)); continue; }
    record=$(opened "$work/sealed")
    [ "$(field "$record" dac | base64 -d | cmp - "$work/die-$i/dac.der" && point_of "$(field "$record" key)")" = \
        "$(cert_point "$(field "$record" dac)")" ] || bad=$((bad + 1))
    # What was handed over before the kill is the same device.
    [ ! -f "$work/die-$i/handed" ] || [ "$(field "$(opened "$work/die-$i/handed")" key)" = "$(field "$record" key)" ] || bad=$((bad + 1))
done
same "$bad $(kept)" "0 0" "killed $died of $issue_kills times: each request again gives its one device, and no seed is left"

# --- stopped and killed ----------------------------------------------------------------------------------
began=$(date +%s%N)
that "a batch of $size" batch pai --in <(echo "{\"count\": $size, \"prefix\": \"t-\", \"pid\": \"0x8000\"}") --recipient "$work/line.pem" --out "$work/t"
whole_ms=$((($(date +%s%N) - began) / 1000000))
run() { setsid "$HEDDLE" -q "$@" >"$out" 2>"$err" & pid=$!; }
seeds() { find "$HEDDLE_STATE/batches" -name '*.seed' | wc -l; }
killed=0 batches=0
# Kills at any time of a run, sometimes the whole group, sometimes the parent alone. A batch that was killed before it
# had a name is begun again; one that came to its end between two kills is followed by another.
until_done() {
    local name=killed-$batches got=1
    echo "{\"count\": $size, \"prefix\": \"k$batches-\", \"pid\": \"0x8000\"}" >"$work/in-$batches"
    while [ $got != 0 ]; do
        if "$HEDDLE" batch show "$name" >/dev/null 2>&1; then
            run batch resume "$name"
        else
            run dac batch pai --in "$work/in-$batches" --recipient "$work/line.pem" --out "$work/answers-$batches" --name "$name"
        fi
        if [ $killed -lt "$kills" ]; then
            sleep "$(awk -v r=$RANDOM -v ms=$whole_ms 'BEGIN { print r / 32768 * ms / 1000 }')"
            if [ $((RANDOM % 2)) = 0 ]; then kill -9 -- "-$pid" 2>/dev/null; else kill -9 "$pid" 2>/dev/null; fi && killed=$((killed + 1)) || true
        fi
        got=0
        { wait $pid; } 2>/dev/null || got=$?
        case $got in 0 | 137) ;; *) fail "a resume" "status $got"; return ;; esac
        [ $got = 0 ] || [ "$(seeds)" -le 1 ] || fail "one seed"
    done
    [ "$(seeds)" = 0 ] || fail "no seed is left behind $name"
    batches=$((batches + 1))
}
while until_done; [ $killed -lt "$kills" ]; do :; done
same $killed "$kills" "killed $killed times, resumed until $batches batches were done"
all=$((batches * size))
sort -u <(grep -oh '^{"id":"k[0-9]*-[0-9]*"' "$work"/answers-*) >"$work/ids"
same "$(wc -l <"$work/ids") $(cat "$work"/answers-* | wc -l)" "$all $all" "each device has one answer"
same "$(cat "$work"/answers-* | grep -c '"status":"issued"')" "$all" "each is issued"
same "$(cat "$work"/answers-* | grep -c '"sealed":"')" "$all" "each has its record"
"$HEDDLE" ledger list --type issued --json >"$work/issued"
same "$(grep -o '"request_id": *"k[0-9]*-[0-9]*"' "$work/issued" | sort -u | wc -l) $(grep -c '"request_id": *"k[0-9]' "$work/issued")" "$all $all" \
    "the ledger has each once"
same "$(grep -oh '"serial":"[0-9a-f]*"' "$work"/answers-* | sort -u | wc -l)" "$all" "and no serial number twice"
that "the ledger verifies" "$HEDDLE" ledger verify
for n in 1 $((size / 2)) $size; do
    whole "$(sed -n "${n}p" "$work/answers-0")" "the record in line $n"
done
run dac batch pai --in <(echo "{\"count\": 100000, \"prefix\": \"s-\", \"pid\": \"0x8000\"}") --recipient "$work/line.pem" --out "$work/s" --name stopped
sleep 1
kill -INT $pid
got=0
wait $pid || got=$?
same "$got" 1 "Ctrl-C stops a batch"
same "$(seeds)" 1 "its seed is kept"
same "$(stat -c %a "$(find "$HEDDLE_STATE/batches" -name '*.seed')")" 600 "for nobody else"
finish
