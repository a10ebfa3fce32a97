// remote_file_test.c -- what of a pipeline's file goes to Spark as SQL, and what as something else.
#include "base/test.h"
#include "cli/remote_file.h"

static Str option_of(const Options *o, Str key)
{
    const Str *v = options_get(o, key);
    return v ? *v : (Str){0};
}
TEST(remote_file_sql)
{
    static const struct {
        Str text, sql;
    } row[] = {
        {STR_INIT("CREATE MATERIALIZED VIEW m AS SELECT 1"),
         STR_INIT("CREATE MATERIALIZED VIEW m AS SELECT 1;")},
        {STR_INIT("-- c; d\nSET a.b = 7;\n\nCREATE MATERIALIZED VIEW m AS\nSELECT 1 -- end\n;\n"
                  "USE c.d"),
         STR_INIT("\nSET a.b = 7;\n\nCREATE MATERIALIZED VIEW m AS\nSELECT 1;\n\n"
                  "SET CATALOG `c`;USE DATABASE `d`;")},
        {STR_INIT("SET spark.kappa.strict = true; USE CATALOG x; USE d; "
                  "CREATE MATERIALIZED VIEW m AS SELECT 1"),
         STR_INIT("SET CATALOG `x`;USE DATABASE `d`;CREATE MATERIALIZED VIEW m AS SELECT 1;")},
        {STR_INIT("CREATE STREAMING TABLE t PARTITIONED BY (days(ts)) AS SELECT * FROM STREAM s"),
         STR_INIT("CREATE STREAMING TABLE t  AS SELECT * FROM STREAM s;")},
        {STR_INIT("CREATE STREAMING TABLE t PARTITIONED BY (a, bucket(4, b), c) COMMENT 'x' AS "
                  "SELECT * FROM STREAM s"),
         STR_INIT("CREATE STREAMING TABLE t PARTITIONED BY (a, c) COMMENT 'x' AS "
                  "SELECT * FROM STREAM s;")},
        {STR_INIT("CREATE STREAMING TABLE t PARTITIONED BY (a) AS SELECT * FROM STREAM s"),
         STR_INIT("CREATE STREAMING TABLE t PARTITIONED BY (a) AS SELECT * FROM STREAM s;")},
        {STR_INIT("CREATE STREAMING TABLE t (a INT); SELECT 1;\n"
                  "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM s"),
         STR_INIT("CREATE STREAMING TABLE t (a INT);SELECT 1;\n"
                  "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM s;")},
    };
    RemoteFile f;
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_OK(remote_file(&f, a, row[i].text, (Str){0}));
        CHECK_STR(f.sql, row[i].sql);
    }
}
TEST(remote_file_parts)
{
    RemoteFile f;
    CHECK_OK(remote_file(
        &f, a,
        S("SET spark.kappa.pipeline.storage = /s; CREATE DATABASE IF NOT EXISTS c.d; USE c.d;\n"
          "CREATE TEMPORARY VIEW v (`a b` INT, t STRUCT<x: STRING>) USING json OPTIONS (path "
          "'p');\n"
          "CREATE TEMPORARY VIEW k USING kafka OPTIONS (subscribe 'e');\n"
          "SET x.y = 1;\n"
          "CREATE STREAMING TABLE t TBLPROPERTIES ('kappa.trigger' = '1 second') AS "
          "SELECT * FROM STREAM v WHERE `a b` IN (SELECT id FROM r);\n"
          "CREATE TEMPORARY VIEW r (id INT) USING json OPTIONS (path 'r');\n"
          "CREATE SINK s USING kafka OPTIONS (topic 'o', 'kappa.outputMode' 'append');\n"
          "CREATE FLOW f AS INSERT INTO S BY NAME SELECT value FROM STREAM k"),
        S("h:9092")));
    CHECK_STR(f.storage, S("/s"));
    CHECK_STR(f.graph.catalog, S("c"));
    CHECK_STR(f.graph.database, S("d"));
    CHECK_STR(option_of(&f.graph.conf, S("pipelines.incompatibleViewCheck.enabled")), S("false"));
    CHECK_I64(f.first.n, 1);
    CHECK_STR(f.first.v[0], S("CREATE DATABASE IF NOT EXISTS c.d"));
    CHECK_I64(f.view.n, 3);
    CHECK_STR(f.view.v[0].from.schema, S("`a b` INT, `t` STRUCT<x: STRING>"));
    CHECK(f.view.v[0].from.streaming);
    CHECK_STR(option_of(f.view.v[1].from.options, S("kafka.bootstrap.servers")), S("h:9092"));
    CHECK(f.view.v[1].from.streaming);
    CHECK(!f.view.v[2].from.streaming);
    CHECK_STR(option_of(f.view.v[0].from.conf, S("x.y")), S(""));
    CHECK_STR(option_of(f.view.v[2].from.conf, S("x.y")), S("1"));
    CHECK_I64(f.sink.n, 1);
    CHECK_I64(f.sink.v[0].options.n, 2);
    CHECK_I64(f.flow.n, 1);
    CHECK_STR(f.flow.v[0].query, S("SELECT value FROM STREAM k"));
    CHECK_I64(f.output.n, 2);
    CHECK(str_find(buf_str(&f.notices), S("line 5: kappa.trigger")) >= 0);
}
TEST(remote_file_refusals)
{
    static const struct {
        Str text, want;
    } row[] = {
        {STR_INIT("SELECT 1"), STR_INIT("RUN_EMPTY_PIPELINE")},
        {STR_INIT("CREATE TEMPORARY VIEW k USING kafka OPTIONS (subscribe 'e')"),
         STR_INIT("--kafka")},
        {STR_INIT("CREATE SINK k USING kafka OPTIONS (topic 'e')"), STR_INIT("--kafka")},
        {STR_INIT("CREATE STREAMING TABLE t TBLPROPERTIES (kappa.outputMode = 'complete') AS "
                  "SELECT 1"),
         STR_INIT("UNSUPPORTED_FEATURE")},
        {STR_INIT("CREATE TEMPORARY VIEW v (a INT) USING json OPTIONS (path 'p'); "
                  "CREATE STREAMING TABLE t AS SELECT * FROM STREAM v JOIN v AS w"),
         STR_INIT("UNSUPPORTED_FEATURE")},
        {STR_INIT("CREATE STREAMING"), STR_INIT("PARSE_SYNTAX_ERROR")},
    };
    RemoteFile f;
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK(remote_file(&f, a, row[i].text, (Str){0}).code != OK);
        CHECK(str_find(failure()->text, row[i].want) >= 0);
    }
}
