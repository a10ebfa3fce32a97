// net_in.h -- sockets from inside: what an address text means to the system, and who owns the fd.
#ifndef OS_NET_IN_H
#define OS_NET_IN_H
#include "os/net.h"
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

struct Socket {
    int fd;         // -1 once closed
    Str path;       // of a unix listener, whose file goes with it
    uint64_t inode; // of that file as it was made
};

typedef struct Address { // one of several that a name stands for
    struct sockaddr_storage raw;
    socklen_t n;
} Address;
enum { ADDRESSES_MAX = 8 };
typedef struct Addresses {
    Address v[ADDRESSES_MAX];
    int32_t n;
    int folder; // open while a unix address is in use, when its path is too long; else -1
} Addresses;

// "host:port", "[v6]:port" or "unix:/path". ERR_INVALID for a text that is none of these,
// ERR_NOT_FOUND for a host that nobody knows. addresses_end afterwards in any case.
Status addresses_of(Addresses *to, Str text);
void addresses_end(Addresses *a);
bool address_is_unix(Str text);
Str address_path(Str text);                      // of a unix address
Str address_text(const Address *from, Arena *a); // "127.0.0.1:9092", "[::1]:9092", "unix:/path"
int32_t address_port(const Address *from);       // 0 of a unix address
#endif
