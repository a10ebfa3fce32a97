// due.h -- Due, which rows of a table come due when, where their time is no key of them but stands
// in the payload: sessions that may still grow, keys that are remembered for a while. It is an
// index over rows of op->state, made from them anew after a restart, and no state itself.
//
// An entry says "look at this row when its time has come". Who moves a row's time later may leave
// the entry where it is and put another one when the row turns out not to be due; who removes a row
// leaves the entry and must know the row for dead when it comes out.
#ifndef OP_DUE_H
#define OP_DUE_H
#include "state/table.h"

typedef struct Due Due;
Due *due_new(Arena *a);
void due_put(Due *d, Micros time, char *payload);
// Takes out the entries with time <= upto, oldest spans of time first; in a.
TableRows due_take(Due *d, Micros upto, Arena *a);
int64_t due_bytes(const Due *d);
#endif
