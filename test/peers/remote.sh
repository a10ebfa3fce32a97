#!/usr/bin/env bash
# One pipeline's file, run by kappa and, through `kappa run --remote`, by real Spark: the tables' rows have to be equal. Its sources
# are JSON files and kappa's own log, which Spark reads at kappa's Kafka door.   remote.sh   (installs Spark when it is not there)
# Variables: KAPPA (the program, build/debug/kappa), KAPPA_PEERS (cache of the peers), KEEP (folder to leave all in)
set -euo pipefail
cd "$(dirname "$0")/../.."
KAPPA=$(realpath "${KAPPA:-build/debug/kappa}")
SPARK=$PWD/test/peers/spark.sh
TOP=${KEEP:-$(mktemp -d)}; mkdir -p "$TOP"; cd "$TOP"
"$SPARK" install || { echo "SKIP Spark: it cannot be installed here"; exit 0; }
KAPPA_SPARK_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export KAPPA_DATA=$TOP/data KAPPA_SPARK_PORT KAPPA_SPARK_WORK=$TOP/spark KAPPA_SPARK_WAREHOUSE=$TOP/warehouse KAPPA_SPARK_CONF="spark.driver.memory=1g"
REMOTE=sc://127.0.0.1:$KAPPA_SPARK_PORT
SERVER=
trap '"$SPARK" connect-stop; [ -z "$SERVER" ] || { kill -INT $SERVER; wait $SERVER || true; }; [ -n "${KEEP:-}" ] || rm -rf "$TOP"' EXIT
bad=0
pass() { echo "PASS $1"; }
failed() { echo "FAIL $1"; bad=1; }
check() { if [ "$2" = "$3" ]; then pass "$1"; else failed "$1: $2, wanted $3"; fi; }
ends() { # WHAT CODE TEXT COMMAND...: it ends with the code and says the text
  local what=$1 code=$2 text=$3 got=0; shift 3
  "$@" >out 2>&1 || got=$?
  if [ $got = "$code" ] && grep -qF -- "$text" out; then pass "$what"; else failed "$what: exit $got"; tail -30 out; fi
}

mkdir -p in
python3 - <<'X'
import json
day = "2025-01-01T%02d:%02d:%02dZ"
with open("in/orders.json", "w") as f:
    for i in range(600):
        t = i * 7
        f.write(json.dumps({"id": i, "kind": "abc"[i % 3] if i % 11 else None, "amount": i * 1.25, "ts": day % (t // 3600, t // 60 % 60, t % 60)}) + "\n")
with open("clicks", "w") as f:
    for i in range(200):
        f.write(json.dumps({"user": "u%d" % (i % 7), "page": "/p/ä%d" % (i % 5), "n": i}) + "\n")
X
cat >pipeline.sql <<'X'
-- What Spark's pipelines take, and each of kappa's extensions; comments with a ; in them.
CREATE DATABASE IF NOT EXISTS lake.shop;
USE lake.shop;
CREATE TEMPORARY VIEW raw (id BIGINT, kind STRING, amount DOUBLE, ts TIMESTAMP) USING json OPTIONS (path 'IN');
CREATE TEMPORARY VIEW clicks USING kafka OPTIONS (subscribe 'clicks', startingOffsets 'earliest');
CREATE TEMPORARY VIEW good AS SELECT * FROM STREAM raw WHERE amount > 10;
CREATE STREAMING TABLE orders PARTITIONED BY (days(ts)) AS SELECT * FROM good;
CREATE STREAMING TABLE by_window AS
  SELECT window.start AS began, kind, count(*) AS n, sum(amount) AS amount
  FROM good WATERMARK ts DELAY OF INTERVAL 1 MINUTE GROUP BY window(ts, '5 minutes'), kind;
CREATE STREAMING TABLE big (id BIGINT, amount DOUBLE);
CREATE FLOW upper AS INSERT INTO big BY NAME SELECT id, amount FROM STREAM orders WHERE amount > 700;
CREATE FLOW lower AS INSERT INTO big BY NAME SELECT id, -amount AS amount FROM STREAM orders WHERE amount < 20;
CREATE STREAMING TABLE pages AS
  SELECT e.user, e.page, e.n FROM (SELECT from_json(CAST(value AS STRING), 'user STRING, page STRING, n INT') AS e FROM STREAM clicks);
SET spark.sql.shuffle.partitions = 2;
CREATE MATERIALIZED VIEW totals AS
  SELECT kind, count(*) AS n, sum(amount) AS amount, max(ts) AS newest FROM orders GROUP BY kind;
CREATE MATERIALIZED VIEW users AS SELECT user, count(DISTINCT page) AS pages, sum(n) AS n FROM pages GROUP BY user;
CREATE SINK files USING json OPTIONS (path 'OUT');
CREATE FLOW to_files AS INSERT INTO files BY NAME SELECT id, kind FROM STREAM orders WHERE id % 50 = 0;
X
sed -e "s#'IN'#'$TOP/in'#; s#'OUT'#'$TOP/out_kappa'#" pipeline.sql >local.sql
sed -e "s#'IN'#'$TOP/in'#; s#'OUT'#'$TOP/out_spark'#" pipeline.sql >spark.sql
TABLES="orders by_window big pages totals users"
cat >rows.py <<'X'
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
for t in sys.argv[1:]:
    rows = spark.sql("SELECT to_json(struct(*)) AS j FROM lake.shop." + t).collect()
    with open("spark_" + t, "w") as f:
        f.write("".join(sorted(r.j + "\n" for r in rows)))
X
kappa_rows() {
  local t
  for t in $TABLES; do
    "$KAPPA" sql --output ndjson -e "SELECT to_json(struct(*)) AS j FROM lake.shop.$t" |
      python3 -c 'import json, sys; sys.stdout.write("".join(sorted(json.loads(l)["j"] + "\n" for l in sys.stdin)))' >"kappa_$t"
  done
}
compare() {
  local t
  "$SPARK" connect-run rows.py $TABLES
  for t in $TABLES; do
    if [ -s "kappa_$t" ] && cmp -s "kappa_$t" "spark_$t"; then pass "$1: $t, $(wc -l <"kappa_$t") rows"; else
      failed "$1: $t"; diff "kappa_$t" "spark_$t" | head -5 || true
    fi
  done
}

"$KAPPA" serve --kafka 127.0.0.1:0 --connect 127.0.0.1:0 >serve.out 2>serve.err &
SERVER=$!
for _ in $(seq 100); do grep -q '^  kafka ' serve.out && break; sleep 0.1; done
KAFKA=$(awk '$1 == "kafka" { print $2 }' serve.out)
"$KAPPA" produce clicks <clicks
"$KAPPA" run local.sql >local.out 2>&1 || { failed "kappa runs it"; cat local.out; }
kappa_rows
"$SPARK" connect-start
AWAY=("$KAPPA" run spark.sql --remote "$REMOTE" --kafka "$KAFKA" --storage "file://$TOP/state")
ends "a source in kappa's log wants --kafka" 1 "--kafka" "$KAPPA" run spark.sql --remote "$REMOTE"
ends "dry run" 0 "by_window" "${AWAY[@]}" --dry-run
[ ! -e warehouse/shop/orders ] && pass "dry run makes no table" || failed "dry run makes no table"
ends "run" 0 "Run is COMPLETED" "${AWAY[@]}"
compare "first run"
sorted() { cat "$1"/part-* | sort | cksum; }
check "the sink's rows" "$(sorted out_spark)" "$(sorted out_kappa)"
ends "again, with nothing new" 0 "Run is COMPLETED" "${AWAY[@]}"
compare "second run"
sed -n '1,60s/"id": /"id": 10/p' in/orders.json >in/more.json
ends "only what is named" 0 "EXCLUDED" "${AWAY[@]}" --refresh orders,totals
"$KAPPA" run local.sql --refresh orders,totals >local.out 2>&1
kappa_rows
compare "after more"
ends "full refresh of one" 0 "Run is COMPLETED" "${AWAY[@]}" --full-refresh-of lake.shop.pages
"$KAPPA" run local.sql --full-refresh-of pages >local.out 2>&1
kappa_rows
compare "refreshed"

echo "CREATE STREAMING TABLE lake.shop.x AS SELECT nope FROM STREAM lake.shop.orders;" >bad.sql
ends "a name that is none" 1 "UNRESOLVED_COLUMN.WITH_SUGGESTION" "$KAPPA" run bad.sql --remote "$REMOTE"
echo "CREATE VIEW v AS SELECT 1; SELECT 1; CREATE MATERIALIZED VIEW lake.shop.m AS SELECT 1 AS a;" >bad.sql
ends "no statement of a pipeline" 1 "[PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR]" "$KAPPA" run bad.sql --remote "$REMOTE"
cat >long.sql <<'X'
CREATE MATERIALIZED VIEW lake.shop.long AS SELECT sum(a.id * b.id) AS s FROM range(3000000) AS a CROSS JOIN range(3000000) AS b WHERE a.id % 7 = b.id % 5;
X
"$KAPPA" run long.sql --remote "$REMOTE" >out 2>&1 &
RUN=$!
for _ in $(seq 300); do grep -q 'long is RUNNING' out && break; sleep 0.1; done
kill -INT $RUN
code=0; wait $RUN || code=$?
check "Ctrl-C ends the run" "$code" 130
echo "CREATE MATERIALIZED VIEW lake.shop.m AS SELECT 1 AS a" >small.sql
ends "the server is free again" 0 "done" "$KAPPA" run small.sql --remote "$REMOTE"
"$SPARK" connect-stop
ends "a server that went" 3 "cannot connect" "$KAPPA" run long.sql --remote "$REMOTE"
exit $bad
