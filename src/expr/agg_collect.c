// agg_collect.c -- aggregates whose result is the values themselves: lists, sets, joined texts, the
// most frequent one. NULLs are left out.
#include "col/pack.h"
#include "expr/agg_in.h"
#include "expr/flat.h"
#include "expr/value_set.h"
#include <stdlib.h>

// A group's memory ends at what a blob holds.
static Status check_room(const Blob *b, int64_t more)
{
    if ((int64_t)b->n + more <= BLOB_MAX / 2) return DONE;
    return fail(ERR_LIMIT, "a group collected %lld bytes: more than an aggregate holds",
                (long long)b->n + more);
}

Status agg_list_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    for (int32_t i = 0; i < r->n; i++) {
        if ((r->keep && !r->keep[i]) || column_null(in[0], i)) continue;
        AggList *b = (AggList *)(void *)(r->payload[i] + c->at);
        TRY(check_room(&b->values, flat_bytes(in[0], i)));
        flat_append(r->blobs, &b->values, in[0], i);
        b->n++;
    }
    return DONE;
}

Status agg_list_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    for (int32_t i = 0; i < r->n; i++) {
        AggList *b = (AggList *)(void *)(r->payload[i] + c->at);
        const AggList *f = (const AggList *)(const void *)(from[i] + c->at);
        TRY(check_room(&b->values, f->values.n));
        if (f->values.n)
            memcpy(blob_append(r->blobs, &b->values, f->values.n), f->values.p, f->values.n);
        b->n += f->n;
    }
    return DONE;
}

static Status list_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    Builder *all = builder_new(a, c->in[0]);
    for (int32_t i = 0; i < n; i++) {
        const AggList *b = (const AggList *)(const void *)(payload[i] + c->at);
        Reader r = reader_of(blob_str(&b->values));
        COLUMN_DATA(out, List)[i] = (List){builder_count(all), (int32_t)b->n};
        for (int64_t k = 0; k < b->n; k++) flat_read(&r, c->in[0], all);
    }
    out->kid[0] = builder_column(all);
    out->valid = NULL;
    return DONE;
}

static Status analyse_list(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    if (str_eq(call->name, S("array_agg"))) call->name = S("collect_list"); // as Spark names it
    call->type = type_array(a, call->arg[0]->type, false);
    call->nullable = false;
    return DONE;
}

// ---- sets --------------------------------------------------------------------------------------

static Status set_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    Arena *scratch = arena_new(NULL);
    Buf packed = buf_new(scratch);
    Status s = DONE;
    for (int32_t i = 0; i < r->n && !s.code; i++) {
        if ((r->keep && !r->keep[i]) || column_null(in[0], i)) continue;
        ValueSet *b = (ValueSet *)(void *)(r->payload[i] + c->at);
        buf_clear(&packed);
        value_pack(&packed, in[0], i);
        s = check_room(&b->entries, packed.n);
        if (!s.code) value_set_add(r->blobs, b, buf_str(&packed), 1);
    }
    arena_free(scratch);
    return s;
}

static Status set_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    for (int32_t i = 0; i < r->n; i++) {
        ValueSet *b = (ValueSet *)(void *)(r->payload[i] + c->at);
        const ValueSet *f = (const ValueSet *)(const void *)(from[i] + c->at);
        TRY(check_room(&b->entries, f->entries.n));
        value_set_merge(r->blobs, b, f);
    }
    return DONE;
}

static void unpack(Str packed, Builder *to)
{
    Reader r = reader_of(packed);
    must(value_unpack(&r, to));
}

static Status set_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    Builder *all = builder_new(a, c->in[0]);
    for (int32_t i = 0; i < n; i++) {
        const ValueSet *b = (const ValueSet *)(const void *)(payload[i] + c->at);
        Reader r = value_set_reader(b);
        COLUMN_DATA(out, List)[i] = (List){builder_count(all), (int32_t)b->n};
        for (ValueEntry e; value_set_next(&r, &e);) unpack(e.value, all);
    }
    out->kid[0] = builder_column(all);
    out->valid = NULL;
    return DONE;
}

static bool holds_map(const Type *t)
{
    bool holds = t->id == T_MAP;
    for (int32_t i = 0; i < t->nfields; i++) holds |= holds_map(t->field[i].type);
    return holds;
}

static Status analyse_set(Arena *a, Expr *call, const EvalCtx *ctx)
{
    if (!holds_map(call->arg[0]->type)) return analyse_list(a, call, ctx);
    return RAISE(DATATYPE_MISMATCH_UNSUPPORTED_INPUT_TYPE, P("sqlExpr", quoted_sql(a, call)),
                 P("functionName", quoted_name(a, call->name)), P("dataType", S("\"MAP\"")));
}

static bool comes_before(Arena *a, const Type *t, Str x, Str y)
{
    Builder *both = builder_new(a, t);
    unpack(x, both);
    unpack(y, both);
    Column c = builder_column(both);
    return value_cmp(&c, 0, &c, 1) < 0;
}

// mode(x): the value seen most often, of equals the one seen first; mode(x, true): the least.
static Status mode_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    Builder *found = builder_new(a, c->in[0]);
    for (int32_t i = 0; i < n; i++) {
        Reader r = value_set_reader((const ValueSet *)(const void *)(payload[i] + c->at));
        ValueEntry most = {0};
        for (ValueEntry e; value_set_next(&r, &e);)
            if (e.times > most.times || (c->choice && e.times == most.times &&
                                         comes_before(a, c->in[0], e.value, most.value)))
                most = e;
        if (most.times)
            unpack(most.value, found);
        else
            builder_null(found);
    }
    const Type *t = out->type;
    *out = builder_column(found);
    out->type = t;
    return DONE;
}

static Status bind_mode(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    Datum least = {0};
    if (call->nargs > 1) TRY(fold_arg(a, call, 1, ctx, &least));
    if (least.null)
        return RAISE(DATATYPE_MISMATCH_UNEXPECTED_NULL, P("sqlExpr", S("\"NULL\"")),
                     P("exprName", S("`deterministic`")));
    c->choice = least.i != 0;
    return DONE;
}

static Status analyse_mode(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = call->arg[0]->type;
    return DONE;
}

// ---- listagg -----------------------------------------------------------------------------------

// listagg(x, between) WITHIN GROUP (ORDER BY key, ...): the keys become arguments after `between`.
// An entry of the list is x and its keys.
typedef struct ListAgg { // AggCall.bound
    Str between;
    int32_t nkeys;
    bool down[AGG_ARGS_MAX], nulls_last[AGG_ARGS_MAX];
} ListAgg;
enum { FIRST_KEY = 2 };

static Status analyse_listagg(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->name = S("listagg"); // string_agg too
    default_arg(a, call, 2, expr_literal(a, &type_string, &(Datum){.null = true}));
    if (call->norder > AGG_ARGS_MAX - FIRST_KEY)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("listagg ordered by more than two")),
                     P("needs", S("a struct of them orders as they do")));
    for (int32_t i = 0; i < call->norder; i++) push_arg(a, call, call->order[i]->arg[0]);
    return DONE;
}

static Status bind_listagg(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    ListAgg *l = NEW(a, ListAgg, 1);
    Datum v;
    TRY(fold_arg(a, call, 1, ctx, &v));
    if (!v.null) l->between = v.s;
    l->nkeys = call->norder;
    for (int32_t i = 0; i < l->nkeys; i++) {
        l->down[i] = call->order[i]->descending;
        l->nulls_last[i] = call->order[i]->nulls_last;
    }
    c->bound = l;
    return DONE;
}

static Status listagg_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    const ListAgg *l = c->bound;
    if (!l->nkeys) return agg_list_step(c, r, in);
    for (int32_t i = 0; i < r->n; i++) {
        if ((r->keep && !r->keep[i]) || column_null(in[0], i)) continue;
        AggList *b = (AggList *)(void *)(r->payload[i] + c->at);
        TRY(check_room(&b->values, flat_bytes(in[0], i)));
        flat_append(r->blobs, &b->values, in[0], i);
        for (int32_t k = 0; k < l->nkeys; k++)
            flat_append(r->blobs, &b->values, in[FIRST_KEY + k], i);
        b->n++;
    }
    return DONE;
}

typedef struct Sorted { // what comparing rows needs
    const ListAgg *l;
    Column key[AGG_ARGS_MAX];
} Sorted;

static int in_order(const void *x, const void *y, void *sorted)
{
    const Sorted *s = sorted;
    int32_t i = *(const int32_t *)x, j = *(const int32_t *)y;
    for (int32_t k = 0; k < s->l->nkeys; k++) {
        const Column *c = &s->key[k];
        bool ni = column_null(c, i), nj = column_null(c, j);
        int32_t order = ni || nj ? (ni == nj                    ? 0
                                    : ni == s->l->nulls_last[k] ? 1
                                                                : -1)
                                 : value_cmp(c, i, c, j);
        if (!(ni || nj) && s->l->down[k]) order = -order;
        if (order) return order;
    }
    return i < j ? -1 : i > j; // rows of one key as they came
}

// The texts of a group, in order.
static Column ordered_texts(const AggCall *c, const AggList *list, Arena *a)
{
    const ListAgg *l = c->bound;
    Builder *text = builder_new(a, c->in[0]), *key[AGG_ARGS_MAX];
    Sorted s = {.l = l};
    Reader r = reader_of(blob_str(&list->values));
    for (int32_t k = 0; k < l->nkeys; k++) key[k] = builder_new(a, c->in[FIRST_KEY + k]);
    for (int64_t i = 0; i < list->n; i++) {
        flat_read(&r, c->in[0], text);
        for (int32_t k = 0; k < l->nkeys; k++) flat_read(&r, c->in[FIRST_KEY + k], key[k]);
    }
    Column texts = builder_column(text);
    for (int32_t k = 0; k < l->nkeys; k++) s.key[k] = builder_column(key[k]);
    int32_t *row = NEW_RAW(a, int32_t, texts.rows);
    for (int32_t i = 0; i < texts.rows; i++) row[i] = i;
    if (l->nkeys) qsort_r(row, (size_t)texts.rows, sizeof *row, in_order, &s);
    return column_gather(a, &texts, row, texts.rows);
}

static Status listagg_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                             Arena *a)
{
    const ListAgg *l = c->bound;
    uint8_t *valid = column_own_valid(a, out);
    for (int32_t i = 0; i < n; i++) {
        Column texts = ordered_texts(c, (const AggList *)(const void *)(payload[i] + c->at), a);
        Buf b = buf_new(a);
        for (int32_t e = 0; e < texts.rows; e++) {
            if (e) buf_put(&b, l->between);
            buf_put(&b, column_str(&texts, e));
        }
        valid[i] = texts.rows > 0;
        COLUMN_DATA(out, Str)[i] = b.n ? buf_str(&b) : S("");
    }
    return DONE;
}

#define LIST(fn, doc_)                                                                             \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any -> -", .doc = doc_, .bytes = sizeof(AggList),      \
        .nblobs = 1, .analyse = analyse_list, .step = agg_list_step, .merge = agg_list_merge,      \
        .result = list_result                                                                      \
    }
#define SET(fn, doc_, analyse_, result_)                                                           \
    {                                                                                              \
        .name = STR_INIT(fn), .signature = "any -> -", .doc = doc_, .bytes = sizeof(ValueSet),     \
        .nblobs = 2, .analyse = analyse_, .step = set_step, .merge = set_merge, .result = result_  \
    }
static const AggRow rows[] = {
    LIST("collect_list", "all values as an array, NULLs left out"),
    LIST("array_agg", "all values as an array, NULLs left out"),
    SET("collect_set", "each value once, as an array", analyse_set, set_result),
    {.name = STR_INIT("mode"),
     .signature = "any lit:boolean? -> -",
     .doc = "the most frequent value, of equals the first or, when asked, the least",
     .bytes = sizeof(ValueSet),
     .nblobs = 2,
     .shown = 1,
     .analyse = analyse_mode,
     .bind = bind_mode,
     .step = set_step,
     .merge = set_merge,
     .result = mode_result},
    {.name = STR_INIT("listagg"),
     .signature = "string|binary lit:string? -> =0",
     .doc = "the texts joined, with a text between them",
     .bytes = sizeof(AggList),
     .nblobs = 1,
     .order = MAY_ORDER,
     .analyse = analyse_listagg,
     .bind = bind_listagg,
     .step = listagg_step,
     .merge = agg_list_merge,
     .result = listagg_result},
    {.name = STR_INIT("string_agg"), .signature = "= listagg", .doc = "the texts joined"},
};
AGG_TABLE(agg_collect, rows);
