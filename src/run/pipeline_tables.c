// pipeline_tables.c -- what must be there before a flow can run: its views, its table, the query
// with the table's columns, the place of its checkpoint.
#include "base/num.h"
#include "os/file.h"
#include "plan/statement_table.h"
#include "run/batch.h"
#include "run/insert.h"
#include "run/pipeline_in.h"
#include "run/statement.h"

static Status flow_schema(Pipeline *p, const Element *e, const Flow *f, const Schema **schema)
{
    Rel *copy = rel_copy(p->arena, f->st->rel);
    TRY(analyse(p->session, p->arena, &copy));
    *schema = rel_schema(p->arena, copy);
    bool stream = e->kind != ELEMENT_MATERIALIZED;
    if (stream && !copy->streaming)
        return RAISE(INVALID_FLOW_BATCH_FOR_STREAMING_TABLE, P("tableIdentifier", e->name),
                     P("flowIdentifier", f->name));
    if (!stream && copy->streaming)
        return RAISE(INVALID_FLOW_STREAMING_FOR_MATERIALIZED_VIEW, P("tableIdentifier", e->name),
                     P("flowIdentifier", f->name));
    return DONE;
}
// The query as a table of these columns takes it.
static Status fitted(Pipeline *p, const Element *e, const Flow *f, const Schema *to, Rel **rel)
{
    InsertShape shape = {.table = e->name, .to = to, .by_name = true};
    *rel = rel_copy(p->arena, f->st->rel);
    return insert_rel(p->session, p->arena, &shape, rel);
}
// ---- the check: tables are what their flows give, whatever may be there already
static Status check_flows(Pipeline *p, Element *e)
{
    const Schema *one = NULL, *all = e->st->columns;
    for (int64_t i = 0; i < e->flow.n; i++) {
        const Flow *f = &e->flow.v[i];
        Status s = flow_schema(p, e, f, &one);
        if (!s.code && e->kind == ELEMENT_SINK) continue;
        if (!s.code && !all) all = one;
        if (!s.code && !e->st->columns) s = type_merge(&all, p->arena, all, one);
        if (s.code) return statement_fail(s, f->st);
    }
    if (e->kind == ELEMENT_SINK) return DONE;
    if (!e->st->columns) all = type_nullable(p->arena, all); // what a flow gives may change
    TRY(pipeline_define_table(p, e, all));
    for (int64_t i = 0; i < e->flow.n; i++) {
        Rel *rel;
        Status s = fitted(p, e, &e->flow.v[i], e->def.schema, &rel);
        if (s.code) return statement_fail(s, e->flow.v[i].st);
    }
    return DONE;
}
static Status define_view(Pipeline *p, const Element *e)
{
    Statement again = *e->st; // the check has defined it already
    again.replace = again.temporary = true;
    return statement_view(p->session, &again);
}
static Status check_all(Pipeline *p)
{
    for (int64_t i = 0; i < p->order.n; i++) {
        Element *e = p->order.v[i];
        Status s = e->kind == ELEMENT_VIEW ? define_view(p, e) : check_flows(p, e);
        if (s.code) return statement_fail(s, e->st);
        if (e->def.schema)
            map_set(p->session->planned, table_name_text(p->arena, &e->table), &e->def);
    }
    return DONE;
}
Status pipeline_check(Pipeline *p)
{
    Map planned = map_new_fold(p->arena);
    p->session->planned = &planned;
    Status s = check_all(p);
    p->session->planned = NULL;
    for (int64_t i = 0; i < p->order.n; i++) // they are views of tables that are not there
        if (p->order.v[i]->kind == ELEMENT_VIEW) session_drop_view(p->session, p->order.v[i]->name);
    return s;
}
// Whether some table that e reads, directly or through views, is not there: left out of this run.
static bool needs_missing(Pipeline *p, const Element *e)
{
    for (int64_t i = 0; i < e->needs.n; i++) {
        const Element *n = e->needs.v[i];
        LakeTable *t = NULL;
        if (n->kind == ELEMENT_VIEW
                ? needs_missing(p, n)
                : table_load(&t, p->arena, p->session->catalogs, &n->table).code)
            return true;
    }
    return false;
}
Status pipeline_prepare(Pipeline *p)
{
    for (int64_t i = 0; i < p->order.n; i++) {
        Element *e = p->order.v[i];
        Status s = DONE;
        if (e->kind == ELEMENT_VIEW && !needs_missing(p, e)) s = define_view(p, e);
        if (e->def.schema && !e->left_out) s = pipeline_make_table(p, e);
        if (s.code) return statement_fail(s, e->st);
    }
    return DONE;
}
static Status fitted_now(Pipeline *p, const Element *e, const Flow *f, Rel **rel)
{
    LakeTable *t = NULL;
    TRY(table_load(&t, p->arena, p->session->catalogs, &e->table));
    return fitted(p, e, f, lake_table_schema(t), rel);
}
Status pipeline_compute(Pipeline *p, const Element *e, const Shared64 *stop)
{
    Rel *rel = NULL;
    Plan *plan = NULL;
    Arena *a = arena_new(p->arena);
    TRY(fitted_now(p, e, &e->flow.v[0], &rel));
    TRY(plan_batch(p->session, a, rel, &plan));
    BatchArgs batch = {.session = p->session, .env = engine_env(p->engine), .cancel = stop};
    BatchTarget to = {
        .format = S("iceberg"), .table = e->name, .options = &(Options){0}, .replace = true};
    TRY(batch_write(&batch, plan, &to));
    arena_free(a);
    return DONE;
}
// ---- flows
static Status parse_mode(Mode *mode, Str text)
{
    static const Str names[] = {[MODE_APPEND] = STR_INIT("append"),
                                [MODE_UPDATE] = STR_INIT("update"),
                                [MODE_COMPLETE] = STR_INIT("complete")};
    for (int32_t i = 0; i < COUNT(names); i++) {
        if (!str_ieq(names[i], text)) continue;
        *mode = (Mode)i;
        return DONE;
    }
    return RAISE(STREAMING_OUTPUT_MODE_INVALID, P("outputMode", text));
}
// <data>/pipelines/<output>/<flow>/<n>: a full refresh begins the next n (semantics P7, P8).
static Status flow_home(Pipeline *p, const Element *e, const Flow *f, Str *home)
{
    Arena *a = p->arena;
    Entries names = {0};
    int64_t newest = 0, n = 0;
    Str storage = conf_get(p->session, S("spark.kappa.pipeline.storage"));
    if (str_starts(storage, S("file:"))) storage = str_from(storage, 5);
    while (str_starts(storage, S("//"))) storage = str_from(storage, 1);
    Str dir = storage.n ? path_join(a, storage, S("_checkpoints"))
                        : path_join(a, engine_dir(p->engine), S("pipelines"));
    dir = path_join(a, path_join(a, dir, e->name), f->name);
    TRY(dir_make(dir));
    TRY(dir_list(&names, a, dir));
    for (int64_t i = 0; i < names.n; i++)
        if (num_parse_i64(names.v[i].name, &n)) newest = MAX(newest, n);
    if (e->refresh) newest++;
    *home = path_join(a, dir, str_fmt(a, "%lld", (long long)newest));
    return DONE;
}
Status pipeline_spec(Pipeline *p, const Element *e, const Flow *f, QuerySpec *spec)
{
    bool sink = e->kind == ELEMENT_SINK;
    const Options *o = sink ? &e->st->options : &e->st->properties;
    const Str *mode = options_get(o, S("kappa.outputMode"));
    const Str *trigger = options_get(o, S("kappa.trigger"));
    const Str *checkpoint = options_get(o, S("kappa.checkpoint"));
    *spec = (QuerySpec){.name = f->name, .format = sink ? e->st->format : S("iceberg")};
    if (mode) TRY(parse_mode(&spec->mode, *mode));
    if (trigger) TRY(duration_parse(*trigger, NULL, &spec->trigger.every));
    TRY(flow_home(p, e, f, &spec->home));
    if (checkpoint) spec->home = *checkpoint;
    if (sink) {
        const Str *path = options_get(o, S("path"));
        spec->options = pipeline_without_own(p->arena, o);
        spec->rel = rel_copy(p->arena, f->st->rel);
        if (path) spec->path = *path;
        return DONE;
    }
    spec->table = e->name;
    return fitted_now(p, e, f, &spec->rel);
}
