// statement_inspect_test.c -- metadata tables of entries and of all snapshots. Which rows there are
// is what Spark 4.1.1 with Iceberg 1.12 answered to the same statements.
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/answer_test.h"

static const struct {
    const char *text;
    Str want;
} rows[] = {
    {"CREATE TABLE w (id INT, s STRING); INSERT INTO w VALUES (1, 'b'), (2, NULL), (3, 'a'), "
     "(0, 'b'); INSERT INTO w SELECT id, 'x' FROM range(8); "
     "SELECT status, sequence_number, file_sequence_number, data_file.record_count, "
     "readable_metrics.id.upper_bound FROM w.entries ORDER BY 2 DESC",
     STR_INIT("|1,2,2,8,7|1,1,1,4,3")},
    {"INSERT OVERWRITE w VALUES (9, 'z'); SELECT status, sequence_number, file_sequence_number, "
     "data_file.record_count FROM w.entries ORDER BY 2 DESC",
     STR_INIT("|1,3,3,1|2,2,2,8|2,1,1,4")},
    {"SELECT status, sequence_number, file_sequence_number, data_file.record_count FROM "
     "w.all_entries ORDER BY 2, 1",
     STR_INIT("|1,1,1,4|2,1,1,4|1,2,2,8|2,2,2,8|1,3,3,1")},
    {"SELECT content, record_count FROM w.all_data_files ORDER BY 2", STR_INIT("|0,1|0,4|0,8")},
    {"SELECT content, record_count FROM w.ALL_FILES ORDER BY 2", STR_INIT("|0,1|0,4|0,8")},
    {"SELECT content, record_count FROM w.files", STR_INIT("|0,1")},
    {"SELECT count(*) FROM w.all_delete_files", STR_INIT("|0")},
    {"SELECT count(DISTINCT reference_snapshot_id), count(DISTINCT path) <= count(*), "
     "min(content) FROM w.all_manifests",
     STR_INIT("|3,true,0")},
    {"SELECT count(*) FROM w.position_deletes", STR_INIT("TABLE_OR_VIEW_NOT_FOUND")},
};

TEST(metadata_of_all_snapshots)
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
