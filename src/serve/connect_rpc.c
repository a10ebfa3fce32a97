// connect_rpc.c -- calls: a request is gathered, checked and handed to its method; the answer is
// pulled as the connection takes it.
#include "fmt/codec.h"
#include "serve/connect_session.h"
#include "wire/protobuf.h"

enum { ROOM_FIRST = 1 << 20, ROOM_AHEAD = 4 };

static void rpc_unlink(Rpc *r)
{
    if (r->next) r->next->prev = r->prev;
    if (r->prev)
        r->prev->next = r->next;
    else
        r->link->rpcs = r->next;
    r->link = NULL;
}
static void rpc_unref(Rpc *r)
{
    if (--r->refs) return;
    if (r->now) reply_drop(r->now);
    if (r->answer) reply_drop(r->answer);
    connect_error_drop(r->error);
    shared_add(&r->door->held, -r->in.n);
    if (r->in.arena) arena_free(r->in.arena);
    arena_free(r->arena);
}
void rpc_gone(Rpc *r)
{
    timer_stop(&r->door->timers, &r->deadline);
    timer_stop(&r->door->timers, &r->cut_timer);
    rpc_detach(r);
    rpc_unlink(r);
    rpc_unref(r);
}
void rpc_more(Rpc *r)
{
    static const Http2Field head[] = {
        {STR_INIT(":status"), STR_INIT("200")},
        {STR_INIT("content-type"), STR_INIT("application/grpc")},
    };
    if (!r->link) return;
    if (!r->begun) http2_answer(r->link->http2, r->stream, head, (int32_t)COUNT(head));
    if (r->begun) http2_more(r->link->http2, r->stream);
    r->begun = true;
    link_mark(r->link);
}
static void end_with(Rpc *r, ConnectError *e)
{
    rpc_detach(r);
    connect_error_drop(r->error);
    r->error = e;
    r->done = true;
    rpc_more(r);
}
void rpc_fail(Rpc *r, Status s) { end_with(r, connect_error_new(s, GRPC_OK)); }
static void refuse(Rpc *r, GrpcCode code, Status s) { end_with(r, connect_error_new(s, code)); }

// ---- the answer --------------------------------------------------------------------------------

static bool may_cut(const Rpc *r)
{
    return r->op->reattachable && (r->cut || r->sent_bytes >= r->op->client->stream_bytes_max);
}
static bool next_reply(Rpc *r)
{
    bool over = false;
    if (r->answer) {
        r->now = r->answer;
        r->answer = NULL;
        r->done = true;
    } else if (r->op && may_cut(r)) {
        r->done = true; // the client attaches again
        rpc_detach(r);
    } else if (r->op) {
        r->now = operation_next(r->op, &r->cursor, &over);
        if (over) {
            r->error = r->op->error;
            if (r->error) shared_add(&r->error->refs, 1);
            r->done = true;
            rpc_detach(r);
        }
    }
    r->sent = 0;
    return r->now != NULL;
}
static void send_trailers(Rpc *r)
{
    Http2Field field[ERROR_FIELDS];
    Arena *a = arena_new(NULL);
    int32_t n = connect_error_trailers(r->error, a, field);
    http2_trailers(r->link->http2, r->stream, field, n);
    arena_free(a);
}
static int64_t rpc_pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    Rpc *r = tag;
    int64_t n = 0;
    (void)ctx;
    while (n < room && (r->now || (!r->done && next_reply(r)))) {
        int64_t piece = MIN(room - n, r->now->bytes.n - r->sent);
        memcpy(to + n, r->now->bytes.p + r->sent, (size_t)piece);
        n += piece;
        r->sent += piece;
        if (r->sent < r->now->bytes.n) continue;
        reply_drop(r->now);
        r->now = NULL;
    }
    r->sent_bytes += n;
    *end = r->done && !r->now;
    if (*end) send_trailers(r);
    return n;
}

// ---- methods -----------------------------------------------------------------------------------

static void tell_done(Rpc *r)
{
    ConnectDoor *d = r->door;
    mutex_lock(d->lock);
    r->next_done = d->done_rpcs;
    d->done_rpcs = r;
    mutex_unlock(d->lock);
    poll_wake(d->poll);
}
static Reply *answer_new(void)
{
    Reply *p = reply_new();
    buf_fill(&p->bytes, 0, GRPC_PREFIX);
    return p;
}
static void answer_keep(Rpc *r, Reply *p, Status s)
{
    if (s.code) {
        r->error = connect_error_new(s, GRPC_OK);
        client_keep_error(r->client, r->error);
        reply_drop(p);
    } else {
        grpc_prefix(p->bytes.p, p->bytes.n - GRPC_PREFIX);
        r->answer = p;
    }
}
static void unary_job(Job *j)
{
    Rpc *r = CONTAINER(j, Rpc, job);
    Reply *p = answer_new();
    answer_keep(r, p, r->method->run(r, r->request, &p->bytes));
    tell_done(r);
}
void rpcs_done(ConnectDoor *d)
{
    mutex_lock(d->lock);
    Rpc *r = d->done_rpcs;
    d->done_rpcs = NULL;
    mutex_unlock(d->lock);
    for (Rpc *next; r; r = next) {
        next = r->next_done;
        if (r->client) client_drop(r->client);
        r->client = NULL;
        if (r->error) r->done = true;
        rpc_more(r);
        rpc_unref(r);
    }
}
static Status ask_of(ClientAsk *ask, const Method *m, Str request)
{
    Proto p, user;
    TRY(proto_open(&p, request));
    TRY(proto_sub(&p, 2, &user));
    *ask = (ClientAsk){.id = proto_str(&p, 1),
                       .user = proto_str(&user, 1),
                       .client_type = m->type_no ? proto_str(&p, m->type_no) : (Str){0},
                       .observed = m->observed_no ? proto_str(&p, m->observed_no) : (Str){0}};
    return DONE;
}
static void run_here(Rpc *r)
{
    Reply *p = answer_new();
    answer_keep(r, p, r->method->here(r, r->request, &p->bytes));
    if (r->client) client_drop(r->client);
    r->client = NULL;
    if (r->error) r->done = true;
    rpc_more(r);
}
static void dispatch(Rpc *r)
{
    ClientAsk ask;
    Status s = ask_of(&ask, r->method, r->request);
    if (!s.code && !r->method->any_session) s = client_find(&r->client, r->door, &ask);
    if (!s.code && r->method->any_session) client_look(&r->client, r->door, &ask);
    if (s.code) {
        rpc_fail(r, s);
        return;
    }
    r->ask = ask;
    if (r->method->run) {
        r->refs++;
        r->job.run = unary_job;
        if (crew_submit(r->door, &r->job)) return;
        r->refs--;
        refuse(r, GRPC_RESOURCE_EXHAUSTED, fail(ERR_LIMIT, "the server has too much to do"));
    } else if (r->method->attach) {
        s = r->method->attach(r, r->request);
        if (s.code) rpc_fail(r, s);
    } else {
        run_here(r);
        return;
    }
    if (r->client) client_drop(r->client);
    r->client = NULL;
}

// ---- the request -------------------------------------------------------------------------------

static void on_deadline(Timer *t, void *to)
{
    Rpc *r = CONTAINER(t, Rpc, deadline);
    (void)to;
    if (r->done) return;
    refuse(r, GRPC_DEADLINE_EXCEEDED, fail(ERR_CANCELLED, "the call's deadline has passed"));
}
static void on_cut(Timer *t, void *to)
{
    Rpc *r = CONTAINER(t, Rpc, cut_timer);
    (void)to;
    r->cut = true;
    rpc_more(r);
}
void rpc_cut_after(Rpc *r, Micros t)
{
    timer_set(&r->door->timers, &r->cut_timer, connect_now() + t * 1000);
}
static Str field_of_head(const Http2Head *head, Str name)
{
    const Str *v = options_get(&head->fields, name);
    return v ? *v : (Str){0};
}
static bool same_secret(Str x, Str y) // takes as long whatever differs
{
    uint8_t differ = x.n != y.n;
    for (int64_t i = 0; i < x.n && i < y.n; i++) differ |= (uint8_t)(x.p[i] ^ y.p[i]);
    return !differ;
}
static Status may_enter(const Link *l, const Http2Head *head)
{
    const ConnectDoor *d = l->door;
    Str given = field_of_head(head, S("authorization")),
        worker = field_of_head(head, S("x-kappa-worker"));
    if (worker.n && same_secret(worker, d->worker_secret)) return DONE;
    if (l->in_clear)
        return fail(ERR_INVALID, "this door speaks TLS: connect to sc://HOST:%d/;use_ssl=true",
                    connect_door_port(d));
    if (!d->options.token.n) return DONE;
    if (str_starts(given, S("Bearer ")) && same_secret(str_from(given, 7), d->options.token))
        return DONE;
    return fail(ERR_INVALID, "the call bears no token, or a wrong one");
}
static void check_head(Rpc *r, const Http2Head *head)
{
    static const Http2Field no_grpc[] = {{STR_INIT(":status"), STR_INIT("415")}};
    Str type = field_of_head(head, S("content-type")),
        encoding = field_of_head(head, S("grpc-encoding")),
        timeout = field_of_head(head, S("grpc-timeout"));
    Micros t;
    if (!str_starts(type, S("application/grpc"))) {
        r->done = r->begun = true;
        http2_answer_head(r->link->http2, r->stream, no_grpc, 1);
        return;
    }
    r->method = method_find(head->path);
    r->gzip = str_eq(encoding, S("gzip"));
    Status s = may_enter(r->link, head);
    if (s.code)
        refuse(r, GRPC_UNAUTHENTICATED, s);
    else if (!r->method)
        refuse(r, GRPC_UNIMPLEMENTED,
               fail(ERR_UNSUPPORTED, "there is no call " STR_FMT, STR_ARG(head->path)));
    else if (encoding.n && !r->gzip && !str_eq(encoding, S("identity")))
        refuse(r, GRPC_UNIMPLEMENTED,
               fail(ERR_UNSUPPORTED, "messages packed with " STR_FMT, STR_ARG(encoding)));
    else if (timeout.n && grpc_timeout(&t, timeout))
        timer_set(&r->door->timers, &r->deadline, connect_now() + t * 1000);
}
static void *rpc_open(void *ctx, int32_t stream, const Http2Head *head)
{
    Link *l = ctx;
    Arena *a = arena_new(NULL);
    Rpc *r = NEW(a, Rpc, 1);
    *r = (Rpc){.door = l->door, .link = l, .arena = a, .stream = stream, .refs = 1};
    r->in = buf_new(arena_new(NULL));
    r->deadline.fire = on_deadline;
    r->cut_timer.fire = on_cut;
    r->next = l->rpcs;
    if (r->next) r->next->prev = r;
    l->rpcs = r;
    shared_add(&l->door->calls, 1);
    check_head(r, head);
    return r;
}
// A message's length, as soon as it is known, decides whether it may come.
static Status check_room(Rpc *r)
{
    Reader head = reader_of(str_from(buf_str(&r->in), r->taken));
    (void)reader_u8(&head);
    int64_t n = reader_u32be(&head);
    if (head.bad) return DONE;
    if (n > r->door->options.message_bytes_max)
        return fail(ERR_LIMIT, "a message of %lld bytes; the most is %lld", (long long)n,
                    (long long)r->door->options.message_bytes_max);
    if (shared_get(&r->door->held) > r->door->options.memory_max)
        return fail(ERR_LIMIT, "the server holds too many requests");
    // Room for all of it at once saves copies, but a length alone is no message yet.
    int64_t have = r->in.n - r->taken, most = MAX(ROOM_FIRST, ROOM_AHEAD * have);
    if (r->in.cap - r->in.n < MIN(GRPC_PREFIX + n - have, ROOM_FIRST / 4))
        buf_room(&r->in, MIN(GRPC_PREFIX + n - have, most));
    return DONE;
}
static Status unpack(Rpc *r, bool compressed, Str *message)
{
    if (!compressed) return DONE;
    if (!r->gzip) return fail(ERR_INVALID, "a packed message, and no word of how");
    return gunzip(message, r->in.arena, *message, r->door->options.message_bytes_max);
}
// Messages of a call that has many are taken as they come.
static void take_messages(Rpc *r)
{
    bool compressed;
    Str message, rest;
    while (!r->done &&
           grpc_message(str_from(buf_str(&r->in), r->taken), &compressed, &message, &rest)) {
        Status s = unpack(r, compressed, &message);
        if (!s.code) s = ask_of(&r->ask, r->method, message);
        if (!s.code && !r->client) s = client_find(&r->client, r->door, &r->ask);
        if (!s.code) s = r->method->message(r, message);
        if (s.code) rpc_fail(r, s);
        r->taken = r->in.n - rest.n;
    }
    memmove(r->in.p, r->in.p + r->taken, (size_t)(r->in.n - r->taken));
    shared_add(&r->door->held, -r->taken);
    r->in.n -= r->taken;
    r->taken = 0;
}
static void rpc_data(void *ctx, void *tag, Str bytes)
{
    Rpc *r = tag;
    (void)ctx;
    if (r->done || !bytes.n) return;
    buf_put(&r->in, bytes);
    shared_add(&r->door->held, bytes.n);
    Status s = check_room(r);
    if (s.code)
        refuse(r, GRPC_RESOURCE_EXHAUSTED, s);
    else if (r->method->message)
        take_messages(r);
}
static void rpc_end(void *ctx, void *tag)
{
    Rpc *r = tag;
    bool compressed;
    Str rest;
    (void)ctx;
    if (r->done || r->whole) return;
    r->whole = true;
    if (r->method->message) {
        if (r->client)
            run_here(r);
        else
            rpc_fail(r, fail(ERR_INVALID, "a call without a message"));
        return;
    }
    Status s = DONE;
    if (!grpc_message(buf_str(&r->in), &compressed, &r->request, &rest) || rest.n)
        s = fail(ERR_INVALID, "a call that does not hold exactly one message");
    if (!s.code) s = unpack(r, compressed, &r->request);
    if (s.code)
        rpc_fail(r, s);
    else
        dispatch(r);
}
static void rpc_closed(void *ctx, void *tag)
{
    (void)ctx;
    rpc_gone(tag);
}
const Http2Events rpc_events = {
    .open = rpc_open, .data = rpc_data, .end = rpc_end, .closed = rpc_closed, .pull = rpc_pull};
