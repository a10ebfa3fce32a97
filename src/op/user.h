// user.h -- calls of users' functions: a batch's arguments go to whoever runs them, and what comes
// back are columns beside those of the input. Every row is called, whatever is done with the result
// later. This operator alone waits for somebody outside.
#ifndef OP_USER_H
#define OP_USER_H
#include "expr/expr.h"
#include "expr/user_fn.h"
#include "op/op.h"

typedef struct UserCall {
    const UserFn *const *fn; // the first takes the arguments, each other one what the one before
    int32_t nfns, nargs;     // it gave, just as it gave it
    const int32_t *arg;      // columns of the arguments
    const Str *keyword;      // of each argument; empty: it is given by its place
} UserCall;
typedef struct UserCalls {
    const UserCall *call;
    int32_t n;
    const Schema *args, *made; // made: a column a call
} UserCalls;
typedef struct UserHost UserHost;
struct UserHost { // on any thread, and on several at once
    // Rows `in` of the arguments; *made has a column a call and the same rows, in a. `stop` not 0:
    // nobody wants them any more (ERR_CANCELLED, soon); NULL: they are wanted in any case.
    Status (*run)(UserHost *h, Arena *a, const UserCalls *calls, const Batch *in,
                  const Shared64 *stop, Batch *made);
};
typedef struct UserSpec {
    UserCalls calls;
    Expr *const *arg; // over the columns of the input, bound
    UserHost *host;
} UserSpec;
extern const OpKind op_user;
#endif
