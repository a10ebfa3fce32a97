// sim_in.h -- the simulated disk from inside. A node is a file or a folder; each has what programs
// see now (live), what the platter holds (durable), and in between the list of changes that a crash
// may keep or lose. Changes of content wait in their node, changes of names in one list, because a
// rename touches two folders at once.
#ifndef OS_SIM_IN_H
#define OS_SIM_IN_H
#include "base/buf.h"
#include "base/map.h"
#include "os/sim.h"
#include "os/world_in.h"

enum { SECTOR = 512 }; // what a disk writes whole or not at all

typedef struct Write { // a change of content that is not yet durable
    int64_t at;
    Str bytes;
    bool cut; // the file was cut or grown to `at` instead
} Write;

typedef struct Node {
    struct Node *next; // all nodes of a disk
    Arena *arena;      // its content; ends with it
    bool dir, reached;
    struct Node *parent;           // a folder's
    Map live_names, durable_names; // a folder's: name to Node
    Buf live, durable;             // a file's content
    Arena *journal;                // holds what is pending
    VEC(Write) pending;
    int32_t links, handles; // names it has now; open files
    const File *locked_by;
    Micros modified;
} Node;

typedef struct NameChange { // a change of names that is not yet durable: one, or both ends of a
                            // rename
    struct {
        Node *dir, *node; // node NULL: the name goes
        Str name;
    } end[2];
    int32_t n;
    bool chosen;
} NameChange;

typedef enum SimOp {
    SIM_OPEN,
    SIM_READ,
    SIM_WRITE,
    SIM_SIZE,
    SIM_TRUNCATE,
    SIM_PREALLOCATE,
    SIM_SYNC,
    SIM_LOCK,
    SIM_LIST,
    SIM_STAT,
    SIM_MAKE,
    SIM_SYNC_NAMES,
    SIM_RENAME,
    SIM_LINK,
    SIM_REMOVE,
    SIM_FREE,
} SimOp;

// Every kind of chance has its own stream from the seed, so that switching one fault off leaves the
// others where they were.
typedef enum Luck {
    LUCK_WRITE,
    LUCK_SYNC,
    LUCK_READ,
    LUCK_SHORT,
    LUCK_FLIP,
    LUCK_TORN,
    LUCK_LOST,
    LUCK_JUMP,
    LUCK_STRAY,
    LUCK_STALL,
    LUCK_CRASH,
    LUCK_PROGRAM,
    LUCK_KINDS,
} Luck;

struct Sim {
    Arena *arena;
    Mutex *lock; // over everything here: one operation at a time
    SimFaults faults;
    uint64_t luck[LUCK_KINDS];
    uint64_t hash; // of all operations so far
    int64_t ops, fail_op, crash_op;
    int64_t boot; // files opened before the last crash are dead
    bool crashed;
    bool dying;   // this operation is the one that the crash comes upon
    int64_t used; // bytes of all files that are named or open
    int64_t mono_ns;
    Micros wall_ahead; // of mono_ns
    Node *root, *nodes;
    VEC(NameChange) pending;
};

extern const DiskKind disk_sim;
extern const HostKind host_sim;
Sim *sim_now(void); // the one that the process is in

// Around each operation: takes the lock and decides whether it fails, with which errno; ends it,
// puts it into the hash and gives what the caller sees.
int op_begin(Sim *s, SimOp op);
int op_end(Sim *s, SimOp op, Str path, int64_t n, int err);

uint64_t luck_u64(Sim *s, Luck kind);
int64_t luck_below(Sim *s, Luck kind, int64_t n);           // 0 <= it < n
bool luck_strikes(Sim *s, Luck kind, int32_t per_thousand); // draws only when per_thousand > 0

// sim_node.c: content.
Node *node_new(Sim *s, bool dir);
void node_write(Sim *s, Node *node, int64_t at, Str bytes); // seen at once, durable later
void node_cut(Sim *s, Node *node, int64_t bytes);
void node_sync(Node *node);
void node_sync_failed(Sim *s, Node *node); // some of it reaches the disk, the rest never will
void node_crash(Sim *s, Node *node);       // live becomes durable, with what luck adds
void node_forget(Sim *s, Node *node);      // its space is free once it has no name and no reader

// sim_name.c: the tree of names.
typedef struct Place { // what a path leads to
    Node *dir;  // the folder that holds it or would; NULL when the path ends in . or is the root
    Str name;   // in that folder; a view into the path
    Node *node; // NULL: there is nothing of that name
} Place;
int name_place(Place *p, Sim *s, const char *path); // ENOENT when a folder on the way is missing
int name_find(Node **node, Sim *s, const char *path);
void name_add(Sim *s, const Place *p, Node *node);
void name_sync(Sim *s, Node *dir);
void name_crash(Sim *s); // the tree becomes the durable one, with what luck adds
// What a crash leaves of n changes in their order: calls keep(arg, i) for each that survives.
void luck_survivors(Sim *s, int64_t n, void (*keep)(Sim *s, void *arg, int64_t i), void *arg);

// sim_file.c
int sim_file_open(File **f, Arena *a, const char *path, FileMode mode);
#endif
