// poll.c -- readiness by epoll, level-triggered, and a wake-up call by eventfd.
#include "os/net.h"
#include "os/net_in.h"
#include "os/world_in.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct Poll {
    int fd, bell;
};

static void poll_end(void *arg)
{
    Poll *p = arg;
    close(p->bell);
    close(p->fd);
}

// Neither fails but for want of descriptors or memory, at the start of a door.
Poll *poll_new(Arena *a)
{
    Poll *p = NEW(a, Poll, 1);
    p->fd = epoll_create1(EPOLL_CLOEXEC);
    p->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(p->fd >= 0 && p->bell >= 0);
    arena_defer(a, poll_end, p);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    must(epoll_ctl(p->fd, EPOLL_CTL_ADD, p->bell, &e) == 0);
    return p;
}

static void control(Poll *p, int how, Socket *s, void *tag, uint32_t events)
{
    must(s->fd >= 0 && tag != p);
    struct epoll_event e = {.events = events, .data.ptr = tag};
    must(epoll_ctl(p->fd, how, s->fd, &e) == 0);
}

static uint32_t writing(bool want) { return want ? EPOLLOUT : 0; }

void poll_add(Poll *p, Socket *s, void *tag, bool want_write)
{
    control(p, EPOLL_CTL_ADD, s, tag, EPOLLIN | EPOLLRDHUP | writing(want_write));
}
void poll_change(Poll *p, Socket *s, void *tag, bool want_write)
{
    control(p, EPOLL_CTL_MOD, s, tag, EPOLLIN | EPOLLRDHUP | writing(want_write));
}
void poll_pause(Poll *p, Socket *s, void *tag, bool want_write)
{
    control(p, EPOLL_CTL_MOD, s, tag, writing(want_write));
}
void poll_remove(Poll *p, Socket *s) { control(p, EPOLL_CTL_DEL, s, NULL, 0); }

static int wait_events(Poll *p, struct epoll_event *e, int32_t n, Micros timeout)
{
    int64_t until = timeout < 0 ? -1 : world_real.host->mono_ns() / 1000 + MIN(timeout, 1 << 30);
    for (;;) {
        int64_t left = until < 0 ? -1 : MAX(until - world_real.host->mono_ns() / 1000, 0);
        int got = epoll_wait(p->fd, e, n, left < 0 ? -1 : (int)((left + 999) / 1000));
        if (got >= 0) return got;
        must(errno == EINTR);
    }
}

int32_t poll_wait(Poll *p, Ready *ready, int32_t n, Micros timeout)
{
    enum { BATCH = 128 };
    struct epoll_event e[BATCH];
    int got = wait_events(p, e, MIN(n, BATCH), timeout);
    int32_t filled = 0;
    for (int i = 0; i < got; i++) {
        if (e[i].data.ptr == p) {
            uint64_t rings;
            must(read(p->bell, &rings, sizeof rings) > 0 || errno == EAGAIN || errno == EINTR);
            continue;
        }
        ready[filled++] = (Ready){.tag = e[i].data.ptr,
                                  .readable = (e[i].events & (EPOLLIN | EPOLLRDHUP)) != 0,
                                  .writable = (e[i].events & EPOLLOUT) != 0,
                                  .closed = (e[i].events & (EPOLLHUP | EPOLLERR)) != 0};
    }
    return filled;
}

void poll_wake(Poll *p)
{
    uint64_t ring = 1;
    while (write(p->bell, &ring, sizeof ring) < 0 && errno == EINTR) continue;
}
