// connect_methods.c -- the calls of spark.connect.SparkConnectService that keep the books: attach,
// release, interrupt, sessions, errors. ExecutePlan's work is in connect_execute.c.
#include "serve/connect_session.h"

static Status no_session(const Rpc *r)
{
    return RAISE(INVALID_HANDLE_SESSION_NOT_FOUND, P("handle", r->ask.id));
}
void put_session(const Rpc *r, Buf *b, uint32_t id_no, uint32_t server_no)
{
    proto_put_str(b, id_no, r->ask.id);
    if (r->client) proto_put_str(b, server_no, r->client->server_id);
}

// ---- ExecutePlan -------------------------------------------------------------------------------

static Status wants_reattach(const Proto *request, bool *reattachable)
{
    for (ProtoEach e = proto_each(request, 5); proto_more(&e);) {
        Proto option, reattach;
        TRY(proto_item(request, &e, &option));
        TRY(proto_sub(&option, 1, &reattach));
        *reattachable |= proto_bool(&reattach, 1);
    }
    return DONE;
}
static Status attach_again(Rpc *r, Operation *o, Str plan)
{
    Status s = DONE;
    if (!str_eq(o->plan, plan))
        s = RAISE(INVALID_HANDLE_OPERATION_ALREADY_EXISTS, P("handle", o->id));
    else
        operation_attach(o, r, o->first);
    operation_drop(o);
    return s;
}
static Status execute(Rpc *r, Str request)
{
    Proto p;
    bool reattachable = false;
    TRY(proto_open(&p, request));
    TRY(wants_reattach(&p, &reattachable));
    Str id = proto_str(&p, 6), plan = proto_str(&p, 3);
    if (id.n && !is_uuid(id)) return RAISE(INVALID_HANDLE_FORMAT, P("handle", id));
    Operation *o = id.n ? operation_find(r->client, id) : NULL;
    if (o) return attach_again(r, o, plan);
    // The plan stays where it came in.
    o = operation_new(r->client, r->in.arena, id, plan);
    shared_add(&r->door->held, -r->in.n);
    r->in = (Buf){0};
    o->reattachable = reattachable;
    for (ProtoEach e = proto_each(&p, 7); proto_more(&e);)
        vec_push(o->arena, &o->tags, e.field.bytes);
    operation_attach(o, r, 0);
    o->job.run = operation_run;
    if (crew_submit(r->door, &o->job)) return DONE;
    operation_release(o);
    operation_drop(o); // the job's
    return fail(ERR_LIMIT, "the server has too much to do");
}
static Status reattach(Rpc *r, Str request)
{
    Proto p;
    TRY(proto_open(&p, request));
    if (!r->client) return no_session(r);
    Operation *o = operation_find(r->client, proto_str(&p, 3));
    if (!o) return RAISE(INVALID_HANDLE_OPERATION_NOT_FOUND, P("handle", proto_str(&p, 3)));
    Str last = proto_str(&p, 5);
    int64_t cursor = operation_after(o, last);
    Status s = DONE;
    if (!o->reattachable)
        s = RAISE(INVALID_CURSOR_NOT_REATTACHABLE);
    else if (cursor < 0)
        s = RAISE(INVALID_CURSOR_POSITION_NOT_FOUND, P("responseId", last));
    else
        operation_attach(o, r, cursor);
    operation_drop(o);
    return s;
}
static Status release(Rpc *r, Str request, Buf *answer)
{
    Proto p, until;
    TRY(proto_open(&p, request));
    TRY(proto_sub(&p, 6, &until));
    put_session(r, answer, 1, 3);
    Operation *o = r->client ? operation_find(r->client, proto_str(&p, 3)) : NULL;
    if (!o) return DONE;
    proto_put_str(answer, 2, o->id);
    if (until.present)
        operation_release_until(o, proto_str(&until, 1));
    else
        operation_release(o);
    operation_drop(o);
    return DONE;
}

// ---- sessions ----------------------------------------------------------------------------------

static Status release_session(Rpc *r, Str request, Buf *answer)
{
    (void)request;
    put_session(r, answer, 1, 2);
    if (r->client) client_close(r->client);
    return DONE;
}
static bool has_tag(const Operation *o, Str tag)
{
    for (int64_t i = 0; i < o->tags.n; i++)
        if (str_eq(o->tags.v[i], tag)) return true;
    return false;
}
static Status interrupt(Rpc *r, Str request, Buf *answer)
{
    enum { BY_ALL = 1, BY_TAG = 2, BY_ID = 3 };
    Proto p;
    TRY(proto_open(&p, request));
    int64_t by = proto_int(&p, 4);
    Str tag = proto_str(&p, 5), id = proto_str(&p, 6);
    if (by < BY_ALL || by > BY_ID)
        return fail(ERR_INVALID, "an interrupt that says neither all, nor a tag, nor an operation");
    put_session(r, answer, 1, 3);
    Client *c = r->client;
    mutex_lock(c->door->lock);
    for (int64_t i = 0; i < c->operations.n; i++) {
        Operation *o = c->operations.entry[i].value;
        if (o == c->listener) continue; // hears of the ends that follow
        if ((by == BY_TAG && !has_tag(o, tag)) || (by == BY_ID && !str_eq(o->id, id))) continue;
        mutex_lock(o->lock);
        bool runs = !o->done;
        mutex_unlock(o->lock);
        if (!runs) continue;
        proto_put_str(answer, 2, o->id);
        operation_cancel(o);
    }
    for (int64_t i = 0; i < c->streamed.n && by != BY_ID; i++) { // as Spark: not by an operation
        Streamed *s = c->streamed.v[i];
        bool named = by == BY_ALL;
        for (int64_t k = 0; by == BY_TAG && k < s->tags.n; k++) named |= str_eq(s->tags.v[k], tag);
        if (!named || !query_active(s->query)) continue;
        proto_put_str(answer, 2, s->operation);
        query_ask_to_stop(s->query);
    }
    mutex_unlock(c->door->lock);
    return DONE;
}
static Status error_details(Rpc *r, Str request, Buf *answer)
{
    Proto p;
    TRY(proto_open(&p, request));
    ConnectError *e = client_error(r->client, proto_str(&p, 3));
    if (e) connect_error_details(e, answer);
    connect_error_drop(e);
    put_session(r, answer, 4, 3);
    return DONE;
}

#define SERVICE "/spark.connect.SparkConnectService/"
static const Method methods[] = {
    {.name = STR_INIT(SERVICE "ExecutePlan"), .type_no = 4, .observed_no = 8, .attach = execute},
    {.name = STR_INIT(SERVICE "AnalyzePlan"),
     .type_no = 3,
     .observed_no = 17,
     .run = connect_analyze},
    {.name = STR_INIT(SERVICE "Config"), .type_no = 4, .observed_no = 8, .run = connect_config},
    {.name = STR_INIT(SERVICE "AddArtifacts"),
     .type_no = 6,
     .observed_no = 7,
     .message = artifacts_message,
     .here = artifacts_end},
    {.name = STR_INIT(SERVICE "ArtifactStatus"),
     .type_no = 3,
     .observed_no = 5,
     .here = artifacts_status},
    {.name = STR_INIT(SERVICE "Interrupt"), .type_no = 3, .observed_no = 7, .here = interrupt},
    {.name = STR_INIT(SERVICE "ReattachExecute"),
     .type_no = 4,
     .any_session = true,
     .attach = reattach},
    {.name = STR_INIT(SERVICE "ReleaseExecute"),
     .type_no = 4,
     .any_session = true,
     .here = release},
    {.name = STR_INIT(SERVICE "ReleaseSession"), .any_session = true, .here = release_session},
    {.name = STR_INIT(SERVICE "FetchErrorDetails"),
     .type_no = 4,
     .observed_no = 5,
     .here = error_details},
    {.name = STR_INIT(SERVICE "GetStatus"), .type_no = 3, .observed_no = 4, .here = connect_status},
    {.name = STR_INIT(SERVICE "CloneSession"),
     .type_no = 3,
     .observed_no = 5,
     .run = connect_clone},
};
const Method *method_find(Str path)
{
    for (int64_t i = 0; i < COUNT(methods); i++)
        if (str_eq(methods[i].name, path)) return &methods[i];
    return NULL;
}
