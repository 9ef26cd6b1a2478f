#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every rule of matter-attestation, chapters 1 to 6, has a test that accepts and one that refuses. They are listed in
# tests/attestation_rules.tsv; here each of them is looked up where it is said to be. A test is named as
#   unit FILE FUNCTION   a function that cmocka runs
#   unit FILE "TEXT"     a row, by its name
#   case NAME[=CODE]     a published case with its result (98 of them; test_attest.c runs all)
#   lint RULE            a row that breaks this rule of the linter, in lint_rows*.h (test_lint.c)
#   dcl RULE             rows that this rule takes and refuses, in dcl_rows.h (test_dcl.c)
#   cli FILE "TEXT"      a case of a script
set -eu
. "$(dirname "$0")/lib_mattercert.sh"

top=$(cd "$here/.." && pwd)
table=$top/attestation_rules.tsv
cases=$VECTORS/expected/commissioner-cases.tsv

# There is a function of this name, and it is run; or a row of this name.
in_unit() {
    local file=$top/unit/$1
    case $2 in
    \"*) grep -qF -- "{$2" "$file" ;;
    *) grep -qF "cmocka_unit_test($2)" "$file" && grep -q "^static void $2(" "$file" ;;
    esac
}

# The published result; without the vectors the name is all that can be looked at.
in_cases() {
    local name=${1%=*} code=${1#*=} published
    [ "$code" != "$1" ] || code=0
    [ -f "$cases" ] || return 0
    published=$(awk -F'\t' -v a="$name" -v b="struct_$name" '$1 == a || $1 == b { print $3 + 0 }' "$cases")
    [ "$published" = "$code" ]
}

# found COLUMN TEST: the test is there; COLUMN says whether it accepts or refuses.
found() {
    local kind rest
    read -r kind rest <<<"$2"
    case $kind in
    unit) in_unit "${rest%% *}" "${rest#* }" ;;
    case) in_cases "$rest" ;;
    lint) [ "$1" = refuses ] && grep -qF "{.rule = \"$rest\"" "$top"/unit/lint_rows*.h ;;
    dcl) grep -qF "{\"$rest\", $([ "$1" = accepts ] && echo TAKES || echo REFUSES)," "$top/unit/dcl_rows.h" ;;
    cli) grep -qF -- "${rest#* }" "$top/cli/${rest%% *}" ;;
    *) false ;;
    esac
}

# all_found COLUMN TESTS: each of them, and there is one.
all_found() {
    local tests=$2 one n=0
    while [ -n "$tests" ]; do
        one=${tests%%; *}
        [ "$one" = "$tests" ] && tests= || tests=${tests#*; }
        found "$1" "$one" || { missing="$missing, $one"; continue; }
        n=$((n + 1))
    done
    [ "$n" -gt 0 ]
}

rows=0
while IFS=$'\t' read -r rule what accepts refuses; do
    missing=
    all_found accepts "$accepts" || missing="$missing, nothing accepts"
    all_found refuses "$refuses" || missing="$missing, nothing refuses"
    if [ -z "$missing" ]; then ok "$rule: $what"; else bad "$rule: $what:${missing#,}"; fi
    rows=$((rows + 1))
done < <(tail -n +2 "$table")
holds "the table has its rows: $rows" [ "$rows" -ge 210 ]

# No chapter, step or numbered rule is left out.
wanted() {
    printf '%s\n' 1.{1..12} 2.{2..4} 3.{1..4} 4.{1..6} 5.{1..3} 5.5 5.6
    printf '2.1 step %s\n' {1..8}
    printf '2.3 step %s\n' {1..31}
    printf '4.6 step %s\n' {1..7}
    printf '5.4 step %s\n' {1..10}
    printf '6.1 C%s\n' {1..8}
    printf '6.2 A%s\n' {1..13}
    printf '6.3 I%s\n' {1..11}
    printf '6.4 R%s\n' {1..13}
}
lost=$(comm -23 <(wanted | sort -u) <(tail -n +2 "$table" | cut -f1 | sort -u))
holds "all numbered rules are in it: ${lost:-none is missing}" [ -z "$lost" ]
[ -f "$cases" ] || skip "no vectors at $VECTORS: results of published cases were not looked up"
finish
