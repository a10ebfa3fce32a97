// pool.h -- the workers of an engine, one a core: they help whoever calls pool_for. Many threads
// may call at once; each caller works on its own job, so no call waits for another's.
#ifndef RUN_POOL_H
#define RUN_POOL_H
#include "base/base.h"

typedef struct Pool Pool;
typedef Status (*PoolTask)(void *ctx, int32_t i);

Pool *pool_new(Arena *a, int32_t workers); // besides the callers; 0: callers do all themselves
int32_t pool_workers(const Pool *p);
// Runs task(ctx, i) for every i in [0, n), in any order and on any thread; returns when all are
// done. When some fail, the one with the lowest i is this thread's failure and those after it may
// not have run. p NULL: on this thread, in order.
Status pool_for(Pool *p, int32_t n, PoolTask task, void *ctx);
#endif
