// fixture_test.h -- commands run inside a test, without a process: what they said and their exit
// code.
#ifndef CLI_FIXTURE_TEST_H
#define CLI_FIXTURE_TEST_H
#include "cli/cli.h"

typedef struct BufIo { // an Io that keeps what is put
    Io io;
    Buf text;
} BufIo;
BufIo fixture_io(Arena *a);

typedef struct Said {
    int code;
    Str out, err;
} Said;
// A command line, its words parted by single blanks, on the data folder dir.
Said fixture_said(Arena *a, Str dir, Str line);

typedef struct SaidRow {
    Str line;
    int code;
    Str says; // a part of what is written: to err when the code is not 0
} SaidRow;
void fixture_said_rows(Arena *a, Str dir, const SaidRow *row, int64_t n);
#endif
