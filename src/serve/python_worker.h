// python_worker.h -- PythonWorker, a process of the user's own Python that runs functions of his:
// started, greeted on a socket of its own by a secret that is in its environment, told and asked in
// length-prefixed texts, given up when it hangs and nobody wants its answer any more. It ends with
// the arena it was made in, and by itself when this process does. One thread at a time.
#ifndef SERVE_PYTHON_WORKER_H
#define SERVE_PYTHON_WORKER_H
#include "base/buf.h"
#include "os/net.h"

typedef struct PythonWorker PythonWorker;
typedef struct PythonStop { // whether its answer is not wanted any more
    bool (*asked)(void *ctx);
    void *ctx;
    Micros grace; // how long a function at work may go on then
} PythonStop;
typedef struct PythonSpec {
    Str program; // the interpreter: python_program
    Str version; // what pickled the functions: "3.11"
    Str boot;    // the program's text, after a head that sees to version, pyspark and our death
    Str arg;     // sys.argv[3]
    const Str *env;
    int32_t nenv;
} PythonSpec;

Str python_program(Arena *a, Str said); // said: ConnectPython.program
// Starts it and waits until it has shown its secret; lives in a, which ends it. What the spec says
// is borrowed for its life. Fails with a sentence that tells why it cannot be.
Status python_worker_start(PythonWorker **w, Arena *a, const PythonSpec *spec,
                           const PythonStop *stop);
void python_worker_stop_by(PythonWorker *w, const PythonStop *stop); // from now on
Status python_worker_send(PythonWorker *w, Str bytes);
// The next number of an answer; until_ns 0: as long as it takes. ERR_CANCELLED after a stop.
Status python_worker_i32(PythonWorker *w, int32_t *v, int64_t until_ns);
// A text that follows a number; ERR_CORRUPT when it is longer than `most`.
Status python_worker_text(PythonWorker *w, Arena *a, Str *text, int64_t most);
int64_t python_worker_ready_until(void);  // how long a start and the loading of functions may take
void python_worker_kill(PythonWorker *w); // SIGTERM: it is not at a place where it can be asked
void python_put_text(Buf *b, Str s);
// What went wrong: the traceback that follows the answer -2, or why there is no answer (s).
Str python_reason(PythonWorker *w, Arena *a, Status s, int32_t answer);
#endif
