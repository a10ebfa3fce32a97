// out_test.h -- an Out for tests that writes what it gets as text: cells between '|', each row with
// `end` behind it, NULL as NULL and a column that was not read as '-'.
#ifndef COL_OUT_TEST_H
#define COL_OUT_TEST_H
#include "col/out.h"

typedef struct OutText {
    Out out;
    Buf text;
    char end;
} OutText;
OutText out_text(Arena *a, char end);
#endif
