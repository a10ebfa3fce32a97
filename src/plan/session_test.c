// session_test.c -- settings, names, views; what CREATE TABLE asks of a catalog.
#include "base/test.h"
#include "plan/fixture_in.h"
#include "plan/statement_table.h"

TEST(conf_values)
{
    Session *s = session_new(a, NULL);
    CHECK_STR(conf_get(s, S("spark.sql.shuffle.partitions")), S("200"));
    CHECK_STR(conf_get(s, S("SPARK.SQL.ANSI.ENABLED")), S("true"));
    CHECK_STR(conf_get(s, S("my.own.key")), S(""));
    CHECK_OK(conf_set(s, S("my.own.key"), S("x")));
    CHECK_STR(conf_get(s, S("my.own.key")), S("x"));
    CHECK_OK(conf_set(s, S("spark.sql.ansi.enabled"), S("FALSE")));
    CHECK(!conf_bool(s, S("spark.sql.ansi.enabled")) && !s->eval.ansi);
    conf_unset(s, S("spark.sql.ansi.enabled"));
    CHECK(conf_bool(s, S("spark.sql.ansi.enabled")));
    CHECK_OK(conf_set(s, S("spark.sql.session.timeZone"), S("+05:30")));
    CHECK_STR(zone_name(s->eval.zone), S("+05:30"));
    CHECK_OK(conf_set(s, S("spark.sql.shuffle.partitions"), S("2")));
    CHECK_I64(conf_int(s, S("spark.sql.shuffle.partitions")), 2);
}

TEST(conf_refused)
{
    static const struct {
        Str key, value;
        const char *condition;
    } row[] = {
        {STR_INIT("spark.sql.ansi.enabled"), STR_INIT("maybe"), "INVALID_CONF_VALUE.TYPE_MISMATCH"},
        {STR_INIT("spark.sql.shuffle.partitions"), STR_INIT("x"),
         "INVALID_CONF_VALUE.TYPE_MISMATCH"},
        {STR_INIT("spark.sql.session.timeZone"), STR_INIT("Mars"), "INVALID_CONF_VALUE.TIME_ZONE"},
        {STR_INIT("spark.sql.streaming.multipleWatermarkPolicy"), STR_INIT("mean"),
         "INVALID_CONF_VALUE.TYPE_MISMATCH"},
        {STR_INIT("spark.sql.warehouse.dir"), STR_INIT("/x"), "CANNOT_MODIFY_CONFIG"},
    };
    Session *s = session_new(a, NULL);
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK(conf_set(s, row[i].key, row[i].value).code != OK);
        CHECK_STR(condition_of(failure()->cond)->name, str_z(row[i].condition));
    }
}

TEST(session_names)
{
    Session *s = session_new(a, NULL);
    TableName n;
    Str part[] = {S("lake"), S("a"), S("b"), S("t")};
    CHECK_OK(name_complete(s, a, part + 3, 1, &n));
    CHECK_STR(n.catalog, S("lake"));
    CHECK_STR(n.ns[0], S("default"));
    CHECK_OK(name_complete(s, a, part + 2, 2, &n));
    CHECK_STR(n.ns[0], S("b"));
    CHECK_OK(name_complete(s, a, part, 4, &n));
    CHECK_I64(n.nns, 2);
    CHECK_STR(n.ns[1], S("b"));
    CHECK_STR(n.table, S("t"));
}

TEST(session_views)
{
    Session *s = fixture_session(a);
    Rel *r = fixture_relation(s, "a INT", false);
    CHECK_OK(analyse(s, a, &r));
    CHECK_FAILS(session_create_view(s, S("U"), r, false), ERR_CONFLICT);
    CHECK_OK(session_create_view(s, S("U"), r, true));
    CHECK(session_view(s, S("u"))->rel == r);
    CHECK_STR(session_view(s, S("U"))->name, S("u"));
    CHECK(session_drop_view(s, S("u")) && !session_drop_view(s, S("u")));
    Rel *q; // each use has columns of its own
    CHECK_OK(parse_query(&q, a, S("SELECT * FROM x a JOIN x b ON a.k = b.k")));
    CHECK_OK(analyse(s, a, &q));
    for (int64_t i = 0; i < q->out.n; i++)
        for (int64_t k = 0; k < i; k++) CHECK(q->out.v[i].id != q->out.v[k].id);
    Rel *view = session_view(s, S("events"))->rel;
    CHECK(view->analysed && view->streaming);
}

static Status def_of(TableDef *def, Arena *a, Str sql)
{
    Statements st;
    TRY(parse_statements(&st, a, sql));
    return table_def(def, a, st.v[0], NULL);
}

TEST(table_defs)
{
    TableDef def = {0};
    CHECK_OK(def_of(&def, a,
                    S("CREATE TABLE t (id BIGINT, ts TIMESTAMP, s STRING, d DATE) PARTITIONED BY "
                      "(days(ts), bucket(16, id), truncate(s, 4), month(d), s) "
                      "TBLPROPERTIES ('a' = 'b') COMMENT 'c'")));
    static const PartitionField want[] = {
        {.source = 1, .transform = TR_DAY},
        {.source = 0, .transform = TR_BUCKET, .arg = 16},
        {.source = 2, .transform = TR_TRUNCATE, .arg = 4},
        {.source = 3, .transform = TR_MONTH},
        {.source = 2, .transform = TR_IDENTITY},
    };
    CHECK_I64(def.npartition, COUNT(want));
    if (!def.partition) return;
    for (int64_t i = 0; i < COUNT(want); i++) {
        CHECK_I64(def.partition[i].source, want[i].source);
        CHECK_I64(def.partition[i].transform, want[i].transform);
        CHECK_I64(def.partition[i].arg, want[i].arg);
    }
    CHECK_STR(def.comment, S("c"));
    CHECK_I64(def.properties.n, 1);
}

TEST(conf_built)
{
    static const struct {
        Str key, value;
        bool built;
    } row[] = {
        {STR_INIT("spark.sql.storeAssignmentPolicy"), STR_INIT("ansi"), true},
        {STR_INIT("spark.sql.storeAssignmentPolicy"), STR_INIT("LEGACY"), false},
        {STR_INIT("spark.sql.timestampType"), STR_INIT("TIMESTAMP_NTZ"), false},
        {STR_INIT("spark.sql.legacy.timeParserPolicy"), STR_INIT("CORRECTED"), true},
        {STR_INIT("spark.sql.legacy.timeParserPolicy"), STR_INIT("LEGACY"), false},
        {STR_INIT("spark.sql.legacy.allowHashOnMapType"), STR_INIT("true"), false},
        {STR_INIT("spark.sql.legacy.allowHashOnMapType"), STR_INIT("false"), true},
        {STR_INIT("spark.sql.legacy.sizeOfNull"), STR_INIT("true"), true},
        {STR_INIT("spark.sql.ansi.doubleQuotedIdentifiers"), STR_INIT("true"), false},
    };
    Session *s = session_new(a, NULL);
    for (int64_t i = 0; i < COUNT(row); i++) {
        Code code = conf_set(s, row[i].key, row[i].value).code;
        test_check(code == (row[i].built ? OK : ERR_UNSUPPORTED), __FILE__, __LINE__, "%s = %s: %d",
                   row[i].key.p, row[i].value.p, code);
    }
}

TEST(conf_of_files)
{
    Session *s = session_new(a, NULL);
    Option given = {S("Compression"), S("gzip")};
    Options none = {0}, one = {&given, 1, 1};
    CHECK_OK(conf_set(s, S("spark.sql.parquet.compression.codec"), S("zstd")));
    CHECK_OK(conf_set(s, S("spark.sql.files.ignoreCorruptFiles"), S("true")));
    Options out = conf_options(s, a, S("parquet"), &none, true);
    CHECK_STR(*options_get(&out, S("compression")), S("zstd"));
    CHECK_I64(out.n, 1);
    out = conf_options(s, a, S("parquet"), &one, true);
    CHECK_STR(*options_get(&out, S("compression")), S("gzip"));
    CHECK_I64(conf_options(s, a, S("csv"), &none, true).n, 0);
    CHECK_I64(conf_options(s, a, S("csv"), &none, false).n, 1);
    CHECK_I64(conf_options(s, a, S("iceberg"), &none, false).n, 0);
}

TEST(conf_in_text)
{
    static const struct {
        Str text, is;
    } row[] = {
        {STR_INIT("SELECT ${my.key} + ${hiveconf:my.key}, '${ my.key}'"),
         STR_INIT("SELECT 7 + 7, '${ my.key}'")},
        {STR_INIT("${nobody}|${env:HOME}|${open"), STR_INIT("|${env:HOME}|${open")},
        {STR_INIT("$x {y} ${}"), STR_INIT("$x {y} ${}")},
    };
    Session *s = session_new(a, NULL);
    CHECK_OK(conf_set(s, S("my.key"), S("7")));
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_STR(conf_substitute(s, a, row[i].text), row[i].is);
    CHECK_OK(conf_set(s, S("spark.sql.variable.substitute"), S("false")));
    CHECK_STR(conf_substitute(s, a, row[0].text), row[0].text);
}

TEST(table_defs_refused)
{
    static const struct {
        Str sql;
        const char *has;
    } row[] = {
        {STR_INIT("CREATE TABLE t (a INT, A STRING)"), "COLUMN_ALREADY_EXISTS"},
        {STR_INIT("CREATE TABLE t (a INT) PARTITIONED BY (b)"), "UNRESOLVED_COLUMN"},
        {STR_INIT("CREATE TABLE t (a INT) PARTITIONED BY (dys(a))"), "did you mean days"},
        {STR_INIT("CREATE TABLE t (a INT) PARTITIONED BY (days(a))"), "UNSUPPORTED_INPUT_TYPE"},
        {STR_INIT("CREATE TABLE t (d DATE) PARTITIONED BY (hours(d))"), "UNSUPPORTED_INPUT_TYPE"},
        {STR_INIT("CREATE TABLE t (a INT) PARTITIONED BY (bucket(a))"), "UNSUPPORTED_INPUT_TYPE"},
        {STR_INIT("CREATE TABLE t (a INT) PARTITIONED BY (days(4, a))"), "UNSUPPORTED_INPUT_TYPE"},
        {STR_INIT("CREATE TABLE t (a ARRAY<INT>) PARTITIONED BY (a)"), "UNSUPPORTED_INPUT_TYPE"},
        {STR_INIT("CREATE TABLE t (a INT) USING csv"), "USING csv"},
        {STR_INIT("CREATE TABLE t (a INT, PRIMARY KEY (a))"), "constraint"},
        {STR_INIT("CREATE TABLE t"), "without columns"},
        {STR_INIT("CREATE STREAMING TABLE t (a INT) LOCATION '/x'"), "LOCATION"},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        TableDef def = {0};
        CHECK(def_of(&def, a, row[i].sql).code != OK);
        test_check(str_find(str_z(fail_text()), str_z(row[i].has)) >= 0, __FILE__, __LINE__,
                   "%s: %s", row[i].sql.p, fail_text());
        CHECK(failure()->line == 1);
    }
}
