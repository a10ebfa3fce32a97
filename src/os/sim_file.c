// sim_file.c -- open files of the simulated disk: one operation each, short, flipped or refused as
// luck has it. A file that was opened before the last crash is dead and touches nothing.
#include "base/hash.h"
#include "os/sim_in.h"
#include <errno.h>

typedef struct SimFile {
    File file;
    Sim *sim;
    Node *node; // only while boot is the simulation's
    int64_t boot;
    bool writable;
} SimFile;

static SimFile *of(File *f) { return CONTAINER(f, SimFile, file); }

static int begin(SimFile *f, SimOp op)
{
    int err = op_begin(f->sim, op);
    return f->boot == f->sim->boot ? err : ESTALE;
}
static int end(SimFile *f, SimOp op, int64_t n, int err)
{
    return op_end(f->sim, op, f->file.path, n, err);
}

// How much of n one call moves; 0: it is interrupted before the first byte.
static int64_t luck_short(Sim *s, int64_t n)
{
    if (n == 0 || !luck_strikes(s, LUCK_SHORT, s->faults.short_read)) return n;
    return luck_below(s, LUCK_SHORT, n);
}

static int read_some(SimFile *f, int64_t at, void *to, int64_t n, int64_t *got)
{
    Sim *s = f->sim;
    const Buf *live = &f->node->live;
    n = MIN(n, MAX(live->n - at, 0));
    *got = luck_short(s, n);
    if (n && *got == 0) return EINTR;
    if (*got == 0) return 0;
    memcpy(to, live->p + at, (size_t)*got);
    if (luck_strikes(s, LUCK_FLIP, s->faults.bit_flip)) {
        int64_t bit = luck_below(s, LUCK_FLIP, *got * 8);
        ((uint8_t *)to)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    return 0;
}

static int sim_read(File *file, int64_t at, void *to, int64_t n, int64_t *got)
{
    SimFile *f = of(file);
    *got = 0;
    int err = begin(f, SIM_READ);
    if (!err) err = read_some(f, at, to, n, got);
    return end(f, SIM_READ, (int64_t)hash_mix((uint64_t)at, (uint64_t)*got), err);
}

static int64_t room(const Sim *s) // for files to grow
{
    int64_t most = s->faults.disk_bytes_max;
    return most ? MAX(most - s->used, 0) : INT64_C(1) << 50;
}

static int write_some(SimFile *f, int64_t at, Str s, int64_t *put)
{
    if (!f->writable) return EBADF;
    int64_t fits = f->node->live.n + room(f->sim) - at;
    if (fits <= 0) return ENOSPC;
    *put = luck_short(f->sim, MIN(s.n, fits));
    if (*put == 0) return EINTR;
    node_write(f->sim, f->node, at, str_of(s.p, *put));
    return 0;
}

static int sim_write(File *file, int64_t at, Str s, int64_t *put)
{
    SimFile *f = of(file);
    *put = 0;
    int err = begin(f, SIM_WRITE);
    if (err == EIO && f->writable) // some of it got there
        node_write(f->sim, f->node, at, str_of(s.p, luck_below(f->sim, LUCK_WRITE, s.n)));
    if (!err) err = write_some(f, at, s, put);
    return end(f, SIM_WRITE, (int64_t)hash_mix((uint64_t)at, hash_bytes(str_of(s.p, *put))), err);
}

static int sim_size(File *file, int64_t *bytes)
{
    SimFile *f = of(file);
    int err = begin(f, SIM_SIZE);
    if (!err) *bytes = f->node->live.n;
    return end(f, SIM_SIZE, err ? 0 : *bytes, err);
}

static int sim_truncate(File *file, int64_t bytes)
{
    SimFile *f = of(file);
    int err = begin(f, SIM_TRUNCATE);
    if (!err && !f->writable) err = EINVAL;
    if (!err && bytes - f->node->live.n > room(f->sim)) err = ENOSPC;
    if (!err) node_cut(f->sim, f->node, bytes);
    return end(f, SIM_TRUNCATE, bytes, err);
}

static int sim_preallocate(File *file, int64_t bytes)
{
    SimFile *f = of(file);
    int err = begin(f, SIM_PREALLOCATE);
    if (!err && !f->writable) err = EBADF;
    if (!err && bytes - f->node->live.n > room(f->sim)) err = ENOSPC;
    return end(f, SIM_PREALLOCATE, bytes, err);
}

static int sim_sync(File *file)
{
    SimFile *f = of(file);
    int err = begin(f, SIM_SYNC);
    if (err == EIO) node_sync_failed(f->sim, f->node);
    if (!err && !luck_strikes(f->sim, LUCK_LOST, f->sim->faults.lost_sync)) node_sync(f->node);
    return end(f, SIM_SYNC, 0, err);
}

static int sim_lock(File *file)
{
    SimFile *f = of(file);
    int err = begin(f, SIM_LOCK);
    if (!err && f->node->locked_by && f->node->locked_by != file) err = EWOULDBLOCK;
    if (!err) f->node->locked_by = file;
    return end(f, SIM_LOCK, 0, err);
}

static void sim_close(File *file) // no operation: it cannot fail and leaves nothing to lose
{
    SimFile *f = of(file);
    mutex_lock(f->sim->lock);
    if (f->boot == f->sim->boot) {
        if (f->node->locked_by == file) f->node->locked_by = NULL;
        f->node->handles--;
        node_forget(f->sim, f->node);
    }
    mutex_unlock(f->sim->lock);
}

static const FileKind sim_file = {sim_read,        sim_write, sim_size, sim_truncate,
                                  sim_preallocate, sim_sync,  sim_lock, sim_close};

static int do_open(SimFile *f, const char *path, FileMode mode)
{
    Place p;
    int err = name_place(&p, f->sim, path);
    if (err) return err;
    if (!p.node && mode == FILE_READ) return ENOENT;
    if (p.node && mode == FILE_CREATE) return EEXIST;
    if (p.node && p.node->dir) return EISDIR;
    if (!p.node) {
        p.node = node_new(f->sim, false);
        name_add(f->sim, &p, p.node);
    }
    f->node = p.node;
    f->boot = f->sim->boot;
    f->writable = mode != FILE_READ;
    if (!f->sim->dying) p.node->handles++; // else the file is there, and nobody gets to hold it
    return 0;
}

int sim_file_open(File **file, Arena *a, const char *path, FileMode mode)
{
    Sim *s = sim_now();
    SimFile *f = NEW(a, SimFile, 1);
    *f = (SimFile){.file.kind = &sim_file, .sim = s};
    int err = op_begin(s, SIM_OPEN);
    if (!err) err = do_open(f, path, mode);
    *file = &f->file;
    return op_end(s, SIM_OPEN, str_z(path), (int64_t)mode, err);
}
