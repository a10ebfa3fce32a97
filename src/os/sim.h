// sim.h -- the simulated world: one seed decides every fault, so a failure is a number to run
// again. It replaces files, clock and chance for the whole process (sockets, threads and the
// environment stay real; the engine under simulation runs with one worker).
//
// The disk keeps, per file, what is durable and what is only written; per folder, which names are
// durable. sim_crash forgets what was not durable, except what the seed decides to have survived:
// nothing, all, a prefix, or any subset of it, for each file and for the names on their own (so
// writes survive out of order, and names without their content). A rename survives whole or not at
// all. A sync that fails gives up for good what it did not write, and later ones say yes.
//
// The same seed, faults and calls give the same bytes, names, times and chances; sim_hash shows it.
// Each kind of fault draws from its own stream, so that taking one away leaves the others.
#ifndef OS_SIM_H
#define OS_SIM_H
#include "base/base.h"

typedef struct Sim Sim;
typedef struct SimFaults { // chances in 1/1000 per call; zero everywhere is a perfect disk
    int32_t write_error;   // some prefix is written; making, moving and removing names fail too
    int32_t sync_error, read_error;
    int32_t short_read;     // reads and writes are short or interrupted
    int32_t bit_flip;       // one bit of what is read
    int32_t torn_write;     // at a crash: an unsynced write survives in part, by sectors of 512
    int32_t stray_write;    // a write that reaches the disk at another sector of its file
    int32_t lost_sync;      // a sync that says yes and does nothing
    int32_t clock_jump;     // the wall clock moves by up to an hour, either way
    int32_t stall;          // an operation takes up to 30 seconds, by the clock of this world
    int64_t disk_bytes_max; // 0: no end; past it writes fail as on a full disk
    int64_t fail_at;        // the n-th operation from now fails (1 is the next); 0: none
    int64_t crash_at;       // the n-th operation from now and all later ones fail, as in a crash
} SimFaults;

Sim *sim_new(Arena *a, uint64_t seed, const SimFaults *faults); // faults may be NULL; has "/tmp"
// From now on this process lives in s. Files that are opened there must be closed, or their arenas
// ended, before a ends.
void sim_enter(Sim *s);
void sim_leave(void); // back to the real world
void sim_faults(Sim *s, const SimFaults *faults);
// Power cut and start: open files die, what was not durable is gone. fail_at and crash_at are over.
void sim_crash(Sim *s);
void sim_kill(Sim *s);           // kill -9 and start: open files die, what was written stays
int64_t sim_ops(const Sim *s);   // operations so far: the range for fail_at and crash_at
bool sim_crashed(const Sim *s);  // crash_at was reached
uint64_t sim_hash(const Sim *s); // of all operations so far and their results
void sim_advance(Sim *s, Micros t);
void sim_corrupt(Sim *s, Str path, int64_t at, uint8_t xor_with); // rot on the platter
#endif
