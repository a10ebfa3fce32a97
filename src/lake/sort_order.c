// sort_order.c -- the order that a table's rows are written in: WRITE ORDERED BY. Orders are kept
// under numbers and never go; a data file says which of them its rows are in, or none.
#include "lake/alter.h"
#include "lake/table_in.h"

// The fields of order `id`, NULL: there is no such order.
static const Doc *fields_of(Arena *a, const IceMeta *m, int64_t id)
{
    const Doc *orders;
    if (doc_parse(&orders, a, m->sort_orders).code) return NULL;
    for (int64_t i = 0; i < doc_count(orders); i++) {
        int64_t own = -1;
        if (doc_i64(doc_at(orders, i), "order-id", &own) && own == id)
            return doc_get(doc_at(orders, i), "fields");
    }
    return NULL;
}

bool ice_sorts_by(Arena *a, const IceMeta *m, int32_t id)
{
    const Doc *fields = fields_of(a, m, m->sort_order_id);
    for (int64_t i = 0; fields && i < doc_count(fields); i++) {
        int64_t source = -1;
        if (doc_i64(doc_at(fields, i), "source-id", &source) && source == id) return true;
    }
    return false;
}

int32_t lake_table_sort(Arena *a, const LakeTable *t, SortTerm **terms, int32_t *n)
{
    const IceMeta *m = lake_table_meta(t);
    const Schema *schema = lake_table_schema(t);
    const Doc *fields = fields_of(a, m, m->sort_order_id);
    *n = 0;
    *terms = NEW(a, SortTerm, (fields ? doc_count(fields) : 0) + 1);
    for (int64_t i = 0; fields && i < doc_count(fields); i++) {
        const Doc *f = doc_at(fields, i);
        int64_t id = -1;
        int32_t at = -1;
        doc_i64(f, "source-id", &id);
        for (int32_t k = 0; k < schema->nfields; k++)
            if (schema->field[k].id == id) at = k;
        if (at < 0 || !str_eq(doc_str(f, "transform"), S("identity"))) return -1;
        (*terms)[(*n)++] =
            (SortTerm){.column = schema->field[at].name,
                       .descending = str_eq(doc_str(f, "direction"), S("desc")),
                       .nulls_last = str_eq(doc_str(f, "null-order"), S("nulls-last"))};
    }
    return *n ? (int32_t)m->sort_order_id : -1;
}

typedef struct Ordering {
    IceEdit edit;
    const SortTerm *term;
    int32_t n;
    Str distribution;
} Ordering;

static Status put_terms(Buf *b, const Ordering *x, const Schema *schema)
{
    for (int32_t i = 0; i < x->n; i++) {
        const SortTerm *t = &x->term[i];
        int32_t k = type_field(schema, t->column);
        if (k < 0)
            return fail(ERR_NOT_FOUND, "Cannot find field '" STR_FMT "' in the table",
                        STR_ARG(t->column));
        if (!type_is_orderable(schema->field[k].type) || schema->field[k].type->nfields)
            return fail(ERR_INVALID, "rows are not ordered by " STR_FMT ", which is nested",
                        STR_ARG(t->column));
        buf_fmt(b,
                "%s{\"transform\":\"identity\",\"source-id\":%d,\"direction\":\"%s\","
                "\"null-order\":\"%s\"}",
                i ? "," : "", schema->field[k].id, t->descending ? "desc" : "asc",
                t->nulls_last ? "nulls-last" : "nulls-first");
    }
    return DONE;
}

static Status edit_sort(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    const Ordering *x = (const Ordering *)edit;
    const Doc *orders;
    int64_t most = 0;
    Str old = m->sort_orders;
    TRY(doc_parse(&orders, a, old));
    for (int64_t i = 0; i < doc_count(orders); i++) {
        int64_t id = 0;
        if (doc_i64(doc_at(orders, i), "order-id", &id)) most = MAX(most, id);
    }
    while (old.n && old.p[old.n - 1] != ']') old.n--;
    if (!old.n) return fail(ERR_CORRUPT, "the table's sort orders are no list");
    Buf b = buf_new(a);
    buf_put(&b, str_sub(old, 0, old.n - 1));
    buf_fmt(&b, "%s{\"order-id\":%lld,\"fields\":[", doc_count(orders) ? "," : "",
            (long long)most + 1);
    TRY(put_terms(&b, x, ice_schema(m, m->schema_id)->type));
    buf_put(&b, S("]}]"));
    m->sort_orders = buf_str(&b);
    m->sort_order_id = most + 1;
    if (x->distribution.n) ice_put_property(m, a, S("write.distribution-mode"), x->distribution);
    *changed = true;
    return DONE;
}

Status table_set_order(Catalogs *c, const TableName *name, const SortTerm *term, int32_t n,
                       Str distribution)
{
    Ordering x = {.edit = {edit_sort, NULL}, .term = term, .n = n, .distribution = distribution};
    return table_edit(c, name, &x.edit);
}
