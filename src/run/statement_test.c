// statement_test.c -- statements of a session, most of them without catalogs, by their rows.
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/answer_test.h"

static Session *session_of(Arena *a)
{
    Session *s = session_new(a, NULL);
    s->now = clock_now;
    CHECK_OK(conf_set(s, S("spark.sql.session.timeZone"), S("UTC")));
    return s;
}
TEST(statement_answers)
{
    static const struct {
        const char *text;
        Str want;
    } row[] = {
        {"SELECT 1 AS x, 'a' AS y UNION ALL SELECT 2, NULL", STR_INIT("x,y|1,a|2,NULL")},
        {"SELECT 1 AS x WHERE false", STR_INIT("x")},
        {"SET spark.sql.shuffle.partitions = 7",
         STR_INIT("key,value|spark.sql.shuffle.partitions,7")},
        {"SET my.own.key = v; SET my.own.key", STR_INIT("key,value|my.own.key,v")},
        {"SET nobody.knows.it", STR_INIT("key,value|nobody.knows.it,<undefined>")},
        {"SET my.own.key = v; RESET; SET my.own.key", STR_INIT("key,value|my.own.key,<undefined>")},
        {"CREATE TEMPORARY VIEW v AS SELECT 5 AS five; SELECT five + 1 AS six FROM v",
         STR_INIT("six|6")},
        {"CREATE TEMPORARY VIEW v AS SELECT 5 AS five, 'x' AS s; DESCRIBE v",
         STR_INIT("col_name,data_type,comment|five,int,NULL|s,string,NULL")},
        {"CREATE TEMPORARY VIEW v AS SELECT 5 AS five; CREATE TEMPORARY VIEW v AS SELECT 6",
         STR_INIT("TEMP_TABLE_OR_VIEW_ALREADY_EXISTS")},
        {"CREATE TEMPORARY VIEW v AS SELECT 5 AS f; CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 6 "
         "AS f; SELECT f FROM v",
         STR_INIT("f|6")},
        {"CREATE TEMPORARY VIEW v AS SELECT 5 AS five; DROP VIEW v; DROP VIEW v",
         STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"DROP VIEW IF EXISTS v", STR_INIT("")},
        {"DESCRIBE QUERY SELECT CAST(1 AS DECIMAL(5,2)) AS d",
         STR_INIT("col_name,data_type,comment|d,decimal(5,2),NULL")},
        {"SHOW FUNCTIONS LIKE 'coun*'", STR_INIT("function|count|count_if")},
        {"SELECT nothing", STR_INIT("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION")},
        {"SELECT 1 / 0", STR_INIT("DIVIDE_BY_ZERO")},
        {"CREATE STREAMING TABLE t AS SELECT 1", STR_INIT("UNSUPPORTED_FEATURE")},
        {"CACHE TABLE t", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"UNCACHE TABLE IF EXISTS t; CLEAR CACHE", STR_INIT("")},
        {"CACHE LAZY TABLE t AS SELECT 5 AS f; UNCACHE TABLE t; SELECT f FROM t", STR_INIT("f|5")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_STR(answer_text(a, session_of(a), str_z(row[i].text), true), row[i].want);
    }
}
TEST(statement_explains)
{
    Str text = answer_text(a, session_of(a),
                           S("EXPLAIN EXTENDED SELECT sum(x) FROM VALUES (1), (2) AS t(x)"), true);
    CHECK(str_starts(text, S("plan|")));
    CHECK(str_find(text, S("Physical Plan")) > 0);
}
TEST(statement_stops_when_asked)
{
    Session *s = session_of(a);
    Statements parsed = {0};
    QueryEnv env = {.data_dir = S("/nowhere")};
    Shared64 stop = {0};
    StatementArgs args = {.session = s, .env = &env, .cancel = &stop};
    Heard h;
    heard_begin(&h, a, true);
    shared_set(&stop, 1);
    CHECK_OK(parse_statements(&parsed, a, S("SELECT * FROM VALUES (1), (2) AS t(x)")));
    CHECK_FAILS(statement_run(&args, parsed.v[0], &h.answer), ERR_CANCELLED);
}

// The catalog that Spark calls spark_catalog finds its names whatever their case.
TEST(statements_find_names_in_any_case)
{
    static const struct {
        const char *text;
        Str want;
    } row[] = {
        {"CREATE SCHEMA Days; CREATE TABLE Days.Hours (A INT); INSERT INTO days.HOURS VALUES (1)",
         STR_INIT("")},
        {"SELECT a FROM DAYS.hours", STR_INIT("|1")},
        {"SELECT * FROM SPARK_CATALOG.dAYS.hOURS", STR_INIT("|1")},
        {"CREATE TABLE days.HOURS (b INT)", STR_INIT("TABLE_OR_VIEW_ALREADY_EXISTS")},
        {"USE DAYS; SELECT * FROM hours", STR_INIT("|1")},
        {"SET spark.sql.caseSensitive = true; SELECT * FROM hours",
         STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"SELECT * FROM Hours", STR_INIT("|1")},
        {"SET spark.sql.caseSensitive = false; DROP SCHEMA DAYS CASCADE; SELECT * FROM Days.Hours",
         STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    };
    Str dir;
    Catalogs *catalogs;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(catalogs_open(&catalogs, a, dir));
    Session *s = session_new(a, catalogs);
    s->now = clock_now;
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_STR(answer_text(a, s, str_z(row[i].text), false), row[i].want);
}
