// socket_lines_test.c -- the socket source against a listener of this process.
#include "base/civil.h"
#include "base/test.h"
#include "conn/list.h"
#include "os/clock.h"
#include "os/net.h"

typedef struct Rows {
    Out out;
    Buf text;
} Rows;

static Status put_rows(Out *out, const Batch *b)
{
    Rows *r = CONTAINER(out, Rows, out);
    for (int32_t i = 0; i < b->rows; i++) {
        buf_put(&r->text, column_str(&b->col[0], i));
        buf_put(&r->text, b->cols > 1 && column_i64(&b->col[1], i) > 0 ? S("@") : S(""));
        buf_char(&r->text, '|');
    }
    return DONE;
}

static Status open_socket(Source **s, Arena *a, Str port, bool time, bool streaming)
{
    Options o = {0};
    EvalCtx eval = {.zone = zone_utc()};
    vec_push(a, &o, ((Option){S("host"), S("127.0.0.1")}));
    if (port.n) vec_push(a, &o, ((Option){S("port"), port}));
    if (time) vec_push(a, &o, ((Option){S("includeTimestamp"), S("true")}));
    SourceArgs args = {.options = &o, .streaming = streaming, .eval = &eval};
    return source_open(s, a, source_find(S("socket")), &args);
}

static Str wait_for(Source *s, Arena *a, Str from, Str want)
{
    Str to = {0}, all = {0};
    for (int32_t i = 0; i < 2000; i++) {
        CHECK_OK(s->kind->latest(s, a, from, &(Admission){0}, &to, &all));
        if (str_eq(to, want)) break;
        clock_sleep(MICROS_PER_MS);
    }
    CHECK_STR(to, want);
    return to;
}

static Str rows(Source *s, Arena *a, Str from, Str to)
{
    Lanes lanes = {0};
    Rows r = {{put_rows}, buf_new(a)};
    CHECK_OK(s->kind->lanes(s, a, from, to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) CHECK_OK(s->kind->read(s, &lanes.v[i], a, &r.out));
    return buf_str(&r.text);
}

TEST(socket_source_reads_lines)
{
    Socket *listener, *peer = NULL;
    Source *s;
    Str from;
    Lanes lanes = {0};
    CHECK_OK(socket_listen(&listener, a, S("127.0.0.1:0")));
    CHECK_OK(open_socket(&s, a, str_fmt(a, "%d", socket_port(listener)), true, true));
    CHECK_STR(type_name_str(a, s->schema), S("struct<value:string,timestamp:timestamp>"));
    CHECK_OK(s->kind->start(s, a, &from));
    Str to;
    (void)wait_for(s, a, from, S("-1"));
    while (!peer) CHECK_OK(socket_accept(&peer, a, listener));
    CHECK_OK(socket_write_all(peer, S("one\r\ntwo\nthr"), MICROS_PER_SECOND));
    to = wait_for(s, a, from, S("1"));
    CHECK_STR(rows(s, a, from, to), S("one@|two@|"));
    CHECK_STR(rows(s, a, S("0"), to), S("two@|"));
    s->kind->forget(s, to);
    CHECK_FAILS(s->kind->lanes(s, a, from, to, &lanes), ERR_INVALID);
    CHECK_OK(socket_write_all(peer, S("ee\n\nlast"), MICROS_PER_SECOND));
    socket_close(peer);
    Str end = wait_for(s, a, to, S("4"));
    CHECK_STR(rows(s, a, to, end), S("three@|@|last@|"));
    Source *again; // after a restart the numbers go on
    CHECK_OK(open_socket(&again, a, str_fmt(a, "%d", socket_port(listener)), false, true));
    wait_for(again, a, S("7"), S("7"));
    socket_close(listener);
}

TEST(socket_source_errors)
{
    Source *s;
    Str to, all;
    CHECK_FAILS(open_socket(&s, a, (Str){0}, false, true), ERR_INVALID);
    CHECK_FAILS(open_socket(&s, a, S("99999"), false, true), ERR_INVALID);
    CHECK_FAILS(open_socket(&s, a, S("9"), false, false), ERR_UNSUPPORTED); // no batch
    CHECK_OK(open_socket(&s, a, S("1"), false, true));
    CHECK(s->kind->latest(s, a, S("-1"), &(Admission){0}, &to, &all).code != OK); // nobody there
}
