// statement_insert_test.c -- what INSERT puts where and what it replaces. Rows and conditions are
// those that Spark 4.1.1 with Iceberg gave (test/ddl).
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/answer_test.h"

static Session *session_of(Arena *a)
{
    Catalogs *c = NULL;
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(catalogs_open(&c, a, dir));
    Session *s = session_new(a, c);
    s->now = clock_now;
    CHECK_OK(conf_set(s, S("spark.sql.session.timeZone"), S("UTC")));
    return s;
}
typedef struct Row {
    const char *text;
    Str want;
} Row;
#define ALL "; SELECT * FROM p ORDER BY id, g, d"
// In this order: each statement sees what those before it made.
static const Row rows[] = {
    {"CREATE TABLE p (id INT, g STRING, d INT) PARTITIONED BY (g, d); "
     "INSERT INTO p PARTITION (g = 'a', d = 1) VALUES (1), (2); "
     "INSERT INTO p PARTITION (g = 'a', d) VALUES (3, 2); "
     "INSERT INTO p PARTITION (g, d) VALUES (4, 'b', 1); "
     "INSERT INTO p PARTITION (d = 7) (id, g) VALUES (5, 'c'); "
     "INSERT INTO p PARTITION (d = '8') BY NAME SELECT 'c' AS g, 6 AS id" ALL,
     STR_INIT("|1,a,1|2,a,1|3,a,2|4,b,1|5,c,7|6,c,8")},
    {"INSERT INTO p PARTITION (g = 'a') VALUES (1)",
     STR_INIT("INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS")},
    {"INSERT INTO p PARTITION (g = 'a', d = 1) VALUES (1, 2)",
     STR_INIT("INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS")},
    {"INSERT INTO p PARTITION (g = 'a', d = 'x') VALUES (1)", STR_INIT("CAST_INVALID_INPUT")},
    {"INSERT INTO p PARTITION (id = 1) VALUES ('a', 2)", STR_INIT("NON_PARTITION_COLUMN")},
    {"INSERT INTO p PARTITION (g = 'a', nope) VALUES (1, 2)", STR_INIT("NON_PARTITION_COLUMN")},
    {"INSERT OVERWRITE p PARTITION (g = 'a', d = 1) IF NOT EXISTS VALUES (1)",
     STR_INIT("UNSUPPORTED_FEATURE.INSERT_PARTITION_SPEC_IF_NOT_EXISTS")},
    {"INSERT INTO p (id, id) VALUES (1, 2)", STR_INIT("COLUMN_ALREADY_EXISTS")},
    {"INSERT INTO p (id, nope) VALUES (1, 2)", STR_INIT("UNRESOLVED_COLUMN.WITH_SUGGESTION")},
    {"INSERT INTO p BY NAME SELECT 1 AS id, 2 AS id",
     STR_INIT("INCOMPATIBLE_DATA_FOR_TABLE.AMBIGUOUS_COLUMN_NAME")},
    {"INSERT OVERWRITE p PARTITION (g = 'a', d = 1) VALUES (11)" ALL,
     STR_INIT("|3,a,2|4,b,1|5,c,7|6,c,8|11,a,1")},
    {"INSERT OVERWRITE p PARTITION (g = 'c', d) VALUES (12, 9)" ALL,
     STR_INIT("|3,a,2|4,b,1|11,a,1|12,c,9")},
    {"SET spark.sql.sources.partitionOverwriteMode = dynamic; "
     "INSERT OVERWRITE p VALUES (13, 'a', 2)" ALL,
     STR_INIT("|4,b,1|11,a,1|12,c,9|13,a,2")},
    {"INSERT OVERWRITE p PARTITION (g = 'b', d) VALUES (14, 5)" ALL,
     STR_INIT("|4,b,1|11,a,1|12,c,9|13,a,2|14,b,5")},
    {"RESET spark.sql.sources.partitionOverwriteMode; "
     "INSERT INTO p REPLACE WHERE g = 'b' SELECT 15, 'b', 6; "
     "INSERT INTO p REPLACE WHERE g = 'b' AND d > 5 VALUES (16, 'b', 7)" ALL,
     STR_INIT("|11,a,1|12,c,9|13,a,2|16,b,7")},
    {"INSERT INTO p REPLACE WHERE false VALUES (17, 'b', 7)" ALL,
     STR_INIT("|11,a,1|12,c,9|13,a,2|16,b,7|17,b,7")},
    {"INSERT INTO p REPLACE WHERE g = 'b' SELECT * FROM p WHERE id = 17" ALL,
     STR_INIT("|11,a,1|12,c,9|13,a,2|17,b,7")},
    {"INSERT INTO p VALUES (20, 'z', 1), (21, 'z', 1); "
     "INSERT INTO p REPLACE WHERE id = 20 VALUES (22, 'z', 1)",
     STR_INIT("UNSUPPORTED_FEATURE")},
    {"INSERT INTO p REPLACE WHERE nope = 20 VALUES (22, 'z', 1)",
     STR_INIT("UNRESOLVED_COLUMN.WITH_SUGGESTION")},
    {"INSERT OVERWRITE p PARTITION (g = NULL, d = 1) VALUES (30); "
     "INSERT OVERWRITE p PARTITION (g = NULL, d = 1) VALUES (31); "
     "SELECT * FROM p WHERE g IS NULL",
     STR_INIT("|31,NULL,1")},
    {"INSERT OVERWRITE p SELECT 1, 'a', 1 WHERE false" ALL, STR_INIT("")},
};
TEST(insert_replaces_what_it_says)
{
    Session *s = session_of(a);
    for (int64_t i = 0; i < COUNT(rows); i++)
        CHECK_STR(answer_text(a, s, str_z(rows[i].text), false), rows[i].want);
}
#define FILES "; SELECT * FROM f ORDER BY a"
static const Row of_files[] = {
    {"CREATE TABLE f (a INT, b STRING, c INT) USING parquet PARTITIONED BY (b, c); "
     "INSERT INTO f PARTITION (b = 'x', c = 1) VALUES (1); "
     "INSERT INTO f PARTITION (b = 'x', c) VALUES (2, 2); "
     "INSERT INTO f PARTITION (b, c) VALUES (3, 'y z', NULL)" FILES,
     STR_INIT("|1,x,1|2,x,2|3,y z,NULL")},
    {"SHOW PARTITIONS f", STR_INIT("|b=x/c=1|b=x/c=2|b=y z/c=__HIVE_DEFAULT_PARTITION__")},
    {"SHOW PARTITIONS f PARTITION (c = 2)", STR_INIT("|b=x/c=2")},
    {"SHOW PARTITIONS f PARTITION (a = 2)", STR_INIT("PARTITIONS_NOT_FOUND")},
    {"INSERT OVERWRITE f PARTITION (b = 'x', c = '01') VALUES (4)" FILES,
     STR_INIT("|2,x,2|3,y z,NULL|4,x,1")},
    {"INSERT OVERWRITE f PARTITION (b = 'x', c = 1) SELECT 1 WHERE false" FILES,
     STR_INIT("|2,x,2|3,y z,NULL")},
    {"SET spark.sql.sources.partitionOverwriteMode = dynamic; "
     "INSERT OVERWRITE f VALUES (5, 'q', 7)" FILES,
     STR_INIT("|2,x,2|3,y z,NULL|5,q,7")},
    {"RESET spark.sql.sources.partitionOverwriteMode; "
     "INSERT OVERWRITE f PARTITION (b = 'x', c) VALUES (6, 9)" FILES,
     STR_INIT("|3,y z,NULL|5,q,7|6,x,9")},
    {"INSERT OVERWRITE f PARTITION (b, c = 7) VALUES (6, 'x')", STR_INIT("UNSUPPORTED_FEATURE")},
    {"INSERT INTO f REPLACE WHERE b = 'x' VALUES (6, 'x', 1)", STR_INIT("UNSUPPORTED_FEATURE")},
    {"INSERT INTO f PARTITION (a = 1) VALUES ('x', 1)", STR_INIT("PARTITIONS_NOT_FOUND")},
    {"INSERT OVERWRITE f VALUES (8, 'r', 1)" FILES, STR_INIT("|8,r,1")},
};
TEST(insert_into_partitions_of_files)
{
    Session *s = session_of(a);
    CHECK_OK(dir_temp(&s->file_tables, a));
    for (int64_t i = 0; i < COUNT(of_files); i++)
        CHECK_STR(answer_text(a, s, str_z(of_files[i].text), false), of_files[i].want);
}
// What statements answered to Spark's users and not to ours: columns, schemas, procedures, plans.
static const Row ddl[] = {
    {"CREATE TABLE r (id INT, s STRING, v DOUBLE); INSERT INTO r VALUES (1, 'a', 1.5); "
     "ALTER TABLE r REPLACE COLUMNS (id BIGINT COMMENT 'i', w STRING); SELECT * FROM r",
     STR_INIT("|NULL,NULL")},
    {"DESCRIBE r", STR_INIT("|id,bigint,i|w,string,NULL")},
    {"DESCRIBE r id", STR_INIT("|col_name,id|data_type,bigint|comment,i")},
    {"DESCRIBE r nope", STR_INIT("UNRESOLVED_COLUMN.WITH_SUGGESTION")},
    {"ALTER TABLE r REPLACE COLUMNS (a INT, a INT)", STR_INIT("COLUMN_ALREADY_EXISTS")},
    {"ALTER TABLE r ALTER COLUMN id COMMENT 'x', w FIRST; DESCRIBE r",
     STR_INIT("|w,string,NULL|id,bigint,x")},
    {"ALTER TABLE r SET TBLPROPERTIES ('write.object-storage.enabled' = 'true')",
     STR_INIT("UNSUPPORTED_FEATURE")},
    {"CREATE TABLE refused (a INT) TBLPROPERTIES ('write.parquet.bloom-filter-enabled.column.a' = "
     "'true')",
     STR_INIT("UNSUPPORTED_FEATURE")},
    {"CREATE TABLE kept (a INT) OPTIONS (x 'y') TBLPROPERTIES ('write.wap.enabled' = 'false'); "
     "SHOW TBLPROPERTIES kept ('option.x')",
     STR_INIT("|option.x,y")},
    {"ALTER TABLE r WRITE DISTRIBUTED BY PARTITION; SHOW TBLPROPERTIES r "
     "('write.distribution-mode')",
     STR_INIT("|write.distribution-mode,hash")},
    {"SHOW PARTITIONS r",
     STR_INIT("INVALID_PARTITION_OPERATION.PARTITION_MANAGEMENT_IS_UNSUPPORTED")},
    {"TRUNCATE TABLE r PARTITION (id = 1)",
     STR_INIT("INVALID_PARTITION_OPERATION.PARTITION_MANAGEMENT_IS_UNSUPPORTED")},
    {"ANALYZE TABLE r COMPUTE STATISTICS FOR COLUMNS id",
     STR_INIT("NOT_SUPPORTED_COMMAND_FOR_V2_TABLE")},
    {"ANALYZE TABLE nope COMPUTE STATISTICS", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    {"DESCRIBE EXTENDED r AS JSON", STR_INIT("NOT_SUPPORTED_COMMAND_FOR_V2_TABLE")},
    {"CREATE TABLE k (id INT NOT NULL, t STRING); ALTER TABLE k SET IDENTIFIER FIELDS id; "
     "SHOW TBLPROPERTIES k ('identifier-fields')",
     STR_INIT("|identifier-fields,[id]")},
    {"ALTER TABLE k DROP IDENTIFIER FIELDS id; SHOW TBLPROPERTIES k ('identifier-fields')",
     STR_INIT("|identifier-fields,Table lake.default.k does not have property: "
              "identifier-fields")},
    {"CREATE SCHEMA o COMMENT 'c' WITH DBPROPERTIES ('a' = 'b'); ALTER SCHEMA o SET "
     "DBPROPERTIES ('k' = 'v'); ALTER SCHEMA o UNSET DBPROPERTIES ('a'); ALTER SCHEMA o SET "
     "LOCATION '/x'; DESCRIBE SCHEMA EXTENDED o",
     STR_INIT("|Catalog Name,lake|Namespace Name,o|Comment,c|Location,/x|Properties,((k,v))")},
    {"ALTER SCHEMA o SET DBPROPERTIES ('owner' = 'v')",
     STR_INIT("UNSUPPORTED_FEATURE.SET_NAMESPACE_PROPERTY")},
    {"DESCRIBE SCHEMA nope", STR_INIT("SCHEMA_NOT_FOUND")},
    {"SHOW TABLES IN nope", STR_INIT("SCHEMA_NOT_FOUND")},
    {"DESCRIBE FUNCTION abs",
     STR_INIT("|Function: abs|Class: kappa|Usage: abs - the number without its sign")},
    {"DESCRIBE FUNCTION nope", STR_INIT("UNRESOLVED_ROUTINE")},
    {"SHOW USER FUNCTIONS LIKE 'ab*'", STR_INIT("")},
    {"REPLACE TABLE nope (id INT)", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    {"CREATE TABLE u (id INT, s STRUCT<a: INT, A: INT>)", STR_INIT("COLUMN_ALREADY_EXISTS")},
    {"CALL lake.system.expire_snapshots()", STR_INIT("REQUIRED_PARAMETER_NOT_FOUND")},
    {"CALL lake.system.expire_snapshots(table => 'r', nope => 1)",
     STR_INIT("UNRECOGNIZED_PARAMETER_NAME")},
    {"CALL lake.system.nope('r')", STR_INIT("FAILED_TO_LOAD_ROUTINE")},
    {"CREATE TABLE e (a INT); INSERT INTO e VALUES (1); INSERT OVERWRITE e VALUES (2); INSERT "
     "INTO e VALUES (3); CALL lake.system.expire_snapshots(table => 'default.e', older_than => "
     "TIMESTAMP '2099-01-01 00:00:00', retain_last => 1)",
     STR_INIT("|1,0,0,1,2,0")},
    {"SELECT (SELECT count(*) FROM e.snapshots), sum(a) FROM e", STR_INIT("|1,5")},
    {"SELECT record_count, file_count FROM e.partitions", STR_INIT("|2,2")},
    {"SELECT readable_metrics.a.lower_bound FROM e.files ORDER BY 1", STR_INIT("|2|3")},
    {"EXPLAIN CODEGEN SELECT 1", STR_INIT("|Found 0 WholeStageCodegen subtrees.\n")},
    {"EXPLAIN FORMATTED SELECT 1 AS x",
     STR_INIT("|== Physical Plan ==\n* Project (2)\n+- * LocalTableScan (1)\n\n\n(1) "
              "LocalTableScan\nArguments: , 1 rows\n\n(2) Project\nArguments: [1 AS "
              "x#0]\n\n")},
    {"EXPLAIN SHOW TABLES", STR_INIT("UNSUPPORTED_FEATURE")},
    // a NULL struct has no lists either
    {"SELECT * FROM VALUES (1, named_struct('x', 1, 'y', array('k'))), (2, NULL), (3, "
     "named_struct('x', NULL, 'y', array(NULL))) AS t(i, s)",
     STR_INIT("|1,{1, [k]}|2,NULL|3,{NULL, [NULL]}")},
};
TEST(ddl_answers)
{
    Session *s = session_of(a);
    for (int64_t i = 0; i < COUNT(ddl); i++)
        CHECK_STR(answer_text(a, s, str_z(ddl[i].text), false), ddl[i].want);
}
// Catalogs are shared by name: who wants another warehouse is told.
TEST(tables_made_of_rows)
{
    static const Row row[] = {
        // in this order
        {"CREATE TABLE t PARTITIONED BY (b) TBLPROPERTIES (k = '1') AS SELECT 1 AS a, 'x' AS b; "
         "INSERT INTO t SELECT a + 1, b FROM t; SELECT * FROM t ORDER BY a",
         STR_INIT("|1,x|2,x")},
        {"CREATE OR REPLACE TABLE t AS SELECT b, sum(a) AS s FROM t GROUP BY b; SELECT * FROM t",
         STR_INIT("|x,3")},
        {"CREATE OR REPLACE TABLE t TBLPROPERTIES (k = '2') AS SELECT 1 / (s - 3) AS c FROM t",
         STR_INIT("DIVIDE_BY_ZERO")},
        {"SELECT * FROM t", STR_INIT("|x,3")}, // it is as it was
        {"SHOW TBLPROPERTIES t ('k')", STR_INIT("|k,1")},
        {"INSERT INTO t VALUES ('y', 4); SELECT count(*) FROM t", STR_INIT("|2")},
        {"CREATE TABLE u AS SELECT CAST(raise_error('no') AS INT) AS a",
         STR_INIT("USER_RAISED_EXCEPTION")},
        {"SELECT * FROM u", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"CREATE TABLE e (a INT); CREATE OR REPLACE TABLE e AS SELECT CAST(raise_error('no') AS "
         "INT) AS a",
         STR_INIT("USER_RAISED_EXCEPTION")},
        {"INSERT INTO e VALUES (1); INSERT OVERWRITE e SELECT a + 1 FROM e; SELECT * FROM e",
         STR_INIT("|2")},
    };
    Session *s = session_of(a);
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_STR(answer_text(a, s, str_z(row[i].text), false), row[i].want);
}
TEST(catalogs_are_one_for_all_sessions)
{
    Str dir, other;
    Catalogs *c = NULL;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(dir_temp(&other, a));
    CHECK_OK(catalogs_open(&c, a, dir));
    Arena *first = arena_new(a), *second = arena_new(a);
    Session *x = session_new(first, c), *y = session_new(second, c);
    CHECK_OK(conf_set(x, S("spark.sql.catalog.ice"), S("org.apache.iceberg.spark.SparkCatalog")));
    CHECK_OK(conf_set(x, S("spark.sql.catalog.ice.type"), S("hadoop")));
    CHECK_OK(conf_set(x, S("spark.sql.catalog.ice.warehouse"), other));
    CHECK_OK(conf_set(x, S("spark.sql.catalog.ice.warehouse"), dir)); // thought better of it
    CHECK_OK(conf_set(y, S("spark.sql.catalog.ice.warehouse"), dir));
    CHECK_FAILS(conf_set(y, S("spark.sql.catalog.ice.warehouse"), other), ERR_CONFLICT);
    CHECK_OK(conf_set(y, S("spark.sql.catalog.ice.cache-enabled"), S("false")));
    arena_free(first); // it was not opened: nobody's now
    CHECK_OK(conf_set(y, S("spark.sql.catalog.ice.warehouse"), other));
    CHECK_OK(conf_set(y, S("spark.sql.catalog.ice"), S("org.apache.iceberg.spark.SparkCatalog")));
    CHECK_OK(conf_set(y, S("spark.sql.catalog.ice.type"), S("hadoop")));
    CHECK_STR(answer_text(a, y, S("SHOW NAMESPACES IN ice"), false), S("|default"));
    CHECK_STR(answer_text(a, y,
                          S("CREATE TABLE ice.n.t (a INT); INSERT INTO ice.n.t VALUES (1); "
                            "SELECT * FROM ice.n.t"),
                          false),
              S("|1"));
    CHECK_FAILS(conf_set(y, S("spark.sql.catalog.ice.warehouse"), dir), ERR_CONFLICT);
}
// A mistake of the text is found before anything runs.
TEST(insert_texts_that_say_nothing)
{
    static const struct {
        const char *text, *want;
    } wrong[] = {
        {"INSERT INTO p PARTITION (g = 'a', g = 'b') VALUES (1, 2)", "DUPLICATE_KEY"},
        {"INSERT INTO p PARTITION (g = 1) IF NOT EXISTS VALUES (1)", "INVALID_STATEMENT_OR_CLAUSE"},
        {"INSERT INTO p PARTITION () VALUES (1)", "PARSE_SYNTAX_ERROR"},
    };
    for (int64_t i = 0; i < COUNT(wrong); i++) {
        Statements parsed = {0};
        CHECK_FAILS(parse_statements(&parsed, a, str_z(wrong[i].text)), ERR_INVALID);
        CHECK_STR(condition_of(failure()->cond)->name, str_z(wrong[i].want));
    }
}
