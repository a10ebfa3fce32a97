// alter_identity.c -- which columns identify a row, and that rows are written in no order.
#include "fmt/doc.h"
#include "lake/alter.h"
#include "lake/table_in.h"

typedef VEC(int64_t) Ids;
typedef struct Identity {
    IceEdit edit;
    const Str *column;
    int32_t n;
    bool drop;
} Identity;

static Status ids_now(Ids *ids, Arena *a, const IceSchema *s)
{
    const Doc *d;
    TRY(doc_parse(&d, a, s->json));
    const Doc *list = doc_get(d, "identifier-field-ids");
    for (int64_t i = 0; i < doc_count(list); i++) {
        int64_t id;
        if (doc_int(doc_at(list, i), &id)) vec_push(a, ids, id);
    }
    return DONE;
}

static Status add_id(Ids *ids, Arena *a, const Field *f)
{
    bool nested = f->type->nfields > 0, real = f->type->id == T_FLOAT || f->type->id == T_DOUBLE;
    if (nested || real)
        return fail(ERR_INVALID,
                    "cannot add field " STR_FMT " as an identifier field: its type does not tell "
                    "rows apart",
                    STR_ARG(f->name));
    if (f->nullable)
        return fail(ERR_INVALID,
                    "cannot add field " STR_FMT " as an identifier field: not a required field",
                    STR_ARG(f->name));
    vec_push(a, ids, (int64_t)f->id);
    return DONE;
}

static Status drop_id(Ids *ids, const Field *f)
{
    int64_t n = 0;
    for (int64_t i = 0; i < ids->n; i++)
        if (ids->v[i] != f->id) ids->v[n++] = ids->v[i];
    if (n == ids->n)
        return fail(ERR_NOT_FOUND, "cannot drop identifier field " STR_FMT ": it is none",
                    STR_ARG(f->name));
    ids->n = n;
    return DONE;
}

static Status edit_identity(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    const Identity *x = (const Identity *)edit;
    const IceSchema *now = ice_schema(m, m->schema_id);
    Ids ids = {0};
    int32_t id = 0;
    if (x->drop) TRY(ids_now(&ids, a, now));
    for (int32_t i = 0; i < x->n; i++) {
        int32_t k = type_field(now->type, x->column[i]);
        if (k < 0)
            return fail(ERR_NOT_FOUND, "cannot find the identifier column " STR_FMT,
                        STR_ARG(x->column[i]));
        const Field *f = &now->type->field[k];
        TRY(x->drop ? drop_id(&ids, f) : add_id(&ids, a, f));
    }
    Buf json = buf_new(a);
    buf_char(&json, '[');
    for (int64_t i = 0; i < ids.n; i++) buf_fmt(&json, "%s%lld", i ? "," : "", (long long)ids.v[i]);
    buf_char(&json, ']');
    for (int64_t i = 0; i < m->schemas.n; i++) id = MAX(id, m->schemas.v[i].id + 1);
    vec_push(a, &m->schemas, ice_schema_of(a, now->type, id, ids.n ? buf_str(&json) : (Str){0}));
    m->schema_id = id;
    *changed = true;
    return DONE;
}

Status table_set_identifiers(Catalogs *c, const TableName *name, const Str *column, int32_t n,
                             bool drop)
{
    Identity x = {.edit = {edit_identity, NULL}, .column = column, .n = n, .drop = drop};
    return table_edit(c, name, &x.edit);
}

typedef struct Unordered {
    IceEdit edit;
    Str distribution;
    bool order_too;
} Unordered;

static Status edit_order(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    const Unordered *x = (const Unordered *)edit;
    if (x->order_too) m->sort_order_id = 0;
    ice_put_property(m, a, S("write.distribution-mode"), x->distribution);
    *changed = true;
    return DONE;
}

Status table_set_unordered(Catalogs *c, const TableName *name, Str distribution, bool order_too)
{
    Unordered x = {.edit = {edit_order, NULL}, .distribution = distribution};
    x.order_too = order_too;
    return table_edit(c, name, &x.edit);
}
