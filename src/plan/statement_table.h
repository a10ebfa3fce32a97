// statement_table.h -- from CREATE TABLE and its kin to what a catalog is asked for.
#ifndef PLAN_STATEMENT_TABLE_H
#define PLAN_STATEMENT_TABLE_H
#include "lake/catalog.h"
#include "plan/statement.h"

// columns: of the statement, or of its query when it has none. Checks that names differ, that each
// transform's column exists and has a type that it takes, and refuses what is not built
// (constraints, buckets, formats other than Iceberg). Errors have their place.
Status table_def(TableDef *def, Arena *a, const Statement *s, const Schema *query);
// One PARTITIONED BY item for the columns.
Status partition_field(PartitionField *p, Arena *a, const Transform *t, const Schema *columns);
#endif
