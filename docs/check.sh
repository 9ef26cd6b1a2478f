#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The documentation's tests: generated pages are up to date, man pages are well-formed, links lead somewhere,
# every verb is documented, and the commands of the README's first fabric work as they stand.
set -eu

bin=${1:-build}
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

try() {
    name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        sed 's/^/    /' "$work/log"
    fi
}

sh docs/generate.sh "$bin" "$work/docs"
try "docs/errors.md is up to date" diff docs/errors.md "$work/docs/errors.md"
try "docs/rules.md is up to date" diff docs/rules.md "$work/docs/rules.md"
try "docs/dcl-rules.md is up to date" diff docs/dcl-rules.md "$work/docs/dcl-rules.md"
for page in docs/man/*.1; do
    try "$page has the synopsis of the verb table" diff "$page" "$work/docs/man/$(basename "$page")"
done
for page in docs/man/*; do
    try "$page is well-formed" mandoc -T lint -W warning "$page"
done

links() {
    grep -o '](\([^)#]*\)' "$1" | sed 's/^](//' | while read -r target; do
        case $target in http*|'') continue ;; esac
        [ -e "$(dirname "$1")/$target" ] || { echo "$1: $target"; exit 1; }
    done
}
for page in README.md docs/*.md profiles/README.md; do
    try "links of $page" links "$page"
done

verbs() {
    "$bin/$1" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' | while read -r verb; do
        grep -q "^\.It Cm .*$(echo "$verb" | sed 's/ .*//')" "docs/man/$1.1" &&
            grep -q "$(echo "$verb" | sed 's/.* //')" "docs/man/$1.1" || { echo "$1 $verb"; exit 1; }
    done
}
for program in mattercert heddle; do
    try "every verb of $program is in its man page" verbs "$program"
done

first_fabric() {
    cd "$work"
    export HEDDLE_STATE="$work/state" PATH="$bin:$PATH"
    sed -n '/^## A first fabric/,/^`node1`/s/^    //p' "$1" | sh -eu
    test -s node1/rcac.tlv && test -s node1/icac.tlv && test -s node1/noc.tlv
}
(first_fabric "$PWD/README.md") >"$work/log" 2>&1 && passed=$((passed + 1)) || {
    failed=$((failed + 1))
    echo "FAIL the README's first fabric"
    cat "$work/log"
}

# The example of integrating.md is a program of the interoperability test, and its commands work as they stand.
example() {
    sed -n '/^```js$/,/^```$/p' docs/integrating.md | sed '1d;$d' >"$work/printed.js"
    awk '/^\/\/ --8<--$/ { on = !on; next } on' tests/interop/example.js | diff - "$work/printed.js"
}
try "the example of docs/integrating.md is tests/interop/example.js" example

integrating() (
    page=$PWD/docs/integrating.md
    mkdir "$work/integrating" && cd "$work/integrating"
    export HEDDLE_STATE="$work/integrating/state" PATH="$bin:$PATH"
    heddle -q init
    openssl ecparam -name prime256v1 -genkey -noout -out controller.key 2>/dev/null
    openssl req -new -key controller.key -subj /O=CSR -out controller.csr
    mattercert -q forge nocsr --out forged
    cp forged/nocsr-valid.tlv elements.bin
    NONCE=$(mattercert csr show elements.bin | sed -n 's/^Nonce *//p')
    export NONCE
    sed -n 's/^ \{4,8\}\(heddle .*\)/\1/p' "$page" | sed '/--in - --out -/s/$/ <\/dev\/null/' >commands
    [ "$(wc -l <commands)" -ge 8 ]
    sh -eux ./commands
    for file in chain/rcac.tlv controller/icac.tlv device/noc.tlv der/rcac.der device-der/noc.der; do test -s $file || { echo "$file"; exit 1; }; done
)
try "the commands of docs/integrating.md" integrating

try "docs/examples answer as they say" sh docs/examples/check.sh "$bin"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
