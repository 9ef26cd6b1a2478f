#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job, and some of what is refused, under valgrind. Suppressions: tests/valgrind.supp.
set -eu
. "$(dirname "$0")/lib.sh"

command -v valgrind >/dev/null || { skip "memory" "no program valgrind"; finish; exit; }
! sanitized || { skip "memory" "this build has a sanitizer"; finish; exit; }
export HEDDLE_STATE=$work/state
new_csr a
tail -n 3 "$work/a.csr" >"$work/broken.csr"
check() { # STATUS NAME ARGUMENT...
    local want=$1 name=$2 status=0
    shift 2
    valgrind -q --error-exitcode=99 --leak-check=full \
        --suppressions="$top/tests/valgrind.supp" --log-file="$work/valgrind" "$HEDDLE" "$@" >"$out" 2>"$err" || status=$?
    if [ "$status" = "$want" ]; then
        pass "$name"
    else
        cp "$work/valgrind" "$err"
        fail "$name" "status $status, not $want"
    fi
}
check 0 "init" init
check 0 "fabric create" fabric create home --fabric-id 0xFAB1
check 0 "noc issue" noc issue home --csr "$work/a.csr" --node-id next --cat 0xABCD0001 --out "$work/out" --format all
check 0 "noc issue, repeated" noc issue home --csr "$work/a.csr" --node-id next --cat 0xABCD0001 --out "$work/out" --json
check 0 "fabric show --json" fabric show home --json
check 0 "fabric export" fabric export home --out "$work/out" --format all
check 0 "fabric ipk" fabric ipk home --out "$work/ipk"
check 0 "ledger list --json" ledger list --json
check 0 "ledger show" ledger show 1
check 0 "ledger verify" ledger verify
check 0 "hsm status" hsm status
check 4 "a broken CSR" noc issue home --csr "$work/broken.csr" --node-id 1 --out "$work/out"
check 3 "a key that is taken" noc issue home --csr "$work/a.csr" --node-id 9 --out "$work/out"
check 6 "a state that exists" init
check 2 "an unknown option" noc issue --frob
echo 'frob = 1' >>"$HEDDLE_STATE/profiles/noc.profile"
check 4 "a broken profile" noc issue home --csr "$work/a.csr" --node-id 9 --out "$work/out"
rm "$HEDDLE_STATE/pin"
check 8 "a missing PIN" hsm status
finish
