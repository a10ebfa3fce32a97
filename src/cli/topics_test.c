// topics_test.c -- the commands of the log, on a folder of their own and on one that a server
// holds.
#include "base/test.h"
#include "cli/cli.h"
#include "os/file.h"
#include "serve/kafka_door.h"

typedef struct BufIo {
    Io io;
    Buf text;
} BufIo;

static Status buf_put_io(Io *io, Str text)
{
    buf_put(&CONTAINER(io, BufIo, io)->text, text);
    return DONE;
}

typedef struct Run {
    int code;
    Str out, err;
} Run;

static Run run(Arena *a, Str dir, const char *line)
{
    Shared64 never = {0};
    BufIo out = {{.put = buf_put_io}, buf_new(a)}, err = {{.put = buf_put_io}, buf_new(a)};
    Arena *own = arena_new(NULL);
    Cli cli = {
        .arena = own, .out = &out.io, .err = &err.io, .data_dir = dir, .interrupted = &never};
    Str args[16];
    int32_t n = 0;
    for (Cut c = {.tail = str_z(line), .ok = true}; c.ok;) {
        c = str_cut(c.tail, ' ');
        args[n++] = c.head;
    }
    int code = cli_main(&cli, args, n);
    arena_free(own); // closes the log
    return (Run){code, buf_str(&out.text), buf_str(&err.text)};
}

typedef struct Row {
    const char *line;
    int code;
    Str says; // a part of what is written
} Row;

static void check_rows(Arena *a, Str dir, const Row *row, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        Run r = run(a, dir, row[i].line);
        CHECK_I64(r.code, row[i].code);
        CHECK(str_find(r.code ? r.err : r.out, row[i].says) >= 0);
    }
}

TEST(topics_commands)
{
    static const Row row[] = {
        {"topics", EXIT_OK, STR_INIT("")},
        {"topics create t --partitions 2 retention.ms=60000", EXIT_OK, STR_INIT("")},
        {"topics create t", EXIT_QUERY, STR_INIT("t")},
        {"topics create a/b", EXIT_QUERY, STR_INIT("a/b")},
        {"topics create u retention.ms", EXIT_QUERY, STR_INIT("no option=value")},
        {"topics describe t", EXIT_OK, STR_INIT("retention.ms=60000 (set)")},
        {"topics set t --partitions 3 retention.ms=", EXIT_OK, STR_INIT("")},
        {"topics describe t", EXIT_OK, STR_INIT("retention.ms=-1  ")},
        {"topics describe t", EXIT_OK, STR_INIT("partition 2  offsets 0 to 0")},
        {"generate events --count 10 --topic t", EXIT_OK, STR_INIT("")},
        {"topics list", EXIT_OK, STR_INIT("t  3 partitions  10 records")},
        {"topics verify t", EXIT_OK, STR_INIT("1 batches of 4 records are sound")},
        {"consume t --count 1 --from {\"t\":{\"0\":1,\"1\":-1,\"2\":-1}}", EXIT_OK,
         STR_INIT("evt_000004")},
        {"consume t --show json", EXIT_OK,
         STR_INIT("{\"topic\":\"t\",\"partition\":0,\"offset\":0")},
        {"consume t --show all", EXIT_USAGE, STR_INIT("value|key|json")},
        {"consume tt", EXIT_QUERY, STR_INIT("near it: t")},
        {"consume", EXIT_USAGE, STR_INIT("usage: kappa consume TOPIC")},
        {"topics delete t", EXIT_OK, STR_INIT("")},
        {"topics delete t", EXIT_QUERY, STR_INIT("no topic t")},
        {"topics remove t", EXIT_USAGE, STR_INIT("usage: kappa topics")},
        {"topics create", EXIT_USAGE, STR_INIT("usage: kappa topics")},
    };
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    check_rows(a, dir, row, COUNT(row));
}

TEST(topics_commands_ask_the_server)
{
    if (test_skip_foreign_threads()) return;
    static const Row row[] = {
        {"topics create t --partitions 2", EXIT_OK, STR_INIT("")},
        {"topics", EXIT_OK, STR_INIT("t  2 partitions")},
        {"generate events --count 10 --topic t", EXIT_OK, STR_INIT("")},
        {"consume t --show json", EXIT_OK, STR_INIT("evt_000010")},
        {"topics describe t", EXIT_QUERY, STR_INIT("needs the data folder")},
        {"serve --kafka 127.0.0.1:0", EXIT_QUERY, STR_INIT("open in another process")},
        {"topics delete t", EXIT_OK, STR_INIT("")},
    };
    Str dir;
    Log *log;
    KafkaDoor *door;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(log_open(&log, a, path_join(a, dir, S("log")), NULL));
    CHECK_FAILS(kafka_door_open(&door, a, log, S("127.0.0.1:port"), NULL), ERR_INVALID);
    Run r = run(a, dir, "topics"); // held, and no door
    CHECK_I64(r.code, EXIT_QUERY);
    CHECK(str_find(r.err, S("open in another process")) >= 0);
    CHECK_OK(kafka_door_open(&door, a, log, S("127.0.0.1:0"), NULL));
    check_rows(a, dir, row, COUNT(row));
    kafka_door_close(door);
    log_close(log);
}
