// host_posix.c -- the real machine: its clocks, chance, time zone, working folder and free space.
#include "os/file.h"
#include "os/proc.h"
#include "os/world_in.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ns(clockid_t id)
{
    struct timespec t;
    must(clock_gettime(id, &t) == 0);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static Micros posix_now(void) { return clock_ns(CLOCK_REALTIME) / 1000; }
static int64_t posix_mono_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static int64_t posix_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

static void posix_sleep(Micros t)
{
    struct timespec left = {t / 1000000, t % 1000000 * 1000};
    while (nanosleep(&left, &left) < 0) must(errno == EINTR);
}

static void posix_random(void *to, int64_t n)
{
    for (char *p = to; n;) {
        ssize_t got = getrandom(p, (size_t)n, 0);
        must(got > 0 || errno == EINTR);
        if (got < 0) continue;
        p += got;
        n -= got;
    }
}

// "/usr/share/zoneinfo/posix/Europe/Berlin" -> "Europe/Berlin"; what is no such path stays.
static Str zone_of_path(Str path)
{
    static const Str mark = STR_INIT("zoneinfo/");
    int64_t at = str_find(path, mark);
    if (at < 0) return path;
    path = str_from(path, at + mark.n);
    return str_starts(path, S("posix/")) ? str_from(path, 6) : path;
}

static Str posix_zone(Arena *a)
{
    Str tz = env_get(a, "TZ");
    if (str_starts(tz, S(":"))) tz = str_from(tz, 1);
    if (tz.n) return zone_of_path(tz);
    Str text;
    if (file_load(&text, a, S("/etc/timezone"), 1024).code == OK && str_trim(text).n)
        return str_trim(str_cut(text, '\n').head); // else the next place, and the failure is over
    char link[1024];
    ssize_t n = readlink("/etc/localtime", link, sizeof link);
    Str target = n > 0 ? str_of(link, n) : S("");
    Str zone = zone_of_path(target);
    return zone.n < target.n ? str_copy(a, zone) : S("UTC");
}

static int posix_absolute(Str *out, Arena *a, const char *path)
{
    Str whole = str_z(path), exists = whole;
    for (;;) {
        char *real = realpath(exists.n ? str_to_z(a, exists) : ".", NULL);
        if (real) {
            Str at = str_copy(a, str_z(real));
            free(real);
            *out = path_walk(a, at, str_from(whole, exists.n));
            return 0;
        }
        if (errno != ENOENT || exists.n == 0) return errno;
        int64_t cut = str_rfind_char(exists, '/');
        exists.n = cut == 0 && exists.n > 1 ? 1 : MAX(cut, 0);
    }
}

static int posix_free_bytes(const char *path, int64_t *bytes)
{
    struct statvfs fs;
    if (statvfs(path, &fs) < 0) return errno;
    *bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    return 0;
}

static const HostKind host_posix = {posix_now,    posix_mono_ns, posix_cpu_ns,   posix_sleep,
                                    posix_random, posix_zone,    posix_absolute, posix_free_bytes};
const World world_real = {&disk_posix, &host_posix};
