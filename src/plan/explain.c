// explain.c -- EXPLAIN: the plans under Spark's headings. The physical one is ours: stages with
// what feeds them, and their operators in order.
#include "plan/explain.h"
#include "op/aggregate.h"
#include "op/exchange.h"
#include "op/expand.h"
#include "op/filter.h"
#include "op/generate.h"
#include "op/join.h"
#include "op/limit.h"
#include "op/project.h"
#include "op/sort.h"
#include "op/watermark.h"
#include "op/windows.h"
#include "plan/print_in.h"

static void print_project(Buf *b, const OpSpec *op)
{
    const ProjectSpec *s = op->spec;
    exprs_print(b, s->expr, s->n);
}
static void print_filter(Buf *b, const OpSpec *op)
{
    expr_print(b, ((const FilterSpec *)op->spec)->predicate);
}
static void print_keys(Buf *b, Expr *const *key, int32_t n)
{
    buf_put(b, S("keys="));
    exprs_print(b, key, n);
}
static void print_agg(Buf *b, const OpSpec *op)
{
    const AggSpec *s = op->spec;
    print_keys(b, s->key, s->nkeys);
    buf_put(b, S(", functions="));
    exprs_print(b, s->agg, s->naggs);
    if (s->time_key >= 0) buf_fmt(b, ", closed by key %d", s->time_key);
}
static void print_exchange(Buf *b, const OpSpec *op)
{
    const ExchangeSpec *s = op->spec;
    print_keys(b, s->key, s->nkeys);
    buf_fmt(b, ", %d shards", s->shards);
}
static void print_join(Buf *b, const OpSpec *op)
{
    const JoinSpec *s = op->spec;
    buf_put(b, S("left "));
    print_keys(b, s->left_key, s->nkeys);
    buf_put(b, S(", right "));
    print_keys(b, s->right_key, s->nkeys);
    buf_fmt(b, ", build %s", s->build_left ? "left" : "right");
    if (!s->residual) return;
    buf_put(b, S(", condition "));
    expr_print(b, s->residual);
}
static void print_sort(Buf *b, const OpSpec *op)
{
    const SortSpec *s = op->spec;
    exprs_print(b, s->order, s->n);
    if (s->limit >= 0) buf_fmt(b, ", first %lld", (long long)s->limit);
}
static void print_limit(Buf *b, const OpSpec *op)
{
    const LimitSpec *s = op->spec;
    buf_fmt(b, "%lld offset %lld", (long long)s->limit, (long long)s->offset);
}
static void print_watermark(Buf *b, const OpSpec *op)
{
    const WatermarkSpec *s = op->spec;
    buf_put(b, op->out->field[s->column].name);
    buf_fmt(b, ", %lld ms", (long long)(s->delay / 1000));
}
static void print_windows(Buf *b, const OpSpec *op)
{
    const WindowsSpec *s = op->spec;
    expr_print(b, s->time);
    buf_fmt(b, ", %lld, %lld, %lld", (long long)s->duration, (long long)s->slide,
            (long long)s->start);
}
static void print_generate(Buf *b, const OpSpec *op)
{
    expr_print(b, ((const GenerateSpec *)op->spec)->list);
}
static void print_expand(Buf *b, const OpSpec *op)
{
    const ExpandSpec *s = op->spec;
    buf_fmt(b, "%d projections of %d columns", s->nprojections, s->n);
}

static const struct {
    const OpKind *kind;
    const char *name;
    void (*print)(Buf *b, const OpSpec *op);
} printer_rows[] = {
    {&op_project, "Project", print_project},
    {&op_filter, "Filter", print_filter},
    {&op_agg_partial, "PartialAggregate", print_agg},
    {&op_agg_final, "FinalAggregate", print_agg},
    {&op_exchange, "Exchange", print_exchange},
    {&op_join, "Join", print_join},
    {&op_sort, "Sort", print_sort},
    {&op_limit, "Limit", print_limit},
    {&op_global_limit, "GlobalLimit", print_limit},
    {&op_watermark, "EventTimeWatermark", print_watermark},
    {&op_windows, "TimeWindow", print_windows},
    {&op_generate, "Generate", print_generate},
    {&op_expand, "Expand", print_expand},
};

static void print_op(Buf *b, const OpSpec *op)
{
    for (int64_t i = 0; i < COUNT(printer_rows); i++) {
        if (op->kind != printer_rows[i].kind) continue;
        buf_fmt(b, "   %s ", printer_rows[i].name);
        printer_rows[i].print(b, op);
        buf_char(b, '\n');
        return;
    }
    buf_fmt(b, "   %s\n", op->kind->name);
}

static void print_read(Buf *b, const ReadNode *r)
{
    buf_fmt(b, " reads " STR_FMT " [", STR_ARG(r->name.n ? r->name : r->format));
    for (int32_t i = 0, some = 0; i < r->schema->nfields; i++)
        if (!r->needed || r->needed[i])
            buf_fmt(b, "%s" STR_FMT, some++ ? ", " : "", STR_ARG(r->schema->field[i].name));
    buf_char(b, ']');
    if (!r->npushed) return;
    buf_put(b, S(" where "));
    exprs_print(b, r->pushed, r->npushed);
}

static void print_stage(Buf *b, const Stage *s, int32_t at)
{
    static const char *const parallel[] = {
        [PAR_LANES] = "lanes", [PAR_SHARDS] = "shards", [PAR_ONE] = "one"};
    buf_fmt(b, "(%d) Stage, %s", at, parallel[s->parallel]);
    if (s->read) print_read(b, s->read);
    if (s->local) buf_fmt(b, " of %d local batches", s->nlocal);
    for (int32_t i = 0; i < s->ninputs; i++)
        buf_fmt(b, "%s(%d)%s", i ? ", " : " from ", s->input[i].stage,
                s->input[i].whole ? " whole" : "");
    buf_char(b, '\n');
    for (int32_t i = 0; i < s->nops; i++) print_op(b, &s->op[i]);
    if (s->to_sink) buf_put(b, S("   to the sink\n"));
}

void plan_print(Buf *b, const Plan *p)
{
    for (int32_t i = 0; i < p->nstages; i++) print_stage(b, &p->stage[i], i);
}

static void print_schema(Buf *b, const Rel *r)
{
    for (int64_t i = 0; i < r->out.n; i++) {
        buf_fmt(b, "%s" STR_FMT ": ", i ? ", " : "", STR_ARG(r->out.v[i].field.name));
        type_name(b, r->out.v[i].field.type);
    }
    buf_char(b, '\n');
}

void explain(Buf *b, const Rel *parsed, const Plan *p, bool extended)
{
    if (extended) {
        buf_put(b, S("== Parsed Logical Plan ==\n"));
        rel_print(b, parsed);
        buf_put(b, S("\n== Analyzed Logical Plan ==\n"));
        print_schema(b, p->logical);
        rel_print(b, p->logical);
        buf_put(b, S("\n== Optimized Logical Plan ==\n"));
        rel_print(b, p->optimized);
        buf_char(b, '\n');
    }
    buf_put(b, S("== Physical Plan ==\n"));
    plan_print(b, p);
}
