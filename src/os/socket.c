// socket.c -- stream sockets that never block, and the few calls that wait on purpose. Writing to a
// peer that is gone is an answer, never a signal.
#include "os/net.h"
#include "os/net_in.h"
#include "os/world_in.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BACKLOG = 512, PIECES_MAX = 64 };

static void close_deferred(void *s) { socket_close(s); }

static Socket *socket_new(Arena *a)
{
    Socket *s = NEW(a, Socket, 1);
    s->fd = -1;
    arena_defer(a, close_deferred, s);
    return s;
}

static bool is_our_file(const Socket *s, const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_ino == s->inode;
}

void socket_close(Socket *s)
{
    if (s->fd < 0) return;
    if (s->path.n && is_our_file(s, s->path.p)) unlink(s->path.p); // path is a C string, too
    close(s->fd);
    s->fd = -1;
}

static int open_fd(Socket *s, const Address *to)
{
    s->fd = socket(to->raw.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return s->fd < 0 ? errno : 0;
}

static void set_on(int fd, int level, int option)
{
    int on = 1; // a hint on every kind of socket that does not know it
    setsockopt(fd, level, option, &on, sizeof on);
}

static const struct sockaddr *raw(const Address *a) { return (const struct sockaddr *)&a->raw; }

// Whether the file at path is a socket that nobody listens on any more.
static bool is_stale(const Address *at, const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool refused = fd >= 0 && connect(fd, raw(at), at->n) < 0 && errno == ECONNREFUSED;
    if (fd >= 0) close(fd);
    return refused;
}

static int bind_unix(Socket *s, const Address *at)
{
    fchmod(s->fd, 0600); // the file of the socket is made with these rights: its user's only
    int err = bind(s->fd, raw(at), at->n) < 0 ? errno : 0;
    if (err == EADDRINUSE && is_stale(at, s->path.p)) {
        unlink(s->path.p);
        err = bind(s->fd, raw(at), at->n) < 0 ? errno : 0;
    }
    struct stat st;
    if (!err && lstat(s->path.p, &st) == 0) s->inode = st.st_ino;
    return err;
}

static int listen_at(Socket *s, const Address *at)
{
    int err = open_fd(s, at);
    if (err) return err;
    if (at->raw.ss_family == AF_UNIX) {
        err = bind_unix(s, at);
    } else {
        set_on(s->fd, SOL_SOCKET, SO_REUSEADDR); // not refused for what a former run left waiting
        err = bind(s->fd, raw(at), at->n) < 0 ? errno : 0;
    }
    if (!err && listen(s->fd, BACKLOG) < 0) err = errno;
    return err;
}

Status socket_listen(Socket **s, Arena *a, Str address)
{
    Addresses to;
    Socket *made = socket_new(a);
    if (address_is_unix(address)) made->path = str_copy(a, address_path(address));
    Status done = addresses_of(&to, address);
    if (!done.code) done = errno_fail(listen_at(made, &to.v[0]), "listen on", address);
    addresses_end(&to);
    if (!done.code) *s = made;
    return done;
}

Socket *socket_listen_v6(Arena *a, Socket *listener)
{
    Socket *s = NULL;
    if (!str_starts(socket_address(listener, a), S("127.0.0.1:"))) return NULL;
    Str twin = str_fmt(a, "[::1]:%d", socket_port(listener));
    return socket_listen(&s, a, twin).code ? NULL : s;
}

Status socket_accept(Socket **s, Arena *a, Socket *listener)
{
    *s = NULL;
    int fd, err;
    do { // a caller who left while waiting is nobody's error
        fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        err = fd < 0 ? errno : 0;
    } while (err == EINTR || err == ECONNABORTED || err == EPROTO);
    if (err == EAGAIN) return DONE;
    if (err == EMFILE || err == ENFILE)
        return fail(ERR_LIMIT, "cannot take a connection: %s", errno_text(err));
    if (err) return fail(ERR_IO, "cannot take a connection: %s", errno_text(err));
    set_on(fd, IPPROTO_TCP, TCP_NODELAY);
    Socket *made = socket_new(a);
    made->fd = fd;
    *s = made;
    return DONE;
}

static int64_t now_us(void) { return world_real.host->mono_ns() / 1000; }

// Waits until fd is ready for `events`: 0, or ETIMEDOUT at `until`.
static int wait_for(int fd, short events, int64_t until)
{
    for (;;) {
        int64_t left = until - now_us();
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, (int)(MIN(MAX(left, 0), 3600000000) + 999) / 1000);
        if (n > 0) return 0;
        if (n < 0 && errno != EINTR) return errno;
        if (n == 0 && left <= 0) return ETIMEDOUT;
    }
}

static int64_t deadline(Micros timeout)
{
    static const Micros longest = INT64_C(86400000000) * 365;
    return now_us() + MIN(MAX(timeout, 0), longest);
}

// A port that nobody listens on may be handed to the very socket that connects to it.
static bool is_itself(int fd)
{
    Address here = {.n = sizeof here.raw}, there = {.n = sizeof there.raw};
    if (getsockname(fd, (struct sockaddr *)&here.raw, &here.n) < 0) return false;
    if (getpeername(fd, (struct sockaddr *)&there.raw, &there.n) < 0) return false;
    return here.raw.ss_family != AF_UNIX && here.n == there.n &&
           !memcmp(&here.raw, &there.raw, here.n);
}

static int connect_to(Socket *s, const Address *to, int64_t until)
{
    int err = open_fd(s, to);
    if (err) return err;
    while (connect(s->fd, raw(to), to->n) < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN) { // a unix listener whose queue is full
            if (now_us() >= until) return ETIMEDOUT;
            world_real.host->sleep(1000);
            continue;
        }
        if (errno == EISCONN) break;
        if (errno != EINPROGRESS && errno != EALREADY) return errno;
        err = wait_for(s->fd, POLLOUT, until);
        if (err) return err;
        socklen_t n = sizeof err;
        if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0) return errno;
        if (err) return err;
        break;
    }
    if (is_itself(s->fd)) return ECONNREFUSED;
    set_on(s->fd, IPPROTO_TCP, TCP_NODELAY);
    return 0;
}

Status socket_connect(Socket **s, Arena *a, Str address, Micros timeout)
{
    int64_t until = deadline(timeout);
    Addresses to;
    Socket *made = socket_new(a);
    Status done = addresses_of(&to, address);
    for (int32_t i = 0; i < to.n; i++) {
        int err = connect_to(made, &to.v[i], until);
        done = err ? fail(ERR_IO, "cannot connect to " STR_FMT ": %s", STR_ARG(address),
                          errno_text(err))
                   : DONE;
        if (!done.code) break;
        socket_close(made);
    }
    addresses_end(&to);
    if (!done.code) *s = made;
    return done;
}

static bool is_gone(int err) // the peer, not us
{
    return err == ECONNRESET || err == EPIPE || err == ETIMEDOUT || err == ENOTCONN;
}

Status socket_read(Socket *s, void *to, int64_t n, int64_t *got, bool *end)
{
    must(s->fd >= 0 && n > 0);
    ssize_t r;
    do r = recv(s->fd, to, (size_t)n, 0);
    while (r < 0 && errno == EINTR);
    *got = MAX(r, 0);
    *end = r == 0 || (r < 0 && is_gone(errno));
    if (r >= 0 || *end || errno == EAGAIN) return DONE;
    return fail(ERR_IO, "cannot read from a connection: %s", errno_text(errno));
}

Status socket_write(Socket *s, const Str *piece, int32_t n, int64_t *sent)
{
    must(s->fd >= 0);
    struct iovec v[PIECES_MAX]; // more wait for the next call
    size_t used = 0;
    for (int32_t i = 0; i < n && used < PIECES_MAX; i++)
        if (piece[i].n) v[used++] = (struct iovec){(void *)piece[i].p, (size_t)piece[i].n};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = used};
    ssize_t r;
    do r = sendmsg(s->fd, &m, MSG_NOSIGNAL);
    while (r < 0 && errno == EINTR);
    *sent = MAX(r, 0);
    if (r >= 0 || errno == EAGAIN) return DONE;
    return fail(ERR_IO, "cannot write to a connection: %s",
                is_gone(errno) ? "the peer is gone" : errno_text(errno));
}

static Status wait_or_fail(Socket *s, short events, int64_t until, const char *what)
{
    int err = wait_for(s->fd, events, until);
    if (!err) return DONE;
    return fail(ERR_IO, "cannot %s a connection: %s", what,
                err == ETIMEDOUT ? "the time for it has passed" : errno_text(err));
}

Status socket_read_all(Socket *s, void *to, int64_t n, Micros timeout)
{
    int64_t until = deadline(timeout);
    for (int64_t at = 0; at < n;) {
        int64_t got;
        bool end;
        TRY(socket_read(s, (char *)to + at, n - at, &got, &end));
        if (end) return fail(ERR_IO, "cannot read from a connection: the peer is gone");
        at += got;
        if (got == 0) TRY(wait_or_fail(s, POLLIN, until, "read from"));
    }
    return DONE;
}

Status socket_write_all(Socket *s, Str data, Micros timeout)
{
    int64_t until = deadline(timeout);
    while (data.n) {
        int64_t sent;
        TRY(socket_write(s, &data, 1, &sent));
        data = str_from(data, sent);
        if (sent == 0) TRY(wait_or_fail(s, POLLOUT, until, "write to"));
    }
    return DONE;
}

bool socket_wait(Socket *s, bool to_write, Micros timeout)
{
    must(s->fd >= 0);
    return wait_for(s->fd, to_write ? POLLOUT : POLLIN, deadline(timeout)) == 0;
}

Str socket_address(const Socket *s, Arena *a)
{
    if (s->path.n) return str_fmt(a, "unix:" STR_FMT, STR_ARG(s->path));
    Address at = {.n = sizeof at.raw};
    if (getsockname(s->fd, (struct sockaddr *)&at.raw, &at.n) < 0) return S("?");
    return address_text(&at, a);
}

Str socket_peer(const Socket *s, Arena *a)
{
    Address at = {.n = sizeof at.raw};
    if (getpeername(s->fd, (struct sockaddr *)&at.raw, &at.n) < 0) return S("?");
    struct ucred who;
    socklen_t n = sizeof who;
    if (at.raw.ss_family != AF_UNIX) return address_text(&at, a);
    if (getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0) return S("unix:");
    return str_fmt(a, "unix:process %d", (int)who.pid);
}

int32_t socket_port(const Socket *s)
{
    Address at = {.n = sizeof at.raw};
    return getsockname(s->fd, (struct sockaddr *)&at.raw, &at.n) < 0 ? 0 : address_port(&at);
}
