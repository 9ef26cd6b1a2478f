#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The programs under valgrind: a test script of mattercert with every call wrapped, and the unit programs of what reads
# hostile octets. heddle's own run is tests/cli/heddle_memory.sh.
set -eu
cd "$(dirname "$0")/.."

command -v valgrind >/dev/null || {
    echo "valgrind is not installed"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
checked=(valgrind -q --error-exitcode=99 --leak-check=full "--suppressions=$PWD/tests/valgrind.supp")
failed=0
for name in cd cms elements csr_build crl revset json_read; do
    program=${B:-build}/tests/test_$name
    [ -x "$program" ] || continue
    if "${checked[@]}" "$program" >"$work/log" 2>&1; then
        echo "ok    test_$name"
    else
        failed=$((failed + 1))
        echo "FAIL  test_$name"
        grep '^==' "$work/log" | head -n 20
    fi
done
real=$MATTERCERT
cat >"$work/mattercert" <<WRAP
#!/bin/sh
exec valgrind -q --error-exitcode=99 --leak-check=full --suppressions=$PWD/tests/valgrind.supp "$real" "\$@"
WRAP
chmod +x "$work/mattercert"
MATTERCERT=$work/mattercert bash tests/cli/mattercert_csr.sh
[ "$failed" = 0 ]
