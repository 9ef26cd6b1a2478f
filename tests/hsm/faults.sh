#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A module that fails on order stands between heddle and SoftHSM: see faults.c.
set -eu
. tests/hsm/common.sh

# shellcheck disable=SC2086
$CC $CPPFLAGS $CFLAGS -fPIC -shared -o "$work/shim.so" tests/hsm/shim.c -ldl
build faults -lcmocka
HEDDLE_SHIM=$work/shim.so HEDDLE_SHIM_MODULE=$softhsm "$work/faults"
