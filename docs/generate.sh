#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the generated pages: docs/errors.md from the table of results, docs/rules.md from the linter's,
# docs/dcl-rules.md from that of dcl check, and the synopsis of the man pages from the verb tables.
# `generate.sh BUILD [OUTDIR]`; OUTDIR (default docs) gets errors.md, rules.md, dcl-rules.md and man/*.1.
set -eu

bin=${1:-build}
out=${2:-docs}
mkdir -p "$out/man"

errors() {
    cat <<'HEAD'
# Errors

Generated from `lib/err.def` by `make docs`; do not edit.

Every refusal names what is wrong, where (field, offset or line), the rule in brackets, and the cure. Rule ids are
stable: scripts may match them. The exit status of both programs is the class of the rule, for ever:

| status | class |
|---:|---|
| 0 | done, valid |
| 1 | internal fault, or the host refused |
| 2 | usage |
| 3 | refused: policy, lint, or not valid |
| 4 | input unreadable or malformed |
| 5 | not found |
| 6 | conflict: same id, other content; or it exists |
| 7 | token unavailable |
| 8 | PIN wrong or locked |
| 9 | ledger integrity |
| 10 | batch partly done |
| 11 | busy |

| rule | status | what it says | cure |
|---|---:|---|---|
HEAD
    # A row is E(SYMBOL, CLASS, "rule", "text", "cure"): the strings hold no line breaks.
    awk '
        BEGIN { split("OK INTERNAL USAGE REFUSED MALFORMED NOT_FOUND CONFLICT TOKEN PIN INTEGRITY PARTIAL BUSY", c, " ")
                for (i in c) status[c[i]] = i - 1 }
        /^E\(/ {
            line = $0
            sub(/^E\(/, "", line); sub(/\)$/, "", line)
            match(line, /^[A-Z0-9_]+, /); line = substr(line, RLENGTH + 1)
            match(line, /^[A-Z_]+/); class = substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 3)
            if (class == "OK") next
            sub(/^"/, "", line); sub(/"$/, "", line)
            n = split(line, part, /", "/)
            gsub(/\\"/, "\"", part[2]); gsub(/\\"/, "\"", part[3])
            gsub(/\|/, "\\|", part[2]); gsub(/\|/, "\\|", part[3]); gsub(/</, "\\&lt;", part[2]); gsub(/</, "\\&lt;", part[3])
            printf "| `%s` | %d | %s | %s |\n", part[1], status[class], part[2], part[3]
        }' lib/err.def
}

# Replaces what stands between .Sh SYNOPSIS and the next .Sh by what the program prints.
synopsis() {
    program=$1
    page=docs/man/$program.1
    "$bin/$program" --synopsis >"$out/man/$program.synopsis"
    awk -v file="$out/man/$program.synopsis" '
        /^\.Sh SYNOPSIS/ { print; while ((getline row < file) > 0) print row; skip = 1; next }
        /^\.Sh / { skip = 0 }
        !skip { print }' "$page" >"$out/man/$program.1.new"
    mv "$out/man/$program.1.new" "$out/man/$program.1"
    rm -f "$out/man/$program.synopsis"
}

errors >"$out/errors.md"
{ cat docs/rules.head; "$bin/mattercert" lint --rules --markdown; } >"$out/rules.md"
{ cat docs/dcl-rules.head; "$bin/mattercert" dcl check --rules --markdown; } >"$out/dcl-rules.md"
for program in mattercert heddle; do
    [ ! -e "docs/man/$program.1" ] || synopsis "$program"
done
