# SPDX-License-Identifier: Apache-2.0
# What the tests of mattercert share. Sourced by tests/cli/mattercert_*.sh: MATTERCERT is the binary, VECTORS
# the published vectors. Each case prints a line; finish prints the counts.
# shellcheck shell=bash
set -eu
export LC_ALL=C TZ=UTC
unset NO_COLOR POSIXLY_CORRECT

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MATTERCERT=${MATTERCERT:-$here/../../build/mattercert}
VECTORS=${VECTORS:-${HEDDLE_VECTORS:-$here/../../../shared/vectors}}
if [ ! -x "$MATTERCERT" ]; then
    echo "no program at $MATTERCERT: run make first, or set MATTERCERT"
    exit 1
fi
MATTERCERT=$(realpath "$MATTERCERT")
pairs=$VECTORS/operational/pairs
errors=$VECTORS/operational/error-cases

need_vectors() {
    [ -d "$VECTORS/operational" ] && return
    echo "no vectors at $VECTORS: skipped"
    exit 77
}

tmp=$(mktemp -d)
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$mounted" || true
    chmod -R u+rwX "$tmp" 2>/dev/null || true
    rm -rf "$tmp"
}
trap cleanup EXIT

passed=0 failed=0 skipped=0
ok() {
    echo "ok    $*"
    passed=$((passed + 1))
}
bad() {
    echo "FAIL  $*"
    failed=$((failed + 1))
}
skip() {
    echo "skip  $*"
    skipped=$((skipped + 1))
}
finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# mc ARGS: runs the program; status in $status, output in $tmp/stdout and $tmp/stderr.
status=0
mc() {
    status=0
    "$MATTERCERT" "$@" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null || status=$?
}

# says NAME STATUS RULE: the last mc ended with STATUS and named the rule; nothing stands on stdout.
says() {
    if [ "$status" != "$2" ] || ! grep -qF "[$3]" "$tmp/stderr" || [ -s "$tmp/stdout" ]; then
        bad "$1: status $status, wanted $2 with [$3]: $(head -c 300 "$tmp/stderr")"
    else
        ok "$1"
    fi
}

# gives NAME STATUS TEXT: the last mc ended with STATUS and its stdout holds TEXT.
gives() {
    if [ "$status" != "$2" ] || ! grep -qF -- "$3" "$tmp/stdout"; then
        bad "$1: status $status, wanted $2 and '$3': $(head -c 300 "$tmp/stdout" "$tmp/stderr")"
    else
        ok "$1"
    fi
}

# is NAME FILE FILE: the files are equal byte for byte.
is() {
    if cmp -s "$2" "$3"; then ok "$1"; else bad "$1: $2 and $3 differ"; fi
}

# holds NAME CONDITION...: the command succeeds.
holds() {
    local name=$1
    shift
    if "$@" >/dev/null 2>&1; then ok "$name"; else bad "$name: $*"; fi
}

# The extensions of a PAA, a PAI, a DAC and a delegated signer of CRLs, as sections for openssl.
attestation_sections() {
    cat <<'CNF'
[paa]
basicConstraints = critical,CA:TRUE,pathlen:1
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[pai]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[dac]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[delegate]
basicConstraints = critical,CA:FALSE
keyUsage = critical,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CNF
}
# cert CONFIG NAME KIND ISSUER SERIAL SUBJECT: NAME.pem and NAME.key in the current folder
cert() {
    local name=$2 signer="-CA $4.pem -CAkey $4.key"
    [ "$4" != "$2" ] || signer="-signkey $2.key"
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -subj "$6" -utf8 -out "$name.csr" 2>/dev/null
    # shellcheck disable=SC2086
    openssl x509 -req -in "$name.csr" -out "$name.pem" -extfile "$1" -extensions "$3" -set_serial "$5" -days 36500 -sha256 \
        $signer 2>/dev/null
}
