#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing on Debian 12: `deps.sh build` to build and run, `deps.sh test` for the tests too.
set -eu

build="gcc libc6-dev make pkg-config libssl-dev openssl libp11-dev libp11-kit-dev softhsm2 libsqlite3-dev libjansson-dev libqrencode-dev libpng-dev zlib1g-dev"
test="libcmocka-dev clang libclang-rt-14-dev valgrind cppcheck faketime opensc mandoc python3 sqlite3 procps
      util-linux bash gawk git iproute2 libengine-pkcs11-openssl xxd zbar-tools librsvg2-bin jq"
# The interoperability test: Debian's npm fetches a newer node; one that is there already will do.
command -v npm >/dev/null || test="$test npm"

case ${1:-} in
build) want=$build ;;
test) want="$build $test" ;;
*)
    echo "usage: deps.sh build|test" >&2
    exit 2
    ;;
esac

missing=
for package in $want; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "deps.sh: run this as root, or install sudo; missing:$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "installing:$missing" >&2
$as_root apt-get -q update >&2
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get -q -y install --no-install-recommends $missing >&2
