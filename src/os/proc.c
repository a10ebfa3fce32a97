// proc.c -- this process: environment, memory, terminal, standard streams, interrupts, crash
// points.
#include "os/proc.h"
#include "base/num.h"
#include "os/thread.h"
#include "os/world_in.h"
#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

Str env_get(Arena *a, const char *name)
{
    const char *value = getenv(name);
    return value ? str_copy(a, str_z(value)) : S("");
}

// glibc raises its threshold with the first big block that is freed, and later ones stay in its
// heaps: what an epoch needed for a moment would be held for good, and more with each epoch.
void proc_give_back(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);
#endif
}

int64_t proc_id(void) { return getpid(); }

// Pages in memory, and how many of them belong to files or shared memory.
static void pages(long long *resident, long long *shared)
{
    *resident = *shared = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f) return;
    if (fscanf(f, "%*d %lld %lld", resident, shared) != 2) *resident = *shared = 0;
    fclose(f);
}

int64_t proc_rss_bytes(void)
{
    long long resident, shared;
    pages(&resident, &shared);
    return resident * sysconf(_SC_PAGESIZE);
}

int64_t proc_rss_anon_bytes(void)
{
    long long resident, shared;
    pages(&resident, &shared);
    return (resident - shared) * sysconf(_SC_PAGESIZE);
}

bool tty_is(int fd) { return isatty(fd); }

int32_t tty_columns(int fd)
{
    struct winsize w;
    return ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

static void ignore_write_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}
static pthread_once_t write_signals = PTHREAD_ONCE_INIT;

Status out_write(int fd, Str s)
{
    pthread_once(&write_signals, ignore_write_signals);
    while (s.n) {
        ssize_t n = write(fd, s.p, (size_t)s.n);
        if (n >= 0) {
            s = str_from(s, n);
        } else if (errno == EAGAIN) { // a shared terminal that somebody set so
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            poll(&p, 1, -1);
        } else if (errno != EINTR) {
            return fail(ERR_IO, "cannot write output: %s", errno_text(errno));
        }
    }
    return DONE;
}

Status in_read(void *to, int64_t n, int64_t *got)
{
    ssize_t r;
    while ((r = read(STDIN_FILENO, to, (size_t)n)) < 0) {
        struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
        if (errno == EAGAIN)
            poll(&p, 1, -1);
        else if (errno != EINTR)
            return fail(ERR_IO, "cannot read input: %s", errno_text(errno));
    }
    *got = r;
    return DONE;
}

_Noreturn void proc_exit(int code)
{
    fflush(NULL);
    _exit(code); // not exit: other threads still use what its handlers take down
}

void proc_private_files(void) { umask(077); }

// The process has one set of signal handlers, so this is one of the few variables there are.
static struct {
    void (*wake)(void *);
    void *arg;
    sigset_t set;
    Shared64 count;
    bool caught;
} interrupts;

static void *count_interrupts(void *unused)
{
    (void)unused;
    pthread_setname_np(pthread_self(), "interrupts");
    for (;;) {
        int sig;
        must(sigwait(&interrupts.set, &sig) == 0);
        shared_add(&interrupts.count, 1);
        if (interrupts.wake) interrupts.wake(interrupts.arg);
    }
}

void proc_catch_interrupts(void (*wake)(void *arg), void *arg)
{
    must(!interrupts.caught);
    interrupts.caught = true;
    interrupts.wake = wake;
    interrupts.arg = arg;
    pthread_once(&write_signals, ignore_write_signals);
    sigemptyset(&interrupts.set);
    sigaddset(&interrupts.set, SIGINT);
    sigaddset(&interrupts.set, SIGTERM);
    must(pthread_sigmask(SIG_BLOCK, &interrupts.set, NULL) == 0);
    pthread_t id;
    must(pthread_create(&id, NULL, count_interrupts, NULL) == 0);
    pthread_detach(id); // for as long as the process
}

int32_t proc_interrupts(void) { return (int32_t)shared_get(&interrupts.count); }

static struct {
    pthread_once_t once;
    char name[64];
    int64_t nth;
    Shared64 passed;
} crash = {.once = PTHREAD_ONCE_INIT};

static void read_crash_point(void)
{
    Cut c = str_cut(str_z(getenv("KAPPA_CRASH_AT")), ':');
    must(c.head.n < (int64_t)sizeof crash.name);
    if (c.head.n) memcpy(crash.name, c.head.p, (size_t)c.head.n);
    crash.nth = 1;
    must(!c.ok || num_parse_i64(c.tail, &crash.nth)); // a test that says nothing tests nothing
}

void proc_crash_point(const char *name)
{
    pthread_once(&crash.once, read_crash_point);
    if (LIKELY(!crash.name[0]) || strcmp(name, crash.name) != 0) return;
    if (shared_add(&crash.passed, 1) + 1 != crash.nth) return;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}
