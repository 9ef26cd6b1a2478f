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
