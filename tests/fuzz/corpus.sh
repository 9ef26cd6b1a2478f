#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the seeds in tests/fuzz/corpus anew: keys that are thrown away, certificates of this project's own
# encoder, and X.509 certificates and CSRs of other shapes by openssl(1). Regression cases stay as they are.
#
#     corpus.sh PROGRAM       PROGRAM is BUILD/fuzz/make_corpus
set -eu

program=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/tests/fuzz/corpus
keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$2" -out "$keys/$1" 2>/dev/null; }
for name in ca ica node; do key $name.pem P-256; done
key p384.pem P-384

csr() { # NAME SUBJECT [OPTION...]
    local name=$1 subject=$2
    shift 2
    openssl req -new -key "$keys/node.pem" -subj "$subject" -outform DER -out "$out/csr/$name" "$@"
}

self_signed() { # NAME KEY SUBJECT [OPTION...]
    local name=$1 key=$2 subject=$3
    shift 3
    openssl req -x509 -new -key "$keys/$key" -subj "$subject" -days 7305 -sha256 -outform DER \
        -out "$out/cert_der/$name" "$@"
}

cat >"$keys/oids.cnf" <<'END'
oid_section = oids
[ oids ]
matterVid = 1.3.6.1.4.1.37244.2.1
[ req ]
distinguished_name = name
[ name ]
END
mkdir -p "$out/csr" "$out/cert_der"
openssl req -new -key "$keys/node.pem" -subj /O=CSR -outform DER -out "$keys/csr.der"
csr empty-subject /
csr extensions /OU=CSA -addext keyUsage=critical,digitalSignature
self_signed x509-paa ca.pem '/CN=Test PAA/matterVid=FFF1' -config "$keys/oids.cnf" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:1 -addext keyUsage=critical,keyCertSign,cRLSign
self_signed x509-p384 p384.pem /C=XX/O=Other/CN=other
self_signed x509-multi ca.pem /CN=a+OU=b/DC=c/emailAddress=d@example.org -multivalue-rdn \
    -addext subjectAltName=DNS:example.org -addext crlDistributionPoints=URI:http://example.org/c
"$program" "$top/profiles" "$keys" "$out"

# --- lists of other makers -----------------------------------------------------------------------------------

# With reasons and an extension that Matter does not know.
crl() {
    mkdir "$keys/db"
    printf 'R\t301231235959Z\t260101000000Z,keyCompromise\t1001\tunknown\t/CN=a\nR\t301231235959Z\t260101000000Z\t02\tunknown\t/CN=b\n' \
        >"$keys/db/index.txt"
    cat >"$keys/db/ca.cnf" <<END
[ ca ]
default_ca = own
[ own ]
database = $keys/db/index.txt
crlnumber = $keys/db/number
default_md = sha256
default_crl_days = 30
crl_extensions = crl
[ crl ]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical, @point
issuerAltName = URI:http://example.org/i
[ point ]
fullname = URI:http://example.org/c
onlyuser = TRUE
END
    echo 01 >"$keys/db/number"
    openssl x509 -inform DER -in "$out/cert_der/x509-paa" -out "$keys/db/ca.pem"
    openssl ca -batch -gencrl -config "$keys/db/ca.cnf" -keyfile "$keys/ca.pem" -cert "$keys/db/ca.pem" 2>/dev/null |
        openssl crl -outform DER -out "$out/crl/openssl"
}
crl

# --- lines of batches ------------------------------------------------------------------------------------------

csr64=$(base64 -w 0 <"$keys/csr.der")
csr_pem=$(openssl req -inform DER -in "$keys/csr.der" | awk '{ printf "%s\\n", $0 }')
line() { # TARGET NAME TEXT
    mkdir -p "$out/$1"
    printf '%s' "$3" >"$out/$1/$2"
}
line batch whole '{"id":"r-1","csr":"'"$csr64"'","node_id":"0x1122334455667788","cats":["0xABCD0001","0x00010002"]}'
line batch pem '{"id":"r-2", "node_id" : "next", "csr":"'"$csr_pem"'", "cats":[]}'
line batch no-csr '{"id":"r\u002d3","csr":"MAA=","node_id":"18","cats":["0xABCD0001"]}'
line batch unknown '{"id":"r-4","node_id":"next","cat":["0xABCD0001"],"csr":null}'
line manifest many '{"count":1000,"prefix":"lot-7-","vid":"0xFFF1","pid":32768,"discriminator":3840}
{"prefix":"n","count":1}
'
line manifest device '{"id":"d-1","serial_number":"SN 1","passcode":20202021,"discriminator":"0xF00","pid":"0x8001"}'
line manifest csr '{"id":"d-2","csr":"'"$csr64"'"}
{"id":"d-3","csr":"MAA="}
'

# --- storage of other controllers: keys that are none ------------------------------------------------------------

fake() { # KEY OUT: its public point beside a scalar that everybody knows
    { printf '\x30\x77\x02\x01\x01\x04\x20'; printf '\x11%.0s' {1..32}
        printf '\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\xa1\x44\x03\x42\x00'
        openssl pkey -in "$keys/$1" -pubout -outform DER | tail -c 65; } >"$keys/$2"
}
fake ca.pem root.der
fake ica.pem ica.der
storage() { # NAME MODE FORM FILE [OPTION...]; FILE is where storage.py leaves what is of interest
    local name=$1 mode=$2 form=$3 file=$4
    shift 4
    python3 "$top/tests/cli/storage.py" "$form" "$keys/s/$name" root="$out/cert_der/rcac" rcac="$out/cert_tlv/rcac" \
        root_key="$keys/root.der" ica="$out/cert_der/icac" icac="$out/cert_tlv/icac" ica_key="$keys/ica.der" fabric=0xFAB1 \
        noc="$out/cert_tlv/noc-name" "$@"
    { printf '%s' "$mode"; cat "$keys/s/$name$file"; } >"$out/storage/$name"
}
mkdir -p "$out/storage" "$keys/s"
storage chip-tool f chip-tool '' id=0x11 id=0x12
storage chip-tool-sec1 f chip-tool '' sec1=1
storage python f python /chip.json id=0x11
sed 's/^    "repl-config": {/    "other": {/' "$out/storage/python" >"$out/storage/python-alone"
storage matterjs f matterjs-json /storage.json node="$out/cert_tlv/noc-cats"
storage matterjs-folder j matterjs-json /storage.json
storage matterjs-packed z matterjs-wal /wal/00000001.jsonl.gz
{ printf w; gunzip -c "$keys/s/matterjs-packed/wal/00000001.jsonl.gz"; } >"$out/storage/matterjs-log"
{ printf s; gunzip -c "$keys/s/matterjs-packed/snapshot.json.gz"; } >"$out/storage/matterjs-snapshot"
