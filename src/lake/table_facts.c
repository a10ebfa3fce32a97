// table_facts.c -- what a table says of itself beside its schema: its format, the order its rows
// are written in, its identifier fields, how large it is.
#include "lake/table_in.h"

Str lake_table_format(Arena *a, const LakeTable *t)
{
    return str_fmt(a, "%lld", (long long)lake_table_meta(t)->format);
}

static Str column_name(const LakeTable *t, int64_t id)
{
    const Field *f = ice_field(lake_table_schema(t), (int32_t)id);
    return f ? f->name : S("?");
}

static void put_term(Buf *b, const LakeTable *t, const Doc *field)
{
    int64_t id = -1;
    Str name, transform = doc_str(field, "transform");
    doc_i64(field, "source-id", &id);
    name = column_name(t, id);
    Cut call = str_cut(transform, '[');
    if (str_eq(transform, S("identity")))
        buf_put(b, name);
    else if (call.tail.n) // bucket[4]
        buf_fmt(b, STR_FMT "(" STR_FMT ", " STR_FMT ")", STR_ARG(call.head),
                STR_ARG(str_sub(call.tail, 0, call.tail.n - 1)), STR_ARG(name));
    else
        buf_fmt(b, STR_FMT "(" STR_FMT ")", STR_ARG(transform), STR_ARG(name));
    buf_put(b, str_eq(doc_str(field, "direction"), S("desc")) ? S(" DESC") : S(" ASC"));
    bool last = str_eq(doc_str(field, "null-order"), S("nulls-last"));
    buf_put(b, last ? S(" NULLS LAST") : S(" NULLS FIRST"));
}

Str lake_table_order(Arena *a, const LakeTable *t)
{
    const IceMeta *m = lake_table_meta(t);
    const Doc *orders;
    Buf b = buf_new(a);
    if (doc_parse(&orders, a, m->sort_orders).code) return (Str){0};
    for (int64_t i = 0; i < doc_count(orders); i++) {
        const Doc *order = doc_at(orders, i), *fields = doc_get(order, "fields");
        int64_t id = -1;
        if (!doc_i64(order, "order-id", &id) || id != m->sort_order_id || !fields) continue;
        for (int64_t k = 0; k < doc_count(fields); k++) {
            if (k) buf_put(&b, S(", "));
            put_term(&b, t, doc_at(fields, k));
        }
    }
    return buf_str(&b);
}

Str lake_table_identifiers(Arena *a, const LakeTable *t)
{
    const IceMeta *m = lake_table_meta(t);
    const Doc *schema;
    Buf b = buf_new(a);
    if (doc_parse(&schema, a, ice_schema(m, m->schema_id)->json).code) return (Str){0};
    const Doc *ids = doc_get(schema, "identifier-field-ids");
    for (int64_t i = 0; ids && i < doc_count(ids); i++) {
        int64_t id = -1;
        doc_int(doc_at(ids, i), &id);
        if (i) buf_char(&b, ',');
        buf_put(&b, column_name(t, id));
    }
    return ids && doc_count(ids) ? str_fmt(a, "[" STR_FMT "]", STR_ARG(buf_str(&b))) : (Str){0};
}

bool lake_table_totals(const LakeTable *t, Str *bytes, Str *rows)
{
    const IceSnapshot *s = lake_table_snapshot(t);
    if (!s) return false;
    *bytes = summary_get(s, S("total-files-size"));
    *rows = summary_get(s, S("total-records"));
    return bytes->p && rows->p;
}
