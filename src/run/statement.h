// statement.h -- one SQL statement, carried out for a session.
#ifndef RUN_STATEMENT_H
#define RUN_STATEMENT_H
#include "plan/statement.h"
#include "run/engine.h"

typedef struct Answer Answer;
struct Answer { // where the rows go: their columns first, then batches
    Status (*schema)(Answer *a, const Schema *schema);
    Out rows;
};
typedef struct StatementArgs {
    Session *session;
    const QueryEnv *env;
    const Shared64 *cancel; // may be NULL
    int32_t depth;          // of EXECUTE IMMEDIATE
} StatementArgs;
// What has no rows answers with no columns. Statements that only a pipeline may hold are refused.
// Whether the session keeps the tree, and pieces of the text, that the statement was parsed into:
// they have to live as long as it does.
bool statement_stays(const Statement *st);
Status statement_run(const StatementArgs *args, const Statement *st, Answer *to);
// The same below a statement that runs.
Status statement_inside(const StatementArgs *args, Arena *a, const Statement *st, Answer *to);
// The parts of it that other files hold.
Status statement_define(const StatementArgs *args, Arena *a, const Statement *st, Answer *to);
Status statement_show(const StatementArgs *args, Arena *a, const Statement *st, Answer *to);
// The temporary view that CREATE VIEW defines.
Status statement_view(Session *s, const Statement *st);
Status answer_nothing(Answer *to);
#endif
