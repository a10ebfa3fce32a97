#!/usr/bin/env bash
# kappa run --remote against kappa serve: the same file run here and there gives the same rows; what it refuses, how it ends, and that
# no server makes it wait for ever. (Against real Spark: test/peers/remote.sh.)
#   remote.sh                      KAPPA: the program (build/debug/kappa)
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
KAPPA=$(readlink -f "${KAPPA:-$HERE/../../build/debug/kappa}")
DIR=$(mktemp -d)
SERVER= OTHER=
end() { [ -z "$1" ] || { kill -INT "$1" 2>/dev/null; wait "$1"; }; }
trap 'end "$SERVER"; end "$OTHER"; rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
unset SPARK_CONNECT_AUTHENTICATE_TOKEN
bad=0
say() { if [ "$1" = 0 ]; then echo "ok    $2"; else echo "FAIL  $2"; bad=1; fi; }
is() { # what, wanted code, wanted part of what it writes, command..
  local what=$1 code=$2 part=$3 got out
  shift 3
  out=$(timeout 120 "$@" 2>&1); got=$?
  if [ $got = "$code" ] && [[ $out == *"$part"* ]]; then say 0 "$what"; else say 1 "$what: code $got: $out"; fi
}
there() { for _ in $(seq 200); do grep -q "$1" "$2" && return 0; sleep 0.05; done; return 1; }

mkdir in
for i in $(seq 60); do echo "{\"id\": $i, \"kind\": \"k$((i % 3))\", \"ts\": \"2025-01-01T00:$((i / 6))$((i % 6)):00Z\"}"; done >in/a.json
cat >p.sql <<X
USE lake.default;
CREATE TEMPORARY VIEW raw (id BIGINT, kind STRING, ts TIMESTAMP) USING json OPTIONS (path '$DIR/in');
CREATE STREAMING TABLE orders PARTITIONED BY (days(ts)) AS SELECT * FROM STREAM raw;
CREATE TEMPORARY VIEW odd AS SELECT id, kind FROM STREAM orders WHERE id % 2 = 1;
CREATE STREAMING TABLE few (id BIGINT, kind STRING);
CREATE FLOW fill AS INSERT INTO few BY NAME SELECT * FROM odd;
CREATE MATERIALIZED VIEW totals AS SELECT kind, count(*) AS n, max(ts) AS newest FROM orders GROUP BY kind;
CREATE SINK clicks USING kafka OPTIONS (topic 'out');
CREATE FLOW tell AS INSERT INTO clicks BY NAME SELECT to_json(struct(*)) AS value FROM STREAM few;
X
rows() { for t in orders few totals; do "$KAPPA" sql --data "$1" --output csv -e "SELECT to_json(struct(*)) FROM lake.default.$t ORDER BY 1"; done; }

"$KAPPA" serve --data there --kafka 127.0.0.1:0 --connect 127.0.0.1:0 >out 2>err &
SERVER=$!
there '^Next' out; say $? "serve starts"
REMOTE=$(awk '$1 == "spark" { print $2 }' out) KAFKA=$(awk '$1 == "kafka" { print $2 }' out)
"$KAPPA" topics create out --data there >/dev/null
export KAPPA_DATA=$DIR/here
AWAY=("$KAPPA" run p.sql --remote "$REMOTE" --kafka "$KAFKA")
is "dry run" 0 "totals" "${AWAY[@]}" --dry-run
is "a transform that Spark has not" 0 "do not partition by days(ts)" "${AWAY[@]}"
is "run here" 0 "rows in" "$KAPPA" run p.sql
is "the same rows" 0 "" diff <(rows there) <(rows here)
[ "$(rows here | wc -l)" = 96 ]; say $? "their number"
is "again" 0 "done" "${AWAY[@]}"
is "still the same" 0 "" diff <(rows there) <(rows here)
is "some" 0 "totals is RUNNING" "${AWAY[@]}" --refresh totals
is "anew" 0 "has COMPLETED" "${AWAY[@]}" --full-refresh
is "the same once more" 0 "" diff <(rows there) <(rows here)
is "one that is none" 1 "[TABLE_OR_VIEW_NOT_FOUND]" "${AWAY[@]}" --refresh nothing
is "no broker" 1 "--kafka HOST:PORT" "$KAPPA" run p.sql --remote "$REMOTE"
is "no watching" 1 "[UNSUPPORTED_FEATURE]" "${AWAY[@]}" --watch
echo "CREATE MATERIALIZED VIEW m AS SELECT nope FROM lake.default.orders" >bad.sql
is "an error there" 1 "SQLSTATE: 42703" "$KAPPA" run bad.sql --remote "$REMOTE"
cat >spark-pipeline.yml <<X
name: x
storage: file://$DIR/state
configuration:
  spark.sql.ansi.enabled: "false"
libraries:
  - glob:
      include: two.sql
X
echo "CREATE MATERIALIZED VIEW lake.default.one AS SELECT 1 AS a" >one.sql
echo "CREATE MATERIALIZED VIEW lake.default.two AS SELECT CAST('x' AS INT) AS a" >two.sql
is "a spec" 0 "two has COMPLETED" "$KAPPA" run spark-pipeline.yml --remote "$REMOTE"

echo "CREATE MATERIALIZED VIEW lake.default.long AS SELECT sum(a.id * b.id) AS s FROM range(4000000) AS a CROSS JOIN range(4000000) AS b" >long.sql
"$KAPPA" run long.sql --remote "$REMOTE" >long 2>&1 &
RUN=$!
there 'long is RUNNING' long; say $? "a long run begins"
kill -INT $RUN; wait $RUN; [ $? = 130 ]; say $? "Ctrl-C ends it"
is "and there, too" 0 "done" "$KAPPA" run one.sql --remote "$REMOTE"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=kappa \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null
echo "s3cret+/=" >token
"$KAPPA" serve --data tls --kafka 127.0.0.1:0 --connect 127.0.0.1:0 --token-file token --tls-cert cert.pem --tls-key key.pem >tls.out 2>tls.err &
OTHER=$!
there '^Next' tls.out; say $? "serve with TLS starts"
PORT=$(sed -n 's/.*sc:\/\/[0-9.]*:\([0-9]*\).*/\1/p' tls.out | head -1)
is "a certificate nobody knows" 3 "certificate" "$KAPPA" run one.sql --remote "sc://127.0.0.1:$PORT/;use_ssl=true;token=s3cret%2B/="
export GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=$DIR/cert.pem
is "TLS and a token" 0 "done" "$KAPPA" run one.sql --remote "sc://127.0.0.1:$PORT/;use_ssl=true;token=s3cret%2B/="
is "another token" 3 "token" "$KAPPA" run one.sql --remote "sc://localhost:$PORT/;use_ssl=true;token=other"
is "no TLS where it is wanted" 3 "speaks TLS" "$KAPPA" run one.sql --remote "sc://127.0.0.1:$PORT/;token=s3cret%2B/="

is "a dead port" 3 "Connection refused" "$KAPPA" run one.sql --remote sc://127.0.0.1:1
is "no address" 1 "an address is sc://" "$KAPPA" run one.sql --remote spark://h
is "nowhere to keep checkpoints" 1 "--storage" "$KAPPA" run one.sql --remote sc://10.255.255.1:1
python3 - >mute <<'X' &
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True)
kept = [s.accept() for _ in range(2)]
kept[1][0].sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"); kept[1][0].recv(1000)
X
there . mute
is "a mute server" 3 "has not answered" "$KAPPA" run one.sql --remote "sc://127.0.0.1:$(cat mute)" --patience 1s
is "another server" 3 "127.0.0.1" "$KAPPA" run one.sql --remote "sc://127.0.0.1:$(cat mute)" --patience 20s
exit $bad
