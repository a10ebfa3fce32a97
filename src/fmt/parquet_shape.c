// parquet_shape.c -- from a schema to nodes, leaves and the footer's schema elements, by the
// mapping that Spark and Iceberg share (lists as list.element, maps as key_value).
#include "fmt/parquet.h"
#include "fmt/parquet_shape_in.h"

typedef VEC(PqLeaf) Leaves;
typedef VEC(PqElement) Elements;
typedef VEC(Str) Path;
typedef struct Maker {
    Arena *arena;
    Leaves leaves;
    Elements elements;
    Path path; // to where we are
} Maker;

static PqLogical *logical(Arena *a, PqLogical v)
{
    PqLogical *l = NEW(a, PqLogical, 1);
    *l = v;
    return l;
}

static PqTime *time_of(Arena *a, bool utc)
{
    PqTimeUnit *unit = NEW(a, PqTimeUnit, 1);
    *unit = (PqTimeUnit){.micros = 1};
    PqTime *t = NEW(a, PqTime, 1);
    *t = (PqTime){utc, unit};
    return t;
}

static void decimal_leaf(Arena *a, const Type *t, PqLeaf *leaf, PqElement *e)
{
    PqDecimal *d = NEW(a, PqDecimal, 1);
    *d = (PqDecimal){t->scale, t->precision};
    e->logical = logical(a, (PqLogical){.decimal = d});
    e->converted = PQ_CT_DECIMAL;
    e->scale = t->scale;
    e->precision = t->precision;
    leaf->phys = t->precision <= 9 ? PQ_INT32 : t->precision <= 18 ? PQ_INT64 : PQ_FIXED;
    if (leaf->phys == PQ_FIXED) e->length = leaf->length = decimal_bytes(t->precision);
}

static void integer_leaf(Arena *a, int32_t bits, int64_t converted, PqLeaf *leaf, PqElement *e)
{
    PqInteger *i = NEW(a, PqInteger, 1);
    *i = (PqInteger){bits, 1};
    e->logical = logical(a, (PqLogical){.integer = i});
    e->converted = converted;
    leaf->phys = PQ_INT32;
}

static void time_leaf(Arena *a, PqLogical l, int64_t converted, PqLeaf *leaf, PqElement *e)
{
    e->logical = logical(a, l);
    e->converted = converted;
    leaf->phys = PQ_INT64;
    leaf->unit = PQ_MICROS;
}

// The physical type and annotation of an atomic type.
static Status leaf_of(Maker *m, const Type *t, PqLeaf *leaf, PqElement *e)
{
    Arena *a = m->arena;
    switch (t->id) {
    case T_BOOLEAN: leaf->phys = PQ_BOOLEAN; break;
    case T_TINYINT: integer_leaf(a, 8, PQ_CT_INT_8, leaf, e); break;
    case T_SMALLINT: integer_leaf(a, 16, PQ_CT_INT_16, leaf, e); break;
    case T_INTERVAL_YM: // Spark stores the two intervals as bare integers
    case T_INT: leaf->phys = PQ_INT32; break;
    case T_INTERVAL_DT:
    case T_BIGINT: leaf->phys = PQ_INT64; break;
    case T_FLOAT: leaf->phys = PQ_FLOAT; break;
    case T_DOUBLE: leaf->phys = PQ_DOUBLE; break;
    case T_DECIMAL: decimal_leaf(a, t, leaf, e); break;
    case T_STRING:
        leaf->phys = PQ_BYTE_ARRAY;
        e->logical = logical(a, (PqLogical){.string = 1});
        e->converted = PQ_CT_UTF8;
        break;
    case T_BINARY: leaf->phys = PQ_BYTE_ARRAY; break;
    case T_DATE:
        leaf->phys = PQ_INT32;
        e->logical = logical(a, (PqLogical){.date = 1});
        e->converted = PQ_CT_DATE;
        break;
    case T_TIME:
        time_leaf(a, (PqLogical){.time = time_of(a, false)}, PQ_CT_TIME_MICROS, leaf, e);
        break;
    case T_TIMESTAMP:
        time_leaf(a, (PqLogical){.timestamp = time_of(a, true)}, PQ_CT_TIMESTAMP_MICROS, leaf, e);
        break;
    case T_TIMESTAMP_NTZ:
        time_leaf(a, (PqLogical){.timestamp = time_of(a, false)}, PQ_CT_TIMESTAMP_MICROS, leaf, e);
        break;
    case T_VOID:
    case T_INTERVAL:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: {
        Str name = type_sql_str(a, t);
        return fail(ERR_UNSUPPORTED,
                    "column " STR_FMT ": a value of type " STR_FMT " cannot be stored in Parquet",
                    STR_ARG(m->path.v[0]), STR_ARG(name));
    }
    }
    e->type = leaf->phys;
    return DONE;
}

static PqElement *element_push(Maker *m, Str name, PqRepetition rep)
{
    PqElement e;
    thrift_clear(pq_footer_spec.field[1].sub, &e);
    e.name = name;
    e.repetition = rep;
    vec_push(m->arena, &m->elements, e);
    return &m->elements.v[m->elements.n - 1];
}

static Status node_make(Maker *m, const Field *f, const PqNode *above, PqNode *n);

// The group between a list or map and its items, then the items.
static Status items_make(Maker *m, const Type *t, PqNode *n)
{
    bool map = t->id == T_MAP;
    static const Str inner[3] = {STR_INIT("element"), STR_INIT("key"), STR_INIT("value")};
    PqElement *group = element_push(m, map ? S("key_value") : S("list"), PQ_REPEATED);
    group->kids = n->nkids;
    vec_push(m->arena, &m->path, group->name);
    PqNode item = {.def = (int16_t)(n->def + 1), .rep = (int16_t)(n->rep + 1)};
    item.slot_def = item.def;
    for (int32_t i = 0; i < n->nkids; i++) {
        Field f = t->field[i];
        f.name = inner[map ? 1 + i : 0];
        if (map && i == 0) f.nullable = false;
        TRY(node_make(m, &f, &item, &n->kid[i]));
    }
    m->path.n--;
    return DONE;
}

static Status leaf_push(Maker *m, const Type *t, const PqNode *n, int64_t element)
{
    PqLeaf leaf = {.type = t, .def_max = n->def, .rep_max = n->rep, .id = n->id};
    TRY(leaf_of(m, t, &leaf, &m->elements.v[element]));
    leaf.npath = (int32_t)m->path.n;
    leaf.path = NEW(m->arena, Str, leaf.npath);
    memcpy(leaf.path, m->path.v, (size_t)leaf.npath * sizeof(Str));
    vec_push(m->arena, &m->leaves, leaf);
    return DONE;
}

static Status node_make(Maker *m, const Field *f, const PqNode *above, PqNode *n)
{
    const Type *t = f->type;
    *n = (PqNode){.type = t, .name = f->name, .id = f->id, .optional = f->nullable};
    n->rep = above->rep;
    n->slot_def = above->slot_def;
    n->def = (int16_t)(above->def + f->nullable);
    n->leaf = (int32_t)m->leaves.n;
    if (n->def > PQ_LEVEL_MAX)
        return fail(ERR_LIMIT, "column " STR_FMT " nests more than %d levels deep",
                    STR_ARG(m->path.v[0]), PQ_LEVEL_MAX);
    vec_push(m->arena, &m->path, f->name);
    int64_t at = m->elements.n;
    PqElement *e = element_push(m, f->name, f->nullable ? PQ_OPTIONAL : PQ_REQUIRED);
    if (f->id) e->id = f->id;
    if (t->id == T_ARRAY || t->id == T_MAP || t->id == T_STRUCT) {
        n->kind = t->id == T_ARRAY ? PQ_LIST : t->id == T_MAP ? PQ_MAP : PQ_STRUCT;
        n->nkids = t->nfields;
        n->kid = NEW(m->arena, PqNode, t->nfields);
        e->kids = t->id == T_STRUCT ? t->nfields : 1;
    }
    switch (n->kind) {
    case PQ_LEAF: TRY(leaf_push(m, t, n, at)); break;
    case PQ_LIST:
        e->logical = logical(m->arena, (PqLogical){.list = 1});
        e->converted = PQ_CT_LIST;
        TRY(items_make(m, t, n));
        break;
    case PQ_MAP:
        e->logical = logical(m->arena, (PqLogical){.map = 1});
        e->converted = PQ_CT_MAP;
        TRY(items_make(m, t, n));
        break;
    case PQ_STRUCT:
        if (!t->nfields)
            return fail(ERR_UNSUPPORTED,
                        "column " STR_FMT ": a struct without fields cannot be stored in Parquet",
                        STR_ARG(m->path.v[0]));
        for (int32_t i = 0; i < t->nfields; i++) TRY(node_make(m, &t->field[i], n, &n->kid[i]));
        break;
    }
    m->path.n--;
    return DONE;
}

Status parquet_shape_new(const ParquetShape **out, Arena *a, const Schema *schema)
{
    Maker m = {.arena = a};
    ParquetShape *s = NEW(a, ParquetShape, 1);
    s->root = (PqNode){.kind = PQ_STRUCT, .type = schema, .nkids = schema->nfields};
    s->root.kid = NEW(a, PqNode, MAX(schema->nfields, 1));
    PqElement *root = element_push(&m, S("table"), PQ_REQUIRED);
    root->repetition = THRIFT_NONE;
    root->kids = schema->nfields;
    for (int32_t i = 0; i < schema->nfields; i++) {
        int64_t first = m.leaves.n;
        TRY(node_make(&m, &schema->field[i], &s->root, &s->root.kid[i]));
        while (first < m.leaves.n) m.leaves.v[first++].column = i;
    }
    s->leaf = m.leaves.v;
    s->nleaves = (int32_t)m.leaves.n;
    s->elements = (ThriftList){m.elements.v, m.elements.n};
    *out = s;
    return DONE;
}
