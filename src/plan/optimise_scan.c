// optimise_scan.c -- conditions right above a scan of a table or of files, in the form by which the
// scan skips files and pages (fmt/prune.h). They stay above it as well: skipping only saves.
#include "fmt/prune.h"
#include "plan/optimise_in.h"

typedef struct Scan {
    Optimiser *o;
    const Attrs *out; // of the read
    VEC(Prune) prune;
} Scan;

static int32_t column_of(const Scan *s, const Expr *e)
{
    for (int64_t i = 0; e->kind == E_ATTR && i < s->out->n; i++)
        if (s->out->v[i].id == e->id) return (int32_t)i;
    return -1;
}
static void add(Scan *s, int32_t column, PruneOp op, const Datum *v, int32_t n)
{
    Prune p = {.column = column, .op = op, .value = v, .nvalues = n};
    vec_push(s->o->a, &s->prune, p);
}
// A literal as a value of the column: the same type, or a wider integer that fits.
static bool value_of(const Expr *column, const Expr *literal, Datum *v)
{
    if (literal->kind != E_LITERAL || literal->value.null) return false;
    *v = literal->value;
    if (type_eq(column->type, literal->type)) return true;
    if (!type_is_integral(column->type) || !type_is_integral(literal->type)) return false;
    int32_t bits = phys_bytes(type_phys(column->type)) * 8;
    return v->i >= INT64_MIN >> (64 - bits) && v->i <= INT64_MAX >> (64 - bits);
}
static const Expr *uncast(const Expr *e) // a column widened for a comparison of integers
{
    bool implicit = e->kind == E_CAST && (e->cast_mode == CAST_UP || e->cast_mode == CAST_IMPLICIT);
    bool integers = type_is_integral(e->type) && implicit && type_is_integral(e->arg[0]->type);
    return integers ? e->arg[0] : e;
}
static void add_comparison(Scan *s, const Expr *e, PruneOp op, PruneOp swapped)
{
    const Expr *x = uncast(e->arg[0]), *y = uncast(e->arg[1]);
    if (x->kind == E_LITERAL) {
        const Expr *z = x;
        x = y;
        y = z;
        op = swapped;
    }
    int32_t column = column_of(s, x);
    Datum *v = NEW(s->o->a, Datum, 1);
    if (column >= 0 && value_of(x, y, v)) add(s, column, op, v, 1);
}
static void add_in(Scan *s, const Expr *e)
{
    const Expr *x = uncast(e->arg[0]);
    int32_t column = column_of(s, x), n = 0;
    if (column < 0) return;
    Datum *v = NEW(s->o->a, Datum, e->nargs);
    for (int32_t i = 1; i < e->nargs; i++) {
        const Expr *item = e->arg[i];
        if (item->kind == E_LITERAL && item->value.null) continue; // equals nothing
        if (!value_of(x, item, &v[n])) return;
        n++;
    }
    if (n) add(s, column, PRUNE_IN, v, n);
}
// Strings that begin with a prefix lie between it and the next text of its length.
static void add_prefix(Scan *s, const Expr *e, const char *ends)
{
    int32_t column = column_of(s, e->arg[0]);
    const Expr *pattern = e->arg[1];
    bool text = pattern->kind == E_LITERAL && pattern->type->id == T_STRING && !pattern->value.null;
    if (column < 0 || !text || e->nargs > 2) return;
    Str prefix = pattern->value.s;
    for (const char *c = ends; *c; c++) {
        int64_t at = str_find_char(prefix, *c);
        if (at >= 0) prefix.n = at;
    }
    if (!prefix.n) return;
    Datum *v = NEW(s->o->a, Datum, 2);
    v[0].s = prefix;
    add(s, column, PRUNE_GE, &v[0], 1);
    if ((unsigned char)prefix.p[prefix.n - 1] == 0xFF) return;
    Str next = str_copy(s->o->a, prefix);
    ((char *)next.p)[next.n - 1]++;
    v[1].s = next;
    add(s, column, PRUNE_LT, &v[1], 1);
}
static void add_condition(Scan *s, const Expr *e)
{
    static const struct {
        Str name;
        PruneOp op, swapped;
    } comparison[] = {
        {STR_INIT("="), PRUNE_EQ, PRUNE_EQ}, {STR_INIT("<=>"), PRUNE_EQ, PRUNE_EQ},
        {STR_INIT("<"), PRUNE_LT, PRUNE_GT}, {STR_INIT("<="), PRUNE_LE, PRUNE_GE},
        {STR_INIT(">"), PRUNE_GT, PRUNE_LT}, {STR_INIT(">="), PRUNE_GE, PRUNE_LE},
    };
    if (e->kind != E_FN || !e->nargs) return;
    for (int64_t i = 0; i < COUNT(comparison); i++)
        if (str_eq(e->fn->name, comparison[i].name))
            add_comparison(s, e, comparison[i].op, comparison[i].swapped);
    if (expr_is_fn(e, S("in"))) add_in(s, e);
    if (expr_is_fn(e, S("startswith"))) add_prefix(s, e, "");
    if (expr_is_fn(e, S("like"))) add_prefix(s, e, "%_\\");
    int32_t column = column_of(s, e->arg[0]);
    if (column < 0) return;
    if (expr_is_fn(e, S("isnull"))) add(s, column, PRUNE_IS_NULL, NULL, 0);
    if (expr_is_fn(e, S("isnotnull"))) add(s, column, PRUNE_NOT_NULL, NULL, 0);
}

static Status bind_node(void *ctx, Expr **e)
{
    const Scan *s = ctx;
    if ((*e)->kind != E_ATTR) return DONE;
    int32_t column = column_of(s, *e);
    must(column >= 0);
    (*e)->kind = E_COLUMN;
    (*e)->id = column;
    return DONE;
}
static bool needs_plan(const Expr *e) { return e->kind == E_SUBQUERY || e->kind == E_USER; }

// What is true or not for a whole file says whether it is read.
static bool may_skip(const Expr *e) { return expr_deterministic(e) && !expr_any(e, needs_plan); }

static Status scan_rel(Optimiser *o, Rel **r)
{
    Rel *f = *r, *read = f->input[0];
    if (f->kind != REL_FILTER || read->kind != REL_READ) return DONE;
    bool files = read->read->metadata && !read->streaming; // others may read a stream too
    if (!files && read->read->kind != READ_TABLE) return DONE;
    Scan s = {.o = o, .out = &read->out};
    Conjuncts all = {0}, pushed = {0};
    conjuncts_of(&all, o->a, f->expr[0]);
    for (int64_t i = 0; i < all.n; i++) {
        int64_t before = s.prune.n;
        if (expr_deterministic(all.v[i])) add_condition(&s, all.v[i]);
        if (s.prune.n == before && !(files && may_skip(all.v[i]))) continue;
        Expr *e = expr_copy(o->a, all.v[i]);
        TRY(expr_walk(&e, bind_node, &s));
        vec_push(o->a, &pushed, e);
    }
    ReadNode *node = NEW(o->a, ReadNode, 1);
    *node = *read->read;
    node->pushed = pushed.v;
    node->npushed = (int32_t)pushed.n;
    node->prune = s.prune.v;
    node->nprune = (int32_t)s.prune.n;
    read->read = node;
    return DONE;
}

Status rule_scans(Optimiser *o, Rel **r) { return each_rel(o, r, scan_rel); }
