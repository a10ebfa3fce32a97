// batch.c -- one epoch over batch sources, into the caller's Out or through a sink's stage and
// commit.
#include "run/batch.h"
#include "base/civil.h"
#include "conn/list.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/graph.h"
#include "run/reads.h"

static Status run_plan(Arena *a, const BatchArgs *args, const Plan *plan, GraphArgs *graph,
                       const SinkEpoch *sink)
{
    Graph *g = NULL;
    Source **fixed = NULL;
    Session *s = args->session;
    ReadArgs reads = {
        .session = s, .hooks = &args->env->hooks, .eval = &s->eval, .warn = s->notices};
    TRY(reads_open_fixed(&fixed, a, plan, &reads));
    graph->plan = plan;
    graph->eval = &s->eval;
    graph->fixed = fixed;
    graph->pool = args->env->pool;
    graph->cancel = args->cancel;
    graph->batch_rows = args->env->batch_rows;
    graph->small_epoch_rows = args->env->small_epoch_rows;
    TRY(graph_open(&g, a, graph));
    GraphEpoch e = {.last = true, .batch_time = clock_now(), .sink = sink};
    TRY(graph_run(g, &e));
    return s->observed ? graph_observed(g, s->observed) : DONE;
}
Status batch_run(const BatchArgs *args, const Plan *plan, Out *rows)
{
    must(!plan->streaming);
    Arena *a = arena_new(NULL);
    Status s = run_plan(a, args, plan, &(GraphArgs){.rows = rows}, NULL);
    arena_free(a);
    return s;
}
static Status write_plan(Arena *a, const BatchArgs *args, const Plan *plan, const BatchTarget *to)
{
    Session *s = args->session;
    const SinkKind *kind = sink_find(to->format);
    Sink *sink = NULL;
    if (!kind) return connector_missing(a, to->format);
    Str id = rand_uuid(a);
    Options options = conf_options(s, a, kind->name, to->options, true);
    SinkArgs sa = {.options = &options,
                   .schema = plan->schema,
                   .path = to->path,
                   .table = to->table,
                   .partition = to->partition,
                   .npartition = to->npartition,
                   .sort_order = to->sort_order,
                   .batch = true,
                   .replace = to->replace ? to->only : NULL,
                   .catalogs = s->catalogs,
                   .log = s->log,
                   .query_id = id,
                   .eval = &s->eval,
                   .print = args->env->print,
                   .print_to = args->env->print_to,
                   .warn = s->notices};
    TRY(sink_open(&sink, a, kind, &sa));
    SinkEpoch e = {.query_id = id,
                   .incarnation = id,
                   .complete = to->replace,
                   .offsets = S("[]"),
                   .batch_time = clock_now()};
    Buf receipt = buf_new(a);
    Status ran = run_plan(a, args, plan, &(GraphArgs){.sink = &sink}, &e);
    if (!ran.code) ran = kind->stage(sink, &e, &receipt);
    if (ran.code && kind->discard) kind->discard(sink);
    TRY(ran);
    return kind->commit(sink, &e, buf_str(&receipt));
}
static Status something_at(Arena *a, Str path, bool *there)
{
    Entries in = {0};
    *there = path_exists(path);
    if (!*there || dir_list(&in, a, path).code) return DONE; // a file is something
    *there = in.n > 0;
    return DONE;
}
Status batch_save(const BatchArgs *args, const Plan *plan, const BatchTarget *to, SaveMode mode)
{
    Arena *a = arena_new(NULL);
    Str path = to->path;
    bool there = false;
    if (str_starts(path, S("file:"))) path = str_from(path, 5);
    while (str_starts(path, S("//"))) path = str_from(path, 1);
    Status s = something_at(a, path, &there);
    if (!s.code && there && mode == SAVE_ERROR)
        s = RAISE(PATH_ALREADY_EXISTS, P("outputPath", str_cat(a, S("file:"), path)));
    arena_free(a);
    TRY(s);
    if (there && mode == SAVE_IGNORE) return DONE;
    BatchTarget how = *to;
    how.replace = mode == SAVE_OVERWRITE;
    return batch_write(args, plan, &how);
}
Status batch_write(const BatchArgs *args, const Plan *plan, const BatchTarget *to)
{
    must(!plan->streaming);
    Arena *a = arena_new(NULL);
    Status s = write_plan(a, args, plan, to);
    arena_free(a);
    return s;
}
// Rows that are wanted while a query is planned.
static Status run_rows(Session *s, Arena *a, Rel *rel, Batch **rows, int32_t *n)
{
    Plan *plan = NULL;
    OutKept kept = out_kept(a);
    TRY(plan_batch(s, a, rel, &plan));
    TRY(batch_run(s->runner, plan, &kept.out));
    *rows = kept.batch.v;
    *n = (int32_t)kept.batch.n;
    return DONE;
}
void batch_attach(Session *s, const BatchArgs *args)
{
    s->runner = args;
    s->run_rows = args ? run_rows : NULL;
}
