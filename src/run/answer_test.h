// answer_test.h -- what statements answer, as text, for tests: "name,..|cell,cell|.." .
#ifndef RUN_ANSWER_TEST_H
#define RUN_ANSWER_TEST_H
#include "run/statement.h"

typedef struct Heard {
    Answer answer;
    Buf text;
    bool names; // begins with those of the columns
} Heard;
void heard_begin(Heard *h, Arena *a, bool names); // may not move from then on
// Runs all statements; what the last one answered, or the condition it failed with.
Str answer_text(Arena *a, Session *s, Str statements, bool names);
#endif
