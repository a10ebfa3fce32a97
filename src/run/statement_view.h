// statement_view.h -- views: temporary ones of a session and those that a catalog keeps.
#ifndef RUN_STATEMENT_VIEW_H
#define RUN_STATEMENT_VIEW_H
#include "lake/view.h"
#include "run/listing.h"

Status create_view(const StatementArgs *args, Arena *a, const Statement *st);
Status alter_view(const StatementArgs *args, Arena *a, const Statement *st);
Status drop_view(const StatementArgs *args, Arena *a, const Statement *st);
// The view of a catalog that a name means; *found false: there is none.
Status find_kept_view(const Session *s, Arena *a, const Statement *st, LakeView *v, bool *found);
// EXPECT_TABLE_NOT_VIEW when the name is a kept view's.
Status expect_no_view(const Session *s, Arena *a, const TableName *name, Str operation);
// DESCRIBE EXTENDED and SHOW CREATE TABLE of a kept one (statement_view_show.c).
void describe_view(Arena *a, const LakeView *v, Listing *l);
Str view_sql(Arena *a, const LakeView *v);
#endif
