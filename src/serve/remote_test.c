// remote_test.c -- the client of Spark Connect: addresses, commands byte for byte as PySpark writes
// them, failures as servers tell them; and calls to a door of our own, to a server that is silent
// and to one that hangs up.
#include "base/civil.h"
#include "base/test.h"
#include "os/file.h"
#include "os/net.h"
#include "serve/connect_door.h"
#include "serve/remote.h"
#include "wire/grpc.h"

TEST(remote_addresses)
{
    static const struct {
        Str url, at, token, user, fields;
        bool tls;
    } row[] = {
        {STR_INIT("sc://h"), STR_INIT("h:15002"), {0}, {0}, {0}, false},
        {STR_INIT("sc://h:7/"), STR_INIT("h:7"), {0}, {0}, {0}, false},
        {STR_INIT("sc://[::1]"), STR_INIT("[::1]:15002"), {0}, {0}, {0}, false},
        {STR_INIT("sc://[::1]:7"), STR_INIT("[::1]:7"), {0}, {0}, {0}, false},
        {STR_INIT("sc://h/;use_ssl=TRUE"), STR_INIT("h:15002"), {0}, {0}, {0}, true},
        {STR_INIT("sc://localhost/;token=a%20b;user_id=me"),
         STR_INIT("localhost:15002"),
         STR_INIT("a b"),
         STR_INIT("me"),
         {0},
         false},
        {STR_INIT("sc://127.h/;token=t"), STR_INIT("127.h:15002"), STR_INIT("t"), {0}, {0}, true},
        {STR_INIT("sc://h/;token=t;X-Id=7;"),
         STR_INIT("h:15002"),
         STR_INIT("t"),
         {0},
         STR_INIT("x-id"),
         true},
    };
    static const Str wrong[] = {
        STR_INIT("h:1"),           STR_INIT("sc://"),           STR_INIT("sc://h:0"),
        STR_INIT("sc://h:65536"),  STR_INIT("sc://h:x"),        STR_INIT("sc://h/path"),
        STR_INIT("sc://::1"),      STR_INIT("sc://h/;token"),   STR_INIT("sc://h/;=x"),
        STR_INIT("sc://h/;a b=x"), STR_INIT("sc://h/;a=%0d%0a")};
    RemoteAddress to;
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_OK(remote_address(&to, a, row[i].url));
        CHECK_STR(to.at, row[i].at);
        CHECK_STR(to.token, row[i].token);
        if (row[i].user.n) CHECK_STR(to.user, row[i].user);
        CHECK_I64(to.tls, row[i].tls);
        CHECK_STR(to.fields.n ? to.fields.v[0].key : (Str){0}, row[i].fields);
    }
    for (int64_t i = 0; i < COUNT(wrong); i++)
        CHECK_FAILS(remote_address(&to, a, wrong[i]), ERR_INVALID);
}

// ---- bytes, from protobuf's own writer with Spark 4.1's files
// ------------------------------------

static Str hex(Arena *a, Str bytes)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i < bytes.n; i++) buf_fmt(&b, "%02x", (uint8_t)bytes.p[i]);
    return buf_str(&b);
}
static Str unhex(Arena *a, Str text)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i + 1 < text.n; i += 2)
        buf_fmt(&b, "%%" STR_FMT, STR_ARG(str_sub(text, i, 2)));
    Buf out = buf_new(a);
    grpc_unpercent(&out, buf_str(&b));
    return buf_str(&out);
}
TEST(remote_plans)
{
    static Option k[] = {{STR_INIT("k"), STR_INIT("v")}};
    static Option path[] = {{STR_INIT("path"), STR_INIT("p")}};
    static const Str one[] = {STR_INIT("a")}, two[] = {STR_INIT("b"), STR_INIT("c")};
    Options conf = {k, 1, 1}, options = {path, 1, 1};
    RemoteGraph graph = {S("c"), S("d"), conf};
    RemoteFlow sql = {
        .graph = S("g"), .name = S("n"), .target = S("t"), .conf = &conf, .query = S("q")};
    RemoteFlow source = {.graph = S("g"),
                         .name = S("n"),
                         .target = S("t"),
                         .format = S("json"),
                         .schema = S("a INT"),
                         .options = &options,
                         .streaming = true};
    RemoteRun run = {.graph = S("g"),
                     .storage = S("s"),
                     .full_refresh = one,
                     .nfull_refresh = 1,
                     .refresh = two,
                     .nrefresh = 2,
                     .dry = true};
    const struct {
        Str plan, want;
    } row[] = {
        {remote_plan_graph(a, &graph), S("9a01100a0e0a01631201642a060a016b120176")},
        {remote_plan_elements(a, S("g"), S("f"), S("t")), S("9a010b32090a01671201661a0174")},
        {remote_plan_view(a, S("g"), S("v")), S("9a010a12080a01671201761803")},
        {remote_plan_sink(a, S("g"), S("s"), S("json"), &options),
         S("9a011d121b0a016712017318043a110a090a047061746812017012046a736f6e")},
        {remote_plan_flow(a, &sql),
         S("9a011c1a1a0a016712016e1a017422060a016b1201763a070a0552030a0171")},
        {remote_plan_flow(a, &source),
         S("9a012d1a2b0a016712016e1a01743a200a1e121c12180a046a736f6e12"
           "056120494e541a090a04706174681201701801")},
        {remote_plan_run(a, &run), S("9a01152a130a016712016118002201622201632801320173")},
        {remote_plan_sql(a, S("q")), S("2a07320552030a0171")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) CHECK_STR(hex(a, row[i].plan), row[i].want);
}
TEST(remote_answers)
{
    Proto m;
    Str text;
    Micros at;
    CHECK_OK(proto_open(&m, unhex(a, S("0a0173aa01220a200a0b088fdc83c90610c0a9d33a121152756e206973"
                                       "20434f4d504c455445442e"))));
    CHECK(remote_event(&m, &at, &text));
    CHECK_STR(text, S("Run is COMPLETED."));
    CHECK_I64(at, 1763765775123000);
    CHECK(!remote_graph_id(&m, &text));
    CHECK_OK(proto_open(&m, unhex(a, S("b201070a050a03672d31"))));
    CHECK(remote_graph_id(&m, &text));
    CHECK_STR(text, S("g-1"));
    CHECK(!remote_event(&m, &at, &text));
}
static RemoteError told(Arena *a, Str message, Str condition, Str sqlstate)
{
    const GrpcPair meta[] = {{S("reason"), S("X")},
                             {S("errorClass"), condition},
                             {S("sqlState"), sqlstate},
                             {S("errorId"), S("id-1")}};
    Buf status = buf_new(a), base64 = buf_new(a), percent = buf_new(a);
    grpc_status(&status, GRPC_INTERNAL, message, meta, COUNT(meta));
    grpc_base64(&base64, buf_str(&status));
    grpc_percent(&percent, message);
    return (RemoteError){S("13"), buf_str(&percent), buf_str(&base64)};
}
TEST(remote_failures)
{
    RemoteError e = told(a, S("cut"), S("A"), S("42000"));
    CHECK_STR(remote_error_id(&e, a), S("id-1"));
    CHECK_FAILS(remote_failed(&e, (Str){0}), ERR_INVALID);
    CHECK_STR(failure()->text, S("[A] cut SQLSTATE: 42000"));
    Str more = unhex(a, S("0800121712095b415d2077686f6c652a0a0a014122053432303030"));
    CHECK_FAILS(remote_failed(&e, more), ERR_INVALID);
    CHECK_STR(failure()->text, S("[A] whole SQLSTATE: 42000"));
    CHECK_FAILS(remote_failed(&e, S("\x12\x7f")), ERR_INVALID);
    e = told(a, S("\n[A] x SQLSTATE: 1\n=== Streaming Query ===\nplan"), S("A"), S("1"));
    CHECK_FAILS(remote_failed(&e, (Str){0}), ERR_INVALID);
    CHECK_STR(failure()->text, S("[A] x SQLSTATE: 1"));
    static const struct {
        Str status;
        Code code;
    } row[] = {{STR_INIT("1"), ERR_CANCELLED},
               {STR_INIT("12"), ERR_UNSUPPORTED},
               {STR_INIT("14"), ERR_IO},
               {STR_INIT("16"), ERR_INVALID},
               {STR_INIT("nonsense"), ERR_INVALID}};
    for (int64_t i = 0; i < COUNT(row); i++) {
        RemoteError plain = {row[i].status, {0}, S("!")};
        CHECK_FAILS(remote_failed(&plain, (Str){0}), row[i].code);
        CHECK_STR(remote_error_id(&plain, a), S(""));
    }
}

// ---- servers -----------------------------------------------------------------------------------

static Status count(void *ctx, const Proto *response)
{
    (void)response;
    ++*(int64_t *)ctx;
    return DONE;
}
typedef struct Told {
    Arena *arena;
    Str graph, last;
    int64_t events;
} Told;
static Status keep(void *ctx, const Proto *response)
{
    Told *t = ctx;
    Str text;
    Micros at;
    if (remote_graph_id(response, &text)) t->graph = str_copy(t->arena, text);
    if (!remote_event(response, &at, &text)) return DONE;
    t->last = str_copy(t->arena, text);
    t->events++;
    return DONE;
}
static Status define(Remote *r, Arena *a, Str graph, Str sql)
{
    return remote_execute(r, remote_plan_elements(a, graph, S("p.sql"), sql), NULL, NULL);
}
// A view over no rows, a table and a view of it, run twice.
static void a_pipeline(Arena *a, Remote *r, Str storage)
{
    Told t = {.arena = a};
    RemoteGraph graph = {.catalog = S("lake"), .database = S("default")};
    CHECK_OK(remote_execute(r, remote_plan_graph(a, &graph), keep, &t));
    CHECK(t.graph.n > 0);
    RemoteFlow flow = {.graph = t.graph,
                       .name = S("v"),
                       .target = S("v"),
                       .query = S("SELECT id FROM range(10)"),
                       .conf = &graph.conf};
    CHECK_OK(remote_execute(r, remote_plan_view(a, t.graph, S("v")), NULL, NULL));
    CHECK_OK(remote_execute(r, remote_plan_flow(a, &flow), NULL, NULL));
    CHECK_OK(define(r, a, t.graph, S("CREATE MATERIALIZED VIEW m AS SELECT sum(id) AS s FROM v")));
    RemoteRun run = {.graph = t.graph, .storage = storage, .dry = true};
    CHECK_OK(remote_execute(r, remote_plan_run(a, &run), keep, &t));
    CHECK_I64(t.events, 1);
    run.dry = false;
    CHECK_OK(remote_execute(r, remote_plan_run(a, &run), keep, &t));
    CHECK_I64(t.events, 4);
    CHECK_STR(t.last, S("Run is COMPLETED."));
    CHECK_FAILS(define(r, a, t.graph, S("CREATE STREAMING")), ERR_INVALID);
    CHECK_FAILS(define(r, a, S("other"), S("SELECT 1")), ERR_INVALID);
    CHECK(str_starts(failure()->text, S("[DATAFLOW_GRAPH_NOT_FOUND]")));
    run.storage = (Str){0};
    CHECK_FAILS(remote_execute(r, remote_plan_run(a, &run), NULL, NULL), ERR_INVALID);
}
TEST(remote_at_our_door)
{
    Str dir, url;
    Engine *engine = NULL;
    ConnectDoor *door = NULL;
    Remote *r = NULL;
    Shared64 stop = {0};
    int64_t heard = 0;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(engine_open(&engine, a, &(EngineOptions){.dir = dir, .command = S("test")}));
    CHECK_OK(connect_door_open(&door, a, engine, S("127.0.0.1:0"),
                               &(ConnectDoorOptions){.token = S("secret")}));
    RemoteOptions how = {.patience = 20 * MICROS_PER_SECOND, .stop = &stop};
    url = str_cat(a, S("sc://"), connect_door_address(door));
    CHECK_FAILS(remote_open(&r, a, str_cat(a, url, S("/;token=other")), &how), ERR_INVALID);
    CHECK_OK(remote_open(&r, a, str_cat(a, url, S("/;token=secret")), &how));
    CHECK(str_starts(remote_version(r), S("4.")));
    CHECK_OK(remote_execute(r, remote_plan_sql(a, S("SET a.b = 1")), count, &heard));
    CHECK(heard > 0);
    CHECK_FAILS(remote_execute(r, remote_plan_sql(a, S("SELEC 1")), NULL, NULL), ERR_INVALID);
    CHECK(str_starts(failure()->text, S("[PARSE_SYNTAX_ERROR]")));
    CHECK(str_find(failure()->text, S("SQLSTATE: 42601")) > 0);
    CHECK_OK(remote_execute(r, remote_plan_sql(a, S("SET a.b = 2")), NULL, NULL));
    a_pipeline(a, r, path_join(a, dir, S("state")));
    shared_set(&stop, 1);
    CHECK_FAILS(remote_execute(r, remote_plan_sql(a, S("SET a.b = 3")), NULL, NULL), ERR_CANCELLED);
    remote_close(r);
    connect_door_close(door);
}
// Whether it hangs up at once, or says nothing at all.
static void bad_server(Arena *a, bool hangs_up)
{
    Socket *listener = NULL, *peer = NULL;
    Remote *r = NULL;
    CHECK_OK(socket_listen(&listener, a, S("127.0.0.1:0")));
    Str url = str_fmt(a, "sc://127.0.0.1:%d", socket_port(listener));
    RemoteOptions how = {.patience = MICROS_PER_SECOND / 5};
    if (hangs_up) socket_close(listener);
    Status s = remote_open(&r, a, url, &how);
    CHECK_FAILS(s, ERR_IO);
    if (hangs_up) return;
    CHECK_OK(socket_accept(&peer, a, listener));
    socket_close(peer);
    socket_close(listener);
}
TEST(remote_bad_servers)
{
    bad_server(a, true);
    bad_server(a, false);
}
