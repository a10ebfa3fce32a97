#!/usr/bin/env bash
# Iceberg tables between kappa and others.
#   iceberg.sh check    the tables that `build/debug/unit lake_tables_for_peers` leaves in build/lake, before PyIceberg,
#                       pyarrow, DuckDB and Polars (check_iceberg.py --deep), then before real Spark, which appends
#   iceberg.sh tables   makes test/data/iceberg anew: tables that PyIceberg and Spark wrote, with the rows Spark reads
# Needs what readers.sh and spark.sh install. Prints PASS and FAIL lines; exit 1 on any FAIL.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

spark() { # warehouse script args...
  local wh=$1; shift
  KAPPA_SPARK_CONF="spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog spark.sql.catalog.lake.type=jdbc \
spark.sql.catalog.lake.uri=jdbc:sqlite:$wh/catalog.db spark.sql.catalog.lake.warehouse=file://$wh \
spark.sql.catalog.lake.jdbc.schema-version=V1" "$here/spark.sh" run "$@"
}

check() {
  local wh=$top/build/lake bad=0 t out
  (cd "$top" && build/debug/unit lake_tables_for_peers)
  for t in $(sqlite3 "$wh/catalog.db" "select table_name from iceberg_tables order by 1"); do
    out=$("$here/readers.sh" python "$here/check_iceberg.py" --catalog "sqlite:///$wh/catalog.db" --name lake --warehouse "file://$wh" --deep "demo.$t" 2>&1) || bad=1
    grep FAIL <<<"$out" | sed "s/^/$t: /" || true
    echo "$(grep -c '^PASS' <<<"$out") PASS  $t"
  done
  spark "$wh" "$here/iceberg_spark.py" 2>/dev/null || bad=1
  return $bad
}

tables() {
  local wh=/tmp/kappa-tables to=$top/test/data/iceberg d
  rm -rf "$wh" "$to"
  "$here/readers.sh" python "$here/iceberg_tables.py" "$wh"
  spark "$wh" "$here/iceberg_tables_spark.py" "$wh"
  mkdir -p "$to"
  cp -r "$wh/demo" "$to/"
  find "$to" -name '.*' -type f -delete
  for d in "$to"/demo/*/metadata; do # the newest names all that is left
    ls "$d"/*metadata.json | sort | head -n -1 | xargs -r rm
  done
}

case ${1:-} in
check | tables) "$1" ;;
*) sed -n '2,6p' "$0" | cut -c3-; exit 2 ;;
esac
