#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job, and some of what is refused, under valgrind. Suppressions: tests/valgrind.supp.
set -eu
. "$(dirname "$0")/lib.sh"

command -v valgrind >/dev/null || { skip "memory" "no program valgrind"; finish; exit; }
! sanitized || { skip "memory" "this build has a sanitizer"; finish; exit; }
export HEDDLE_STATE=$work/state
new_csr a
tail -n 3 "$work/a.csr" >"$work/broken.csr"
check() { # STATUS NAME ARGUMENT...
    local want=$1 name=$2 status=0
    shift 2
    valgrind -q --error-exitcode=99 --leak-check=full \
        --suppressions="$top/tests/valgrind.supp" --log-file="$work/valgrind" "$HEDDLE" "$@" >"$out" 2>"$err" || status=$?
    if [ "$status" = "$want" ]; then
        pass "$name"
    else
        cp "$work/valgrind" "$err"
        fail "$name" "status $status, not $want"
    fi
}
check 0 "init" init
check 0 "fabric create" fabric create home --fabric-id 0xFAB1
check 0 "noc issue" noc issue home --csr "$work/a.csr" --node-id next --cat 0xABCD0001 --out "$work/out" --format all
check 0 "noc issue, repeated" noc issue home --csr "$work/a.csr" --node-id next --cat 0xABCD0001 --out "$work/out" --json
check 0 "fabric show --json" fabric show home --json
check 0 "fabric export" fabric export home --out "$work/out" --format all
check 0 "fabric ipk" fabric ipk home --out "$work/ipk"
check 0 "ledger list --json" ledger list --json
check 0 "ledger show" ledger show 1
check 0 "ledger verify" ledger verify
check 0 "hsm status" hsm status
check 4 "a broken CSR" noc issue home --csr "$work/broken.csr" --node-id 1 --out "$work/out"
check 3 "a key that is taken" noc issue home --csr "$work/a.csr" --node-id 9 --out "$work/out"
check 6 "a state that exists" init
check 2 "an unknown option" noc issue --frob

# The attestation desk.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/line.key" -out "$work/line.pem" -subj /CN=line 2>/dev/null
printf '%s\n' '{"count": 3, "prefix": "k-"}' '{"id": "bad", "passcode": 11111111}' >"$work/manifest"
new_csr d
check 0 "paa create" paa create paa --vid 0xFFF1
check 0 "pai create" pai create pai --paa paa --vid 0xFFF1 --pid 0x8000 --crl-url http://a/b
check 0 "pai create --csr-out" pai create out --csr-out "$work/out.csr" --vid 0xFFF1
check 0 "cd-signer create" cd-signer create lab
check 0 "crl-signer create" crl-signer create crls --for paa
check 0 "pai export" pai export pai --out "$work/x" --format all
check 3 "an answer that does not fit" pai import out --cert "$work/x/pai.der" --paa "$work/x/paa.der"
check 0 "dac issue" dac issue pai --csr "$work/d.csr" --out "$work/d" --format all
check 0 "dac issue --make-key" dac issue pai --make-key --recipient "$work/line.pem" --out "$work/d"
check 10 "dac batch" dac batch pai --in "$work/manifest" --recipient "$work/line.pem" --out "$work/results" --workers 1
check 0 "cd sign" cd sign lab --vid 0xFFF1 --pid 0x8000 --device-type 0x0100 --out "$work/cd.der"
check 0 "revoke" revoke --cert "$work/x/pai.der" --why "a test"
check 0 "crl sign" crl sign paa --out "$work/paa.crl" --format pem
check 0 "crl sign by a delegate" crl sign paa --signer crls --uri http://a/b --out "$work/d.crl"
check 3 "a DAC of a revoked PAI" dac issue pai --csr "$work/d.csr" --request-id other --out "$work/d"
"$MATTERCERT" -q trust make --paa "$work/x/paa.der" --out "$work/bundle"
check 0 "trust sign" trust sign "$work/bundle" --out "$work/note"
check 10 "factory open" factory open --key "$work/line.key" --in "$work/results"
check 0 "ledger verify, with all of it" ledger verify

echo 'frob = 1' >>"$HEDDLE_STATE/profiles/noc.profile"
check 4 "a broken profile" noc issue home --csr "$work/a.csr" --node-id 9 --out "$work/out"
rm "$HEDDLE_STATE/pin"
check 8 "a missing PIN" hsm status
finish
