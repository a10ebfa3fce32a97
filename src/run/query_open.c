// query_open.c -- from what writeStream says to a query that stands where its checkpoint says.
#include "conn/list.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/query_in.h"
#include "run/reads.h"

static Str without_scheme(Str path)
{
    if (str_starts(path, S("file://"))) return str_from(path, 7);
    if (str_starts(path, S("file:"))) return str_from(path, 5);
    return path;
}
// semantics C23; a sink that keeps what it is given gets a place in the data folder where Spark
// would ask for one.
static Status choose_dir(Query *q, const Session *s, const QuerySpec *spec)
{
    Arena *a = q->arena;
    const Str *option = options_get(&spec->options, S("checkpointLocation"));
    Str conf = conf_get(s, S("spark.sql.streaming.checkpointLocation"));
    Str queries = path_join(a, q->env.data_dir, S("queries"));
    if (option) {
        q->dir = str_copy(a, without_scheme(*option));
    } else if (conf.n) {
        q->dir = path_join(a, without_scheme(conf), q->name.n ? q->name : rand_uuid(a));
    } else if (spec->home.n) {
        q->dir = str_copy(a, spec->home);
    } else {
        q->dir = path_join(a, queries, str_fmt(a, "temporary-" STR_FMT, STR_ARG(q->run_id)));
        q->temporary = true;
    }
    if (str_find(q->dir, S("://")) >= 0)
        return fail(ERR_UNSUPPORTED,
                    "checkpointLocation " STR_FMT ": checkpoints lie on a local file system",
                    STR_ARG(q->dir));
    return DONE;
}
static Status check_sink(const SinkKind *kind, Mode mode)
{
    static const struct {
        uint32_t bit;
        Str name;
    } row[] = {[MODE_APPEND] = {SINK_APPEND, STR_INIT("Append")},
               [MODE_UPDATE] = {SINK_UPDATE, STR_INIT("Update")},
               [MODE_COMPLETE] = {SINK_COMPLETE, STR_INIT("Complete")}};
    if (kind->modes & row[mode].bit) return DONE;
    return RAISE(STREAMING_OUTPUT_MODE_UNSUPPORTED_DATASOURCE, P("className", kind->name),
                 P("outputMode", row[mode].name));
}
static Status find_sink(const SinkKind **kind, const Query *q, const QuerySpec *spec)
{
    *kind = spec->foreach       ? &sink_foreach
            : q->env.hooks.sink ? q->env.hooks.sink
                                : sink_find(spec->format);
    if (!*kind) return connector_missing(q->arena, spec->format);
    if (str_eq((*kind)->name, S("memory")) && !spec->name.n) return RAISE(MEMORY_SINK_NAMELESS);
    return check_sink(*kind, spec->mode);
}
// A missing target of toTable is made: with the query's columns, all nullable as Spark has them.
static Status make_table(Query *q, Session *s, const QuerySpec *spec)
{
    if (!spec->table.n) return DONE;
    Str *part = NULL;
    int32_t n = 0;
    TableName name;
    LakeTable *t = NULL;
    TRY(parse_name(&part, &n, q->arena, spec->table));
    TRY(name_complete(s, q->arena, part, n, &name));
    Status found = table_load(&t, q->arena, s->catalogs, &name);
    if (found.code != ERR_NOT_FOUND) return found;
    TableDef def = spec->define ? *spec->define : (TableDef){0};
    if (!def.schema) def.schema = type_nullable(q->arena, q->plan->schema);
    return table_create(s->catalogs, &name, &def, true, false);
}
static bool stopping(void *query) { return query_stopping(query); }
static Status open_sink(Query *q, Session *s, const QuerySpec *spec, const SinkKind *kind)
{
    Out *rows = q->env.hooks.rows;
    if (str_eq(kind->name, S("memory"))) {
        // The session may read the table after the query's end.
        q->memory = memory_table_new(s->arena, q->plan->schema);
        rows = memory_table_out(q->memory);
        map_set(&s->memory, str_copy(s->arena, q->name), q->memory);
        s->memory_schema = memory_table_schema;
        s->memory_rows = memory_table_rows;
    }
    Options options = conf_options(s, q->parts, kind->name, &spec->options, true);
    SinkArgs args = {.options = &options,
                     .schema = q->plan->schema,
                     .path = spec->path,
                     .table = spec->table,
                     .partition = spec->partition,
                     .npartition = spec->npartition,
                     .catalogs = s->catalogs,
                     .log = s->log,
                     .query_name = q->name,
                     .query_id = q->id,
                     .eval = &q->eval,
                     .rows = rows,
                     .print = q->env.print,
                     .print_to = q->env.print_to,
                     .foreach = spec->foreach,
                     .stopping = stopping,
                     .query = q,
                     .warn = s->notices};
    return sink_open(&q->sink, q->parts, kind, &args);
}
// -- the checkpoint

static QueryHead head_of(Query *q)
{
    Arena *a = q->arena;
    StatefulOp *op = NULL;
    QueryHead h = {.policy = policy_name(q->tracker.policy),
                   .shards = STATE_SHARDS,
                   .nsources = q->plan->nsources,
                   .nops = graph_stateful(q->graph, &op)};
    h.source = NEW(a, Str, h.nsources);
    h.op = NEW(a, HeadOp, h.nops);
    for (int32_t i = 0; i < h.nsources; i++) h.source[i] = q->source[i]->description;
    for (int32_t i = 0; i < h.nops; i++)
        h.op[i] = (HeadOp){str_z(op[i].spec->kind->name), op[i].spec->state_schema};
    return h;
}
static Str op_names(Arena *a, const QueryHead *h)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < h->nops; i++)
        buf_fmt(&b, "%s(OperatorId: %d -> OperatorName: " STR_FMT ")", i ? ", " : "", i,
                STR_ARG(h->op[i].name));
    return buf_str(&b);
}
static Status check_schema(const HeadOp *old, const HeadOp *new)
{
    Cut o = str_cut(old->schema, ';'), n = str_cut(new->schema, ';');
    if (!str_eq(o.head, n.head))
        return RAISE(STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE, P("storedKeySchema", o.head),
                     P("newKeySchema", n.head));
    if (!str_eq(o.tail, n.tail))
        return RAISE(STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE, P("storedValueSchema", o.tail),
                     P("newValueSchema", n.tail));
    return DONE;
}
// What a restart may not change (semantics C21, C22).
static Status check_head(const Query *q, const QueryHead *old, const QueryHead *new)
{
    Arena *a = q->epoch;
    bool same = old->nops == new->nops;
    for (int32_t i = 0; same && i < old->nops; i++) same = str_eq(old->op[i].name, new->op[i].name);
    if (!same)
        return RAISE(STREAMING_STATEFUL_OPERATOR_NOT_MATCH, P("OpsInMetadataSeq", op_names(a, old)),
                     P("OpsInCurBatchSeq", op_names(a, new)));
    for (int32_t i = 0; i < old->nops; i++) TRY(check_schema(&old->op[i], &new->op[i]));
    return DONE;
}
static Status open_log(Query *q)
{
    QueryHead head = head_of(q);
    Status s = epoch_log_open(&q->log, q->parts, q->dir, &head, &q->env.log_limits);
    if (s.code == ERR_CONFLICT) return RAISE(CONCURRENT_QUERY);
    TRY(s);
    q->id = str_copy(q->arena, head.query_id);
    const QueryHead *old = epoch_log_head(q->log);
    if (!old) return DONE;
    TRY(check_head(q, old, &head));
    return policy_parse(&q->tracker.policy, old->policy); // C6b: the checkpoint's wins
}
// -- putting it together

static Status open_tracker(Query *q, const Session *s)
{
    WatermarkPolicy policy = POLICY_MIN;
    TRY(policy_parse(&policy, conf_get(s, S("spark.sql.streaming.multipleWatermarkPolicy"))));
    int32_t n = 0;
    for (int32_t i = 0; i < q->plan->nwatermarks; i++) n = MAX(n, q->plan->watermark[i].node + 1);
    Micros *delay = NEW(q->arena, Micros, n + 1);
    int32_t *same = NEW(q->arena, int32_t, n + 1);
    for (int32_t i = 0; i < q->plan->nwatermarks; i++) {
        const Watermark *w = &q->plan->watermark[i];
        int32_t k = 0;
        while (q->plan->watermark[k].mark != w->mark) k++;
        delay[w->node] = w->delay;
        same[w->node] = w->mark ? q->plan->watermark[k].node : w->node;
    }
    q->tracker = tracker_new(q->arena, policy, delay, same, n);
    return DONE;
}
static Status open_graph(Query *q)
{
    GraphArgs args = {.plan = q->plan,
                      .eval = &q->eval,
                      .source = q->source,
                      .fixed = q->fixed,
                      .sink = &q->sink,
                      .pool = q->env.pool,
                      .ending = &q->ending,
                      .batch_rows = q->env.batch_rows,
                      .small_epoch_rows = q->env.small_epoch_rows};
    return graph_open(&q->graph, q->parts, &args);
}
static Status open_parts(Query *q, Session *s, const QuerySpec *spec)
{
    const SinkKind *kind = NULL;
    TRY(plan_stream(s, q->arena, spec->rel, spec->mode, &q->plan));
    q->eval = s->eval; // as planning has left it
    TRY(find_sink(&kind, q, spec));
    TRY(choose_dir(q, s, spec));
    TRY(make_table(q, s, spec));
    ReadArgs reads = {
        .session = s, .hooks = &q->env.hooks, .eval = &q->eval, .dir = q->dir, .warn = s->notices};
    TRY(reads_open_streams(&q->source, q->parts, q->plan, &reads));
    TRY(reads_open_fixed(&q->fixed, q->parts, q->plan, &reads));
    TRY(open_tracker(q, s));
    TRY(open_graph(q));
    TRY(open_log(q));
    if (str_eq(kind->name, S("memory")) && epoch_log_last(q->log) && spec->mode != MODE_COMPLETE)
        return RAISE(MEMORY_SINK_RECOVERY, P("checkpointPath", q->dir));
    TRY(open_sink(q, s, spec, kind));
    q->at = NEW(q->arena, Str, q->plan->nsources + 1);
    return epoch_recover(q);
}
static void remove_temporary(void *arg) // when all that lies in it is closed
{
    Query *q = arg;
    // A folder that cannot be removed is left: nothing depends on its being gone.
    if (q->temporary && !q->failure) (void)dir_remove_all(q->dir);
}
static void end_parts(void *arg)
{
    Query *q = arg;
    arena_free(q->parts);
    arena_free(q->epoch);
    arena_free(q->offsets[0]);
    arena_free(q->offsets[1]);
}
Status query_open(Query **out, Arena *a, Session *s, const QueryEnv *env, const QuerySpec *spec)
{
    Query *q = NEW(a, Query, 1);
    q->arena = arena_new(a);
    a = q->arena;
    arena_defer(a, remove_temporary, q);
    q->env = *env;
    if (spec->print) {
        q->env.print = spec->print;
        q->env.print_to = spec->print_to;
    }
    q->name = str_copy(a, spec->name);
    q->run_id = rand_uuid(a);
    q->trigger = spec->trigger;
    q->listen = spec->listen;
    q->listen_ctx = spec->listen_ctx;
    // No kids of the arena: those end first of all, and the thread that uses them is joined later.
    q->parts = arena_new(NULL);
    q->epoch = arena_new(NULL);
    q->offsets[0] = arena_new(NULL);
    q->offsets[1] = arena_new(NULL);
    arena_defer(a, end_parts, q);
    q->lock = mutex_new(a);
    q->changed = signal_new(a, q->lock);
    q->message = S("Initializing StreamExecution");
    q->no_data_epochs = conf_bool(s, S("spark.sql.streaming.noDataMicroBatches.enabled"));
    TRY(open_parts(q, s, spec));
    *out = q;
    return DONE;
}
