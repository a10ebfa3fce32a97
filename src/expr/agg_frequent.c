// agg_frequent.c -- what freqItems of a DataFrame counts: candidates for values that make up more
// than a share of the rows, by the counters of Karp, Shenker and Papadimitriou as Spark keeps them.
// There are at most `size` counters; a value that finds none free lowers them all.
#include "col/pack.h"
#include "expr/agg_in.h"
#include "expr/value_set.h"

static void lower(BlobPool *pool, ValueSet *s, Str value, uint64_t times)
{
    Arena *scratch = arena_new(NULL);
    ValueSet old = {.entries = {0}};
    Str all = str_copy(scratch, blob_str(&s->entries));
    uint64_t least = UINT64_MAX;
    Reader r = reader_of(all);
    for (ValueEntry e; value_set_next(&r, &e);) least = MIN(least, e.times);
    uint64_t less = MIN(least, times);
    blob_free(pool, &s->entries);
    blob_free(pool, &s->index);
    *s = old;
    r = reader_of(all);
    for (ValueEntry e; value_set_next(&r, &e);)
        if (e.times > less || times < least) value_set_add(pool, s, e.value, e.times - less);
    if (times > least) value_set_add(pool, s, value, times - least);
    arena_free(scratch);
}

static void count(BlobPool *pool, ValueSet *s, Str value, uint64_t times, int64_t size)
{
    if (s->n < size || value_set_has(s, value))
        value_set_add(pool, s, value, times);
    else
        lower(pool, s, value, times);
}

static Status frequent_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    Arena *scratch = arena_new(NULL);
    Buf packed = buf_new(scratch);
    for (int32_t i = 0; i < r->n; i++) {
        if (r->keep && !r->keep[i]) continue;
        buf_clear(&packed);
        value_pack(&packed, in[0], i);
        count(r->blobs, (ValueSet *)(void *)(r->payload[i] + c->at), buf_str(&packed), 1,
              c->choice);
    }
    arena_free(scratch);
    return DONE;
}

static Status frequent_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    for (int32_t i = 0; i < r->n; i++) {
        ValueSet *b = (ValueSet *)(void *)(r->payload[i] + c->at);
        Reader all = value_set_reader((const ValueSet *)(const void *)(from[i] + c->at));
        for (ValueEntry e; value_set_next(&all, &e);)
            count(r->blobs, b, e.value, e.times, c->choice);
    }
    return DONE;
}

static Status frequent_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                              Arena *a)
{
    Builder *all = builder_new(a, c->in[0]);
    for (int32_t i = 0; i < n; i++) {
        const ValueSet *b = (const ValueSet *)(const void *)(payload[i] + c->at);
        Reader r = value_set_reader(b);
        COLUMN_DATA(out, List)[i] = (List){builder_count(all), (int32_t)b->n};
        for (ValueEntry e; value_set_next(&r, &e);) {
            Reader value = reader_of(e.value);
            must(value_unpack(&value, all));
        }
    }
    out->kid[0] = builder_column(all);
    out->valid = NULL;
    return DONE;
}

static Status analyse_frequent(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    call->type = type_array(a, call->arg[0]->type, call->arg[0]->nullable);
    call->nullable = false;
    return DONE;
}

static Status bind_frequent(Arena *a, const Expr *call, const EvalCtx *ctx, AggCall *c)
{
    Datum size;
    TRY(fold_arg(a, call, 1, ctx, &size));
    c->choice = (int32_t)size.i;
    c->nin = 1;
    return DONE;
}

static const AggRow rows[] = {
    {.name = STR_INIT("__freq_items"), // of DataFrames only
     .signature = "any lit:int -> -",
     .doc = "candidates for values in more than 1 of so many rows",
     .bytes = sizeof(ValueSet),
     .nblobs = 2,
     .analyse = analyse_frequent,
     .bind = bind_frequent,
     .step = frequent_step,
     .merge = frequent_merge,
     .result = frequent_result},
};
AGG_TABLE(agg_frequent, rows);
