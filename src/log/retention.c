// retention.c -- old segments go, by age of their newest record and by size, whole and oldest
// first; and files that nobody reads are closed.
#include "base/civil.h"
#include "log/log_in.h"
#include "os/clock.h"

#define IDLE_NS INT64_C(10000000000)

static Status too_old(Segment *seg, int64_t before_ms, bool *yes)
{
    *yes = false;
    if (seg->end.max_time == INT64_MIN && seg->end.offset > seg->base) TRY(segment_use(seg));
    *yes = seg->end.max_time < before_ms;
    return DONE;
}

// How many of the oldest segments may go; the last one stays.
static Status surplus(Partition *p, int64_t now_ms, int64_t *n)
{
    const TopicConfig *c = &p->config;
    int64_t bytes = 0;
    *n = 0;
    for (int64_t i = 0; i < p->segs.n; i++) bytes += p->segs.v[i]->end.position;
    for (int64_t i = 0; i + 1 < p->segs.n; i++) {
        bool old = false;
        bytes -= p->segs.v[i]->end.position;
        if (c->retention_ms >= 0) TRY(too_old(p->segs.v[i], now_ms - c->retention_ms, &old));
        if (!old && (c->retention_bytes < 0 || bytes < c->retention_bytes)) return DONE;
        *n = i + 1;
    }
    return DONE;
}

static Status remove_surplus(Partition *p, int64_t now_ms)
{
    int64_t n;
    TRY(surplus(p, now_ms, &n));
    if (!n) return DONE;
    // The state must say so before the files go; it vouches for what is durable only.
    if (shared_get(&p->durable) < shared_get(&p->written)) return DONE;
    int64_t before = shared_get(&p->start);
    shared_set(&p->start, p->segs.v[n]->base);
    Status s = partition_save(p);
    if (s.code) {
        shared_set(&p->start, before);
        return s;
    }
    for (int64_t i = 0; i < n; i++) {
        TRY(path_remove(p->segs.v[i]->path));
        s = path_remove(p->segs.v[i]->index_path);
        if (s.code && s.code != ERR_NOT_FOUND) return s;
    }
    for (int64_t i = 0; i < n; i++) segment_drop(p->segs.v[i]);
    memmove(p->segs.v, p->segs.v + n, sizeof(Segment *) * (size_t)(p->segs.n - n));
    p->segs.n -= n;
    return dir_sync(p->dir);
}

Status partition_tidy(Partition *p)
{
    Status s = DONE;
    mutex_lock(p->append);
    mutex_lock(p->lock);
    bool live = !p->deleted && !p->failed;
    bool behind = shared_get(&p->durable) < shared_get(&p->written);
    int64_t now_ms = clock_now() / MICROS_PER_MS, now_ns = clock_mono_ns();
    if (live) s = remove_surplus(p, now_ms);
    for (int64_t i = 0; live && !behind && i < p->segs.n; i++)
        if (now_ns - p->segs.v[i]->used_ns > IDLE_NS) segment_idle(p->segs.v[i]);
    mutex_unlock(p->lock);
    mutex_unlock(p->append);
    if (live && behind) committer_add(p->log->committer, p); // kappa.flush = os: within seconds
    return s;
}
