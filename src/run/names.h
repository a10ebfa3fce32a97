// names.h -- names of tables, and what they are partitioned by, as text.
#ifndef RUN_NAMES_H
#define RUN_NAMES_H
#include "lake/catalog.h"

// catalog.namespace.table, parts quoted with ` where SQL needs it.
Str name_text(Arena *a, const TableName *name);
void name_put_part(Buf *b, Str part);
void name_put_transform(Buf *b, const PartitionField *f, const Schema *schema); // days(ts)
// `catalog`.`a`.`b`, always quoted; without a catalog, when that is empty.
Str space_quoted(Arena *a, Str catalog, const Str *part, int32_t n);
#endif
