// agg_distinct.c -- any aggregate over distinct arguments. The payload is a set of packed rows of
// arguments, in the order in which they came first; the result folds them, so what depends on the
// order of rows has one.
#include "col/pack.h"
#include "expr/agg_in.h"
#include "expr/value_set.h"

typedef struct Distinct { // AggCall.bound of the outer call
    AggCall inner;
} Distinct;

static Status distinct_step(const AggCall *c, const AggRows *r, const Column *const *in)
{
    Arena *scratch = arena_new(NULL);
    Buf packed = buf_new(scratch);
    Status s = DONE;
    for (int32_t i = 0; i < r->n && !s.code; i++) {
        if (r->keep && !r->keep[i]) continue;
        ValueSet *b = (ValueSet *)(void *)(r->payload[i] + c->at);
        buf_clear(&packed);
        for (int32_t k = 0; k < c->nin; k++) value_pack(&packed, in[k], i);
        if ((int64_t)b->entries.n + packed.n > BLOB_MAX / 2)
            s = fail(ERR_LIMIT, "a group has more distinct values than an aggregate holds");
        else
            value_set_add(r->blobs, b, buf_str(&packed), 1);
    }
    arena_free(scratch);
    return s;
}

static Status distinct_merge(const AggCall *c, const AggRows *r, const char *const *from)
{
    for (int32_t i = 0; i < r->n; i++) {
        const ValueSet *f = (const ValueSet *)(const void *)(from[i] + c->at);
        value_set_merge(r->blobs, (ValueSet *)(void *)(r->payload[i] + c->at), f);
    }
    return DONE;
}

// The next rows of the set as columns of arguments; how many.
static int32_t next_rows(const AggCall *c, Reader *r, Builder *const *args)
{
    int32_t n = 0;
    for (ValueEntry e; n < BATCH_ROWS && value_set_next(r, &e); n++) {
        Reader row = reader_of(e.value);
        for (int32_t k = 0; k < c->nin; k++) must(value_unpack(&row, args[k]));
    }
    return n;
}

// The same group's payload for every row of a batch.
static Status fold(const AggCall *c, const ValueSet *set, char *payload, BlobPool *blobs, Arena *a)
{
    Builder *args[AGG_ARGS_MAX];
    Column column[AGG_ARGS_MAX];
    const Column *in[AGG_ARGS_MAX];
    char **to = NEW(a, char *, BATCH_ROWS);
    for (int32_t i = 0; i < BATCH_ROWS; i++) to[i] = payload;
    Reader r = value_set_reader(set);
    for (;;) {
        for (int32_t k = 0; k < c->nin; k++) args[k] = builder_new(a, c->in[k]);
        int32_t n = next_rows(c, &r, args);
        if (!n) return DONE;
        for (int32_t k = 0; k < c->nin; k++) {
            column[k] = builder_column(args[k]);
            in[k] = &column[k];
        }
        TRY(c->row->step(c, &(AggRows){to, n, NULL, blobs}, in));
    }
}

static Status distinct_result(const AggCall *c, char *const *payload, int32_t n, Column *out,
                              Arena *a)
{
    const AggCall *inner = &((const Distinct *)c->bound)->inner;
    BlobPool *blobs = blob_pool_new(a);
    char **buffer = NEW(a, char *, n);
    for (int32_t i = 0; i < n; i++) {
        const ValueSet *set = (const ValueSet *)(const void *)(payload[i] + c->at);
        buffer[i] = (char *)NEW(a, int64_t, inner->bytes / 8 + 1);
        TRY(fold(inner, set, buffer[i], blobs, a));
    }
    return inner->row->result(inner, buffer, n, out, a);
}

const AggRow agg_distinct = {.name = STR_INIT("distinct"),
                             .bytes = sizeof(ValueSet),
                             .nblobs = 2,
                             .step = distinct_step,
                             .merge = distinct_merge,
                             .result = distinct_result};

void agg_distinct_plan(Arena *a, AggCall *c)
{
    Distinct *d = NEW(a, Distinct, 1);
    d->inner = *c;
    d->inner.at = 0;
    c->row = &agg_distinct;
    c->bytes = agg_distinct.bytes;
    c->nblobs = agg_distinct.nblobs;
    c->bound = d;
}
