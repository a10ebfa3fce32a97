// connect_local.c -- rows that came along with the plan or before it.
#include "plan/connect_rel_in.h"

Status connect_local(Connect *c, const Proto *m, Rel **r)
{
    const Schema *schema;
    TRY(connect_schema(c->a, proto_str(m, 2), &schema));
    if (proto_str(m, 1).n || !schema)
        return connect_unbuilt("createDataFrame of rows", "use VALUES");
    *r = connect_node(c, REL_LOCAL, NULL, NULL);
    (*r)->schema = schema;
    return DONE;
}

Status connect_cached_local(Connect *c, const Proto *m, Rel **r)
{
    (void)c, (void)m, (void)r;
    return connect_unbuilt("createDataFrame of many rows", "use VALUES");
}

Status connect_chunked_local(Connect *c, const Proto *m, Rel **r)
{
    return connect_cached_local(c, m, r);
}
