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
static Code code_of(int64_t grpc)
{
    switch (grpc) {
    case GRPC_CANCELLED: return ERR_CANCELLED;
    case GRPC_NOT_FOUND: return ERR_NOT_FOUND;
    case GRPC_RESOURCE_EXHAUSTED: return ERR_LIMIT;
    case GRPC_UNIMPLEMENTED: return ERR_UNSUPPORTED;
    case GRPC_UNAVAILABLE:
    case GRPC_DEADLINE_EXCEEDED: return ERR_IO;
    default: return ERR_INVALID;
    }
}
static Str reason_of(int64_t grpc) // when the server gives none
{
    switch (grpc) {
    case GRPC_UNIMPLEMENTED: return S("the server does not know this call");
    case GRPC_UNAUTHENTICATED:
    case GRPC_PERMISSION_DENIED: return S("the server wants another token");
    default: return S("the server gives no reason");
    }
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
    read_trailers(&t, a, e);
    Status read = read_more(&t, more);
    (void)read; // what there is of it
    Str text = without_plan(t.message.n ? t.message : reason_of(grpc));
    if (t.condition.n && !str_starts(text, S("[")))
        buf_fmt(&b, "[" STR_FMT "] ", STR_ARG(t.condition));
    buf_put(&b, text);
    if (t.sqlstate.n && str_find(text, S("SQLSTATE:")) < 0)
        buf_fmt(&b, " SQLSTATE: " STR_FMT, STR_ARG(t.sqlstate));
    Status s = fail(code_of(grpc), STR_FMT, STR_ARG(buf_str(&b)));
    arena_free(a);
    return s;
}
