// iceberg.h -- tables as sinks and sources: what both say of themselves.
#ifndef CONN_ICEBERG_H
#define CONN_ICEBERG_H
#include "base/options.h"
#include "lake/catalog.h"

// The table that `table` or else `path` names; ERR_INVALID when it is a path.
Status iceberg_name(TableName *name, Arena *a, Catalogs *c, Str table, Str path);
#endif
