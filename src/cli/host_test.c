// host_test.c -- commands in the process that has the data folder, and beside it.
#include "base/test.h"
#include "cli/fixture_test.h"
#include "cli/host.h"
#include "log/log.h"
#include "os/file.h"
#include "run/statement.h"

TEST(commands_without_a_server)
{
    static const SaidRow row[] = {
        {STR_INIT("queries --output json"), EXIT_OK, STR_INIT("[]\n")},
        {STR_INIT("queries"), EXIT_OK, STR_INIT("no query runs")},
        {STR_INIT("status"), EXIT_CONNECT, STR_INIT("no process serves")},
        {STR_INIT("stop q"), EXIT_QUERY, STR_INIT("no query q runs")},
        {STR_INIT("stop"), EXIT_USAGE, STR_INIT("usage: kappa stop QUERY")},
        {STR_INIT("queries --output csv"), EXIT_USAGE, STR_INIT("table|json")},
        {STR_INIT("serve absent.sql --kafka 127.0.0.1:0"), EXIT_QUERY, STR_INIT("absent.sql")},
        {STR_INIT("serve --kafka nowhere"), EXIT_QUERY, STR_INIT("nowhere")},
    };
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    fixture_said_rows(a, dir, row, COUNT(row));
}

// A host in this process, as kappa run and kappa serve are one.
typedef struct Hosting {
    BufIo out;
    Shared64 stop;
    Cli cli;
    Host *host;
} Hosting;
static void host_begin(Hosting *h, Arena *a, Str dir)
{
    static const HostOptions how = {.command = STR_INIT("kappa test"), .own = true};
    bool ran = true;
    int code = 0;
    h->out = fixture_io(a);
    h->cli = (Cli){
        .arena = a, .out = &h->out.io, .err = &h->out.io, .data_dir = dir, .interrupted = &h->stop};
    CHECK_OK(host_enter(&h->host, &h->cli, &how, &ran, &code));
    CHECK(!ran);
    CHECK_OK(host_listen(h->host, &h->cli));
}
static void start_copy(Host *h, Session *s, Query **q)
{
    Topic *t;
    Options none = {0};
    CHECK_OK(topic_create(&t, engine_log(h->engine), S("t"), 1, &none));
    Statements st = {0};
    CHECK_OK(parse_statements(&st, s->arena,
                              S("CREATE TEMPORARY VIEW v USING kafka OPTIONS (subscribe 't')")));
    CHECK_OK(statement_view(s, st.v[0]));
    st = (Statements){0};
    CHECK_OK(parse_statements(&st, s->arena, S("SELECT value FROM STREAM v")));
    QuerySpec spec = {.name = S("copy"), .rel = st.v[0]->rel, .format = S("noop")};
    CHECK_OK(engine_start(q, h->engine, s, &spec));
}
TEST(commands_beside_a_server)
{
    static const SaidRow idle[] = {
        {STR_INIT("sql --e=SELECT/**/6*7 --output csv"), EXIT_OK, STR_INIT("42\n")},
        {STR_INIT("sql --e=SELECT/**/x"), EXIT_QUERY, STR_INIT("UNRESOLVED_COLUMN")},
        {STR_INIT("sql --e=SELECT/**/1 --output xml"), EXIT_USAGE, STR_INIT("xml")},
        {STR_INIT("status"), EXIT_OK, STR_INIT("kappa test, process ")},
        {STR_INIT("queries"), EXIT_OK, STR_INIT("no query runs")},
        {STR_INIT("topics create u --partitions 3"), EXIT_OK, STR_INIT("")},
        {STR_INIT("topics describe u"), EXIT_OK, STR_INIT("partition 2  offsets 0 to 0")},
        {STR_INIT("generate events --count 4 --topic u"), EXIT_OK, STR_INIT("")},
        {STR_INIT("consume u --count 1 --show json"), EXIT_OK, STR_INIT("\"topic\":\"u\"")},
    };
    static const SaidRow busy[] = {
        {STR_INIT("queries --output json"), EXIT_OK, STR_INIT("\"name\":\"copy\"}]")},
        {STR_INIT("queries"), EXIT_OK, STR_INIT("\ncopy ")},
        {STR_INIT("status --output json"), EXIT_OK, STR_INIT("\"queries\":1,\"failedQueries\":0")},
        {STR_INIT("stop cpoy"), EXIT_QUERY, STR_INIT("near it: copy")},
        {STR_INIT("stop copy"), EXIT_OK, STR_INIT("1 stopped")},
        {STR_INIT("queries --output json"), EXIT_OK, STR_INIT("[]")},
    };
    Str dir;
    Hosting h = {0};
    Query *q = NULL;
    CHECK_OK(dir_temp(&dir, a));
    host_begin(&h, a, dir);
    fixture_said_rows(a, dir, idle, COUNT(idle));
    Session *s = engine_session(h.host->engine);
    start_copy(h.host, s, &q);
    fixture_said_rows(a, dir, busy, COUNT(busy));
    CHECK(!query_active(q));
    engine_session_end(h.host->engine, s);
    Said taken = fixture_said(a, dir, S("serve --kafka 127.0.0.1:0")); // after waiting for a little
    CHECK_I64(taken.code, EXIT_QUERY);
    CHECK(str_find(taken.err, S("(kappa test)")) > 0);
    host_leave(h.host, &h.cli);
    CHECK(!path_exists(host_socket(a, dir)));
}
