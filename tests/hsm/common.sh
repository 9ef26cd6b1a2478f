# SPDX-License-Identifier: Apache-2.0
# common.sh - sourced by the tests in this folder: builds a test program, makes a private state.
# B is the build folder (default build); its archives must be there.

B=${B:-build}
CC=${CC:-cc}
CPPFLAGS="-I. $(pkg-config --cflags p11-kit-1)"
CFLAGS="-std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror ${SAN:-}"
LIBS="$B/libhsm.a $B/libmattercert.a -lp11 -lcrypto -ldl -lpthread"

for archive in "$B/libhsm.a" "$B/libmattercert.a"; do
    [ -f "$archive" ] || { echo "$archive is missing: make B=$B first" >&2; exit 2; }
done
softhsm=
for place in /usr/lib/softhsm /usr/lib/*/softhsm /usr/lib64/pkcs11 /usr/local/lib/softhsm; do
    [ -n "$softhsm" ] || [ ! -f "$place/libsofthsm2.so" ] || softhsm=$place/libsofthsm2.so
done
[ -n "$softhsm" ] || { echo "SoftHSM 2 is not installed: skipped" >&2; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# build NAME [FLAGS...]: tests/hsm/NAME.c into $work/NAME
build() {
    name=$1
    shift
    # shellcheck disable=SC2086
    $CC $CPPFLAGS $CFLAGS -o "$work/$name" "tests/hsm/$name.c" "$@" $LIBS
}

# new_state DIR: a folder with a random PIN, ready for `client make`
new_state() {
    mkdir -p "$1/softhsm"
    (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' > "$1/pin")
}
