// committer.c -- the thread that makes appends durable. While it syncs, the next group gathers:
// however many connections append, a partition costs one fsync a sweep. Between sweeps it tidies.
#include "base/civil.h"
#include "log/log_in.h"
#include "os/clock.h"

struct Committer {
    Log *log;
    Arena *arena;
    Mutex *lock; // of what follows
    Signal *work, *done;
    Partition *queue, **tail;
    bool offsets, stop;
    Thread *thread;
};
#define TIDY_EVERY (5 * MICROS_PER_SECOND)

static void run(void *arg)
{
    Committer *c = arg;
    int64_t tidied = clock_mono_ns();
    mutex_lock(c->lock);
    while (!c->stop) {
        if (!c->queue && !c->offsets) signal_wait_for(c->work, TIDY_EVERY);
        mutex_unlock(c->lock);
        // Failures stay with the partition that they struck, where those who wait find them.
        Status s = committer_sweep(c);
        if (clock_mono_ns() - tidied >= TIDY_EVERY * 1000) {
            s = log_tick(c->log);
            tidied = clock_mono_ns();
        }
        (void)s.code;
        mutex_lock(c->lock);
    }
    mutex_unlock(c->lock);
}

Committer *committer_new(Log *log)
{
    Arena *a = arena_new(NULL);
    Committer *c = NEW(a, Committer, 1);
    c->log = log;
    c->arena = a;
    c->lock = mutex_new(a);
    c->work = signal_new(a, c->lock);
    c->done = signal_new(a, c->lock);
    c->tail = &c->queue;
    if (!log->alone) c->thread = thread_start(a, "log-commit", run, c);
    return c;
}

void committer_stop(Committer *c)
{
    mutex_lock(c->lock);
    c->stop = true;
    signal_all(c->work);
    mutex_unlock(c->lock);
    if (c->thread) thread_join(c->thread);
}

void committer_free(Committer *c) { arena_free(c->arena); }

void committer_add(Committer *c, Partition *p)
{
    mutex_lock(c->lock);
    if (!p->dirty) {
        p->dirty = true;
        p->next_dirty = NULL;
        *c->tail = p;
        c->tail = &p->next_dirty;
        signal_one(c->work);
    }
    mutex_unlock(c->lock);
}

void committer_add_offsets(Committer *c)
{
    mutex_lock(c->lock);
    c->offsets = true;
    signal_one(c->work);
    mutex_unlock(c->lock);
}

static Partition *take(Committer *c, bool *offsets)
{
    mutex_lock(c->lock);
    Partition *p = c->queue;
    if (p) {
        c->queue = p->next_dirty;
        if (!c->queue) c->tail = &c->queue;
        p->dirty = false; // before the sync: what is appended meanwhile queues it again
    }
    *offsets = c->offsets;
    c->offsets = false;
    mutex_unlock(c->lock);
    return p;
}

Status committer_sweep(Committer *c)
{
    Status first = DONE;
    for (bool offsets;;) {
        Partition *p = take(c, &offsets);
        if (!p && !offsets) return first;
        Status s = offsets ? offsets_flush(c->log->offsets) : DONE;
        if (!first.code) first = s;
        if (p) s = partition_flush(p);
        if (!first.code) first = s;
        mutex_lock(c->lock);
        signal_all(c->done);
        mutex_unlock(c->lock);
    }
}

void committer_wait(Committer *c, bool (*over)(void *arg), void *arg)
{
    mutex_lock(c->lock);
    while (!c->stop && !over(arg)) signal_wait(c->done);
    mutex_unlock(c->lock);
}
