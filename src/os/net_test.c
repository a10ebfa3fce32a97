#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/net.h"
#include "os/proc.h"
#include "os/thread.h"

static const Micros LONG = 5000000; // for what happens at once, and only on a bad day does not

// Accepts one, waiting for it.
static Socket *accepted(Arena *a, Socket *listener)
{
    Poll *p = poll_new(a);
    Ready r;
    Socket *s = NULL;
    poll_add(p, listener, listener, false);
    CHECK_I64(poll_wait(p, &r, 1, LONG), 1);
    CHECK(r.tag == listener && r.readable && !r.closed);
    CHECK_OK(socket_accept(&s, a, listener));
    poll_remove(p, listener);
    return s;
}

typedef struct Pair {
    Socket *listener, *near, *far;
} Pair;
static Pair pair_at(Arena *a, Str address)
{
    Pair p = {0};
    CHECK_OK(socket_listen(&p.listener, a, address));
    Str at = socket_address(p.listener, a);
    CHECK_OK(socket_accept(&p.far, a, p.listener));
    CHECK(p.far == NULL); // nobody yet
    CHECK_OK(socket_connect(&p.near, a, at, LONG));
    p.far = accepted(a, p.listener);
    return p;
}

static void echo(Arena *a, const Pair *p)
{
    char got[8] = {0};
    int64_t n;
    bool end;
    CHECK_OK(socket_read(p->far, got, 8, &n, &end));
    CHECK(n == 0 && !end);
    Str pieces[] = {S("pi"), S(""), S("ng")};
    CHECK_OK(socket_write(p->near, pieces, 3, &n));
    CHECK_I64(n, 4);
    CHECK_OK(socket_read_all(p->far, got, 4, LONG));
    CHECK_STR(str_of(got, 4), S("ping"));
    CHECK_OK(socket_write_all(p->far, S("pong"), LONG));
    CHECK_OK(socket_read_all(p->near, got, 4, LONG));
    CHECK_STR(str_of(got, 4), S("pong"));
    CHECK(socket_peer(p->far, a).n > 5);
    socket_close(p->near);
    socket_close(p->near);
    CHECK_FAILS(socket_read_all(p->far, got, 1, LONG), ERR_IO); // the peer is gone
    CHECK_OK(socket_read(p->far, got, 8, &n, &end));
    CHECK(n == 0 && end);
}

TEST(tcp_echo)
{
    static const Str row[] = {STR_INIT("127.0.0.1:0"), STR_INIT(":0"), STR_INIT("localhost:0"),
                              STR_INIT("*:0"), STR_INIT("[::1]:0")};
    for (int64_t i = 0; i < COUNT(row); i++) {
        Socket *probe;
        bool v6 = row[i].p[0] == '[';
        if (v6 && socket_listen(&probe, a, row[i]).code && test_skip("no IPv6 here")) continue;
        Pair p = pair_at(a, row[i]);
        Str at = socket_address(p.listener, a), host = v6 ? S("[::1]:") : S("127.0.0.1:");
        if (i == 3) host = S("0.0.0.0:");
        CHECK_STR(at, str_fmt(a, STR_FMT "%d", STR_ARG(host), (int)socket_port(p.listener)));
        if (i != 3) CHECK_STR(socket_peer(p.near, a), at);
        CHECK_STR(socket_peer(p.far, a), socket_address(p.near, a));
        echo(a, &p);
    }
}

TEST(unix_echo_at_any_depth)
{
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    for (int32_t i = 0; i < 3; i++) {
        Str path = path_join(a, dir, S("kappa.sock")), address = str_cat(a, S("unix:"), path);
        Pair p = pair_at(a, address);
        CHECK_STR(socket_address(p.listener, a), address);
        CHECK_I64(socket_port(p.listener), 0);
        CHECK_STR(socket_peer(p.far, a), str_fmt(a, "unix:process %d", (int)proc_id()));
        Socket *second;
        CHECK_FAILS(socket_listen(&second, a, address), ERR_CONFLICT);
        echo(a, &p);
        socket_close(p.listener);
        CHECK(!path_exists(path));
        dir = path_join(a, dir,
                        S("a-folder-of-a-name-that-is-sixty-four-letters-long-as-you-can-tell"));
        CHECK_OK(dir_make(dir));
    }
}

TEST(stale_unix_sockets_are_replaced)
{
    Str dir, content;
    CHECK_OK(dir_temp(&dir, a));
    Str path = path_join(a, dir, S("s")), other = path_join(a, dir, S("t"));
    Str address = str_cat(a, S("unix:"), path);
    Socket *s, *again;
    CHECK_OK(socket_listen(&s, a, address));
    CHECK_OK(path_rename(path, other)); // so that closing does not find it
    socket_close(s);
    CHECK_OK(path_rename(other, path));
    CHECK_FAILS(socket_connect(&s, a, address, LONG), ERR_IO);
    CHECK_OK(socket_listen(&s, a, address));
    CHECK_OK(socket_connect(&again, a, address, LONG));
    CHECK_OK(file_replace(other, S("a file of somebody"))); // never taken for a stale socket
    CHECK_FAILS(socket_listen(&again, a, str_cat(a, S("unix:"), other)), ERR_CONFLICT);
    CHECK_OK(file_load(&content, a, other, 100));
    CHECK_FAILS(socket_connect(&again, a, str_fmt(a, "unix:" STR_FMT "/no", STR_ARG(dir)), LONG),
                ERR_IO);
    CHECK_OK(path_remove(path));
    CHECK_OK(file_replace(path, S("x")));
    socket_close(s);
    CHECK(path_exists(path)); // not ours any more
}

TEST(bad_addresses)
{
    static const struct {
        Str address;
        Code want;
    } row[] = {
        {STR_INIT(""), ERR_INVALID},
        {STR_INIT("localhost"), ERR_INVALID},
        {STR_INIT("localhost:"), ERR_INVALID},
        {STR_INIT("localhost:http"), ERR_INVALID},
        {STR_INIT("localhost:65536"), ERR_INVALID},
        {STR_INIT("localhost:-1"), ERR_INVALID},
        {STR_INIT("localhost:+1"), ERR_INVALID},
        {STR_INIT("::1:9092"), ERR_INVALID},
        {STR_INIT("unix:"), ERR_INVALID},
        {STR_INIT("no such host:9092"), ERR_NOT_FOUND},
        {STR_INIT("a\0b:9092"), ERR_INVALID},
        {STR_INIT("unix:/no/such/folder/s"), ERR_NOT_FOUND},
    };
    Socket *s = NULL;
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_FAILS(socket_listen(&s, a, row[i].address), row[i].want);
    Str name =
        str_fmt(a, "unix:/tmp/%0200d", 1); // longer than the system's field, and no folder helps
    CHECK_FAILS(socket_listen(&s, a, name), ERR_INVALID);
    CHECK(s == NULL);
}

TEST(loopback_addresses)
{
    static const Str here[] = {STR_INIT("localhost:1"), STR_INIT("LOCALHOST:1"),
                               STR_INIT("127.0.0.1:1"), STR_INIT("127.8.9.10:1"),
                               STR_INIT("[::1]:1")};
    static const Str away[] = {STR_INIT("127.example.com:1"),
                               STR_INIT("0.0.0.0:1"),
                               STR_INIT("[::]:1"),
                               STR_INIT("10.0.0.1:1"),
                               STR_INIT("localhost"),
                               STR_INIT("unix:/tmp/s"),
                               STR_INIT("")};
    for (int64_t i = 0; i < COUNT(here); i++) CHECK(address_is_loopback(here[i]));
    for (int64_t i = 0; i < COUNT(away); i++) CHECK(!address_is_loopback(away[i]));
}

TEST(a_port_in_use_is_a_conflict)
{
    Socket *s, *t;
    CHECK_OK(socket_listen(&s, a, S(":0")));
    Str at = socket_address(s, a);
    CHECK_FAILS(socket_listen(&t, a, at), ERR_CONFLICT);
    CHECK(str_find(str_z(fail_text()), at) > 0);
    socket_close(s);
    CHECK_FAILS(socket_connect(&t, a, at, LONG), ERR_IO);
    CHECK(str_find(str_z(fail_text()), S("refused")) > 0);
    CHECK_OK(socket_listen(&t, a, at));
}

TEST(what_does_not_come_times_out)
{
    Pair p = pair_at(a, S(":0"));
    char got[4];
    int64_t from = clock_mono_ns();
    CHECK_OK(socket_write_all(p.far, S("ab"), LONG));
    CHECK_FAILS(socket_read_all(p.near, got, 4, 30000), ERR_IO);
    CHECK(str_find(str_z(fail_text()), S("time")) > 0);
    CHECK_FAILS(socket_read_all(p.near, got, 4, 0), ERR_IO);
    Str big = str_of(NEW(a, char, 64 << 20), 64 << 20);
    CHECK_FAILS(socket_write_all(p.near, big, 30000), ERR_IO);
    int64_t took = clock_mono_ns() - from;
    CHECK(took >= 60000000 && took < INT64_C(4000000000));
    Socket *s; // nobody takes these calls, and the queue of a listener has an end
    int64_t full = 0;
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    Str address = str_fmt(a, "unix:" STR_FMT "/s", STR_ARG(dir));
    CHECK_OK(socket_listen(&s, a, address));
    for (int32_t i = 0; i < 600 && !full; i++) full = socket_connect(&s, a, address, 2000).code;
    CHECK_I64(full, ERR_IO);
}

typedef struct SlowReader {
    Socket *s;
    int64_t got;
} SlowReader;
static void read_slowly(void *arg)
{
    SlowReader *r = arg;
    char buf[8000];
    while (socket_read_all(r->s, buf, 8000, LONG).code == OK)
        if ((r->got += 8000) % 800000 == 0) clock_sleep(1000);
}
TEST(writing_waits_for_a_slow_reader)
{
    Pair p = pair_at(a, S(":0"));
    SlowReader reader = {.s = p.far};
    Thread *t = thread_start(a, "slow reader", read_slowly, &reader);
    Str data = str_of(NEW(a, char, 8000000), 8000000);
    CHECK_OK(socket_write_all(p.near, data, LONG));
    socket_close(p.near);
    thread_join(t);
    CHECK_I64(reader.got, 8000000);
}

TEST(writing_to_the_dead_is_an_answer)
{
    Pair p = pair_at(a, S(":0"));
    socket_close(p.far);
    Status s = DONE;
    int64_t sent;
    for (int32_t i = 0; i < 100 && !s.code; i++) {
        s = socket_write(p.near, &S("x"), 1, &sent);
        clock_sleep(1000);
    }
    CHECK_FAILS(s, ERR_IO);
    CHECK(str_find(str_z(fail_text()), S("the peer is gone")) > 0);
    char got;
    bool end = false;
    CHECK_OK(socket_read(p.near, &got, 1, &sent, &end));
    CHECK(end);
}

static void wake_later(void *p)
{
    clock_sleep(20000);
    poll_wake(p);
}
TEST(poll_wakes_from_another_thread)
{
    Poll *p = poll_new(a);
    Ready r;
    int64_t from = clock_mono_ns();
    Thread *t = thread_start(a, "waker", wake_later, p);
    CHECK_I64(poll_wait(p, &r, 1, -1), 0); // for ever, were it not for the waker
    CHECK(clock_mono_ns() - from >= 20000000);
    thread_join(t);
    CHECK_I64(poll_wait(p, &r, 1, 0), 0);
    poll_wake(p); // before the wait: not lost
    poll_wake(p);
    CHECK_I64(poll_wait(p, &r, 1, LONG), 0);
    from = clock_mono_ns();
    CHECK_I64(poll_wait(p, &r, 1, 10500), 0);
    CHECK(clock_mono_ns() - from >= 10500000 && clock_mono_ns() - from < 4000000000);
}

TEST(poll_tells_what_is_ready)
{
    Pair p = pair_at(a, S(":0"));
    Poll *poll = poll_new(a);
    Ready r = {0};
    int tag;
    poll_add(poll, p.far, &tag, false);
    CHECK_I64(poll_wait(poll, &r, 1, 0), 0);
    poll_change(poll, p.far, &tag, true);
    CHECK_I64(poll_wait(poll, &r, 1, LONG), 1);
    CHECK(r.tag == &tag && r.writable && !r.readable && !r.closed);
    CHECK_OK(socket_write_all(p.near, S("x"), LONG));
    poll_change(poll, p.far, &tag, false);
    CHECK_I64(poll_wait(poll, &r, 1, LONG), 1);
    CHECK(r.readable && !r.writable);
    CHECK_I64(poll_wait(poll, &r, 1, LONG), 1); // and again, until it is read
    poll_pause(poll, p.far, &tag, false);
    CHECK_I64(poll_wait(poll, &r, 1, 0), 0);
    poll_change(poll, p.far, &tag, false);
    CHECK_I64(poll_wait(poll, &r, 1, LONG), 1);
    socket_close(p.near);
    char got;
    CHECK_OK(socket_read_all(p.far, &got, 1, LONG));
    CHECK_I64(poll_wait(poll, &r, 1, LONG), 1);
    CHECK(r.readable); // the end is something to read
    poll_remove(poll, p.far);
    CHECK_I64(poll_wait(poll, &r, 1, 0), 0);
}
