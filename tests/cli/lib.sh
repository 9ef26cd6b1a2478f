# SPDX-License-Identifier: Apache-2.0
# lib.sh - sourced by the tests in this folder (bash, set -eu). A case is one line of output; the script
# ends with `finish`, whose status is 1 if a case failed.
#
# From the environment: HEDDLE and MATTERCERT, the programs; VECTORS, the folder of test vectors.

HEDDLE=$(realpath "${HEDDLE:-build/heddle}")
MATTERCERT=$(realpath "${MATTERCERT:-build/mattercert}")
VECTORS=$(realpath -m "${VECTORS:-${HEDDLE_VECTORS:-../shared/vectors}}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)

# Nothing of the caller's may steer the programs.
unset HEDDLE_STATE XDG_STATE_HOME SOFTHSM2_CONF NO_COLOR
umask 022

work=$(mktemp -d "${TMPDIR:-/tmp}/heddle-cli-XXXXXX")
out=$work/stdout err=$work/stderr
passed=0 failed=0 skipped=0
undo=:
trap 'eval "$undo"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

pass() { passed=$((passed + 1)); echo "ok    $1"; }
skip() { skipped=$((skipped + 1)); echo "skip  $1: $2"; }
# fail NAME [WHY]: shows the end of what the last command printed
fail() {
    failed=$((failed + 1))
    echo "FAIL  $1${2:+: $2}"
    [ ! -s "$err" ] || tail -n 5 "$err" | cut -c1-300 | sed 's/^/      | /'
}

# that NAME COMMAND...: the command succeeds
that() {
    local name=$1
    shift
    : >"$err"
    if "$@" >"$out" 2>"$err"; then pass "$name"; else fail "$name" "status $? of: $*"; fi
}

# refused STATUS RULE NAME COMMAND...: ends with the status, prints one sentence with the rule's id on
# stderr and nothing on stdout. An empty RULE leaves the sentence unchecked.
refused() {
    local want=$1 rule=$2 name=$3 got=0
    shift 3
    "$@" >"$out" 2>"$err" || got=$?
    if [ "$got" != "$want" ]; then
        fail "$name" "status $got, not $want, of: $*"
    elif [ -s "$out" ]; then
        fail "$name" "something on stdout"
    elif [ -n "$rule" ] && [ "$(grep -c "\[$rule\]" "$err")" != 1 ]; then
        fail "$name" "no single sentence with [$rule]"
    else
        pass "$name"
    fi
}

# same A B NAME: two texts are equal
same() { if [ "$1" = "$2" ]; then pass "$3"; else : >"$err"; fail "$3" "'$1' is not '$2'"; fi; }

finish() {
    echo "$passed passed, $failed failed${skipped:+, $skipped skipped}"
    [ "$failed" = 0 ]
}

# A value of the JSON object in a file: json_value FILE KEY, for strings, numbers and booleans of one line.
json_value() {
    tr -d '\n' <"$1" | sed -n "s/.*\"$2\": *\"\{0,1\}\([^\",}]*\).*/\1/p"
}

# new_csr NAME: $work/NAME.key and $work/NAME.csr (PEM)
new_csr() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=${2:-test}" \
        -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null
}

# A build with AddressSanitizer takes neither LD_PRELOAD, ptrace nor a limit on memory.
sanitized() { grep -q __asan_init "$HEDDLE"; }

# entries STATE TYPE: how many entries of this type the ledger has
entries() { "$HEDDLE" --state "$1" ledger list --type "$2" --json | wc -l; }

# helper NAME [FLAGS...]: compiles tests/cli/NAME.c to $work/NAME
helper() {
    local name=$1
    shift
    # shellcheck disable=SC2046
    ${CC:-cc} -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror $(pkg-config --cflags p11-kit-1) \
        -o "$work/$name" "$here/$name.c" "$@"
}

# A module of SoftHSM 2, for tests that need a token outside of the state; empty where there is none.
softhsm_module() {
    local place
    for place in /usr/lib/softhsm /usr/lib/*/softhsm /usr/lib64/pkcs11 /usr/local/lib/softhsm; do
        [ ! -f "$place/libsofthsm2.so" ] || { echo "$place/libsofthsm2.so"; return; }
    done
}
