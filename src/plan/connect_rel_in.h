// connect_rel_in.h -- readers of relations, by the file that holds them. m is the message of the
// relation's own kind; *r is a new node.
#ifndef PLAN_CONNECT_REL_IN_H
#define PLAN_CONNECT_REL_IN_H
#include "base/num.h"
#include "plan/connect_in.h"

// connect_source.c: leaves
Status connect_read(Connect *c, const Proto *m, Rel **r);
Status connect_sql(Connect *c, const Proto *m, Rel **r);
Status connect_range(Connect *c, const Proto *m, Rel **r);
Status connect_table_function(Connect *c, const Proto *m, Rel **r);
Status connect_cached_remote(Connect *c, const Proto *m, Rel **r);
Status connect_with_relations(Connect *c, const Proto *m, Rel **r);
// *r in the scope of what WithRelations m brought along by name.
Status connect_in_scope(Connect *c, const Proto *m, Rel **r);
// The statement of an SQL relation.
Status connect_sql_statement(Connect *c, const Proto *m, Statement **st);
Status connect_project_alone(Connect *c, const Proto *m, Rel **r); // select without an input

Status connect_schema(Arena *a, Str text, const Schema **schema); // NULL when the text is empty

// connect_local.c: rows that came along
Status connect_local(Connect *c, const Proto *m, Rel **r);
Status connect_cached_local(Connect *c, const Proto *m, Rel **r);
Status connect_chunked_local(Connect *c, const Proto *m, Rel **r);

// connect_group.c
Status connect_aggregate(Connect *c, const Proto *m, Rel **r);
// The values a pivot was not told: those of `column` there are, in order.
Status connect_pivot_values(Connect *c, Rel *input, Expr *column, Rel *agg);
// connect_shape.c
Status connect_na_fill(Connect *c, const Proto *m, Rel **r);
Rel *connect_filled(Connect *c, Rel *input, Expr *value); // NULLs of all that it fits
Status connect_na_drop(Connect *c, const Proto *m, Rel **r);
Status connect_na_replace(Connect *c, const Proto *m, Rel **r);
Status connect_rename(Connect *c, const Proto *m, Rel **r);
Status connect_unpivot(Connect *c, const Proto *m, Rel **r);
// connect_stat.c
Status connect_summary(Connect *c, const Proto *m, Rel **r);
Status connect_describe(Connect *c, const Proto *m, Rel **r);
Status connect_cov(Connect *c, const Proto *m, Rel **r);
Status connect_corr(Connect *c, const Proto *m, Rel **r);
Status connect_frequent(Connect *c, const Proto *m, Rel **r);
Status connect_quantile(Connect *c, const Proto *m, Rel **r);
Status connect_sample(Connect *c, const Proto *m, Rel **r);
Status connect_sample_by(Connect *c, const Proto *m, Rel **r);
// connect_turn.c
Status connect_crosstab(Connect *c, const Proto *m, Rel **r);
Status connect_transpose(Connect *c, const Proto *m, Rel **r);
// connect_show.c
Status connect_show(Connect *c, const Proto *m, Rel **r);
Status connect_html(Connect *c, const Proto *m, Rel **r);
Status connect_tail(Connect *c, const Proto *m, Rel **r);
// connect_catalog.c
Status connect_catalog(Connect *c, const Proto *m, Rel **r);
#endif
