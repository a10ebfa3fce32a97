// session_list.c -- the sessions of a key as records in a blob of its row: which of them a batch
// may touch, and the list anew when it has. They are by their starts and never touch each other, so
// their ends are in order too, and what the watermark closes is the beginning of the list.
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

// -- records

static Blob *blob_of(const AggPlan *plan, char *payload, int32_t i)
{
    return (Blob *)(void *)(payload + plan->blob_at[i]);
}
int64_t record_bytes(const AggPlan *plan, const char *record)
{
    int64_t n = plan->payload_bytes;
    for (int32_t i = 0; i < plan->nblobs; i++) {
        Blob b;
        memcpy(&b, record + plan->blob_at[i], sizeof b);
        n += b.n;
    }
    return n;
}
char *record_open(Session *s, const char *record)
{
    const AggPlan *plan = s->plan;
    char *payload = (char *)NEW_RAW(s->work, int64_t, plan->payload_bytes / 8);
    memcpy(payload, record, (size_t)plan->payload_bytes);
    const char *bytes = record + plan->payload_bytes;
    for (int32_t i = 0; i < plan->nblobs; i++) {
        Blob *b = blob_of(plan, payload, i);
        Str content = str_of(bytes, b->n);
        *b = (Blob){0};
        if (content.n) blob_set(s->pool, b, content);
        bytes += content.n;
    }
    return payload;
}
// The blobs of a record are their lengths; what follows are their bytes.
static Status record_append(Session *s, Blob *list, char *payload)
{
    const AggPlan *plan = s->plan;
    int64_t bytes = plan->payload_bytes;
    for (int32_t i = 0; i < plan->nblobs; i++) bytes += blob_of(plan, payload, i)->n;
    if (bytes > BLOB_MAX - list->n)
        return fail(ERR_LIMIT, "the sessions of a key hold %lld bytes: more than a state holds",
                    (long long)bytes + (long long)list->n);
    BlobPool *pool = table_blobs(session_table(s));
    char *record = blob_append(pool, list, plan->payload_bytes);
    memcpy(record, payload, (size_t)plan->payload_bytes);
    for (int32_t i = 0; i < plan->nblobs; i++) {
        Blob length = {.n = blob_of(plan, payload, i)->n};
        memcpy(record + plan->blob_at[i], &length, sizeof length);
    }
    for (int32_t i = 0; i < plan->nblobs; i++) {
        Str content = blob_str(blob_of(plan, payload, i));
        if (content.n) memcpy(blob_append(pool, list, content.n), content.p, (size_t)content.n);
    }
    return DONE;
}

Status row_check(const Session *s, const SessionRow *row)
{
    int64_t at = 0;
    Micros last = INT64_MIN;
    for (int32_t i = 0; i < row->n; i++) {
        if (row->list.n - at < s->plan->payload_bytes) at = row->list.n; // and then it is not right
        if (at == row->list.n) break;
        SessionHead h = record_head(row->list.p + at);
        at += record_bytes(s->plan, row->list.p + at);
        if (h.start >= h.end || h.start < last || at > row->list.n) break;
        last = h.end;
        if (i + 1 == row->n && at == row->list.n && row->mark == 0) return DONE;
    }
    return fail(ERR_CORRUPT, "the sessions of a key, %d in %u bytes, do not parse", row->n,
                row->list.n);
}

// -- runs

Run run_of(Session *s, SessionRow *row, Micros from)
{
    Run r = {.row = row, .at = row->list.p, .to = row->list.p + row->list.n};
    if (!s->plan->nblobs && row->n > 1) { // from behind: the last ones are those that grow
        int64_t size = s->plan->payload_bytes;
        char *at = r.to;
        while (at > r.at && record_head(at - size).end >= from) at -= size;
        r.nkept = (int32_t)((at - r.at) / size);
        r.at = at;
    }
    while (r.at < r.to && record_head(r.at).end < from) {
        r.at += record_bytes(s->plan, r.at);
        r.nkept++;
    }
    r.kept = r.at - row->list.p;
    return r;
}
Status run_store(Session *s, Run *r)
{
    SessionRow *row = r->row;
    s->total -= row->n;
    row->list.n = (uint32_t)r->kept;
    row->n = r->nkept;
    for (Open *o = r->first; o; o = o->next) {
        SessionHead *h = session_head(o->payload);
        h->start = o->start;
        h->end = o->end;
        TRY(record_append(s, &row->list, o->payload));
        row->n++;
    }
    row->mark = 0;
    s->total += row->n;
    if (!s->due) return DONE;
    Micros first = record_head(row->list.p).end;
    if (first >= row->queued) return DONE;
    row->queued = first;
    due_put(s->due, first, (char *)row);
    return DONE;
}
