// net.h -- sockets and readiness. Sockets never block except where a function says so. A door owns
// one Poll and runs it on its own thread.
#ifndef OS_NET_H
#define OS_NET_H
#include "base/base.h"

typedef struct Socket Socket;
typedef struct Poll Poll;

// Listens on "host:port" (port 0: any; host empty or localhost: loopback) or "unix:/path".
// ERR_CONFLICT when the address is in use. Lives in a.
Status socket_listen(Socket **s, Arena *a, Str address);
Status socket_accept(Socket **s, Arena *a, Socket *listener); // *s NULL when nobody waits
// Connects, waiting at most `timeout`; the socket then does not block.
Status socket_connect(Socket **s, Arena *a, Str address, Micros timeout);
// What is there now: *got 0 with *end false means nothing yet, *end true means that the peer is
// gone.
Status socket_read(Socket *s, void *to, int64_t n, int64_t *got, bool *end);
// Sends what the system takes now, the pieces in order.
Status socket_write(Socket *s, const Str *piece, int32_t n, int64_t *sent);
// The same two, waiting until all is done, the peer is gone (ERR_IO) or `timeout` has passed.
Status socket_read_all(Socket *s, void *to, int64_t n, Micros timeout);
Status socket_write_all(Socket *s, Str data, Micros timeout);
Str socket_address(const Socket *s, Arena *a); // of our end: "127.0.0.1:9092"
Str socket_peer(const Socket *s, Arena *a);
int32_t socket_port(const Socket *s);
void socket_close(Socket *s); // may be called twice

typedef struct Ready {
    void *tag;
    bool readable, writable, closed;
} Ready;
Poll *poll_new(Arena *a);
void poll_add(Poll *p, Socket *s, void *tag, bool want_write);
void poll_change(Poll *p, Socket *s, void *tag, bool want_write);
void poll_remove(Poll *p, Socket *s);
// Waits for at most `timeout` (negative: for ever); fills up to n and returns how many.
int32_t poll_wait(Poll *p, Ready *ready, int32_t n, Micros timeout);
void poll_wake(Poll *p); // from any thread: poll_wait returns
#endif
