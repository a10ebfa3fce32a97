#!/usr/bin/env bash
# kappa serve and kappa run --watch, and the commands beside them: what they answer, what they refuse, how they end.
#   serve.sh                       KAPPA: the program (build/debug/kappa)
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
KAPPA=$(readlink -f "${KAPPA:-$HERE/../../build/debug/kappa}")
DIR=$(mktemp -d)
export KAPPA_DATA=$DIR/data
SERVER=
trap '[ -z "$SERVER" ] || { kill -INT "$SERVER"; wait "$SERVER"; }; rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
bad=0
say() { if [ "$1" = 0 ]; then echo "ok    $2"; else echo "FAIL  $2"; bad=1; fi; }
is() { # what, wanted code, wanted part of what it writes, command..
  local what=$1 code=$2 part=$3 got out
  shift 3
  out=$("$@" 2>&1); got=$?
  if [ $got = "$code" ] && [[ $out == *"$part"* ]]; then say 0 "$what"; else say 1 "$what: code $got: $out"; fi
}
until_there() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done; return 1; }
ends() { kill -INT "$SERVER"; wait "$SERVER"; local code=$?; SERVER=; [ $code = "$1" ]; say $? "$2"; }

cat >copy.sql <<'SQL'
CREATE TEMPORARY VIEW raw USING kafka OPTIONS (subscribe 'events', startingOffsets 'earliest');
CREATE SINK copies USING kafka OPTIONS (topic 'out');
CREATE FLOW copy AS INSERT INTO copies BY NAME SELECT value FROM STREAM raw;
SQL
is "status without a server" 3 "no process serves" "$KAPPA" status
is "queries without a server" 0 "[]" "$KAPPA" queries --output json
is "stop without a server" 1 "no query copy runs" "$KAPPA" stop copy
"$KAPPA" topics create events
"$KAPPA" topics create out

"$KAPPA" serve copy.sql --kafka 127.0.0.1:0 >serve.out 2>serve.err &
SERVER=$!
until_there "$KAPPA" status; say $? "serve starts"
ADDRESS=$(awk '$1 == "kafka" { print $2 }' serve.out)
is "a folder that is held" 1 "process $SERVER (kappa serve)" "$KAPPA" serve --kafka 127.0.0.1:0
is "a port in use" 1 "--kafka HOST:PORT opens another" "$KAPPA" serve --data "$DIR/other" --kafka "$ADDRESS"
is "sql" 0 "42" "$KAPPA" sql -e 'SELECT 6 * 7' --output csv
is "sql from standard input" 0 "43" "$KAPPA" sql --output csv <<<'SELECT 43'
echo 'SELECT 44' >q.sql
is "sql from a file" 0 "44" "$KAPPA" sql q.sql --output csv
is "a mistake" 1 "SQLSTATE" "$KAPPA" sql -e 'SELECT nope'
is "an option" 2 "tabel" "$KAPPA" sql -e 'SELECT 1' --output tabel
"$KAPPA" sql -e 'SELECT count(*) FROM range(1000000000000)' >long.out 2>&1 &
LONG=$!
sleep 0.5; kill -INT $LONG; wait $LONG; [ $? = 130 ]; say $? "Ctrl-C ends a statement in the server"
is "generate" 0 "" "$KAPPA" generate events --count 7 --topic events
is "produce through the Kafka door" 0 "" "$KAPPA" produce events <<<'by hand'
is "consume what the pipeline copies" 0 "by hand" timeout 10 "$KAPPA" consume out --follow --count 8
is "queries" 0 '"description":"KafkaV2[Subscribe[events]]"' "$KAPPA" queries --output json
is "status" 0 '"queries":1,' "$KAPPA" status --output json
is "stop" 0 "1 stopped" "$KAPPA" stop copy
is "queries after it" 0 "no query runs" "$KAPPA" queries
is "run submits to the server" 0 "epochs" "$KAPPA" run copy.sql
"$KAPPA" run copy.sql --watch 2>/dev/null &
CALLER=$!
until_there bash -c '"$0" queries | grep -q copy' "$KAPPA"; kill -9 $CALLER; wait $CALLER 2>/dev/null
until_there bash -c '[ "$("$0" queries)" = "no query runs" ]' "$KAPPA"; say $? "a pipeline ends with whoever runs it"
for i in 1 2 3 4 5 6 7 8; do "$KAPPA" sql -e "SELECT $i + 10" --output csv >"many.$i" & MANY+=($!); done
wait "${MANY[@]}"; [ "$(sort -n many.* | grep -c '^1[1-8]$')" = 8 ]; say $? "eight at once"
if [ -r /proc/$SERVER/stat ]; then
  ticks() { awk '{ print $14 + $15 }' /proc/$SERVER/stat; }
  before=$(ticks); sleep 5
  [ $(($(ticks) - before)) -le 1 ]; say $? "an idle server sleeps"
  [ "$(awk '/VmRSS/ { print $2 }' /proc/$SERVER/status)" -le 30720 ]; say $? "and is small"
fi
ends 0 "Ctrl-C ends the server"
[ ! -e "$KAPPA_DATA/kappa.sock" ]; say $? "and its socket is gone"

"$KAPPA" run copy.sql --watch >run.out 2>run.err &
SERVER=$!
until_there "$KAPPA" status; say $? "run --watch answers, too"
is "sql beside it" 0 "45" "$KAPPA" sql -e 'SELECT 45' --output csv
is "produce beside it" 0 "" "$KAPPA" produce events <<<$'one\ntwo'
is "consume beside it" 0 "two" timeout 10 "$KAPPA" consume out --follow --count 10
ends 130 "Ctrl-C ends it"
is "everything was copied once" 0 "10 records" "$KAPPA" topics
exit $bad
