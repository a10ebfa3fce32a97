// timers.h -- points in time that one thread waits for: a heap of them, each inside the thing that
// wants it.
#ifndef SERVE_TIMERS_H
#define SERVE_TIMERS_H
#include "base/base.h"

typedef struct Timer Timer;
struct Timer {
    int64_t at_ns; // of the monotonic clock
    int64_t place; // in the heap, from 1; 0: not waiting
    void (*fire)(Timer *t, void *to);
};
typedef struct Timers {
    Arena *arena;
    VEC(Timer *) heap;
} Timers;
void timer_set(Timers *ts, Timer *t, int64_t at_ns); // moves it when it waits already
void timer_stop(Timers *ts, Timer *t);               // fine when it does not wait
// Takes off and fires all that are due.
void timers_run(Timers *ts, int64_t now_ns, void *to);
// How long until the next one, at most `most`.
Micros timers_wait(const Timers *ts, int64_t now_ns, Micros most);
#endif
