// host.h -- Host, the process that holds a data folder: its engine, the socket at which other
// processes have commands run, and the Kafka door when it has one.
#ifndef CLI_HOST_H
#define CLI_HOST_H
#include "cli/cli.h"
#include "run/engine.h"

typedef struct Host {
    Engine *engine;
    Str command; // what this process is
    Micros since;
    Arena *arena;
    struct Control *control;     // NULL: does not listen
    struct KafkaDoor *door;      // NULL: none
    struct ConnectDoor *connect; // NULL: none
    VEC(Str) pipelines;          // that it was given
} Host;
typedef struct HostOptions {
    Str command;
    bool own;                    // no other process can run this command
    int32_t partitions, workers; // 0: as the engine has it; one a core
    Str text; // what the command reads, when another process has to run it; p NULL: nothing
} HostOptions;

// Opens the data folder. *ran true: another process has it and ran the command; *code is its exit
// code. One that does not listen is waited for a little; then ERR_CONFLICT names it. A command that
// runs in a host gets that one.
Status host_enter(Host **h, Cli *cli, const HostOptions *o, bool *ran, int *code);
// From now on other processes may have commands run here.
Status host_listen(Host *h, Cli *cli);
// Gives back what host_listen made: calls of other processes end first, at once when somebody wants
// us to stop.
void host_leave(Host *h, Cli *cli);
// Has the command run by the process that holds the folder. False when nobody listens there, or
// this is that process.
bool host_ran(Cli *cli, Str text, int *code);
Str host_socket(Arena *a, Str data_dir);
#endif
