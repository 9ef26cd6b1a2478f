#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples answer as mistakes.md says: check.sh BUILD [--update]
set -eu

bin=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export PATH="$bin:$PATH" HEDDLE_STATE="$work/state" LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1 COLUMNS=100
unset XDG_STATE_HOME SOFTHSM2_CONF
mkdir "$work/files"
cd "$work/files"
. "$here/setup.sh"
python3 "$here/check.py" "$here/mistakes.md" "$work/files" ${2:+"$2"}
