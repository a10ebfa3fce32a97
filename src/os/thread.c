// thread.c -- POSIX threads, with what may fail only for want of memory treated as that.
#include "os/thread.h"
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 15 }; // what the kernel keeps of a thread's name

struct Thread {
    pthread_t id;
    void (*fn)(void *);
    void *arg;
    char name[NAME_MAX_BYTES + 1];
    bool joined;
};
struct Mutex {
    pthread_mutex_t m;
};
struct Signal {
    pthread_cond_t c;
    Mutex *mutex;
};

// The share of the processors that the control group grants, rounded up; a large number when it
// sets no bound.
static int32_t cgroup_cpus(void)
{
    static const struct {
        const char *path, *form;
    } place[] = {
        {"/sys/fs/cgroup/cpu.max", "%lf %lf"}, // version 2: quota and period
        {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "%lf"},
    };
    for (int64_t i = 0; i < COUNT(place); i++) {
        FILE *f = fopen(place[i].path, "re");
        if (!f) continue;
        double quota = 0, period = 100000;
        int n = fscanf(f, place[i].form, &quota, &period);
        fclose(f);
        if (n >= 1 && quota > 0 && period > 0) return (int32_t)(quota / period + 0.999);
    }
    return INT32_MAX;
}

int32_t cpu_count(void)
{
    cpu_set_t set;
    long n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                         : sysconf(_SC_NPROCESSORS_ONLN);
    return MAX(MIN((int32_t)n, cgroup_cpus()), 1);
}

static void *thread_main(void *p)
{
    Thread *t = p;
    pthread_setname_np(pthread_self(), t->name);
    t->fn(t->arg);
    return NULL;
}

static void join_deferred(void *t) { thread_join(t); }

// Interrupts belong to the thread that waits for them (proc.h), so no other one takes any.
static int start(Thread *t)
{
    sigset_t interrupts, before;
    sigemptyset(&interrupts);
    sigaddset(&interrupts, SIGINT);
    sigaddset(&interrupts, SIGTERM);
    sigaddset(&interrupts, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &interrupts, &before);
    int err = pthread_create(&t->id, NULL, thread_main, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

Thread *thread_start(Arena *a, const char *name, void (*fn)(void *), void *arg)
{
    Thread *t = NEW(a, Thread, 1);
    *t = (Thread){.fn = fn, .arg = arg};
    snprintf(t->name, sizeof t->name, "%s", name);
    int err = start(t);
    if (err) {
        fprintf(stderr, "kappa: cannot start thread %s: %s\n", name, strerrordesc_np(err));
        abort(); // as when memory runs out: a crash, and a crash is a replay
    }
    arena_defer(a, join_deferred, t);
    return t;
}

void thread_join(Thread *t)
{
    if (t->joined) return;
    t->joined = true;
    must(pthread_join(t->id, NULL) == 0);
}

static void mutex_end(void *m) { must(pthread_mutex_destroy(&((Mutex *)m)->m) == 0); }

Mutex *mutex_new(Arena *a)
{
    Mutex *m = NEW(a, Mutex, 1);
    must(pthread_mutex_init(&m->m, NULL) == 0);
    arena_defer(a, mutex_end, m);
    return m;
}

void mutex_lock(Mutex *m) { must(pthread_mutex_lock(&m->m) == 0); }
void mutex_unlock(Mutex *m) { must(pthread_mutex_unlock(&m->m) == 0); }

static void signal_end(void *s) { pthread_cond_destroy(&((Signal *)s)->c); }

Signal *signal_new(Arena *a, Mutex *m)
{
    Signal *s = NEW(a, Signal, 1);
    s->mutex = m;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); // the wall clock may be set
    must(pthread_cond_init(&s->c, &attr) == 0);
    pthread_condattr_destroy(&attr);
    arena_defer(a, signal_end, s);
    return s;
}

void signal_wait(Signal *s) { must(pthread_cond_wait(&s->c, &s->mutex->m) == 0); }

bool signal_wait_for(Signal *s, Micros at_most)
{
    static const Micros longest = INT64_C(86400000000) * 365;
    struct timespec until;
    must(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    Micros t = until.tv_nsec / 1000 + MIN(MAX(at_most, 0), longest);
    until.tv_sec += t / 1000000;
    until.tv_nsec = t % 1000000 * 1000;
    int err = pthread_cond_timedwait(&s->c, &s->mutex->m, &until);
    must(err == 0 || err == ETIMEDOUT);
    return err == 0;
}

void signal_one(Signal *s) { pthread_cond_signal(&s->c); }
void signal_all(Signal *s) { pthread_cond_broadcast(&s->c); }

int64_t shared_get(const Shared64 *s) { return atomic_load_explicit(&s->v, memory_order_acquire); }
void shared_set(Shared64 *s, int64_t v) { atomic_store_explicit(&s->v, v, memory_order_release); }
int64_t shared_add(Shared64 *s, int64_t by)
{
    return atomic_fetch_add_explicit(&s->v, by, memory_order_acq_rel);
}
bool shared_swap(Shared64 *s, int64_t from, int64_t to)
{
    return atomic_compare_exchange_strong_explicit(&s->v, &from, to, memory_order_acq_rel,
                                                   memory_order_acquire);
}

static const uint32_t *low_half(const Shared64 *s)
{
    return (const uint32_t *)&s->v + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}
static int64_t mono_us(void)
{
    struct timespec t;
    must(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
bool shared_wait(const Shared64 *s, int64_t is, Micros at_most)
{
    int64_t until = at_most < 0 ? 0 : mono_us() + at_most;
    while (shared_get(s) == is) {
        int64_t left = at_most < 0 ? 0 : until - mono_us();
        if (at_most >= 0 && left <= 0) return false;
        struct timespec t = {left / 1000000, left % 1000000 * 1000};
        long r = syscall(SYS_futex, low_half(s), FUTEX_WAIT_PRIVATE, (uint32_t)is,
                         at_most < 0 ? NULL : &t, NULL, 0);
        must(r == 0 || errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT);
    }
    return true;
}
void shared_wake(const Shared64 *s)
{
    syscall(SYS_futex, low_half(s), FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}
