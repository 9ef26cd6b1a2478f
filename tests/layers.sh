#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proves the layers: what each archive may call (nm -u against a deny-list), and what each may include.
set -eu

bin=${1:-build}
failed=0
fail() {
    echo "check-layers: $*" >&2
    failed=$((failed + 1))
}

# Undefined symbols of an archive that match a pattern, with the object that asks for them.
uses() {
    nm -A -u "$bin/$1" 2>/dev/null | awk '{ print $1 $2 " " $NF }' | sed 's/@.*//' |
        awk -v want="^($2)\$" '$NF ~ want { sub(/:U$/, "", $1); print $1 " uses " $NF }'
}

deny() {
    found=$(uses "$1" "$2")
    [ -z "$found" ] || fail "$1: $3
$found"
}

files='f?open(64)?|openat|creat|read|write|pread|pwrite|fread|fwrite|fputs|fputc|fgets|close|unlink|rename'
clocks='time|clock|clock_gettime|gettimeofday|nanosleep|sleep'
random='RAND_.*|rand|random|srand|getrandom|arc4random.*'
process='getenv|secure_getenv|setenv|exit|_exit|abort|fork|exec.*|signal|sigaction|socket|connect|dlopen'
prints='printf|vprintf|puts|putchar|fprintf|__printf_chk|__fprintf_chk|__vprintf_chk|perror|stdout|stderr'
heap='malloc|calloc|realloc|free|strdup'
tokens='PKCS11_.*|C_[A-Z].*|ENGINE_.*'
storage='sqlite3_.*|json_.*'

deny libmattercert.a "$files|$clocks|$random|$process|$prints|$heap|$tokens|$storage" "lib knows bytes and nothing else"
# The verifier is the library's one heap object.
heap_users=$(uses libmattercert.a 'CRYPTO_(z|m|re)alloc|CRYPTO_free' | grep -v 'pubkey\.o' || true)
[ -z "$heap_users" ] || fail "only the verifier of pubkey.c may be on the heap: $heap_users"
deny libhsm.a "$storage|sqlite3_.*|ledger_.*|ca_.*|cli_.*" "hsm sees no database and nothing above it"
deny libca.a "$tokens|PKCS11_.*" "ca sees no PKCS#11"
deny libcli.a "$tokens|sqlite3_.*|hsm_.*|ledger_.*|ca_.*" "the front of the programs knows lib only"

# Includes: a layer names only itself and what stands to its left.
may_include() {
    dir=$1
    allowed=$2
    found=$(grep -Hn '^#include "' "$dir"/*.[ch] | grep -vE "\"($allowed)[^/\"]*\"" || true)
    [ -z "$found" ] || fail "$dir includes what it may not:
$found"
}
may_include lib ''
may_include lib/cli 'lib/cli/|lib/|'
may_include hsm 'hsm/|lib/|'
may_include ca 'ca/|hsm/|lib/cli/|lib/|'
may_include tools 'tools/|lib/cli/|lib/|'
grep -Hn 'p11-kit\|libp11\|sqlite3.h' lib/*.[ch] lib/cli/*.[ch] tools/*.[ch] && fail "foreign headers in lib or tools"
grep -Hn 'jansson.h' lib/*.[ch] lib/cli/*.h && fail "jansson in lib"
grep -Hn 'sqlite3.h\|jansson' hsm/*.[ch] && fail "database headers in hsm"
grep -Hn 'p11-kit\|libp11' ca/*.[ch] && fail "PKCS#11 headers in ca"

[ "$failed" = 0 ] || exit 1
echo "check-layers: lib, lib/cli, hsm, ca and tools use only what they may"
