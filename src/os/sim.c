// sim.c -- the simulated machine: entering and leaving it, which operations fail, luck, and what a
// crash does to all of it.
#include "os/sim.h"
#include "base/hash.h"
#include "os/sim_in.h"
#include <errno.h>

static _Atomic(Sim *) current;
static const World world_sim = {&disk_sim, &host_sim};

Sim *sim_now(void) { return current; }

void sim_enter(Sim *s)
{
    must(!current);
    current = s;
    world_set(&world_sim);
}

void sim_leave(void)
{
    must(current);
    world_set(&world_real);
    current = NULL;
}

static void end_deferred(void *arg)
{
    Sim *s = arg;
    if (current == s) sim_leave();
    arena_free(s->arena);
}

Sim *sim_new(Arena *a, uint64_t seed, const SimFaults *faults)
{
    Sim *s = NEW(a, Sim, 1);
    s->arena = arena_new(NULL); // not below a, whose children end before the files opened in a do
    arena_defer(a, end_deferred, s);
    s->lock = mutex_new(s->arena);
    for (int32_t i = 0; i < LUCK_KINDS; i++) s->luck[i] = hash_mix(seed, (uint64_t)i);
    s->mono_ns = 1000000000;
    s->wall_ahead = INT64_C(1735689600000000); // 2025-01-01
    s->root = node_new(s, true);
    name_add(s, &(Place){.dir = s->root, .name = S("tmp")}, node_new(s, true));
    name_sync(s, s->root);
    if (faults) sim_faults(s, faults);
    return s;
}

void sim_faults(Sim *s, const SimFaults *faults)
{
    mutex_lock(s->lock);
    s->faults = *faults;
    s->fail_op = faults->fail_at ? s->ops + faults->fail_at : 0;
    s->crash_op = faults->crash_at ? s->ops + faults->crash_at : 0;
    mutex_unlock(s->lock);
}

uint64_t luck_u64(Sim *s, Luck kind)
{
    s->luck[kind] += UINT64_C(0x9e3779b97f4a7c15);
    return hash_u64(s->luck[kind]);
}

int64_t luck_below(Sim *s, Luck kind, int64_t n)
{
    must(n > 0);
    return (int64_t)(luck_u64(s, kind) % (uint64_t)n);
}

bool luck_strikes(Sim *s, Luck kind, int32_t per_thousand)
{
    return per_thousand > 0 && luck_below(s, kind, 1000) < per_thousand;
}

void luck_survivors(Sim *s, int64_t n, void (*keep)(Sim *s, void *arg, int64_t i), void *arg)
{
    if (n == 0) return;
    enum { NOTHING, ALL, PREFIX, SUBSET, WAYS };
    int64_t way = luck_below(s, LUCK_CRASH, WAYS);
    int64_t prefix = way == ALL ? n : way == PREFIX ? luck_below(s, LUCK_CRASH, n + 1) : 0;
    for (int64_t i = 0; i < n; i++)
        if (i < prefix || (way == SUBSET && luck_below(s, LUCK_CRASH, 2) == 0)) keep(s, arg, i);
}

static bool fault_strikes(Sim *s, SimOp op)
{
    const SimFaults *f = &s->faults;
    switch (op) {
    case SIM_OPEN:
    case SIM_READ:
    case SIM_LIST: return luck_strikes(s, LUCK_READ, f->read_error);
    case SIM_WRITE:
    case SIM_TRUNCATE:
    case SIM_PREALLOCATE:
    case SIM_MAKE:
    case SIM_RENAME:
    case SIM_LINK:
    case SIM_REMOVE: return luck_strikes(s, LUCK_WRITE, f->write_error);
    case SIM_SYNC:
    case SIM_SYNC_NAMES: return luck_strikes(s, LUCK_SYNC, f->sync_error);
    case SIM_SIZE:
    case SIM_LOCK:
    case SIM_STAT:
    case SIM_FREE: return false;
    }
    must_failed("SimOp", __FILE__, __LINE__);
}

int op_begin(Sim *s, SimOp op)
{
    mutex_lock(s->lock);
    s->ops++;
    s->mono_ns += 1000;
    if (luck_strikes(s, LUCK_STALL, s->faults.stall))
        s->mono_ns += luck_below(s, LUCK_STALL, INT64_C(30000000000));
    if (s->crashed) return EHOSTDOWN;
    if (s->ops == s->crash_op) { // what it was doing may have been done, though nobody hears of it
        s->crashed = true;
        s->dying = luck_below(s, LUCK_CRASH, 2) == 0;
        return s->dying ? 0 : EHOSTDOWN;
    }
    bool struck = fault_strikes(s, op); // drawn before fail_at is looked at: it shifts no luck
    return struck || s->ops == s->fail_op ? EIO : 0;
}

int op_end(Sim *s, SimOp op, Str path, int64_t n, int err)
{
    if (s->dying) err = EHOSTDOWN;
    s->dying = false;
    s->hash = hash_mix(s->hash, hash_bytes(path));
    s->hash = hash_mix(s->hash, (uint64_t)n);
    s->hash = hash_mix(s->hash, (uint64_t)op << 32 | (uint32_t)err);
    mutex_unlock(s->lock);
    return err;
}

// What dies with every process: open files and their locks.
static void end_process(Sim *s)
{
    s->boot++;
    s->crashed = false;
    s->fail_op = s->crash_op = 0;
    for (Node *node = s->nodes, *next; node; node = next) {
        next = node->next;
        node->locked_by = NULL;
        if (node->handles == 0) continue;
        node->handles = 0;
        node_forget(s, node);
    }
}

void sim_kill(Sim *s)
{
    mutex_lock(s->lock);
    end_process(s);
    mutex_unlock(s->lock);
}

void sim_crash(Sim *s)
{
    mutex_lock(s->lock);
    end_process(s);
    for (Node *node = s->nodes; node; node = node->next)
        if (!node->dir) node_crash(s, node);
    name_crash(s);
    s->hash = hash_mix(s->hash, (uint64_t)s->boot);
    mutex_unlock(s->lock);
}

#define LOCKED(s, T, value)                                                                        \
    do {                                                                                           \
        mutex_lock((s)->lock);                                                                     \
        T v_ = (value);                                                                            \
        mutex_unlock((s)->lock);                                                                   \
        return v_;                                                                                 \
    } while (0)
int64_t sim_ops(const Sim *s) { LOCKED(s, int64_t, s->ops); }
bool sim_crashed(const Sim *s) { LOCKED(s, bool, s->crashed); }
uint64_t sim_hash(const Sim *s) { LOCKED(s, uint64_t, s->hash); }

void sim_advance(Sim *s, Micros t)
{
    must(t >= 0);
    mutex_lock(s->lock);
    s->mono_ns += t * 1000;
    mutex_unlock(s->lock);
}

void sim_corrupt(Sim *s, Str path, int64_t at, uint8_t xor_with)
{
    mutex_lock(s->lock);
    Arena *tmp = arena_new(NULL);
    Node *node;
    must(name_find(&node, s, str_to_z(tmp, path)) == 0 && !node->dir);
    must(at >= 0 && at < node->live.n);
    node->live.p[at] = (char)((uint8_t)node->live.p[at] ^ xor_with);
    if (at < node->durable.n) node->durable.p[at] = (char)((uint8_t)node->durable.p[at] ^ xor_with);
    arena_free(tmp);
    mutex_unlock(s->lock);
}
