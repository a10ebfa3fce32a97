// statement_test.c -- what each statement's text becomes.
#include "base/test.h"
#include "plan/print_in.h"
#include "plan/statement.h"

static Statement *one(Arena *a, Str text)
{
    Statements st;
    CHECK_OK(parse_statements(&st, a, text));
    return st.n ? st.v[0] : NEW(a, Statement, 1);
}

static const struct {
    Str text;
    StatementKind kind;
    Str name; // in parts with dots
} statement_kinds_rows[] = {
    {STR_INIT("SELECT 1"), STMT_QUERY, STR_INIT("")},
    {STR_INIT("(SELECT 1) UNION ALL SELECT 2"), STMT_QUERY, STR_INIT("")},
    {STR_INIT("WITH x AS (SELECT 1) SELECT * FROM x"), STMT_QUERY, STR_INIT("")},
    {STR_INIT("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x"), STMT_INSERT, STR_INIT("t")},
    {STR_INIT("USE lake.demo"), STMT_USE, STR_INIT("lake.demo")},
    {STR_INIT("USE SCHEMA demo"), STMT_USE, STR_INIT("demo")},
    {STR_INIT("SET CATALOG lake"), STMT_USE, STR_INIT("lake")},
    {STR_INIT("CREATE SCHEMA IF NOT EXISTS a.b COMMENT 'x'"), STMT_CREATE_SCHEMA, STR_INIT("a.b")},
    {STR_INIT("DROP DATABASE IF EXISTS a CASCADE"), STMT_DROP_SCHEMA, STR_INIT("a")},
    {STR_INIT("CREATE TABLE c.d.t (a INT NOT NULL, b STRING) USING iceberg"), STMT_CREATE_TABLE,
     STR_INIT("c.d.t")},
    {STR_INIT("REPLACE TABLE t AS SELECT 1"), STMT_CREATE_TABLE, STR_INIT("t")},
    {STR_INIT("CREATE STREAMING TABLE t AS SELECT * FROM STREAM s"), STMT_CREATE_STREAMING_TABLE,
     STR_INIT("t")},
    {STR_INIT("CREATE MATERIALIZED VIEW v AS SELECT 1"), STMT_CREATE_MATERIALIZED_VIEW,
     STR_INIT("v")},
    {STR_INIT("CREATE TEMPORARY VIEW v USING kafka OPTIONS (subscribe 'x')"), STMT_CREATE_VIEW,
     STR_INIT("v")},
    {STR_INIT("CREATE OR REPLACE TEMP VIEW v AS SELECT 1"), STMT_CREATE_VIEW, STR_INIT("v")},
    {STR_INIT("CREATE FLOW f AS INSERT INTO a.t BY NAME SELECT 1"), STMT_CREATE_FLOW,
     STR_INIT("f")},
    {STR_INIT("CREATE SINK s USING kafka OPTIONS (topic 'x')"), STMT_CREATE_SINK, STR_INIT("s")},
    {STR_INIT("INSERT INTO t (a, b) VALUES (1, 2)"), STMT_INSERT, STR_INIT("t")},
    {STR_INIT("INSERT OVERWRITE t PARTITION (d = 1) SELECT 1"), STMT_INSERT, STR_INIT("t")},
    {STR_INIT("INSERT INTO t REPLACE WHERE a > 1 SELECT 1"), STMT_INSERT, STR_INIT("t")},
    {STR_INIT("DROP TABLE IF EXISTS t PURGE"), STMT_DROP_TABLE, STR_INIT("t")},
    {STR_INIT("DROP VIEW v"), STMT_DROP_VIEW, STR_INIT("v")},
    {STR_INIT("TRUNCATE TABLE t"), STMT_TRUNCATE, STR_INIT("t")},
    {STR_INIT("MSCK REPAIR TABLE t"), STMT_REPAIR, STR_INIT("t")},
    {STR_INIT("REPAIR TABLE t SYNC PARTITIONS"), STMT_REPAIR, STR_INIT("t")},
    {STR_INIT("ALTER TABLE t ADD COLUMNS (a INT COMMENT 'x', b.c STRING FIRST)"), STMT_ALTER_TABLE,
     STR_INIT("t")},
    {STR_INIT("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.x THEN DELETE "
              "WHEN MATCHED THEN UPDATE SET t.b = s.b WHEN NOT MATCHED THEN INSERT (a, b) "
              "VALUES (s.a, 1) WHEN NOT MATCHED BY SOURCE THEN UPDATE SET b = 2"),
     STMT_MERGE, STR_INIT("t")},
    {STR_INIT("UPDATE t AS x SET a = 1, b.c = 2 WHERE d"), STMT_UPDATE, STR_INIT("t")},
    {STR_INIT("DELETE FROM t WHERE a"), STMT_DELETE, STR_INIT("t")},
    {STR_INIT("CALL lake.system.expire_snapshots(table => 't', 2)"), STMT_CALL,
     STR_INIT("lake.system.expire_snapshots")},
    {STR_INIT("SHOW TABLES IN a.b LIKE 'x*'"), STMT_SHOW_TABLES, STR_INIT("a.b")},
    {STR_INIT("SHOW SCHEMAS"), STMT_SHOW_SCHEMAS, STR_INIT("")},
    {STR_INIT("SHOW CREATE TABLE t"), STMT_SHOW_CREATE_TABLE, STR_INIT("t")},
    {STR_INIT("SHOW COLUMNS FROM t IN a"), STMT_SHOW_COLUMNS, STR_INIT("a.t")},
    {STR_INIT("SHOW USER FUNCTIONS LIKE 'w*'"), STMT_SHOW_FUNCTIONS, STR_INIT("")},
    {STR_INIT("SHOW TBLPROPERTIES t ('x')"), STMT_SHOW_TBLPROPERTIES, STR_INIT("t")},
    {STR_INIT("SHOW VIEWS"), STMT_SHOW_VIEWS, STR_INIT("")},
    {STR_INIT("SHOW CATALOGS"), STMT_SHOW_CATALOGS, STR_INIT("")},
    {STR_INIT("SHOW CURRENT DATABASE"), STMT_SHOW_CURRENT_NAMESPACE, STR_INIT("")},
    {STR_INIT("DESCRIBE EXTENDED a.t"), STMT_DESCRIBE, STR_INIT("a.t")},
    {STR_INIT("DESCRIBE TABLE EXTENDED a.t"), STMT_DESCRIBE, STR_INIT("a.t")},
    {STR_INIT("DESC TABLE FORMATTED t"), STMT_DESCRIBE, STR_INIT("t")},
    {STR_INIT("DESC SELECT 1"), STMT_DESCRIBE, STR_INIT("")},
    {STR_INIT("DESCRIBE FUNCTION window"), STMT_DESCRIBE, STR_INIT("window")},
    {STR_INIT("EXPLAIN EXTENDED SELECT 1"), STMT_EXPLAIN, STR_INIT("")},
    {STR_INIT("CACHE LAZY TABLE t AS SELECT 1"), STMT_CACHE, STR_INIT("t")},
    {STR_INIT("REFRESH TABLE t"), STMT_REFRESH, STR_INIT("t")},
    {STR_INIT("COMMENT ON TABLE t IS 'x'"), STMT_COMMENT, STR_INIT("t")},
    {STR_INIT("ANALYZE TABLE t COMPUTE STATISTICS"), STMT_NOT_OF_V2, STR_INIT("t")},
    {STR_INIT("CREATE TEMPORARY FUNCTION f AS 'x'"), STMT_OTHER, STR_INIT("")},
};

TEST(statement_kinds)
{
    for (int64_t i = 0; i < COUNT(statement_kinds_rows); i++) {
        Statement *s = one(a, statement_kinds_rows[i].text);
        CHECK_I64(s->kind, statement_kinds_rows[i].kind);
        Buf b = buf_new(a);
        names_print(&b, s->name, s->nnames, ".");
        CHECK_STR(buf_str(&b), statement_kinds_rows[i].name);
        CHECK_STR(s->at.text, statement_kinds_rows[i].text);
    }
}

static const struct {
    Str text, key, value;
} statement_set_rows[] = {
    {STR_INIT("SET"), STR_INIT(""), STR_INIT("")},
    {STR_INIT("SET -v"), STR_INIT(""), STR_INIT("")},
    {STR_INIT("SET a.b = c d"), STR_INIT("a.b"), STR_INIT("c d")},
    {STR_INIT("SET a.b"), STR_INIT("a.b"), STR_INIT("")},
    {STR_INIT("set a=s3a://x/y?z=1"), STR_INIT("a"), STR_INIT("s3a://x/y?z=1")},
    {STR_INIT("SET x = it's"), STR_INIT("x"), STR_INIT("it's")},
    {STR_INIT("SET `a b`=`c`"), STR_INIT("a b"), STR_INIT("c")},
    {STR_INIT("SET TIME ZONE 'Asia/Kolkata'"), STR_INIT("spark.sql.session.timeZone"),
     STR_INIT("Asia/Kolkata")},
};

TEST(statement_set)
{
    for (int64_t i = 0; i < COUNT(statement_set_rows); i++) {
        Statement *s = one(a, statement_set_rows[i].text);
        CHECK_I64(s->kind, STMT_SET);
        CHECK_STR(s->key, statement_set_rows[i].key);
        CHECK_STR(s->value, statement_set_rows[i].value);
    }
    CHECK(one(a, S("SET -v"))->extended);
    CHECK(one(a, S("SET a ="))->overwrite && !one(a, S("SET a"))->overwrite);
}

TEST(statement_create_table)
{
    Statement *s =
        one(a, S("CREATE TABLE IF NOT EXISTS lake.d.t (id BIGINT NOT NULL COMMENT 'key', "
                 "ts TIMESTAMP, d DECIMAL(10,2) DEFAULT 1.5, CONSTRAINT pk PRIMARY KEY (id)) "
                 "USING ICEBERG PARTITIONED BY (days(ts), bucket(4, id), truncate(d, 10), id) "
                 "COMMENT 'c' LOCATION '/x' TBLPROPERTIES ('a' = 'b', c.d 1, e true)"));
    CHECK(s->if_exists && !s->replace);
    CHECK_STR(type_name_str(a, s->columns), S("struct<id:bigint,ts:timestamp,d:decimal(10,2)>"));
    CHECK(!s->columns->field[0].nullable && s->columns->field[1].nullable);
    CHECK_STR(s->columns->field[0].comment, S("key"));
    CHECK_STR(s->columns->field[2].dflt, S("1.5"));
    CHECK_STR(s->constraint, S("CONSTRAINT pk PRIMARY KEY (id)"));
    CHECK_STR(s->format, S("iceberg"));
    CHECK_I64(s->npartition, 4);
    CHECK_STR(s->partition[0].name, S("days"));
    CHECK_STR(s->partition[1].column, S("id"));
    CHECK_I64(s->partition[1].arg, 4);
    CHECK_STR(s->partition[2].column, S("d"));
    CHECK_STR(s->partition[3].name, S("identity"));
    CHECK_STR(s->location, S("/x"));
    CHECK_I64(s->properties.n, 3);
    CHECK_STR(s->properties.v[1].key, S("c.d"));
    CHECK_STR(s->properties.v[2].value, S("true"));
    s = one(a, S("CREATE TABLE t (a INT) PARTITIONED BY (b STRING)"));
    CHECK_STR(type_name_str(a, s->columns), S("struct<a:int,b:string>"));
    CHECK_STR(s->partition[0].column, S("b"));
    s = one(a,
            S("CREATE STREAMING TABLE lake.demo.e PARTITIONED BY (days(w)) AS SELECT w FROM x;"));
    CHECK_STR(s->view_text, S("SELECT w FROM x"));
}

TEST(statement_views)
{
    Statement *s = one(a, S("CREATE TEMPORARY VIEW raw USING kafka OPTIONS (subscribe 'events', "
                            "startingOffsets = 'earliest')"));
    CHECK(s->temporary && !s->rel);
    CHECK_STR(s->format, S("kafka"));
    CHECK_STR(*options_get(&s->options, S("startingoffsets")), S("earliest"));
    s = one(a, S("CREATE OR REPLACE VIEW v (a COMMENT 'x', b) COMMENT 'y' AS SELECT 1, 2"));
    CHECK(s->replace && !s->temporary);
    CHECK_I64(s->ncolumns, 2);
    CHECK_STR(s->comment, S("y"));
    s = one(a, S("CREATE TEMP VIEW v (a INT, b STRING) USING csv OPTIONS (path '/x')"));
    CHECK_STR(type_name_str(a, s->columns), S("struct<a:int,b:string>"));
    s = one(a,
            S("CREATE FLOW f COMMENT 'x' AS INSERT INTO TABLE a.t BY NAME SELECT * FROM STREAM s"));
    CHECK_I64(s->ntarget, 2);
    CHECK(s->by_name);
}

TEST(statement_merge)
{
    Statement *s = one(a, S("MERGE INTO a.t AS x USING (SELECT 1 AS k) y ON x.k = y.k "
                            "WHEN MATCHED AND y.d THEN DELETE WHEN MATCHED THEN UPDATE SET * "
                            "WHEN NOT MATCHED THEN INSERT (k, v.w) VALUES (y.k, 2)"));
    CHECK_STR(s->alias, S("x"));
    CHECK_I64(s->nclauses, 3);
    CHECK(s->clause[0].condition && s->clause[0].action == MERGE_DELETE);
    CHECK(s->clause[1].star && s->clause[1].action == MERGE_UPDATE);
    CHECK_I64(s->clause[2].nset, 2);
    CHECK_I64(s->clause[2].set[1]->nparts, 2);
    Statements st;
    CHECK_FAILS(parse_statements(&st, a,
                                 S("MERGE INTO t USING s ON true WHEN NOT MATCHED THEN "
                                   "INSERT (a, b) VALUES (1)")),
                ERR_INVALID);
}

static const struct {
    Str text;
    AlterKind kind;
} statement_alter_rows[] = {
    {STR_INIT("ALTER TABLE t ADD COLUMN a INT AFTER b"), ALTER_ADD_COLUMNS},
    {STR_INIT("ALTER TABLE t DROP COLUMNS (a, b.c)"), ALTER_DROP_COLUMNS},
    {STR_INIT("ALTER TABLE t RENAME COLUMN a.b TO c"), ALTER_RENAME_COLUMN},
    {STR_INIT("ALTER TABLE t ALTER COLUMN a TYPE BIGINT"), ALTER_COLUMN},
    {STR_INIT("ALTER TABLE t ALTER COLUMN a DROP NOT NULL"), ALTER_COLUMN},
    {STR_INIT("ALTER TABLE t RENAME TO a.u"), ALTER_RENAME},
    {STR_INIT("ALTER TABLE t SET TBLPROPERTIES ('a' = 'b')"), ALTER_SET_PROPERTIES},
    {STR_INIT("ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('a')"), ALTER_UNSET_PROPERTIES},
    {STR_INIT("ALTER TABLE t ADD PARTITION FIELD bucket(8, id) AS shard"), ALTER_ADD_PARTITION},
    {STR_INIT("ALTER TABLE t REPLACE PARTITION FIELD days(ts) WITH hours(ts)"),
     ALTER_REPLACE_PARTITION},
    {STR_INIT("ALTER TABLE t WRITE ORDERED BY a"), ALTER_ORDER},
};

TEST(statement_alter)
{
    for (int64_t i = 0; i < COUNT(statement_alter_rows); i++) {
        Statement *s = one(a, statement_alter_rows[i].text);
        CHECK_I64(s->alter.kind, statement_alter_rows[i].kind);
        CHECK_STR(s->at.text, statement_alter_rows[i].text);
    }
}
