// connect_pipeline.c -- a graph gathers statements, in the arenas of the commands that brought
// them; a run opens a pipeline of them in a copy of the session, and tells events as Spark does.
#include "serve/connect_pipeline.h"
#include "os/clock.h"
#include "run/pipeline.h"

typedef struct Graph { // of a session, under its lock
    Arena *arena;
    Str id, catalog, database;
    Options conf;
    Statements all;
} Graph;

// ---- definitions -------------------------------------------------------------------------------

static Status answer(Operation *o, Str graph)
{
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 22);
    if (graph.n) {
        int64_t created = proto_begin(&r->bytes, 1);
        proto_put_str(&r->bytes, 1, graph);
        proto_end(&r->bytes, created);
    }
    proto_end(&r->bytes, result);
    return operation_put(o, r);
}
// A key that flows want differently: one session runs them all.
static Status add_conf(Graph *g, const Options *conf)
{
    for (int64_t i = 0; i < conf->n; i++) {
        const Str *old = options_get(&g->conf, conf->v[i].key);
        if (old && !str_eq(*old, conf->v[i].value))
            return RAISE(UNSUPPORTED_FEATURE,
                         P("feature", str_cat(g->arena, S("flows with values of their own of "),
                                              conf->v[i].key)),
                         P("needs", S("one value for the whole pipeline")));
        Option own = {str_copy(g->arena, conf->v[i].key), str_copy(g->arena, conf->v[i].value)};
        if (!old) vec_push(g->arena, &g->conf, own);
    }
    return DONE;
}
static Status create(Operation *o, Client *c, const ConnectPipeline *p)
{
    Arena *a = arena_new(c->cached_arena);
    Graph *g = NEW(a, Graph, 1);
    *g = (Graph){.arena = a,
                 .id = rand_uuid(a),
                 .catalog = str_copy(a, p->catalog),
                 .database = str_copy(a, p->database)};
    TRY(add_conf(g, &p->conf));
    map_set(&c->graphs, g->id, g);
    return answer(o, g->id);
}
static bool same_name(const Statement *output, const Statement *flow)
{
    if (output->nnames != flow->ntarget) return false;
    for (int32_t i = 0; i < output->nnames; i++)
        if (!str_ieq(output->name[i], flow->target[i])) return false;
    return true;
}
// An output's own flow is its AS query.
static bool is_own(const Graph *g, const Statement *flow)
{
    for (int64_t i = 0; i < g->all.n; i++) {
        Statement *st = g->all.v[i];
        if (st->kind == STMT_CREATE_FLOW || st->rel || !same_name(st, flow)) continue;
        st->rel = flow->rel;
        return true;
    }
    return false;
}
static Status define(Operation *o, Work *w, Graph *g, const ConnectPipeline *p)
{
    TRY(add_conf(g, &p->conf));
    work_keep(w);
    bool own = p->call == CONNECT_GRAPH_FLOW && p->own && is_own(g, p->statement[0]);
    for (int32_t i = 0; i < p->nstatements && !own; i++)
        vec_push(g->arena, &g->all, p->statement[i]);
    return answer(o, (Str){0});
}

// ---- a run -------------------------------------------------------------------------------------

static void tell(Operation *o, Str message)
{
    Micros now = clock_now();
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 21), event = proto_begin(&r->bytes, 1),
            stamp = proto_begin(&r->bytes, 1);
    proto_put_int(&r->bytes, 1, now / 1000000);
    proto_put_int(&r->bytes, 2, now % 1000000 * 1000);
    proto_end(&r->bytes, stamp);
    proto_put_str(&r->bytes, 2, message);
    proto_end(&r->bytes, event);
    proto_end(&r->bytes, result);
    operation_post(o, r);
}
static void heard(void *ctx, Str flow, const Progress *progress, const char *what)
{
    Arena *a = arena_new(NULL);
    bool started = strcmp(what, "started") == 0;
    if (!progress)
        tell(ctx, str_fmt(a, "Flow " STR_FMT " %s.", STR_ARG(flow),
                          started ? "is RUNNING" : "has COMPLETED"));
    arena_free(a);
}
static Status configure(const Graph *g, Session *s, const ConnectPipeline *p, Statements *all)
{
    Statement *use = NEW(s->arena, Statement, 1);
    Str *name = NEW(s->arena, Str, 2);
    TRY(conf_set(s, S("spark.kappa.pipeline.storage"), p->storage));
    for (int64_t i = 0; i < g->conf.n; i++) TRY(conf_set(s, g->conf.v[i].key, g->conf.v[i].value));
    *use = (Statement){.kind = STMT_USE, .name = name};
    if (g->catalog.n) name[use->nnames++] = g->catalog;
    if (g->database.n) name[use->nnames++] = g->database;
    use->key = g->catalog.n ? S("catalog") : S("namespace");
    if (use->nnames) vec_push(s->arena, all, use);
    for (int64_t i = 0; i < g->all.n; i++) vec_push(s->arena, all, g->all.v[i]);
    return DONE;
}
static Status run(Operation *o, Work *w, const Graph *g, const ConnectPipeline *p)
{
    Session *s = session_fork(w->arena, w->client->session);
    Engine *e = w->client->door->engine;
    Pipeline *pipeline = NULL;
    Statements all = {0};
    TRY(configure(g, s, p, &all));
    work_unlock(w);
    TRY(pipeline_open_statements(&pipeline, w->arena, e, s, &all));
    TRY(pipeline_select(pipeline, p->refresh, p->full_refresh));
    if (p->full_refresh_all) TRY(pipeline_refresh(pipeline));
    PipelineRun how = {.stop = w->cancel, .tell = heard, .ctx = o};
    if (!p->dry) TRY(pipeline_run(pipeline, &how));
    if (shared_get(w->cancel)) return fail(ERR_CANCELLED, "the run was stopped");
    tell(o, S("Run is COMPLETED."));
    return answer(o, (Str){0});
}
Status pipeline_command(Operation *o, Work *w, const ConnectPipeline *p)
{
    Client *c = w->client;
    if (p->call == CONNECT_GRAPH_CREATE) return create(o, c, p);
    Graph *g = map_get(&c->graphs, p->graph);
    if (!g) return RAISE(DATAFLOW_GRAPH_NOT_FOUND, P("graphId", p->graph));
    switch (p->call) {
    case CONNECT_GRAPH_OUTPUT:
    case CONNECT_GRAPH_FLOW: return define(o, w, g, p);
    case CONNECT_GRAPH_RUN: return run(o, w, g, p);
    case CONNECT_GRAPH_CREATE:
    case CONNECT_GRAPH_DROP: break;
    }
    map_remove(&c->graphs, p->graph);
    return answer(o, (Str){0});
}
