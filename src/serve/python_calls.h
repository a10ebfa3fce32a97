// python_calls.h -- the program of a worker that calls Python functions row by row. It is our own,
// so that it depends on no version's private protocol: of the client's pyspark it needs the types.
#ifndef SERVE_PYTHON_CALLS_H
#define SERVE_PYTHON_CALLS_H
extern const char python_calls[];
#endif
