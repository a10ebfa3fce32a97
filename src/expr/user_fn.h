// user_fn.h -- UserFn, a function that a user brought along: what is known of it where nobody can
// run it. Calls of it are E_USER; op/user.h has them run.
#ifndef EXPR_USER_FN_H
#define EXPR_USER_FN_H
#include "col/column.h"

typedef struct UserFn {
    Str name;           // as it is shown
    const Type *type;   // of what it gives, which may always be NULL
    bool deterministic; // as its owner says
    Str code;           // pickled, with its type
    bool bytearrays;    // a BINARY comes to it as a bytearray and not as bytes
    Str version;        // of the Python that did: "3.11"
    Str program;        // the interpreter to run it by; empty: the usual one
} UserFn;
static inline bool user_fn_eq(const UserFn *x, const UserFn *y)
{
    if (x == y) return true;
    return x && y && str_eq(x->name, y->name) && str_eq(x->code, y->code) &&
           x->deterministic == y->deterministic && x->bytearrays == y->bytearrays &&
           str_eq(x->version, y->version) && str_eq(x->program, y->program) &&
           type_eq(x->type, y->type);
}
#endif
