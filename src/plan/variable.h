// variable.h -- variables of a session: system.session.x. Where a name is neither a column nor a
// literal function it may be one of these; its value of now stands in the plan then.
#ifndef PLAN_VARIABLE_H
#define PLAN_VARIABLE_H
#include "plan/session.h"

typedef struct Variable {
    Str name;
    const Type *type;
    Datum value;
    Str dflt; // the DEFAULT expression's text; empty: NULL
    Arena *arena;
} Variable;
// The variable that x, session.x or system.session.x means, and fields of it; *used tells how many
// parts name the variable. NULL: there is none.
const Variable *variable_find(const Session *s, const Str *part, int32_t n, int32_t *used);
// Whether a name may be a variable's: at most system.session before it. *name is the last part.
bool variable_name(Str *name, const Str *part, int32_t n);
// Row 0 of the column becomes its value; dflt p NULL: as it was.
void variable_set(Session *s, Str name, const Column *value, Str dflt);
void variables_copy(Session *to, const Session *from);
bool variable_drop(Session *s, Str name);
Expr *variable_expr(Arena *a, const Variable *v, Origin at);
#endif
