// thread.h -- threads, and the few ways in which they may meet. Most of kappa never includes this:
// a query's operators run on one thread at a time and sealed batches pass through the run-time's
// pool.
#ifndef OS_THREAD_H
#define OS_THREAD_H
#include "base/base.h"

typedef struct Thread Thread;
typedef struct Mutex Mutex;
typedef struct Signal Signal; // a condition variable with the mutex it goes with

int32_t cpu_count(void); // that this process may use
// Runs fn(arg) on a new thread. It lives in a, which joins it when it ends.
Thread *thread_start(Arena *a, const char *name, void (*fn)(void *), void *arg);
void thread_join(Thread *t); // may be called twice

Mutex *mutex_new(Arena *a);
void mutex_lock(Mutex *m);
void mutex_unlock(Mutex *m);
Signal *signal_new(Arena *a, Mutex *m);
void signal_wait(Signal *s);                     // the mutex is held before and after
bool signal_wait_for(Signal *s, Micros at_most); // false when the time ran out
void signal_one(Signal *s);
void signal_all(Signal *s);

// Counters and flags that two threads touch. Loads acquire, stores release, adds do both.
typedef struct Shared64 {
    _Atomic int64_t v;
} Shared64;
int64_t shared_get(const Shared64 *s);
void shared_set(Shared64 *s, int64_t v);
// The value before. Who counts references down to nothing may free: it sees what the others did.
int64_t shared_add(Shared64 *s, int64_t by);
bool shared_swap(Shared64 *s, int64_t from, int64_t to);
// Waits until *s is not `is` any more, for at most so long (negative: for ever); false when the
// time ran out. Who changes it calls shared_wake afterwards. Values may differ in their lower 32
// bits only: flags and small counters.
bool shared_wait(const Shared64 *s, int64_t is, Micros at_most);
void shared_wake(const Shared64 *s);
#endif
