// fixture_in.h -- what the tests of the planner query: streams and tables without rows.
#ifndef PLAN_FIXTURE_IN_H
#define PLAN_FIXTURE_IN_H
#include "plan/session.h"

// Views: events, a stream with a watermark of 10 s on ts; plain, one without; x and u, tables.
Session *fixture_session(Arena *a);
Rel *fixture_relation(Session *s, const char *ddl, bool streaming);
void fixture_view(Session *s, const char *name, Rel *r);
#endif
