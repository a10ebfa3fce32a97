// connect_local.c -- rows that came along with the plan, or before it as artifacts: an Arrow
// stream, taken column by column in order, with the names and types of the schema when there is
// one.
#include "fmt/arrow_read.h"
#include "plan/connect_rel_in.h"

static Rel *local_rel(Connect *c, const Schema *schema, const ArrowRows *rows)
{
    Rel *r = connect_node(c, REL_LOCAL, NULL, NULL);
    r->schema = schema;
    r->rows = rows->batch;
    r->nrows = rows->n;
    return r;
}

static Status check_nulls(const Schema *schema, const ArrowRows *rows)
{
    for (int32_t k = 0; k < schema->nfields; k++)
        for (int32_t b = 0; !schema->field[k].nullable && b < rows->n; b++)
            for (int32_t i = 0; i < rows->batch[b].rows; i++)
                if (column_null(&rows->batch[b].col[k], i))
                    return RAISE(NOT_NULL_ASSERT_VIOLATION,
                                 P("walkedTypePath", schema->field[k].name));
    return DONE;
}

// A projection that casts what differs; the columns below have names of ours, for those may repeat.
static Rel *cast_rel(Connect *c, const Schema *schema, const ArrowRows *rows)
{
    Field *own = NEW(c->a, Field, schema->nfields);
    Exprs item = {0};
    for (int32_t k = 0; k < schema->nfields; k++) {
        const Field *f = &schema->field[k];
        Str name = str_fmt(c->a, "col_%d", k);
        own[k] = field_of(name, rows->schema->field[k].type, f->nullable);
        Expr *e = expr_name(c->a, name);
        if (type_stored_alike(own[k].type, f->type))
            own[k].type = f->type;
        else
            e = expr_cast(c->a, e, f->type, CAST_SQL);
        vec_push(c->a, &item, expr_alias(c->a, e, f->name));
    }
    const Schema *below = type_struct(c->a, own, schema->nfields);
    return connect_node(c, REL_PROJECT, local_rel(c, below, rows), &item);
}

static Status whole_rel(Connect *c, const ArrowRows *rows, const Schema *schema, Rel **r)
{
    if (!rows->schema) return connect_unset("LocalRelation", 0);
    if (!schema) schema = rows->schema;
    if (schema->nfields != rows->schema->nfields)
        return fail(ERR_INVALID, "the rows have %d columns, their schema %d", rows->schema->nfields,
                    schema->nfields);
    TRY(check_nulls(schema, rows));
    bool same = type_stored_alike(schema, rows->schema) || !rows->n;
    *r = same ? local_rel(c, schema, rows) : cast_rel(c, schema, rows);
    return DONE;
}

Status connect_local(Connect *c, const Proto *m, Rel **r)
{
    const Schema *schema;
    TRY(connect_schema(c->a, proto_str(m, 2), &schema));
    ArrowRows rows = {.schema = schema};
    if (proto_str(m, 1).n) TRY(arrow_read(&rows, c->a, proto_str(m, 1)));
    return whole_rel(c, &rows, schema, r);
}

static Status fetch_blob(Connect *c, Str hash, Str *bytes)
{
    if (!c->env->blob) return fail(ERR_NOT_FOUND, "no artifact cache/" STR_FMT, STR_ARG(hash));
    return c->env->blob(c->env->ctx, c->a, hash, bytes);
}

// The blob is a LocalRelation itself.
Status connect_cached_local(Connect *c, const Proto *m, Rel **r)
{
    Str blob = {0};
    Proto local;
    TRY(fetch_blob(c, proto_str(m, 3), &blob));
    TRY(proto_open(&local, blob));
    return connect_local(c, &local, r);
}

// A blob of the schema, and one a chunk of rows.
Status connect_chunked_local(Connect *c, const Proto *m, Rel **r)
{
    Str blob = {0};
    const Schema *schema = NULL;
    ArrowRows all = {0};
    VEC(Batch) batches = {0};
    if (proto_has(m, 2)) {
        TRY(fetch_blob(c, proto_str(m, 2), &blob));
        TRY(connect_schema(c->a, blob, &schema));
    }
    for (ProtoEach e = proto_each(m, 1); proto_more(&e);) {
        ArrowRows some;
        TRY(fetch_blob(c, e.field.bytes, &blob));
        TRY(arrow_read(&some, c->a, blob));
        if (all.schema && !type_eq(all.schema, some.schema))
            return fail(ERR_INVALID, "chunks of rows have different columns");
        all.schema = some.schema;
        for (int32_t i = 0; i < some.n; i++) vec_push(c->a, &batches, some.batch[i]);
    }
    all.batch = batches.v;
    all.n = (int32_t)batches.n;
    return whole_rel(c, &all, schema, r);
}
