// lower.c -- from the optimised tree to stages of operators, inputs first. Rows flow through as few
// operators as there is work: names and order of columns cost nothing (lower_flow.c). Aggregates,
// joins, sorts and limits over several lanes end a stage and begin the next.
#include "op/expand.h"
#include "op/filter.h"
#include "op/generate.h"
#include "op/watermark.h"
#include "op/windows.h"
#include "plan/lower_in.h"

Status lower_missing(const Rel *r, const char *feature)
{
    Status s = RAISE(UNSUPPORTED_FEATURE, P("feature", str_z(feature)),
                     P("needs", S("rewrite the query without it")));
    return fail_at(s, &r->at);
}
// -- leaves

// Reads of one stream, as in a union with itself, are one source (semantics W6).
static const ReadNode *stream_of(Lower *l, const ReadNode *read)
{
    for (int64_t i = 0; i < l->source.n; i++)
        if (l->source.v[i]->id == read->id) return l->source.v[i];
    ReadNode *own = NEW(l->a, ReadNode, 1);
    *own = *read;
    own->source = (int32_t)l->source.n;
    own->needed = NULL;
    vec_push(l->a, &l->source, own);
    return own;
}
Status lower_local(Lower *l, const Rel *r, const Batch *rows, int32_t n, Flow *f)
{
    Draft *d = flow_stage(l, f, PAR_ONE);
    d->stage.local = rows;
    d->stage.nlocal = n;
    flow_columns(l, f, &r->out);
    return DONE;
}
static Status lower_read(Lower *l, const Rel *r, Flow *f)
{
    if (r->read->kind == READ_MEMORY) {
        Batch *rows = NULL;
        int32_t n = 0;
        TRY(l->session->memory_rows((void *)r->read->table, l->a, &rows, &n));
        return lower_local(l, r, rows, n, f);
    }
    Draft *d = flow_stage(l, f, PAR_LANES);
    flow_columns(l, f, &r->out);
    if (r->streaming) {
        d->stage.read = stream_of(l, r->read);
        return DONE;
    }
    ReadNode *own = NEW(l->a, ReadNode, 1);
    *own = *r->read;
    own->needed = NULL;
    d->stage.read = own;
    return DONE;
}
static Status lower_one_row(Lower *l, const Rel *r, Flow *f)
{
    Batch *b = NEW(l->a, Batch, 1);
    b->rows = 1;
    return lower_local(l, r, b, 1, f);
}
static void set_option(Lower *l, Options *to, Str key, int64_t v)
{
    vec_push(l->a, to, ((Option){key, str_fmt(l->a, "%lld", (long long)v)}));
}
static Status lower_range(Lower *l, const Rel *r, Flow *f)
{
    ReadNode *read = NEW(l->a, ReadNode, 1);
    *read = (ReadNode){.kind = READ_SOURCE, .format = S("range"), .schema = rel_schema(l->a, r)};
    read->name = str_fmt(l->a, "range(%lld, %lld, %lld)", (long long)r->start, (long long)r->end,
                         (long long)r->step);
    set_option(l, &read->options, S("start"), r->start);
    set_option(l, &read->options, S("end"), r->end);
    set_option(l, &read->options, S("step"), r->step);
    flow_stage(l, f, PAR_LANES)->stage.read = read;
    flow_columns(l, f, &r->out);
    return DONE;
}
// -- row by row

static const Expr *plain(const Expr *e)
{
    while (e->kind == E_ALIAS && e->nargs == 1) e = e->arg[0];
    return e;
}
static Status lower_project(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    bool names = true;
    for (int32_t i = 0; i < r->nexprs; i++) names &= plain(r->expr[i])->kind == E_ATTR;
    if (names) {
        for (int32_t i = 0; i < r->nexprs; i++) {
            const Named *named = flow_named(f, plain(r->expr[i])->id);
            must(named);
            Named own = *named;
            if (own.made)
                flow_made(l, f, r->out.v[i].id, own.made);
            else
                flow_name(l, f, r->out.v[i].id, own.column);
        }
        return DONE;
    }
    Expr **bound = NULL;
    TRY(flow_bind_all(l, f, r->expr, r->nexprs, &bound));
    flow_project(l, f, bound, &r->out);
    return DONE;
}
static Status lower_filter(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    FilterSpec *spec = NEW(l->a, FilterSpec, 1);
    TRY(flow_bind(l, f, r->expr[0], &spec->predicate));
    flow_op(l, f, &op_filter, spec);
    return DONE;
}
static Status lower_watermark(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    if (!r->streaming) return DONE;
    WatermarkSpec *spec = NEW(l->a, WatermarkSpec, 1);
    spec->column = flow_find(f, r->expr[0]->id);
    spec->delay = r->delay;
    must(r->expr[0]->kind == E_ATTR && spec->column >= 0);
    flow_op(l, f, &op_watermark, spec);
    for (int64_t i = 0; i < f->open.n; i++) {
        Draft *d = f->open.v[i];
        Watermark w = {.node = l->nodes,
                       .mark = r->mark,
                       .stage = d->index,
                       .op = (int32_t)d->op.n - 1,
                       .delay = r->delay,
                       .column = r->expr[0]->name};
        vec_push(l->a, &l->watermark, w);
    }
    l->nodes++;
    f->watermark = true;
    return DONE;
}
static Status lower_windows(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    const Attr *window = &r->out.v[r->out.n - 1];
    WindowsSpec *spec = NEW(l->a, WindowsSpec, 1);
    *spec = (WindowsSpec){.duration = r->duration,
                          .slide = r->slide,
                          .start = r->start_time,
                          .panes = r->panes,
                          .window = window->field.type};
    TRY(flow_bind(l, f, r->expr[0], &spec->time));
    flow_add(l, f, &window->field, window->id);
    flow_op(l, f, &op_windows, spec);
    return DONE;
}
static Status lower_expand(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    int32_t n = (int32_t)r->out.n;
    Expr ***list = NEW(l->a, Expr **, r->nprojections);
    for (int32_t i = 0; i < r->nprojections; i++)
        TRY(flow_bind_all(l, f, r->projection[i], n, &list[i]));
    ExpandSpec *spec = NEW(l->a, ExpandSpec, 1);
    *spec = (ExpandSpec){(Expr *const *const *)list, r->nprojections, n};
    flow_columns(l, f, &r->out);
    flow_op(l, f, &op_expand, spec);
    return DONE;
}
static Status lower_generate(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    GenerateSpec *spec = NEW(l->a, GenerateSpec, 1);
    spec->outer = r->outer;
    spec->position = r->position;
    spec->flatten = r->flatten;
    TRY(flow_bind(l, f, r->expr[0], &spec->list));
    for (int64_t i = r->input[0]->out.n; i < r->out.n; i++)
        flow_add(l, f, &r->out.v[i].field, r->out.v[i].id);
    spec->out = flow_schema(l, f);
    flow_op(l, f, &op_generate, spec);
    return DONE;
}
// Branches stay open side by side; both have the columns of the union, in order.
static Status lower_union(Lower *l, const Rel *r, Flow *f)
{
    if (r->set_op != SET_UNION || !r->all) return lower_missing(r, "INTERSECT, EXCEPT or UNION");
    Flow right = {0};
    TRY(lower_rel(l, r->input[0], f));
    TRY(lower_rel(l, r->input[1], &right));
    flow_shape(l, f, &r->input[0]->out);
    flow_shape(l, &right, &r->input[1]->out);
    for (int64_t i = 0; i < right.open.n; i++) vec_push(l->a, &f->open, right.open.v[i]);
    flow_columns(l, f, &r->out);
    f->watermark |= right.watermark;
    f->ordered = false;
    return DONE;
}
Status lower_rel(Lower *l, const Rel *r, Flow *f)
{
    switch (r->kind) {
    case REL_READ: return lower_read(l, r, f);
    case REL_LOCAL: return lower_local(l, r, r->rows, r->nrows, f);
    case REL_ONE_ROW: return lower_one_row(l, r, f);
    case REL_RECURSION: return lower_recursion(l, r, f);
    case REL_RANGE: return lower_range(l, r, f);
    case REL_PROJECT: return lower_project(l, r, f);
    case REL_FILTER: return lower_filter(l, r, f);
    case REL_WITH_WATERMARK: return lower_watermark(l, r, f);
    case REL_OBSERVE: return lower_observe(l, r, f);
    case REL_TIME_WINDOW: return lower_windows(l, r, f);
    case REL_EXPAND: return lower_expand(l, r, f);
    case REL_GENERATE: return lower_generate(l, r, f);
    case REL_SET_OP: return lower_union(l, r, f);
    case REL_AGGREGATE: return lower_aggregate(l, r, f);
    case REL_JOIN: return lower_join(l, r, f);
    case REL_SORT: return lower_sort(l, r, -1, f);
    case REL_LIMIT:
    case REL_OFFSET: return lower_limit(l, r, f);
    case REL_SUBQUERY_ALIAS: // its columns are some of its input's
    case REL_REPARTITION:
    case REL_HINT: return lower_rel(l, r->input[0], f);
    case REL_WINDOW: return lower_window(l, r, f);
    case REL_USER: return lower_user(l, r, f);
    case REL_SESSION_WINDOW: return lower_session_window(l, r, f);
    case REL_DEDUPLICATE: return lower_dedup(l, r, f);
    case REL_SAMPLE: return lower_missing(r, "TABLESAMPLE");
    case REL_TAIL: return lower_missing(r, "tail");
    case REL_UNRESOLVED_TABLE:
    case REL_UNRESOLVED_SOURCE:
    case REL_UNRESOLVED_ROWS:
    case REL_TABLE_FUNCTION:
    case REL_DISTINCT:
    case REL_WITH_CTE:
    case REL_WITH_COLUMNS:
    case REL_DROP:
    case REL_TO_SCHEMA:
    case REL_UNPIVOT:
    case REL_SHAPED:
    case REL_PIVOT: break; // analysis leaves none
    }
    must_failed("RelKind after analysis", __FILE__, __LINE__);
}
// -- the plan

// Several stages may read one stream: the source gives what any of them needs.
static void read_needed(Lower *l, Stage *s)
{
    if (!s->read) {
        stage_needed(l->a, s, NULL);
        return;
    }
    int32_t n = s->read->schema->nfields;
    uint8_t *needed = NEW(l->a, uint8_t, n + 1);
    stage_needed(l->a, s, needed);
    ReadNode *own = (ReadNode *)s->read; // lowering's own copy
    if (own->needed)
        for (int32_t i = 0; i < n; i++) own->needed[i] |= needed[i];
    else
        own->needed = needed;
}
static void plan_stages(Lower *l, Plan *p)
{
    p->nstages = (int32_t)l->stage.n;
    p->stage = NEW(l->a, Stage, p->nstages);
    for (int32_t i = 0; i < p->nstages; i++) {
        Draft *d = l->stage.v[i];
        Stage *s = &p->stage[i];
        *s = d->stage;
        s->input = d->input.v;
        s->ninputs = (int32_t)d->input.n;
        s->op = d->op.v;
        s->nops = (int32_t)d->op.n;
        read_needed(l, s);
    }
}
Status lower(Session *s, Arena *a, Rel *rel, Mode mode, Plan **plan)
{
    Lower l = {.session = s, .a = a, .mode = mode, .streaming = rel->streaming, .wanted = -1};
    Flow f = {0};
    TRY(lower_rel(&l, rel, &f));
    flow_shape(&l, &f, &rel->out);
    for (int64_t i = 0; i < f.open.n; i++) f.open.v[i]->stage.to_sink = true;
    Plan *p = NEW(a, Plan, 1);
    *p = (Plan){.schema = rel_schema(a, rel),
                .source = l.source.v,
                .nsources = (int32_t)l.source.n,
                .watermark = l.watermark.v,
                .nwatermarks = (int32_t)l.watermark.n,
                .observation = l.observation.v,
                .nobservations = (int32_t)l.observation.n,
                .streaming = l.streaming,
                .ordered = f.ordered,
                .mode = mode,
                .logical = rel,
                .optimized = rel};
    plan_stages(&l, p);
    if (l.streaming) plan_reuse(a, p);
    *plan = p;
    return DONE;
}
