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
