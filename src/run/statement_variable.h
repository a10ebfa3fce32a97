// statement_variable.h -- variables of a session, and statements that are the value of one.
#ifndef RUN_STATEMENT_VARIABLE_H
#define RUN_STATEMENT_VARIABLE_H
#include "run/statement.h"

Status declare_variables(const StatementArgs *args, Arena *a, const Statement *st);
Status set_variables(const StatementArgs *args, Arena *a, const Statement *st);
Status drop_variable(const StatementArgs *args, Arena *a, const Statement *st);
Status execute_immediate(const StatementArgs *args, Arena *a, const Statement *st, Answer *to);
// SET x = 5, where x is a variable's name, is refused.
Status no_variable_key(const Session *s, Arena *a, Str key);
#endif
