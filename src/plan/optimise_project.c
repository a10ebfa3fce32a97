// optimise_project.c -- projections: two become one; a struct that is only read by field becomes
// its fields; columns that nobody reads go, down to the sources.
#include "plan/optimise_in.h"

enum { COLLAPSED_SIZE_MAX = 2000 };

static int64_t collapsed_size(const Expr *e, const Rel *below)
{
    if (e->kind == E_ATTR)
        for (int32_t i = 0; i < below->nexprs; i++)
            if (below->expr[i]->kind == E_ALIAS && below->expr[i]->id == e->id)
                return expr_size(below->expr[i]->arg[0]);
    int64_t n = 1;
    for (int32_t i = 0; i < e->nargs; i++) n += collapsed_size(e->arg[i], below);
    return n;
}

static Expr *alias_below(const Rel *below, int32_t id)
{
    for (int32_t i = 0; i < below->nexprs; i++)
        if (below->expr[i]->kind == E_ALIAS && below->expr[i]->id == id) return below->expr[i];
    return NULL;
}

// Equal parts of one projection run once (expr/prog.h), so nothing is computed twice by this.
static Status collapse_rel(Optimiser *o, Rel **r)
{
    Rel *p = *r, *below = p->input[0];
    bool two =
        p->kind == REL_PROJECT && (below->kind == REL_PROJECT || below->kind == REL_AGGREGATE);
    if (!two || !exprs_deterministic(p) || !exprs_deterministic(below)) return DONE;
    int64_t size = 0;
    for (int32_t i = 0; i < p->nexprs; i++) size += collapsed_size(p->expr[i], below);
    if (size > COLLAPSED_SIZE_MAX) return DONE;
    for (int32_t i = 0; i < p->nexprs; i++) {
        Expr **item = &p->expr[i];
        Expr *same = (*item)->kind == E_ATTR ? alias_below(below, (*item)->id) : NULL;
        if (same)
            *item = expr_copy(o->a, same); // keeps its id
        else
            substitute(o->a, item, below);
    }
    below->expr = p->expr;
    below->nexprs = p->nexprs;
    below->out = p->out;
    *r = below;
    return DONE;
}

Status rule_collapse(Optimiser *o, Rel **r) { return each_rel(o, r, collapse_rel); }

// How the columns of a plan are used, by id.
typedef struct Use {
    bool whole, field;
} Use;
typedef struct Uses {
    Optimiser *o;
    Use *v;
    int32_t n;
} Uses;

static Use *use_of(Uses *u, int32_t id)
{
    must(id > 0 && id < u->n);
    return &u->v[id];
}

static void use_expr(Uses *u, const Expr *e)
{
    if (e->kind == E_ATTR) {
        use_of(u, e->id)->whole = true;
        return;
    }
    if (e->kind == E_FIELD && e->arg[0]->kind == E_ATTR) {
        use_of(u, e->arg[0]->id)->field = true;
        return;
    }
    for (int32_t i = 0; i < e->nargs; i++) use_expr(u, e->arg[i]);
    for (int32_t i = 0; i < e->norder; i++) use_expr(u, e->order[i]);
    if (e->filter) use_expr(u, e->filter);
    for (int32_t i = 0; e->over && i < e->over->npartition; i++) use_expr(u, e->over->partition[i]);
    for (int32_t i = 0; e->over && i < e->over->norder; i++) use_expr(u, e->over->order[i]);
}

static void use_attrs(Uses *u, const Attrs *out)
{
    for (int64_t i = 0; i < out->n; i++) use_of(u, out->v[i].id)->whole = true;
}

static Status use_rel(Optimiser *o, Rel **r, Uses *u)
{
    Rel *x = *r;
    must(x);
    for (int32_t i = 0; i < 2; i++)
        if (x->input[i]) TRY(use_rel(o, &x->input[i], u));
    for (int32_t i = 0; i < x->nexprs; i++) {
        bool passed_on = x->kind == REL_PROJECT && x->expr[i]->kind == E_ATTR;
        if (!passed_on) use_expr(u, x->expr[i]);
    }
    for (int32_t i = 0; i < x->ngroup; i++) use_expr(u, x->group[i]);
    for (int32_t i = 0; i < x->nprojections; i++)
        for (int64_t k = 0; k < x->out.n; k++) use_expr(u, x->projection[i][k]);
    for (int64_t i = 0; x->kind == REL_DEDUPLICATE && i < x->out.n; i++) // by it rows are late
        if (x->out.v[i].field.watermark_delay != WATERMARK_NONE)
            use_of(u, x->out.v[i].id)->whole = true;
    if (x->kind == REL_SET_OP) { // by position
        must(x->input[0] && x->input[1]);
        use_attrs(u, &x->input[0]->out);
        use_attrs(u, &x->input[1]->out);
    }
    return DONE;
}

// A struct made by `alias`, only read by field: field k is column first + k.
typedef struct Flat {
    int32_t id;
    Attrs field;
} Flat;
typedef struct Flats {
    Optimiser *o;
    VEC(Flat) v;
} Flats;

static const Flat *flat_of(const Flats *f, int32_t id)
{
    for (int64_t i = 0; i < f->v.n; i++)
        if (f->v.v[i].id == id) return &f->v.v[i];
    return NULL;
}

static const Flat *flat_new(Flats *f, const Expr *alias)
{
    Flat flat = {.id = alias->id};
    const Type *t = alias->type;
    for (int32_t i = 0; i < t->nfields; i++) {
        Attr at = {.id = optimise_attr(f->o), .field = t->field[i]};
        at.field.nullable |= alias->nullable;
        vec_push(f->o->a, &flat.field, at);
    }
    vec_push(f->o->a, &f->v, flat);
    return &f->v.v[f->v.n - 1];
}

static Expr *attr_of_flat(Optimiser *o, const Attr *at, Origin place)
{
    Expr *e = attr_expr(o->a, at, place);
    e->watermark_delay = WATERMARK_NONE;
    return e;
}

static Status flat_node(void *ctx, Expr **e)
{
    const Flats *f = ctx;
    if ((*e)->kind != E_FIELD || (*e)->arg[0]->kind != E_ATTR) return DONE;
    const Flat *flat = flat_of(f, (*e)->arg[0]->id);
    if (flat) *e = attr_of_flat(f->o, &flat->field.v[(*e)->id], (*e)->at);
    return DONE;
}

static Expr *field_alias(Optimiser *o, const Expr *alias, int32_t i, const Attr *at)
{
    Expr *f = expr_field_at(o->a, expr_copy(o->a, alias->arg[0]), i);
    f->at = alias->at;
    f->nullable = at->field.nullable;
    return attr_made(o->a, f, at->field.name, at->id);
}

static void flat_items(Flats *f, Rel *p, Uses *u)
{
    VEC(Expr *) all = {0};
    for (int32_t i = 0; i < p->nexprs; i++) {
        Expr *item = p->expr[i];
        const Flat *flat = flat_of(f, item->id);
        bool makes = item->kind == E_ALIAS && item->id < u->n && item->type->id == T_STRUCT &&
                     use_of(u, item->id)->field && !use_of(u, item->id)->whole &&
                     expr_deterministic(item);
        if (makes) flat = flat_new(f, item);
        for (int64_t k = 0; flat && k < flat->field.n; k++) {
            const Attr *at = &flat->field.v[k];
            vec_push(f->o->a, &all,
                     makes ? field_alias(f->o, item, (int32_t)k, at)
                           : attr_of_flat(f->o, at, item->at));
        }
        if (!flat) vec_push(f->o->a, &all, item);
    }
    p->expr = all.v;
    p->nexprs = (int32_t)all.n;
}

static void flat_out(const Flats *f, Attrs *out)
{
    Attrs all = {0};
    for (int64_t i = 0; i < out->n; i++) {
        const Flat *flat = flat_of(f, out->v[i].id);
        for (int64_t k = 0; flat && k < flat->field.n; k++)
            vec_push(f->o->a, &all, flat->field.v[k]);
        if (!flat) vec_push(f->o->a, &all, out->v[i]);
    }
    *out = all;
}

static Status flat_rel(Flats *f, Rel *r, Uses *u)
{
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(flat_rel(f, r->input[i], u));
    TRY(rel_exprs_walk(r, flat_node, f));
    if (r->kind == REL_PROJECT) flat_items(f, r, u);
    flat_out(f, &r->out);
    return DONE;
}

enum { STRUCT_LEVELS = 8 };

Status rule_structs(Optimiser *o, Rel **r)
{
    for (int32_t level = 0; level < STRUCT_LEVELS; level++) {
        Uses u = {.o = o, .n = o->s->next_attr};
        u.v = NEW(o->a, Use, u.n);
        use_attrs(&u, &(*r)->out);
        TRY(use_rel(o, r, &u));
        Flats f = {.o = o};
        TRY(flat_rel(&f, *r, &u));
        if (!f.v.n) return DONE;
        TRY(rule_prune(o, r)); // fields that nobody reads
    }
    return DONE;
}

// The columns that are wanted of a node, by id.
typedef struct Want {
    Optimiser *o;
    uint8_t *id;
    int32_t n;
} Want;

static Status want_node(void *ctx, Expr **e)
{
    Want *w = ctx;
    if ((*e)->kind == E_ATTR) w->id[(*e)->id] = 1;
    return DONE;
}

static Status want_exprs(Want *w, Rel *r) { return rel_exprs_walk(r, want_node, w); }

static Status prune(Want *w, Rel *r);

static void keep_wanted(Want *w, Rel *r) // items and outputs of a projection or aggregate
{
    int32_t n = 0;
    Attrs out = {0};
    bool one = r->kind == REL_AGGREGATE && !r->ngroup; // a row without columns is still a row
    for (int32_t i = 0; i < r->nexprs; i++) {
        bool wanted = w->id[r->out.v[i].id] || (one && !n && i == r->nexprs - 1);
        if (!wanted) continue;
        r->expr[n++] = r->expr[i];
        vec_push(w->o->a, &out, r->out.v[i]);
    }
    r->nexprs = n;
    r->out = out;
}

static Status prune_input(Want *w, Rel *r)
{
    Want below = {w->o, NEW(w->o->a, uint8_t, w->n), w->n};
    TRY(want_exprs(&below, r));
    return prune(&below, r->input[0]);
}

static void outputs_from_inputs(Want *w, Rel *r)
{
    Attrs out = {0};
    for (int64_t i = 0; i < r->out.n; i++) {
        bool there = false;
        for (int32_t k = 0; k < 2 && r->input[k]; k++)
            for (int64_t j = 0; j < r->input[k]->out.n; j++)
                there |= r->input[k]->out.v[j].id == r->out.v[i].id;
        if (there) vec_push(w->o->a, &out, r->out.v[i]);
    }
    r->out = out;
}

Rel *exactly(Optimiser *o, Rel *r, const Attrs *attrs)
{
    bool same = r->out.n == attrs->n;
    for (int64_t i = 0; same && i < attrs->n; i++) same = r->out.v[i].id == attrs->v[i].id;
    if (same) return r;
    Rel *p = rel_new(o->a, REL_PROJECT, r->at, r);
    p->streaming = r->streaming;
    p->out = *attrs;
    p->nexprs = (int32_t)attrs->n;
    p->expr = NEW(o->a, Expr *, attrs->n);
    for (int64_t i = 0; i < attrs->n; i++) {
        p->expr[i] = attr_of_flat(o, &attrs->v[i], r->at);
        p->expr[i]->watermark_delay = attrs->v[i].field.watermark_delay;
        p->expr[i]->time_window = attrs->v[i].field.time_window;
    }
    return p;
}

static Status prune_set_op(Want *w, Rel *u)
{
    Attrs out = {0}, side[2] = {{0}, {0}};
    Want below[2];
    for (int32_t k = 0; k < 2; k++) below[k] = (Want){w->o, NEW(w->o->a, uint8_t, w->n), w->n};
    for (int64_t i = 0; i < u->out.n; i++) {
        if (!w->id[u->out.v[i].id]) continue;
        vec_push(w->o->a, &out, u->out.v[i]);
        for (int32_t k = 0; k < 2; k++) {
            vec_push(w->o->a, &side[k], u->input[k]->out.v[i]);
            below[k].id[u->input[k]->out.v[i].id] = 1;
        }
    }
    for (int32_t k = 0; k < 2; k++) {
        TRY(prune(&below[k], u->input[k]));
        u->input[k] = exactly(w->o, u->input[k], &side[k]);
    }
    u->out = out;
    return DONE;
}

static Status prune_read(Want *w, Rel *r)
{
    ReadNode *node = NEW(w->o->a, ReadNode, 1);
    *node = *r->read;
    node->needed = NEW(w->o->a, uint8_t, r->out.n + 1);
    for (int64_t i = 0; i < r->out.n; i++) node->needed[i] = w->id[r->out.v[i].id];
    r->read = node;
    return DONE;
}

static void prune_expand(Want *w, Rel *x)
{
    int64_t n = 0;
    for (int64_t i = 0; i < x->out.n; i++) {
        if (!w->id[x->out.v[i].id]) continue;
        for (int32_t k = 0; k < x->nprojections; k++) x->projection[k][n] = x->projection[k][i];
        x->out.v[n++] = x->out.v[i];
    }
    x->out.n = n;
}

// Nodes that pass their input's columns on and may want some themselves.
static Status prune_through(Want *w, Rel *r)
{
    TRY(want_exprs(w, r));
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(prune(w, r->input[i]));
    return DONE;
}

static Status prune_maker(Want *w, Rel *r) // its own columns come after the input's
{
    Attrs made = {0};
    for (int64_t i = r->input[0]->out.n; i < r->out.n; i++) vec_push(w->o->a, &made, r->out.v[i]);
    TRY(prune_through(w, r));
    r->out = attrs_copy(w->o->a, &r->input[0]->out);
    for (int64_t i = 0; i < made.n; i++) vec_push(w->o->a, &r->out, made.v[i]);
    return DONE;
}

static Status prune_items(Want *w, Rel *r)
{
    keep_wanted(w, r);
    return prune_input(w, r);
}

static Status prune_copies(Want *w, Rel *x)
{
    prune_expand(w, x);
    return prune_input(w, x);
}

static Status prune_passing(Want *w, Rel *r)
{
    TRY(prune_through(w, r));
    outputs_from_inputs(w, r);
    return DONE;
}

// Nodes that keep or copy their input's rows get no column that only nodes below read.
static Status prune_keeping(Want *w, Rel *r)
{
    Attrs wanted[2] = {{0}, {0}};
    TRY(want_exprs(w, r));
    for (int32_t k = 0; k < 2 && r->input[k]; k++)
        for (int64_t i = 0; i < r->input[k]->out.n; i++)
            if (w->id[r->input[k]->out.v[i].id])
                vec_push(w->o->a, &wanted[k], r->input[k]->out.v[i]);
    TRY(prune_through(w, r));
    for (int32_t k = 0; k < 2 && r->input[k]; k++)
        r->input[k] = exactly(w->o, r->input[k], &wanted[k]);
    outputs_from_inputs(w, r);
    return DONE;
}

// What is remembered for a while needs the event time, though nobody above reads it. Without it
// plain deduplication drops no late rows, which is what Spark does then.
static Status prune_deduplicate(Want *w, Rel *r)
{
    const Attrs *in = &r->input[0]->out;
    for (int64_t i = 0; i < in->n && r->within_watermark; i++)
        if (in->v[i].field.watermark_delay != WATERMARK_NONE) w->id[in->v[i].id] = 1;
    return prune_keeping(w, r);
}

static bool reads_sorted(const Rel *r) { return r->kind == REL_SORT || r->kind == REL_OFFSET; }

static Status prune_limit(Want *w, Rel *r) // an ORDER BY just below is one with it
{
    return reads_sorted(r->input[0]) ? prune_passing(w, r) : prune_keeping(w, r);
}

static const struct {
    RelKind kind;
    Status (*prune)(Want *w, Rel *r);
} prune_rows[] = {
    {REL_PROJECT, prune_items},        {REL_AGGREGATE, prune_items},
    {REL_EXPAND, prune_copies},        {REL_READ, prune_read},
    {REL_SET_OP, prune_set_op},        {REL_TIME_WINDOW, prune_maker},
    {REL_SESSION_WINDOW, prune_maker}, {REL_WINDOW, prune_maker},
    {REL_GENERATE, prune_maker},       {REL_FILTER, prune_passing},
    {REL_JOIN, prune_keeping},         {REL_SORT, prune_keeping},
    {REL_LIMIT, prune_limit},          {REL_OFFSET, prune_limit},
    {REL_TAIL, prune_passing},         {REL_WITH_WATERMARK, prune_passing},
    {REL_OBSERVE, prune_passing},      {REL_DEDUPLICATE, prune_deduplicate},
    {REL_SAMPLE, prune_passing},
};

static Status prune(Want *w, Rel *r) // what has no row is a leaf that keeps all
{
    for (int64_t i = 0; i < COUNT(prune_rows); i++)
        if (r->kind == prune_rows[i].kind) return prune_rows[i].prune(w, r);
    return DONE;
}

Status rule_prune(Optimiser *o, Rel **r)
{
    Want w = {o, NULL, o->s->next_attr};
    w.id = NEW(o->a, uint8_t, w.n);
    Attrs shown = (*r)->out;
    for (int64_t i = 0; i < shown.n; i++) w.id[shown.v[i].id] = 1;
    TRY(prune(&w, *r));
    *r = exactly(o, *r, &shown);
    return DONE;
}
