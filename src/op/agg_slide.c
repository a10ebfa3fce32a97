// agg_slide.c -- the second half of an aggregate over windows that overlap. A row of its state is a
// key with `chunk` windows one slide apart (agg_in.h), so that a pane meets one or two rows and not
// one a window. It answers and counts as agg_final does, by windows: one is there when its bit is
// set and its end is after `late`; what the watermark closed needs no write, and the row goes with
// its last window.
#include "op/agg_in.h"

enum { AHEAD = 12 };
typedef struct AggSlide {
    Op op;
    AggPlan *plan;
    Table *own;  // of an epoch of a batch; NULL: they are state
    Table *late; // keys of the late groups of this epoch; made with the first one
    bool closes; // there is event time among the keys, and the mode heeds it
    bool counted;
    int64_t total; // windows, once they were counted
    // A batch of moves, or of windows to emit.
    int32_t n;
    char **row, **payload;
    Micros *time;
    uint64_t *hash;
    uint8_t *is_new;
    int32_t *slot, *count;
    char **to; // pairs of buffers to merge
    const char **from;
    int32_t pairs;
    Arena *chunk;
} AggSlide;

static Table *groups(AggSlide *f) { return f->own ? f->own : op_table(&f->op); }
static AggChunk *chunk_of(char *payload) { return (AggChunk *)(void *)payload; }
static char *window_at(const AggSlide *f, char *payload, int32_t slot)
{
    return payload + sizeof(AggChunk) + (int64_t)slot * f->plan->payload_bytes;
}
static const AggSpec *spec_of(const AggSlide *f) { return f->op.spec; }

static Status slide_open(Op *op)
{
    AggSlide *f = CONTAINER(op, AggSlide, op);
    const AggSpec *s = op->spec;
    Arena *a = op->arena;
    f->row = NEW(a, char *, BATCH_ROWS);
    f->payload = NEW(a, char *, BATCH_ROWS);
    f->time = NEW(a, Micros, BATCH_ROWS);
    f->hash = NEW(a, uint64_t, BATCH_ROWS);
    f->is_new = NEW(a, uint8_t, BATCH_ROWS);
    f->slot = NEW(a, int32_t, BATCH_ROWS);
    f->count = NEW(a, int32_t, BATCH_ROWS);
    f->to = NEW(a, char *, BATCH_ROWS);
    f->from = NEW(a, const char *, BATCH_ROWS);
    f->chunk = arena_new(a);
    f->closes = s->time_key >= 0 && op->ctx->mode != MODE_COMPLETE;
    TRY(agg_plan(&f->plan, a, s->agg, s->naggs, 0, &op->ctx->eval));
    if (!s->batch) return DONE;
    TableSpec *table = NEW(a, TableSpec, 1);
    *table = agg_chunk_table(a, s, f->plan);
    f->own = table_new(a, table);
    return DONE;
}
static Micros window_end(const AggSpec *s, Micros chunk, int32_t slot)
{
    return (Micros)((uint64_t)chunk - (uint64_t)s->slide * (uint64_t)(s->chunk - 1 - slot));
}
// How many of the chunk's windows end at `upto` or before.
static int32_t windows_until(const AggSpec *s, Micros chunk, Micros upto)
{
    Micros since;
    if (chunk <= upto) return s->chunk;
    if (__builtin_sub_overflow(chunk, upto, &since)) return 0;
    int64_t open = since / s->slide + (since % s->slide != 0);
    return open >= s->chunk ? 0 : s->chunk - (int32_t)open;
}
static uint64_t bits_below(int32_t n) { return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1; }
// Windows of a chunk with lower < end <= upper.
static uint64_t bits_between(const AggSpec *s, Micros chunk, Micros lower, Micros upper)
{
    return bits_below(windows_until(s, chunk, upper)) & ~bits_below(windows_until(s, chunk, lower));
}
// Counts the windows that are stored: anew after a restart.
static void know_rows(AggSlide *f)
{
    if (f->counted) return;
    f->counted = true;
    TableRows all = table_all(groups(f), f->op.scratch);
    for (int64_t i = 0; i < all.n; i++) {
        uint64_t there = chunk_of(all.payload[i])->there;
        if (f->closes)
            there &= bits_between(spec_of(f), table_time(groups(f), all.payload[i]), f->op.late,
                                  INT64_MAX);
        f->total += __builtin_popcountll(there);
    }
}

// -- panes

// Counts the late ones of a move's windows, those that were not seen to be so before in this epoch.
static void late_windows(AggSlide *f, const Table *from, const AggMove *m, int32_t n)
{
    const AggSpec *s = spec_of(f);
    if (!f->late) {
        TableSpec *table = NEW(f->op.arena, TableSpec, 1);
        *table = agg_table(f->op.arena, s, f->plan);
        table->payload_bytes = 0;
        f->late = table_new(f->op.arena, table);
    }
    arena_clear(f->chunk);
    char *row[AGG_CHUNK_MAX], *found[AGG_CHUNK_MAX];
    Column *key = NEW(f->chunk, Column, s->nkeys);
    for (int32_t i = 0; i < n; i++) row[i] = m->row;
    table_keys(from, row, n, key, f->chunk);
    for (int32_t i = 0; i < n; i++)
        COLUMN_DATA(&key[s->pane_key], Micros)[i] = window_end(s, m->time, m->slot + i);
    table_upsert(f->late, key, n, NULL, found, f->is_new);
    for (int32_t i = 0; i < n; i++) f->op.counts.dropped_by_watermark += f->is_new[i];
}
static Status merge_pairs(AggSlide *f)
{
    AggRows to = {.payload = f->to, .n = f->pairs, .blobs = table_blobs(groups(f))};
    f->pairs = 0;
    for (int32_t i = 0; to.n && i < f->plan->n; i++)
        TRY(agg_merge(&f->plan->call[i], &to, f->from));
    return DONE;
}
static Status merge_moves(AggSlide *f, const Table *from)
{
    TableMove move = {from, f->row, f->time, f->hash, spec_of(f)->pane_key, f->n};
    int64_t bytes = f->plan->payload_bytes;
    table_upsert_moved(groups(f), &move, f->payload);
    for (int32_t i = 0; i < f->n; i++) {
        AggChunk *c = chunk_of(f->payload[i]);
        int32_t n = f->count[i];
        if (i + AHEAD < f->n) { // the search has fetched the beginning of the row, not these
            const char *next = window_at(f, f->payload[i + AHEAD], f->slot[i + AHEAD]);
            __builtin_prefetch(next, 1);
            __builtin_prefetch(next + 64, 1);
            __builtin_prefetch(next + 128, 1);
        }
        uint64_t bits = bits_below(n) << f->slot[i];
        f->total += __builtin_popcountll(bits & ~c->there);
        c->there |= bits;
        c->changed |= bits;
        if (f->pairs + n > BATCH_ROWS) TRY(merge_pairs(f));
        char *to = window_at(f, f->payload[i], f->slot[i]);
        for (int32_t k = 0; k < n; k++) {
            f->to[f->pairs + k] = to + k * bytes;
            f->from[f->pairs + k] = f->row[i];
        }
        f->pairs += n;
    }
    f->n = 0;
    return merge_pairs(f);
}
static Status slide_merge(Op *op, int32_t port, Op *from, int32_t shard)
{
    (void)port;
    AggSlide *f = CONTAINER(op, AggSlide, op);
    const AggSpec *s = op->spec;
    const Table *lane = NULL;
    AggMoves moves = agg_partial_moves(from, shard, &lane);
    op->rows_in += moves.n;
    know_rows(f);
    for (int64_t i = 0; i < moves.n; i++) {
        const AggMove *m = &moves.v[i];
        int32_t late = 0;
        if (f->closes && window_end(s, m->time, m->slot) <= op->late) {
            late = MIN(windows_until(s, m->time, op->late) - m->slot, m->n);
            late_windows(f, lane, m, late);
        }
        if (late == m->n) continue;
        f->row[f->n] = m->row;
        f->time[f->n] = m->time;
        f->hash[f->n] = m->hash;
        f->slot[f->n] = m->slot + late;
        f->count[f->n++] = m->n - late;
        if (f->n == BATCH_ROWS) TRY(merge_moves(f, lane));
    }
    return f->n ? merge_moves(f, lane) : DONE;
}
static Status slide_rows(Op *op, int32_t port, const Batch *in)
{
    (void)op, (void)port, (void)in;
    must_failed("an aggregate's second half takes groups, not rows", __FILE__, __LINE__);
}

// -- the epoch's end

static Status emit(AggSlide *f)
{
    const AggSpec *s = spec_of(f);
    Batch out = {.rows = f->n, .cols = s->nkeys + s->naggs};
    f->n = 0;
    if (!out.rows) return DONE;
    arena_clear(f->chunk);
    out.col = NEW(f->chunk, Column, out.cols + 1);
    table_keys(groups(f), f->row, out.rows, out.col, f->chunk);
    Micros *end = COLUMN_DATA(&out.col[s->pane_key], Micros);
    for (int32_t i = 0; i < out.rows; i++) {
        end[i] = window_end(s, end[i], f->slot[i]);
        f->to[i] = window_at(f, f->row[i], f->slot[i]);
    }
    for (int32_t i = 0; i < s->naggs; i++) {
        const AggCall *c = &f->plan->call[i];
        out.col[s->nkeys + i] = column_new(f->chunk, c->type, out.rows);
        TRY(agg_result(c, f->to, out.rows, &out.col[s->nkeys + i], f->chunk));
    }
    return op_emit(&f->op, &out);
}
static Status emit_bits(AggSlide *f, char *row, uint64_t bits)
{
    for (; bits; bits &= bits - 1) {
        f->row[f->n] = row;
        f->slot[f->n++] = __builtin_ctzll(bits);
        if (f->n == BATCH_ROWS) TRY(emit(f));
    }
    return DONE;
}
static Status emit_all(AggSlide *f)
{
    TableRows all = table_all(groups(f), f->op.scratch);
    for (int64_t i = 0; i < all.n; i++)
        TRY(emit_bits(f, all.payload[i], chunk_of(all.payload[i])->there));
    return emit(f);
}
// What changed in this epoch is counted, and emitted if the mode says so.
static Status take_changed(AggSlide *f, TableRows changed)
{
    for (int64_t i = 0; i < changed.n; i++) {
        if (i + AHEAD < changed.n) __builtin_prefetch(changed.payload[i + AHEAD]);
        uint64_t bits = chunk_of(changed.payload[i])->changed;
        f->op.counts.updated += __builtin_popcountll(bits);
        if (f->op.ctx->mode == MODE_UPDATE) TRY(emit_bits(f, changed.payload[i], bits));
    }
    return emit(f);
}
// It is no news any more; and what will be written anyway need not have the closed windows.
static void settle_changed(AggSlide *f, TableRows changed)
{
    for (int64_t i = 0; i < changed.n; i++) {
        if (i + AHEAD < changed.n) __builtin_prefetch(changed.payload[i + AHEAD]);
        AggChunk *c = chunk_of(changed.payload[i]);
        c->changed = 0;
        if (!f->closes) continue;
        Micros time = table_time(groups(f), changed.payload[i]);
        c->there &= bits_between(spec_of(f), time, f->op.evict, INT64_MAX);
    }
}
// The windows that the watermark closed in this epoch; in append mode they come out.
static Status close_windows(AggSlide *f)
{
    Op *op = &f->op;
    const AggSpec *s = op->spec;
    Micros first; // no chunk that ends later has a window that closes now
    if (__builtin_add_overflow(op->evict, s->slide * (s->chunk - 1), &first)) first = INT64_MAX;
    TableRows due = table_due(groups(f), first, op->scratch);
    int64_t closed = 0;
    for (int64_t i = 0; i < due.n; i++) {
        if (i + AHEAD < due.n) __builtin_prefetch(due.payload[i + AHEAD]);
        uint64_t bits = chunk_of(due.payload[i])->there;
        bits &= bits_between(s, table_time(groups(f), due.payload[i]), op->late, op->evict);
        closed += __builtin_popcountll(bits);
        if (op->ctx->mode == MODE_APPEND) TRY(emit_bits(f, due.payload[i], bits));
    }
    f->total -= closed;
    op->counts.removed += closed;
    return emit(f);
}
static Status slide_flush(Op *op)
{
    AggSlide *f = CONTAINER(op, AggSlide, op);
    know_rows(f);
    if (f->late) table_clear(f->late);
    if (f->own) {
        TRY(emit_all(f));
        table_clear(f->own);
        f->total = 0;
        return DONE;
    }
    if (op->ctx->last) return emit_all(f);
    TableRows changed = table_changed(groups(f), op->scratch);
    TRY(take_changed(f, changed));
    if (op->ctx->mode == MODE_COMPLETE) TRY(emit_all(f));
    if (f->closes && op->evict > op->late) TRY(close_windows(f));
    settle_changed(f, changed);
    if (f->closes) table_expire(groups(f), op->evict);
    return DONE;
}
static int64_t slide_total(Op *op)
{
    AggSlide *f = CONTAINER(op, AggSlide, op);
    return f->total; // 0 before the first epoch, when the state may still be read
}
const OpKind op_agg_slide = {.name = "stateStoreSave",
                             .size = sizeof(AggSlide),
                             .open = slide_open,
                             .rows = slide_rows,
                             .merge = slide_merge,
                             .flush = slide_flush,
                             .total = slide_total,
                             .again = AGAIN_UNLESS_COMPLETE};
