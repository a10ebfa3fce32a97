// domain_in.h -- the general way of a correlated subquery; rewrite_subquery.c says where it is
// taken, decorrelate.c has the way of the simple ones.
#ifndef PLAN_DOMAIN_IN_H
#define PLAN_DOMAIN_IN_H
#include "plan/optimise_in.h"

typedef struct Domain {
    Optimiser *o;
    const Rel *base; // rows of the outer query
    Conjuncts value; // what the subquery wants of them: expressions over outer columns alone
} Domain;
Status domain_of(Domain *d, Optimiser *o, const Rel *base, Rel *plan);
// *r names nothing outer any more; `tags` are columns of it, one for each of d->value, that say
// for which outer values a row is.
Status domain_tag(Domain *d, Rel **r, Attrs *tags);
// *on AND the outer values are these tags.
Status domain_match(Domain *d, const Attrs *tags, Expr **on);
#endif
