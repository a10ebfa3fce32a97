// analyse_generate.c -- functions that make rows: explode and its kin, in the select list, in
// LATERAL VIEW and in FROM.
#include "plan/analyse_in.h"

typedef struct GeneratorRow {
    const char *name;
    bool outer, position, flatten;
    bool nullable; // its columns always are
} GeneratorRow;
static const GeneratorRow generators[] = {
    {.name = "explode"},
    {.name = "explode_outer", .outer = true},
    {.name = "posexplode", .position = true},
    {.name = "posexplode_outer", .outer = true, .position = true},
    {.name = "inline", .flatten = true},
    {.name = "inline_outer", .outer = true, .flatten = true},
    {.name = "stack", .flatten = true, .nullable = true},
    {.name = "json_tuple", .flatten = true, .nullable = true},
};

static const GeneratorRow *generator_of(const Expr *e)
{
    for (int64_t i = 0; i < COUNT(generators) && e->kind == E_CALL; i++)
        if (str_eq(e->name, str_z(generators[i].name))) return &generators[i];
    return NULL;
}

bool is_generator(const Expr *e) { return generator_of(e) != NULL; }

Expr *named_by(Expr *item)
{
    if (item->kind != E_ALIAS) return item;
    Expr *of = item->arg[0];
    return of->kind == E_ALIAS && of->nparts < 2 ? of->arg[0] : of; // the outer name stays
}

bool plan_has_function(Str name)
{
    static const char *const others[] = {
        "row_number",  "rank",  "dense_rank", "ntile",       "percent_rank",   "cume_dist",
        "lag",         "lead",  "nth_value",  "window",      "session_window", "grouping",
        "grouping_id", "range", "cast",       "sql_keywords"};
    for (int64_t i = 0; i < COUNT(others); i++)
        if (str_eq(name, str_z(others[i]))) return true;
    return is_generator(&(Expr){.kind = E_CALL, .name = name});
}

static void add_column(Analyser *an, Rel *g, Str name, const Type *t, bool nullable)
{
    int64_t i = g->out.n - g->input[0]->out.n;
    Attr at = {.id = attr_new(an), .field = field_of(name, t, nullable || g->outer)};
    if (i < g->ncolumn_alias) at.field.name = g->column_alias[i];
    if (g->nnames) {
        at.qualifier[0] = g->name[0];
        at.nqualifiers = 1;
    }
    vec_push(an->a, &g->out, at);
}

static void add_columns(Analyser *an, Rel *g, const Type *list)
{
    const Field *element = list->field;
    if (g->position) add_column(an, g, S("pos"), &type_int, false);
    if (list->id == T_MAP) {
        add_column(an, g, S("key"), list->field[0].type, false);
        add_column(an, g, S("value"), list->field[1].type, list->field[1].nullable);
    } else if (g->flatten) {
        for (int32_t i = 0; i < element->type->nfields; i++) {
            const Field *f = &element->type->field[i];
            add_column(an, g, f->name, f->type, f->nullable || element->nullable);
        }
    } else {
        add_column(an, g, S("col"), element->type, element->nullable);
    }
}

static Expr *cell_named(Analyser *an, Expr *e, int32_t i, const char *prefix)
{
    return expr_alias(an->a, e, str_fmt(an->a, "%s%d", prefix, i));
}

static Expr *call_of(Analyser *an, Str name, Expr **arg, int32_t n, Origin at)
{
    Expr *e = expr_call(an->a, name, 0);
    e->arg = arg;
    e->nargs = n;
    e->at = at;
    return e;
}

static Status too_few(Analyser *an, const Expr *call)
{
    return fail_at(RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION,
                         P("functionName", quoted_parts(an->a, &call->name, 1)),
                         P("expectedNum", S("> 1")),
                         P("actualNum", str_fmt(an->a, "%d", call->nargs)), DOCROOT),
                   &call->at);
}

// stack(2, a, b, c) is inline(array(struct(a, b), struct(c, NULL))).
static Status stack_rows(Analyser *an, Expr *call)
{
    if (call->nargs < 2) return too_few(an, call);
    const Expr *count = call->arg[0];
    int32_t cells = call->nargs - 1;
    if (count->kind != E_LITERAL || count->type->id != T_INT || count->value.i < 1 ||
        count->value.i > cells)
        return unsupported(&count->at, "stack() of a number that is no literal among its values");
    int32_t rows = (int32_t)count->value.i, width = (cells + rows - 1) / rows;
    Expr **row = NEW(an->a, Expr *, rows);
    for (int32_t r = 0; r < rows; r++) {
        Expr **cell = NEW(an->a, Expr *, width);
        for (int32_t i = 0; i < width; i++) {
            int32_t at = r * width + i;
            Expr *e = at < cells ? call->arg[1 + at]
                                 : expr_literal(an->a, &type_void, &(Datum){.null = true});
            cell[i] = cell_named(an, e, i, "col");
        }
        row[r] = call_of(an, S("struct"), cell, width, call->at);
    }
    call->arg[0] = call_of(an, S("array"), row, rows, call->at);
    call->nargs = 1;
    return DONE;
}

static Status texts_only(Analyser *an, Names *n, Expr *call)
{
    for (int32_t i = 0; i < call->nargs; i++) TRY(resolve(n, &call->arg[i]));
    for (int32_t i = 0; i < call->nargs; i++)
        if (call->arg[i]->type->id != T_STRING)
            return fail_at(RAISE(DATATYPE_MISMATCH_NON_STRING_TYPE,
                                 P("sqlExpr", quoted_expr(an->a, call)),
                                 P("funcName", quoted_parts(an->a, &call->name, 1))),
                           &call->at);
    return DONE;
}

// The path of a key that is written in the text, or of one that each row has.
static Expr *json_path_of(Analyser *an, Expr *key)
{
    if (key->kind == E_LITERAL && !key->value.null) {
        Str path = str_fmt(an->a, "$['" STR_FMT "']", STR_ARG(key->value.s));
        return expr_literal(an->a, &type_string, &(Datum){.s = path});
    }
    Expr *head = expr_literal(an->a, &type_string, &(Datum){.s = S("$['")});
    Expr *tail = expr_literal(an->a, &type_string, &(Datum){.s = S("']")});
    return expr_call(an->a, S("concat"), 3, head, key, tail);
}

// json_tuple(j, 'a', 'b') is inline(array(struct(get_json_object(j, '$[\'a\']'), ..))).
static Status json_columns(Analyser *an, Names *names, Expr *call)
{
    if (call->nargs < 2) return too_few(an, call);
    TRY(texts_only(an, names, call));
    int32_t n = call->nargs - 1;
    Expr **cell = NEW(an->a, Expr *, n), **row = NEW(an->a, Expr *, 1);
    for (int32_t i = 0; i < n; i++) {
        Expr *get = expr_call(an->a, S("get_json_object"), 2, expr_copy(an->a, call->arg[0]),
                              json_path_of(an, call->arg[i + 1]));
        get->at = call->at;
        cell[i] = cell_named(an, get, i, "c");
    }
    row[0] = call_of(an, S("struct"), cell, n, call->at);
    call->arg[0] = call_of(an, S("array"), row, 1, call->at);
    call->nargs = 1;
    return DONE;
}

// g->expr[0] is the call; afterwards the list it makes rows of.
static Status generate(Analyser *an, Rel *g)
{
    Expr *call = g->expr[0];
    const GeneratorRow *row = generator_of(call);
    if (!row)
        return fail_at(
            RAISE(UNRESOLVED_TABLE_VALUED_FUNCTION, P("name", quoted_parts(an->a, &call->name, 1))),
            &call->at);
    if (str_eq(call->name, S("stack"))) TRY(stack_rows(an, call));
    Names n = {.an = an, .in = {&g->input[0]->out}, .outer = an->outer};
    if (str_eq(call->name, S("json_tuple"))) TRY(json_columns(an, &n, call));
    if (call->nargs != 1)
        return fail_at(RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION,
                             P("functionName", quoted_parts(an->a, &call->name, 1)),
                             P("expectedNum", S("1")),
                             P("actualNum", str_fmt(an->a, "%d", call->nargs)), DOCROOT),
                       &call->at);
    TRY(resolve(&n, &call->arg[0]));
    const Type *t = call->arg[0]->type;
    bool list = t->id == T_ARRAY || (t->id == T_MAP && !row->flatten);
    bool structs = !row->flatten || (list && t->field[0].type->id == T_STRUCT);
    if (!list || !structs)
        return fail_at(RAISE(DATATYPE_MISMATCH_UNEXPECTED_INPUT_TYPE,
                             P("sqlExpr", quoted_expr(an->a, call)), P("paramIndex", S("first")),
                             P("requiredType",
                               row->flatten ? S("\"ARRAY<STRUCT>\"") : S("(\"ARRAY\" or \"MAP\")")),
                             P("inputSql", quoted_expr(an->a, call->arg[0])),
                             P("inputType", quoted_type_of(an->a, t))),
                       &call->at);
    g->expr[0] = call->arg[0];
    g->outer |= row->outer;
    g->position = row->position;
    g->flatten = row->flatten;
    g->out = attrs_copy(an->a, &g->input[0]->out);
    add_columns(an, g, t);
    for (int64_t i = g->input[0]->out.n; i < g->out.n && row->nullable; i++)
        g->out.v[i].field.nullable = true;
    return DONE;
}

Status analyse_generate(Analyser *an, Rel **r)
{
    Rel *g = *r;
    TRY(generate(an, g));
    TRY(no_windows(an, g->expr[0], &g->at));
    TRY(no_aggregates(an, g->expr[0]));
    int64_t made = g->out.n - g->input[0]->out.n;
    if (!g->ncolumn_alias || g->ncolumn_alias == made) return DONE;
    Buf names = buf_new(an->a);
    for (int32_t i = 0; i < g->ncolumn_alias; i++)
        buf_fmt(&names, "%s" STR_FMT, i ? "," : "", STR_ARG(g->column_alias[i]));
    return fail_at(RAISE(UDTF_ALIAS_NUMBER_MISMATCH,
                         P("aliasesSize", str_fmt(an->a, "%lld", (long long)made)),
                         P("aliasesNames", buf_str(&names))),
                   &g->at);
}

// explode(x) [AS c | AS (k, v)] as a select item: a node below, its columns in the item's place.
Status take_generators(Analyser *an, Rel *r)
{
    VEC(Expr *) all = {0};
    for (int32_t i = 0; i < r->nexprs; i++) {
        Expr *item = r->expr[i], *call = named_by(item);
        if (!generator_of(call)) {
            vec_push(an->a, &all, item);
            continue;
        }
        Rel *g = rel_above(an, REL_GENERATE, r->input[0]);
        g->at = r->at;
        g->expr = NEW(an->a, Expr *, 1);
        g->expr[0] = call;
        g->nexprs = 1;
        if (item->kind == E_ALIAS) {
            g->column_alias = item->nparts ? item->part : &item->name;
            g->ncolumn_alias = MAX(item->nparts, 1);
        }
        Rel *made = g;
        TRY(analyse_generate(an, &made));
        for (int64_t k = r->input[0]->out.n; k < g->out.n; k++)
            vec_push(an->a, &all, attr_expr(an->a, &g->out.v[k], call->at));
        r->input[0] = g;
    }
    r->expr = all.v;
    r->nexprs = (int32_t)all.n;
    return DONE;
}
