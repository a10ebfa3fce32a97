// statement_view_test.c -- views that a catalog keeps, in a SQL catalog and in folders, and global
// temporary ones. Names of conditions follow Spark's golden files.
#include "base/test.h"
#include "lake/view.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/answer_test.h"

static Session *session_in(Arena *a, Catalogs *c, const char *catalog)
{
    Session *s = session_new(a, c);
    s->now = clock_now;
    s->catalog = str_z(catalog);
    CHECK_OK(conf_set(s, S("spark.sql.session.timeZone"), S("UTC")));
    return s;
}
static Str fresh_dir(Arena *a)
{
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    return dir;
}
static Catalogs *catalogs_in(Arena *a, Str dir)
{
    Catalogs *c = NULL;
    CHECK_OK(catalogs_open(&c, a, dir));
    catalogs_configure(c, S("spark.sql.catalog.dir"), S("org.apache.iceberg.spark.SparkCatalog"));
    catalogs_configure(c, S("spark.sql.catalog.dir.type"), S("hadoop"));
    catalogs_configure(c, S("spark.sql.catalog.dir.warehouse"), path_join(a, dir, S("folders")));
    return c;
}
typedef struct Row {
    const char *text;
    Str want;
} Row;
static void check_rows(Arena *a, Session *s, const Row *row, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        CHECK_STR(answer_text(a, s, str_z(row[i].text), false), row[i].want);
}
// In this order: each statement sees what those before it made.
static const Row kept[] = {
    {"CREATE VIEW v (c COMMENT 'cc', d) COMMENT 'hm' TBLPROPERTIES ('k' = '1') AS SELECT a + 1 AS "
     "e, "
     "b FROM VALUES (1, 'x'), (2, 'y') AS t(a, b); SELECT * FROM v ORDER BY c",
     STR_INIT("|2,x|3,y")},
    {"SELECT v.c FROM v WHERE default.v.d = 'y'", STR_INIT("|3")},
    {"CREATE VIEW v AS SELECT 1 AS one", STR_INIT("TABLE_OR_VIEW_ALREADY_EXISTS")},
    {"CREATE VIEW IF NOT EXISTS v AS SELECT 1 AS one; SELECT max(c) FROM v", STR_INIT("|3")},
    {"CREATE TABLE v (a INT)", STR_INIT("TABLE_OR_VIEW_ALREADY_EXISTS")},
    {"DROP TABLE v", STR_INIT("EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE")},
    {"CREATE VIEW w AS SELECT c, c AS c FROM v", STR_INIT("COLUMN_ALREADY_EXISTS")},
    {"CREATE VIEW w (x, y, z) AS SELECT c, d FROM v",
     STR_INIT("CREATE_VIEW_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS")},
    {"CREATE VIEW w (x) AS SELECT c, d FROM v",
     STR_INIT("CREATE_VIEW_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS")},
    {"CREATE VIEW w AS SELECT * FROM v; SELECT count(*) FROM w", STR_INIT("|2")},
    {"CREATE OR REPLACE VIEW v AS SELECT * FROM w", STR_INIT("RECURSIVE_VIEW")},
    {"ALTER VIEW v AS SELECT c FROM w", STR_INIT("RECURSIVE_VIEW")},
    {"CREATE TEMPORARY VIEW tv AS SELECT 1 AS one; CREATE VIEW x AS SELECT * FROM tv",
     STR_INIT("INVALID_TEMP_OBJ_REFERENCE")},
    {"CREATE TEMPORARY VIEW w AS SELECT 9 AS nine; SELECT * FROM w", STR_INIT("|9")},
    {"SELECT count(*) FROM default.w", STR_INIT("|2")}, // the kept one does not see the other
    {"DROP VIEW w; SELECT count(*) FROM w", STR_INIT("|2")},
    {"CREATE TABLE t (a INT); CREATE OR REPLACE VIEW t AS SELECT 1 AS one",
     STR_INIT("EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE")},
    {"DROP VIEW t", STR_INIT("EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE")},
    {"ALTER VIEW t AS SELECT 1 AS one", STR_INIT("EXPECT_VIEW_NOT_TABLE.USE_ALTER_TABLE")},
    {"ALTER VIEW nobody AS SELECT 1 AS one", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    {"ALTER VIEW w RENAME TO t", STR_INIT("TABLE_OR_VIEW_ALREADY_EXISTS")},
    {"ALTER VIEW w RENAME TO w2; SELECT count(*) FROM w2", STR_INIT("|2")},
    {"SELECT * FROM w", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    {"ALTER VIEW w2 AS SELECT 7 AS seven; SELECT * FROM w2", STR_INIT("|7")},
    {"ALTER VIEW v SET TBLPROPERTIES ('k' = '2', 'l' = '3'); SHOW TBLPROPERTIES v",
     STR_INIT("|k,2|l,3")},
    {"ALTER VIEW v UNSET TBLPROPERTIES ('l'); SHOW TBLPROPERTIES v", STR_INIT("|k,2")},
    {"SHOW VIEWS", STR_INIT("|default,v,false|default,w2,false|,tv,true")},
    {"SHOW VIEWS LIKE 'w*'", STR_INIT("|default,w2,false")},
    {"SHOW TABLES", STR_INIT("|default,t,false|default,v,false|default,w2,false|,tv,true")},
    {"DESCRIBE v", STR_INIT("|c,int,cc|d,string,NULL")},
    {"SHOW CREATE TABLE v",
     STR_INIT("|CREATE VIEW default.v (\n  c COMMENT 'cc',\n  d)\nCOMMENT 'hm'\nTBLPROPERTIES (\n"
              "  'k' = '2')\nWITH SCHEMA COMPENSATION\nAS SELECT a + 1 AS e, b FROM VALUES (1, "
              "'x'), (2, 'y') AS t(a, b)\n")},
    {"CREATE VIEW e WITH SCHEMA COMPENSATION AS SELECT 1 AS x; SELECT * FROM e; DROP VIEW e",
     STR_INIT("")},
    // the columns are those it was made with
    {"CREATE VIEW s AS SELECT * FROM w2; ALTER VIEW w2 AS SELECT 8 AS seven, 9 AS more; SELECT * "
     "FROM s",
     STR_INIT("|8")},
    {"ALTER VIEW w2 AS SELECT 8 AS other; SELECT * FROM s",
     STR_INIT("INCOMPATIBLE_VIEW_SCHEMA_CHANGE")},
    {"DROP VIEW s; DROP VIEW w2; DROP VIEW IF EXISTS s; DROP VIEW s",
     STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    // names in its text are those of the place it was made in
    {"CREATE SCHEMA other; USE other; CREATE VIEW here AS SELECT c FROM default.v; USE default; "
     "CREATE VIEW q AS SELECT sum(c) AS s FROM v; USE other; SELECT * FROM default.q",
     STR_INIT("|5")},
    {"SHOW VIEWS IN other", STR_INIT("|other,here,false|,tv,true")},
    {"DROP SCHEMA other", STR_INIT("SCHEMA_NOT_EMPTY")},
    {"USE default; DROP SCHEMA other CASCADE; SHOW VIEWS", STR_INIT("|default,q,false|default,v,"
                                                                    "false|,tv,true")},
};
TEST(statements_of_kept_views)
{
    static const char *const catalog[] = {"lake", "dir"};
    for (int64_t i = 0; i < COUNT(catalog); i++) {
        Str dir = fresh_dir(a);
        check_rows(a, session_in(a, catalogs_in(a, dir), catalog[i]), kept, COUNT(kept));
        // another process finds them
        CHECK_STR(answer_text(a, session_in(a, catalogs_in(a, dir), catalog[i]),
                              S("SELECT * FROM q"), false),
                  S("|5"));
    }
}
TEST(statements_of_temporary_views_over_tables) // of the rows that there are now
{
    static const Row row[] = {
        {"CREATE TABLE t (a INT, b STRING); CREATE TEMPORARY VIEW x AS SELECT * FROM t; CREATE "
         "TEMPORARY VIEW y AS SELECT sum(a) AS s FROM x WHERE a IN (SELECT a FROM x); INSERT INTO "
         "t VALUES (1, 'x'); SELECT * FROM x, y",
         STR_INIT("|1,x,1")},
        {"ALTER TABLE t ADD COLUMN c INT; INSERT INTO t VALUES (2, 'y', 3); SELECT * FROM x, y "
         "ORDER BY a",
         STR_INIT("|1,x,3|2,y,3")},
        {"DROP TABLE t; SELECT * FROM y", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"CREATE TABLE t (a INT, b STRING); INSERT INTO t VALUES (7, 'n'); SELECT * FROM x, y",
         STR_INIT("|7,n,7")},
        {"DROP TABLE t; CREATE TABLE t (a INT); SELECT * FROM y",
         STR_INIT("INCOMPATIBLE_VIEW_SCHEMA_CHANGE")},
        {"DROP TABLE t; CREATE TABLE t (b STRING, a INT); SELECT * FROM y", STR_INIT("|NULL")},
        // what the text means where and as it was written
        {"CREATE OR REPLACE TEMPORARY VIEW x AS SELECT 1 AS a; SELECT * FROM y", STR_INIT("|1")},
        {"CREATE OR REPLACE TEMPORARY VIEW x AS SELECT 'q' AS a; SELECT * FROM y",
         STR_INIT("CANNOT_UP_CAST_DATATYPE")},
        {"DROP VIEW x; SELECT * FROM y", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"CREATE SCHEMA o; USE o; CREATE TABLE u (a INT); INSERT INTO u VALUES (4); CREATE "
         "TEMPORARY VIEW v AS SELECT * FROM u; USE default; SELECT * FROM v",
         STR_INIT("|4")},
        {"CREATE TEMPORARY VIEW w AS SELECT a + 1 AS b FROM v; ALTER VIEW w RENAME TO w2; INSERT "
         "INTO o.u VALUES (6); SELECT max(b) FROM w2",
         STR_INIT("|7")},
        {"CREATE OR REPLACE TEMPORARY VIEW v AS SELECT * FROM w2", STR_INIT("RECURSIVE_VIEW")},
        {"SELECT count(*) FROM w2", STR_INIT("|2")},
    };
    check_rows(a, session_in(a, catalogs_in(a, fresh_dir(a)), "lake"), row, COUNT(row));
}
TEST(statements_of_global_views)
{
    Catalogs *c = catalogs_in(a, fresh_dir(a));
    Session *one = session_in(a, c, "lake"), *two = session_in(a, c, "lake");
    static const Row first[] = {
        {"CREATE GLOBAL TEMPORARY VIEW g AS SELECT 5 AS five; SELECT * FROM global_temp.g",
         STR_INIT("|5")},
        {"SELECT * FROM g", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
        {"CREATE GLOBAL TEMP VIEW g AS SELECT 6", STR_INIT("TEMP_TABLE_OR_VIEW_ALREADY_EXISTS")},
        {"CREATE VIEW k AS SELECT * FROM global_temp.g", STR_INIT("INVALID_TEMP_OBJ_REFERENCE")},
    };
    static const Row second[] = {
        {"SELECT g.five, global_temp.g.five FROM global_temp.g", STR_INIT("|5,5")},
        {"SHOW VIEWS IN global_temp", STR_INIT("|global_temp,g,true")},
        {"DESCRIBE global_temp.g", STR_INIT("|five,int,NULL")},
        {"CREATE OR REPLACE GLOBAL TEMP VIEW g AS SELECT 6 AS six; SELECT * FROM global_temp.g",
         STR_INIT("|6")},
        {"ALTER VIEW global_temp.g AS SELECT 7 AS x; SELECT * FROM global_temp.g", STR_INIT("|7")},
        {"DROP VIEW global_temp.g; DROP VIEW IF EXISTS global_temp.g; DROP VIEW global_temp.g",
         STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    };
    check_rows(a, one, first, COUNT(first));
    check_rows(a, two, second, COUNT(second));
}
TEST(statements_of_views_that_follow_their_tables)
{
    Statements parsed = {0};
    static const char *const row[] = {"BINDING", "EVOLUTION", "TYPE EVOLUTION"};
    for (int32_t i = 0; i < COUNT(row); i++) {
        Str text = str_fmt(a, "CREATE VIEW v WITH SCHEMA %s AS SELECT 1 AS x", row[i]);
        CHECK_FAILS(parse_statements(&parsed, a, text), ERR_UNSUPPORTED);
    }
    CHECK_FAILS(parse_statements(&parsed, a, S("CREATE VIEW v WITH SCHEMA")), ERR_INVALID);
    CHECK_FAILS(parse_statements(&parsed, a, S("CREATE VIEW v WITH SCHEMA AS SELECT 1")),
                ERR_INVALID);
}
