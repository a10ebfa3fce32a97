// pipeline_test.c -- a pipeline run again after its file has changed: what becomes of its tables
// (semantics P8; each answer is Spark 4.1.1's, but for what doc/differences.md says).
#include "base/test.h"
#include "os/file.h"
#include "run/answer_test.h"
#include "run/pipeline.h"

#define EV   "CREATE TEMPORARY VIEW ev (a INT, b STRING) USING json OPTIONS (path 'TOP/in'); "
#define T_AS EV "CREATE STREAMING TABLE t AS SELECT "

static Str with_top(Arena *a, const char *text, Str top)
{
    Cut c = {.tail = str_z(text)};
    Buf b = buf_new(a);
    for (int64_t at; (at = str_find(c.tail, S("TOP"))) >= 0; c.tail = str_from(c.tail, at + 3))
        buf_fmt(&b, STR_FMT STR_FMT, (int)at, c.tail.p, STR_ARG(top));
    buf_put(&b, c.tail);
    return buf_str(&b);
}
static Status run_text(Arena *a, Engine *e, Session *s, Str text, const char *how)
{
    Pipeline *p = NULL;
    TRY(pipeline_open(&p, a, e, s, text));
    if (!strcmp(how, "dry")) return DONE;
    if (!strcmp(how, "full")) TRY(pipeline_refresh(p));
    if (how[0] == '+') TRY(pipeline_select(p, str_z(how + 1), (Str){0}));
    return pipeline_run(p, &(PipelineRun){0});
}
static const struct {
    const char *text, *how, *ask;
    Str want; // of ask, or the condition that the run fails with
} row[] = {
    // in this order
    {T_AS "a FROM STREAM ev", "", "SELECT * FROM t", STR_INIT("a|0")},
    {T_AS "a, b FROM STREAM ev; CREATE MATERIALIZED VIEW m AS SELECT b, count(*) AS n FROM t "
          "GROUP BY b",
     "", "SELECT * FROM m JOIN t USING (b)", STR_INIT("b,n,a|r1,1,1")},
    {T_AS "b FROM STREAM ev; CREATE MATERIALIZED VIEW m AS SELECT b, b AS c FROM t", "",
     "SELECT * FROM m JOIN t USING (b) ORDER BY b", STR_INIT("b,c,a|r1,r1,1|r2,r2,NULL")},
    {T_AS "CAST(a AS BIGINT) AS a FROM STREAM ev", "", "",
     STR_INIT("CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE")},
    {T_AS "CAST(a AS BIGINT) AS a FROM STREAM ev", "dry", "SELECT count(*) FROM t",
     STR_INIT("count(1)|3")},
    {T_AS "struct(a AS x) AS s, 1.5BD AS d, CAST(a AS SMALLINT) AS i FROM STREAM ev", "full",
     "SELECT * FROM t WHERE s.x = 5", STR_INIT("s,d,i|{5},1.5,5")},
    {T_AS "struct(a AS x, b AS y) AS s, 22.5BD AS d, CAST(a AS SMALLINT) AS i FROM STREAM ev", "",
     "SELECT * FROM t WHERE s.x = 5 OR s.y = 'r6' ORDER BY i",
     STR_INIT("s,d,i|{5, NULL},1.5,5|{6, r6},22.5,6")},
    {T_AS "1.55BD AS d FROM STREAM ev", "", "", STR_INIT("CANNOT_MERGE_DECIMAL_SCALE")},
    {EV "CREATE STREAMING TABLE t PARTITIONED BY (b) AS SELECT b FROM STREAM ev", "", "",
     STR_INIT("CANNOT_UPDATE_PARTITION_COLUMNS")},
    {EV "CREATE STREAMING TABLE p PARTITIONED BY (truncate(b, 1)) TBLPROPERTIES (k = '1', "
        "'pipelines.reset.allowed' = 'false') AS SELECT b FROM STREAM ev",
     "", "SELECT count(*) FROM p", STR_INIT("count(1)|10")},
    {EV "CREATE STREAMING TABLE p PARTITIONED BY (truncate(b, 1)) COMMENT 'c' TBLPROPERTIES (k "
        "= '2', 'pipelines.reset.allowed' = 'false') AS SELECT b FROM STREAM ev",
     "full", "SELECT count(*) FROM p", STR_INIT("count(1)|11")},
    {EV "CREATE STREAMING TABLE n (a BIGINT NOT NULL COMMENT 'c', s STRING) AS SELECT b AS s, a "
        "FROM STREAM ev",
     "", "SELECT sum(a), max(s) FROM n", STR_INIT("sum(a),max(s)|66,r9")},
    {EV "CREATE STREAMING TABLE n (a BIGINT NOT NULL COMMENT 'c', s STRING) AS SELECT b AS s "
        "FROM STREAM ev",
     "", "", STR_INIT("INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA")},
    {EV "CREATE STREAMING TABLE u", "", "SHOW TBLPROPERTIES p ('k')",
     STR_INIT("PIPELINE_DATASET_WITHOUT_FLOW")},
    {EV "CREATE STREAMING TABLE u; CREATE FLOW f AS INSERT INTO u BY NAME SELECT a FROM STREAM "
        "ev; CREATE FLOW g AS INSERT INTO u BY NAME SELECT b FROM STREAM ev",
     "", "SELECT count(a), count(b), count(*) FROM u",
     STR_INIT("count(a),count(b),count(1)|15,15,30")},
    {EV "CREATE STREAMING TABLE v AS SELECT a FROM STREAM ev; CREATE MATERIALIZED VIEW w AS "
        "SELECT nope FROM v",
     "dry", "", STR_INIT("UNRESOLVED_COLUMN.WITH_SUGGESTION")},
    {EV "CREATE STREAMING TABLE v AS SELECT a FROM STREAM ev; CREATE TEMPORARY VIEW x AS "
        "SELECT a FROM v; CREATE MATERIALIZED VIEW w AS SELECT sum(a) AS s FROM x",
     "dry", "SELECT * FROM x", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    {EV "CREATE STREAMING TABLE v AS SELECT a FROM STREAM ev; CREATE TEMPORARY VIEW x AS "
        "SELECT a FROM v; CREATE MATERIALIZED VIEW w AS SELECT sum(a) AS s FROM x",
     "+v", "SELECT * FROM w", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    {EV "CREATE STREAMING TABLE v AS SELECT a FROM STREAM ev; CREATE TEMPORARY VIEW x AS "
        "SELECT a FROM v; CREATE MATERIALIZED VIEW w AS SELECT sum(a) AS s FROM x",
     "", "SELECT * FROM w", STR_INIT("s|171")},
};
TEST(pipelines_whose_file_has_changed)
{
    Str top;
    Engine *e = NULL;
    CHECK_OK(dir_temp(&top, a));
    CHECK_OK(dir_make(path_join(a, top, S("in"))));
    CHECK_OK(engine_open(&e, a,
                         &(EngineOptions){.dir = path_join(a, top, S("d")), .command = S("test")}));
    for (int32_t i = 0; i < COUNT(row); i++) {
        Session *s = engine_session(e);
        Str file = path_join(a, top, str_fmt(a, "in/%d.json", i)), got = {0};
        CHECK_OK(file_replace(file, str_fmt(a, "{\"a\":%d,\"b\":\"r%d\"}\n", i, i)));
        Status st = run_text(a, e, s, with_top(a, row[i].text, top), row[i].how);
        if (st.code)
            got = failure()->cond ? condition_of(failure()->cond)->name : str_z(fail_text());
        else
            got = answer_text(a, s, str_z(row[i].ask), true);
        CHECK_STR(got, row[i].want);
        engine_session_end(e, s);
    }
}
