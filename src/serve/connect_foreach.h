// connect_foreach.h -- foreach and foreachBatch over Connect: the worker of PySpark that a query's
// function runs in. It is a process of the user's Python and a client of the same session; on a
// socket of its own it is told which relation is the next batch, and answers when its function is
// done.
#ifndef SERVE_CONNECT_FOREACH_H
#define SERVE_CONNECT_FOREACH_H
#include "conn/foreach.h"
#include "serve/connect_work.h"

// Starts the worker and waits until it has loaded the function; the session may not be locked. What
// it gives lives in w's arena. STREAMING_PYTHON_RUNNER_INITIALIZATION_FAILURE,
// UNSUPPORTED_FEATURE where no Python may run.
Status foreach_start(const ForeachBatch **batch, Work *w, const ConnectPython *function);
#endif
