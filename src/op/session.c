// session.c -- rows into sessions and out of them. Of a batch the rows are put into order of time;
// each key's stored sessions are taken between them by their starts, as if all had been sorted
// together. What does not continue a stored session is a piece at first, and a row in the end.
#include "op/aggregate.h"
#include "op/session_in.h"
#include <stdlib.h>

enum { HELD_MAX = 1 << 17 }; // rows put into order at once: of a shard, in an epoch

TableSpec session_table_spec(Arena *a, const SessionSpec *spec)
{
    int32_t *blob_at = NEW(a, int32_t, 1); // the list begins the row
    return (TableSpec){.key = spec->key,
                       .nkeys = spec->nkeys,
                       .time_key = -1,
                       .payload_bytes = (int32_t)sizeof(SessionRow),
                       .blob_at = blob_at,
                       .nblobs = 1,
                       .removes = true};
}
static Status session_open(Op *op)
{
    Session *s = CONTAINER(op, Session, op);
    const SessionSpec *spec = op->spec;
    Arena *a = op->arena;
    TRY(agg_plan(&s->plan, a, spec->agg, spec->naggs, (int32_t)sizeof(SessionHead),
                 &op->ctx->eval));
    s->arg_at = NEW(a, int32_t, spec->naggs + 1);
    s->filter_at = NEW(a, int32_t, spec->naggs + 1);
    int32_t at = spec->nkeys + 2;
    for (int32_t i = 0; i < spec->naggs; i++) {
        s->arg_at[i] = at;
        at += spec->agg[i]->nargs;
        s->filter_at[i] = spec->agg[i]->filter ? at++ : -1;
    }
    s->work = arena_new(a);
    s->pool = blob_pool_new(a);
    s->payload = NEW(a, char *, BATCH_ROWS);
    s->to = NEW(a, char *, BATCH_ROWS);
    s->keep = NEW(a, uint8_t, BATCH_ROWS);
    s->is_new = NEW(a, uint8_t, BATCH_ROWS);
    if (!spec->batch) return DONE;
    TableSpec *table = NEW(a, TableSpec, 1);
    *table = session_table_spec(a, spec);
    s->own = table_new(a, table);
    return DONE;
}
static bool closes(const Session *s)
{
    const SessionSpec *spec = s->op.spec;
    return spec->timed && !spec->batch && s->op.ctx->mode == MODE_APPEND && !s->op.ctx->last;
}
// Counts what is stored, and makes its index: anew after a restart.
static Status know_rows(Session *s)
{
    if (s->counted) return DONE;
    s->counted = true;
    if (closes(s)) s->due = due_new(s->op.arena);
    TableRows all = table_all(session_table(s), s->op.scratch);
    for (int64_t i = 0; i < all.n; i++) {
        SessionRow *row = session_row(all.payload[i]);
        TRY(row_check(s, row));
        s->total += row->n;
        if (!s->due) continue;
        row->queued = record_head(row->list.p).end;
        due_put(s->due, row->queued, all.payload[i]);
    }
    return DONE;
}
static void work_begin(Session *s)
{
    arena_clear(s->work);
    blob_pool_clear(s->pool);
}

// -- rows

// Counts the groups that are late and were not seen to be so before in this epoch: rows of one key
// and one time are one.
static void count_late(Session *s, const Batch *in, const uint8_t *late)
{
    const SessionSpec *spec = s->op.spec;
    if (!s->late) {
        const Type **key = NEW(s->op.arena, const Type *, spec->nkeys + 2);
        for (int32_t i = 0; i < spec->nkeys + 2; i++) key[i] = in->col[i].type;
        TableSpec *table = NEW(s->op.arena, TableSpec, 1);
        *table = (TableSpec){.key = key, .nkeys = spec->nkeys + 2, .time_key = -1};
        s->late = table_new(s->op.arena, table);
    }
    table_upsert(s->late, in->col, in->rows, late, s->payload, s->is_new);
    for (int32_t i = 0; i < in->rows; i++) s->op.counts.dropped_by_watermark += s->is_new[i];
}
// The rows that are not late by their own end (T17).
static Batch in_time(Session *s, const Batch *in)
{
    const SessionSpec *spec = s->op.spec;
    const Micros *end = COLUMN_DATA(&in->col[spec->nkeys + 1], Micros);
    int32_t late = 0;
    for (int32_t i = 0; i < in->rows && spec->timed; i++) late += s->keep[i] = end[i] <= s->op.late;
    if (!late) return *in;
    s->op.late_rows += late;
    count_late(s, in, s->keep);
    for (int32_t i = 0; i < in->rows; i++) s->keep[i] ^= 1;
    int32_t *row = NEW_RAW(s->work, int32_t, in->rows);
    return op_gather(s->work, in, row, mask_rows(s->keep, in->rows, row));
}
static Open *open_new(Session *s, Run *r, SessionHead h)
{
    Open *o = NEW(s->work, Open, 1);
    *o = (Open){.start = h.start, .end = h.end};
    if (r->last)
        r->last->next = o;
    else
        r->first = o;
    r->last = o;
    return o;
}
static Open *open_piece(Session *s, Run *r, Micros start, Micros end)
{
    Open *o = open_new(s, r, (SessionHead){.start = start, .end = end});
    o->payload = (char *)NEW(s->work, int64_t, s->plan->payload_bytes / 8);
    session_head(o->payload)->epoch = s->op.ctx->epoch;
    return o;
}
typedef struct Steps { // rows whose sessions are known and that are not folded yet
    const Batch *in;
    int32_t from;
} Steps;
static Status fold(Session *s, Steps *st, int32_t to)
{
    const SessionSpec *spec = s->op.spec;
    int32_t n = to - st->from;
    const Column *arg[AGG_ARGS_MAX];
    if (!n) return DONE;
    Batch in = batch_slice(s->work, st->in, st->from, n);
    for (int32_t i = 0; i < spec->naggs; i++) {
        AggRows rows = {.payload = s->to + st->from, .n = n};
        rows.blobs = s->pool;
        for (int32_t k = 0; k < spec->agg[i]->nargs; k++) arg[k] = &in.col[s->arg_at[i] + k];
        if (s->filter_at[i] >= 0) {
            const Column *f = &in.col[s->filter_at[i]];
            for (int32_t k = 0; k < n; k++)
                s->keep[k] = COLUMN_DATA(f, uint8_t)[k] && !column_null(f, k);
            rows.keep = s->keep;
        }
        TRY(agg_step(&s->plan->call[i], &rows, arg));
    }
    st->from = to;
    return DONE;
}
// The key's next stored session: merged into the open one when they touch, opened else.
static Status take_stored(Session *s, Run *r, Steps *st, int32_t row)
{
    const SessionSpec *spec = s->op.spec;
    SessionHead h = record_head(r->at);
    char *payload = record_open(s, r->at);
    r->at += record_bytes(s->plan, r->at);
    Open *o = r->last;
    if (!o || h.start > o->end) {
        open_new(s, r, h)->payload = payload;
        return DONE;
    }
    TRY(fold(s, st, row));
    AggRows to = {.payload = &o->payload, .n = 1, .blobs = s->pool};
    for (int32_t i = 0; i < spec->naggs; i++)
        TRY(agg_merge(&s->plan->call[i], &to, &(const char *){payload}));
    o->end = MAX(o->end, h.end);
    s->op.counts.removed += h.epoch != s->op.ctx->epoch;
    return DONE;
}
static Status take_row(Session *s, Run *r, Steps *st, int32_t row)
{
    const SessionSpec *spec = s->op.spec;
    Micros start = COLUMN_DATA(&st->in->col[spec->nkeys], Micros)[row];
    Micros end = COLUMN_DATA(&st->in->col[spec->nkeys + 1], Micros)[row];
    while (r->at < r->to && record_head(r->at).start <= start) TRY(take_stored(s, r, st, row));
    Open *o = r->last;
    if (!o || start > o->end) o = open_piece(s, r, start, end);
    o->end = MAX(o->end, end);
    s->to[row] = o->payload;
    return DONE;
}
// The runs of the batch, one a key; whose they are is marked in the keys' rows.
static Run *runs_of(Session *s, const Batch *in, int32_t *n)
{
    const SessionSpec *spec = s->op.spec;
    const Micros *start = COLUMN_DATA(&in->col[spec->nkeys], Micros);
    Run *run = NEW_RAW(s->work, Run, in->rows);
    for (int32_t i = 0; i < in->rows; i++) {
        SessionRow *row = session_row(s->payload[i]);
        if (row->mark) continue;
        if (s->is_new[i]) row->queued = INT64_MAX;
        run[*n] = run_of(s, row, start[i]);
        row->mark = ++*n;
    }
    return run;
}
// Rows in order of time, none of them late.
static Status take_rows(Session *s, const Batch *in)
{
    int32_t nruns = 0;
    table_upsert(session_table(s), in->col, in->rows, NULL, s->payload, s->is_new);
    Run *run = runs_of(s, in, &nruns);
    Steps st = {.in = in};
    for (int32_t i = 0; i < in->rows; i++)
        TRY(take_row(s, &run[session_row(s->payload[i])->mark - 1], &st, i));
    TRY(fold(s, &st, in->rows));
    for (int32_t i = 0; i < nruns; i++) {
        while (run[i].at < run[i].to) TRY(take_stored(s, &run[i], &st, in->rows));
        TRY(run_store(s, &run[i]));
    }
    return DONE;
}
static Status hold(Session *s, const Batch *in)
{
    if (!s->held) {
        s->held = NEW(s->op.arena, Builder *, in->cols + 1);
        for (int32_t c = 0; c < in->cols; c++)
            s->held[c] = builder_new(s->op.arena, in->col[c].type);
    }
    for (int32_t c = 0; c < in->cols; c++) builder_rows(s->held[c], &in->col[c], NULL, in->rows);
    s->nheld += in->rows;
    return DONE;
}
static Status take_held(Session *s)
{
    const SessionSpec *spec = s->op.spec;
    int32_t n = (int32_t)s->nheld, cols = 0;
    if (!n) return DONE;
    Arena *a = arena_new(s->op.arena);
    for (int32_t i = 0; i < spec->naggs; i++)
        cols += spec->agg[i]->nargs + (spec->agg[i]->filter != NULL);
    Batch all = {.rows = n, .cols = cols + spec->nkeys + 2};
    all.col = NEW(a, Column, all.cols);
    for (int32_t c = 0; c < all.cols; c++) all.col[c] = builder_column(s->held[c]);
    int32_t *row = NEW_RAW(a, int32_t, n);
    order_by_time(a, COLUMN_DATA(&all.col[spec->nkeys], Micros), n, row);
    for (int32_t at = 0; at < n; at += BATCH_ROWS) {
        work_begin(s);
        Batch in = op_gather(s->work, &all, row + at, MIN(BATCH_ROWS, n - at));
        TRY(take_rows(s, &in));
    }
    for (int32_t c = 0; c < all.cols; c++) builder_clear(s->held[c]);
    s->nheld = 0;
    arena_free(a);
    return DONE;
}
static Status session_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    Session *s = CONTAINER(op, Session, op);
    const SessionSpec *spec = op->spec;
    work_begin(s);
    TRY(know_rows(s));
    Batch rows = in_time(s, in);
    if (!rows.rows) return DONE;
    if (spec->in_order) {
        TRY(hold(s, &rows));
        return s->nheld < HELD_MAX ? DONE : take_held(s);
    }
    int32_t *row = NEW_RAW(s->work, int32_t, rows.rows);
    const Micros *start = COLUMN_DATA(&rows.col[spec->nkeys], Micros);
    if (!order_by_time(s->work, start, rows.rows, row))
        rows = op_gather(s->work, &rows, row, rows.rows);
    return take_rows(s, &rows);
}

// -- the epoch's end

typedef struct Out1 { // a session on its way out
    Micros end;
    uint64_t hash; // of the key, which has no other session of this end
    char *row;
    const char *record;
} Out1;
typedef struct Outs {
    Out1 *v;
    int64_t n;
} Outs;

static int out_cmp(const void *x, const void *y)
{
    const Out1 *a = x, *b = y;
    if (a->end != b->end) return a->end < b->end ? -1 : 1;
    return (a->hash > b->hash) - (a->hash < b->hash);
}
// Into order of out_cmp: by digits of the end, and what ends together by the rest.
static void outs_sort(Arena *a, Outs *outs)
{
    enum { BITS = 11, SLOTS = 1 << BITS };
    Micros low = INT64_MAX, high = INT64_MIN;
    int64_t n = outs->n, *slot = NEW_RAW(a, int64_t, SLOTS);
    Out1 *from = outs->v, *to = NEW_RAW(a, Out1, n), *swap;
    for (int64_t i = 0; i < n; i++) {
        low = MIN(low, from[i].end);
        high = MAX(high, from[i].end);
    }
    uint64_t span = n ? (uint64_t)high - (uint64_t)low : 0;
    for (int32_t shift = 0; shift < 64 && span >> shift; shift += BITS) {
#define SLOT(o) (((uint64_t)(o)->end - (uint64_t)low) >> shift & (SLOTS - 1))
        memset(slot, 0, SLOTS * sizeof *slot);
        for (int64_t i = 0; i < n; i++) slot[SLOT(&from[i])]++;
        for (int64_t i = 0, at = 0; i < SLOTS; i++) {
            int64_t count = slot[i];
            slot[i] = at;
            at += count;
        }
        for (int64_t i = 0; i < n; i++) to[slot[SLOT(&from[i])]++] = from[i];
        swap = from;
        from = to;
        to = swap;
    }
    outs->v = from;
    for (int64_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && from[k].end == from[i].end;) k++;
        if (k > i + 1) qsort(from + i, (size_t)(k - i), sizeof *from, out_cmp);
    }
}
static Outs outs_new(Session *s, TableRows rows) // room for all sessions of these keys
{
    int64_t n = 0;
    for (int64_t i = 0; i < rows.n; i++) n += session_row(rows.payload[i])->n;
    return (Outs){NEW_RAW(s->op.scratch, Out1, n), 0};
}
// The first sessions of a key, up to those that end after `upto`.
static void list_sessions(Session *s, char *payload, Micros upto, Outs *outs)
{
    const SessionRow *row = session_row(payload);
    const char *at = row->list.p;
    uint64_t hash = table_hash(session_table(s), payload);
    for (int32_t i = 0; i < row->n; i++) {
        SessionHead h = record_head(at);
        if (h.end > upto) return;
        outs->v[outs->n++] = (Out1){h.end, hash, payload, at};
        at += record_bytes(s->plan, at);
    }
}
static void put_windows(const Out1 *o, Column *w, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        COLUMN_DATA(&w->kid[0], Micros)[i] = record_head(o[i].record).start;
        COLUMN_DATA(&w->kid[1], Micros)[i] = o[i].end;
    }
}
static Status emit(Session *s, const Out1 *o, int32_t n)
{
    const SessionSpec *spec = s->op.spec;
    int32_t nkeys = spec->nkeys, at = spec->session_at;
    work_begin(s);
    Arena *a = s->work;
    for (int32_t i = 0; i < n; i++) {
        s->payload[i] = o[i].row;
        s->to[i] = record_open(s, o[i].record);
    }
    Batch out = {.rows = n, .cols = nkeys + 1 + spec->naggs};
    Column *key = NEW(a, Column, nkeys + 1);
    out.col = NEW(a, Column, out.cols);
    table_keys(session_table(s), s->payload, n, key, a);
    for (int32_t k = 0; k < nkeys; k++) out.col[k < at ? k : k + 1] = key[k];
    out.col[at] = column_new(a, spec->session, n);
    put_windows(o, &out.col[at], n);
    for (int32_t i = 0; i < spec->naggs; i++) {
        const AggCall *c = &s->plan->call[i];
        out.col[nkeys + 1 + i] = column_new(a, c->type, n);
        TRY(agg_result(c, s->to, n, &out.col[nkeys + 1 + i], a));
    }
    return op_emit(&s->op, &out);
}
static Status emit_all(Session *s, const Outs *outs)
{
    for (int64_t at = 0; at < outs->n; at += BATCH_ROWS)
        TRY(emit(s, outs->v + at, (int32_t)MIN(BATCH_ROWS, outs->n - at)));
    return DONE;
}
static Status emit_rows(Session *s, TableRows rows)
{
    Outs outs = outs_new(s, rows);
    for (int64_t i = 0; i < rows.n; i++) list_sessions(s, rows.payload[i], INT64_MAX, &outs);
    return emit_all(s, &outs);
}
// Takes the sessions that the watermark closed from the beginning of a key's list.
static void drop_closed(Session *s, char *payload)
{
    SessionRow *row = session_row(payload);
    char *at = row->list.p;
    int32_t n = 0;
    for (; n < row->n && record_head(at).end <= s->op.evict; n++) at += record_bytes(s->plan, at);
    row->n -= n;
    s->total -= n;
    s->op.counts.removed += n;
    if (!row->n) {
        table_remove(session_table(s), payload);
        return;
    }
    row->list.n -= (uint32_t)(at - row->list.p);
    memmove(row->list.p, at, row->list.n);
    table_touch(session_table(s), payload);
    row->queued = record_head(row->list.p).end;
    due_put(s->due, row->queued, payload);
}
// The sessions that the watermark closed, in an order that no restart changes. An entry of the
// index may be of a row that is gone or has another entry.
static Status close_sessions(Session *s)
{
    Op *op = &s->op;
    TableRows due = due_take(s->due, op->evict, op->scratch);
    Outs outs = outs_new(s, due);
    int64_t n = 0;
    for (int64_t i = 0; i < due.n; i++) {
        SessionRow *row = session_row(due.payload[i]);
        if (!row->n || row->queued > op->evict) continue;
        row->queued = INT64_MAX;
        list_sessions(s, due.payload[i], op->evict, &outs);
        due.payload[n++] = due.payload[i];
    }
    outs_sort(op->scratch, &outs);
    TRY(emit_all(s, &outs));
    for (int64_t i = 0; i < n; i++) drop_closed(s, due.payload[i]);
    return DONE;
}
static Status session_flush(Op *op)
{
    Session *s = CONTAINER(op, Session, op);
    const SessionSpec *spec = op->spec;
    TRY(know_rows(s));
    TRY(take_held(s));
    if (s->late) table_clear(s->late);
    if (spec->batch) {
        TRY(emit_rows(s, table_all(s->own, op->scratch)));
        table_clear(s->own);
        return DONE;
    }
    TableRows changed = table_changed(session_table(s), op->scratch);
    for (int64_t i = 0; i < changed.n; i++) // Spark counts every session of a key that had rows
        op->counts.updated += session_row(changed.payload[i])->n;
    if (op->ctx->last || op->ctx->mode == MODE_COMPLETE)
        return emit_rows(s, table_all(session_table(s), op->scratch));
    return s->due ? close_sessions(s) : DONE;
}
static int64_t session_total(Op *op)
{
    Session *s = CONTAINER(op, Session, op);
    return s->total; // 0 before the first epoch, when the state may still be read
}
const OpKind op_session = {.name = "sessionWindowStateStoreSaveExec",
                           .size = sizeof(Session),
                           .open = session_open,
                           .rows = session_rows,
                           .flush = session_flush,
                           .total = session_total,
                           .again = AGAIN_UNLESS_COMPLETE};

Status session_state(TableSpec *table, Str *schema, Arena *a, const SessionSpec *spec,
                     const EvalCtx *ctx)
{
    AggPlan *plan = NULL;
    TRY(agg_plan(&plan, a, spec->agg, spec->naggs, (int32_t)sizeof(SessionHead), ctx));
    *table = session_table_spec(a, spec);
    table->track = true;
    Buf b = buf_new(a);
    for (int32_t i = 0; i < spec->nkeys; i++) {
        type_name(&b, spec->key[i]);
        buf_put(&b, S(", "));
    }
    buf_put(&b, S("session;"));
    agg_shape(&b, spec->agg, plan);
    *schema = buf_str(&b);
    return DONE;
}
