// address.c -- addresses as text. A unix path that is longer than the system's field for it goes by
// way of its folder's descriptor in /proc, so that a data folder may lie as deep as it likes.
#include "base/num.h"
#include "os/net_in.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

static const Str unix_mark = STR_INIT("unix:");
bool address_is_unix(Str text) { return str_starts(text, unix_mark); }
Str address_path(Str text) { return str_from(text, unix_mark.n); }

static Status bad_address(Str text)
{
    return fail(ERR_INVALID, "'" STR_FMT "' is no address such as host:9092 or unix:/path",
                STR_ARG(text));
}

static Status unix_short_path(Addresses *to, Arena *a, Str *path, size_t most)
{
    if (path->n < (int64_t)most) return DONE;
    int64_t slash = str_rfind_char(*path, '/');
    Str base = str_from(*path, slash + 1);
    if (slash <= 0 || base.n > 64)
        return fail(ERR_INVALID, "the name of socket " STR_FMT " is too long", STR_ARG(*path));
    to->folder = open(str_to_z(a, str_of(path->p, slash)), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (to->folder < 0)
        return fail(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot reach socket " STR_FMT ": %s",
                    STR_ARG(*path), strerrordesc_np(errno));
    *path = str_fmt(a, "/proc/self/fd/%d/" STR_FMT, to->folder, STR_ARG(base));
    return DONE;
}

static Status unix_address(Addresses *to, Str path)
{
    if (path.n == 0 || str_find_char(path, 0) >= 0) return bad_address(S("unix:"));
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    Arena *tmp = arena_new(NULL);
    Status s = unix_short_path(to, tmp, &path, sizeof un.sun_path);
    if (!s.code) {
        memcpy(un.sun_path, path.p, (size_t)path.n);
        memcpy(&to->v[0].raw, &un, sizeof un);
        to->v[0].n = sizeof un;
        to->n = 1;
    }
    arena_free(tmp);
    return s;
}

// The host without its brackets, and the port. A bare v6 address must stand in brackets.
static Status split(Str text, Str *host, int64_t *port)
{
    int64_t colon = str_rfind_char(text, ':');
    if (colon < 0 || text.n - colon > 6) return bad_address(text);
    if (!num_parse_i64(str_from(text, colon + 1), port)) return bad_address(text);
    if (*port < 0 || *port > 65535 || text.p[colon + 1] == '+') return bad_address(text);
    *host = str_of(text.p, colon);
    bool brackets = host->n > 2 && host->p[0] == '[' && host->p[host->n - 1] == ']';
    if (brackets)
        *host = str_sub(*host, 1, host->n - 2);
    else if (str_find_char(*host, ':') >= 0)
        return bad_address(text);
    if (host->n == 0 || str_ieq(*host, S("localhost"))) *host = S("127.0.0.1");
    if (str_eq(*host, S("*"))) *host = S("0.0.0.0");
    return host->n < NI_MAXHOST && str_find_char(*host, 0) < 0 ? DONE : bad_address(text);
}

bool address_is_loopback(Str text)
{
    Str host = {0};
    int64_t port = 0;
    struct in_addr v4;
    struct in6_addr v6;
    char z[INET6_ADDRSTRLEN] = "";
    if (address_is_unix(text) || split(text, &host, &port).code) return false;
    if (!host.p || host.n >= (int64_t)sizeof z) return false;
    memcpy(z, host.p, (size_t)host.n);
    if (inet_pton(AF_INET, z, &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, z, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Status addresses_of(Addresses *to, Str text)
{
    to->n = 0;
    to->folder = -1;
    if (address_is_unix(text)) return unix_address(to, address_path(text));
    Str host = {0};
    int64_t port = 0;
    TRY(split(text, &host, &port));
    char host_z[NI_MAXHOST], port_z[8];
    snprintf(host_z, sizeof host_z, STR_FMT, STR_ARG(host));
    snprintf(port_z, sizeof port_z, "%d", (int)port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *found;
    int err = getaddrinfo(host_z, port_z, &hints, &found);
    if (err)
        return fail(ERR_NOT_FOUND, "cannot find host " STR_FMT ": %s", STR_ARG(host),
                    gai_strerror(err));
    for (struct addrinfo *i = found; i && to->n < ADDRESSES_MAX; i = i->ai_next) {
        Address *one = &to->v[to->n++];
        memcpy(&one->raw, i->ai_addr, i->ai_addrlen);
        one->n = i->ai_addrlen;
    }
    freeaddrinfo(found);
    return DONE;
}

void addresses_end(Addresses *a)
{
    if (a->folder >= 0) close(a->folder);
    a->folder = -1;
}

int32_t address_port(const Address *from)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (from->raw.ss_family == AF_INET) {
        memcpy(&v4, &from->raw, sizeof v4);
        return ntohs(v4.sin_port);
    }
    if (from->raw.ss_family != AF_INET6) return 0;
    memcpy(&v6, &from->raw, sizeof v6);
    return ntohs(v6.sin6_port);
}

Str address_text(const Address *from, Arena *a)
{
    if (from->raw.ss_family == AF_UNIX) {
        struct sockaddr_un un = {0};
        memcpy(&un, &from->raw, MIN(from->n, sizeof un));
        return str_fmt(a, "unix:%.*s", (int)sizeof un.sun_path, un.sun_path);
    }
    char host[NI_MAXHOST];
    int err = getnameinfo((const struct sockaddr *)&from->raw, from->n, host, sizeof host, NULL, 0,
                          NI_NUMERICHOST);
    if (err) return S("?");
    bool v6 = from->raw.ss_family == AF_INET6;
    return str_fmt(a, v6 ? "[%s]:%d" : "%s:%d", host, (int)address_port(from));
}
