// statement_files_test.c -- files in SQL: tables of them, folders read and written by name.
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/answer_test.h"

static Str put_dir(Arena *a, const char *text, Str dir) // TOP in the text
{
    Buf b = buf_new(a);
    Str rest = str_z(text);
    for (int64_t i; (i = str_find(rest, S("TOP"))) >= 0; rest = str_from(rest, i + 3)) {
        buf_put(&b, str_of(rest.p, i));
        buf_put(&b, dir);
    }
    buf_put(&b, rest);
    return buf_str(&b);
}
typedef struct Row {
    const char *text;
    Str want;
} Row;
static void check_rows(Arena *a, const Row *row, int64_t n) // one after another
{
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    Session *s = session_new(a, NULL);
    s->now = clock_now;
    s->file_tables = path_join(a, dir, S("tables"));
    for (int64_t i = 0; i < n; i++)
        CHECK_STR(answer_text(a, s, put_dir(a, row[i].text, dir), false), row[i].want);
}
TEST(statements_of_file_tables)
{
    static const Row row[] = {
        {"CREATE TABLE t (a INT, p STRING, b DOUBLE) USING parquet PARTITIONED BY (p)",
         STR_INIT("")},
        {"SELECT * FROM t", STR_INIT("")},
        {"INSERT INTO t VALUES (1, 2.5, 'x'), (2, NULL, NULL); SELECT * FROM t ORDER BY a",
         STR_INIT("|1,2.5,x|2,NULL,NULL")},
        {"INSERT INTO t BY NAME SELECT 'z' AS p, 7 AS a; SELECT a, p FROM t WHERE p = 'z'",
         STR_INIT("|7,z")},
        {"SELECT t.a FROM t WHERE p IS NULL", STR_INIT("|2")},
        {"INSERT OVERWRITE t SELECT 5, 5, '5'; SELECT * FROM t", STR_INIT("|5,5.0,5")},
        {"DESCRIBE t", STR_INIT("|a,int,NULL|b,double,NULL|p,string,NULL|# Partition Information,,|"
                                "# col_name,data_type,comment|p,string,NULL")},
        {"CREATE TABLE t (a INT) USING csv", STR_INIT("TABLE_OR_VIEW_ALREADY_EXISTS")},
        {"CREATE TABLE IF NOT EXISTS t (a INT) USING csv; SELECT * FROM t", STR_INIT("|5,5.0,5")},
        {"CREATE TABLE c USING csv OPTIONS (header 'true') LOCATION 'TOP/c' AS SELECT id, 'v' AS s "
         "FROM range(2); SELECT * FROM c ORDER BY id",
         STR_INIT("|0,v|1,v")},
        {"SELECT * FROM csv.`TOP/c/part-*` ORDER BY 1", STR_INIT("|0,v|1,v|id,s")},
        {"CREATE TABLE d USING csv OPTIONS (header 'true', inferSchema 'true', path 'TOP/c'); "
         "DESCRIBE d",
         STR_INIT("|id,int,NULL|s,string,NULL")},
        {"DROP TABLE c; SELECT sum(id) FROM d", STR_INIT("|1")}, // its files are not the table's
        {"CREATE TABLE e USING json PARTITIONED BY (x) AS SELECT 1 AS x",
         STR_INIT("ALL_PARTITION_COLUMNS_NOT_ALLOWED")},
        {"CREATE TABLE e (x INT) USING json PARTITIONED BY (y)",
         STR_INIT("PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA")},
        {"CREATE TABLE u (x INT, y INT) USING json CLUSTER BY (y, x); DESCRIBE u",
         STR_INIT("|x,int,NULL|y,int,NULL|# Clustering Information,,|# col_name,data_type,comment|"
                  "y,int,NULL|x,int,NULL")},
        {"CREATE TABLE e (x INT) USING json CLUSTER BY (z)",
         STR_INIT("PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA")},
        {"CREATE OR REPLACE TABLE e (x INT) USING json", STR_INIT("UNSUPPORTED_FEATURE")},
        {"CREATE TABLE e USING json AS SELECT raise_error('no') AS x; SELECT * FROM e",
         STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"MSCK REPAIR TABLE t; REPAIR TABLE t SYNC PARTITIONS; SELECT * FROM t",
         STR_INIT("|5,5.0,5")},
        {"CREATE TABLE n (a INT) USING json; MSCK REPAIR TABLE n",
         STR_INIT("NOT_A_PARTITIONED_TABLE")},
        {"INSERT OVERWRITE DIRECTORY 'TOP/y' USING json SELECT 1 AS a, 2 AS A",
         STR_INIT("COLUMN_ALREADY_EXISTS")},
        {"INSERT OVERWRITE DIRECTORY 'TOP/p/k=1' USING json SELECT 3 AS a; "
         "CREATE TABLE p USING json LOCATION 'TOP/p'; MSCK REPAIR TABLE p; SELECT * FROM p",
         STR_INIT("|3,1")},
        {"TRUNCATE TABLE t; SELECT count(*) FROM t", STR_INIT("|0")},
        {"DROP TABLE t; SELECT * FROM t", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"INSERT OVERWRITE DIRECTORY 'TOP/o' USING json SELECT 1 AS a; "
         "INSERT OVERWRITE LOCAL DIRECTORY 'TOP/o' USING json SELECT 2 AS a; SELECT * FROM "
         "json.`TOP/o`",
         STR_INIT("|2")},
        {"INSERT OVERWRITE DIRECTORY USING text OPTIONS (path 'TOP/x') SELECT 'a b'; SELECT * FROM "
         "text.`TOP/x`",
         STR_INIT("|a b")},
        {"INSERT OVERWRITE DIRECTORY 'TOP/x' USING csv SELECT array(1)",
         STR_INIT("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE")},
    };
    check_rows(a, row, COUNT(row));
}

TEST(files_by_their_path)
{
    static const Row row[] = {
        {"INSERT OVERWRITE DIRECTORY 'TOP/x' USING text SELECT 'a b'; SELECT * FROM text.`TOP/x`",
         STR_INIT("|a b")},
        {"SELECT * FROM Text.`file:TOP/{x,y}/part*`", STR_INIT("|a b")},
        {"SELECT * FROM parquet.`TOP/none`", STR_INIT("PATH_NOT_FOUND")},
        {"SELECT * FROM parquet.none", STR_INIT("PATH_NOT_FOUND")},
        {"SELECT * FROM text.`TOP/none*`", STR_INIT("PATH_NOT_FOUND")},
        {"SELECT * FROM text.`TOP/none` VERSION AS OF 1",
         STR_INIT("UNSUPPORTED_FEATURE.TIME_TRAVEL")},
        {"SELECT * FROM json.``", STR_INIT("INVALID_EMPTY_LOCATION")},
        {"SELECT * FROM kafka.`t`", STR_INIT("UNSUPPORTED_DATASOURCE_FOR_DIRECT_QUERY")},
        {"SELECT * FROM orc.`TOP/none`", STR_INIT("UNSUPPORTED_FEATURE")},
        {"SELECT * FROM jsn.`TOP/none`", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    };
    check_rows(a, row, COUNT(row));
}

TEST(clauses_of_file_tables)
{
    static const Row row[] = {
        {"CREATE TABLE e (x INT) USING json CLUSTERED BY (x) INTO 4 BUCKETS",
         STR_INIT("UNSUPPORTED_FEATURE")},
        {"SET spark.sql.parquet.compression.codec = gzip; "
         "CREATE TABLE z USING parquet AS SELECT 1 AS x; "
         "SELECT * FROM parquet.`TOP/tables/data/lake.default.z/*.gz.parquet`",
         STR_INIT("|1")},
        {"SELECT input_file_name() LIKE 'file:///%.gz.parquet', _metadata.row_index FROM z",
         STR_INIT("|true,0")},
        {"SELECT x FROM z WHERE input_file_name() = ''", STR_INIT("")},
        {"SELECT x FROM z UNION ALL SELECT x FROM z WHERE _metadata.file_size > 0",
         STR_INIT("|1|1")},
        {"SELECT input_file_name() FROM (SELECT x FROM z UNION ALL SELECT 1)",
         STR_INIT("UNSUPPORTED_FEATURE")},
        {"SELECT length(input_file_name()) FROM range(1)", STR_INIT("|0")},
    };
    check_rows(a, row, COUNT(row));
}
