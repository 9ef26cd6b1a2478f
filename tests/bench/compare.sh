#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What issuing costs by other means: tests/bench/compare.sh BUILD
#
# Certificates a second from CSRs that are there, each way for SECONDS_EACH seconds, one after the other. All
# of them sign with ECDSA P-256 and write a certificate with the extensions of a NOC. Only heddle keeps a record
# of what it issued before it gives it out, verifies its signatures, and makes Matter certificates.
# FIRST=yes: before everything else on the machine, where its owner groups processes by session (root).
set -euo pipefail
cd "$(dirname "$0")/../.."

. tests/bench/lib.bash

SECONDS_EACH=${SECONDS_EACH:-5} REQUESTS=${REQUESTS:-20000} CSRS=50
engine=$(openssl version -e | sed 's/.*"\(.*\)"/\1/')/pkcs11.so
cd "$work"

softhsm=$(find /usr/lib -name libsofthsm2.so | head -n 1)
mkdir tokens csr issued
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf

cat >ca.conf <<'END'
[ca]
default_ca = bench
[bench]
database = index.txt
serial = serial
new_certs_dir = issued
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 3650
policy = any
unique_subject = no
x509_extensions = noc
[any]
organizationName = optional
[noc]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,serverAuth,clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END

openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -subj /CN=bench -days 3650 -out ca.pem
openssl pkcs8 -topk8 -nocrypt -in ca.key -out ca.p8
for ((i = 0; i < CSRS; i++)); do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj /O=CSR -out "csr/$i" 2>/dev/null
done
: >index.txt
echo 1000 >serial

now() { echo "${EPOCHREALTIME/./}"; } # microseconds
report() { awk -v name="$1" -v n="$2" -v us="$3" 'BEGIN { printf "%s\t%.3f\n", name, n * 1e6 / us }' >>rates; }

# loop NAME COMMAND...: how many a second; the CSR's file is the last argument
loop() {
    local name=$1 n=0 began end
    shift
    "$@" csr/0 >/dev/null 2>err || { cat err >&2; echo "$name does not work here" >&2; return; }
    began=$(now) end=$((began + SECONDS_EACH * 1000000))
    while [ "${EPOCHREALTIME/./}" -lt $end ]; do
        "$@" "csr/$((n % CSRS))" >/dev/null 2>&1
        n=$((n + 1))
    done
    report "$name" $n $(($(now) - began))
}

by_heddle() {
    local began n
    "$tools/make_requests" "$REQUESTS" a >requests
    "$heddle" --state st init >/dev/null 2>&1
    "$heddle" --state st fabric create bench --fabric-id 1 >/dev/null
    began=$(now)
    "$heddle" --state st noc batch bench --in requests --out answers >/dev/null 2>&1
    report "heddle noc batch" "$REQUESTS" $(($(now) - began))
    # One key is one node: each CSR is asked for once.
    began=$(now)
    for ((n = 0; n < CSRS; n++)); do
        "$heddle" --state st noc issue bench --node-id next --csr "csr/$n" --out out >/dev/null 2>&1
    done
    report "heddle noc issue, a process each" $CSRS $(($(now) - began))
}

by_heddle
loop "openssl x509 -req, key in a file" \
    openssl x509 -req -CA ca.pem -CAkey ca.key -days 3650 -extfile ca.conf -extensions noc -in
if [ -e "$engine" ]; then
    export SOFTHSM2_CONF=$PWD/softhsm2.conf PKCS11_MODULE_PATH=$softhsm
    softhsm2-util --init-token --free --label bench --so-pin 123456 --pin 567890 >/dev/null
    softhsm2-util --import ca.p8 --token bench --label ca --id 01 --pin 567890 >/dev/null
    key="pkcs11:token=bench;object=ca;pin-value=567890"
    loop "openssl x509 -req, SoftHSM by the PKCS#11 engine" \
        openssl x509 -req -CA ca.pem -engine pkcs11 -CAkeyform engine -CAkey "$key" -days 3650 -extfile ca.conf -extensions noc -in
    loop "openssl ca, SoftHSM by the PKCS#11 engine" \
        openssl ca -batch -notext -config ca.conf -engine pkcs11 -keyform engine -keyfile "$key" -out cert.pem -in
else
    echo "no PKCS#11 engine at $engine: its rows are left out (libengine-pkcs11-openssl)" >&2
fi
loop "openssl ca, key in a file" openssl ca -batch -notext -config ca.conf -out cert.pem -in

awk -F'\t' 'NR == 1 { best = $2; printf "%-48s %10s %10s\n", "", "certs/s", "heddle is" }
    { printf "%-48s %10.0f %9.0fx\n", $1, $2, best / $2 }' rates
