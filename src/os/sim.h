// sim.h -- the simulated world: one seed decides every fault, so a failure is a number to run
// again. It replaces files, clock and chance for the whole process (sockets and threads stay real;
// the engine under simulation runs with one worker).
//
// The disk keeps, per file, what is durable and what is only written; per folder, which names are
// durable. sim_crash forgets what was not durable, except what the seed decides to have survived
// (writes may survive in part and out of order, names may survive without their content).
#ifndef OS_SIM_H
#define OS_SIM_H
#include "base/base.h"

typedef struct Sim Sim;
typedef struct SimFaults { // chances in 1/1000 per call; zero everywhere is a perfect disk
    int32_t write_error, sync_error, read_error, short_read, bit_flip;
    int32_t torn_write; // at a crash: an unsynced write survives in part
    int32_t lost_sync;  // a sync that says yes and does nothing
    int32_t clock_jump;
    int64_t disk_bytes_max; // 0: no end; past it writes fail as on a full disk
    int64_t fail_at;        // the n-th operation from now fails (1 is the next); 0: none
    int64_t crash_at;       // the n-th operation from now and all later ones fail, as in a crash
} SimFaults;

Sim *sim_new(Arena *a, uint64_t seed, const SimFaults *faults);
void sim_enter(Sim *s); // from now on this process lives in s
void sim_leave(void);   // back to the real world
void sim_faults(Sim *s, const SimFaults *faults);
void sim_crash(Sim *s);         // power cut: open files die, what was not durable is gone
int64_t sim_ops(const Sim *s);  // operations so far: the range for fail_at and crash_at
bool sim_crashed(const Sim *s); // crash_at was reached
void sim_advance(Sim *s, Micros t);
void sim_corrupt(Sim *s, Str path, int64_t at, uint8_t xor_with); // rot on the platter
#endif
