// analyse.c -- the walk over the plan, and what its parts share: attributes, outputs, places.
#include "plan/analyse_in.h"

int32_t attr_new(Analyser *an) { return an->s->next_attr++; }

Status unsupported(const Origin *at, const char *feature)
{
    return fail_at(RAISE(UNSUPPORTED_FEATURE, P("feature", str_z(feature)),
                         P("needs", S("the query has to be written without it"))),
                   at);
}

bool an_names_eq(const Analyser *an, Str x, Str y)
{
    return an->exact ? str_eq(x, y) : str_ieq(x, y);
}

static bool is_agg(const Expr *e) { return e->kind == E_AGG; }
bool has_agg(const Expr *e) { return expr_any(e, is_agg); }
static bool is_subquery(const Expr *e) { return e->kind == E_SUBQUERY; }
bool has_subquery(const Expr *e) { return expr_any(e, is_subquery); }

// Event time and window marks follow a bare column through an alias (semantics W3), and
// window_time() keeps its window's (T13).
static const Expr *metadata_of(const Expr *e)
{
    while (e->kind == E_ALIAS) e = e->arg[0];
    bool window_time = e->kind == E_FN && str_eq(e->name, S("window_time"));
    while (window_time && e->nargs) e = e->arg[0];
    return e->kind == E_ATTR ? e : NULL;
}

// What stands for a name inside an expression, and not AS in struct(a AS b).
static bool stands_for_name(const Expr *e) { return e->kind == E_ALIAS && e->outer; }

static Status show_name(void *ctx, Expr **e)
{
    Arena *a = ctx;
    if (!stands_for_name(*e)) return DONE;
    Expr *shown = expr_new(a, E_ATTR, (*e)->at);
    bool call = (*e)->arg[0]->kind == E_FN && str_eq((*e)->arg[0]->name, S("window_time"));
    shown->name =
        call ? (*e)->name : str_fmt(a, "lateralAliasReference(" STR_FMT ")", STR_ARG((*e)->name));
    *e = shown;
    return DONE;
}

static Str name_of(Analyser *an, const Expr *e)
{
    if (is_variable(e)) return e->part[0];
    if (!expr_any(e, stands_for_name)) return expr_output_name(an->a, e);
    Expr *copy = expr_copy(an->a, e);
    Status s = expr_walk(&copy, show_name, an->a);
    must(s.code == OK);
    return expr_output_name(an->a, copy);
}

static bool is_call(const Expr *e) { return e->kind == E_CALL; }
bool has_call(const Expr *e) { return expr_any(e, is_call); }
Status no_calls(const Expr *e)
{
    return has_call(e) ? fail_at(RAISE(UNSUPPORTED_GROUPING_EXPRESSION), &e->at) : DONE;
}

Status attr_of(Analyser *an, Attr *attr, Expr **e)
{
    Expr *x = *e;
    if ((x->kind != E_ATTR || x->outer) &&
        x->kind != E_ALIAS) { // an outer column is a new one here
        Expr *alias = expr_alias(an->a, x, name_of(an, x));
        alias->at = x->at;
        x = *e = alias;
    }
    if (x->kind == E_ALIAS && x->nparts > 1)
        return fail_at(RAISE(MULTI_ALIAS_WITHOUT_GENERATOR,
                             P("expr", quoted_expr(an->a, x->arg[0])),
                             P("names", list_of(an->a, x->part, x->nparts))),
                       &x->at);
    if (x->kind == E_ALIAS && x->nparts == 1 && !x->name.n) x->name = x->part[0];
    if (x->kind == E_ALIAS && !x->id) x->id = attr_new(an);
    const Expr *inner = x->kind == E_ALIAS ? x->arg[0] : x;
    const Expr *meta = metadata_of(x);
    x->type = inner->type;
    x->nullable = inner->nullable;
    x->watermark_delay = meta ? meta->watermark_delay : WATERMARK_NONE;
    x->time_window = meta && meta->time_window && meta->type->id == x->type->id;
    *attr = (Attr){.id = x->id, .field = field_of(x->name, x->type, x->nullable)};
    attr->field.watermark_delay = x->watermark_delay;
    attr->field.time_window = x->time_window;
    return DONE;
}

Str list_of(Arena *a, const Str *name, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) buf_fmt(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(name[i]));
    return buf_str(&b);
}

static const Attr *input_attr(const Rel *r, int32_t id)
{
    const Attr *found = NULL;
    for (int32_t k = 0; k < 2 && !found; k++)
        if (r->input[k]) found = attrs_find(&r->input[k]->out, id);
    return found;
}

// A column has the metadata that its alias says, else of the column that it is.
static Status metadata_kept(Analyser *an, const Rel *r, const Expr *e, Field *f)
{
    if (e->kind == E_ALIAS && e->value.s.p) {
        Field said = {0};
        TRY(type_metadata_read(&said, an->a, e->value.s));
        f->metadata = said.metadata;
        return DONE;
    }
    while (e->kind == E_ALIAS) e = e->arg[0];
    const Attr *of = e->kind == E_ATTR && !e->outer ? input_attr(r, e->id) : NULL;
    if (of) f->metadata = of->field.metadata;
    return DONE;
}

Status outputs_of(Analyser *an, Rel *r)
{
    Attrs out = {0};
    for (int32_t i = 0; i < r->nexprs; i++) {
        Attr attr = {0};
        TRY(attr_of(an, &attr, &r->expr[i]));
        const Attr *same = input_attr(r, attr.id); // passed on: it keeps its qualifiers
        TRY(metadata_kept(an, r, r->expr[i], &attr.field));
        if (same) {
            attr.nqualifiers = same->nqualifiers;
            memcpy(attr.qualifier, same->qualifier, sizeof attr.qualifier);
        }
        vec_push(an->a, &out, attr);
    }
    r->out = out;
    return DONE;
}

Rel *rel_above(Analyser *an, RelKind kind, Rel *input)
{
    Rel *r = rel_new(an->a, kind, input->at, input);
    r->out = attrs_copy(an->a, &input->out);
    r->streaming = input->streaming;
    an->nodes++;
    return r;
}

Rel *project_attrs(Analyser *an, Rel *input, const Attrs *attrs)
{
    Rel *r = rel_above(an, REL_PROJECT, input);
    r->out = attrs_copy(an->a, attrs);
    r->nexprs = (int32_t)attrs->n;
    r->expr = NEW(an->a, Expr *, attrs->n);
    for (int64_t i = 0; i < attrs->n; i++) r->expr[i] = attr_expr(an->a, &attrs->v[i], input->at);
    return r;
}

// The other sides of USING can be named just above the join only.
void drop_hidden(Analyser *an, Rel **r)
{
    Attrs shown = {0};
    for (int64_t i = 0; i < (*r)->out.n; i++)
        if (!(*r)->out.v[i].hidden) vec_push(an->a, &shown, (*r)->out.v[i]);
    if (shown.n < (*r)->out.n) *r = project_attrs(an, *r, &shown);
}

static bool shows_all(RelKind kind) // every column of the input is in what comes out
{
    return kind == REL_SET_OP || kind == REL_DISTINCT || kind == REL_DEDUPLICATE ||
           kind == REL_DROP || kind == REL_TO_SCHEMA || kind == REL_UNPIVOT || kind == REL_SHAPED;
}

static Status analyse_cte(Analyser *an, Rel **r)
{
    Rel *with = *r;
    CteScope *scope = NEW(an->a, CteScope, with->nctes + 1);
    const CteScope *outer = an->ctes;
    for (int32_t i = 0; i < with->nctes; i++) { // each sees those before it
        with->cte[i].at = with->at;
        scope[i] = (CteScope){&with->cte[i], 1, outer};
        outer = &scope[i];
    }
    const CteScope *saved = an->ctes;
    an->ctes = outer;
    TRY(analyse_rel(an, &with->input[0]));
    an->ctes = saved;
    *r = with->input[0];
    return DONE;
}

static Status analyse_one_row(Analyser *an, Rel **r)
{
    (void)an;
    (*r)->out = (Attrs){0};
    return DONE;
}

static Status analyse_range(Analyser *an, Rel **r)
{
    Attr id = {.id = attr_new(an), .field = field_of(S("id"), &type_bigint, false)};
    (*r)->out = (Attrs){0};
    vec_push(an->a, &(*r)->out, id);
    return DONE;
}

static Status analyse_hint(Analyser *an, Rel **r)
{
    session_notice(an->s, "the hint " STR_FMT " is ignored", STR_ARG((*r)->name[0]));
    *r = (*r)->input[0];
    return DONE;
}

static Status analyse_repartition(Analyser *an, Rel **r)
{
    Names n = {.an = an, .in = {&(*r)->input[0]->out}, .outer = an->outer};
    n.last = columns_below((*r)->input[0], &n.last_in_agg);
    TRY(resolve_all(&n, (*r)->group, (*r)->ngroup));
    for (int32_t i = 0; i < (*r)->ngroup; i++) {
        TRY(no_windows(an, (*r)->group[i], &(*r)->at));
        TRY(no_aggregates(an, (*r)->group[i]));
    }
    *r = (*r)->input[0];
    return DONE;
}

static Status analyse_done(Analyser *an, Rel **r)
{
    (void)an, (void)r;
    return DONE;
}

static Status analyse_shaped(Analyser *an, Rel **r)
{
    const Shape *shape = (*r)->shape;
    Rel *input = (*r)->input[0];
    must(input);
    input->analysed = true;
    TRY(shape->make(shape, an->a, input, r));
    return analyse_rel(an, r);
}

typedef Status (*AnalyseNode)(Analyser *an, Rel **r);
static AnalyseNode node_of(const Rel *r)
{
    switch (r->kind) {
    case REL_UNRESOLVED_TABLE: return analyse_table;
    case REL_UNRESOLVED_SOURCE: return analyse_source;
    case REL_UNRESOLVED_ROWS: return analyse_rows;
    case REL_READ:
    case REL_LOCAL:
    case REL_RECURSION: return analyse_leaf;
    case REL_RANGE: return analyse_range;
    case REL_ONE_ROW: return analyse_one_row;
    case REL_TABLE_FUNCTION: return analyse_function;
    case REL_PROJECT: return analyse_project;
    case REL_FILTER: return r->having ? analyse_having : analyse_filter;
    case REL_JOIN: return analyse_join;
    case REL_SET_OP: return analyse_set_op;
    case REL_SORT: return analyse_sort;
    case REL_LIMIT:
    case REL_OFFSET:
    case REL_TAIL: return analyse_limit;
    case REL_DISTINCT: return analyse_distinct;
    case REL_AGGREGATE: return analyse_aggregate;
    case REL_GENERATE: return analyse_generate;
    case REL_WITH_WATERMARK: return analyse_watermark;
    case REL_OBSERVE: return analyse_observe;
    case REL_DEDUPLICATE: return analyse_deduplicate;
    case REL_SUBQUERY_ALIAS: return analyse_alias;
    case REL_WITH_CTE: return analyse_cte;
    case REL_WITH_COLUMNS: return analyse_with_columns;
    case REL_DROP: return analyse_drop;
    case REL_TO_SCHEMA: return analyse_to_schema;
    case REL_UNPIVOT: return analyse_unpivot;
    case REL_PIVOT: return analyse_pivot;
    case REL_SAMPLE: return analyse_sample;
    case REL_REPARTITION: return analyse_repartition;
    case REL_HINT: return analyse_hint;
    case REL_SHAPED: return analyse_shaped;
    case REL_WINDOW:
    case REL_TIME_WINDOW:
    case REL_SESSION_WINDOW:
    case REL_USER:
    case REL_EXPAND: return analyse_done; // only the analyser makes them
    }
    must_failed("RelKind", __FILE__, __LINE__);
}

Status analyse_rel(Analyser *an, Rel **r)
{
    if (++an->nodes > PLAN_NODES_MAX)
        return fail(ERR_LIMIT, "the query expands to more than %d plan nodes", PLAN_NODES_MAX);
    Rel *node = *r;
    if (node->analysed) return DONE;
    bool lateral = node->kind == REL_JOIN && node->lateral;
    bool scoped = node->kind == REL_WITH_CTE; // analyses its input itself
    an->depth++;
    for (int32_t i = 0; i < 2 && !scoped; i++)
        if (node->input[i] && !(i && lateral)) {
            TRY(analyse_rel(an, &node->input[i]));
            if (shows_all(node->kind)) drop_hidden(an, &node->input[i]);
        }
    for (int32_t i = 0; i < 2; i++) node->streaming |= node->input[i] && node->input[i]->streaming;
    int32_t id = node->plan_id;
    show_metadata(an, node);
    TRY(node_of(node)(an, r));
    an->depth--;
    if (!id) return DONE;
    Planned known = {id, an->depth, attrs_copy(an->a, &(*r)->out)};
    vec_push(an->a, &an->planned, known);
    return DONE;
}

void view_uses(ViewUse *use, Str kind, Str name)
{
    if (use->kind.n) return;
    use->kind = kind;
    use->temporary = name;
}

Status analyse_use(Session *s, Arena *a, Rel **rel, ViewUse *use)
{
    TRY(session_refresh(s));
    Analyser an = {.s = s, .a = a, .ctx = &s->eval, .use = use};
    an.exact = conf_bool(s, S("spark.sql.caseSensitive"));
    if ((*rel)->analysed) return DONE;
    TRY(analyse_rel(&an, rel));
    drop_hidden(&an, rel);
    TRY(use_input_files(&an, rel));
    (*rel)->analysed = true;
    return DONE;
}

Status analyse(Session *s, Arena *a, Rel **rel) { return analyse_use(s, a, rel, NULL); }
