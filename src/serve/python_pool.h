// python_pool.h -- PythonPool, who runs the Python functions of a session: processes of the user's
// Python that are given rows of arguments and answer columns. One is started when rows come and all
// others are busy, so there are as many as threads that call at once; who has nothing to do for
// long ends, as does who was given up or fails.
#ifndef SERVE_PYTHON_POOL_H
#define SERVE_PYTHON_POOL_H
#include "op/user.h"

typedef struct PythonPool PythonPool;
PythonPool *python_pool_new(Arena *a); // its processes end with a
UserHost *python_pool_host(PythonPool *p);
#endif
