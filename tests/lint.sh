#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gcc -fanalyzer, clang with all warnings, cppcheck, and the headers' own completeness. Exceptions stand
# where they are needed, with their reason.
set -eu

bin=${1:-build}
passed=0
flags="-std=c11 -D_GNU_SOURCE -I. $(pkg-config --cflags p11-kit-1)"
sources=$(ls lib/*.c lib/cli/*.c hsm/*.c ca/*.c tools/*.c)
out=$bin/lint
mkdir -p "$out"

step() {
    echo "lint: $*"
}

step gcc -fanalyzer
# Leaks are left to LeakSanitizer and valgrind: gcc 12 loses pointers that are kept in structs.
# shellcheck disable=SC2086
echo $sources | tr ' ' '\n' | xargs -P 2 -I F gcc $flags -O2 -fanalyzer -Wno-analyzer-malloc-leak -Wall -Wextra -Werror -c F -o /dev/null
passed=$((passed + 1))

step clang
# shellcheck disable=SC2086
echo $sources | tr ' ' '\n' | xargs -P 2 -I F clang $flags -O1 -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion \
    -Wstrict-prototypes -Wmissing-prototypes -Werror -c F -o /dev/null
passed=$((passed + 1))

step cppcheck
# shellcheck disable=SC2086
cppcheck --quiet --std=c11 -I. -D_GNU_SOURCE --enable=warning,portability,performance --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem -j 2 $sources
passed=$((passed + 1))

step headers stand alone
for header in lib/*.h lib/cli/*.h hsm/*.h ca/*.h tools/*.h; do
    [ -e "$header" ] || continue
    # shellcheck disable=SC2086
    gcc $flags -Wall -Wextra -fsyntax-only -xc "$header" 2>"$out/header.log" || { cat "$out/header.log"; exit 1; }
done
passed=$((passed + 1))

echo "$passed passed, 0 failed"
