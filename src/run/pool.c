// pool.c -- a list of open jobs under one mutex. Tasks are big (a lane of rows, a shard's merge),
// so a lock a task costs nothing that shows. Workers sleep between jobs; a job wakes as many as it
// can feed. Nobody spins: with every core spinning the kernel's own work has nowhere to run.
#include "run/pool.h"
#include "os/thread.h"

typedef struct Job Job;
struct Job { // on its caller's stack; in the list while tasks are left to begin
    PoolTask task;
    void *ctx;
    int32_t n, next, running;
    int32_t failed; // lowest task that failed, n when none
    Failure *failure;
    Arena *arena; // of the failure
    Signal *done;
    Job *after;
};
struct Pool {
    Mutex *lock;
    Signal *work;
    Job *open;
    int32_t workers, idle;
    bool ending;
};

static void job_unlist(Pool *p, Job *j)
{
    for (Job **at = &p->open; *at; at = &(*at)->after) {
        if (*at != j) continue;
        *at = j->after;
        return;
    }
}
// Begins a task of j and ends it. The lock is held before and after, not while it runs.
static void job_step(Pool *p, Job *j)
{
    int32_t i = j->next++;
    if (j->next == j->n) job_unlist(p, j);
    j->running++;
    mutex_unlock(p->lock);
    Status s = j->task(j->ctx, i);
    mutex_lock(p->lock);
    if (s.code && i < j->failed) {
        j->failed = i;
        j->failure = failure_copy(j->arena, failure());
        if (j->next < j->n) {
            j->next = j->n; // tasks begin in order, so those below i have begun
            job_unlist(p, j);
        }
    }
    if (--j->running == 0 && j->next == j->n) signal_all(j->done);
}
static void pool_worker(void *arg)
{
    Pool *p = arg;
    mutex_lock(p->lock);
    while (!p->ending) {
        if (p->open) {
            job_step(p, p->open);
            continue;
        }
        p->idle++;
        signal_wait(p->work);
        p->idle--;
    }
    mutex_unlock(p->lock);
}
static void pool_end(void *arg)
{
    Pool *p = arg;
    mutex_lock(p->lock);
    p->ending = true;
    signal_all(p->work);
    mutex_unlock(p->lock);
}
Pool *pool_new(Arena *a, int32_t workers)
{
    Pool *p = NEW(a, Pool, 1);
    p->lock = mutex_new(a);
    p->work = signal_new(a, p->lock);
    p->workers = workers;
    for (int32_t i = 0; i < workers; i++) (void)thread_start(a, "worker", pool_worker, p);
    arena_defer(a, pool_end, p); // runs before the threads are joined
    return p;
}
int32_t pool_workers(const Pool *p) { return p ? p->workers : 0; }
static Status run_here(int32_t n, PoolTask task, void *ctx)
{
    for (int32_t i = 0; i < n; i++) TRY(task(ctx, i));
    return DONE;
}
Status pool_for(Pool *p, int32_t n, PoolTask task, void *ctx)
{
    if (!p || !p->workers || n < 2) return run_here(n, task, ctx);
    Arena *a = arena_new(NULL);
    Job j = {.task = task, .ctx = ctx, .n = n, .failed = n, .arena = a};
    j.done = signal_new(a, p->lock);
    mutex_lock(p->lock);
    Job **last = &p->open;
    while (*last) last = &(*last)->after;
    *last = &j;
    for (int32_t i = 0; i < MIN(n - 1, p->idle); i++) signal_one(p->work);
    while (j.next < j.n) job_step(p, &j);
    while (j.running) signal_wait(j.done);
    mutex_unlock(p->lock);
    Status s = j.failure ? failure_again(j.failure) : DONE;
    arena_free(a);
    return s;
}
