// sim_host.c -- the simulated machine's clock, chance and the rest. Time passes by itself only so
// much that loops which wait for it end: a microsecond for each look at a clock.
#include "os/file.h"
#include "os/sim_in.h"
#include <errno.h>

static int64_t tick(Sim *s, int64_t ns)
{
    mutex_lock(s->lock);
    s->mono_ns += ns;
    int64_t now = s->mono_ns;
    mutex_unlock(s->lock);
    return now;
}

static Micros sim_clock_now(void)
{
    Sim *s = sim_now();
    mutex_lock(s->lock);
    s->mono_ns += 1000;
    if (luck_strikes(s, LUCK_JUMP, s->faults.clock_jump))
        s->wall_ahead += luck_below(s, LUCK_JUMP, INT64_C(7200000000)) - INT64_C(3600000000);
    Micros now = s->mono_ns / 1000 + s->wall_ahead;
    mutex_unlock(s->lock);
    return now;
}

static int64_t sim_mono_ns(void) { return tick(sim_now(), 1000); }
static void sim_sleep(Micros t) { tick(sim_now(), t * 1000); }

static void sim_random(void *to, int64_t n)
{
    Sim *s = sim_now();
    mutex_lock(s->lock);
    for (int64_t at = 0; at < n; at += 8) {
        uint64_t v = luck_u64(s, LUCK_PROGRAM);
        memcpy((char *)to + at, &v, (size_t)MIN(n - at, 8));
    }
    mutex_unlock(s->lock);
}

static Str sim_zone(Arena *a)
{
    (void)a;
    return S("UTC");
}

static int sim_absolute(Str *out, Arena *a, const char *path)
{
    *out = path_walk(a, S("/"), str_z(path)); // there are no links, and the working folder is /
    return 0;
}

static int sim_free_bytes(const char *path, int64_t *bytes)
{
    Sim *s = sim_now();
    Node *node;
    int err = op_begin(s, SIM_FREE);
    if (!err) err = name_find(&node, s, path);
    if (!err)
        *bytes = s->faults.disk_bytes_max ? MAX(s->faults.disk_bytes_max - s->used, 0)
                                          : INT64_C(1) << 50;
    return op_end(s, SIM_FREE, str_z(path), 0, err);
}

const HostKind host_sim = {sim_clock_now, sim_mono_ns, sim_mono_ns,  sim_sleep,
                           sim_random,    sim_zone,    sim_absolute, sim_free_bytes};
