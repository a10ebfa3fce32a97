// fn_lambda.c -- functions that take functions: transform, filter, exists, forall, aggregate,
// zip_with and those on maps. The elements of all rows of a batch go through the lambda together.
#include "expr/lambda_in.h"
#include "expr/picks_in.h"

// The elements of the rows that matter, in order: where they stand, whose they are, their place.
typedef struct Elements {
    int32_t n;
    int32_t *at, *row, *index;
} Elements;

static bool row_live(const KernelCall *k, int32_t i)
{
    return (!k->active || k->active[i]) && !column_null(k->in[0], i);
}

static Elements elements_of(const KernelCall *k)
{
    int64_t n = 0;
    for (int32_t i = 0; i < k->rows; i++)
        if (row_live(k, i)) n += list_at(k->in[0], i).n;
    Elements e = {0, NEW_RAW(k->scratch, int32_t, n), NEW_RAW(k->scratch, int32_t, n),
                  NEW_RAW(k->scratch, int32_t, n)};
    for (int32_t i = 0; i < k->rows; i++) {
        if (!row_live(k, i)) continue;
        List list = list_at(k->in[0], i);
        for (int32_t x = 0; x < list.n; x++, e.n++) {
            e.at[e.n] = list.at + x;
            e.row[e.n] = i;
            e.index[e.n] = x;
        }
    }
    return e;
}

static Column gather(const KernelCall *k, const Column *c, const int32_t *row, int32_t n)
{
    return splice(k->scratch, c->type, &(Splice){&c, NULL, row}, n);
}

static Column int_column(int32_t *v, int32_t n)
{
    return (Column){.type = &type_int, .data = v, .rows = n};
}

// The variables of a lambda over elements: of an array the element and its index, of a map key and
// value.
static Status run_elements(const KernelCall *k, const Elements *e, Column *out)
{
    const LambdaCall *call = k->bound;
    Column vars[LAMBDA_VARS_MAX];
    vars[0] = gather(k, &k->in[0]->kid[0], e->at, e->n);
    vars[1] = k->in[0]->type->id == T_MAP ? gather(k, &k->in[0]->kid[1], e->at, e->n)
                                          : int_column(e->index, e->n);
    return lambda_run(k, &call->lambda[0], e->row, vars, e->n, out);
}

static void copy_valid(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) k->out->valid[i] = !column_null(k->in[0], i);
}

// The lists of the result count the same elements, in the order of Elements.
static void same_lists(const KernelCall *k)
{
    int32_t at = 0;
    for (int32_t i = 0; i < k->rows; i++) {
        int32_t n = row_live(k, i) ? list_at(k->in[0], i).n : 0;
        COLUMN_DATA(k->out, List)[i] = (List){at, n};
        at += n;
    }
}

static Status transform(const KernelCall *k)
{
    Elements e = elements_of(k);
    Column got;
    TRY(run_elements(k, &e, &got));
    copy_valid(k);
    same_lists(k);
    k->out->kid[0] = got;
    return DONE;
}

// transform_values and transform_keys.
static Status transform_map(const KernelCall *k, int32_t part)
{
    Elements e = elements_of(k);
    Column got;
    TRY(run_elements(k, &e, &got));
    copy_valid(k);
    same_lists(k);
    k->out->kid[part] = got;
    k->out->kid[!part] = gather(k, &k->in[0]->kid[!part], e.at, e.n);
    return part == 0 ? settle_keys(k, row_live) : DONE;
}
static Status transform_keys(const KernelCall *k) { return transform_map(k, 0); }
static Status transform_values(const KernelCall *k) { return transform_map(k, 1); }

static bool is_true(const Column *c, int32_t i)
{
    return !column_null(c, i) && COLUMN_DATA(c, uint8_t)[i];
}

// filter and map_filter.
static Status filter(const KernelCall *k)
{
    Elements e = elements_of(k);
    Column keep;
    TRY(run_elements(k, &e, &keep));
    copy_valid(k);
    int32_t n = 0, x = 0;
    for (int32_t i = 0; i < k->rows; i++) {
        int32_t start = n;
        for (; x < e.n && e.row[x] == i; x++)
            if (is_true(&keep, x)) e.at[n++] = e.at[x];
        COLUMN_DATA(k->out, List)[i] = (List){start, n - start};
    }
    for (int32_t part = 0; part < k->out->type->nfields; part++)
        k->out->kid[part] = gather(k, &k->in[0]->kid[part], e.at, n);
    return DONE;
}

// exists is TRUE with one TRUE, forall FALSE with one FALSE; else NULL with one NULL.
static Status any_of(const KernelCall *k, bool decides)
{
    Elements e = elements_of(k);
    Column got;
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    TRY(run_elements(k, &e, &got));
    copy_valid(k);
    memset(z, !decides, (size_t)k->rows);
    for (int32_t x = 0; x < e.n; x++) {
        int32_t i = e.row[x];
        if (z[i] == decides) continue;
        bool null = column_null(&got, x);
        if (null) k->out->valid[i] = 0;
        if (!null && COLUMN_DATA(&got, uint8_t)[x] == decides) {
            z[i] = decides;
            k->out->valid[i] = 1;
        }
    }
    return DONE;
}
static Status exists(const KernelCall *k) { return any_of(k, true); }
static Status forall(const KernelCall *k) { return any_of(k, false); }

// All rows take their first element, then their second, and so on.
static Status aggregate(const KernelCall *k)
{
    const LambdaCall *call = k->bound;
    int32_t *row = NEW_RAW(k->scratch, int32_t, k->rows);
    int32_t *at = NEW_RAW(k->scratch, int32_t, k->rows);
    int32_t *which = NEW_RAW(k->scratch, int32_t, k->rows);
    int32_t *from = NEW_RAW(k->scratch, int32_t, k->rows);
    Column sum = *k->in[1], vars[LAMBDA_VARS_MAX];
    for (int32_t step = 0;; step++) {
        int32_t n = 0;
        for (int32_t i = 0; i < k->rows; i++) {
            which[i] = 0;
            from[i] = i;
            if (!row_live(k, i) || list_at(k->in[0], i).n <= step) continue;
            which[i] = 1;
            from[i] = n;
            row[n] = i;
            at[n++] = list_at(k->in[0], i).at + step;
        }
        if (!n) break;
        Column got, before = sum;
        vars[0] = gather(k, &sum, row, n);
        vars[1] = gather(k, &k->in[0]->kid[0], at, n);
        TRY(lambda_run(k, &call->lambda[0], row, vars, n, &got));
        const Column *both[] = {&before, &got};
        sum = splice(k->scratch, got.type, &(Splice){both, which, from}, k->rows);
    }
    for (int32_t i = 0; i < k->rows; i++) row[i] = i;
    if (call->n > 1) {
        vars[0] = sum;
        vars[0].rows = k->rows;
        TRY(lambda_run(k, &call->lambda[1], row, vars, k->rows, &sum));
    }
    const Column *src = &sum;
    for (int32_t i = 0; i < k->rows; i++) which[i] = row_live(k, i) ? 0 : -1;
    *k->out = splice(k->scratch, k->out->type, &(Splice){&src, which, NULL}, k->rows);
    return DONE;
}

static Status zip_with(const KernelCall *k)
{
    const LambdaCall *call = k->bound;
    const Column *x = k->in[0], *y = k->in[1];
    Picks px = picks_of(k, (const Column *[]){&x->kid[0]}),
          py = picks_of(k, (const Column *[]){&y->kid[0]});
    VEC(int32_t) rows = {0};
    for (int32_t i = 0; i < k->rows; i++) {
        bool there = row_live(k, i) && !column_null(y, i);
        k->out->valid[i] = there;
        List a = there ? list_at(x, i) : (List){0}, b = there ? list_at(y, i) : (List){0};
        for (int32_t e = 0; e < MAX(a.n, b.n); e++) {
            pick(&px, e < a.n ? 0 : -1, a.at + e);
            pick(&py, e < b.n ? 0 : -1, b.at + e);
            vec_push(k->scratch, &rows, i);
        }
        picks_end_row(&px, i);
    }
    Column vars[LAMBDA_VARS_MAX] = {picks_column(&px, x->kid[0].type),
                                    picks_column(&py, y->kid[0].type)};
    return lambda_run(k, &call->lambda[0], rows.v, vars, (int32_t)rows.n, &k->out->kid[0]);
}

// Where the key stands in a map, or -1.
static int32_t key_at(const Column *map, List in, const Column *keys, int32_t key)
{
    for (int32_t i = in.at; i < in.at + in.n; i++)
        if (value_eq(&map->kid[0], i, keys, key)) return i;
    return -1;
}

// The keys of the first map, then those that only the second has; a value that is not there is
// NULL.
static Status map_zip_with(const KernelCall *k)
{
    const LambdaCall *call = k->bound;
    const Column *x = k->in[0], *y = k->in[1];
    Picks keys = picks_of(k, (const Column *[]){&x->kid[0], &y->kid[0]}),
          px = picks_of(k, (const Column *[]){&x->kid[1]}),
          py = picks_of(k, (const Column *[]){&y->kid[1]});
    VEC(int32_t) rows = {0};
    for (int32_t i = 0; i < k->rows; i++) {
        bool there = row_live(k, i) && !column_null(y, i);
        k->out->valid[i] = there;
        List a = there ? list_at(x, i) : (List){0}, b = there ? list_at(y, i) : (List){0};
        for (int32_t e = 0; e < a.n + b.n; e++) {
            bool first = e < a.n;
            int32_t at = first ? a.at + e : b.at + e - a.n;
            int32_t other = key_at(first ? y : x, first ? b : a, &(first ? x : y)->kid[0], at);
            if (!first && other >= 0) continue;
            pick(&keys, !first, at);
            pick(&px, first ? 0 : -1, at);
            pick(&py, first && other < 0 ? -1 : 0, first ? other : at);
            vec_push(k->scratch, &rows, i);
        }
        picks_end_row(&keys, i);
    }
    k->out->kid[0] = picks_column(&keys, x->kid[0].type);
    Column vars[LAMBDA_VARS_MAX] = {k->out->kid[0], picks_column(&px, x->kid[1].type),
                                    picks_column(&py, y->kid[1].type)};
    return lambda_run(k, &call->lambda[0], rows.v, vars, (int32_t)rows.n, &k->out->kid[1]);
}

// array_sort with a comparison: rows are sorted one after the other, a comparison is one run of the
// lambda.
typedef struct Sorting {
    const KernelCall *k;
    const Lambda *less;
    int32_t row;
} Sorting;

static Status stands_after(const Sorting *s, int32_t x, int32_t y, bool *after)
{
    const Column *elements = &s->k->in[0]->kid[0];
    Column got,
        vars[LAMBDA_VARS_MAX] = {gather(s->k, elements, &x, 1), gather(s->k, elements, &y, 1)};
    TRY(lambda_run(s->k, s->less, &s->row, vars, 1, &got));
    if (column_null(&got, 0))
        return RAISE(COMPARATOR_RETURNS_NULL, P("firstValue", S("an element")),
                     P("secondValue", S("another")));
    *after = COLUMN_DATA(&got, int32_t)[0] > 0;
    return DONE;
}

static Status merge_sort(const Sorting *s, int32_t *v, int32_t *room, int32_t n)
{
    if (n < 2) return DONE;
    int32_t half = n / 2, a = 0, b = half, at = 0;
    TRY(merge_sort(s, v, room, half));
    TRY(merge_sort(s, v + half, room, n - half));
    memcpy(room, v, (size_t)n * sizeof *v);
    while (a < half && b < n) {
        bool after = false;
        TRY(stands_after(s, room[a], room[b], &after));
        v[at++] = after ? room[b++] : room[a++];
    }
    while (a < half) v[at++] = room[a++];
    while (b < n) v[at++] = room[b++];
    return DONE;
}

static Status array_sort(const KernelCall *k)
{
    Elements e = elements_of(k);
    int32_t *room = NEW_RAW(k->scratch, int32_t, e.n);
    Sorting s = {k, &((const LambdaCall *)k->bound)->lambda[0], 0};
    copy_valid(k);
    for (int32_t i = 0, x = 0; i < k->rows; i++) {
        int32_t start = x;
        while (x < e.n && e.row[x] == i) x++;
        s.row = i;
        TRY(merge_sort(&s, e.at + start, room, x - start));
        COLUMN_DATA(k->out, List)[i] = (List){start, x - start};
    }
    k->out->kid[0] = gather(k, &k->in[0]->kid[0], e.at, e.n);
    return DONE;
}

static Field var_of(const Type *t, bool nullable) { return field_of(S("x"), t, nullable); }

// The type that the keys of both maps have in common; NULL: none.
static const Type *zip_key(Arena *a, const Expr *call, const EvalCtx *ctx)
{
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    if (x->id != T_MAP || y->id != T_MAP) return NULL;
    return tightest_type(a, x->field[0].type, y->field[0].type, ctx->ansi);
}
static Status zip_refused(Arena *a, const Expr *call)
{
    const Type *t[2] = {call->arg[0]->type, call->arg[1]->type};
    for (int32_t i = 0; i < 2; i++)
        if (t[i]->id != T_MAP) return wrong_type(a, call, i, "\"MAP\"");
    return RAISE(DATATYPE_MISMATCH_MAP_ZIP_WITH_DIFF_TYPES, P("sqlExpr", quoted_sql(a, call)),
                 P("functionName", quoted_name(a, call->name)),
                 P("leftType", quoted_type(a, t[0]->field[0].type)),
                 P("rightType", quoted_type(a, t[1]->field[0].type)));
}
static Status analyse_map_zip(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *key = zip_key(a, call, ctx);
    if (!key) return zip_refused(a, call);
    for (int32_t i = 0; i < 2; i++) {
        const Type *t = call->arg[i]->type;
        coerce(a, &call->arg[i], type_map(a, key, t->field[1].type, t->field[1].nullable));
    }
    call->type = type_map(a, key, call->arg[2]->type, call->arg[2]->nullable);
    return DONE;
}

// How many variables a lambda has that is told of n.
static int32_t vars_of(Str fn, int32_t arg, int32_t n)
{
    bool indexed = str_eq(fn, S("transform")) || str_eq(fn, S("filter"));
    if (indexed) return n == 2 ? 2 : 1;
    if (str_eq(fn, S("exists")) || str_eq(fn, S("forall"))) return 1;
    if (str_eq(fn, S("aggregate"))) return arg == 3 ? 1 : 2;
    return str_eq(fn, S("map_zip_with")) ? 3 : 2;
}

// What a lambda goes over: arrays or maps, those before it.
static Status check_over(Arena *a, const Expr *call, const FnRow *row, int32_t arg)
{
    bool takes = row && strstr(row->signature, "lambda");
    bool two = takes && (str_eq(row->name, S("zip_with")) || str_eq(row->name, S("map_zip_with")));
    if (!takes || arg <= two)
        return RAISE(INVALID_LAMBDA_FUNCTION_CALL, P("functionName", quoted_name(a, call->name)));
    bool map = str_starts(str_z(row->signature), S("map"));
    for (int32_t i = 0; i <= two; i++) {
        if (call->arg[i]->type->id != (map ? T_MAP : T_ARRAY))
            return wrong_type(a, call, i, map ? "\"MAP\"" : "\"ARRAY\"");
    }
    return DONE;
}

Status fn_lambda_vars(Arena *a, const Expr *call, int32_t arg, int32_t n, const EvalCtx *ctx,
                      Field *vars)
{
    const FnRow *row = fn_find(call->name);
    TRY(check_over(a, call, row, arg));
    int32_t gives = vars_of(row->name, arg, n);
    if (n != gives)
        return RAISE(LAMBDA_NUM_ARGS_MISMATCH, P("expectedNumArgs", str_fmt(a, "%d", n)),
                     P("actualNumArgs", str_fmt(a, "%d", gives)));
    const Type *t = call->arg[0]->type;
    Field part[LAMBDA_VARS_MAX] = {0};
    part[0] = var_of(t->field[0].type, t->field[0].nullable);
    part[1] =
        t->id == T_MAP ? var_of(t->field[1].type, t->field[1].nullable) : var_of(&type_int, false);
    if (str_eq(row->name, S("aggregate"))) {
        Field element = part[0];
        part[0] = var_of(call->arg[1]->type, true);
        part[1] = element;
    } else if (str_eq(row->name, S("array_sort"))) {
        part[1] = part[0];
    } else if (str_eq(row->name, S("zip_with"))) {
        part[0].nullable = true;
        part[1] = var_of(call->arg[1]->type->field[0].type, true);
    } else if (str_eq(row->name, S("map_zip_with"))) {
        const Type *key = zip_key(a, call, ctx);
        if (!key) return zip_refused(a, call);
        part[0] = var_of(key, false);
        part[1].nullable = true;
        part[2] = var_of(call->arg[1]->type->field[1].type, true);
    }
    for (int32_t i = 0; i < n; i++) vars[i] = part[i];
    return DONE;
}

static Status bool_body(Arena *a, const Expr *call, int32_t i)
{
    if (call->arg[i]->type->id == T_BOOLEAN) return DONE;
    return wrong_type(a, call, i, "\"BOOLEAN\"");
}

static Status analyse_transform(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Expr *l = call->arg[1];
    call->type = type_array(a, l->type, l->nullable);
    call->nullable = call->arg[0]->nullable;
    return DONE;
}
static Status analyse_sort(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = call->arg[0]->type;
    call->nullable = call->arg[0]->nullable;
    if (call->nargs == 1)
        call->fn = fn_find(S("array_sort_upwards"));
    else if (call->arg[1]->type->id != T_INT)
        return RAISE(DATATYPE_MISMATCH_UNEXPECTED_RETURN_TYPE, P("sqlExpr", quoted_sql(a, call)),
                     P("functionName", S("`lambdafunction`")), P("expectedType", S("\"INT\"")),
                     P("actualType", quoted_type(a, call->arg[1]->type)));
    return DONE;
}
static Status analyse_map_lambda(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Expr *l = call->arg[1];
    const Type *t = call->arg[0]->type;
    bool keys = str_eq(call->fn->name, S("transform_keys"));
    if (keys && l->type->id == T_MAP)
        return RAISE(DATATYPE_MISMATCH_INVALID_MAP_KEY_TYPE, P("sqlExpr", quoted_sql(a, call)),
                     P("keyType", quoted_type(a, l->type)));
    call->type = keys ? type_map(a, l->type, t->field[1].type, t->field[1].nullable)
                      : type_map(a, t->field[0].type, l->type, l->nullable);
    call->nullable = call->arg[0]->nullable;
    return DONE;
}
static Status analyse_filter(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    TRY(bool_body(a, call, 1));
    call->type = call->arg[0]->type;
    call->nullable = call->arg[0]->nullable;
    return DONE;
}
static Status analyse_test(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->nullable = any_nullable(call);
    return bool_body(a, call, 1);
}
static Status analyse_zip(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = type_array(a, call->arg[2]->type, call->arg[2]->nullable);
    call->nullable = call->arg[0]->nullable || call->arg[1]->nullable;
    return DONE;
}

// The start takes the type that the merging lambda gives, as long as that can be done.
static Status analyse_aggregate(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[1]->type, *merged = call->arg[2]->type;
    if (!type_eq(t, merged)) {
        if (!store_allowed(merged, t))
            return wrong_type(a, call, 2, str_to_z(a, quoted_type(a, t)));
        Expr *l = call->arg[2];
        coerce(a, &l->arg[0], t);
        l->type = t;
    }
    call->type = call->arg[call->nargs - 1]->type;
    return DONE;
}

// clang-format off
// Spark shows the function of the end when there is none, too.
static void fold_sql(Buf *b, const Expr *e)
{
    buf_put(b, e->name);
    for (int32_t i = 0; i < e->nargs; i++) {
        buf_put(b, i ? S(", ") : S("("));
        expr_sql(b, e->arg[i]);
    }
    if (e->nargs == 3)
        buf_put(b, S(", lambdafunction(namedlambdavariable(), namedlambdavariable())"));
    buf_char(b, ')');
}

static const FnRow rows[] = {
    {.name = STR_INIT("transform"), .signature = "array lambda -> -", .kernel = transform, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the function of each element", .analyse = analyse_transform},
    {.name = STR_INIT("filter"), .signature = "array lambda -> -", .kernel = filter, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the elements for which the function is true", .analyse = analyse_filter},
    {.name = STR_INIT("exists"), .signature = "array lambda -> boolean", .kernel = exists, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the function is true for some element", .analyse = analyse_test},
    {.name = STR_INIT("forall"), .signature = "array lambda -> boolean", .kernel = forall, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the function is true for every element", .analyse = analyse_test},
    {.name = STR_INIT("aggregate"), .signature = "array any lambda lambda? -> -", .kernel = aggregate, .sql = fold_sql, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "a start and all elements folded by the function", .analyse = analyse_aggregate},
    {.name = STR_INIT("reduce"), .signature = "= aggregate", .doc = "a start and all elements folded by the function"},
    {.name = STR_INIT("array_sort"), .signature = "array lambda? -> -", .kernel = array_sort, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "sorted upwards with NULLs last, or by a comparison", .analyse = analyse_sort},
    {.name = STR_INIT("zip_with"), .signature = "array array lambda -> -", .kernel = zip_with, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the function of the elements of both arrays", .analyse = analyse_zip},
    {.name = STR_INIT("map_zip_with"), .signature = "map map lambda -> -", .kernel = map_zip_with, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the function of the values that two maps have for each key", .analyse = analyse_map_zip},
    {.name = STR_INIT("transform_keys"), .signature = "map lambda -> -", .kernel = transform_keys, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the map with other keys", .analyse = analyse_map_lambda},
    {.name = STR_INIT("transform_values"), .signature = "map lambda -> -", .kernel = transform_values, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the map with other values", .analyse = analyse_map_lambda},
    {.name = STR_INIT("map_filter"), .signature = "map lambda -> -", .kernel = filter, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "the entries for which the function is true", .analyse = analyse_filter},
};
// clang-format on
FN_TABLE(fn_lambda, rows);
