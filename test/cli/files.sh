#!/bin/sh
# Files and pipelines of files by the real program: a spec with its parts, selections, a stream of files into files that goes
# on after each of its epochs, and what stands in _spark_metadata.
cd "$(dirname "$0")/../.." || exit 2
top=$(mktemp -d) || exit 2
trap 'rm -rf "$top"' EXIT
kappa=${KAPPA:-build/debug/kappa}
case $kappa in /*) ;; *) kappa=$PWD/$kappa ;; esac
unset KAPPA_DATA
n=0 bad=0
is() { # WHAT GOT WANT
    n=$((n + 1))
    [ "$2" = "$3" ] && return
    bad=$((bad + 1))
    printf 'files: %s\n  got  %s\n  want %s\n' "$1" "$2" "$3"
}
ask() { "$kappa" sql --data "$top/d" --output csv -e "$1" | tail -n +2 | tr '\n' ' '; }
mkdir -p "$top/p/transformations/deep" "$top/in"
cat > "$top/p/spark-pipeline.yml" << YML
name: files   # a pipeline of two files
storage: file://$top/storage
database: p
configuration:
  spark.sql.shuffle.partitions: "3"
libraries:
  - glob:
      include: transformations/**
YML
cat > "$top/p/transformations/b.sql" << SQL
CREATE MATERIALIZED VIEW totals AS SELECT k, sum(n) AS n FROM rows GROUP BY k;
CREATE MATERIALIZED VIEW many AS SELECT count(*) AS c FROM rows
SQL
cat > "$top/p/transformations/deep/a.sql" << SQL
CREATE TEMPORARY VIEW src (k STRING, n INT) USING json OPTIONS (path '$top/in', maxFilesPerTrigger '1');
CREATE STREAMING TABLE rows AS SELECT * FROM STREAM src;
CREATE SINK out USING csv OPTIONS (path '$top/out', partitionBy 'k', header 'true');
CREATE FLOW f AS INSERT INTO out BY NAME SELECT * FROM STREAM src;
SQL
printf '{"k":"a","n":1}\n{"k":"b","n":2}\n' > "$top/in/1.json"
run() { (cd "$top/p/transformations" && "$kappa" run --data "$top/d" "$@" 2> "$top/err"); }
run
is "first run" "$(ask 'SELECT * FROM lake.p.totals ORDER BY k')" "a,1 b,2 "
is "its rows" "$(ask "CREATE TEMPORARY VIEW o USING csv OPTIONS (path '$top/out', header 'true'); SELECT k, n FROM o ORDER BY k")" "a,1 b,2 "
is "checkpoints" "$(cd "$top/storage/_checkpoints" && echo *)" "lake.p.rows out"
printf '{"k":"a","n":5}\n' > "$top/in/2.json"
printf '{"k":"c","n":7}\n' > "$top/in/3.json"
run --refresh rows,totals
is "selected" "$(ask 'SELECT * FROM lake.p.totals ORDER BY k; SELECT * FROM lake.p.many')" "a,6 b,2 c,7 c 2 "
run ../spark-pipeline.yml
is "all" "$(ask 'SELECT * FROM lake.p.many')" "4 "
is "sink went on" "$(ask "CREATE TEMPORARY VIEW o USING csv OPTIONS (path '$top/out', header 'true'); SELECT k, n FROM o ORDER BY k, n")" "a,1 a,5 b,2 c,7 "
is "its log" "$(cd "$top/out/_spark_metadata" && echo *)" "0 1 2"
run --full-refresh-of rows
is "full refresh" "$(ask 'SELECT count(*) FROM lake.p.rows') $(ls "$top/storage/_checkpoints/lake.p.rows/lake.p.rows" | tr '\n' ' ')" "4  0 1 "
run --refresh nothing
is "no such output" "$? $(grep -c TABLE_OR_VIEW_NOT_FOUND "$top/err")" "1 1"
printf 'CREATE MATERIALIZED VIEW x AS\nSELECT nope FROM rows' > "$top/p/transformations/c.sql"
run --dry-run
is "whose line" "$? $(grep -o 'c.sql:2:8' "$top/err")" "1 c.sql:2:8"
refused() { # CONDITION STATEMENTS
    printf "CREATE TEMPORARY VIEW src (k STRING, n INT) USING json OPTIONS (path '%s');\n%s" "$top/in" "$2" > "$top/q.sql"
    "$kappa" run --data "$top/d" --dry-run "$top/q.sql" 2> "$top/err"
    is "refused: $2" "$? $(grep -c "\[$1\]" "$top/err")" "1 1"
}
refused INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE "CREATE STREAMING TABLE a AS SELECT 1 AS x"
refused INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW "CREATE MATERIALIZED VIEW a AS SELECT * FROM STREAM src"
refused MULTIPART_FLOW_NAME_NOT_SUPPORTED "CREATE STREAMING TABLE a; CREATE FLOW x.y AS INSERT INTO a BY NAME SELECT * FROM STREAM src"
refused PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR "CREATE MATERIALIZED VIEW a OPTIONS (x 'y') AS SELECT 1"
refused PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR "DROP TABLE x"
refused PIPELINE_DATASET_WITHOUT_FLOW "CREATE STREAMING TABLE a (x INT)"
refused PARSE_SYNTAX_ERROR "CREATE STREAMING TABLE a; CREATE FLOW y AS INSERT INTO a SELECT * FROM STREAM src"
# Files that Spark 4.1.1 wrote (test/peers/files_spark.py: INT96 times, its schema beside), and CSV as it reads it.
f=$PWD/test/data/files
is "Spark's Parquet" "$(ask "SELECT count(*), sum(id), count(s), sum(length(s)), sum(d), sum(c), max(t), max(dt), sum(p) FROM parquet.\`$f/parquet\`")" "209,101142,172,1388,25285.5,12643.29,2023-11-14 22:29:50.123456,2024-03-02,105 "
is "a partition of it" "$(ask "SELECT min(id), max(id) FROM parquet.\`$f/parquet\` WHERE p = 1")" "4,988 "
is "CSV texts" "$(ask "SELECT _c1 FROM csv.\`$f/csv/odd.csv\`")" 'b "x,y"  """q""""q"""  "a""b" " ""pad"" " \ "open,8" NA '
is "CSV types" "$(ask "CREATE TEMPORARY VIEW v (a INT, b STRING, c DATE) USING csv OPTIONS (path '$f/csv/typed.csv'); SELECT a, c FROM v")" "1,2024-01-02 ,2024-01-02 , 3,2024-01-02 ,2024-01-02 , , "
is "JSON in folders" "$(ask "SELECT id, s, day FROM json.\`$f/json\` ORDER BY id")" ",,2024-01-01 1,x,2024-01-01 2,,2024-01-01 3,y,2024-01-02 "
is "the same as text" "$(ask "SELECT count(*), max(day) FROM text.\`$f/json\`")" "4,2024-01-02 "
echo "$n checks of files and pipelines, $bad bad"
[ $bad = 0 ]
