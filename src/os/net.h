// net.h -- sockets and readiness. Sockets never block except where a function says so. A door owns
// one Poll and runs it on its own thread. Readiness is told again and again until it is used.
//
// An address is "host:port", "[v6]:port" or "unix:/path"; ERR_INVALID when it is none of these,
// ERR_NOT_FOUND when nobody knows the host. An empty host or localhost is 127.0.0.1, "*" is every
// v4 address of this machine.
#ifndef OS_NET_H
#define OS_NET_H
#include "base/base.h"

typedef struct Socket Socket;
typedef struct Poll Poll;

// Listens; port 0 is any free one. ERR_CONFLICT when the address is in use. Lives in a. A unix
// socket is its user's only (0600); the file of one that nobody listens on any more is replaced,
// and the file goes when the listener is closed.
Status socket_listen(Socket **s, Arena *a, Str address);
// The same port at ::1 for a listener at 127.0.0.1, as some clients take localhost for ::1 only.
// NULL when it listens elsewhere, there is no v6 here, or somebody has the port there.
Socket *socket_listen_v6(Arena *a, Socket *listener);
// *s NULL when nobody waits; ERR_LIMIT when this process may not have more open files.
Status socket_accept(Socket **s, Arena *a, Socket *listener);
// Connects, waiting at most `timeout`; the socket then does not block. Looking up a host's name is
// not bounded by it.
Status socket_connect(Socket **s, Arena *a, Str address, Micros timeout);
// What is there now: *got 0 with *end false means nothing yet, *end true means that the peer is
// gone.
Status socket_read(Socket *s, void *to, int64_t n, int64_t *got, bool *end);
// Sends what the system takes now, the pieces in order; a peer that is gone is ERR_IO.
Status socket_write(Socket *s, const Str *piece, int32_t n, int64_t *sent);
// The same two, waiting until all is done, the peer is gone (ERR_IO) or `timeout` has passed.
Status socket_read_all(Socket *s, void *to, int64_t n, Micros timeout);
Status socket_write_all(Socket *s, Str data, Micros timeout);
// Waits until it can be read from, or (to_write) written to, or the peer is gone; false when the
// time ran out.
bool socket_wait(Socket *s, bool to_write, Micros timeout);
bool address_is_loopback(Str address);         // localhost, 127.x.y.z or [::1], with its port
Str socket_address(const Socket *s, Arena *a); // of our end: "127.0.0.1:9092"
Str socket_peer(const Socket *s, Arena *a);    // "10.0.0.7:51234", "unix:process 4711"
int32_t socket_port(const Socket *s);
void socket_close(Socket *s); // may be called twice

typedef struct Ready {
    void *tag;
    bool readable, writable;
    bool closed; // both ways: nothing will be written to it any more
} Ready;
Poll *poll_new(Arena *a);
void poll_add(Poll *p, Socket *s, void *tag, bool want_write);
void poll_change(Poll *p, Socket *s, void *tag, bool want_write);
// Not readable any more until poll_change: for a peer that sends faster than it reads.
void poll_pause(Poll *p, Socket *s, void *tag, bool want_write);
void poll_remove(Poll *p, Socket *s); // before the socket is closed, or by closing it
// Waits for at most `timeout` (negative: for ever); fills up to n and returns how many.
int32_t poll_wait(Poll *p, Ready *ready, int32_t n, Micros timeout);
void poll_wake(Poll *p); // from any thread: poll_wait returns
#endif
