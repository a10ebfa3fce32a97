// analyse_name.c -- what a name means: a column (by qualifier, longest first), a field of one, a
// variable of a lambda, an earlier alias of the select list, or one of the functions that need no
// parentheses. What means nothing is told with the names nearest to it.
#include "expr/prog.h"
#include "plan/analyse_in.h"
#include "plan/variable.h"

static bool qualified(const Analyser *an, const Attr *at, const Str *part, int32_t n)
{
    if (n > at->nqualifiers) return false;
    for (int32_t i = 0; i < n; i++) // the last parts of the qualifier must agree
        if (!an_names_eq(an, at->qualifier[at->nqualifiers - n + i], part[i])) return false;
    return true;
}

typedef struct Match {
    const Attr *attr;
    int32_t used; // parts of the name: qualifiers and the column
    bool several;
} Match;

// Columns, or metadata columns, whose qualifier ends in the first q parts and whose name is the
// next.
static void match_with(const Analyser *an, const Attrs *in, const Expr *name, int32_t q,
                       bool metadata, Match *m)
{
    if (!in || q >= name->nparts) return;
    for (int64_t i = 0; i < in->n; i++) {
        const Attr *at = &in->v[i];
        if (at->metadata != metadata || (at->hidden && !q && !metadata)) continue;
        if (!an_names_eq(an, at->field.name, name->part[q]) || !qualified(an, at, name->part, q))
            continue;
        bool shown = m->attr && m->attr->hidden && !at->hidden; // it goes before what is hidden
        if (m->attr && !m->attr->hidden && at->hidden) continue;
        m->several = !shown && (m->several || (m->attr && m->attr->id != at->id));
        m->attr = at;
        m->used = q + 1;
    }
}

Str sorted_list(Arena *a, Str *text, int64_t n)
{
    Buf b = buf_new(a);
    for (int64_t i = 1; i < n; i++) {
        Str one = text[i];
        int64_t at = i;
        for (; at > 0 && str_cmp(one, text[at - 1]) < 0; at--) text[at] = text[at - 1];
        text[at] = one;
    }
    for (int64_t i = 0; i < n; i++) {
        if (i) buf_put(&b, S(", "));
        buf_put(&b, text[i]);
    }
    return buf_str(&b);
}

static Str column_text(Arena *a, const Attr *at, bool plain) // with its qualifiers, or without
{
    Str part[5];
    int32_t n = 0;
    plain |= str_eq(at->qualifier[0], S("__auto_generated_subquery_name"));
    for (int32_t i = 0; i < at->nqualifiers && !plain; i++) part[n++] = at->qualifier[i];
    part[n++] = at->field.name;
    return quoted_parts(a, part, n);
}

static Status ambiguous(const Names *n, const Expr *name, int32_t q)
{
    Arena *a = n->an->a;
    VEC(Str) text = {0};
    for (int32_t k = 0; k < 2; k++)
        for (int64_t i = 0; n->in[k] && i < n->in[k]->n; i++) {
            const Attr *at = &n->in[k]->v[i];
            if (!an_names_eq(n->an, at->field.name, name->part[q]) ||
                !qualified(n->an, at, name->part, q))
                continue;
            Attr written = *at;
            written.field.name = name->part[q];
            Str one = column_text(a, &written, false);
            vec_push(a, &text, one);
        }
    Str list = str_fmt(a, "[" STR_FMT "]", STR_ARG(sorted_list(a, text.v, text.n)));
    return fail_at(RAISE(AMBIGUOUS_REFERENCE, P("name", quoted_parts(a, name->part, name->nparts)),
                         P("referenceNames", list)),
                   &name->at);
}

static Status fields_of(Names *n, const Expr *name, int32_t used, Expr **e)
{
    for (int32_t i = used; i < name->nparts; i++) {
        Expr *get = expr_new(n->an->a, E_EXTRACT, name->at);
        get->nargs = 2;
        get->arg = NEW(n->an->a, Expr *, 2);
        get->arg[0] = *e;
        get->arg[1] = expr_literal(n->an->a, &type_string, &(Datum){.s = name->part[i]});
        *e = get;
        TRY(fail_at(extract_resolve(n->an->a, e, n->an->ctx), &name->at));
        (*e)->extracted = false;
        if ((*e)->kind == E_FIELD) (*e)->name = name->part[i];
    }
    return DONE;
}

static Status find_column(Names *n, const Attrs *x, const Attrs *y, const Expr *name, Expr **found)
{
    int32_t depth = MIN(name->nparts, 4);
    for (int32_t i = 0; i < 2 * depth; i++) { // metadata columns when no other has the name
        int32_t q = depth - 1 - i % depth;
        Match m = {0};
        match_with(n->an, x, name, q, i >= depth, &m);
        match_with(n->an, y, name, q, i >= depth, &m);
        if (!m.attr) continue;
        if (m.several) return n->of_sort ? DONE : ambiguous(n, name, q);
        *found = attr_expr(n->an->a, m.attr, name->at);
        (*found)->name = name->part[q]; // as it was written
        return fields_of(n, name, m.used, found);
    }
    return DONE;
}

static Status find_variable(Names *n, const Expr *name, Expr **found)
{
    for (const Lambda *l = n->lambda; l; l = l->outer)
        for (int32_t i = 0; i < l->lambda->nparts; i++) {
            if (!an_names_eq(n->an, l->lambda->part[i], name->part[0])) continue;
            Expr *e = expr_new(n->an->a, E_VAR, name->at);
            e->name = name->part[0];
            e->id = l->lambda->id + i;
            e->type = l->var[i].type;
            e->nullable = l->var[i].nullable;
            *found = e;
            return fields_of(n, name, 1, found);
        }
    return DONE;
}

// SELECT a + 1 AS b, b * 2: b is the item before.
static Status find_lateral_alias(Names *n, const Expr *name, Expr **found)
{
    const Expr *item = NULL;
    for (int64_t i = 0; i < n->nitems; i++) {
        if (n->item[i]->kind != E_ALIAS || !an_names_eq(n->an, n->item[i]->name, name->part[0]))
            continue;
        if (is_variable(n->item[i]->arg[0])) continue; // named so by itself
        if (item)
            return fail_at(RAISE(AMBIGUOUS_LATERAL_COLUMN_ALIAS,
                                 P("name", quoted_parts(n->an->a, name->part, 1)), P("n", S("2"))),
                           &name->at);
        item = n->item[i];
    }
    if (!item) return DONE;
    if (n->in_agg)
        return fail_at(RAISE(LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC,
                             P("lca", quoted_parts(n->an->a, name->part, 1)),
                             P("aggFunc", S("of this item"))),
                       &name->at);
    Expr *alias = expr_alias(n->an->a, expr_copy(n->an->a, item->arg[0]), name->part[0]);
    alias->outer = true; // stands for the name in the pretty text (attr_of)
    alias->type = item->arg[0]->type;
    alias->nullable = item->arg[0]->nullable;
    *found = alias;
    return fields_of(n, name, 1, found);
}

static Status find_function(Names *n, const Expr *name, Expr **found)
{
    static const Str names[] = {
        STR_INIT("current_date"), STR_INIT("current_time"),   STR_INIT("current_timestamp"),
        STR_INIT("current_user"), STR_INIT("localtimestamp"), STR_INIT("session_user"),
        STR_INIT("user"),
    };
    if (name->nparts > 1) return DONE;
    for (int64_t i = 0; i < COUNT(names); i++) {
        if (!str_ieq(names[i], name->part[0])) continue;
        *found = expr_call(n->an->a, names[i], 0);
        (*found)->at = name->at;
        return fn_resolve(n->an->a, found, n->an->ctx);
    }
    return DONE;
}

bool is_variable(const Expr *e) { return e->kind == E_LITERAL && e->nparts == 1; }

// x, session.x or system.session.x: its value of now.
static Status find_session_variable(Names *n, const Expr *name, Expr **found)
{
    Analyser *an = n->an;
    int32_t used;
    if (an->kept && an->kept->hides) return DONE;
    const Variable *v = variable_find(an->s, name->part, name->nparts, &used);
    if (!v) return DONE;
    if (an->use) {
        an->use->variables = true;
        view_uses(an->use, S("VARIABLE"), quoted_parts(an->a, name->part, name->nparts));
    }
    *found = variable_expr(an->a, v, name->at);
    (*found)->part = NEW(an->a, Str, 1); // what it is called as a column
    (*found)->part[0] = name->part[used - 1];
    (*found)->nparts = 1;
    return fields_of(n, name, used, found);
}

static const Attr *attr_at(const Names *o, int32_t id)
{
    const Attrs *in[3] = {o->in[0], o->in[1], o->last};
    for (int32_t i = 0; i < 3; i++) {
        const Attr *at = in[i] ? attrs_find(in[i], id) : NULL;
        if (at) return at;
    }
    return NULL;
}

// An outer column is named with all its qualifiers: outer(t.a).
static Status mark_outer(void *ctx, Expr **e)
{
    const Names *o = ctx;
    if ((*e)->kind != E_ATTR) return DONE;
    (*e)->outer = true;
    const Attr *at = attr_at(o, (*e)->id);
    if (!at) return DONE;
    (*e)->nparts = at->nqualifiers + 1;
    (*e)->part = NEW(o->an->a, Str, (*e)->nparts);
    for (int32_t i = 0; i < at->nqualifiers; i++) (*e)->part[i] = at->qualifier[i];
    (*e)->part[at->nqualifiers] = (*e)->name;
    return DONE;
}

// A column of the query around this one: of the next one only.
static Status find_outer(Names *n, const Expr *name, Expr **found)
{
    for (Names *o = n->outer; o && !*found; o = o->outer) {
        TRY(find_column(o, o->in[0], o->in[1], name, found));
        if (!*found && o->last) TRY(find_column(o, o->last, NULL, name, found));
        if (*found && o != n->outer)
            return unsupported(&name->at, "a subquery that names a query two levels around it");
    }
    return *found ? expr_walk(found, mark_outer, n->outer) : DONE;
}

static const Attr *visible(const Names *n, int32_t id)
{
    const Attrs *in[] = {n->in[0], n->in[1], n->made, n->last};
    const Attr *at = NULL;
    for (int32_t i = 0; i < COUNT(in) && !at; i++) at = in[i] ? attrs_find(in[i], id) : NULL;
    return at;
}

// df.c of Connect: the column of that relation below, the nearest one when it stands there again.
static Status find_planned(Names *n, const Expr *name, Expr **found)
{
    const Analyser *an = n->an;
    Str quoted = quoted_parts(an->a, name->part, name->nparts);
    int32_t depth = INT32_MAX;
    bool twice = false, hidden = false;
    *found = NULL;
    for (int64_t i = 0; i < an->planned.n; i++) {
        const Planned *p = &an->planned.v[i];
        Expr *e = NULL;
        if (p->id != name->id || p->depth > depth) continue;
        TRY(find_column(n, &p->out, NULL, name, &e));
        const Expr *column = e;
        while (column && column->nargs) column = column->arg[0];
        hidden |= column && column->kind == E_ATTR; // it was there, but is no more
        const Attr *at = column && column->kind == E_ATTR ? visible(n, column->id) : NULL;
        if (!at) continue;
        for (Expr *x = e; at->field.nullable; x = x->arg[0]) { // an outer join stands between
            x->nullable = true;
            if (!x->nargs) break;
        }
        twice = *found && p->depth == depth;
        depth = p->depth;
        *found = e;
    }
    if (twice) return RAISE(AMBIGUOUS_COLUMN_REFERENCE, P("name", quoted));
    if (*found || n->outer) return DONE;
    return hidden ? names_unresolved(n, name)
                  : RAISE(CANNOT_RESOLVE_DATAFRAME_COLUMN, P("name", quoted));
}

// SELECT sum(a) AS b .. GROUP BY b HAVING b > 1: b is what is grouped by.
static void find_grouped(Names *n, const Expr *name, Expr **found)
{
    const Rel *agg = n->grouped;
    Expr *e = NULL;
    Status s = find_column(n, &agg->input[0]->out, NULL, name, &e);
    if (s.code || !e) return;
    const Expr *base = e;
    while (base->kind == E_FIELD || (base->kind == E_FN && base->nargs)) base = base->arg[0];
    for (int32_t i = 0; i < agg->ngroup; i++) {
        const Expr *g = agg->nvalues ? agg->value[MIN(i, agg->nvalues - 1)] : agg->group[i];
        if (base->kind == E_ATTR && (expr_eq(g, base) || expr_eq(g, e))) *found = e;
    }
}

Status names_find(Names *n, const Expr *name, Expr **found)
{
    if (name->id) {
        TRY(find_planned(n, name, found));
        if (*found) return DONE;
    }
    *found = NULL;
    if (n->grouped && !n->in_agg && !n->lambda) find_grouped(n, name, found);
    if (*found) return DONE;
    if (n->lambda) TRY(find_variable(n, name, found));
    if (!*found) TRY(find_column(n, n->in[0], n->in[1], name, found));
    if (!*found && n->made) TRY(find_column(n, n->made, NULL, name, found));
    if (!*found && n->last) TRY(find_column(n, n->last, NULL, name, found));
    if (!*found && n->nitems) TRY(find_lateral_alias(n, name, found));
    if (!*found) TRY(find_outer(n, name, found));
    if (!*found) TRY(find_function(n, name, found));
    if (!*found) TRY(find_session_variable(n, name, found));
    return DONE;
}

static int32_t edit_distance(Str x, Str y)
{
    enum { LONGEST = 128 };
    int32_t row[LONGEST + 1] = {0};
    int64_t nx = MIN(x.n, LONGEST), ny = MIN(y.n, LONGEST);
    for (int32_t j = 0; j <= ny; j++) row[j] = j;
    for (int32_t i = 1; i <= nx; i++) {
        int32_t corner = row[0];
        row[0] = i;
        for (int32_t j = 1; j <= ny; j++) {
            int32_t above = row[j];
            int32_t change = corner + (x.p[i - 1] != y.p[j - 1]);
            row[j] = MIN(change, MIN(above, row[j - 1]) + 1);
            corner = above;
        }
    }
    return row[ny];
}

typedef struct Near {
    Str text, column;
    int32_t distance;
} Near;
enum { NEAR_MAX = 5 };

static bool nearer(const Near *x, const Near *y) // ties by the column's own name, as Spark has them
{
    if (x->distance != y->distance) return x->distance < y->distance;
    return str_cmp(x->column, y->column) < 0;
}

static void near_add(Near *near, int32_t *n, Near one)
{
    int32_t at = *n;
    while (at > 0 && nearer(&one, &near[at - 1])) at--;
    if (at >= NEAR_MAX) return;
    for (int32_t i = MIN(*n, NEAR_MAX - 1); i > at; i--) near[i] = near[i - 1];
    near[at] = one;
    *n = MIN(*n + 1, NEAR_MAX);
}

// Spark leaves the qualifiers out when all columns have the same.
static bool same_qualifiers(const Names *n)
{
    const Attr *first = NULL;
    for (int32_t k = 0; k < 2; k++)
        for (int64_t i = 0; n->in[k] && i < n->in[k]->n; i++) {
            const Attr *at = &n->in[k]->v[i];
            if (!first) first = at;
            if (at->nqualifiers != first->nqualifiers) return false;
            for (int32_t j = 0; j < at->nqualifiers; j++)
                if (!str_eq(at->qualifier[j], first->qualifier[j])) return false;
        }
    return true;
}

static Str proposal_of(const Names *n, const Expr *name)
{
    Arena *a = n->an->a;
    Near near[NEAR_MAX];
    int32_t count = 0;
    bool plain = name->nparts == 1 && same_qualifiers(n);
    Expr wanted = {.kind = E_NAME, .part = name->part, .nparts = name->nparts};
    Str plain_name = expr_sql_str(a, &wanted); // Spark compares it without quotes
    for (int32_t k = 0; k < 2; k++)
        for (int64_t i = 0; n->in[k] && i < n->in[k]->n; i++) {
            const Attr *at = &n->in[k]->v[i];
            if (at->hidden) continue;
            Str text = column_text(a, at, plain);
            near_add(near, &count, (Near){text, at->field.name, edit_distance(plain_name, text)});
        }
    Buf b = buf_new(a);
    for (int32_t i = 0; i < count; i++) {
        if (i) buf_put(&b, S(", "));
        buf_put(&b, near[i].text);
    }
    return buf_str(&b);
}

Status names_unresolved(Names *n, const Expr *name)
{
    Str quoted = quoted_parts(n->an->a, name->part, name->nparts);
    Str proposal = proposal_of(n, name);
    Status s = proposal.n ? RAISE(UNRESOLVED_COLUMN_WITH_SUGGESTION, P("objectName", quoted),
                                  P("proposal", proposal))
                          : RAISE(UNRESOLVED_COLUMN_WITHOUT_SUGGESTION, P("objectName", quoted));
    return fail_at(s, &name->at);
}

Str quoted_parts(Arena *a, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '.');
        name_backticks(&b, part[i]);
    }
    return buf_str(&b);
}

static bool excepted(const Names *n, const Expr *star, const Attr *at)
{
    for (int32_t i = 0; i < star->nargs; i++) {
        const Expr *e = star->arg[i];
        bool column = an_names_eq(n->an, e->part[e->nparts - 1], at->field.name);
        if (column && qualified(n->an, at, e->part, e->nparts - 1)) return true;
    }
    return false;
}

// Each name of EXCEPT must be one of the columns that the star means.
static Status check_except(Names *n, const Expr *star, const Attrs *columns)
{
    for (int32_t i = 0; i < star->nargs; i++) {
        const Expr *e = star->arg[i];
        bool there = false;
        for (int64_t k = 0; k < columns->n && !there; k++)
            there = an_names_eq(n->an, e->part[e->nparts - 1], columns->v[k].field.name) &&
                    qualified(n->an, &columns->v[k], e->part, e->nparts - 1);
        if (!there) return names_unresolved(n, e);
    }
    return DONE;
}

// colRegex: whole names, of either case.
static Status name_matches(Names *n, Str pattern, Str name, bool *is)
{
    Arena *a = n->an->a;
    Str whole = str_fmt(a, "%s^(?:" STR_FMT ")$", n->an->exact ? "" : "(?i)", STR_ARG(pattern));
    Expr *e, *arg[2] = {expr_literal(a, &type_string, &(Datum){.s = name}),
                        expr_literal(a, &type_string, &(Datum){.s = whole})};
    Datum v;
    TRY(fn_make(&e, a, n->an->ctx, S("rlike"), arg, 2));
    TRY(expr_fold(a, e, n->an->ctx, &v));
    *is = !v.null && v.i;
    return DONE;
}

static Status keep_matching(Names *n, Str pattern, Attrs *columns)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < columns->n; i++) {
        bool is;
        TRY(name_matches(n, pattern, columns->v[i].field.name, &is));
        if (is) columns->v[kept++] = columns->v[i];
    }
    columns->n = kept;
    return DONE;
}

// df["*"]: the columns of that relation below that are still there, sides of USING among them.
static Status planned_columns(const Names *n, int32_t id, Attrs *to)
{
    int32_t depth = INT32_MAX;
    bool twice = false;
    for (int64_t i = 0; i < n->an->planned.n; i++) {
        const Planned *p = &n->an->planned.v[i];
        Attrs some = {0};
        for (int64_t k = 0; p->id == id && p->depth <= depth && k < p->out.n; k++) {
            const Attr *at = p->out.v[k].hidden ? NULL : visible(n, p->out.v[k].id);
            if (!at) continue;
            vec_push(n->an->a, &some, p->out.v[k]);
            some.v[some.n - 1].field.nullable = at->field.nullable;
        }
        if (!some.n) continue;
        twice = p->depth == depth;
        depth = p->depth;
        *to = some;
    }
    return twice ? RAISE(AMBIGUOUS_COLUMN_REFERENCE, P("name", S("*"))) : DONE;
}

static Status star_columns(Names *n, const Expr *star, Attrs *to)
{
    Attrs all = {0};
    if (star->id && !star->nparts) TRY(planned_columns(n, star->id, &all));
    // t.* begins with what USING has hidden of t
    for (int32_t k = 0; k < 4 && !(star->id && !star->nparts); k++)
        for (int64_t i = 0; n->in[k & 1] && i < n->in[k & 1]->n; i++) {
            const Attr *at = &n->in[k & 1]->v[i];
            if (at->hidden == (k < 2) &&
                (star->nparts ? qualified(n->an, at, star->part, star->nparts) : !at->hidden))
                vec_push(n->an->a, &all, *at);
        }
    if (star->name.n) TRY(keep_matching(n, star->name, &all));
    if (all.n) TRY(check_except(n, star, &all));
    for (int64_t i = 0; i < all.n; i++)
        if (!excepted(n, star, &all.v[i])) vec_push(n->an->a, to, all.v[i]);
    return DONE;
}

Str all_columns(const Names *n)
{
    VEC(Str) text = {0};
    for (int32_t k = 0; k < 2; k++)
        for (int64_t i = 0; n->in[k] && i < n->in[k]->n; i++) {
            Str one = quoted_parts(n->an->a, &n->in[k]->v[i].field.name, 1);
            if (!n->in[k]->v[i].hidden) vec_push(n->an->a, &text, one);
        }
    return sorted_list(n->an->a, text.v, text.n);
}

static bool field_excepted(const Names *n, const Expr *star, Str field)
{
    for (int32_t i = 0; i < star->nargs; i++)
        if (an_names_eq(n->an, star->arg[i]->part[star->arg[i]->nparts - 1], field)) return true;
    return false;
}

// s.* of a struct column: its fields.
static Status star_fields(Names *n, const Expr *star, Expr ***e, int32_t *count)
{
    Expr name = {.kind = E_NAME, .part = star->part, .nparts = star->nparts, .at = star->at};
    Expr *base;
    TRY(names_find(n, &name, &base));
    if (!base || base->type->id != T_STRUCT)
        return fail_at(RAISE(CANNOT_RESOLVE_STAR_EXPAND,
                             P("targetString", quoted_parts(n->an->a, star->part, star->nparts)),
                             P("columns", all_columns(n))),
                       &star->at);
    *count = 0;
    *e = NEW(n->an->a, Expr *, base->type->nfields);
    for (int32_t i = 0; i < base->type->nfields; i++) {
        if (field_excepted(n, star, base->type->field[i].name)) continue;
        Expr *f = expr_field_at(n->an->a, base, i);
        f->at = star->at;
        (*e)[(*count)++] = f;
    }
    return DONE;
}

static int64_t planned_width(const Analyser *an,
                             const Expr *star) // of df["*"]; 1 when nobody knows it
{
    if (!star->id || star->nparts || star->name.n) return 0;
    for (int64_t i = 0; i < an->planned.n; i++) {
        const Attrs *out = &an->planned.v[i].out;
        int64_t hidden = 0;
        for (int64_t k = 0; k < out->n; k++) hidden += out->v[k].hidden;
        if (an->planned.v[i].id == star->id) return out->n - hidden;
    }
    return 1;
}

static Status expand_star(Names *n, const Expr *star, Expr ***e, int32_t *count)
{
    Attrs columns = {0};
    TRY(star_columns(n, star, &columns));
    if (columns.n < planned_width(n->an, star) && !n->outer)
        return RAISE(CANNOT_RESOLVE_DATAFRAME_COLUMN, P("name", S("*")));
    bool outer = !columns.n && star->nparts && n->outer;
    if (outer) TRY(star_columns(n->outer, star, &columns));
    if (!columns.n && star->nparts) return star_fields(n, star, e, count);
    *count = (int32_t)columns.n;
    *e = NEW(n->an->a, Expr *, columns.n);
    for (int64_t i = 0; i < columns.n; i++) {
        (*e)[i] = attr_expr(n->an->a, &columns.v[i], star->at);
        if (outer) TRY(mark_outer(n->outer, &(*e)[i]));
    }
    return DONE;
}

Status expand_stars(Names *n, Expr ***list, int32_t *count)
{
    VEC(Expr *) all = {0};
    for (int32_t i = 0; i < *count; i++) {
        if ((*list)[i]->kind != E_STAR) {
            vec_push(n->an->a, &all, (*list)[i]);
            continue;
        }
        Expr **some = NULL;
        int32_t k = 0;
        TRY(expand_star(n, (*list)[i], &some, &k));
        for (int32_t j = 0; j < k; j++) vec_push(n->an->a, &all, some[j]);
    }
    *list = all.v;
    *count = (int32_t)all.n;
    return DONE;
}
