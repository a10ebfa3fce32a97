// dedup.c -- the keys of a batch are put into the state; whose key is new goes on.
#include "op/dedup.h"
#include "base/civil.h"
#include "expr/prog.h"
#include "op/due.h"

typedef struct Dedup {
    Op op;
    Prog *prog; // keys, then the time
    Column *col;
    char **payload;
    uint8_t *keep, *is_new;
    int32_t *row;
    Due *due; // of op_dedup_within, made with the first epoch
} Dedup;

void dedup_state(TableSpec *table, Str *schema, Arena *a, const DedupSpec *spec, bool within)
{
    const Type **key = NEW(a, const Type *, spec->nkeys + 1);
    Buf b = buf_new(a);
    for (int32_t i = 0; i < spec->nkeys; i++) {
        key[i] = spec->key[i]->type;
        if (i) buf_put(&b, S(", "));
        type_name(&b, key[i]);
        if (!spec->key[i]->nullable) buf_put(&b, S(" not null"));
    }
    buf_put(&b, within ? S(";expiresAtMicros bigint") : S(";"));
    *table = (TableSpec){.key = key,
                         .nkeys = spec->nkeys,
                         .time_key = spec->time_key,
                         .slice = MAX(spec->delay / 64, MICROS_PER_SECOND),
                         .payload_bytes = within ? 8 : 0,
                         .track = true,
                         .removes = within};
    *schema = buf_str(&b);
}
static Status dedup_open(Op *op)
{
    Dedup *d = CONTAINER(op, Dedup, op);
    const DedupSpec *s = op->spec;
    Arena *a = op->arena;
    VEC(Expr *) e = {0};
    for (int32_t i = 0; i < s->nkeys; i++) vec_push(a, &e, s->key[i]);
    if (s->time) vec_push(a, &e, s->time);
    d->col = NEW(a, Column, e.n + 1);
    d->payload = NEW(a, char *, BATCH_ROWS);
    d->keep = NEW(a, uint8_t, BATCH_ROWS);
    d->is_new = NEW(a, uint8_t, BATCH_ROWS);
    d->row = NEW(a, int32_t, BATCH_ROWS);
    return prog_compile(&d->prog, a, e.v, (int32_t)e.n, &op->ctx->eval);
}
// Marks the rows that are not late; a NULL time never is. Gives how many are.
static int32_t in_time(const Column *time, Micros late, int32_t n, uint8_t *keep)
{
    const Micros *t = COLUMN_DATA(time, Micros);
    int32_t dropped = 0;
    for (int32_t i = 0; i < n; i++) {
        keep[i] = t[i] > late || column_null(time, i);
        dropped += !keep[i];
    }
    return dropped;
}
// Puts the batch's keys into the state and d->row to those that are new; gives how many are.
static Status find_new(Dedup *d, const Batch *in, int32_t *fresh)
{
    Op *op = &d->op;
    const DedupSpec *s = op->spec;
    const uint8_t *keep = NULL;
    int32_t late = 0, n = 0;
    TRY(prog_run(d->prog, in, d->col));
    if (s->time) late = in_time(&d->col[s->nkeys], op->late, in->rows, d->keep);
    if (late) keep = d->keep;
    table_upsert(op_table(op), d->col, in->rows, keep, d->payload, d->is_new);
    for (int32_t i = 0; i < in->rows; i++)
        if (d->is_new[i]) d->row[n++] = i;
    op->late_rows += late;
    op->counts.dropped_by_watermark += late;
    op->counts.dropped_duplicates += in->rows - late - n;
    op->counts.updated += n;
    *fresh = n;
    return DONE;
}
static Status emit_new(Dedup *d, const Batch *in, int32_t n)
{
    if (!n) return DONE;
    Batch out = op_gather(d->op.scratch, in, n == in->rows ? NULL : d->row, n);
    return op_emit(&d->op, &out);
}
static Status dedup_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Dedup *d = CONTAINER(op, Dedup, op);
    int32_t n = 0;
    TRY(find_new(d, in, &n));
    return emit_new(d, in, n);
}
static Status dedup_flush(Op *op)
{
    const DedupSpec *s = op->spec;
    if (s->time_key >= 0) op->counts.removed += table_expire(op_table(op), op->evict);
    return DONE;
}
const OpKind op_dedup = {.name = "dedupe",
                         .size = sizeof(Dedup),
                         .open = dedup_open,
                         .rows = dedup_rows,
                         .flush = dedup_flush,
                         .again = AGAIN_ALWAYS,
                         .duplicates = true};
// -- within the watermark

static Micros expiry_of(const char *payload)
{
    Micros t;
    memcpy(&t, payload, sizeof t);
    return t;
}
static Due *index_of(Dedup *d)
{
    if (d->due) return d->due;
    d->due = due_new(d->op.arena);
    Arena *a = arena_new(NULL);
    TableRows all = table_all(op_table(&d->op), a);
    for (int64_t i = 0; i < all.n; i++) due_put(d->due, expiry_of(all.payload[i]), all.payload[i]);
    arena_free(a);
    return d->due;
}
static Status within_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Dedup *d = CONTAINER(op, Dedup, op);
    const DedupSpec *s = op->spec;
    int32_t n = 0;
    Due *due = index_of(d); // of the rows that were there before
    TRY(find_new(d, in, &n));
    const Column *time = &d->col[s->nkeys];
    for (int32_t i = 0; i < n; i++) {
        int32_t row = d->row[i];
        Micros from = column_null(time, row) ? 0 : COLUMN_DATA(time, Micros)[row], expiry;
        if (__builtin_add_overflow(from, s->delay, &expiry)) expiry = INT64_MAX;
        memcpy(d->payload[row], &expiry, sizeof expiry);
        due_put(due, expiry, d->payload[row]);
    }
    return emit_new(d, in, n);
}
static Status within_flush(Op *op)
{
    Dedup *d = CONTAINER(op, Dedup, op);
    TableRows due = due_take(index_of(d), op->evict, op->scratch);
    for (int64_t i = 0; i < due.n; i++) table_remove(op_table(op), due.payload[i]);
    op->counts.removed += due.n;
    return DONE;
}
const OpKind op_dedup_within = {.name = "dedupeWithinWatermark",
                                .size = sizeof(Dedup),
                                .open = dedup_open,
                                .rows = within_rows,
                                .flush = within_flush,
                                .again = AGAIN_ALWAYS,
                                .duplicates = true};
