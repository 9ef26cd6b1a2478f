#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A matter.js controller commissions matter.js lights with credentials that heddle issues.
# Needs Node with npm, and network namespaces (user namespaces, or root). HEDDLE is the program to test;
# INTEROP_KEEP names a folder for the logs, INTEROP_LIGHTS is the length of the longest row of devices,
# INTEROP_CASES a regular expression for the titles of the cases that run (all of them otherwise).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
HEDDLE=${HEDDLE:-$here/../../build/heddle}
MATTERCERT=${MATTERCERT:-$(dirname "$HEDDLE")/mattercert}
HEDDLE_VECTORS=${HEDDLE_VECTORS:-$here/../../../shared/vectors}
LIMIT_SECONDS=${INTEROP_LIMIT:-1200}

skip() {
    echo "interop is skipped: $1"
    exit 77
}

# Whatever is started ends with the shell that started it, even if that is killed.
bound=(setpriv --pdeathsig KILL)

# raise NAME [COMMAND...]: brings up loopback and one end of the pair, in the namespace that COMMAND enters.
# Without duplicate address detection the link-local address is usable at once.
raise() {
    local name=$1
    shift
    "$@" ip link set lo up
    "$@" sh -c "echo 0 >/proc/sys/net/ipv6/conf/$name/accept_dad" 2>/dev/null || true
    "$@" ip link set "$name" up
}

# The second half of this script: inside a network namespace, as its root.
inside() {
    unshare -n "${bound[@]}" sleep "$LIMIT_SECONDS" &
    far=$!
    driver=
    trap 'kill $far $driver 2>/dev/null || true' EXIT
    trap 'exit 1' HUP INT TERM
    # unshare becomes sleep once the namespace is there.
    for _ in $(seq 600); do
        [ "$(cat /proc/$far/comm)" = sleep ] && break
        sleep 0.05
    done
    ip link add hd0 type veth peer name hd1 netns $far
    raise hd0
    raise hd1 nsenter -t $far -n
    export INTEROP_FAR=$far
    "${bound[@]}" timeout -k 5 "$LIMIT_SECONDS" "${bound[@]}" "$NODE" "$here/main.js" 2>"$INTEROP_WORK/controller.log" &
    driver=$!
    wait $driver
}

if [ "${1:-}" = inside ]; then
    inside
    exit
fi

command -v npm >/dev/null || skip "npm is not installed"
command -v node >/dev/null || skip "Node is not installed"
command -v ip >/dev/null || skip "ip (iproute2) is not installed"
[ -x "$HEDDLE" ] || { echo "$HEDDLE is missing: run make first"; exit 1; }
HEDDLE=$(realpath "$HEDDLE") MATTERCERT=$(realpath "$MATTERCERT")
[ -d "$HEDDLE_VECTORS" ] && HEDDLE_VECTORS=$(realpath "$HEDDLE_VECTORS") || HEDDLE_VECTORS=
if unshare -Urn true 2>/dev/null; then
    enter="unshare -Urn"
elif unshare -n true 2>/dev/null; then
    enter="unshare -n"
else
    skip "network namespaces cannot be made here"
fi

cd "$here"
exec 9>.lock
flock 9
if ! cmp -s package-lock.json node_modules/.installed-from; then
    npm ci --loglevel=error >node_modules.log 2>&1 || { tail -n 20 node_modules.log; skip "npm ci did not succeed"; }
    cp package-lock.json node_modules/.installed-from
    rm node_modules.log
fi
exec 9>&-
NODE=$here/node_modules/.bin/node

INTEROP_WORK=$(mktemp -d)
test=
# Called by the trap.
# shellcheck disable=SC2317
stop() {
    [ -z "$test" ] || kill "$test" 2>/dev/null || true
    [ -z "$test" ] || wait "$test" 2>/dev/null || true
    rm -rf "$INTEROP_WORK"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
# Scratch folders of heddle's callers hold the IPK for a moment: they lie where all is removed in the end.
export HEDDLE MATTERCERT HEDDLE_VECTORS NODE INTEROP_WORK INTEROP_INTERFACE=hd0 TMPDIR=$INTEROP_WORK
unset HEDDLE_STATE
status=0
$enter "${bound[@]}" bash "$here/run.sh" inside &
test=$!
wait "$test" || status=$?
test=
if [ -n "${INTEROP_KEEP:-}" ]; then
    mkdir -p "$INTEROP_KEEP" && cp "$INTEROP_WORK"/*.log "$INTEROP_KEEP"
elif [ "$status" != 0 ]; then
    tail -n 20 "$INTEROP_WORK"/*.log >&2
fi
exit "$status"
