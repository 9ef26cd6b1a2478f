#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The programs under valgrind: a test script of mattercert with every call wrapped. heddle's own run is
# tests/cli/heddle_memory.sh.
set -eu
cd "$(dirname "$0")/.."

command -v valgrind >/dev/null || {
    echo "valgrind is not installed"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
real=$MATTERCERT
cat >"$work/mattercert" <<WRAP
#!/bin/sh
exec valgrind -q --error-exitcode=99 --leak-check=full --suppressions=$PWD/tests/valgrind.supp "$real" "\$@"
WRAP
chmod +x "$work/mattercert"
MATTERCERT=$work/mattercert bash tests/cli/mattercert_csr.sh
