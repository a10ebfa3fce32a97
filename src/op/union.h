// union.h -- UNION ALL: whatever comes at any port goes on. A stage with several inputs may begin
// with it; every other operator but a join takes rows at any port alike, so it is often not needed:
// branches may end in the same exchange's stage, each with its copy of the chain before.
#ifndef OP_UNION_H
#define OP_UNION_H
#include "op/op.h"

extern const OpKind op_union; // no spec
#endif
