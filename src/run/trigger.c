// trigger.c -- when epochs run (semantics R1-R4): as soon as there is data, on a grid of processing
// time, once, or until what was there at the start has been read.
#include "base/civil.h"
#include "os/clock.h"
#include "run/query_in.h"

// How often sources are asked for more: spark.sql.streaming.pollingDelay at first, then less and
// less; those that tell by themselves only for what time alone lets pass.
enum { POLL = 10 * 1000, POLL_IDLE = 100 * 1000, POLL_TOLD = 1000 * 1000 };

// Waits until `until` (wall clock), or for a stop. Somebody waiting for the query to be idle makes
// it look at once.
static void wait_until(Query *q, Micros until, bool look_when_asked)
{
    mutex_lock(q->lock);
    while (!q->stopping && !(look_when_asked && (q->news || q->idle_wanted > q->idle_seen))) {
        Micros left = until - clock_now();
        if (left <= 0 || !signal_wait_for(q->changed, left)) break;
    }
    mutex_unlock(q->lock);
}
static Status trigger_run(Query *q, const EpochOrder *order, bool *ran)
{
    mutex_lock(q->lock);
    int64_t ticket = q->idle_wanted;
    q->trigger_active = true;
    q->news = false; // what comes from now on is looked for again
    q->message = S("Getting offsets from sources");
    mutex_unlock(q->lock);
    Status s = epoch_run(q, order, ran);
    mutex_lock(q->lock);
    q->trigger_active = false;
    if (!s.code && !*ran) {
        q->idle_seen = ticket;
        q->message = S("Waiting for data to arrive");
        signal_all(q->changed);
    }
    mutex_unlock(q->lock);
    return s;
}
static Status loop_every(Query *q)
{
    EpochOrder order = {.no_data = true};
    Micros poll = POLL;
    while (!query_stopping(q)) {
        bool ran = false;
        Micros began = clock_now(), every = q->trigger.every;
        TRY(trigger_run(q, &order, &ran));
        if (every) {
            query_say(q, "Waiting for next trigger");
            wait_until(q, (floor_div(began, every) + 1) * every, false);
        } else if (!ran) {
            wait_until(q, clock_now() + (q->told ? POLL_TOLD : poll), true);
            poll = MIN(poll * 2, POLL_IDLE);
        } else {
            poll = POLL;
        }
    }
    return DONE;
}
// Where every source ends now: an AvailableNow run goes no further.
static Status freeze_ends(Query *q)
{
    int32_t n = q->plan->nsources;
    Str *cap = NEW(q->arena, Str, n + 1);
    for (int32_t i = 0; i < n; i++) {
        Source *s = q->source[i];
        Str latest = {0};
        TRY(s->kind->latest(s, q->arena, q->at[i], &(Admission){.all = true}, &cap[i], &latest));
    }
    q->cap = cap;
    return DONE;
}
Status trigger_once(Query *q, bool *ran)
{
    EpochOrder order = {.no_data = true};
    switch (q->trigger.kind) {
    case TRIGGER_ONCE: order = (EpochOrder){.all = true}; break;
    case TRIGGER_AVAILABLE_NOW:
        if (!q->cap) TRY(freeze_ends(q));
        break;
    case TRIGGER_EVERY: break;
    }
    return trigger_run(q, &order, ran);
}
Status trigger_loop(Query *q)
{
    bool ran = true;
    switch (q->trigger.kind) {
    case TRIGGER_EVERY: return loop_every(q);
    case TRIGGER_ONCE: return trigger_once(q, &ran);
    case TRIGGER_AVAILABLE_NOW:
        while (ran && !query_stopping(q)) TRY(trigger_once(q, &ran));
        return DONE;
    }
    must_failed("TriggerKind", __FILE__, __LINE__);
}
