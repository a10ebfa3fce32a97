// remote.c -- calls of gRPC over one connection, driven by whoever waits for an answer: what is to
// go out is written, what came is taken, and from time to time the server is asked how it is. (Not
// by HTTP/2's pings: Spark's server hangs up on a client that pings more than once in five
// minutes.)
#include "serve/remote.h"
#include "base/civil.h"
#include "base/version.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/net.h"
#include "os/proc.h"
#include "wire/grpc.h"
#include "wire/http2.h"
#include "wire/tls.h"

enum { MESSAGE_MAX = 128 << 20, READ_BYTES = 64 << 10, GIVE_BYTES = 1 << 20, HEADS_MAX = 24 };
enum { PLAN_COMMAND = 2, INTERRUPT_OPERATION = 3 };
#define TURN         (50 * MICROS_PER_MS)
#define CONNECT_WAIT (10 * MICROS_PER_SECOND)
#define LAST_WORDS   (3 * MICROS_PER_SECOND) // for what stops to have stopped
#define SERVICE      "/spark.connect.SparkConnectService/"
typedef struct Call {
    Remote *remote;
    Arena *arena;
    Buf out, in; // out: a framed message
    int64_t sent;
    int32_t stream;
    int64_t began_ns;
    RemoteHear hear;
    void *ctx;
    RemoteError error;
    Failure *failed; // ours, about what the server sent
    Str kept;        // of FetchErrorDetails
    bool over;
} Call;
struct Remote {
    Arena *arena;
    RemoteAddress to;
    Socket *socket;
    Http2 *http2;
    Tls *tls;       // NULL: in the clear
    Buf out, plain; // plain: before or after TLS
    int64_t out_sent, heard_ns;
    Micros patience;
    const Shared64 *stop;
    Call *beat; // how are you
    Str version;
    bool broken;
};

Str remote_version(const Remote *r) { return r->version; }
Str remote_at(const Remote *r) { return r->to.at; }

// ---- what the connection tells -----------------------------------------------------------------

static void call_end(Call *c, Status s) // by us
{
    if (s.code && !c->failed) c->failed = failure_copy(c->arena, failure());
    http2_reset(c->remote->http2, c->stream);
}
static Status take_message(Call *c, bool compressed, Str message)
{
    Proto m;
    if (compressed) return fail(ERR_UNSUPPORTED, "the server compresses what it sends");
    TRY(proto_open(&m, message));
    return c->hear ? c->hear(c->ctx, &m) : DONE;
}
static Status take_messages(Call *c)
{
    bool compressed = false;
    Str message, rest = buf_str(&c->in);
    while (grpc_message(rest, &compressed, &message, &rest))
        TRY(take_message(c, compressed, message));
    if (rest.n) memmove(c->in.p, rest.p, (size_t)rest.n);
    c->in.n = rest.n;
    if (grpc_length(rest) <= MESSAGE_MAX) return DONE;
    return fail(ERR_LIMIT, "the server sends a message of more than %d bytes", MESSAGE_MAX);
}
static void on_data(void *ctx, void *tag, Str bytes)
{
    Call *c = tag;
    ((Remote *)ctx)->heard_ns = clock_mono_ns();
    if (c->failed) return;
    buf_put(&c->in, bytes);
    Status s = take_messages(c);
    if (s.code) call_end(c, s);
}
static void on_head(void *ctx, void *tag, const Http2Head *head)
{
    Call *c = tag;
    const struct {
        const char *name;
        Str *to;
    } row[] = {{"grpc-status", &c->error.status},
               {"grpc-message", &c->error.message},
               {"grpc-status-details-bin", &c->error.details}};
    ((Remote *)ctx)->heard_ns = clock_mono_ns();
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Str *v = options_get(&head->fields, str_z(row[i].name));
        if (v) *row[i].to = str_copy(c->arena, *v);
    }
    bool fine =
        !head->status.n || str_starts(head->status, S("1")) || str_eq(head->status, S("200"));
    if (fine || c->error.status.n) return;
    call_end(c, fail(ERR_INVALID, STR_FMT " is no Spark Connect server: it answers HTTP " STR_FMT,
                     STR_ARG(c->remote->to.at), STR_ARG(head->status)));
}
static void on_end(void *ctx, void *tag) { (void)ctx, (void)tag; }
static void on_closed(void *ctx, void *tag)
{
    (void)ctx;
    ((Call *)tag)->over = true;
}
static int64_t on_pull(void *ctx, void *tag, char *to, int64_t room, bool *end)
{
    Call *c = tag;
    int64_t n = MIN(room, c->out.n - c->sent);
    (void)ctx;
    if (n) memcpy(to, c->out.p + c->sent, (size_t)n);
    c->sent += n;
    *end = c->sent == c->out.n;
    return n;
}

// ---- the connection ----------------------------------------------------------------------------

// More of what is to go out, in r->out.
static Status give(Remote *r)
{
    if (!r->tls) {
        (void)http2_give(r->http2, &r->out, GIVE_BYTES);
        return DONE;
    }
    buf_clear(&r->plain);
    (void)http2_give(r->http2, &r->plain, GIVE_BYTES);
    return r->plain.n ? tls_put(r->tls, buf_str(&r->plain), &r->out) : DONE;
}
static Status flush(Remote *r)
{
    for (;;) {
        if (r->out_sent == r->out.n) {
            buf_clear(&r->out);
            r->out_sent = 0;
        }
        if (!r->out.n) TRY(give(r));
        if (!r->out.n) return DONE;
        Str rest = str_from(buf_str(&r->out), r->out_sent);
        int64_t sent = 0;
        TRY(socket_write(r->socket, &rest, 1, &sent));
        if (!sent) return DONE;
        r->out_sent += sent;
    }
}
static Status take_bytes(Remote *r, Str bytes, bool *end)
{
    if (!r->tls) return http2_take(r->http2, bytes, clock_mono_ns());
    buf_clear(&r->plain);
    TRY(tls_take(r->tls, bytes, &r->plain, &r->out, end));
    return http2_take(r->http2, buf_str(&r->plain), clock_mono_ns());
}
static Status drain(Remote *r)
{
    char piece[READ_BYTES];
    int64_t got = 1;
    bool end = false;
    while (got && !end) {
        TRY(socket_read(r->socket, piece, READ_BYTES, &got, &end));
        if (got) TRY(take_bytes(r, str_of(piece, got), &end));
    }
    if (end) return fail(ERR_IO, "it closed the connection");
    if (!http2_over(r->http2)) return DONE;
    return fail(ERR_IO, r->version.n ? "it ended the connection" : "no Spark Connect server");
}
// Sends and takes what can go and has come; waits a little for more.
static Status turn(Remote *r)
{
    Status s = flush(r);
    if (!s.code) (void)socket_wait(r->socket, r->out.n > r->out_sent, TURN);
    if (!s.code) s = drain(r);
    if (!s.code) return flush(r);
    r->broken = true;
    return fail_in(s, STR_FMT, STR_ARG(r->to.at));
}

// ---- calls -------------------------------------------------------------------------------------

static Call *call_new(Remote *r) // its message is written to `out`, then call_begin
{
    Arena *a = arena_new(r->arena);
    Call *c = NEW(a, Call, 1);
    *c = (Call){.remote = r, .arena = a, .out = buf_new(a), .in = buf_new(a)};
    buf_fill(&c->out, 0, GRPC_PREFIX);
    proto_put_str(&c->out, 1, r->to.session);
    int64_t user = proto_begin(&c->out, 2);
    proto_put_str(&c->out, 1, r->to.user);
    proto_put_str(&c->out, 2, r->to.user);
    proto_end(&c->out, user);
    return c;
}
static Status call_begin(Call *c, const char *method)
{
    Remote *r = c->remote;
    Http2Field head[HEADS_MAX] = {{S(":method"), S("POST")},
                                  {S(":scheme"), r->tls ? S("https") : S("http")},
                                  {S(":path"), str_cat(c->arena, S(SERVICE), str_z(method))},
                                  {S(":authority"), r->to.at},
                                  {S("te"), S("trailers")},
                                  {S("content-type"), S("application/grpc")},
                                  {S("grpc-accept-encoding"), S("identity")},
                                  {S("user-agent"), r->to.agent}};
    int32_t n = 8;
    if (r->to.token.n)
        head[n++] = (Http2Field){S("authorization"), str_cat(c->arena, S("Bearer "), r->to.token)};
    for (int64_t i = 0; i < r->to.fields.n && n < HEADS_MAX; i++)
        head[n++] = (Http2Field){r->to.fields.v[i].key, r->to.fields.v[i].value};
    grpc_prefix(c->out.p, c->out.n - GRPC_PREFIX);
    c->began_ns = clock_mono_ns();
    return http2_ask(r->http2, c, head, n, &c->stream);
}
static Call *version_call(Remote *r)
{
    Call *c = call_new(r);
    proto_put_str(&c->out, 3, S("kappa"));
    proto_put_str(&c->out, 10, S(""));
    return c;
}
// Whether the server is still there: asked when nothing was heard for a quarter of the patience.
static Status check_alive(Remote *r)
{
    int64_t now = clock_mono_ns(), patience = r->patience * 1000;
    if (r->beat && r->beat->over) {
        arena_free(r->beat->arena);
        r->beat = NULL;
    }
    if (!r->beat && now - r->heard_ns > patience / 4) {
        r->beat = version_call(r);
        TRY(call_begin(r->beat, "AnalyzePlan"));
    }
    if (!r->beat || now - r->beat->began_ns < patience / 4 * 3) return DONE;
    r->broken = true;
    return fail(ERR_IO, STR_FMT " has not answered for %.1f seconds", STR_ARG(r->to.at),
                (double)(now - r->heard_ns) / 1e9);
}
// Until the call is over, for at most so long; false when the time ran out.
static Status call_wait(Call *c, Micros at_most, bool *over)
{
    int64_t until = clock_mono_ns() + at_most * 1000;
    Status s = DONE;
    while (!c->over && !s.code && clock_mono_ns() < until) s = turn(c->remote);
    *over = c->over; // the last a connection brings may be an answer
    return c->over ? DONE : s;
}
// How a call ended that is over.
static Status call_status(Call *c)
{
    if (c->failed) return failure_again(c->failed);
    if (str_eq(c->error.status, S("0"))) return DONE;
    if (c->error.status.n) return remote_failed(&c->error, (Str){0});
    c->remote->broken = true;
    return fail(ERR_IO, STR_FMT " ended a call without a word", STR_ARG(c->remote->to.at));
}
static bool stopped(const Remote *r) { return r->stop && shared_get(r->stop); }

// A short call: nothing is heard but its only answer.
static Status call_run(Call *c, const char *method)
{
    Remote *r = c->remote;
    bool over = false;
    TRY(call_begin(c, method));
    TRY(call_wait(c, r->patience, &over));
    if (over) return call_status(c);
    r->broken = true;
    return fail(ERR_IO, STR_FMT " has not answered for %.1f seconds", STR_ARG(r->to.at),
                (double)r->patience / 1e6);
}

// ---- the session -------------------------------------------------------------------------------

static Status hear_version(void *ctx, const Proto *response)
{
    Remote *r = ctx;
    Proto version;
    TRY(proto_sub(response, 8, &version));
    r->version = str_copy(r->arena, proto_str(&version, 1));
    return DONE;
}
static Status greet(Remote *r)
{
    Call *c = version_call(r);
    c->hear = hear_version;
    c->ctx = r;
    TRY(call_run(c, "AnalyzePlan"));
    arena_free(c->arena);
    return DONE;
}
static void end_socket(void *arg) { socket_close(((Remote *)arg)->socket); }
// As other clients of gRPC: the system's certificates, or those in the file that is named.
static Status begin_tls(Remote *r)
{
    TlsConfig *config = NULL;
    Str file = env_get(r->arena, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"), roots = {0};
    Str host = str_of(r->to.at.p, str_rfind_char(r->to.at, ':'));
    if (file.n) TRY(file_load(&roots, r->arena, file, 1 << 24));
    if (str_starts(host, S("["))) host = str_sub(host, 1, host.n - 2);
    TRY(tls_client_config(&config, r->arena, roots));
    r->tls = tls_connect(r->arena, config, host, &r->out);
    return DONE;
}
static Status connect_to(Remote *r, Str url)
{
    static const Http2Events events = {
        .data = on_data, .end = on_end, .closed = on_closed, .pull = on_pull, .head = on_head};
    static const Http2Limits limits = {
        .window = 4 << 20, .header_bytes = 64 << 10, .resets = 1000, .client = true};
    Arena *a = r->arena;
    TRY(remote_address(&r->to, a, url));
    if (!r->to.session.n) r->to.session = rand_uuid(a);
    if (!r->to.agent.n) r->to.agent = S("kappa/" KAPPA_VERSION);
    TRY(socket_connect(&r->socket, a, r->to.at, MIN(CONNECT_WAIT, r->patience)));
    arena_defer(a, end_socket, r);
    if (r->to.tls) TRY(begin_tls(r));
    r->http2 = http2_new(a, &events, r, &limits);
    r->heard_ns = clock_mono_ns();
    return greet(r);
}
Status remote_open(Remote **out, Arena *parent, Str url, const RemoteOptions *o)
{
    Arena *a = arena_new(parent);
    Remote *r = NEW(a, Remote, 1);
    *r = (Remote){.arena = a,
                  .patience = o->patience,
                  .stop = o->stop,
                  .out = buf_new(a),
                  .plain = buf_new(a)};
    Status s = connect_to(r, url);
    if (!s.code) {
        *out = r;
        return DONE;
    }
    const Failure *f = failure_copy(parent, failure());
    arena_free(a);
    return failure_again(f);
}
static void interrupt(Remote *r, Call *running, Str operation)
{
    Call *c = call_new(r);
    bool over = false;
    proto_put_str(&c->out, 3, S("kappa"));
    proto_put_int(&c->out, 4, INTERRUPT_OPERATION);
    proto_put_str(&c->out, 6, operation);
    Status s = call_begin(c, "Interrupt");
    if (!s.code) s = call_wait(running, LAST_WORDS, &over);
    if (!s.code && !over) call_end(running, DONE);
}
static Status execute(Remote *r, Call *c, Str operation)
{
    TRY(call_begin(c, "ExecutePlan"));
    while (!c->over) {
        if (stopped(r)) {
            interrupt(r, c, operation);
            return fail(ERR_CANCELLED, "stopped");
        }
        Status s = turn(r);
        if (!s.code) s = check_alive(r);
        if (!c->over) TRY(s);
    }
    return call_status(c);
}
// What the server knows more of its failure. It may know nothing: the trailers stand then.
static Status keep_more(void *ctx, const Proto *response)
{
    Call *c = ctx;
    c->kept = str_copy(c->arena, response->bytes);
    return DONE;
}
static Status failed_at(Remote *r, const Call *failed, Status s)
{
    Str id = remote_error_id(&failed->error, failed->arena);
    if (!id.n || r->broken) return s;
    Call *c = call_new(r);
    c->hear = keep_more;
    c->ctx = c;
    proto_put_str(&c->out, 3, id);
    proto_put_str(&c->out, 4, S("kappa"));
    Status asked = call_run(c, "FetchErrorDetails");
    return remote_failed(&failed->error, asked.code ? (Str){0} : c->kept);
}
Status remote_execute(Remote *r, Str command, RemoteHear hear, void *ctx)
{
    Call *c = call_new(r);
    Str operation = rand_uuid(c->arena);
    c->hear = hear;
    c->ctx = ctx;
    int64_t plan = proto_begin(&c->out, 3);
    proto_put_str(&c->out, PLAN_COMMAND, command);
    proto_end(&c->out, plan);
    proto_put_str(&c->out, 4, S("kappa"));
    proto_put_str(&c->out, 6, operation);
    Status s = execute(r, c, operation);
    if (s.code && !c->failed && c->error.status.n && s.code != ERR_CANCELLED)
        s = failed_at(r, c, s);
    return s;
}
void remote_close(Remote *r)
{
    bool over = false;
    Call *c = call_new(r);
    proto_put_str(&c->out, 3, S("kappa"));
    if (!r->broken && call_begin(c, "ReleaseSession").code == OK) {
        Status s = call_wait(c, LAST_WORDS, &over);
        (void)s; // a server that does not hear it ends the session by itself
    }
    arena_free(r->arena);
}
