// connect_crew.c -- threads for what may wait: made when all are at work, kept until the door ends.
#include "serve/connect_in.h"

static Job *next_job(ConnectDoor *d) // the lock is held
{
    while (!d->first_job && !d->ending) {
        d->idle_threads++;
        signal_wait(d->work);
        d->idle_threads--;
    }
    Job *j = d->first_job;
    if (!j) return NULL;
    d->first_job = j->next;
    if (!d->first_job) d->last_job = NULL;
    d->njobs--;
    return j;
}
static void crew_thread(void *arg)
{
    ConnectDoor *d = arg;
    mutex_lock(d->lock);
    for (Job *j; (j = next_job(d));) {
        mutex_unlock(d->lock);
        j->run(j);
        mutex_lock(d->lock);
    }
    mutex_unlock(d->lock);
}
bool crew_submit(ConnectDoor *d, Job *j)
{
    bool start = false, full = false;
    mutex_lock(d->lock);
    full = d->ending;
    if (!full && d->idle_threads <= d->njobs) {
        full = d->nthreads >= d->options.threads_max;
        start = !full;
        d->nthreads += start;
    }
    if (!full) {
        j->next = NULL;
        if (d->last_job)
            d->last_job->next = j;
        else
            d->first_job = j;
        d->last_job = j;
        d->njobs++;
        signal_one(d->work);
    }
    mutex_unlock(d->lock);
    if (start) (void)thread_start(d->thread_arena, "connect-crew", crew_thread, d);
    return !full;
}
void crew_end(ConnectDoor *d)
{
    mutex_lock(d->lock);
    d->ending = true;
    signal_all(d->work);
    mutex_unlock(d->lock);
    arena_free(d->thread_arena); // joins them
}
