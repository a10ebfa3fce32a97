// agg_collect.c -- aggregates whose result is the values themselves: lists, sets, joined texts, the
// most frequent one. NULLs are left out.
#include "col/pack.h"
#include "expr/agg_in.h"
#include "expr/flat.h"
#include "expr/value_set.h"

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

// mode(x): the value seen most often, of equals the one seen first.
static Status mode_result(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)
{
    Builder *found = builder_new(a, c->in[0]);
    for (int32_t i = 0; i < n; i++) {
        Reader r = value_set_reader((const ValueSet *)(const void *)(payload[i] + c->at));
        ValueEntry most = {0};
        for (ValueEntry e; value_set_next(&r, &e);)
            if (e.times > most.times) most = e;
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

static Status analyse_mode(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = call->arg[0]->type;
    return DONE;
}

// ---- listagg -----------------------------------------------------------------------------------

static Status bind_listagg(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    Str *between = NEW(a, Str, 1);
    Datum v;
    if (call->nargs > 1) {
        TRY(fold_arg(a, call, 1, ctx, &v));
        if (!v.null) *between = v.s;
    }
    c->bound = between;
    return DONE;
}

static Status listagg_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                             Arena *a)
{
    Column lists = column_new(a, type_array(a, c->in[0], false), n);
    TRY(list_result(c, payload, n, &lists, a));
    uint8_t *valid = column_own_valid(a, out);
    for (int32_t i = 0; i < n; i++) {
        List l = COLUMN_DATA(&lists, List)[i];
        Buf b = buf_new(a);
        for (int32_t e = l.at; e < l.at + l.n; e++) {
            if (e > l.at) buf_put(&b, *(const Str *)c->bound);
            buf_put(&b, column_str(&lists.kid[0], e));
        }
        valid[i] = l.n > 0;
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
    SET("mode", "the most frequent value", analyse_mode, mode_result),
    {.name = STR_INIT("listagg"),
     .signature = "string|binary lit:string? -> =0",
     .doc = "the texts joined, with a text between them",
     .bytes = sizeof(AggList),
     .nblobs = 1,
     .bind = bind_listagg,
     .step = agg_list_step,
     .merge = agg_list_merge,
     .result = listagg_result},
    {.name = STR_INIT("string_agg"), .signature = "= listagg", .doc = "the texts joined"},
};
AGG_TABLE(agg_collect, rows);
