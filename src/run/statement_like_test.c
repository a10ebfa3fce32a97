// statement_like_test.c -- CREATE TABLE LIKE, and what SHOW TABLE EXTENDED tells of what it made.
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/answer_test.h"

#define PARTITIONS "; SELECT partition FROM u.partitions"
static const struct {
    const char *text;
    Str want;
} rows[] = {
    {"CREATE TABLE t (id INT NOT NULL COMMENT 'c', s STRING) PARTITIONED BY (truncate(2, s)) "
     "TBLPROPERTIES ('a' = 'b'); CREATE TABLE u LIKE t; DESCRIBE u",
     STR_INIT("|id,int,c|s,string,NULL|,,|# Partitioning,,|Part 0,truncate(2, s),")},
    {"INSERT INTO u VALUES (1, 'abc')" PARTITIONS, STR_INIT("|{ab}")},
    {"INSERT INTO u VALUES (NULL, 'abc')", STR_INIT("NOT_NULL_ASSERT_VIOLATION")},
    {"SHOW TBLPROPERTIES u ('a')", STR_INIT("|a,Table lake.default.u does not have property: a")},
    {"CREATE TABLE u LIKE t", STR_INIT("TABLE_OR_VIEW_ALREADY_EXISTS")},
    {"CREATE TABLE IF NOT EXISTS u LIKE t; SELECT count(*) FROM u", STR_INIT("|1")},
    {"CREATE TABLE x LIKE nobody", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
    {"CREATE TABLE f (a INT, p STRING) USING csv OPTIONS (header true) PARTITIONED BY (p); "
     "CREATE TABLE g LIKE f; INSERT INTO g VALUES (1, 'x'); SHOW PARTITIONS g",
     STR_INIT("|p=x")},
    {"CREATE TABLE h LIKE f USING iceberg TBLPROPERTIES ('k' = 'v'); SHOW TBLPROPERTIES h ('k')",
     STR_INIT("|k,v")},
    {"CREATE TEMPORARY VIEW v AS SELECT 1 AS one; CREATE TABLE w LIKE v; "
     "INSERT INTO w VALUES (NULL); SELECT * FROM w",
     STR_INIT("|NULL")},
    {"SHOW TABLE EXTENDED LIKE 'f'",
     STR_INIT("|default,f,false,Catalog: lake\nNamespace: default\nTable: f\nType: MANAGED\n"
              "Location: file:TOP/data/lake.default.f\nProvider: csv\nPartition Columns: [p]\n"
              "Schema: root\n |-- a: integer (nullable = true)\n"
              " |-- p: string (nullable = true)\n\n")},
    {"SHOW TABLE EXTENDED IN default LIKE 'v'",
     STR_INIT("|,v,true,Table: v\nType: VIEW\nSchema: root\n"
              " |-- one: integer (nullable = false)\n\n")},
    {"SHOW TABLE EXTENDED LIKE 'u' PARTITION (s = 'ab')",
     STR_INIT("INVALID_PARTITION_OPERATION.PARTITION_MANAGEMENT_IS_UNSUPPORTED")},
    {"SHOW TABLE EXTENDED LIKE 'f' PARTITION (p = 'x')", STR_INIT("UNSUPPORTED_FEATURE")},
};

TEST(tables_like_others)
{
    Catalogs *c = NULL;
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(catalogs_open(&c, a, dir));
    Session *s = session_new(a, c);
    s->now = clock_now;
    CHECK_OK(dir_temp(&s->file_tables, a));
    for (int64_t i = 0; i < COUNT(rows); i++) {
        Str want = rows[i].want;
        int64_t top = str_find(want, S("TOP"));
        if (top >= 0)
            want = str_cat(a, str_cat(a, str_sub(want, 0, top), s->file_tables),
                           str_from(want, top + 3));
        CHECK_STR(answer_text(a, s, str_z(rows[i].text), false), want);
    }
}
