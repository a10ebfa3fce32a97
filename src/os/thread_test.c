#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/thread.h"

typedef struct Work {
    Mutex *m;
    Signal *more;
    int64_t plain;   // under m
    Shared64 shared; // under nothing
    Shared64 flag;
    int64_t behind; // written before flag is set, read after
} Work;

static void add_much(void *arg)
{
    Work *w = arg;
    for (int32_t i = 0; i < 10000; i++) {
        mutex_lock(w->m);
        w->plain++;
        mutex_unlock(w->m);
        shared_add(&w->shared, 1);
        for (int64_t v = shared_get(&w->flag); !shared_swap(&w->flag, v, v + 1);)
            v = shared_get(&w->flag);
    }
}
TEST(threads_count_to_the_same)
{
    Arena *b = arena_new(a);
    Work *w = NEW(a, Work, 1);
    w->m = mutex_new(a);
    CHECK(cpu_count() >= 1 && cpu_count() < 10000);
    for (int32_t i = 0; i < 4; i++) thread_start(b, "a name that is much too long", add_much, w);
    arena_free(b); // joins
    CHECK_I64(w->plain, 40000);
    CHECK_I64(shared_get(&w->shared), 40000);
    CHECK_I64(shared_get(&w->flag), 40000);
}

static void publish(void *arg)
{
    Work *w = arg;
    w->behind = 42;
    shared_set(&w->flag, 1);
}
TEST(a_flag_shows_what_was_written_before_it)
{
    Work *w = NEW(a, Work, 1);
    Thread *t = thread_start(a, "publisher", publish, w);
    while (!shared_get(&w->flag)) clock_sleep(10);
    CHECK_I64(w->behind, 42);
    thread_join(t);
    thread_join(t);
}

static void take_turns(void *arg)
{
    Work *w = arg;
    mutex_lock(w->m);
    for (int32_t i = 0; i < 100; i++) {
        while (w->plain % 2 == 0) signal_wait(w->more);
        w->plain++;
        signal_one(w->more);
    }
    mutex_unlock(w->m);
}
TEST(signals_pass_the_turn)
{
    Work *w = NEW(a, Work, 1);
    w->m = mutex_new(a);
    w->more = signal_new(a, w->m);
    Thread *t = thread_start(a, "other", take_turns, w);
    mutex_lock(w->m);
    for (int32_t i = 0; i < 100; i++) {
        w->plain++;
        signal_all(w->more);
        while (w->plain % 2) CHECK(signal_wait_for(w->more, INT64_MAX));
    }
    CHECK_I64(w->plain, 200);
    int64_t from = clock_mono_ns();
    CHECK(!signal_wait_for(w->more, 20000));
    CHECK(clock_mono_ns() - from >= 20000000);
    CHECK(!signal_wait_for(w->more, -5));
    mutex_unlock(w->m);
    thread_join(t);
}

static void see_name(void *arg)
{
    Arena *a = arena_new(NULL);
    Str name;
    CHECK_OK(file_load(&name, a, S("/proc/thread-self/comm"), 100));
    *(bool *)arg = str_eq(name, S("poller 1\n"));
    arena_free(a);
}
TEST(threads_have_names)
{
    bool same = false;
    thread_join(thread_start(a, "poller 1", see_name, &same));
    CHECK(same);
}

typedef struct Bell {
    Shared64 rung;
} Bell;
static void ring(void *arg)
{
    shared_add(&((Bell *)arg)->rung, 1);
    shared_wake(&((Bell *)arg)->rung);
}
TEST(a_shared_value_is_waited_for)
{
    Bell b = {0};
    CHECK(!shared_wait(&b.rung, 0, 1000)); // nobody rings
    CHECK(shared_wait(&b.rung, 1, 1000));  // it is another already
    Thread *t = thread_start(a, "ringer", ring, &b);
    CHECK(shared_wait(&b.rung, 0, -1));
    thread_join(t);
    CHECK_I64(shared_get(&b.rung), 1);
}
