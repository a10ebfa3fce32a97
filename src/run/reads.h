// reads.h -- opening what a plan reads.
#ifndef RUN_READS_H
#define RUN_READS_H
#include "run/query.h"

typedef struct ReadArgs {
    const Session *session;
    const QueryHooks *hooks;
    const EvalCtx *eval;
    Str dir; // where streaming sources may keep logs of their own; empty in a batch query
    Buf *warn;
} ReadArgs;
// The streaming sources of a plan, in checkpoint order: *source[plan->nsources].
Status reads_open_streams(Source ***source, Arena *a, const Plan *plan, const ReadArgs *args);
// A source for each stage that reads a batch, NULL for the others: *fixed[plan->nstages].
Status reads_open_fixed(Source ***fixed, Arena *a, const Plan *plan, const ReadArgs *args);
#endif
