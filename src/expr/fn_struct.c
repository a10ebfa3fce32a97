// fn_struct.c -- making structs, arrays and maps, and taking values out of them.
#include "base/map.h"
#include "expr/picks_in.h"
#include "expr/prog.h"

static Status extract_field(Arena *a, Expr *e, const Type *t, Str name)
{
    int32_t id = type_field(t, name);
    if (id >= 0) {
        e->kind = E_FIELD;
        e->id = id;
        e->nargs = 1;
        e->name = t->field[id].name;
        e->type = t->field[id].type;
        e->nullable = e->arg[0]->nullable || t->field[id].nullable;
        e->extracted = true;
        return DONE;
    }
    Buf fields = buf_new(a);
    for (int32_t i = 0; i < t->nfields; i++)
        buf_fmt(&fields, "%s`" STR_FMT "`", i ? ", " : "", STR_ARG(t->field[i].name));
    if (id == -2)
        return RAISE(AMBIGUOUS_REFERENCE_TO_FIELDS, P("field", quoted_name(a, name)),
                     P("count", S("several")));
    return RAISE(FIELD_NOT_FOUND, P("fieldName", quoted_name(a, name)),
                 P("fields", buf_str(&fields)));
}

static Status refuse_extract(Arena *a, const Expr *e)
{
    return RAISE(INVALID_EXTRACT_BASE_FIELD_TYPE, P("base", quoted_sql(a, e->arg[0])),
                 P("other", quoted_type(a, e->arg[0]->type)));
}

static Status become(Arena *a, Expr *e, const EvalCtx *ctx, Str fn)
{
    Expr *made;
    TRY(fn_make(&made, a, ctx, fn, e->arg, 2));
    made->at = e->at;
    *e = *made;
    return DONE;
}

static bool is_text(const Expr *e) { return e->kind == E_LITERAL && e->type->id == T_STRING; }

static Status extract(Arena *a, Expr *e, const EvalCtx *ctx)
{
    const Type *t = e->arg[0]->type;
    const Expr *key = e->arg[1];
    if (t->id == T_STRUCT) {
        if (is_text(key)) return extract_field(a, e, t, key->value.s);
        return RAISE(INVALID_EXTRACT_FIELD_TYPE, P("extraction", quoted_sql(a, key)));
    }
    if (t->id == T_MAP) return become(a, e, ctx, S("map_value"));
    if (t->id != T_ARRAY) return refuse_extract(a, e);
    if (t->field[0].type->id != T_STRUCT || !is_text(key))
        return become(a, e, ctx, S("array_item"));
    Expr one = {.nargs = 1, .arg = e->arg};
    TRY(extract_field(a, &one, t->field[0].type, key->value.s));
    return become(a, e, ctx, S("array_fields"));
}

Status extract_resolve(Arena *a, Expr **e, const EvalCtx *ctx)
{
    Expr *x = *e;
    return fail_at(extract(a, x, ctx), &x->at);
}

static void sql_index(Buf *b, const Expr *e)
{
    expr_sql(b, e->arg[0]);
    buf_char(b, '[');
    expr_sql(b, e->arg[1]);
    buf_char(b, ']');
}
static void sql_dot(Buf *b, const Expr *e)
{
    expr_sql(b, e->arg[0]);
    buf_char(b, '.');
    expr_sql(b, e->arg[1]);
}

// An index per row becomes one splice of the elements: row[i] is the element, which[i] -1 none.
typedef struct Look {
    int32_t *which, *row;
} Look;
static Look look_of(const KernelCall *k)
{
    Look l = {NEW_RAW(k->scratch, int32_t, k->rows), NEW_RAW(k->scratch, int32_t, k->rows)};
    for (int32_t i = 0; i < k->rows; i++) l.which[i] = -1;
    return l;
}
static Status look_up(const KernelCall *k, const Look *l, const Column *elements)
{
    *k->out = splice(k->scratch, k->out->type, &(Splice){&elements, l->which, l->row}, k->rows);
    return DONE;
}

static bool both_there(const KernelCall *k, int32_t i)
{
    return (!k->active || k->active[i]) && !column_null(k->in[0], i) && !column_null(k->in[1], i);
}

typedef enum IndexRule { FROM_ZERO, FROM_ZERO_OR_NULL, FROM_ONE, FROM_ONE_OR_NULL } IndexRule;

static Status out_of_bounds(const KernelCall *k, IndexRule rule, int64_t index, int32_t n)
{
    Str at = str_fmt(k->scratch, "%lld", (long long)index), size = str_fmt(k->scratch, "%d", n);
    if (rule == FROM_ZERO)
        return RAISE(INVALID_ARRAY_INDEX, P("indexValue", at), P("arraySize", size));
    return RAISE(INVALID_ARRAY_INDEX_IN_ELEMENT_AT, P("indexValue", at), P("arraySize", size));
}

static Status find_element(const KernelCall *k, IndexRule rule, int32_t i, Look *l)
{
    List list = list_at(k->in[0], i);
    int64_t index = k->in[1]->type->id == T_BIGINT ? COLUMN_DATA(k->in[1], int64_t)[i]
                                                   : COLUMN_DATA(k->in[1], int32_t)[i];
    int64_t at = index;
    if (rule == FROM_ONE || rule == FROM_ONE_OR_NULL) {
        if (index == 0) return RAISE(INVALID_INDEX_OF_ZERO);
        at = index > 0 ? index - 1 : list.n + index;
    }
    if (at >= 0 && at < list.n) {
        l->which[i] = 0;
        l->row[i] = list.at + (int32_t)at;
        return DONE;
    }
    bool lenient = rule == FROM_ZERO_OR_NULL || rule == FROM_ONE_OR_NULL || !k->ctx->ansi;
    return lenient ? DONE : out_of_bounds(k, rule, index, list.n);
}

static Status element(const KernelCall *k)
{
    IndexRule rule = *(const IndexRule *)k->bound;
    Look l = look_of(k);
    for (int32_t i = 0; i < k->rows; i++)
        if (both_there(k, i)) TRY(find_element(k, rule, i, &l));
    return look_up(k, &l, &k->in[0]->kid[0]);
}

static Status map_value(const KernelCall *k)
{
    const Column *keys = &k->in[0]->kid[0];
    Look l = look_of(k);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!both_there(k, i)) continue;
        List list = list_at(k->in[0], i);
        for (int32_t e = list.at; e < list.at + list.n && l.which[i] < 0; e++)
            if (value_eq(keys, e, k->in[1], i)) l.which[i] = 0, l.row[i] = e;
    }
    return look_up(k, &l, &k->in[0]->kid[1]);
}

static Status bind_element(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    Str name = call->fn->name;
    IndexRule *rule = NEW(a, IndexRule, 1);
    *rule = str_eq(name, S("array_item"))   ? FROM_ZERO
            : str_eq(name, S("get"))        ? FROM_ZERO_OR_NULL
            : str_eq(name, S("element_at")) ? FROM_ONE
                                            : FROM_ONE_OR_NULL;
    b->kernel = call->arg[0]->type->id == T_MAP ? map_value : element;
    b->data = rule;
    return DONE;
}

static Status analyse_element(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type, *key = call->arg[1]->type;
    call->nullable = true;
    if (t->id == T_MAP) {
        bool texts = (t->field[0].type->id == T_STRING) != (key->id == T_STRING);
        if (texts && key->id != T_VOID && str_ends(call->fn->name, S("element_at")))
            return RAISE(DATATYPE_MISMATCH_MAP_FUNCTION_DIFF_TYPES,
                         P("sqlExpr", quoted_sql(a, call)), P("functionName", S("`element_at`")),
                         P("dataType", S("\"MAP\"")), P("leftType", quoted_type(a, t)),
                         P("rightType", quoted_type(a, key)));
        TRY(coerce_arg(a, call, 1, t->field[0].type));
        call->type = t->field[1].type;
        return DONE;
    }
    if (t->id != T_ARRAY) return wrong_type(a, call, 0, "(\"ARRAY\" or \"MAP\")");
    bool text = key->id == T_STRING && str_eq(call->fn->name, S("get"));
    if (!type_is_integral(key) && key->id != T_VOID && !text)
        return wrong_type(a, call, 1, "\"INTEGRAL\"");
    if (key->id != T_BIGINT) coerce(a, &call->arg[1], &type_int);
    call->type = t->field[0].type;
    return DONE;
}

// arr.f on an array of structs: an array of the fields.
static Status array_fields(const KernelCall *k)
{
    const Column *in = k->in[0], *structs = &in->kid[0];
    Datum name;
    name = column_datum(k->scratch, k->in[1], 0);
    const Column *field = &structs->kid[type_field(structs->type, name.s)];
    memcpy(k->out->data, in->data, (size_t)k->rows * sizeof(List));
    k->out->kid[0] = *field;
    if (!structs->valid || !field->valid) {
        k->out->kid[0].valid = structs->valid ? structs->valid : field->valid;
        return DONE;
    }
    uint8_t *valid = NEW_RAW(k->scratch, uint8_t, structs->rows);
    for (int32_t i = 0; i < structs->rows; i++) valid[i] = structs->valid[i] & field->valid[i];
    k->out->kid[0].valid = valid;
    return DONE;
}
static Status analyse_array_fields(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type->field[0].type;
    const Field *f = &t->field[type_field(t, call->arg[1]->value.s)];
    call->type = type_array(a, f->type, f->nullable || call->arg[0]->type->field[0].nullable);
    return DONE;
}

static Status make_struct(const KernelCall *k)
{
    bool named = k->bound != NULL;
    for (int32_t i = named; i < k->nin; i += 1 + named) {
        k->out->kid[i / (1 + named)] = *k->in[i];
        k->out->kid[i / (1 + named)].rows = k->rows;
    }
    k->out->valid = NULL;
    return DONE;
}

static Status bind_named(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    b->data = call; // anything: the values stand between their names
    return DONE;
}

static Status analyse_named(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs % 2)
        return RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION,
                     P("functionName", quoted_name(a, call->name)),
                     P("expectedNum", S("2n (n > 0)")),
                     P("actualNum", str_fmt(a, "%d", call->nargs)), DOCROOT);
    Field *f = NEW(a, Field, call->nargs / 2);
    for (int32_t i = 0; i < call->nargs; i += 2) {
        Datum name;
        if (call->arg[i]->type->id != T_STRING || !expr_foldable(call->arg[i]))
            return wrong_type(a, call, i, "\"STRING\"");
        TRY(fold_arg(a, call, i, ctx, &name));
        f[i / 2] = field_of(name.s, call->arg[i + 1]->type, call->arg[i + 1]->nullable);
    }
    call->type = type_struct(a, f, call->nargs / 2);
    return DONE;
}

// struct(a, b + 1): fields are named as columns are, or by their place.
static Status analyse_struct(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    Field *f = NEW(a, Field, call->nargs);
    for (int32_t i = 0; i < call->nargs; i++) {
        const Expr *e = call->arg[i];
        bool named = e->kind == E_ALIAS || e->kind == E_ATTR || e->kind == E_COLUMN ||
                     e->kind == E_FIELD || e->kind == E_VAR;
        f[i] = field_of(named ? e->name : str_fmt(a, "col%d", i + 1), e->type, e->nullable);
    }
    call->type = type_struct(a, f, call->nargs);
    return DONE;
}

static Status make_array(const KernelCall *k)
{
    Picks p = picks_of(k, k->in);
    for (int32_t i = 0; i < k->rows; i++) {
        for (int32_t c = 0; c < k->nin; c++) pick(&p, c, i);
        picks_end_row(&p, i);
    }
    k->out->valid = NULL;
    picks_finish(&p);
    return DONE;
}

static Status analyse_array(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = &type_void;
    for (int32_t i = 0; i < call->nargs; i++) // equal but for what of them may be NULL
        t = common_type(a, t, call->arg[i]->type, ctx->ansi);
    call->type = type_array(a, t, any_nullable(call));
    return DONE;
}

static bool is_active(const KernelCall *k, int32_t i) { return !k->active || k->active[i]; }

static Status make_map(const KernelCall *k)
{
    Picks keys = picks_of(k, k->in), values = picks_of(k, k->in);
    for (int32_t i = 0; i < k->rows; i++) {
        for (int32_t c = 0; c + 1 < k->nin; c += 2) {
            pick(&keys, c, i);
            pick(&values, c + 1, i);
        }
        picks_end_row(&keys, i);
    }
    k->out->valid = NULL;
    k->out->kid[0] = picks_column(&keys, k->out->type->field[0].type);
    k->out->kid[1] = picks_column(&values, k->out->type->field[1].type);
    return settle_keys(k, is_active);
}

static Status analyse_map(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (call->nargs % 2)
        return RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION,
                     P("functionName", quoted_name(a, call->name)),
                     P("expectedNum", S("2n (n > 0)")),
                     P("actualNum", str_fmt(a, "%d", call->nargs)), DOCROOT);
    if (!call->nargs) {
        call->type = type_map(a, &type_string, &type_string, false);
        return DONE;
    }
    TRY(coerce_args(a, call, 0, 2, ctx));
    TRY(coerce_args(a, call, 1, 2, ctx));
    bool nulls = false;
    for (int32_t i = 1; i < call->nargs; i += 2) nulls |= call->arg[i]->nullable;
    call->type = type_map(a, call->arg[0]->type, call->arg[1]->type, nulls);
    return DONE;
}

static Status size_of(const KernelCall *k)
{
    int32_t *z = COLUMN_DATA(k->out, int32_t);
    for (int32_t i = 0; i < k->rows; i++) {
        bool null = column_null(k->in[0], i);
        z[i] = null ? -1 : list_at(k->in[0], i).n;
        k->out->valid[i] = !null || !k->ctx->ansi; // the old answer for NULL is -1
    }
    return DONE;
}

static Status list_type(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    call->nullable = call->arg[0]->nullable;
    if (t->id != T_ARRAY && t->id != T_MAP && t->id != T_VOID)
        return wrong_type(a, call, 0, "(\"ARRAY\" or \"MAP\")");
    return DONE;
}

static Status map_part(const KernelCall *k)
{
    int32_t part = *(const int32_t *)k->bound;
    memcpy(k->out->data, k->in[0]->data, (size_t)k->rows * sizeof(List));
    k->out->kid[0] = k->in[0]->kid[part];
    return DONE;
}
static Status bind_map_part(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    int32_t *part = NEW(a, int32_t, 1);
    *part = str_eq(call->fn->name, S("map_values"));
    b->data = part;
    return DONE;
}
static Status analyse_map_part(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    bool values = str_eq(call->fn->name, S("map_values"));
    call->type = type_array(a, t->field[values].type, !values || t->field[1].nullable);
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("array_item"), .signature = "any any -> -", .flags = FN_INTERNAL | FN_OWN_NULLS | FN_RAISES,
     .analyse = analyse_element, .bind = bind_element, .sql = sql_index},
    {.name = STR_INIT("map_value"), .signature = "any any -> -", .flags = FN_INTERNAL | FN_OWN_NULLS,
     .analyse = analyse_element, .bind = bind_element, .sql = sql_index},
    {.name = STR_INIT("array_fields"), .signature = "any lit:string -> -", .kernel = array_fields,
     .flags = FN_INTERNAL | FN_ALIASES, .analyse = analyse_array_fields, .sql = sql_dot},
    {.name = STR_INIT("element_at"), .signature = "any any -> -", .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the element at a position from 1, or the value of a key", .analyse = analyse_element, .bind = bind_element},
    {.name = STR_INIT("try_element_at"), .signature = "any any -> -", .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the element at a position from 1, or the value of a key; NULL when there is none", .analyse = analyse_element, .bind = bind_element},
    {.name = STR_INIT("get"), .signature = "array any -> -", .flags = FN_OWN_NULLS,
     .doc = "the element at a position from 0, NULL when there is none", .analyse = analyse_element, .bind = bind_element},
    {.name = STR_INIT("named_struct"), .signature = "any any any* -> -", .kernel = make_struct,
     .flags = FN_OWN_NULLS | FN_NOT_NULL | FN_ALIASES, .doc = "a struct of names and values", .analyse = analyse_named, .bind = bind_named},
    {.name = STR_INIT("struct"), .signature = "any any* -> -", .kernel = make_struct,
     .flags = FN_OWN_NULLS | FN_NOT_NULL | FN_ALIASES, .doc = "a struct of the values", .analyse = analyse_struct},
    {.name = STR_INIT("array"), .signature = "T* -> -", .kernel = make_array,
     .flags = FN_OWN_NULLS | FN_NOT_NULL, .doc = "an array of the values", .analyse = analyse_array},
    {.name = STR_INIT("map"), .signature = "any* -> -", .kernel = make_map,
     .flags = FN_OWN_NULLS | FN_NOT_NULL | FN_RAISES, .doc = "a map of keys and values", .analyse = analyse_map},
    {.name = STR_INIT("size"), .signature = "any -> int", .kernel = size_of, .flags = FN_OWN_NULLS,
     .doc = "how many elements there are", .analyse = list_type},
    {.name = STR_INIT("cardinality"), .signature = "= size", .doc = "how many elements there are"},
    {.name = STR_INIT("map_keys"), .signature = "map -> -", .kernel = map_part, .flags = FN_ALIASES,
     .doc = "the keys of a map", .analyse = analyse_map_part, .bind = bind_map_part},
    {.name = STR_INIT("map_values"), .signature = "map -> -", .kernel = map_part, .flags = FN_ALIASES,
     .doc = "the values of a map", .analyse = analyse_map_part, .bind = bind_map_part},
};
// clang-format on
FN_TABLE(fn_struct, rows);
