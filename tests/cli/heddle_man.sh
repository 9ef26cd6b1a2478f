#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Help, completion and man pages say what the program does.
set -eu
. "$(dirname "$0")/lib.sh"

export HEDDLE_STATE=$work/state
man=$top/docs/man
"$HEDDLE" --synopsis >"$work/synopsis"
awk '/^\.Sh SYNOPSIS/ { on = 1; next } /^\.Sh/ { on = 0 } on' "$man/heddle.1" >"$work/in-man"
that "the synopsis of heddle.1 is that of the verb table (else: docs/generate.sh)" diff "$work/synopsis" "$work/in-man"
for page in heddle.1 heddle.conf.5 heddle-profile.5; do
    if command -v mandoc >/dev/null; then
        that "mandoc finds nothing wrong in $page" mandoc -T lint -W warning "$man/$page"
        [ ! -s "$out" ] || fail "mandoc has something to say" "$(head -n 1 "$out")"
    else
        skip "$page" "no program mandoc"
    fi
done

# Each verb and each option is described, not only listed.
sed '1,/^\.Sh DESCRIPTION/d' "$man/heddle.1" >"$work/body"
while read -r verb; do
    grep -Eq "^\.It Cm $verb( |$)|^\.It Cm .* , $verb( |$)" "$work/body" && pass "heddle.1 describes $verb" || fail "heddle.1 describes $verb"
    that "help $verb" "$HEDDLE" help $verb
    cat "$out" >>"$work/all-help"
done < <(sed -n 's/^\.Cm //p' "$work/synopsis")
grep -nE '^.{80}' "$work/all-help" && fail "no line of any help is longer than 79" || pass "no line of any help is longer than 79"
for option in $(grep -o 'Fl \\-[a-z-]*' "$work/synopsis" | sed 's/.*\\-//' | sort -u); do
    grep -Eq "Fl -$option( |$)" "$work/body" && pass "heddle.1 describes --$option" || fail "heddle.1 describes --$option"
done
for status in 0 1 2 3 4 5 6 7 8 9 10 11; do
    grep -q "^\.It $status$" "$work/body" || fail "heddle.1 describes status $status"
done

# The examples work.
example() { # PAGE NUMBER: the literal block of that number
    awk -v want="$2" '/^\.Bd -literal/ { on = ++n == want; next } /^\.Ed/ { on = 0 } on' "$man/$1" | sed 's/\\e$/\\/'
}
new_csr node
mkdir "$work/bin"
ln -s "$HEDDLE" "$work/bin/heddle"
example heddle.1 1 | sed -n 's/^\$ //p' >"$work/first.sh"
same "$(wc -l <"$work/first.sh")" 4 "heddle.1 begins with an example of four lines"
(cd "$work" && PATH=$work/bin:$PATH bash -e first.sh >first.out 2>"$err") && pass "it works" || fail "it works"
same "$(tail -n 3 "$work/first.out" | tr '\n' ' ')" "icac.tlv noc.tlv rcac.tlv " "and gives these files"
example heddle-profile.5 1 >"$HEDDLE_STATE/profiles/noc.profile"
new_csr profile
that "the example of heddle-profile.5 is a profile" "$HEDDLE" noc issue home --csr "$work/profile.csr" --node-id next --out "$work/profile" --format pem
that "its NOC has the name" grep -q 'CN *= *site 7' <(openssl x509 -in "$work/profile/noc.pem" -noout -subject)
that "and lives two years" openssl x509 -in "$work/profile/noc.pem" -noout -checkend $((729 * 86400))
cp "$HEDDLE_STATE/heddle.conf" "$work/conf"
example heddle.conf.5 1 >"$HEDDLE_STATE/heddle.conf"
that "the example of heddle.conf.5 is a configuration" "$HEDDLE" fabric list
while read -r key; do
    grep -q "^\.It Cm $key =" "$man/heddle.conf.5" && pass "heddle.conf.5 describes $key" || fail "heddle.conf.5 describes $key"
done < <(sed -n 's/^#* *\([a-z-]*\) = .*/\1/p' "$work/conf")
for kind in noc icac rcac paa pai dac cd-signer crl-signer; do
    while read -r key; do
        grep -q "^\.It Cm \(.* , \)*$key\b" "$man/heddle-profile.5" || fail "heddle-profile.5 describes $key"
    done < <(sed -n 's/^\([A-Za-z-]*\) = .*/\1/p' "$top/profiles/$kind.profile")
    pass "heddle-profile.5 describes the keys of $kind"
done

# Completion is a script that bash takes, and offers verbs and options.
"$HEDDLE" --completion bash >"$work/completion"
offers() { # LINE: what Tab offers behind it
    bash -c '. "$1"; read -ra COMP_WORDS <<<"$2"; [ "${2% }" = "$2" ] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _heddle; echo "${COMPREPLY[*]}"' - "$work/completion" "$1"
}
same "$(offers 'heddle fabric ')" "create adopt list show export ipk" "completion of verbs"
same "$(offers 'heddle --state /x fabric exp')" export "completion behind an option"
same "$(offers 'heddle noc issue --no')" "--node-id --nonce" "completion of options"
finish
