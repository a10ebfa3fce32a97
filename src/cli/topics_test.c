// topics_test.c -- the commands of the log, on a folder of their own and on one that a server
// holds.
#include "base/test.h"
#include "cli/fixture_test.h"
#include "os/file.h"
#include "serve/kafka_door.h"

TEST(topics_commands)
{
    static const SaidRow row[] = {
        {STR_INIT("topics"), EXIT_OK, STR_INIT("")},
        {STR_INIT("topics create t --partitions 2 retention.ms=60000"), EXIT_OK, STR_INIT("")},
        {STR_INIT("topics create t"), EXIT_QUERY, STR_INIT("t")},
        {STR_INIT("topics create a/b"), EXIT_QUERY, STR_INIT("a/b")},
        {STR_INIT("topics create u retention.ms"), EXIT_QUERY, STR_INIT("no option=value")},
        {STR_INIT("topics describe t"), EXIT_OK, STR_INIT("retention.ms=60000 (set)")},
        {STR_INIT("topics set t --partitions 3 retention.ms="), EXIT_OK, STR_INIT("")},
        {STR_INIT("topics describe t"), EXIT_OK, STR_INIT("retention.ms=-1  ")},
        {STR_INIT("topics describe t"), EXIT_OK, STR_INIT("partition 2  offsets 0 to 0")},
        {STR_INIT("generate events --count 10 --topic t"), EXIT_OK, STR_INIT("")},
        {STR_INIT("topics list"), EXIT_OK, STR_INIT("t  3 partitions  10 records")},
        {STR_INIT("topics verify t"), EXIT_OK, STR_INIT("1 batches of 4 records are sound")},
        {STR_INIT("consume t --count 1 --from {\"t\":{\"0\":1,\"1\":-1,\"2\":-1}}"), EXIT_OK,
         STR_INIT("evt_000004")},
        {STR_INIT("consume t --show json"), EXIT_OK,
         STR_INIT("{\"topic\":\"t\",\"partition\":0,\"offset\":0")},
        {STR_INIT("consume t --show all"), EXIT_USAGE, STR_INIT("value|key|json")},
        {STR_INIT("consume tt"), EXIT_QUERY, STR_INIT("near it: t")},
        {STR_INIT("consume"), EXIT_USAGE, STR_INIT("usage: kappa consume TOPIC")},
        {STR_INIT("topics delete t"), EXIT_OK, STR_INIT("")},
        {STR_INIT("topics delete t"), EXIT_QUERY, STR_INIT("no topic t")},
        {STR_INIT("topics remove t"), EXIT_USAGE, STR_INIT("usage: kappa topics")},
        {STR_INIT("topics create"), EXIT_USAGE, STR_INIT("usage: kappa topics")},
    };
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    fixture_said_rows(a, dir, row, COUNT(row));
}

TEST(topics_commands_ask_the_server)
{
    if (test_skip_foreign_threads()) return;
    static const SaidRow row[] = {
        {STR_INIT("topics create t --partitions 2"), EXIT_OK, STR_INIT("")},
        {STR_INIT("topics"), EXIT_OK, STR_INIT("t  2 partitions")},
        {STR_INIT("generate events --count 10 --topic t"), EXIT_OK, STR_INIT("")},
        {STR_INIT("consume t --show json"), EXIT_OK, STR_INIT("evt_000010")},
        {STR_INIT("topics describe t"), EXIT_QUERY, STR_INIT("needs the data folder")},
        {STR_INIT("serve --kafka 127.0.0.1:0"), EXIT_QUERY, STR_INIT("open in another process")},
        {STR_INIT("topics delete t"), EXIT_OK, STR_INIT("")},
    };
    Str dir;
    Log *log;
    KafkaDoor *door;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(log_open(&log, a, path_join(a, dir, S("log")), NULL));
    CHECK_FAILS(kafka_door_open(&door, a, log, S("127.0.0.1:port"), NULL), ERR_INVALID);
    Said r = fixture_said(a, dir, S("topics")); // held, and no door
    CHECK_I64(r.code, EXIT_QUERY);
    CHECK(str_find(r.err, S("open in another process")) >= 0);
    CHECK_OK(kafka_door_open(&door, a, log, S("127.0.0.1:0"), NULL));
    fixture_said_rows(a, dir, row, COUNT(row));
    kafka_door_close(door);
    log_close(log);
}
