// session_keys.c -- the sessions of a key as rows of a table: loading them, and putting them back
// without holes between the ordinals.
#include "op/session_in.h"

enum { SORTED_RUN = 16 };

static void sort_few(const Micros *time, int32_t *row, int32_t n)
{
    for (int32_t i = 1; i < n; i++) {
        int32_t x = row[i], k = i;
        for (; k > 0 && time[row[k - 1]] > time[x]; k--) row[k] = row[k - 1];
        row[k] = x;
    }
}
static void merge_two(const Micros *time, const int32_t *from, int32_t n, int32_t half, int32_t *to)
{
    int32_t x = 0, y = half, k = 0;
    while (x < half && y < n) to[k++] = time[from[y]] < time[from[x]] ? from[y++] : from[x++];
    while (x < half) to[k++] = from[x++];
    while (y < n) to[k++] = from[y++];
}
bool order_by_time(Arena *a, const Micros *time, int32_t n, int32_t *row)
{
    bool sorted = true;
    for (int32_t i = 1; i < n; i++) sorted &= time[i - 1] <= time[i];
    for (int32_t i = 0; i < n; i++) row[i] = i;
    if (sorted) return true;
    for (int32_t at = 0; at < n; at += SORTED_RUN)
        sort_few(time, row + at, MIN(SORTED_RUN, n - at));
    int32_t *from = row, *to = NEW_RAW(a, int32_t, n), *swap;
    for (int64_t width = SORTED_RUN; width < n; width *= 2) {
        for (int64_t at = 0; at < n; at += 2 * width) {
            int32_t all = (int32_t)MIN(2 * width, n - at);
            merge_two(time, from + at, all, (int32_t)MIN(width, all), to + at);
        }
        swap = from;
        from = to;
        to = swap;
    }
    if (from != row) memcpy(row, from, (size_t)n * sizeof *row);
    return false;
}

// -- rows of several runs and ordinals at once

typedef struct Places { // the rows (key of run[i], ordinal[i])
    Run **run;
    int32_t *ordinal;
    char **payload;
    int32_t n;
} Places;

static Places places_new(Arena *a)
{
    return (Places){.run = NEW_RAW(a, Run *, BATCH_ROWS),
                    .ordinal = NEW_RAW(a, int32_t, BATCH_ROWS),
                    .payload = NEW_RAW(a, char *, BATCH_ROWS)};
}
static void places_keys(Session *s, const Runs *runs, const Places *p, Column *key)
{
    int32_t *row = NEW_RAW(s->work, int32_t, p->n);
    for (int32_t i = 0; i < p->n; i++) row[i] = p->run[i]->row;
    for (int32_t k = 0; k < runs->nkeys; k++)
        key[k] = column_gather(s->work, &runs->key[k], row, p->n);
    key[runs->nkeys] = (Column){.type = &type_int, .data = p->ordinal, .rows = p->n};
}
static void places_find(Session *s, const Runs *runs, Places *p)
{
    if (!p->n) return;
    Column *key = NEW(s->work, Column, runs->nkeys + 1);
    places_keys(s, runs, p, key);
    table_lookup(session_table(s), key, p->n, NULL, p->payload);
    for (int32_t i = 0; i < p->n; i++) {
        must(p->payload[i]);
        p->run[i]->stored[p->ordinal[i]] = p->payload[i];
    }
    p->n = 0;
}
static void load_rows(Session *s, Runs *runs)
{
    Places p = places_new(s->work);
    for (int32_t i = 0; i < runs->n; i++) {
        Run *r = &runs->v[i];
        r->nstored = session_head(r->first)->count;
        r->nrows = MAX(r->nstored, 1);
        r->stored = NEW_RAW(s->work, char *, r->nrows);
        r->stored[0] = r->first;
        for (int32_t k = 1; k < r->nrows; k++) {
            p.run[p.n] = r;
            p.ordinal[p.n++] = k;
            if (p.n == BATCH_ROWS) places_find(s, runs, &p);
        }
    }
    places_find(s, runs, &p);
}
static void order_stored(Session *s, Run *r)
{
    r->in_order = NEW_RAW(s->work, char *, r->nstored + 1);
    for (int32_t i = 0; i < r->nstored; i++) {
        char *p = r->stored[i];
        int32_t k = i;
        for (; k > 0 && session_head(r->in_order[k - 1])->start > session_head(p)->start; k--)
            r->in_order[k] = r->in_order[k - 1];
        r->in_order[k] = p;
    }
}
void runs_of(Session *s, Runs *runs, char *const *first, int32_t n)
{
    runs->v = NEW(s->work, Run, n + 1);
    for (int32_t i = 0; i < n; i++) {
        if (!first[i] || session_head(first[i])->mark) continue;
        runs->v[runs->n++] = (Run){.first = first[i], .row = i};
        session_head(first[i])->mark = (int16_t)runs->n;
    }
    load_rows(s, runs);
    for (int32_t i = 0; i < runs->n; i++) order_stored(s, &runs->v[i]);
}

// -- putting back

static void payload_free(Session *s, char *payload)
{
    for (int32_t i = 0; i < s->plan->nblobs; i++)
        blob_free(table_blobs(session_table(s)), (Blob *)(void *)(payload + s->plan->blob_at[i]));
}
// The session of `from`, another row or a piece, moves to the row `to`; from's buffers are no
// blobs' owners any more.
static void payload_move(Session *s, char *to, char *from)
{
    SessionHead keep = *session_head(to);
    payload_free(s, to);
    memcpy(to, from, (size_t)s->plan->payload_bytes);
    memset(from + sizeof keep, 0, (size_t)s->plan->payload_bytes - sizeof keep);
    session_head(to)->count = keep.count;
    session_head(to)->mark = keep.mark;
    session_head(from)->end = SESSION_GONE;
    table_touch(session_table(s), to);
    if (s->due) due_put(s->due, session_head(to)->end, to);
}
static bool row_free_now(const Run *r, int32_t ordinal)
{
    return r->nstored == 0 || session_head(r->stored[ordinal])->end == SESSION_GONE;
}
// Rows of what is gone are filled from the end, and the last ones removed.
static void close_holes(Session *s, Run *r)
{
    int32_t n = r->nrows;
    for (int32_t i = 0; i < n; i++) {
        if (session_head(r->stored[i])->end != SESSION_GONE) continue;
        while (n > i + 1 && session_head(r->stored[n - 1])->end == SESSION_GONE)
            table_remove(session_table(s), r->stored[--n]);
        if (n == i + 1) {
            table_remove(session_table(s), r->stored[--n]);
            break;
        }
        payload_move(s, r->stored[i], r->stored[n - 1]);
        table_remove(session_table(s), r->stored[--n]);
    }
    r->nrows = n;
}
static void head_update(Session *s, const Open *o)
{
    SessionHead *h = session_head(o->payload);
    h->start = o->start;
    h->end = o->end;
    if (o->stored && o->changed) table_touch(session_table(s), o->payload);
}
static void add_rows(Session *s, const Runs *runs, Places *p)
{
    if (!p->n) return;
    Column *key = NEW(s->work, Column, runs->nkeys + 1);
    char **piece = NEW_RAW(s->work, char *, p->n);
    memcpy(piece, p->payload, (size_t)p->n * sizeof *piece);
    places_keys(s, runs, p, key);
    table_upsert(session_table(s), key, p->n, NULL, p->payload, s->is_new);
    for (int32_t i = 0; i < p->n; i++) {
        must(s->is_new[i]);
        payload_move(s, p->payload[i], piece[i]);
    }
    p->n = 0;
}
static void store_run(Session *s, const Runs *runs, Run *r, Places *more)
{
    int32_t hole = 0, extra = 0;
    for (Open *o = r->last; o; o = o->before) head_update(s, o);
    for (Open *o = r->last; o; o = o->before) {
        if (o->stored) continue;
        while (hole < r->nrows && !row_free_now(r, hole)) hole++;
        if (hole < r->nrows) {
            payload_move(s, r->stored[hole++], o->payload);
            r->nstored = MAX(r->nstored, 1); // the empty row of a new key is taken
            continue;
        }
        more->run[more->n] = r;
        more->ordinal[more->n] = r->nrows + extra++;
        more->payload[more->n++] = o->payload;
        if (more->n == BATCH_ROWS) add_rows(s, runs, more);
    }
    close_holes(s, r);
    SessionHead *first = session_head(r->first);
    first->mark = 0;
    if (!r->nrows) return;
    first->count = r->nrows + extra;
    table_touch(session_table(s), r->first);
}
void runs_store(Session *s, Runs *runs)
{
    Places more = places_new(s->work);
    for (int32_t i = 0; i < runs->n; i++) store_run(s, runs, &runs->v[i], &more);
    add_rows(s, runs, &more);
}
