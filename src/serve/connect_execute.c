// connect_execute.c -- ExecutePlan's work, on a thread of the crew: a plan decoded, carried out,
// and answered.
#include "os/clock.h"
#include "run/batch.h"
#include "serve/connect_pipeline.h"
#include "serve/connect_stream.h"
#include "serve/connect_work.h"

static Status send_query(Operation *o, Work *w, Rel *rel)
{
    Sender s;
    sender_begin(&s, w->arena, o, w->client->session);
    TRY(work_query(w, rel, &s.answer));
    return sender_end(&s);
}
static Status answer_sql(Operation *o, Str relation)
{
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 5);
    proto_put_str(&r->bytes, 1, relation);
    proto_end(&r->bytes, result);
    return operation_put(o, r);
}
static Status run_sql(Operation *o, Work *w, ConnectPlan *p)
{
    if (p->statement->kind == STMT_QUERY) {
        Rel *rel = p->statement->rel;
        TRY(analyse(w->client->session, w->arena, &rel));
        work_unlock(w);
        return answer_sql(o, p->relation);
    }
    Sender s;
    sender_begin(&s, w->arena, NULL, w->client->session);
    TRY(work_statement(w, p->statement, &s.answer));
    if (!s.writer) TRY(answer_nothing(&s.answer));
    return answer_sql(o, sender_local(&s));
}
static Status answer_cached(Operation *o, Work *w, Rel *rel)
{
    Client *c = w->client;
    CachedRel *kept = NEW(c->cached_arena, CachedRel, 1);
    kept->id = rand_uuid(c->cached_arena);
    kept->rel = rel_copy(c->cached_arena, rel);
    map_set(&c->cached, kept->id, kept);
    work_keep(w);
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 19), relation = proto_begin(&r->bytes, 1);
    proto_put_str(&r->bytes, 1, kept->id);
    proto_end(&r->bytes, relation);
    proto_end(&r->bytes, result);
    return operation_put(o, r);
}
static Status answer_resources(Operation *o)
{
    Reply *r = operation_reply(o);
    proto_put_str(&r->bytes, 10, S(""));
    return operation_put(o, r);
}
static Status run_statement(Work *w, const Statement *st)
{
    Answer nowhere = answer_sink();
    return work_statement(w, st, &nowhere);
}
static Status carry_out(Operation *o, Work *w, ConnectPlan *p)
{
    switch (p->kind) {
    case CONNECT_QUERY: return send_query(o, w, p->rel);
    case CONNECT_SQL: return run_sql(o, w, p);
    case CONNECT_STATEMENT: return run_statement(w, p->statement);
    case CONNECT_WRITE: return write_batch(w, &p->write);
    case CONNECT_STREAM: return stream_start(o, w, &p->stream);
    case CONNECT_STREAMING_QUERY: return stream_query(o, w, &p->query);
    case CONNECT_STREAMING_QUERY_MANAGER: return stream_manager(o, w, &p->manager);
    case CONNECT_LISTENER_ADD: return stream_listen(o, w);
    case CONNECT_LISTENER_REMOVE: return stream_unlisten(w);
    case CONNECT_RESOURCES: return answer_resources(o);
    case CONNECT_CHECKPOINT: return answer_cached(o, w, p->rel);
    case CONNECT_FORGET: map_remove(&w->client->cached, p->id); return DONE;
    case CONNECT_PIPELINE: return pipeline_command(o, w, &p->pipeline);
    case CONNECT_NOTHING: return DONE;
    }
    must_failed("ConnectKind", __FILE__, __LINE__);
}
void operation_run(Job *j)
{
    Operation *o = CONTAINER(j, Operation, job);
    Arena *a = arena_new(NULL);
    Work w;
    ConnectPlan *p = NEW(a, ConnectPlan, 1);
    work_begin(&w, o->client, a, &o->cancel);
    Status s = work_decode(&w, p, str_copy(a, o->plan)); // the plan points into its bytes
    if (!s.code) s = carry_out(o, &w, p);
    if (!s.code) s = answer_observed(o, &w.observed);
    work_unlock(&w);
    operation_finish(o, s);
    if (!w.kept) arena_free(a);
    operation_drop(o);
}
