// connect_in.h -- the decoder's parts: a file a noun of the protocol. Every connect_* reads one
// message and makes one node; a message that is a oneof is a table of its members by number.
#ifndef PLAN_CONNECT_IN_H
#define PLAN_CONNECT_IN_H
#include "plan/connect.h"

typedef struct Connect Connect;
typedef struct ConnectRef { // a relation that WithRelations brought along
    int64_t plan_id;
    Proto relation;
    const struct ConnectRef *next; // of the WithRelations around it too
} ConnectRef;
struct Connect {
    const ConnectEnv *env;
    Arena *a;
    const ConnectRef *refs;
};
typedef VEC(Expr *) Exprs;

// Nothing of the oneof `what` is set, or a member that nobody knows.
Status connect_unset(const char *what, uint32_t member);
// UNSUPPORTED_FEATURE with the name and what to do instead.
Status connect_unbuilt(const char *feature, const char *instead);
Status connect_need(const Proto *m, uint32_t no, Proto *sub, const char *what); // must be there
int32_t connect_plan_id(const Proto *m, uint32_t no); // 1 + the id, as Rel and E_NAME have it
void connect_strings(Arena *a, const Proto *m, uint32_t no, Str **list, int32_t *n);
void connect_columns(Arena *a, const Proto *m, uint32_t no, Str **list, int32_t *n); // or `quoted`
Status connect_options(Arena *a, const Proto *m, uint32_t no, Options *to);

// connect_literal.c
Status connect_literal(Connect *c, const Proto *m, Expr **e);
Status connect_literal_of(Connect *c, const Proto *m, uint32_t no, Expr **e); // a field; or NULL
// connect_expr.c
Status connect_expr(Connect *c, const Proto *m, Expr **e);
Status connect_expr_of(Connect *c, const Proto *m, uint32_t no, Expr **e); // must be there
Status connect_exprs(Connect *c, const Proto *m, uint32_t no, Exprs *list);
Status connect_sort_order(Connect *c, const Proto *m, Expr **e);
Status connect_sort_orders(Connect *c, const Proto *m, uint32_t no, Exprs *list);
Status connect_alias(Connect *c, const Proto *m, Expr **e);

// connect_function.c
void connect_python(Connect *c, const Proto *m, ConnectPython *to); // a PythonUDF
Status connect_user_function(Connect *c, const Proto *m, Expr **e);

// connect_rel.c
Status connect_rel(Connect *c, const Proto *m, Rel **r);
Status connect_rel_of(Connect *c, const Proto *m, uint32_t no, Rel **r); // must be there
// Runs a query, not yet analysed, to its end.
Status connect_run(Connect *c, Rel *query, ConnectRows *rows);
Rel *connect_node(Connect *c, RelKind kind, Rel *input, const Exprs *expr);
#endif
