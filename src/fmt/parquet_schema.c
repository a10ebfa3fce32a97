// parquet_schema.c -- from a footer's schema elements to nodes, with Spark's types and its rules
// for lists and maps that older writers shaped differently.
#include "fmt/parquet_shape_in.h"

enum { DEPTH_MAX = 64 };

typedef VEC(PqLeaf) Leaves;
typedef VEC(Str) Path;
typedef struct Walker {
    Arena *arena;
    const PqElement *element;
    int64_t n, at; // the next element
    Leaves leaves;
    Path path;
    int32_t depth;
} Walker;

static bool logical_is(const PqElement *e, size_t field)
{
    if (!e->logical) return false;
    int64_t v;
    memcpy(&v, (const char *)e->logical + field, sizeof v);
    return v == 1;
}
#define LOGICAL(e, f) logical_is((e), offsetof(PqLogical, f))

static const Type *unreadable(PqLeaf *leaf, const char *why)
{
    leaf->why = why;
    return NULL;
}

static const Type *decimal_type(Arena *a, const PqElement *e, PqLeaf *leaf)
{
    const PqDecimal *d = e->logical ? e->logical->decimal : NULL;
    int64_t p = d ? d->precision : e->precision, s = d ? d->scale : e->scale;
    if (!d && s == THRIFT_NONE) s = 0;
    if (p < 1 || p > DECIMAL_PRECISION_MAX || s < 0 || s > p)
        return unreadable(leaf, "DECIMAL of a precision that Spark lacks");
    if (leaf->phys == PQ_FIXED && leaf->length > 16)
        return unreadable(leaf, "DECIMAL in more than 16 bytes");
    return type_decimal(a, (int32_t)p, (int32_t)s);
}

static PqUnit unit_of(const PqTimeUnit *u)
{
    if (!u) return PQ_UNIT_NONE;
    return u->millis == 1   ? PQ_MILLIS
           : u->micros == 1 ? PQ_MICROS
           : u->nanos == 1  ? PQ_NANOS
                            : PQ_UNIT_NONE;
}

// TIME and TIMESTAMP; false when e is neither.
static bool time_type(const PqElement *e, PqLeaf *leaf, const Type **t)
{
    const PqLogical *l = e->logical;
    int64_t c = e->converted;
    if (l && (l->time || l->timestamp)) {
        const PqTime *time = l->time ? l->time : l->timestamp;
        leaf->unit = unit_of(time->unit);
        *t = l->time ? &type_time : time->utc == 1 ? &type_timestamp : &type_timestamp_ntz;
    } else if (!l && (c == PQ_CT_TIME_MILLIS || c == PQ_CT_TIME_MICROS)) {
        leaf->unit = c == PQ_CT_TIME_MILLIS ? PQ_MILLIS : PQ_MICROS;
        *t = &type_time;
    } else if (!l && (c == PQ_CT_TIMESTAMP_MILLIS || c == PQ_CT_TIMESTAMP_MICROS)) {
        leaf->unit = c == PQ_CT_TIMESTAMP_MILLIS ? PQ_MILLIS : PQ_MICROS;
        *t = &type_timestamp;
    } else {
        return false;
    }
    bool narrow = leaf->phys == PQ_INT32 && *t == &type_time && leaf->unit == PQ_MILLIS;
    if (leaf->unit == PQ_NANOS)
        *t = unreadable(leaf, "TIME or TIMESTAMP(NANOS)");
    else if (leaf->unit == PQ_UNIT_NONE || (leaf->phys != PQ_INT64 && !narrow))
        *t = unreadable(leaf, "TIME or TIMESTAMP of an unknown form");
    return true;
}

static const Type *integer_type(Arena *a, const PqElement *e, PqLeaf *leaf)
{
    bool wide = leaf->phys == PQ_INT64;
    int64_t c = e->converted, bits = wide ? 64 : 32, sign = 1;
    if (e->logical && e->logical->integer) {
        bits = e->logical->integer->bits;
        sign = e->logical->integer->is_signed;
    } else if (!e->logical && c >= PQ_CT_UINT_8 && c <= PQ_CT_INT_64) {
        sign = c >= PQ_CT_INT_8;
        bits = INT64_C(8) << (c - (sign ? PQ_CT_INT_8 : PQ_CT_UINT_8));
    }
    leaf->no_order = sign != 1;
    if (wide) return sign == 1 ? &type_bigint : type_decimal(a, 20, 0);
    if (sign == 1) return bits == 8 ? &type_tinyint : bits == 16 ? &type_smallint : &type_int;
    return bits == 8 ? &type_smallint : bits == 16 ? &type_int : &type_bigint;
}

static const Type *leaf_type(Arena *a, const PqElement *e, PqLeaf *leaf)
{
    bool decimal = e->logical ? e->logical->decimal != NULL : e->converted == PQ_CT_DECIMAL;
    const Type *t = NULL;
    switch (leaf->phys) {
    case PQ_BOOLEAN: return &type_boolean;
    case PQ_FLOAT: return &type_float;
    case PQ_DOUBLE: return &type_double;
    case PQ_INT96: leaf->no_order = true; return &type_timestamp;
    case PQ_INT32:
    case PQ_INT64:
        if (decimal) return decimal_type(a, e, leaf);
        if (time_type(e, leaf, &t)) return t;
        if (LOGICAL(e, date) || (!e->logical && e->converted == PQ_CT_DATE))
            return leaf->phys == PQ_INT32 ? &type_date : unreadable(leaf, "DATE in INT64");
        return integer_type(a, e, leaf);
    case PQ_BYTE_ARRAY:
        if (decimal) return decimal_type(a, e, leaf);
        if (LOGICAL(e, string) || LOGICAL(e, enumeration) || LOGICAL(e, json)) return &type_string;
        if (!e->logical && (e->converted == PQ_CT_UTF8 || e->converted == PQ_CT_ENUM ||
                            e->converted == PQ_CT_JSON))
            return &type_string;
        return &type_binary;
    case PQ_FIXED:
        if (decimal) return decimal_type(a, e, leaf);
        if (LOGICAL(e, float16)) return unreadable(leaf, "FLOAT16");
        leaf->uuid = LOGICAL(e, uuid) && leaf->length == 16;
        return &type_binary;
    }
    must_failed("PqType", __FILE__, __LINE__);
}

static Status broken(const Walker *w, const char *what)
{
    return fail(ERR_CORRUPT, "the footer's schema is broken at element %lld: %s", (long long)w->at,
                what);
}

static Status walk(Walker *w, const PqNode *above, PqNode *n);

static Status walk_leaf(Walker *w, const PqElement *e, PqNode *n)
{
    if (e->type < 0 || e->type > PQ_FIXED) return broken(w, "no such physical type");
    PqLeaf leaf = {.phys = (PqType)e->type, .def_max = n->def, .rep_max = n->rep, .id = n->id};
    if (leaf.phys == PQ_FIXED) {
        if (e->length <= 0 || e->length > PQ_FIXED_MAX) return broken(w, "a fixed length");
        leaf.length = (int32_t)e->length;
    }
    n->kind = PQ_LEAF;
    n->type = leaf.type = leaf_type(w->arena, e, &leaf);
    leaf.npath = (int32_t)w->path.n;
    leaf.path = NEW(w->arena, Str, leaf.npath);
    memcpy(leaf.path, w->path.v, (size_t)leaf.npath * sizeof(Str));
    vec_push(w->arena, &w->leaves, leaf);
    return DONE;
}

// Reads the n kids of a group as fields of a struct.
static Status walk_fields(Walker *w, int64_t kids, PqNode *n)
{
    if (kids < 0 || kids > w->n - w->at) return broken(w, "more children than elements");
    n->kind = PQ_STRUCT;
    n->nkids = (int32_t)kids;
    n->kid = NEW(w->arena, PqNode, MAX(kids, 1));
    Field *field = NEW(w->arena, Field, MAX(kids, 1));
    bool typed = kids > 0; // a group of nothing has no levels to be read from
    for (int32_t i = 0; i < n->nkids; i++) {
        TRY(walk(w, n, &n->kid[i]));
        typed = typed && n->kid[i].type;
        field[i] = field_of(n->kid[i].name, n->kid[i].type, true);
        field[i].id = n->kid[i].id;
    }
    n->type = typed ? type_struct(w->arena, field, n->nkids) : NULL;
    return DONE;
}

// The type t of an array or map with the field ids of its items.
static const Type *with_ids(Arena *a, const Type *t, const PqNode *item)
{
    Type *own = NEW(a, Type, 1);
    Field *field = NEW(a, Field, t->nfields);
    *own = *t;
    own->field = field;
    for (int32_t i = 0; i < t->nfields; i++) {
        field[i] = t->field[i];
        field[i].id = item[i].id;
    }
    return own;
}

static void list_type(Walker *w, PqNode *n)
{
    const Type *item = n->kid[0].type;
    n->type = item ? with_ids(w->arena, type_array(w->arena, item, true), n->kid) : NULL;
}

// The element of a list by the format's rules for older writers: the repeated node itself when it
// is no group, has several fields, or is named as if it were the element.
static bool repeated_is_element(const PqElement *list, const PqElement *rep)
{
    if (rep->type != THRIFT_NONE || rep->kids != 1) return true;
    Str tuple = S("_tuple");
    return str_eq(rep->name, S("array")) ||
           (str_ends(rep->name, tuple) &&
            str_eq(str_sub(rep->name, 0, rep->name.n - tuple.n), list->name));
}

// A repeated node as the element of n: its levels are those of n's items.
static Status walk_element(Walker *w, PqNode *n)
{
    PqNode *item = &n->kid[0];
    const PqElement *e = &w->element[w->at++];
    *item = (PqNode){.name = e->name, .rep = (int16_t)(n->rep + 1), .def = (int16_t)(n->def + 1)};
    item->id = e->id > 0 ? (int32_t)e->id : 0;
    item->slot_def = item->def;
    item->leaf = (int32_t)w->leaves.n;
    vec_push(w->arena, &w->path, e->name);
    if (e->type == THRIFT_NONE)
        TRY(walk_fields(w, e->kids, item));
    else
        TRY(walk_leaf(w, e, item));
    w->path.n--;
    return DONE;
}

static Status walk_list(Walker *w, const PqElement *list, PqNode *n)
{
    const PqElement *rep = &w->element[w->at];
    n->kind = PQ_LIST;
    n->nkids = 1;
    n->kid = NEW(w->arena, PqNode, 1);
    if (repeated_is_element(list, rep)) {
        TRY(walk_element(w, n));
    } else {
        PqNode item = {.def = (int16_t)(n->def + 1), .rep = (int16_t)(n->rep + 1)};
        item.slot_def = item.def;
        w->at++;
        vec_push(w->arena, &w->path, rep->name);
        TRY(walk(w, &item, &n->kid[0]));
        w->path.n--;
    }
    list_type(w, n);
    return DONE;
}

static Status walk_map(Walker *w, PqNode *n)
{
    const PqElement *rep = &w->element[w->at++];
    PqNode item = {.def = (int16_t)(n->def + 1), .rep = (int16_t)(n->rep + 1)};
    item.slot_def = item.def;
    vec_push(w->arena, &w->path, rep->name);
    TRY(walk_fields(w, rep->kids, &item));
    w->path.n--;
    n->kind = PQ_MAP;
    n->kid = item.kid;
    n->nkids = item.nkids;
    bool typed = n->nkids == 2 && n->kid[0].type && n->kid[1].type;
    n->type = NULL;
    if (typed)
        n->type =
            with_ids(w->arena, type_map(w->arena, n->kid[0].type, n->kid[1].type, true), n->kid);
    return DONE;
}

static bool annotated(const PqElement *e, size_t logical, int64_t converted, int64_t also)
{
    return logical_is(e, logical) ||
           (!e->logical && (e->converted == converted || e->converted == also));
}

static Status walk_group(Walker *w, const PqElement *e, PqNode *n)
{
    bool one = e->kids == 1 && w->at < w->n && w->element[w->at].repetition == PQ_REPEATED;
    if (one && annotated(e, offsetof(PqLogical, list), PQ_CT_LIST, PQ_CT_LIST))
        return walk_list(w, e, n);
    if (one && w->element[w->at].type == THRIFT_NONE &&
        annotated(e, offsetof(PqLogical, map), PQ_CT_MAP, PQ_CT_MAP_KEY_VALUE))
        return walk_map(w, n);
    return walk_fields(w, e->kids, n);
}

static Status walk(Walker *w, const PqNode *above, PqNode *n)
{
    if (w->at >= w->n) return broken(w, "an element is missing");
    if (++w->depth > DEPTH_MAX) return broken(w, "it nests too deeply");
    const PqElement *e = &w->element[w->at];
    bool optional = e->repetition == PQ_OPTIONAL;
    *n = (PqNode){.name = e->name, .rep = above->rep, .slot_def = above->slot_def};
    n->optional = optional;
    n->id = e->id > 0 && e->id <= INT32_MAX ? (int32_t)e->id : 0;
    n->def = (int16_t)(above->def + optional);
    n->leaf = (int32_t)w->leaves.n;
    if (n->def > PQ_LEVEL_MAX) return broken(w, "it nests too deeply");
    if (e->repetition == PQ_REPEATED) { // bare: a list that is there, of elements that are
        n->kind = PQ_LIST;
        n->nkids = 1;
        n->kid = NEW(w->arena, PqNode, 1);
        TRY(walk_element(w, n));
        list_type(w, n);
    } else {
        w->at++;
        vec_push(w->arena, &w->path, e->name);
        if (e->type == THRIFT_NONE)
            TRY(walk_group(w, e, n));
        else
            TRY(walk_leaf(w, e, n));
        w->path.n--;
    }
    w->depth--;
    return DONE;
}

Status parquet_shape_read(ParquetShape **out, Arena *a, ThriftList elements)
{
    Walker w = {.arena = a, .element = elements.v, .n = elements.n, .at = 1};
    if (w.n < 1) return broken(&w, "there is none");
    ParquetShape *s = NEW(a, ParquetShape, 1);
    TRY(walk_fields(&w, w.element[0].kids == THRIFT_NONE ? 0 : w.element[0].kids, &s->root));
    if (w.at != w.n) return broken(&w, "elements are left over");
    s->leaf = w.leaves.v;
    s->nleaves = (int32_t)w.leaves.n;
    s->elements = elements;
    *out = s;
    return DONE;
}
