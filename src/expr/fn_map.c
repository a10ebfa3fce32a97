// fn_map.c -- maps made of arrays, entries and other maps, and what is asked of them.
#include "expr/picks_in.h"

static const Column *keys_of(const KernelCall *k, int32_t c) { return &k->in[c]->kid[0]; }
static const Column *values_of(const KernelCall *k, int32_t c) { return &k->in[c]->kid[1]; }

// Keys and values picked row by row become the map; keys are checked.
typedef struct Pairs {
    Picks keys, values;
} Pairs;
static Pairs pairs_of(const KernelCall *k, const Column *const *keys, const Column *const *values)
{
    return (Pairs){picks_of(k, keys), picks_of(k, values)};
}
static Status pairs_finish(Pairs *p)
{
    const KernelCall *k = p->keys.k;
    k->out->kid[0] = picks_column(&p->keys, k->out->type->field[0].type);
    k->out->kid[1] = picks_column(&p->values, k->out->type->field[1].type);
    return settle_keys(k, kernel_live);
}

static Status map_from_arrays(const KernelCall *k)
{
    const Column *keys = keys_of(k, 0), *values = keys_of(k, 1);
    Pairs p = pairs_of(k, &keys, &values);
    for (int32_t i = 0; i < k->rows; i++) {
        if (kernel_live(k, i)) {
            List x = list_at(k->in[0], i), y = list_at(k->in[1], i);
            if (x.n != y.n)
                return fail(ERR_INVALID, "map_from_arrays: %d keys and %d values", x.n, y.n);
            for (int32_t e = 0; e < x.n; e++) {
                pick(&p.keys, 0, x.at + e);
                pick(&p.values, 0, y.at + e);
            }
        }
        picks_end_row(&p.keys, i);
    }
    return pairs_finish(&p);
}

static Status analyse_from_arrays(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Field *key = call->arg[0]->type->field, *value = call->arg[1]->type->field;
    call->type = type_map(a, key->type, value->type, value->nullable);
    return DONE;
}

// An array of structs; a NULL among them makes the map NULL.
static Status map_from_entries(const KernelCall *k)
{
    const Column *entry = keys_of(k, 0), *keys = &entry->kid[0], *values = &entry->kid[1];
    Pairs p = pairs_of(k, &keys, &values);
    for (int32_t i = 0; i < k->rows; i++) {
        List l = kernel_live(k, i) ? list_at(k->in[0], i) : (List){0};
        for (int32_t e = l.at; e < l.at + l.n; e++) k->out->valid[i] &= !column_null(entry, e);
        for (int32_t e = l.at; e < l.at + l.n && k->out->valid[i]; e++) {
            pick(&p.keys, 0, e);
            pick(&p.values, 0, e);
        }
        picks_end_row(&p.keys, i);
    }
    return pairs_finish(&p);
}

static Status analyse_from_entries(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type->field[0].type;
    if (t->id != T_STRUCT || t->nfields != 2)
        return wrong_type(a, call, 0, "\"ARRAY\" of pair \"STRUCT\"");
    call->type = type_map(a, t->field[0].type, t->field[1].type, t->field[1].nullable);
    return DONE;
}

static Status map_entries(const KernelCall *k)
{
    Column *entries = &k->out->kid[0];
    const Column *map = k->in[0];
    memcpy(k->out->data, map->data, (size_t)k->rows * sizeof(List));
    *entries = (Column){.type = k->out->type->field[0].type, .rows = map->kid[0].rows};
    entries->kid = NEW(k->scratch, Column, 2);
    entries->kid[0] = map->kid[0];
    entries->kid[1] = map->kid[1];
    return DONE;
}

static Status analyse_entries(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    Field part[2] = {field_of(S("key"), t->field[0].type, false),
                     field_of(S("value"), t->field[1].type, t->field[1].nullable)};
    call->type = type_array(a, type_struct(a, part, 2), false);
    return DONE;
}

static Status map_concat(const KernelCall *k)
{
    const Column **keys = NEW(k->scratch, const Column *, k->nin);
    const Column **values = NEW(k->scratch, const Column *, k->nin);
    for (int32_t c = 0; c < k->nin; c++) {
        keys[c] = keys_of(k, c);
        values[c] = values_of(k, c);
    }
    Pairs p = pairs_of(k, keys, values);
    for (int32_t i = 0; i < k->rows; i++) {
        for (int32_t c = 0; c < k->nin && kernel_live(k, i); c++) {
            List l = list_at(k->in[c], i);
            for (int32_t e = l.at; e < l.at + l.n; e++) {
                pick(&p.keys, c, e);
                pick(&p.values, c, e);
            }
        }
        picks_end_row(&p.keys, i);
    }
    return pairs_finish(&p);
}

static Status analyse_map_concat(Arena *a, Expr *call, const EvalCtx *ctx)
{
    for (int32_t i = 0; i < call->nargs; i++)
        if (call->arg[i]->type->id != T_MAP) return wrong_type(a, call, i, "\"MAP\"");
    TRY(coerce_args(a, call, 0, 1, ctx));
    bool nulls = false;
    for (int32_t i = 0; i < call->nargs; i++) nulls |= call->arg[i]->type->field[1].nullable;
    call->type = call->nargs ? call->arg[0]->type : type_map(a, &type_string, &type_string, false);
    if (nulls) call->type = type_map(a, call->type->field[0].type, call->type->field[1].type, true);
    return DONE;
}

static Status map_contains_key(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        bool found = false;
        List l = kernel_live(k, i) ? list_at(k->in[0], i) : (List){0};
        for (int32_t e = l.at; e < l.at + l.n && !found; e++)
            found = value_eq(keys_of(k, 0), e, k->in[1], i);
        COLUMN_DATA(k->out, uint8_t)[i] = found;
    }
    return DONE;
}

static Status analyse_contains_key(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *map = call->arg[0]->type, *key = map->field[0].type;
    const Type *t = tightest_type(a, key, call->arg[1]->type, ctx->ansi);
    if (call->arg[1]->type->id == T_VOID) return diff_types(a, call, NULL);
    if (!t)
        return RAISE(DATATYPE_MISMATCH_MAP_FUNCTION_DIFF_TYPES, P("sqlExpr", quoted_sql(a, call)),
                     P("functionName", quoted_name(a, call->name)), P("dataType", S("\"MAP\"")),
                     P("leftType", quoted_type(a, map)),
                     P("rightType", quoted_type(a, call->arg[1]->type)));
    coerce(a, &call->arg[0], type_map(a, t, map->field[1].type, map->field[1].nullable));
    coerce(a, &call->arg[1], t);
    return DONE;
}

// str_to_map('a:1,b:2', ',', ':'): the texts between are regular expressions in Spark; those of one
// plain character or word are built.
static bool is_plain(Str pattern)
{
    for (int64_t i = 0; i < pattern.n; i++)
        if (strchr("\\[](){}.*+?^$|", pattern.p[i])) return false;
    return pattern.n > 0;
}

static Str cut_at(Str *rest, Str between)
{
    int64_t at = str_find(*rest, between);
    Str head = at < 0 ? *rest : str_of(rest->p, at);
    *rest = at < 0 ? (Str){0} : str_from(*rest, at + between.n);
    return head;
}

static Status str_to_map(const KernelCall *k)
{
    Builder *keys = builder_new(k->scratch, &type_string);
    Builder *values = builder_new(k->scratch, &type_string);
    for (int32_t i = 0; i < k->rows; i++) {
        List *l = &COLUMN_DATA(k->out, List)[i];
        *l = (List){builder_count(keys), 0};
        if (!kernel_live(k, i)) continue;
        Str pair = column_str(k->in[1], i), inside = column_str(k->in[2], i);
        if (!is_plain(pair) || !is_plain(inside))
            return fail(ERR_UNSUPPORTED, "str_to_map: only plain texts part entries here");
        Str rest = column_str(k->in[0], i);
        do {
            Str one = cut_at(&rest, pair);
            bool valued = str_find(one, inside) >= 0;
            Str key = cut_at(&one, inside);
            builder_datum(keys, &(Datum){.s = key});
            builder_datum(values, &(Datum){.null = !valued, .s = one});
        } while (rest.p);
        l->n = builder_count(keys) - l->at;
    }
    k->out->kid[0] = builder_column(keys);
    k->out->kid[1] = builder_column(values);
    return settle_keys(k, kernel_live);
}

static Status analyse_str_to_map(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 2, string_literal(a, S(",")));
    default_arg(a, call, 3, string_literal(a, S(":")));
    call->type = type_map(a, &type_string, &type_string, true);
    return DONE;
}

// arrays_zip(x, y, ...): structs of the elements that stand at one position.
static Status arrays_zip(const KernelCall *k)
{
    Picks *p = NEW(k->scratch, Picks, k->nin);
    const Column **src = NEW(k->scratch, const Column *, k->nin);
    for (int32_t c = 0; c < k->nin; c++) {
        src[c] = keys_of(k, c);
        p[c] = picks_of(k, &src[c]);
    }
    int32_t total = 0;
    for (int32_t i = 0; i < k->rows; i++) {
        List *to = &COLUMN_DATA(k->out, List)[i];
        *to = (List){total, 0};
        for (int32_t c = 0; c < k->nin && kernel_live(k, i); c++)
            to->n = MAX(to->n, list_at(k->in[c], i).n);
        for (int32_t c = 0; c < k->nin && to->n; c++) {
            List l = list_at(k->in[c], i);
            for (int32_t e = 0; e < to->n; e++) pick(&p[c], e < l.n ? 0 : -1, l.at + e);
        }
        total += to->n;
    }
    Column *zipped = &k->out->kid[0];
    *zipped = (Column){.type = k->out->type->field[0].type, .rows = total};
    zipped->kid = NEW(k->scratch, Column, k->nin);
    for (int32_t c = 0; c < k->nin; c++)
        zipped->kid[c] = picks_column(&p[c], zipped->type->field[c].type);
    return DONE;
}

static Status analyse_zip(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    Field *part = NEW(a, Field, call->nargs);
    for (int32_t i = 0; i < call->nargs; i++) {
        const Expr *x = call->arg[i];
        if (x->type->id != T_ARRAY) return wrong_type(a, call, i, "\"ARRAY\"");
        bool named =
            x->kind == E_ATTR || x->kind == E_COLUMN || x->kind == E_FIELD || x->kind == E_ALIAS;
        Str name = named ? expr_output_name(a, x) : str_fmt(a, "%d", i);
        part[i] = field_of(name, x->type->field[0].type, true);
    }
    call->type = type_array(a, type_struct(a, part, call->nargs), false);
    return DONE;
}

// array_insert(x, position, value): positions from 1, or from the end; what lies past the ends is
// filled with NULL.
static Status insert_into(Picks *p, List l, int32_t at, int32_t i)
{
    if (at == 0) return RAISE(INVALID_INDEX_OF_ZERO);
    int32_t before = at > 0 ? MIN(at - 1, l.n) : MAX(l.n + at + 1, 0);
    int32_t gap_right = at > 0 ? at - 1 - before : 0;
    int32_t gap_left = at < 0 && -at > l.n + 1 ? -at - l.n - 1 : 0;
    for (int32_t e = 0; e < before; e++) pick(p, 0, l.at + e);
    for (int32_t e = 0; e < gap_right; e++) pick(p, -1, 0);
    pick(p, 1, i);
    for (int32_t e = 0; e < gap_left; e++) pick(p, -1, 0);
    for (int32_t e = before; e < l.n; e++) pick(p, 0, l.at + e);
    return DONE;
}

static Status array_insert(const KernelCall *k)
{
    const Column *src[] = {keys_of(k, 0), k->in[2]};
    Picks p = picks_of(k, src);
    for (int32_t i = 0; i < k->rows; i++) {
        k->out->valid[i] = !column_null(k->in[0], i) && !column_null(k->in[1], i);
        int32_t at = COLUMN_DATA(k->in[1], int32_t)[i];
        if (kernel_live(k, i)) {
            List l = list_at(k->in[0], i);
            if (at > 1 << 24 || at < -(1 << 24))
                return fail(ERR_LIMIT, "array_insert: an array of %d elements", at);
            TRY(insert_into(&p, l, at, i));
        }
        picks_end_row(&p, i);
    }
    picks_finish(&p);
    return DONE;
}

static Status analyse_insert(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = type_array(a, call->arg[0]->type->field[0].type, true);
    call->nullable = call->arg[0]->nullable || call->arg[1]->nullable;
    return DONE;
}

static Status array_size(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) COLUMN_DATA(k->out, int32_t)[i] = list_at(k->in[0], i).n;
    return DONE;
}

// clang-format off
#define MAP_ROW(fn, sig, flags_, analyse_, doc_) \
    {.name = STR_INIT(#fn), .signature = sig, .kernel = fn, .flags = flags_, .doc = doc_, .analyse = analyse_}
static const FnRow rows[] = {
    MAP_ROW(map_from_arrays, "array array -> -", FN_RAISES, analyse_from_arrays, "a map of an array of keys and one of values"),
    MAP_ROW(map_from_entries, "array -> -", FN_RAISES | FN_MAY_NULL, analyse_from_entries, "a map of an array of pairs"),
    MAP_ROW(map_entries, "map -> -", FN_ALIASES, analyse_entries, "the pairs of a map"),
    MAP_ROW(map_concat, "any* -> -", FN_RAISES, analyse_map_concat, "maps as one"),
    MAP_ROW(map_contains_key, "map any -> boolean", 0, analyse_contains_key, "the map has the key"),
    MAP_ROW(str_to_map, "string string? string? -> -", FN_RAISES, analyse_str_to_map, "a text of entries as a map"),
    MAP_ROW(arrays_zip, "any* -> -", 0, analyse_zip, "structs of the elements at each position"),
    MAP_ROW(array_insert, "array<T> int! T -> -", FN_OWN_NULLS | FN_RAISES, analyse_insert, "with a value put in at a position"),
    MAP_ROW(array_size, "array -> int", 0, NULL, "how many elements there are"),
};
// clang-format on
FN_TABLE(fn_map, rows);
