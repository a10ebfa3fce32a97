// stream_join.c -- a batch of one side against the kept rows of the other: keys are looked up,
// candidate pairs made a batch at a time, the residual condition sees only the columns it reads,
// and what is left of the pairs comes out. Then the batch's rows are kept.
//
// Figures are counted as Spark counts them: rows that go from an outer side are not "removed".
#include "op/stream_join.h"
#include "base/civil.h"
#include "expr/prog.h"

typedef struct Side {
    Prog *keys, *filter;
    Column *key;
    bool outer; // rows that met nobody come out
} Side;
typedef struct StreamJoin {
    Op op;
    Side side[2];
    Prog *residual;
    uint8_t *reads; // which columns of a pair the residual reads
    // the batch at hand
    BagKey **key;
    Micros *expiry;
    uint8_t *mute, *met; // a row that no key of the other side equals (NULL); that found a partner
    int32_t *row, *kept;
    // pairs of it with kept rows of the other side
    int32_t *pair_row;
    BagRow **pair_with;
    int32_t npairs;
    Arena *chunk; // of one batch of pairs
} StreamJoin;
enum { LEFT = JOIN_PORT_LEFT, RIGHT = JOIN_PORT_RIGHT };

static Bag *kept_rows(StreamJoin *j) { return state_bag(j->op.state, j->op.shard); }
static bool kind_outer(JoinKind k, int32_t side)
{
    return k == JOIN_FULL || k == (side == LEFT ? JOIN_LEFT : JOIN_RIGHT);
}
static void mark_reads(uint8_t *reads, const Expr *e)
{
    if (e->kind == E_COLUMN) reads[e->id] = 1;
    for (int32_t i = 0; i < e->nargs; i++) mark_reads(reads, e->arg[i]);
}
static Status side_open(StreamJoin *j, int32_t at)
{
    const StreamJoinSpec *s = j->op.spec;
    const StreamJoinSide *spec = &s->side[at];
    Side *side = &j->side[at];
    Arena *a = j->op.arena;
    side->outer = kind_outer(s->kind, at);
    side->key = NEW(a, Column, s->nkeys);
    TRY(prog_compile(&side->keys, a, spec->key, s->nkeys, &j->op.ctx->eval));
    if (!spec->filter) return DONE;
    return prog_compile(&side->filter, a, &spec->filter, 1, &j->op.ctx->eval);
}
static Status stream_join_open(Op *op)
{
    StreamJoin *j = CONTAINER(op, StreamJoin, op);
    const StreamJoinSpec *s = op->spec;
    Arena *a = op->arena;
    must(s->nkeys > 0 && s->kind != JOIN_CROSS && s->kind != JOIN_LEFT_ANTI);
    TRY(side_open(j, LEFT));
    TRY(side_open(j, RIGHT));
    int32_t cols = s->side[LEFT].schema->nfields + s->side[RIGHT].schema->nfields;
    j->reads = NEW(a, uint8_t, cols + 1);
    if (s->residual) {
        mark_reads(j->reads, s->residual);
        TRY(prog_compile(&j->residual, a, &s->residual, 1, &op->ctx->eval));
    }
    j->key = NEW(a, BagKey *, BATCH_ROWS);
    j->expiry = NEW(a, Micros, BATCH_ROWS);
    j->mute = NEW(a, uint8_t, BATCH_ROWS);
    j->met = NEW(a, uint8_t, BATCH_ROWS);
    j->row = NEW(a, int32_t, BATCH_ROWS);
    j->kept = NEW(a, int32_t, BATCH_ROWS);
    j->pair_row = NEW(a, int32_t, BATCH_ROWS);
    j->pair_with = NEW(a, BagRow *, BATCH_ROWS);
    j->chunk = arena_new(a);
    return DONE;
}
// -- output

// One side's columns in a batch of both; `from` gives column c of that side, `only` limits to those
// that are read.
typedef struct PairSource {
    const Batch *in; // rows of the batch at hand, by row; or
    const int32_t *row;
    BagRow *const *with; // kept rows; or neither: NULLs
} PairSource;
static Column pair_column(StreamJoin *j, const PairSource *from, int32_t side, int32_t c, int32_t n)
{
    const StreamJoinSpec *s = j->op.spec;
    if (from->in) return column_gather(j->chunk, &from->in->col[c], from->row, n);
    if (from->with) return bag_column(kept_rows(j), j->chunk, side, c, from->with, n);
    return column_null_of(j->chunk, s->side[side].schema->field[c].type, n);
}
static Batch pairs_batch(StreamJoin *j, const PairSource from[2], int32_t n, const uint8_t *only)
{
    const StreamJoinSpec *s = j->op.spec;
    int32_t nleft = s->side[LEFT].schema->nfields, nright = s->side[RIGHT].schema->nfields;
    bool half = s->kind == JOIN_LEFT_SEMI && !only;
    Batch out = {.rows = n, .cols = nleft + (half ? 0 : nright)};
    out.col = NEW(j->chunk, Column, out.cols + 1);
    for (int32_t i = 0; i < out.cols; i++) {
        int32_t side = i >= nleft, c = side ? i - nleft : i;
        out.col[i] = !only || only[i]
                         ? pair_column(j, &from[side], side, c, n)
                         : (Column){.type = s->side[side].schema->field[c].type, .rows = n};
    }
    return out;
}
static Status emit_pairs(StreamJoin *j, const PairSource from[2], int32_t n)
{
    Batch out = pairs_batch(j, from, n, NULL);
    return op_emit(&j->op, &out);
}
// Rows of the batch at hand with NULLs for the other side.
static Status emit_alone(StreamJoin *j, int32_t side, const Batch *in, const int32_t *row,
                         int32_t n)
{
    PairSource from[2] = {0};
    from[side] = (PairSource){.in = in, .row = row};
    arena_clear(j->chunk);
    return n ? emit_pairs(j, from, n) : DONE;
}
// The times that a column holds: a window counts by its end.
static const Micros *times_of(const Column *c, const uint8_t **valid, const uint8_t **valid_too)
{
    *valid = c->valid;
    *valid_too = NULL;
    if (c->type->id != T_STRUCT) return COLUMN_DATA(c, Micros);
    const Column *end = &c->kid[c->type->nfields - 1];
    *valid_too = end->valid;
    return COLUMN_DATA(end, Micros);
}
static bool has_time(const uint8_t *valid, const uint8_t *valid_too, int32_t i)
{
    return (!valid || valid[i]) && (!valid_too || valid_too[i]);
}
// -- pairs

// Those of the pairs that the residual condition lets through move to the front.
static Status pairs_thin(StreamJoin *j, int32_t side, const Batch *in, int32_t *n)
{
    if (!j->residual) return DONE;
    PairSource from[2] = {0};
    uint8_t keep[BATCH_ROWS];
    from[side] = (PairSource){.in = in, .row = j->pair_row};
    from[!side] = (PairSource){.with = j->pair_with};
    Batch pairs = pairs_batch(j, from, *n, j->reads);
    TRY(prog_filter(j->residual, &pairs, keep));
    int32_t kept = 0;
    for (int32_t i = 0; i < *n; i++) {
        j->pair_row[kept] = j->pair_row[i];
        j->pair_with[kept] = j->pair_with[i];
        kept += keep[i];
    }
    *n = kept;
    return DONE;
}
// A left row of a semi join comes out once: with its first partner.
static int32_t pairs_first(StreamJoin *j, int32_t side, int32_t n)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t row = j->pair_row[i];
        BagRow *with = j->pair_with[i];
        bool before = side == LEFT ? j->met[row] : with->met;
        j->met[row] = 1;
        if (side == RIGHT) bag_meet(kept_rows(j), with);
        if (before) continue;
        j->pair_row[kept] = row;
        j->pair_with[kept++] = with;
    }
    return kept;
}
static Status pairs_done(StreamJoin *j, int32_t side, const Batch *in)
{
    const StreamJoinSpec *s = j->op.spec;
    int32_t n = j->npairs;
    j->npairs = 0;
    if (!n) return DONE;
    arena_clear(j->chunk);
    TRY(pairs_thin(j, side, in, &n));
    if (s->kind == JOIN_LEFT_SEMI) {
        n = pairs_first(j, side, n);
    } else {
        bool mark = j->side[!side].outer;
        for (int32_t i = 0; i < n; i++) {
            j->met[j->pair_row[i]] = 1;
            if (mark) bag_meet(kept_rows(j), j->pair_with[i]);
        }
    }
    if (!n) return DONE;
    PairSource from[2] = {0};
    from[side] = (PairSource){.in = in, .row = j->pair_row};
    from[!side] = (PairSource){.with = j->pair_with};
    return emit_pairs(j, from, n);
}
static Status pairs_with(StreamJoin *j, int32_t side, const Batch *in, int32_t row, uint32_t from,
                         uint32_t to)
{
    const StreamJoinSpec *s = j->op.spec;
    bool met_passed = s->kind == JOIN_LEFT_SEMI && side == RIGHT;
    const BagEntry *with = j->key[row]->row[!side];
    for (uint32_t k = from; k < to; k++) {
        if (met_passed && with[k].row->met) continue;
        if (j->npairs == BATCH_ROWS) TRY(pairs_done(j, side, in));
        __builtin_prefetch(with[k].row);
        j->pair_row[j->npairs] = row;
        j->pair_with[j->npairs++] = with[k].row;
    }
    return DONE;
}
// The kept rows whose time is too far from this row's, by the bounds that the state has, are passed
// over unseen: those that expire at or before `low`, or at `high` and later but some time.
static void pairs_span(const StreamJoin *j, int32_t side, Micros time, Micros *low, Micros *high)
{
    const StreamJoinSpec *s = j->op.spec;
    const StreamJoinSide *own = &s->side[side], *other = &s->side[!side];
    *low = INT64_MIN;
    *high = BAG_FOREVER;
    if (other->near) *low = time;
    if (other->near && own->near && __builtin_add_overflow(time, own->lag + other->lag, high))
        *high = BAG_FOREVER;
}
static Status pairs_make(StreamJoin *j, int32_t side, const Batch *in)
{
    const StreamJoinSpec *s = j->op.spec;
    const StreamJoinSide *own = &s->side[side];
    const uint8_t *valid = NULL, *valid_too = NULL;
    const Micros *time = own->time < 0 ? NULL : times_of(&in->col[own->time], &valid, &valid_too);
    for (int32_t i = 0; i < in->rows; i++) { // lists lie anywhere: they are asked for first
        const BagKey *key = j->key[i];
        __builtin_prefetch(key->row[!side] + key->n[!side] / 2);
        __builtin_prefetch(key->row[side] + key->n[side], 1);
    }
    for (int32_t i = 0; i < in->rows; i++) {
        const BagKey *key = j->key[i];
        uint32_t n = key->n[!side], from = 0, to = n;
        if (j->mute[i] || !n) continue;
        Micros low = INT64_MIN, high = BAG_FOREVER;
        if (time && has_time(valid, valid_too, i)) pairs_span(j, side, time[i], &low, &high);
        if (low != INT64_MIN && low < BAG_FOREVER) from = bag_from(key, !side, low + 1);
        if (high != BAG_FOREVER) to = MAX(from, bag_from(key, !side, high));
        TRY(pairs_with(j, side, in, i, from, to));
        if (to < n) TRY(pairs_with(j, side, in, i, bag_from(key, !side, BAG_FOREVER), n));
    }
    return pairs_done(j, side, in);
}
// -- rows in

// The rows that are not late; a NULL time is not.
static Batch in_time(StreamJoin *j, int32_t side, const Batch *in)
{
    const StreamJoinSpec *s = j->op.spec;
    int32_t at = s->side[side].time, n = 0;
    if (at < 0 || j->op.late == INT64_MIN) return *in;
    const uint8_t *valid, *valid_too;
    const Micros *time = times_of(&in->col[at], &valid, &valid_too);
    for (int32_t i = 0; i < in->rows; i++) {
        j->row[n] = i;
        n += time[i] > j->op.late || !has_time(valid, valid_too, i);
    }
    if (n == in->rows) return *in;
    j->op.counts.dropped_by_watermark += in->rows - n;
    j->op.late_rows += in->rows - n;
    return op_gather(j->op.scratch, in, j->row, n);
}
// The rows that can match at all. The others of an outer side come out at once.
static Status prefilter(StreamJoin *j, int32_t side, Batch *in)
{
    Side *d = &j->side[side];
    if (!d->filter || !in->rows) return DONE;
    uint8_t keep[BATCH_ROWS];
    TRY(prog_filter(d->filter, in, keep));
    int32_t n = mask_rows(keep, in->rows, j->row);
    if (n == in->rows) return DONE;
    Batch passed = op_gather(j->op.scratch, in, j->row, n);
    for (int32_t i = 0; d->outer && i < in->rows; i++) keep[i] ^= 1;
    if (d->outer) {
        n = mask_rows(keep, in->rows, j->row);
        TRY(emit_alone(j, side, in, j->row, n));
    }
    *in = passed;
    return DONE;
}
static Status find_keys(StreamJoin *j, int32_t side, const Batch *in)
{
    const StreamJoinSpec *s = j->op.spec;
    Column *key = j->side[side].key;
    TRY(prog_run(j->side[side].keys, in, key));
    memset(j->mute, 0, (size_t)in->rows);
    for (int32_t k = 0; k < s->nkeys; k++) {
        if (!key[k].valid || s->null_safe[k]) continue;
        for (int32_t i = 0; i < in->rows; i++) j->mute[i] |= !key[k].valid[i];
    }
    bag_keys(kept_rows(j), key, in->rows, j->key);
    return DONE;
}
static void find_expiry(StreamJoin *j, int32_t side, const Batch *in)
{
    const StreamJoinSpec *s = j->op.spec;
    const StreamJoinSide *d = &s->side[side];
    const uint8_t *valid, *valid_too;
    if (d->expires < 0) {
        for (int32_t i = 0; i < in->rows; i++) j->expiry[i] = BAG_FOREVER;
        return;
    }
    const Column *c = d->expires_key ? &j->side[side].key[d->expires] : &in->col[d->expires];
    const Micros *time = times_of(c, &valid, &valid_too);
    for (int32_t i = 0; i < in->rows; i++) {
        bool stays = !has_time(valid, valid_too, i) || time[i] > d->cap;
        if (d->lag == LAG_NONE)
            j->expiry[i] = 0; // there is no watermark before this one
        else
            stays |= __builtin_add_overflow(time[i], d->lag, &j->expiry[i]);
        if (stays) j->expiry[i] = BAG_FOREVER;
    }
}
// Keeps the rows: of the left side all but those that a semi join is done with, of the right side
// those that will not go in this very epoch, and those that must come out alone when they go (J10).
static void keep_rows(StreamJoin *j, int32_t side, const Batch *in)
{
    const StreamJoinSpec *s = j->op.spec;
    bool semi = s->kind == JOIN_LEFT_SEMI, outer = j->side[RIGHT].outer;
    int32_t n = 0;
    for (int32_t i = 0; i < in->rows; i++) {
        j->kept[n] = i;
        n += side == LEFT ? !(semi && j->met[i])
                          : j->expiry[i] > j->op.evict || (outer && !j->met[i]);
    }
    BagAdd add = {side, in, j->kept, n, j->key, j->expiry, j->met};
    bag_add(kept_rows(j), &add);
    j->op.counts.updated += n;
    if (n < in->rows) bag_release(kept_rows(j), j->key, in->rows);
}
static Status stream_join_rows(Op *op, int32_t port, const Batch *all)
{
    StreamJoin *j = CONTAINER(op, StreamJoin, op);
    Batch in = in_time(j, port, all);
    TRY(prefilter(j, port, &in));
    if (!in.rows) return DONE;
    TRY(find_keys(j, port, &in));
    find_expiry(j, port, &in);
    memset(j->met, 0, (size_t)in.rows);
    TRY(pairs_make(j, port, &in));
    keep_rows(j, port, &in);
    return DONE;
}
// -- the end of the epoch

static Status emit_unmet(StreamJoin *j, int32_t side, BagRows due)
{
    BagRow *row[BATCH_ROWS];
    int32_t n = 0;
    for (int64_t i = 0; i <= due.n; i++) {
        bool more = i < due.n;
        if (more && due.row[i]->side == side && !due.row[i]->met) row[n++] = due.row[i];
        if (n < BATCH_ROWS && (more || !n)) continue;
        PairSource from[2] = {0};
        from[side].with = row;
        arena_clear(j->chunk);
        TRY(emit_pairs(j, from, n));
        n = 0;
    }
    return DONE;
}
static Status stream_join_flush(Op *op)
{
    StreamJoin *j = CONTAINER(op, StreamJoin, op);
    if (op->evict == INT64_MIN) return DONE;
    BagRows due = bag_due(kept_rows(j), op->evict, op->scratch);
    for (int32_t side = LEFT; side <= RIGHT; side++)
        if (j->side[side].outer) TRY(emit_unmet(j, side, due));
    for (int64_t i = 0; i < due.n; i++) op->counts.removed += !j->side[due.row[i]->side].outer;
    bag_expire(kept_rows(j), op->evict);
    return DONE;
}
// -- the state

enum { SLICES = 64 }; // of the span that rows are kept for
static Micros slice_width(const StreamJoinSpec *s)
{
    Micros span = 0;
    for (int32_t i = 0; i < 2; i++) {
        Micros lag = s->side[i].lag;
        if (s->side[i].expires >= 0 && lag != LAG_NONE) span = MAX(span, lag < 0 ? -lag : lag);
    }
    return MAX(span / SLICES, MICROS_PER_SECOND);
}
void stream_join_state(BagSpec *bag, Str *schema, Arena *a, const StreamJoinSpec *s)
{
    const Type **key = NEW(a, const Type *, s->nkeys);
    for (int32_t i = 0; i < s->nkeys; i++) key[i] = s->side[LEFT].key[i]->type;
    *bag = (BagSpec){.key = key,
                     .nkeys = s->nkeys,
                     .side = {s->side[LEFT].schema, s->side[RIGHT].schema},
                     .slice = slice_width(s)};
    Buf b = buf_new(a);
    for (int32_t i = 0; i < s->nkeys; i++) {
        if (i) buf_put(&b, S(", "));
        type_name(&b, key[i]);
    }
    for (int32_t i = 0; i < 2; i++) {
        const Schema *side = s->side[i].schema;
        buf_put(&b, i ? S(" | ") : S(";"));
        for (int32_t c = 0; c < side->nfields; c++) {
            if (c) buf_put(&b, S(", "));
            type_name(&b, side->field[c].type);
            if (!side->field[c].nullable) buf_put(&b, S(" not null"));
        }
    }
    *schema = buf_str(&b);
}
const OpKind op_stream_join = {.name = "symmetricHashJoin",
                               .size = sizeof(StreamJoin),
                               .open = stream_join_open,
                               .rows = stream_join_rows,
                               .flush = stream_join_flush,
                               .again = AGAIN_ALWAYS,
                               .stores = 4};
