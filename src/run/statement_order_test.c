// statement_order_test.c -- WRITE ORDERED BY: what INSERT writes lies in that order, and its files
// say so. Rows, files and properties are those of Spark 4.1.1 with Iceberg 1.12.
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/answer_test.h"

static const struct {
    const char *text;
    Str want;
} rows[] = {
    {"CREATE TABLE w (id INT, s STRING, d DOUBLE, l ARRAY<INT>); "
     "ALTER TABLE w WRITE ORDERED BY s DESC NULLS LAST, id; "
     "INSERT INTO w (id, s) VALUES (1, 'b'), (2, NULL), (3, 'a'), (0, 'b'); SELECT id, s FROM w",
     STR_INIT("|0,b|1,b|3,a|2,NULL")},
    {"SHOW TBLPROPERTIES w ('sort-order')",
     STR_INIT("|sort-order,s DESC NULLS LAST, id ASC NULLS FIRST")},
    {"SHOW TBLPROPERTIES w ('write.distribution-mode')",
     STR_INIT("|write.distribution-mode,range")},
    {"SELECT sort_order_id, record_count FROM w.files", STR_INIT("|1,4")},
    {"ALTER TABLE w WRITE LOCALLY ORDERED BY d DESC; SHOW TBLPROPERTIES w "
     "('write.distribution-mode')",
     STR_INIT("|write.distribution-mode,range")},
    {"INSERT OVERWRITE w SELECT id, 'x', id % 5, NULL FROM range(20000); "
     "SELECT count(*), min(sort_order_id) FROM w.files",
     STR_INIT("|1,2")},
    {"SELECT d FROM w LIMIT 1", STR_INIT("|4.0")},
    {"ALTER TABLE w DROP COLUMN d", STR_INIT("cannot drop column d: the table is WRITE ORDERED BY "
                                             "it; WRITE UNORDERED first")},
    {"ALTER TABLE w RENAME COLUMN d TO e; INSERT OVERWRITE w (e) VALUES (1), (2); SELECT e FROM w",
     STR_INIT("|2.0|1.0")},
    {"ALTER TABLE w WRITE ORDERED BY nope", STR_INIT("Cannot find field 'nope' in the table")},
    {"ALTER TABLE w WRITE ORDERED BY l", STR_INIT("rows are not ordered by l, which is nested")},
    {"ALTER TABLE w WRITE ORDERED BY bucket(4, id)", STR_INIT("UNSUPPORTED_FEATURE")},
    {"ALTER TABLE w WRITE UNORDERED; INSERT OVERWRITE w (e) VALUES (1), (2); SELECT e FROM w",
     STR_INIT("|1.0|2.0")},
    {"SELECT sort_order_id FROM w.files", STR_INIT("|NULL")},
    {"ALTER TABLE w DROP COLUMN e; ALTER TABLE w WRITE ORDERED BY id; "
     "CREATE OR REPLACE TABLE w (a INT); SHOW TBLPROPERTIES w ('sort-order')",
     STR_INIT("|sort-order,Table lake.default.w does not have property: sort-order")},
};

TEST(rows_lie_in_the_order_of_their_table)
{
    Catalogs *c = NULL;
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(catalogs_open(&c, a, dir));
    Session *s = session_new(a, c);
    s->now = clock_now;
    for (int64_t i = 0; i < COUNT(rows); i++)
        CHECK_STR(answer_text(a, s, str_z(rows[i].text), false), rows[i].want);
}
