// parquet_match.c -- which leaf of a file answers for which wanted column, and how its values
// become the wanted type: by field id where both sides have ids, else by name.
#include "fmt/parquet_column_in.h"
#include "fmt/parquet_file_in.h"

static bool is_one(TypeId id, TypeId x, TypeId y, TypeId z)
{
    return id == x || id == y || id == z;
}

static bool conv_i32(const PqLeaf *l, const Type *want, Conv *c)
{
    TypeId from = l->type->id, to = want->id;
    bool u32 = from == T_BIGINT;
    *c = u32 ? CONV_U32_I64 : CONV_NONE;
    if (from == T_DECIMAL) {
        *c = CONV_I32_DECIMAL;
        return to == T_DECIMAL && want->scale == l->type->scale &&
               want->precision >= l->type->precision;
    }
    if (from == T_TIME) *c = CONV_TIME_MILLIS;
    if (from == T_TIME || from == T_DATE || u32) return from == to;
    if (to == T_TINYINT) *c = CONV_I32_I8;
    if (to == T_SMALLINT) *c = CONV_I32_I16;
    if (to == T_BIGINT) *c = CONV_I32_I64; // promoted since
    return is_one(to, T_TINYINT, T_SMALLINT, T_INT) || to == T_BIGINT || to == T_INTERVAL_YM;
}

static bool conv_i64(const PqLeaf *l, const Type *want, Conv *c)
{
    TypeId from = l->type->id, to = want->id;
    *c = CONV_NONE;
    if (from == T_DECIMAL) {
        *c = l->no_order ? CONV_U64_DECIMAL : CONV_I64_DECIMAL;
        return to == T_DECIMAL && want->scale == l->type->scale &&
               want->precision >= l->type->precision;
    }
    if (from == T_TIME) *c = CONV_TIME_MICROS;
    if (from == T_TIMESTAMP || from == T_TIMESTAMP_NTZ) {
        if (l->unit == PQ_MILLIS) *c = CONV_MILLIS;
        return to == T_TIMESTAMP || to == T_TIMESTAMP_NTZ;
    }
    return from == to || (from == T_BIGINT && to == T_INTERVAL_DT);
}

static bool conv_bytes(const PqLeaf *l, const Type *want, Conv *c)
{
    *c = l->uuid && want->id == T_STRING ? CONV_UUID : CONV_NONE;
    if (l->type->id != T_DECIMAL) return want->id == T_STRING || want->id == T_BINARY;
    *c = CONV_BYTES_DECIMAL;
    return want->id == T_DECIMAL && want->scale == l->type->scale &&
           want->precision >= l->type->precision;
}

static bool conv_of(const PqLeaf *l, const Type *want, Conv *c)
{
    *c = CONV_NONE;
    switch (l->phys) {
    case PQ_BOOLEAN: return want->id == T_BOOLEAN;
    case PQ_INT32: return conv_i32(l, want, c);
    case PQ_INT64: return conv_i64(l, want, c);
    case PQ_INT96: *c = CONV_INT96; return want->id == T_TIMESTAMP || want->id == T_TIMESTAMP_NTZ;
    case PQ_FLOAT:
        if (want->id == T_DOUBLE) *c = CONV_F32_F64;
        return want->id == T_FLOAT || want->id == T_DOUBLE;
    case PQ_DOUBLE: return want->id == T_DOUBLE;
    case PQ_BYTE_ARRAY:
    case PQ_FIXED: return conv_bytes(l, want, c);
    }
    must_failed("PqType", __FILE__, __LINE__);
}

static Status mismatch(const ParquetFile *f, Arena *a, const Field *want, const char *is)
{
    Str type = type_name_str(a, want->type);
    Str column = str_fmt(a, "[" STR_FMT "]", STR_ARG(want->name));
    return RAISE(FAILED_READ_FILE_PARQUET_TYPE, P("path", f->src->name), P("column", column),
                 P("expectedType", type), P("actualType", str_z(is)));
}

static const PqNode *find(const ParquetFile *f, const PqNode *above, const Field *want)
{
    const PqNode *folded = NULL;
    for (int32_t i = 0; i < above->nkids; i++) {
        const PqNode *k = &above->kid[i];
        if (f->has_ids && want->id > 0) {
            if (k->id == want->id) return k;
        } else if (str_eq(k->name, want->name)) {
            return k;
        } else if (!folded && str_ieq(k->name, want->name)) {
            folded = k;
        }
    }
    return folded;
}

static Status match_leaf(ReadNode *rn, Arena *a, const ParquetFile *f, const Field *want)
{
    const PqLeaf *leaf = &f->shape->leaf[rn->leaf];
    if (!leaf->type) {
        Str why = str_fmt(a, "%s in column " STR_FMT, leaf->why, STR_ARG(want->name));
        return RAISE(PARQUET_TYPE_ILLEGAL, P("parquetType", why));
    }
    static const char *const names[] = {"BOOLEAN", "INT32",  "INT64",      "INT96",
                                        "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
    return conv_of(leaf, want->type, &rn->conv) ? DONE : mismatch(f, a, want, names[leaf->phys]);
}

static Status match_node(ReadNode *rn, Arena *a, const ParquetFile *f, const Field *want,
                         uint8_t *used)
{
    const PqNode *n = rn->node;
    static const TypeId group[] = {T_VOID, T_STRUCT, T_ARRAY, T_MAP};
    TypeId id = want->type->id;
    rn->leaf = n->leaf;
    if (n->kind == PQ_LEAF) {
        used[rn->leaf] = 1;
        return match_leaf(rn, a, f, want);
    }
    if (id != group[n->kind] || n->leaf >= f->shape->nleaves ||
        (n->kind != PQ_STRUCT && n->nkids != want->type->nfields))
        return mismatch(f, a, want, "group");
    rn->nkids = want->type->nfields;
    rn->kid = NEW(a, ReadNode, MAX(rn->nkids, 1));
    int32_t leaf = -1;
    for (int32_t i = 0; i < rn->nkids; i++) {
        const Field *field = &want->type->field[i];
        ReadNode *kid = &rn->kid[i];
        *kid = (ReadNode){.type = field->type, .node = &n->kid[i]};
        if (n->kind == PQ_STRUCT) kid->node = find(f, n, field);
        if (!kid->node) continue;
        TRY(match_node(kid, a, f, field, used));
        if (leaf < 0) leaf = kid->leaf;
    }
    if (leaf >= 0) rn->leaf = leaf;
    used[rn->leaf] = 1; // some leaf has to say where the struct is NULL
    return DONE;
}

Status read_node_make(ReadNode *rn, Arena *a, const ParquetFile *f, const Field *want,
                      const PqNode *above, uint8_t *used)
{
    *rn = (ReadNode){.type = want->type, .node = find(f, above, want), .leaf = -1};
    return rn->node ? match_node(rn, a, f, want, used) : DONE;
}
