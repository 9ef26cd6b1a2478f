#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a batch may be given, and what may happen to its output.
#
# LINES (40000): the size of the batch whose memory is looked at.
set -eu
. tests/faults/lib.bash

lines=${LINES:-40000}
export HEDDLE_STATE=$work/state
"$HEDDLE" init -q
"$HEDDLE" -q fabric create home --fabric-id 1 >/dev/null
batch() { "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" "$@"; }
# answers STATUS...: of all lines
statuses() { sed -n 's/.*"status":"\([a-z]*\)".*/\1/p' "$work/answers" | sort | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }'; }
line() { sed -n "$1p" "$work/answers"; }
holds() { # NAME N TEXT: answer N has the text
    case $(line "$2") in *"$3"*) pass "$1" ;; *) fail "$1" "no '$3' in: $(line "$2" | cut -c1-200)" ;; esac
}
fresh() { requests "$1" "i$EPOCHREALTIME" "${@:2}"; }
field() { jq -r ".$2" <<<"$1" 2>/dev/null || sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" <<<"$1"; }

# --- lines -----------------------------------------------------------------------------------------
fresh 1000 >"$work/good"
{
    sed -n 1,500p "$work/good"
    echo 'this is no request'
    sed -n 501,1000p "$work/good"
} >"$work/in"
refused 10 partial "a bad line in the middle" batch
same "$(statuses)" "1000 issued, 1 refused" "all others are issued"
holds "its answer stands in its place" 501 '"rule":"request-form"'
holds "with the number of its line" 501 '"line":501'
holds "and no id" 501 '"id":null'

fresh 3 >"$work/good"
{
    sed -n 1p "$work/good"
    sed -n 1p "$work/good"
    sed -n 2p "$work/good" | sed 's/"node_id":"0x2"/"node_id":"0x22"/; s/"id":"[^"]*"/"id":"first"/'
    sed -n 2p "$work/good" | sed 's/"id":"[^"]*"/"id":"first"/'
    sed -n 3p "$work/good"
    sed -n 3p "$work/good" | sed 's/"node_id":"0x3"/"node_id":"0x33"/; s/"id":"[^"]*"/"id":"third"/'
    sed -n 3p "$work/good" | sed 's/"id":"[^"]*"/"id":"renewed"/'
} >"$work/in"
refused 10 partial "lines that repeat" batch
same "$(field "$(line 1)" noc)" "$(field "$(line 2)" noc)" "the same line twice: the same bytes"
holds "the same id with other content" 4 '"rule":"request-conflict"'
holds "the same key for another node" 6 '"rule":"key-taken"'
holds "the same key for the same node under another id: not in one batch" 7 'in a batch of its own'
refused 10 partial "all of it again" batch
same "$(statuses)" "1 issued, 2 refused, 4 repeated" "repeated, refused again, and that one is issued"

fresh 4 >"$work/good"
{ echo; sed -n 1p "$work/good"; echo; echo; sed -n 2,3p "$work/good"; printf '\r\n'; sed -n 4p "$work/good" | tr -d '\n'; } >"$work/in"
that "empty lines, and no newline at the end" batch
same "$(statuses)" "4 issued" "all are issued"
fresh 5 | sed 's/$/\r/' >"$work/in"
that "lines that end with CR LF" batch
same "$(statuses)" "5 issued" "all are issued"
: >"$work/in"
that "an empty file" batch
same "$(wc -c <"$work/answers")" 0 "no answers"
long=$(printf 'x%.0s' $(seq 17000))
{
    fresh 1
    echo "{\"id\":\"$long\"}"
    fresh 1
    echo "$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long"
    fresh 1
    printf '%s' "$long"
} >"$work/in"
refused 10 partial "lines that are too long" batch
same "$(statuses)" "3 issued, 3 refused" "the others are issued"
holds "they are told" 2 'longer than'
fresh 2 >"$work/good"
{
    sed -n 1p "$work/good"
    printf '{"id":"nul\0byte"}\n\0\0\0\n'
    printf '{"id":"bad\xff\xfeutf"}\n{"id":"sur\xed\xa0\x80"}\n\xef\xbb\xbf{"id":"bom"}\n'
    printf '{"id":"esc\\u0000"}\n{"id":"a b"}\n{"id":""}\n{"id":"\xc3\xa9"}\n'
    printf '[]\n"text"\n1e999\n{"id":"deep","csr":%s1%s}\n' "$(printf '[%.0s' $(seq 5000))" "$(printf ']%.0s' $(seq 5000))"
    printf '{"id":"a","id":"b"}\n{"id":"x","unknown":1}\n{"id":"y","node_id":18446744073709551615}\n'
    printf '{"id":"z","csr":"AAAA","node_id":"0x1","cats":["0x10000"]}\n{"id":"zz","csr":"","node_id":"0x1"}\n'
    sed -n 2p "$work/good"
} >"$work/in"
refused 10 partial "octets and JSON of all kinds" batch
same "$(statuses)" "2 issued, $(($(wc -l <"$work/in") - 2)) refused" "each line has its answer"
if command -v jq >/dev/null; then that "all answers are JSON" jq -e . "$work/answers"; fi
for i in $(seq 300); do echo "{\"id\":\"r$i\",\"csr\":\"AAAA\",\"node_id\":\"0x$i\"}"; done >"$work/in"
refused 10 partial "all requests are refused" batch
same "$(statuses)" "300 refused" "each has its answer"
head -c 300000 /dev/urandom >"$work/in"
refused 10 partial "random octets" batch
same "$(grep -c '"status":"issued"' "$work/answers" || true)" 0 "nothing is issued"
verified "ledger verify"

# --- kinds of input --------------------------------------------------------------------------------
refused 5 file-not-found "no such file" "$HEDDLE" noc batch home --in "$work/none" --out "$work/answers"
refused 5 not-found "no such fabric" "$HEDDLE" noc batch other --in "$work/in" --out "$work/answers"
mkdir -p "$work/csrs"
rules() { # RULE NODE-OF-FIRST NODE-OF-SECOND: with new keys
    rm -f "$work/csrs"/*
    for name in "$4" "$5"; do
        new_csr folder
        cp "$work/folder.csr" "$work/csrs/$name"
    done
    that "a folder, --node-ids $1" "$HEDDLE" -q noc batch home --in "$work/csrs" --node-ids "$1" --out "$work/answers"
    same "$(field "$(line 1)" node_id) $(field "$(line 2)" node_id)" "$2 $3" "node ids by $1"
}
rules from:0xA000 0x000000000000A000 0x000000000000A001 a.csr b.csr
rules name 0x000000000000B001 0x000000000000B002 0xB001.csr 0xB002.pem
rules next 0x000000000000B003 0x000000000000B004 c.csr d.csr
refused 2 usage "a folder without a rule" "$HEDDLE" noc batch home --in "$work/csrs" --out "$work/answers"
refused 2 usage "an unknown rule" "$HEDDLE" noc batch home --in "$work/csrs" --node-ids odd --out "$work/answers"
new_csr folder
cp "$work/folder.csr" "$work/csrs/zz good.csr"
echo none >"$work/csrs/bad.csr"
printf 'x' >"$work/csrs/"$'new\nline.csr'
printf 'x' >"$work/csrs/"$'\xff\xfe.csr'
refused 10 partial "a folder with files of all kinds" "$HEDDLE" -q noc batch home --in "$work/csrs" --node-ids next --out "$work/answers"
same "$(wc -l <"$work/answers")" "$(find "$work/csrs" -type f -printf x | wc -c)" "each file has its answer"
same "$(field "$(grep '"file:bad.csr"' "$work/answers")" rule)" form "what is no CSR is said to be none"
refused 10 partial "names that are no numbers, --node-ids name" "$HEDDLE" -q noc batch home --in "$work/csrs" --node-ids name --out "$work/answers"
holds "the name is told" 1 "'bad'"

# --- stdin and stdout ------------------------------------------------------------------------------
fresh 5 >"$work/good"
coproc CA { "$HEDDLE" -q noc batch home --in - --out - 2>"$work/said"; }
ca=$CA_PID n=0
while read -r request; do
    echo "$request" >&"${CA[1]}"
    read -r -t 20 answer <&"${CA[0]}" || break
    case $answer in *'"status":"issued"'*) n=$((n + 1)) ;; esac
done <"$work/good"
eval "exec ${CA[1]}>&-"
got=0
wait "$ca" || got=$?
same "$n $got" "5 0" "one request, one answer, five times, through pipes"
fresh 20 >"$work/in"
closed() { "$HEDDLE" -q noc batch home --in "$work/in" --out - >&-; }
status 1 "stdout is closed" closed
full() { "$HEDDLE" -q noc batch home --in "$work/in" --out - >/dev/full; }
status 1 "stdout is full" full
piped() { "$HEDDLE" -q noc batch home --in "$work/in" --out - | head -n 1 >/dev/null; return "${PIPESTATUS[0]}"; }
got=0
piped 2>"$err" || got=$?
case $got in 0 | 1) pass "who reads goes away: status $got" ;; *) fail "who reads goes away" "status $got" ;; esac
[ "$(grep -c '\[output\]' "$err")" = $got ] && pass "it is said once" || fail "it is said once"
that "the same requests again" batch
same "$(wc -l <"$work/answers")" 20 "all are answered"
status 1 "an output that cannot be made" "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/none/answers"

# --- options ---------------------------------------------------------------------------------------
fresh 600 >"$work/in"
sed -i '300s/.*/bad/' "$work/in"
count=$(entries "$HEDDLE_STATE" issued)
refused 10 partial "--dry-run" batch --dry-run
same "$(statuses)" "1 refused, 599 valid" "says what is valid"
same "$(entries "$HEDDLE_STATE" issued)" "$count" "and issues nothing"
status 10 "--dry-run --json" batch --dry-run --json
same "$(json_value "$out" valid) $(json_value "$out" refused) $(json_value "$out" issued)" "599 1 " "its summary speaks of valid ones"
refused 10 partial "--unordered" batch --unordered
same "$(statuses)" "599 issued, 1 refused" "answers all"
same "$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$work/answers" | sort -u | wc -l)" 599 "each once"
# One signature takes two seconds: what else is signed meanwhile waits for its turn, or does not.
ids() { sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$1"; }
for order in in-order unordered; do
    fresh 600 >"$work/in"
    # A line that comes again has to wait for the first one all the same.
    sed -n '5p;300p' "$work/in" >"$work/more" && cat "$work/more" >>"$work/in"
    printf 'after 60\ntimes 1\nslow 2000\n' >"$CHAOS_ORDERS"
    rm -f "$CHAOS_COUNTS"
    held() { LD_PRELOAD=$tools/chaos.so batch --workers 2 --name "$order" $([ $order = in-order ] || echo --unordered); }
    that "a batch, $order, where one signature takes long" held
    cmp -s <(ids "$work/in") <(ids "$work/answers") && got=in-order || got=unordered
    same $got $order "the answers come $order"
    same "$(statuses)" "602 issued" "all of them, those that come again too"
    cp "$work/answers" "$work/before"
    that "again" batch
    same "$(sed 's/"repeated"/"issued"/' "$work/before" | sort -u | cksum)" "$(sed 's/"repeated"/"issued"/' "$work/answers" | sort -u | cksum)" "the same answers"
done
: >"$CHAOS_ORDERS"
refused 2 usage "too many workers" batch --workers 65
refused 2 name "a bad name" batch --name ../x

# --- on a terminal ---------------------------------------------------------------------------------
if command -v script >/dev/null; then
    echo "slow 5" >"$CHAOS_ORDERS"
    fresh 1500 >"$work/in"
    seen() { LD_PRELOAD=$tools/chaos.so script -qec "'$HEDDLE' $1 noc batch home --in '$work/in' --out '$work/answers'" /dev/null | tr '\r' '\n' >"$out"; }
    that "a batch on a terminal" seen ''
    same "$(grep -c '^\[[#.]*\] *[0-9]* %  [0-9]* answered, [0-9]*/s, [0-9]* s left *$' "$out" | sed 's/^[1-9].*/some/')" some "shows how far it is"
    same "$(sed -n 's/^\[[#.]*\] *\([0-9]*\) %  \([0-9]*\) answered.*/\1 \2/p' "$out" | awk '{ d = $1 - $2 * 100 / 1500; if (d < -3 || d > 3) print }')" "" \
        "by its answers"
    fresh 1500 >"$work/in"
    that "with --quiet" seen --quiet
    same "$(wc -c <"$out")" 0 "nothing is shown"
    : >"$CHAOS_ORDERS"
else
    skip "a batch on a terminal" "no program script"
fi

# --- stopped and continued by the shell ------------------------------------------------------------
fresh 3000 >"$work/in"
setsid "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" 2>"$work/said" &
job=$!
while kill -STOP -- "-$job" 2>/dev/null; do
    sleep 0.03
    kill -CONT -- "-$job"
    sleep 0.07
done
got=0
wait $job || got=$?
same $got 0 "a batch that is stopped and continued all the time ends as any other"
model "all answered" requests="$work/in" results="$work/answers"

# --- list, show, resume ----------------------------------------------------------------------------
fresh 200 >"$work/in"
that "a batch with a name" batch --name tuesday
refused 6 exists "the name again" batch --name tuesday
listed() { "$HEDDLE" batch list | awk '$1 == "tuesday" { print $2 }'; }
same "$(listed)" done "batch list: done"
that "batch show" "$HEDDLE" batch show tuesday --json
same "$(json_value "$out" issued)" 200 "it counts"
cp "$work/answers" "$work/before"
that "resume of one that is done" "$HEDDLE" -q batch resume tuesday
same "$(cmp "$work/before" "$work/answers" && echo equal)" equal "the answers are the same"
refused 5 not-found "resume of none" "$HEDDLE" batch resume friday
refused 5 not-found "show of none" "$HEDDLE" batch show friday
echo "slow 10" >"$CHAOS_ORDERS"
fresh 4000 >"$work/in"
LD_PRELOAD=$tools/chaos.so "$HEDDLE" noc batch home --in "$work/in" --out "$work/answers" --name busy 2>"$work/said" &
job=$!
for _ in $(seq 100); do [ ! -s "$work/answers.part" ] || break; sleep 0.1; done
refused 11 busy "resume of one that is at work" "$HEDDLE" batch resume busy
shown() { "$HEDDLE" batch show busy --json >"$out" && json_value "$out" issued; }
for _ in $(seq 200); do [ "$(shown)" = 0 ] || break; sleep 0.1; done
[ "$(shown)" -gt 0 ] && pass "batch show tells how far it is" || fail "batch show tells how far it is"
same "$("$HEDDLE" batch list | awk '$1 == "busy" { print $2 }')" running "batch list: running"
kill -TERM $job
got=0
wait $job || got=$?
same $got 1 "SIGTERM in the middle: status 1"
same "$("$HEDDLE" batch list | awk '$1 == "busy" { print $2 }')" stopped "batch list: stopped"
same "$(grep -c "'heddle batch resume busy'" "$work/said")" 1 "how to go on is said"
[ ! -e "$work/answers" ] || cmp -s "$work/before" "$work/answers" && pass "no partial answers under their name" || fail "no partial answers under their name"
: >"$CHAOS_ORDERS"
that "resumed" "$HEDDLE" -q batch resume busy
model "all answered" requests="$work/in" results="$work/answers"
fresh 10 >"$work/in"
mv "$work/in" "$work/moved"
refused 5 file-not-found "the input has gone" "$HEDDLE" -q batch resume busy
mv "$work/moved" "$work/in"

# --- memory ----------------------------------------------------------------------------------------
# peak N: the largest resident memory of the parent, in KiB, in a batch of N
peak() {
    local pid most=0 now
    fresh "$1" >"$work/in"
    "$HEDDLE" -q noc batch home --in "$work/in" --out "$work/answers" --workers 2 2>"$work/said" &
    pid=$!
    while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
        most=$now
        sleep 0.02
    done
    wait $pid || echo 0 >&2
    peak=$most
}
# Beside 16 MiB of SQLite's pages, what it touches of the chunks and tables whose size is fixed.
peak 100
small=$peak
peak "$lines"
echo "      $small KiB at 100 requests, $peak KiB at $lines"
[ "$small" -gt 0 ] && [ "$peak" -lt $((small + 28672)) ] && pass "memory does not grow with the batch" || fail "memory does not grow with the batch"
same "$(wc -l <"$work/answers")" "$lines" "all are answered"
verified "ledger verify"
finish
