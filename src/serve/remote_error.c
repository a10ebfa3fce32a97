// remote_error.c -- a failure that another server tells: its own text, whole when it was cut for
// the trailers, with its condition and SQLSTATE, as kappa writes its own.
#include "base/num.h"
#include "serve/remote.h"
#include "wire/grpc.h"

typedef struct Told {
    Str message, condition, sqlstate, id;
} Told;

static Str option_or(const Options *o, Str key)
{
    const Str *v = options_get(o, key);
    return v ? *v : (Str){0};
}
static void read_trailers(Told *t, Arena *a, const RemoteError *e)
{
    Buf text = buf_new(a), details = buf_new(a);
    Options meta = {0};
    Str message = {0};
    grpc_unpercent(&text, e->message);
    t->message = buf_str(&text);
    if (!grpc_unbase64(&details, e->details)) return;
    if (grpc_status_read(buf_str(&details), a, &message, &meta).code) return;
    if (!t->message.n) t->message = message;
    t->condition = option_or(&meta, S("errorClass"));
    t->sqlstate = option_or(&meta, S("sqlState"));
    t->id = option_or(&meta, S("errorId"));
}
Str remote_error_id(const RemoteError *e, Arena *a)
{
    Told t = {0};
    read_trailers(&t, a, e);
    return t.id;
}
// The root of the errors in a FetchErrorDetailsResponse.
static Status read_more(Told *t, Str more)
{
    Proto m, error, spark;
    int64_t at = 0;
    TRY(proto_open(&m, more));
    for (ProtoEach e = proto_each(&m, 2); proto_more(&e); at++) {
        if (at != proto_int(&m, 1)) continue;
        TRY(proto_item(&m, &e, &error));
        TRY(proto_sub(&error, 5, &spark));
        if (proto_str(&error, 2).n) t->message = proto_str(&error, 2);
        if (proto_str(&spark, 1).n) t->condition = proto_str(&spark, 1);
        if (proto_str(&spark, 4).n) t->sqlstate = proto_str(&spark, 4);
        return DONE;
    }
    return DONE;
}
typedef struct Meaning { // of a gRPC status
    GrpcCode grpc;
    Code code;
    const char *reason; // when the server gives none
} Meaning;
static Meaning meaning_of(int64_t grpc)
{
    static const Meaning known[] = {
        {GRPC_CANCELLED, ERR_CANCELLED, "the server cancelled it"},
        {GRPC_NOT_FOUND, ERR_NOT_FOUND, "the server does not find it"},
        {GRPC_RESOURCE_EXHAUSTED, ERR_LIMIT, "that is too much for the server"},
        {GRPC_UNIMPLEMENTED, ERR_UNSUPPORTED, "the server does not know this call"},
        {GRPC_UNAVAILABLE, ERR_IO, "the server is not ready"},
        {GRPC_DEADLINE_EXCEEDED, ERR_IO, "the server took too long"},
        {GRPC_UNAUTHENTICATED, ERR_INVALID, "the server wants another token"},
        {GRPC_PERMISSION_DENIED, ERR_INVALID, "the server wants another token"},
    };
    for (int64_t i = 0; i < COUNT(known); i++)
        if (known[i].grpc == grpc) return known[i];
    return (Meaning){GRPC_INTERNAL, ERR_INVALID, "the server gives no reason"};
}
// The plan of a query that failed says nothing to whoever wrote SQL.
static Str without_plan(Str text)
{
    int64_t at = str_find(text, S("\n=== Streaming Query ==="));
    return str_trim(at < 0 ? text : str_of(text.p, at));
}
Status remote_failed(const RemoteError *e, Str more)
{
    Arena *a = arena_new(NULL);
    Told t = {0};
    int64_t grpc = GRPC_INTERNAL;
    Buf b = buf_new(a);
    (void)num_parse_i64(e->status, &grpc);
    Meaning meaning = meaning_of(grpc);
    read_trailers(&t, a, e);
    Status read = read_more(&t, more);
    (void)read; // what there is of it
    Str text = without_plan(t.message.n ? t.message : str_z(meaning.reason));
    if (t.condition.n && !str_starts(text, S("[")))
        buf_fmt(&b, "[" STR_FMT "] ", STR_ARG(t.condition));
    buf_put(&b, text);
    if (t.sqlstate.n && str_find(text, S("SQLSTATE:")) < 0)
        buf_fmt(&b, " SQLSTATE: " STR_FMT, STR_ARG(t.sqlstate));
    Status s = fail(meaning.code, STR_FMT, STR_ARG(buf_str(&b)));
    arena_free(a);
    return s;
}
