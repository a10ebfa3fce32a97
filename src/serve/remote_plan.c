// remote_plan.c -- Spark Connect's commands about pipelines, and what is answered to them.
#include "base/civil.h"
#include "serve/remote.h"

// Fields of Command and ExecutePlanResponse.
enum { COMMAND_SQL = 5, COMMAND_PIPELINE = 19, RESULT_EVENT = 21, RESULT_PIPELINE = 22 };
// Of PipelineCommand.
enum { CREATE_GRAPH = 1, DEFINE_OUTPUT = 2, DEFINE_FLOW = 3, START_RUN = 5, DEFINE_SQL = 6 };
enum { OUTPUT_VIEW = 3, OUTPUT_SINK = 4 };
enum { NEST = 2 };
typedef struct Command { // of a pipeline, being written
    Buf b;
    int64_t begun[NEST];
} Command;

static Command begin(Arena *a, uint32_t kind)
{
    Command c = {.b = buf_new(a)};
    c.begun[0] = proto_begin(&c.b, COMMAND_PIPELINE);
    c.begun[1] = proto_begin(&c.b, kind);
    return c;
}
static Str end(Command *c)
{
    for (int32_t i = NEST; i-- > 0;) proto_end(&c->b, c->begun[i]);
    return buf_str(&c->b);
}
static void put_some(Buf *b, uint32_t no, Str s)
{
    if (s.n) proto_put_str(b, no, s);
}
static void put_map(Buf *b, uint32_t no, const Options *o)
{
    for (int64_t i = 0; o && i < o->n; i++) {
        int64_t pair = proto_begin(b, no);
        proto_put_str(b, 1, o->v[i].key);
        proto_put_str(b, 2, o->v[i].value);
        proto_end(b, pair);
    }
}
static void put_sql(Buf *b, uint32_t no, Str text) // a Relation
{
    int64_t relation = proto_begin(b, no), sql = proto_begin(b, 10);
    proto_put_str(b, 1, text);
    proto_end(b, sql);
    proto_end(b, relation);
}
Str remote_plan_sql(Arena *a, Str text)
{
    Buf b = buf_new(a);
    int64_t command = proto_begin(&b, COMMAND_SQL);
    put_sql(&b, 6, text);
    proto_end(&b, command);
    return buf_str(&b);
}
Str remote_plan_graph(Arena *a, const RemoteGraph *g)
{
    Command c = begin(a, CREATE_GRAPH);
    put_some(&c.b, 1, g->catalog);
    put_some(&c.b, 2, g->database);
    put_map(&c.b, 5, &g->conf);
    return end(&c);
}
Str remote_plan_elements(Arena *a, Str graph, Str file, Str text)
{
    Command c = begin(a, DEFINE_SQL);
    proto_put_str(&c.b, 1, graph);
    proto_put_str(&c.b, 2, file);
    proto_put_str(&c.b, 3, text);
    return end(&c);
}
Str remote_plan_view(Arena *a, Str graph, Str name)
{
    Command c = begin(a, DEFINE_OUTPUT);
    proto_put_str(&c.b, 1, graph);
    proto_put_str(&c.b, 2, name);
    proto_put_int(&c.b, 3, OUTPUT_VIEW);
    return end(&c);
}
Str remote_plan_sink(Arena *a, Str graph, Str name, Str format, const Options *options)
{
    Command c = begin(a, DEFINE_OUTPUT);
    proto_put_str(&c.b, 1, graph);
    proto_put_str(&c.b, 2, name);
    proto_put_int(&c.b, 3, OUTPUT_SINK);
    int64_t sink = proto_begin(&c.b, 7);
    put_map(&c.b, 1, options);
    proto_put_str(&c.b, 2, format);
    proto_end(&c.b, sink);
    return end(&c);
}
static void put_source(Buf *b, uint32_t no, const RemoteFlow *f) // a Relation
{
    int64_t relation = proto_begin(b, no), read = proto_begin(b, 2), source = proto_begin(b, 2);
    proto_put_str(b, 1, f->format);
    put_some(b, 2, f->schema);
    put_map(b, 3, f->options);
    proto_end(b, source);
    proto_put_int(b, 3, f->streaming);
    proto_end(b, read);
    proto_end(b, relation);
}
Str remote_plan_flow(Arena *a, const RemoteFlow *f)
{
    Command c = begin(a, DEFINE_FLOW);
    proto_put_str(&c.b, 1, f->graph);
    proto_put_str(&c.b, 2, f->name);
    proto_put_str(&c.b, 3, f->target);
    put_map(&c.b, 4, f->conf);
    int64_t details = proto_begin(&c.b, 7);
    if (f->query.n)
        put_sql(&c.b, 1, f->query);
    else
        put_source(&c.b, 1, f);
    proto_end(&c.b, details);
    return end(&c);
}
Str remote_plan_run(Arena *a, const RemoteRun *run)
{
    Command c = begin(a, START_RUN);
    proto_put_str(&c.b, 1, run->graph);
    for (int32_t i = 0; i < run->nfull_refresh; i++) proto_put_str(&c.b, 2, run->full_refresh[i]);
    proto_put_int(&c.b, 3, run->full_refresh_all);
    for (int32_t i = 0; i < run->nrefresh; i++) proto_put_str(&c.b, 4, run->refresh[i]);
    proto_put_int(&c.b, 5, run->dry);
    proto_put_str(&c.b, 6, run->storage);
    return end(&c);
}

// ---- answers -----------------------------------------------------------------------------------

static bool deeper(const Proto *m, uint32_t no, Proto *sub)
{
    return proto_sub(m, no, sub).code == OK && sub->present;
}
bool remote_graph_id(const Proto *response, Str *id)
{
    Proto m;
    if (!deeper(response, RESULT_PIPELINE, &m) || !deeper(&m, 1, &m)) return false;
    *id = proto_str(&m, 1);
    return id->n > 0;
}
bool remote_event(const Proto *response, Micros *at, Str *message)
{
    Proto event, stamp;
    if (!deeper(response, RESULT_EVENT, &event) || !deeper(&event, 1, &event)) return false;
    *at = 0;
    if (deeper(&event, 1, &stamp)) {
        int64_t seconds = proto_int(&stamp, 1);
        bool sane = seconds > -(1LL << 40) && seconds < 1LL << 40;
        *at = sane ? seconds * MICROS_PER_SECOND + proto_int(&stamp, 2) / 1000 : 0;
    }
    *message = proto_str(&event, 2);
    return true;
}
