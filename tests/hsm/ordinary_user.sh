#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Root writes through mode 0400, so as root the other tests never see how SoftHSM behaves with a protected
# token.object. Here they run as a user who is held by it.
set -eu
. tests/hsm/common.sh

[ "$(id -u)" -eq 0 ] || { echo "not root: every other test runs as an ordinary user already" >&2; exit 77; }
command -v setpriv > /dev/null || { echo "setpriv is not installed" >&2; exit 77; }
as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups env TMPDIR="$work/tmp" B="$work" "$@"; }

# Copies, since the build folder may lie where that user cannot look.
cp "$B"/tests/test_hsm_* "$B/libhsm.a" "$B/libmattercert.a" "$work"
mkdir -m 1777 "$work/tmp"
chmod -R a+rX "$work"
as_user test -r tests/hsm/common.sh || { echo "an ordinary user cannot read this tree" >&2; exit 77; }

passed=0
for program in "$work"/test_hsm_*; do
    as_user "$program" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    passed=$((passed + 1))
done
for script in faults concurrent; do
    as_user sh "tests/hsm/$script.sh" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
