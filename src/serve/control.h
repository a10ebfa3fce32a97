// control.h -- the control socket <data>/kappa.sock: commands of other processes of the same user,
// carried out by the one that holds the data folder.
//
// The caller sends one line of JSON,
//   {"args":["sql","-e","SELECT 1"],"text":"..","terminal":true,"columns":80}
// where "text" is the file or standard input that the command reads, when it reads one. It gets
// frames: a byte, `o` (standard output), `e` (standard error) or `x` (the end), four bytes of
// length, the highest first, and so many bytes; those of `x` are the exit code as text. A byte more
// from the caller is its Ctrl-C; so is its leaving.
#ifndef SERVE_CONTROL_H
#define SERVE_CONTROL_H
#include "base/buf.h"
#include "os/thread.h"

typedef enum ControlStream { CONTROL_OUT = 'o', CONTROL_ERR = 'e' } ControlStream;
typedef struct ControlRequest {
    const Str *arg;
    int32_t nargs;
    Str text; // p NULL: none
    bool terminal;
    int32_t columns;
} ControlRequest;

// ---- the server

typedef struct Control Control;
typedef struct ControlCall ControlCall;
struct ControlCall {
    Arena *arena; // of the thread that carries it out
    ControlRequest request;
    Shared64 interrupted; // how often; shared_wake is called on it
};
// Listens at path. `run` carries a call out, on a thread of its own, and gives its exit code.
// ERR_CONFLICT when somebody listens there. Lives in a.
Status control_open(Control **c, Arena *a, Str path, int (*run)(void *ctx, ControlCall *call),
                    void *ctx);
// Takes no more calls and waits for those that run, after interrupting them when in a hurry. May be
// called twice.
void control_close(Control *c, bool hurry);
int64_t control_calls(const Control *c); // that run now
// For any thread of the call. Fails when the caller is gone.
Status control_put(ControlCall *call, ControlStream to, Str text);

// ---- the caller

typedef struct ControlTo { // where the answer goes
    Status (*put)(void *ctx, ControlStream to, Str text);
    void *ctx;
    const Shared64 *interrupted; // how often: each is passed on. May be NULL
} ControlTo;
// *there false: nobody listens at path, and nothing was done.
Status control_ask(bool *there, int *code, Str path, const ControlRequest *what,
                   const ControlTo *to);
#endif
