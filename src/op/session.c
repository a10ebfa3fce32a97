// session.c -- rows into sessions and out of them. Of a batch the rows are put into order of time;
// each key's stored sessions are taken between them by their starts, as if all had been sorted
// together. What does not continue a stored session is a piece at first, and a row in the end.
#include "op/aggregate.h"
#include "op/session_in.h"
#include <stdlib.h>

enum { HELD_MAX = 1 << 20 };

TableSpec session_table_spec(Arena *a, const SessionSpec *spec, const AggPlan *plan)
{
    const Type **key = NEW(a, const Type *, spec->nkeys + 1);
    for (int32_t i = 0; i < spec->nkeys; i++) key[i] = spec->key[i];
    key[spec->nkeys] = &type_int;
    return (TableSpec){.key = key,
                       .nkeys = spec->nkeys + 1,
                       .inner_keys = 1,
                       .time_key = -1,
                       .payload_bytes = plan->payload_bytes,
                       .blob_at = plan->blob_at,
                       .nblobs = plan->nblobs};
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
    s->zeros = column_new(a, &type_int, BATCH_ROWS);
    memset(s->zeros.data, 0, BATCH_ROWS * sizeof(int32_t));
    s->payload = NEW(a, char *, BATCH_ROWS);
    s->to = NEW(a, char *, BATCH_ROWS);
    s->keep = NEW(a, uint8_t, BATCH_ROWS);
    s->is_new = NEW(a, uint8_t, BATCH_ROWS);
    if (!spec->batch) return DONE;
    TableSpec *table = NEW(a, TableSpec, 1);
    *table = session_table_spec(a, spec, s->plan);
    s->own = table_new(a, table);
    return DONE;
}
static bool closes(const Session *s)
{
    const SessionSpec *spec = s->op.spec;
    return spec->timed && !spec->batch && s->op.ctx->mode == MODE_APPEND && !s->op.ctx->last;
}
// The index of what is stored, made anew after a restart.
static void index_rows(Session *s)
{
    if (s->due || !closes(s)) return;
    s->due = due_new(s->op.arena);
    Arena *a = arena_new(NULL);
    TableRows all = table_all(session_table(s), a);
    for (int64_t i = 0; i < all.n; i++)
        due_put(s->due, session_head(all.payload[i])->end, all.payload[i]);
    arena_free(a);
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
static Open *open_new(Session *s, Run *r, Micros start, Micros end)
{
    Open *o = NEW(s->work, Open, 1);
    *o = (Open){.before = r->last, .start = start, .end = end};
    r->last = o;
    return o;
}
static Open *open_piece(Session *s, Run *r, Micros start, Micros end)
{
    Open *o = open_new(s, r, start, end);
    int64_t words = s->plan->payload_bytes / 8;
    o->payload = (char *)NEW(s->work, int64_t, words);
    session_head(o->payload)->fresh = 1;
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
        rows.blobs = table_blobs(session_table(s));
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
    char *payload = r->in_order[r->next++];
    SessionHead *h = session_head(payload);
    Open *o = r->last;
    if (!o || h->start > o->end) {
        o = open_new(s, r, h->start, h->end);
        o->payload = payload;
        o->stored = true;
        return DONE;
    }
    TRY(fold(s, st, row));
    AggRows to = {.payload = &o->payload, .n = 1, .blobs = table_blobs(session_table(s))};
    for (int32_t i = 0; i < spec->naggs; i++)
        TRY(agg_merge(&s->plan->call[i], &to, &(const char *){payload}));
    o->end = MAX(o->end, h->end);
    o->changed = true;
    s->op.counts.removed += !h->fresh;
    h->end = SESSION_GONE;
    return DONE;
}
static Status take_row(Session *s, Run *r, Steps *st, int32_t row)
{
    const SessionSpec *spec = s->op.spec;
    Micros start = COLUMN_DATA(&st->in->col[spec->nkeys], Micros)[row];
    Micros end = COLUMN_DATA(&st->in->col[spec->nkeys + 1], Micros)[row];
    while (r->next < r->nstored && session_head(r->in_order[r->next])->start <= start)
        TRY(take_stored(s, r, st, row));
    Open *o = r->last;
    if (!o || start > o->end) o = open_piece(s, r, start, end);
    o->end = MAX(o->end, end);
    o->changed = true;
    s->to[row] = o->payload;
    return DONE;
}
// Rows in order of time, none of them late.
static Status take_rows(Session *s, const Batch *in)
{
    const SessionSpec *spec = s->op.spec;
    Column *key = NEW(s->work, Column, spec->nkeys + 1);
    memcpy(key, in->col, (size_t)spec->nkeys * sizeof *key);
    key[spec->nkeys] = s->zeros;
    key[spec->nkeys].rows = in->rows;
    table_upsert(session_table(s), key, in->rows, NULL, s->payload, NULL);
    Runs runs = {.key = key, .nkeys = spec->nkeys};
    runs_of(s, &runs, s->payload, in->rows);
    Steps st = {.in = in};
    for (int32_t i = 0; i < in->rows; i++)
        TRY(take_row(s, &runs.v[session_head(s->payload[i])->mark - 1], &st, i));
    TRY(fold(s, &st, in->rows));
    for (int32_t i = 0; i < runs.n; i++)
        while (runs.v[i].next < runs.v[i].nstored) TRY(take_stored(s, &runs.v[i], &st, in->rows));
    runs_store(s, &runs);
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
        arena_clear(s->work);
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
    arena_clear(s->work);
    index_rows(s);
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

static Status emit(Session *s, TableRows rows)
{
    const SessionSpec *spec = s->op.spec;
    int32_t nkeys = spec->nkeys, at = spec->session_at;
    for (int64_t from = 0; from < rows.n; from += BATCH_ROWS) {
        Arena *a = s->work;
        arena_clear(a);
        char *const *row = rows.payload + from;
        Batch out = {.rows = (int32_t)MIN(BATCH_ROWS, rows.n - from),
                     .cols = nkeys + 1 + spec->naggs};
        Column *key = NEW(a, Column, nkeys + 1);
        out.col = NEW(a, Column, out.cols);
        table_keys(session_table(s), row, out.rows, key, a);
        for (int32_t k = 0; k < nkeys; k++) out.col[k < at ? k : k + 1] = key[k];
        Column *w = &out.col[at];
        *w = column_new(a, spec->session, out.rows);
        for (int32_t i = 0; i < out.rows; i++) {
            COLUMN_DATA(&w->kid[0], Micros)[i] = session_head(row[i])->start;
            COLUMN_DATA(&w->kid[1], Micros)[i] = session_head(row[i])->end;
        }
        for (int32_t i = 0; i < spec->naggs; i++) {
            const AggCall *c = &s->plan->call[i];
            out.col[nkeys + 1 + i] = column_new(a, c->type, out.rows);
            TRY(agg_result(c, row, out.rows, &out.col[nkeys + 1 + i], a));
        }
        TRY(op_emit(&s->op, &out));
    }
    return DONE;
}
typedef struct Closed {
    Micros end, start;
    uint64_t hash;
    char *payload;
} Closed;
static int closed_cmp(const void *x, const void *y)
{
    const Closed *a = x, *b = y;
    if (a->end != b->end) return a->end < b->end ? -1 : 1;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return (a->payload > b->payload) - (a->payload < b->payload);
}
// The sessions that the watermark closed, in an order that no restart changes: by their ends. An
// entry of the index may be of a session that is gone or has grown, and one may have several.
static TableRows closed_rows(Session *s)
{
    const Op *op = &s->op;
    TableRows due = due_take(s->due, op->evict, op->scratch);
    Closed *c = NEW_RAW(op->scratch, Closed, due.n);
    int64_t n = 0;
    for (int64_t i = 0; i < due.n; i++) {
        const SessionHead *h = session_head(due.payload[i]);
        if (h->end == SESSION_GONE) continue;
        if (h->end > op->evict)
            due_put(s->due, h->end, due.payload[i]);
        else
            c[n++] = (Closed){h->end, h->start, table_hash(session_table(s), due.payload[i]),
                              due.payload[i]};
    }
    if (n) qsort(c, (size_t)n, sizeof *c, closed_cmp);
    TableRows rows = {due.payload, 0};
    for (int64_t i = 0; i < n; i++)
        if (!i || c[i].payload != c[i - 1].payload) rows.payload[rows.n++] = c[i].payload;
    return rows;
}
static void remove_closed(Session *s, TableRows rows)
{
    const SessionSpec *spec = s->op.spec;
    for (int64_t i = 0; i < rows.n; i++) session_head(rows.payload[i])->end = SESSION_GONE;
    for (int64_t at = 0; at < rows.n; at += BATCH_ROWS) {
        arena_clear(s->work);
        int32_t n = (int32_t)MIN(BATCH_ROWS, rows.n - at);
        Column *key = NEW(s->work, Column, spec->nkeys + 1);
        table_keys(session_table(s), rows.payload + at, n, key, s->work);
        key[spec->nkeys] = s->zeros;
        key[spec->nkeys].rows = n;
        table_lookup(session_table(s), key, n, NULL, s->payload);
        Runs runs = {.key = key, .nkeys = spec->nkeys};
        runs_of(s, &runs, s->payload, n);
        runs_store(s, &runs);
    }
    s->op.counts.removed += rows.n;
}
// What Spark counts as updated: every session of a key that had rows.
static int64_t settle_changed(Session *s)
{
    TableRows changed = table_changed(session_table(s), s->op.scratch);
    int64_t n = 0;
    for (int64_t i = 0; i < changed.n; i++) {
        SessionHead *h = session_head(changed.payload[i]);
        n += h->count;
        h->fresh = 0;
    }
    return n;
}
static Status session_flush(Op *op)
{
    Session *s = CONTAINER(op, Session, op);
    const SessionSpec *spec = op->spec;
    TRY(take_held(s));
    if (s->late) table_clear(s->late);
    if (spec->batch) {
        TRY(emit(s, table_all(s->own, op->scratch)));
        table_clear(s->own);
        return DONE;
    }
    op->counts.updated += settle_changed(s);
    if (op->ctx->last || op->ctx->mode == MODE_COMPLETE)
        return emit(s, table_all(session_table(s), op->scratch));
    index_rows(s);
    if (!s->due) return DONE;
    TableRows rows = closed_rows(s);
    TRY(emit(s, rows));
    remove_closed(s, rows);
    return DONE;
}
const OpKind op_session = {.name = "sessionWindowStateStoreSaveExec",
                           .size = sizeof(Session),
                           .open = session_open,
                           .rows = session_rows,
                           .flush = session_flush,
                           .again = AGAIN_UNLESS_COMPLETE};

Status session_state(TableSpec *table, Str *schema, Arena *a, const SessionSpec *spec,
                     const EvalCtx *ctx)
{
    AggPlan *plan = NULL;
    TRY(agg_plan(&plan, a, spec->agg, spec->naggs, (int32_t)sizeof(SessionHead), ctx));
    *table = session_table_spec(a, spec, plan);
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
