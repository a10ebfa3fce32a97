#!/usr/bin/env bash
# What statements answer, beside what Spark 4.1.1 with Iceberg answered (spark.txt, spark2.txt): conditions, SQLSTATEs,
# parameters. Skips when PySpark's client cannot be installed.   test/ddl/run.sh [record]
#   record   asks Spark anew (test/peers/spark.sh) instead of comparing
# Variables: KAPPA (the program, build/debug/kappa)
set -euo pipefail
cd "$(dirname "$0")/../.."
KAPPA=${KAPPA:-build/debug/kappa} dir=$(mktemp -d) pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; [ -z "$pid" ] || wait "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT
if [ "${1:-}" = record ]; then
  for n in "" 2; do
    wh=$dir/wh$n
    KAPPA_SPARK_WORK=$dir/work$n KAPPA_SPARK_WAREHOUSE=$wh KAPPA_SPARK_CONF="\
spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions \
spark.sql.catalog.spark_catalog=org.apache.iceberg.spark.SparkSessionCatalog spark.sql.catalog.spark_catalog.type=hadoop \
spark.sql.catalog.spark_catalog.warehouse=$wh/sc spark.sql.catalog.lake.type=jdbc \
spark.sql.catalog.lake.uri=jdbc:sqlite:$wh/catalog.db spark.sql.catalog.lake.warehouse=file://$wh \
spark.sql.catalog.lake.jdbc.schema-version=V1" \
      test/peers/spark.sh run test/ddl/ask.py "test/ddl/statements$n.sql" 2>/dev/null | sed "s|$wh|/warehouse|g" >"test/ddl/spark$n.txt"
  done
  exit
fi
test/peers/pyspark_client.sh install >/dev/null 2>&1 || { echo "SKIP: PySpark's client cannot be installed here"; exit 0; }
bad=0
for n in "" 2; do
  "$KAPPA" serve --data "$dir/data$n" --connect 127.0.0.1:0 --kafka 127.0.0.1:0 >"$dir/out" 2>&1 &
  pid=$!
  at=
  for _ in $(seq 300); do
    at=$(grep -o 'sc://127.0.0.1:[0-9]*' "$dir/out" | head -1) && [ -n "$at" ] && break
    sleep 0.1
  done
  SPARK_REMOTE=$at test/peers/pyspark_client.sh run test/ddl/ask.py "test/ddl/statements$n.sql" 2>/dev/null >"$dir/kappa$n"
  kill "$pid"; wait "$pid" 2>/dev/null || true
  pid=
  python3 test/ddl/compare.py "test/ddl/spark$n.txt" "$dir/kappa$n" test/ddl/differs.txt || bad=1
done
exit $bad
