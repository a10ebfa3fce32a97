// explain.c -- EXPLAIN: the plans under Spark's headings. The physical one is a tree as Spark draws
// it, from the sink down; *(n) is the stage that runs the operator, name#i column i of its input.
#include "plan/explain.h"
#include "base/civil.h"
#include "base/hash.h"
#include "op/aggregate.h"
#include "op/dedup.h"
#include "op/exchange.h"
#include "op/expand.h"
#include "op/filter.h"
#include "op/generate.h"
#include "op/join.h"
#include "op/limit.h"
#include "op/observe.h"
#include "op/project.h"
#include "op/session.h"
#include "op/sort.h"
#include "op/stream_join.h"
#include "op/user.h"
#include "op/watermark.h"
#include "op/window.h"
#include "op/windows.h"
#include "plan/print_in.h"

typedef struct Tree { // where the next line stands
    Buf *b;
    const Plan *plan;
    Str margin;
    const char *branch;
    bool plain; // sources by number, stages without
} Tree;
typedef struct Node { // an operator with its surroundings
    const Stage *stage;
    const OpSpec *op;
    const Schema *in; // NULL for the first operator of a stage with inputs
    Mode mode;
} Node;

static void line(const Tree *t)
{
    buf_put(t->b, t->margin);
    buf_fmt(t->b, "%s", t->branch);
}
static Tree below(const Tree *t, const char *branch)
{
    Tree to = *t;
    Str more = *t->branch == ':' ? S(":  ") : *t->branch ? S("   ") : S("");
    to.margin = str_cat(t->b->arena, t->margin, more);
    to.branch = branch;
    return to;
}
static void put_column(Buf *b, const Schema *s, int32_t i)
{
    buf_fmt(b, STR_FMT "#%d", STR_ARG(s->field[i].name), i);
}
static void put_columns(Buf *b, const Schema *s, int32_t n)
{
    buf_char(b, '[');
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_put(b, S(", "));
        put_column(b, s, i);
    }
    buf_char(b, ']');
}
static void put_items(Buf *b, Expr *const *e, const Schema *out)
{
    buf_char(b, '[');
    for (int32_t i = 0; i < out->nfields; i++) {
        if (i) buf_put(b, S(", "));
        expr_print(b, e[i]);
        if (e[i]->kind == E_COLUMN && str_eq(e[i]->name, out->field[i].name)) continue;
        buf_put(b, S(" AS "));
        put_column(b, out, i);
    }
    buf_char(b, ']');
}
// -- operators

static void print_project(Buf *b, const Node *n)
{
    const ProjectSpec *s = n->op->spec;
    buf_put(b, S("Project "));
    put_items(b, s->expr, n->op->out);
}
static void print_filter(Buf *b, const Node *n)
{
    buf_put(b, S("Filter "));
    expr_print(b, ((const FilterSpec *)n->op->spec)->predicate);
}
static void put_functions(Buf *b, const AggSpec *s, const char *prefix)
{
    buf_put(b, S(", functions=["));
    for (int32_t i = 0; i < s->naggs; i++) {
        buf_fmt(b, "%s%s", i ? ", " : "", prefix);
        expr_print(b, s->agg[i]);
    }
    buf_put(b, S("])"));
}
static void print_partial(Buf *b, const Node *n)
{
    const AggSpec *s = n->op->spec;
    buf_put(b, S("HashAggregate(keys="));
    exprs_print(b, s->key, s->nkeys);
    put_functions(b, s, "partial_");
}
static void print_final(Buf *b, const Node *n)
{
    const AggSpec *s = n->op->spec;
    buf_put(b, S("HashAggregate(keys="));
    put_columns(b, n->op->out, s->nkeys);
    put_functions(b, s, "");
}
static void print_session(Buf *b, const Node *n)
{
    const SessionSpec *s = n->op->spec;
    buf_put(b, S("SessionAggregate(keys="));
    put_columns(b, n->op->out, s->nkeys + 1);
    buf_put(b, S(", functions=["));
    for (int32_t i = 0; i < s->naggs; i++) {
        if (i) buf_put(b, S(", "));
        expr_print(b, s->agg[i]);
    }
    buf_put(b, S("])"));
}
static void print_exchange(Buf *b, const Node *n)
{
    const ExchangeSpec *s = n->op->spec;
    if (!s->nkeys) {
        buf_put(b, S("Exchange SinglePartition"));
        return;
    }
    buf_put(b, S("Exchange hashpartitioning("));
    for (int32_t i = 0; i < s->nkeys; i++) {
        expr_print(b, s->key[i]);
        buf_put(b, S(", "));
    }
    buf_fmt(b, "%d)", s->shards);
}
static const char *join_name(JoinKind k)
{
    switch (k) {
    case JOIN_INNER: return "Inner";
    case JOIN_CROSS: return "Cross";
    case JOIN_LEFT: return "LeftOuter";
    case JOIN_RIGHT: return "RightOuter";
    case JOIN_FULL: return "FullOuter";
    case JOIN_LEFT_SEMI: return "LeftSemi";
    case JOIN_LEFT_ANTI: return "LeftAnti";
    }
    must_failed("JoinKind", __FILE__, __LINE__);
}
static void print_join(Buf *b, const Node *n)
{
    const JoinSpec *s = n->op->spec;
    buf_fmt(b, "%s ", s->nkeys ? "ShuffledHashJoin" : "NestedLoopJoin");
    for (int32_t k = 0; s->nkeys && k < 2; k++) {
        exprs_print(b, k ? s->right_key : s->left_key, s->nkeys);
        buf_put(b, S(", "));
    }
    buf_fmt(b, "%s, %s", join_name(s->kind), s->build_left ? "BuildLeft" : "BuildRight");
    if (!s->residual) return;
    buf_put(b, S(", "));
    expr_print(b, s->residual);
}
static void print_condition(Buf *b, const char *name, const Expr *e)
{
    buf_fmt(b, "%s = ", name);
    if (e)
        expr_print(b, e);
    else
        buf_put(b, S("null"));
}
// When a side's rows go: their time <= the least of this.
static void print_cleanup(Buf *b, const StreamJoinSide *side)
{
    bool capped = side->cap != INT64_MAX, moves = side->lag != LAG_NONE;
    int64_t ms = moves ? side->lag / MICROS_PER_MS : 0, cap_ms = side->cap / MICROS_PER_MS;
    if (side->expires < 0) {
        buf_put(b, S("= null"));
        return;
    }
    buf_put(b, side->expires_key ? S("key predicate: (") : S("value predicate: ("));
    if (side->expires_key)
        expr_print(b, side->key[side->expires]);
    else
        put_column(b, side->schema, side->expires);
    buf_put(b, capped && moves ? S(" <= least(") : S(" <= "));
    if (moves) buf_put(b, S("watermark"));
    if (ms) buf_fmt(b, " %c %lld ms", ms < 0 ? '+' : '-', (long long)(ms < 0 ? -ms : ms));
    if (capped) buf_fmt(b, "%s%lld ms", moves ? ", " : "", (long long)cap_ms);
    buf_put(b, capped && moves ? S("))") : S(")"));
}
static void print_stream_join(Buf *b, const Node *n)
{
    const StreamJoinSpec *s = n->op->spec;
    buf_put(b, S("StreamingSymmetricHashJoin "));
    for (int32_t k = 0; k < 2; k++) {
        exprs_print(b, s->side[k].key, s->nkeys);
        buf_put(b, S(", "));
    }
    buf_fmt(b, "%s, condition = [ ", join_name(s->kind));
    print_condition(b, "leftOnly", s->side[0].filter);
    print_condition(b, ", rightOnly", s->side[1].filter);
    print_condition(b, ", both", s->residual);
    buf_put(b, S(" ], state cleanup [ left "));
    print_cleanup(b, &s->side[0]);
    buf_put(b, S(", right "));
    print_cleanup(b, &s->side[1]);
    buf_put(b, S(" ]"));
}
static void print_sort(Buf *b, const Node *n)
{
    const SortSpec *s = n->op->spec;
    if (s->limit >= 0)
        buf_fmt(b, "TakeOrdered(limit=%lld, orderBy=", (long long)s->limit);
    else
        buf_put(b, S("Sort "));
    exprs_print(b, s->order, s->n);
    if (s->limit >= 0) buf_char(b, ')');
}
static void print_window(Buf *b, const Node *n)
{
    const WindowSpec *s = n->op->spec;
    int32_t first = n->op->out->nfields - s->ncalls;
    buf_put(b, S("Window ["));
    for (int32_t i = 0; i < s->ncalls; i++) {
        if (i) buf_put(b, S(", "));
        put_column(b, n->op->out, first + i);
    }
    buf_put(b, S("], "));
    exprs_print(b, s->partition, s->npartition);
    buf_put(b, S(", "));
    exprs_print(b, s->order, s->norder);
}
static void print_limit(Buf *b, const Node *n)
{
    const LimitSpec *s = n->op->spec;
    buf_put(b, n->stage->parallel == PAR_ONE ? S("GlobalLimit") : S("LocalLimit"));
    if (s->limit >= 0) buf_fmt(b, " %lld", (long long)s->limit);
    if (s->offset) buf_fmt(b, " OFFSET %lld", (long long)s->offset);
}
static void print_global_limit(Buf *b, const Node *n)
{
    const LimitSpec *s = n->op->spec;
    buf_fmt(b, "StreamingGlobalLimit %lld", (long long)s->limit);
}
static void print_dedup(Buf *b, const Node *n)
{
    const DedupSpec *s = n->op->spec;
    bool within = n->op->kind == &op_dedup_within;
    buf_put(b, within ? S("StreamingDeduplicateWithinWatermark ") : S("StreamingDeduplicate "));
    exprs_print(b, s->key, s->nkeys);
    if (s->time_key >= 0) {
        buf_put(b, S(", closed by "));
        expr_print(b, s->key[s->time_key]);
    }
    if (within) buf_fmt(b, ", for %lld ms", (long long)(s->delay / 1000));
}
static void print_watermark(Buf *b, const Node *n)
{
    const WatermarkSpec *s = n->op->spec;
    buf_put(b, S("EventTimeWatermark "));
    put_column(b, n->op->out, s->column);
    buf_fmt(b, ", %lld ms", (long long)(s->delay / 1000));
}
static void print_observe(Buf *b, const Node *n)
{
    const ObserveSpec *s = n->op->spec;
    buf_fmt(b, "CollectMetrics " STR_FMT ", ", STR_ARG(s->name));
    exprs_print(b, s->agg.agg, s->agg.naggs);
}
static void print_windows(Buf *b, const Node *n)
{
    const WindowsSpec *s = n->op->spec;
    buf_put(b, S("TimeWindow "));
    expr_print(b, s->time);
    buf_fmt(b, ", %lld, %lld, %lld", (long long)s->duration, (long long)s->slide,
            (long long)s->start);
}
// A function's number is of its code: equal texts are equal calls.
static void print_user(Buf *b, const Node *n)
{
    const UserSpec *s = n->op->spec;
    const UserCalls *calls = &s->calls;
    buf_put(b, S("BatchEvalPython ["));
    for (int32_t i = 0; i < calls->n; i++) {
        const UserCall *c = &calls->call[i];
        if (i) buf_put(b, S(", "));
        for (int32_t k = c->nfns; k-- > 0;) buf_fmt(b, STR_FMT "(", STR_ARG(c->fn[k]->name));
        for (int32_t k = 0; k < c->nargs; k++) {
            if (k) buf_put(b, S(", "));
            if (c->keyword[k].n) buf_fmt(b, STR_FMT " => ", STR_ARG(c->keyword[k]));
            expr_print(b, s->arg[c->arg[k]]);
        }
        for (int32_t k = 0; k < c->nfns; k++)
            buf_fmt(b, ")#%u", (unsigned)hash_bytes(c->fn[k]->code) & INT32_MAX);
    }
    buf_put(b, S("], ["));
    int32_t first = n->op->out->nfields - calls->n;
    for (int32_t i = 0; i < calls->n; i++) {
        if (i) buf_put(b, S(", "));
        put_column(b, n->op->out, first + i);
    }
    buf_char(b, ']');
}
static void print_generate(Buf *b, const Node *n)
{
    const GenerateSpec *s = n->op->spec;
    const char *name = s->flatten ? "inline" : s->position ? "posexplode" : "explode";
    buf_fmt(b, "Generate %s(", name);
    expr_print(b, s->list);
    buf_fmt(b, "), %s", s->outer ? "true" : "false");
}
static void print_expand(Buf *b, const Node *n)
{
    const ExpandSpec *s = n->op->spec;
    buf_put(b, S("Expand ["));
    for (int32_t i = 0; i < s->nprojections; i++) {
        if (i) buf_put(b, S(", "));
        exprs_print(b, s->projection[i], s->n);
    }
    buf_put(b, S("], "));
    put_columns(b, n->op->out, n->op->out->nfields);
}

static const struct {
    const OpKind *kind;
    void (*print)(Buf *b, const Node *n);
} printer_rows[] = {
    {&op_project, print_project},
    {&op_filter, print_filter},
    {&op_user, print_user},
    {&op_agg_partial, print_partial},
    {&op_agg_final, print_final},
    {&op_agg_slide, print_final},
    {&op_exchange, print_exchange},
    {&op_join, print_join},
    {&op_stream_join, print_stream_join},
    {&op_sort, print_sort},
    {&op_window, print_window},
    {&op_session, print_session},
    {&op_limit, print_limit},
    {&op_global_limit, print_global_limit},
    {&op_dedup, print_dedup},
    {&op_dedup_within, print_dedup},
    {&op_watermark, print_watermark},
    {&op_observe, print_observe},
    {&op_windows, print_windows},
    {&op_generate, print_generate},
    {&op_expand, print_expand},
};

static void print_op(const Tree *t, const Node *n)
{
    line(t);
    if (n->op->kind != &op_exchange && !t->plain)
        buf_fmt(t->b, "*(%d) ", (int)(n->stage - t->plan->stage) + 1);
    void (*print)(Buf * b, const Node *n) = NULL;
    for (int64_t i = 0; i < COUNT(printer_rows); i++)
        if (n->op->kind == printer_rows[i].kind) print = printer_rows[i].print;
    if (print)
        print(t->b, n);
    else
        buf_fmt(t->b, "%s", n->op->kind->name);
    buf_char(t->b, '\n');
}
// What a half of an aggregate does besides grouping: it keeps state, or hands its groups over.
static void print_state(Tree *t, const Node *n)
{
    static const char *const mode[] = {
        [MODE_APPEND] = "Append", [MODE_UPDATE] = "Update", [MODE_COMPLETE] = "Complete"};
    const AggSpec *s = n->op->spec;
    bool final = n->op->kind == &op_agg_final || n->op->kind == &op_agg_slide;
    if (!final || !n->op->stateful) return;
    *t = below(t, "+- ");
    line(t);
    buf_put(t->b, S("StateStoreSave "));
    put_columns(t->b, n->op->out, s->nkeys);
    buf_fmt(t->b, ", %s, %d shards", mode[n->mode], s->shards);
    if (s->time_key >= 0) {
        buf_put(t->b, S(", closed by "));
        put_column(t->b, n->op->out, s->time_key);
    }
    buf_char(t->b, '\n');
}
static void print_hand_over(Tree *t, const Node *n)
{
    const AggSpec *s = n->op->spec;
    if (n->op->kind != &op_agg_partial) return;
    line(t);
    if (s->nkeys) {
        buf_put(t->b, S("Exchange hashpartitioning("));
        for (int32_t i = 0; i < s->nkeys; i++) {
            put_column(t->b, n->op->out, i);
            buf_put(t->b, S(", "));
        }
        buf_fmt(t->b, "%d)\n", s->shards);
    } else {
        buf_put(t->b, S("Exchange SinglePartition\n"));
    }
    *t = below(t, "+- ");
}
// -- leaves

static void print_read(Buf *b, const ReadNode *r, bool streams)
{
    buf_fmt(b, "%s " STR_FMT " [", streams ? "MicroBatchScan" : "BatchScan",
            STR_ARG(r->name.n ? r->name : r->format));
    for (int32_t i = 0, some = 0; i < r->schema->nfields; i++) {
        if (r->needed && !r->needed[i]) continue;
        if (some++) buf_put(b, S(", "));
        put_column(b, r->schema, i);
    }
    buf_char(b, ']');
    if (!r->npushed) return;
    buf_put(b, S(", PushedFilters: "));
    exprs_print(b, r->pushed, r->npushed);
}
static bool is_stream(const Plan *p, const ReadNode *r)
{
    for (int32_t i = 0; i < p->nsources; i++)
        if (p->source[i] == r) return true;
    return false;
}
static void print_leaf(const Tree *t, const Stage *s)
{
    line(t);
    buf_fmt(t->b, "*(%d) ", t->plain && s->read ? s->read->id : (int)(s - t->plan->stage) + 1);
    int64_t rows = 0;
    for (int32_t i = 0; i < s->nlocal; i++) rows += s->local[i].rows;
    if (s->read)
        print_read(t->b, s->read, is_stream(t->plan, s->read));
    else
        buf_fmt(t->b, "LocalTableScan, %lld rows", (long long)rows);
    buf_char(t->b, '\n');
}
// -- the tree

static void print_stage(Tree t, const Stage *s);
// The stages that feed one port, or the sink: several are a union.
static void print_feeds(Tree t, const int32_t *stage, int32_t n)
{
    if (n > 1) {
        line(&t);
        buf_put(t.b, S("Union\n"));
    }
    for (int32_t i = 0; i < n; i++) {
        Tree to = n == 1 ? t : below(&t, i + 1 < n ? ":- " : "+- ");
        print_stage(to, &t.plan->stage[stage[i]]);
    }
}
static void print_inputs(const Tree *t, const Stage *s)
{
    int32_t ports = 0;
    for (int32_t i = 0; i < s->ninputs; i++) ports = MAX(ports, s->input[i].port + 1);
    for (int32_t port = 0; port < ports; port++) {
        int32_t *stage = NEW(t->b->arena, int32_t, s->ninputs), n = 0;
        for (int32_t i = 0; i < s->ninputs; i++)
            if (s->input[i].port == port) stage[n++] = s->input[i].stage;
        print_feeds(below(t, port + 1 < ports ? ":- " : "+- "), stage, n);
    }
}
static void print_stage(Tree t, const Stage *s)
{
    for (int32_t i = s->nops - 1; i >= 0; i--) {
        Node n = {.stage = s, .op = &s->op[i], .mode = t.plan->mode};
        n.in = i ? s->op[i - 1].out : s->read ? s->read->schema : NULL;
        print_hand_over(&t, &n);
        print_op(&t, &n);
        print_state(&t, &n);
        if (i) t = below(&t, "+- ");
    }
    if (s->ninputs) {
        print_inputs(&t, s);
        return;
    }
    if (s->nops) t = below(&t, "+- ");
    print_leaf(&t, s);
}
void plan_print(Buf *b, const Plan *p)
{
    int32_t *sink = NEW(b->arena, int32_t, p->nstages), n = 0;
    for (int32_t i = 0; i < p->nstages; i++)
        if (p->stage[i].to_sink) sink[n++] = i;
    print_feeds((Tree){.b = b, .plan = p, .branch = ""}, sink, n);
}
void stage_print(Buf *b, const Plan *p, int32_t stage)
{
    print_stage((Tree){.b = b, .plan = p, .branch = "", .plain = true}, &p->stage[stage]);
}

static void print_schema(Buf *b, const Rel *r)
{
    for (int64_t i = 0; i < r->out.n; i++) {
        buf_fmt(b, "%s" STR_FMT ": ", i ? ", " : "", STR_ARG(r->out.v[i].field.name));
        type_name(b, r->out.v[i].field.type);
    }
    buf_char(b, '\n');
}
static bool counts_distinct(const Expr *e) { return e->kind == E_AGG && e->distinct; }
static bool counts_distinct_stream(const Rel *r)
{
    bool found = false;
    for (int32_t i = 0; r->kind == REL_AGGREGATE && r->streaming && i < r->nexprs; i++)
        found |= expr_any(r->expr[i], counts_distinct);
    for (int32_t i = 0; i < 2; i++) found |= r->input[i] && counts_distinct_stream(r->input[i]);
    return found;
}
// What Spark would refuse, so that nobody is surprised when the query moves there.
static void print_extensions(Buf *b, const Rel *analysed)
{
    if (!counts_distinct_stream(analysed)) return;
    buf_put(b,
            S("\n== Extensions ==\n"
              "count(DISTINCT ..) on a stream: exact, every value is kept. Spark refuses it.\n"));
}
bool explain_mode(ExplainMode *mode, Str word)
{
    static const char *const words[] = {[EXPLAIN_SIMPLE] = "simple",
                                        [EXPLAIN_EXTENDED] = "extended",
                                        [EXPLAIN_FORMATTED] = "formatted",
                                        [EXPLAIN_COST] = "cost",
                                        [EXPLAIN_CODEGEN] = "codegen"};
    *mode = EXPLAIN_SIMPLE;
    for (int64_t i = 0; i < COUNT(words); i++)
        if (str_ieq(word, str_z(words[i]))) {
            *mode = (ExplainMode)i;
            return true;
        }
    return !word.n;
}
void explain(Buf *b, const Rel *parsed, const Plan *p, ExplainMode mode)
{
    if (mode == EXPLAIN_CODEGEN) { // what Spark says of a plan without any
        buf_put(b, S("Found 0 WholeStageCodegen subtrees.\n"));
        return;
    }
    if (mode == EXPLAIN_COST) {
        buf_put(b, S("== Optimized Logical Plan ==\n"));
        explain_cost(b, p->optimized);
        buf_char(b, '\n');
    }
    if (mode == EXPLAIN_EXTENDED) {
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
    Buf tree = buf_new(b->arena);
    if (mode == EXPLAIN_FORMATTED) plan_print(&tree, p);
    if (mode == EXPLAIN_FORMATTED)
        explain_formatted(b, buf_str(&tree));
    else
        plan_print(b, p);
    print_extensions(b, p->logical);
}
