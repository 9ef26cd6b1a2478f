#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end: an empty directory, a fabric whose keys never leave the token, and the
# credentials of one node, looked at with heddle's tools and with OpenSSL.
set -eu

bin=${1:-build}
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
export HEDDLE_STATE="$work/state"

say() { printf '\n$ %s\n' "$*"; "$@"; }
heddle() { "$bin/heddle" "$@"; }
mattercert() { "$bin/mattercert" "$@"; }

say heddle init
say heddle fabric create home --fabric-id 0xFAB1
printf '\n# a node makes its key and a CSR\n'
openssl ecparam -name prime256v1 -genkey -noout -out node.key 2>/dev/null
openssl req -new -key node.key -subj /O=CSR -out node.csr
say heddle noc issue home --csr node.csr --node-id next --cat 0xABCD0001 --out node --format all
say mattercert show node/noc.tlv
say heddle ledger list
say heddle ledger verify
printf '\n# a stranger checks the chain with OpenSSL alone\n'
say openssl verify -CAfile node/rcac.pem -untrusted node/icac.pem -purpose sslserver node/noc.pem
say heddle hsm status
for form in rcac icac noc; do
    test -s "node/$form.tlv"
done
printf '\nThe node gets rcac.tlv, icac.tlv and noc.tlv; its commissioner also the IPK (heddle fabric ipk home).\n'
