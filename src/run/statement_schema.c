// statement_schema.c -- CREATE, ALTER and DROP SCHEMA.
#include "lake/alter.h"
#include "run/names.h"
#include "run/statement_in.h"

Status statement_schema(const StatementArgs *args, Catalog **c, const Statement *st, const Str **ns,
                        int32_t *n)
{
    Session *s = args->session;
    *ns = st->name;
    *n = st->nnames;
    bool named = st->nnames > 1 && catalog_get(c, s->catalogs, st->name[0]).code == OK;
    if (named) (*ns)++, (*n)--;
    TableName space = {
        .catalog = named ? *st->name : s->catalog, .ns = st->name + named, .nns = *n};
    TRY(name_settle(s, s->arena, &space));
    *ns = space.ns;
    return named ? DONE : catalog_get(c, s->catalogs, s->catalog);
}

static Status check_reserved_of_schema(const Options *o)
{
    static const struct {
        Str key;
        const char *instead;
    } reserved[] = {
        {STR_INIT("location"), "please use the LOCATION clause to specify it"},
        {STR_INIT("owner"), "it will be set to the current user"},
    };
    for (int64_t i = 0; i < o->n; i++)
        for (int64_t k = 0; k < COUNT(reserved); k++)
            if (str_ieq(o->v[i].key, reserved[k].key))
                return RAISE(SET_NAMESPACE_PROPERTY, P("property", o->v[i].key),
                             P("msg", str_z(reserved[k].instead)));
    return DONE;
}

Status create_schema(const StatementArgs *args, Arena *a, const Statement *st)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    int32_t n = 0;
    bool exists;
    Options set = {0};
    TRY(check_reserved_of_schema(&st->properties));
    TRY(statement_schema(args, &c, st, &ns, &n));
    TRY(catalog_schema_exists(c, ns, n, &exists));
    TRY(catalog_create_schema(c, ns, n, st->if_exists, st->comment));
    for (int64_t i = 0; i < st->properties.n; i++) vec_push(a, &set, st->properties.v[i]);
    if (st->location.n) vec_push(a, &set, ((Option){S("location"), st->location}));
    return set.n && !exists ? catalog_set_schema(c, ns, n, &set, NULL) : DONE;
}

Status drop_schema(const StatementArgs *args, const Statement *st)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    int32_t n = 0;
    TRY(statement_schema(args, &c, st, &ns, &n));
    return catalog_drop_schema(c, ns, n, st->if_exists, st->cascade);
}

Status alter_schema(const StatementArgs *args, Arena *a, const Statement *st)
{
    Catalog *c = NULL;
    const Str *ns = NULL;
    int32_t n = 0;
    Options set = {0};
    TRY(check_reserved_of_schema(&st->properties));
    TRY(statement_schema(args, &c, st, &ns, &n));
    if (st->alter.kind == ALTER_UNSET_PROPERTIES)
        return catalog_set_schema(c, ns, n, NULL, &st->properties);
    if (st->alter.kind == ALTER_SET_PROPERTIES)
        return catalog_set_schema(c, ns, n, &st->properties, NULL);
    vec_push(a, &set, ((Option){S("location"), st->location}));
    return catalog_set_schema(c, ns, n, &set, NULL);
}
