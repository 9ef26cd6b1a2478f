#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SoftHSM empties token.object at every login. Many starts at once, and many that are killed, must lose nothing.
set -eu
. tests/hsm/common.sh

starts=${STARTS:-200}
kills=${KILLS:-500}
build client
build storm
state=$work/state
new_state "$state"
"$work/client" make "$state"

"$work/storm" together "$starts" "$starts" "$work/client" sign "$state"

"$work/storm" kill "$kills" 15000 "$work/client" sign "$state"
"$work/client" sign "$state"
echo "after the kills: the key signs"

# Every death must be followed by a good start, not only the last one.
rounds=$((kills / 10))
lost=0
emptied=0
i=0
while [ "$i" -lt "$rounds" ]; do
    "$work/storm" kill 1 15000 "$work/client" sign "$state" > /dev/null
    [ -s "$(echo "$state"/softhsm/tokens/*/token.object)" ] || emptied=$((emptied + 1))
    "$work/client" sign "$state" || lost=$((lost + 1))
    i=$((i + 1))
done
echo "$rounds single kills left token.object empty $emptied times; starts after them that failed: $lost"
[ "$lost" -eq 0 ]

# A death while a key is made leaves at most an orphan, never a lost key.
"$work/storm" kill 50 25000 "$work/client" generate "$state"
"$work/client" sign "$state"
echo "after 50 kills while keys were made: the first key signs"

"$work/storm" together 50 10 "$work/client" sign "$state"
echo "5 passed, 0 failed"
