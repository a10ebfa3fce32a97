#include "serve/timers.h"

static void put(Timers *ts, int64_t place, Timer *t)
{
    ts->heap.v[place - 1] = t;
    t->place = place;
}

static void rise(Timers *ts, Timer *t)
{
    int64_t place = t->place;
    for (; place > 1; place /= 2) {
        Timer *above = ts->heap.v[place / 2 - 1];
        if (above->at_ns <= t->at_ns) break;
        put(ts, place, above);
    }
    put(ts, place, t);
}

static void sink(Timers *ts, Timer *t)
{
    int64_t place = t->place, n = ts->heap.n;
    for (int64_t below; (below = place * 2) <= n; place = below) {
        if (below < n && ts->heap.v[below]->at_ns < ts->heap.v[below - 1]->at_ns) below++;
        if (t->at_ns <= ts->heap.v[below - 1]->at_ns) break;
        put(ts, place, ts->heap.v[below - 1]);
    }
    put(ts, place, t);
}

void timer_set(Timers *ts, Timer *t, int64_t at_ns)
{
    t->at_ns = at_ns;
    if (!t->place) {
        vec_push(ts->arena, &ts->heap, t);
        t->place = ts->heap.n;
    }
    rise(ts, t);
    sink(ts, t);
}

void timer_stop(Timers *ts, Timer *t)
{
    if (!t->place) return;
    Timer *last = ts->heap.v[--ts->heap.n];
    int64_t place = t->place;
    t->place = 0;
    if (last == t) return;
    put(ts, place, last);
    rise(ts, last);
    sink(ts, last);
}

void timers_run(Timers *ts, int64_t now_ns, void *to)
{
    while (ts->heap.n && ts->heap.v[0]->at_ns <= now_ns) {
        Timer *t = ts->heap.v[0];
        timer_stop(ts, t);
        t->fire(t, to);
    }
}

Micros timers_wait(const Timers *ts, int64_t now_ns, Micros most)
{
    if (!ts->heap.n) return most;
    int64_t left = ts->heap.v[0]->at_ns - now_ns;
    return left <= 0 ? 0 : MIN(most, left / 1000 + 1);
}
