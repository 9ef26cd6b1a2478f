#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mattercert as a program: help, usage, exit statuses, bad files, closed and full outputs, signals, completion.
. "$(dirname "$0")/lib_mattercert.sh"
need_vectors

der=$pairs/sTestCert_Node01_01_DER.der tlv=$pairs/sTestCert_Node01_01_Chip.tlv

# Help and usage.
for args in --help help -h; do
    mc $args
    gives "$args" 0 "Usage: mattercert VERB"
    holds "$args begins with an example" sh -c 'head -n 1 "$1" | grep -qx Example:' - "$tmp/stdout"
done
for verb in convert show "csr show" "csr check"; do
    mc help $verb
    cp "$tmp/stdout" "$tmp/help"
    gives "help $verb" 0 "Usage: mattercert $verb"
    mc $verb --help
    is "$verb --help says the same" "$tmp/stdout" "$tmp/help"
    holds "help $verb begins with an example" sh -c 'head -n 1 "$1" | grep -qx Example:' - "$tmp/stdout"
done
sed -n 's/^\.Cm //p' <("$MATTERCERT" --synopsis) | while read -r verb; do "$MATTERCERT" help $verb; done >"$tmp/all-help"
holds "no line of any help is longer than 79" sh -c '! grep -nE "^.{80}" "$1"' - "$tmp/all-help"
mc help csr
gives "help of a group" 0 "csr check"
mc --version
gives "--version" 0 "mattercert "
mc
says "no verb" 2 usage
mc shwo x
says "an unknown verb" 2 usage
holds "... names the nearest" grep -qF "the nearest is 'show'" "$tmp/stderr"
mc show --jsn x
says "an unknown option" 2 usage
holds "... names the nearest" grep -qF "the nearest is '--json'" "$tmp/stderr"
mc convert "$der"
says "--to is missing" 2 usage
holds "... shows the usage line" grep -qF "  usage: mattercert convert --to FORM" "$tmp/stderr"
mc convert "$der" --to xml
says "an unknown form" 2 usage
mc show
says "no operand" 2 usage
mc csr check a b
says "too many operands" 2 usage
cp "$der" "$tmp/--json"
(cd "$tmp" && mc show -- --json && cp stdout stdout2)
holds "an operand that looks like an option" grep -q '^Kind' "$tmp/stdout2"
mc --quiet show "$der"
gives "options before the verb" 0 "node-id"

# Bad inputs.
: >"$tmp/empty"
truncate -s 1G "$tmp/sparse"
for verb in "show" "convert --to tlv" "csr check"; do
    mc $verb "$tmp/missing"
    says "$verb: a missing file" 5 file-not-found
    mc $verb "$tmp"
    says "$verb: a directory" 4 is-directory
    mc $verb "$tmp/empty"
    says "$verb: an empty file" 4 empty
    mc $verb -
    says "$verb: an empty stdin" 4 empty
    holds "... is called stdin" grep -q 'mattercert: stdin: ' "$tmp/stderr"
    mc $verb "$tmp/sparse"
    says "$verb: a file of 1 GB" 4 too-big
    mc $verb /dev/zero
    says "$verb: /dev/zero" 4 too-big
    mc $verb /proc/self/mem
    says "$verb: a file that fails when read" 4 read
    head -c 3000 /dev/urandom >"$tmp/noise"
    mc $verb "$tmp/noise"
    holds "$verb: noise" [ "$status" = 4 ]
done
mkfifo "$tmp/fifo"
timeout 20 sh -c 'exec yes >"$1"' - "$tmp/fifo" 2>/dev/null &
mc show "$tmp/fifo"
says "a pipe whose writer never ends" 4 too-big
wait
"$MATTERCERT" show - <&- >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
says "a closed stdin" 4 read
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    cp "$der" "$tmp/secret"
    chmod 600 "$tmp/secret"
    chmod 711 "$tmp"
    cp "$MATTERCERT" "$tmp/mattercert" # the build may stand where others cannot look
    status=0
    setpriv --reuid 65534 --clear-groups "$tmp/mattercert" show "$tmp/secret" >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
    says "a file that this user may not read" 4 read
    status=0
    setpriv --reuid 65534 --clear-groups "$tmp/mattercert" convert - "$tmp/new" --to der <"$der" \
        >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
    says "a folder that this user may not write" 1 output
    mkdir -m 777 "$tmp/open"
    mkdir -m 755 "$tmp/open/closed"
    status=0
    setpriv --reuid 65534 --clear-groups "$tmp/mattercert" convert "$tmp/--json" --to tlv --out "$tmp/open/closed" \
        >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
    says "--out into a folder that this user may not write" 1 output
else
    skip "files of another user: needs root and setpriv"
fi

# Outputs that fail.
for args in "show $der" "show --json $der" "convert $der --to tlv" "convert $der --to pem" "--help" "csr show $tmp/csr"; do
    openssl req -inform DER -in "$VECTORS/values/TestChipCryptoPAL/TestCSR_Verify.kGoodCsr.der" -out "$tmp/csr"
    status=0
    "$MATTERCERT" $args 2>"$tmp/stderr" >&- || status=$?
    : >"$tmp/stdout"
    says "stdout closed: ${args%% *}" 1 output
    status=0
    "$MATTERCERT" $args 2>"$tmp/stderr" >/dev/full || status=$?
    says "stdout full: ${args%% *}" 1 disk-full
done
"$MATTERCERT" show --json "$pairs"/*.der 2>"$tmp/stderr" | true
holds "a reader that went away ends without a signal" [ "${PIPESTATUS[0]}" != 141 ]
status=0
"$MATTERCERT" convert "$der" "$tmp/with-closed" --to tlv >&- 2>&- <&- || status=$?
is "all descriptors closed: the file is right" "$tmp/with-closed" "$tlv"
holds "... and the status" [ "$status" = 0 ]
mc convert "$der" "$tmp/none/x" --to tlv
says "OUT in a folder that is not there" 1 output
mc convert "$der" "$tmp" --to tlv
says "OUT is a directory" 4 is-directory
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
    script -qec "'$MATTERCERT' convert '$der' --to der" /dev/null </dev/null >"$tmp/typed" 2>&1 || true
    holds "no binary to a terminal" grep -qF '[terminal]' "$tmp/typed"
    for width in 60 80 200; do
        script -qec "stty cols $width; '$MATTERCERT' help attest verify; '$MATTERCERT' explain InvalidNOC 2030-12-30" \
            /dev/null </dev/null 2>&1 | tr -d '\r' >"$tmp/typed"
        longest=$(awk 'length > n { n = length } END { print n }' "$tmp/typed")
        most=$((width > 100 ? 100 : width - 1))
        holds "text fills $width columns and no more: $longest" [ "$longest" -le $most -a "$longest" -gt $((most - 8)) ]
    done
    script -qec "'$MATTERCERT' convert '$der' --to pem" /dev/null </dev/null >"$tmp/typed" 2>&1 || true
    holds "PEM to a terminal" grep -q 'BEGIN CERTIFICATE' "$tmp/typed"
    script -qec "'$MATTERCERT' show '$tmp/empty'" /dev/null </dev/null >"$tmp/typed" 2>&1 || true
    holds "colour on a terminal" grep -q "$(printf '\033\[31m')" "$tmp/typed"
    NO_COLOR=1 script -qec "'$MATTERCERT' show '$tmp/empty'" /dev/null </dev/null >"$tmp/typed" 2>&1 || true
    holds "no colour with NO_COLOR" sh -c '! grep -q "$(printf "\033")" "$1"' - "$tmp/typed"
else
    skip "terminals: needs script(1) and pseudo-terminals"
fi
mkdir "$tmp/small"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=16k,nr_inodes=100 tmpfs "$tmp/small" 2>/dev/null; then
    mounted=$tmp/small
    head -c 20000 /dev/zero >"$tmp/small/fill" 2>/dev/null || true
    mc convert "$der" "$tmp/small/x" --to tlv
    says "a full disk" 1 disk-full
    mc convert "$pairs" --to tlv --out "$tmp/small"
    holds "a full disk: --out" grep -qF '[disk-full]' "$tmp/stderr"
    holds "... leaves nothing half-written" [ "$(find "$tmp/small" -type f | wc -l)" = 1 ]
    mount -o remount,ro "$tmp/small"
    mc convert "$der" "$tmp/small/x" --to tlv
    says "a read-only file system" 1 output
    umount "$tmp/small"
    mounted=
else
    skip "full disk and read-only file system: needs root and mount"
fi

# A signal in the middle of a long conversion leaves whole files only.
mkdir "$tmp/many"
for i in $(seq 400); do
    cp "$der" "$tmp/many/$i-a.der"
done
for i in $(seq 9); do
    ln "$tmp/many" "$tmp/many$i" 2>/dev/null || cp -rl "$tmp/many" "$tmp/many$i"
    (cd "$tmp/many$i" && for f in *; do mv "$f" "$i-$f"; done)
done
for signal in INT TERM HUP; do
    for delay in 0.002 0.01 0.02 0.04; do
        status=0
        # A background job ignores SIGINT unless something puts the default back: timeout does.
        timeout --foreground -s $signal $delay "$MATTERCERT" convert "$tmp"/many* --to tlv --out "$tmp/cut" \
            >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
        [ -d "$tmp/cut" ] || mkdir "$tmp/cut"
        good=1
        find "$tmp/cut" -name '.*' -type f | grep -q . && good=0
        find "$tmp/cut" -type f ! -size "$(stat -c %s "$tlv")"c | grep -q . && good=0
        holds "SIG$signal after $delay s (status $status): whole files only" [ $good = 1 ]
        rm -rf "$tmp/cut"
    done
done

# Completion and synopsis come from the verb table.
"$MATTERCERT" --completion bash >"$tmp/completion"
# completes TEXT WANTED: pressing Tab behind TEXT offers exactly WANTED.
completes() {
    local got
    got=$(bash -c 'source "$1"; read -ra COMP_WORDS <<<"$2"; [[ $2 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _mattercert; echo ${COMPREPLY[@]}' - "$tmp/completion" "$1")
    holds "completion of '$1' is '$2', got '$got'" [ "$got" = "$2" ]
}
completes "mattercert c" "convert csr cd crl"
completes "mattercert csr " "show check"
completes "mattercert csr c" "check"
completes "mattercert --quiet s" "show"
completes "mattercert help con" "convert"
completes "mattercert convert --co" "--compact"
completes "mattercert convert --to " ""
completes "mattercert convert x --f" "--force"
completes "mattercert csr check --n" "--nonce"
completes "mattercert show -" "--json --quiet --help --version"
man=$here/../../docs/man/mattercert.1
"$MATTERCERT" --synopsis >"$tmp/synopsis"
awk '/^\.Sh SYNOPSIS/ { on = 1; next } /^\.Sh/ { on = 0 } on' "$man" >"$tmp/in-man"
is "the synopsis of the man page is up to date" "$tmp/synopsis" "$tmp/in-man"
if command -v mandoc >/dev/null; then
    mandoc -T lint -W warning "$man" >"$tmp/lint" 2>&1 || true
    holds "the man page is clean: $(head -n 1 "$tmp/lint")" [ ! -s "$tmp/lint" ]
else
    skip "man page: needs mandoc"
fi
for language in tr_TR.UTF-8 de_DE.UTF-8 C.UTF-8; do
    LC_ALL=$language "$MATTERCERT" show --json "$der" >"$tmp/x"
    "$MATTERCERT" show --json "$der" >"$tmp/y"
    is "the locale changes nothing: $language" "$tmp/x" "$tmp/y"
done

finish
