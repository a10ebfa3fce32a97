// watch.c -- who wants to hear of partitions that moved. A byte a partition says whether it stands
// in a watch's queue already, so a busy partition is queued once.
#include "log/log_in.h"

struct Watch {
    Log *log;
    void (*wake)(void *arg);
    void *arg;
    Arena *arena; // of what follows, under the log's watch lock
    VEC(Partition *) queue;
    VEC(uint8_t) queued; // by the partition's number
    Watch *next;
};

static void watch_end(void *arg)
{
    Watch *w = arg;
    if (!w->log->closed) {
        mutex_lock(w->log->watch_lock);
        Watch **at = &w->log->watches;
        while (*at != w) at = &(*at)->next;
        *at = w->next;
        mutex_unlock(w->log->watch_lock);
    }
    arena_free(w->arena);
}

Watch *log_watch(Log *log, Arena *a, void (*wake)(void *arg), void *arg)
{
    Watch *w = NEW(a, Watch, 1);
    *w = (Watch){.log = log, .wake = wake, .arg = arg, .arena = arena_new(NULL)};
    mutex_lock(log->watch_lock);
    w->next = log->watches;
    log->watches = w;
    mutex_unlock(log->watch_lock);
    arena_defer(a, watch_end, w);
    return w;
}

void watch_tell(Log *log, Partition *p)
{
    mutex_lock(log->watch_lock);
    for (Watch *w = log->watches; w; w = w->next) {
        while (p && w->queued.n <= p->number) vec_push(w->arena, &w->queued, 0);
        if (p && !w->queued.v[p->number]) {
            w->queued.v[p->number] = 1;
            vec_push(w->arena, &w->queue, p);
        }
        w->wake(w->arg);
    }
    mutex_unlock(log->watch_lock);
}

int32_t watch_take(Watch *w, Partition **p, int32_t n)
{
    mutex_lock(w->log->watch_lock);
    int32_t took = 0;
    while (took < n && w->queue.n) {
        Partition *one = w->queue.v[--w->queue.n];
        w->queued.v[one->number] = 0;
        p[took++] = one;
    }
    mutex_unlock(w->log->watch_lock);
    return took;
}
