// maintain_in.h -- the parts of maintenance.
#ifndef LAKE_MAINTAIN_IN_H
#define LAKE_MAINTAIN_IN_H
#include "lake/maintain.h"
#include "lake/table_in.h"

Status ice_compact(IceTable *t, Arena *a, MaintainReport *did);
Status ice_expire(IceTable *t, Arena *a, MaintainReport *did);
#endif
