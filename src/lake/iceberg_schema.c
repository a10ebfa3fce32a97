// iceberg_schema.c -- schemas and partition specs, between Iceberg's JSON and kappa's types.
#include "base/num.h"
#include "lake/iceberg_in.h"

enum { DEPTH_MAX = 64 };

static Status broken(const char *what, Str text)
{
    return fail(ERR_CORRUPT, "Iceberg metadata: %s " STR_FMT, what, STR_ARG(text));
}

typedef struct TypeRow {
    Str name;
    const Type *type;
} TypeRow;
static const TypeRow primitives[] = {
    {STR_INIT("boolean"), &type_boolean},
    {STR_INIT("int"), &type_int},
    {STR_INIT("long"), &type_bigint},
    {STR_INIT("float"), &type_float},
    {STR_INIT("double"), &type_double},
    {STR_INIT("date"), &type_date},
    {STR_INIT("timestamp"), &type_timestamp_ntz},
    {STR_INIT("timestamptz"), &type_timestamp},
    {STR_INIT("string"), &type_string},
    {STR_INIT("binary"), &type_binary},
    {STR_INIT("time"), &type_time},
};

typedef struct SchemaParser {
    Arena *arena;
    Str unwritable;
    int32_t depth;
} SchemaParser;

static bool parse_decimal(Str text, int64_t *p, int64_t *s)
{
    if (!str_starts(text, S("decimal(")) || !str_ends(text, S(")"))) return false;
    Cut c = str_cut(str_sub(text, 8, text.n - 9), ',');
    return c.ok && num_parse_i64(str_trim(c.head), p) && num_parse_i64(str_trim(c.tail), s) &&
           *p >= 1 && *p <= DECIMAL_PRECISION_MAX && *s >= 0 && *s <= *p;
}

static Status primitive(SchemaParser *sp, Str text, const Type **t)
{
    for (int64_t i = 0; i < COUNT(primitives); i++)
        if (str_eq(primitives[i].name, text)) {
            *t = primitives[i].type;
            return DONE;
        }
    int64_t p, s;
    if (parse_decimal(text, &p, &s)) {
        *t = type_decimal(sp->arena, (int32_t)p, (int32_t)s);
        return DONE;
    }
    bool fixed = str_starts(text, S("fixed[")), uuid = str_eq(text, S("uuid"));
    if (!fixed && !uuid)
        return fail(ERR_UNSUPPORTED, "Iceberg type " STR_FMT " is not read", STR_ARG(text));
    sp->unwritable = str_copy(sp->arena, text);
    *t = uuid ? &type_string : &type_binary;
    return DONE;
}

static Status parse_type(SchemaParser *sp, const Doc *d, const Type **t);

static Status parse_item(SchemaParser *sp, const Doc *d, const char *const key[3], Field *f)
{
    int64_t id;
    const Type *t = NULL;
    if (!doc_i64(d, key[1], &id) || id < 1 || id > INT32_MAX)
        return broken("an item without", str_z(key[1]));
    TRY(parse_type(sp, doc_get(d, key[0]), &t));
    *f = field_of((Str){0}, t, key[2] && !doc_bool(d, key[2]));
    f->id = (int32_t)id;
    return DONE;
}

static Status parse_struct(SchemaParser *sp, const Doc *d, const Type **t)
{
    const Doc *fields = doc_get(d, "fields");
    int64_t n = doc_count(fields);
    Field *f = NEW(sp->arena, Field, MAX(n, 1));
    for (int64_t i = 0; i < n; i++) {
        static const char *const key[] = {"type", "id", NULL};
        const Doc *field = doc_at(fields, i);
        Status s = parse_item(sp, field, key, &f[i]);
        Str name = doc_str(field, "name");
        if (s.code) return fail_in(s, "column " STR_FMT, STR_ARG(name));
        if (!name.p) return broken("a field without", S("name"));
        f[i].name = str_copy(sp->arena, name);
        f[i].nullable = !doc_bool(field, "required");
        f[i].comment = str_copy(sp->arena, doc_str(field, "doc"));
    }
    *t = type_struct(sp->arena, f, (int32_t)n);
    return DONE;
}

// An array or map whose items carry ids: type_array and type_map have no place to say them.
static const Type *with_ids(Arena *a, const Type *t, const Field *item)
{
    Type *own = NEW(a, Type, 1);
    Field *f = NEW(a, Field, t->nfields);
    *own = *t;
    own->field = f;
    for (int32_t i = 0; i < t->nfields; i++) {
        f[i] = t->field[i];
        f[i].id = item[i].id;
    }
    return own;
}

static Status parse_type(SchemaParser *sp, const Doc *d, const Type **t)
{
    static const char *const element[] = {"element", "element-id", "element-required"};
    static const char *const key[] = {"key", "key-id", NULL};
    static const char *const value[] = {"value", "value-id", "value-required"};
    if (doc_is_str(d)) return primitive(sp, doc_text(d), t);
    Str kind = doc_str(d, "type");
    Field f[2];
    Status s = ++sp->depth > DEPTH_MAX ? broken("a type nests too deeply:", kind) : DONE;
    if (s.code) return s;
    if (str_eq(kind, S("struct"))) {
        s = parse_struct(sp, d, t);
    } else if (str_eq(kind, S("list"))) {
        TRY(parse_item(sp, d, element, &f[0]));
        *t = with_ids(sp->arena, type_array(sp->arena, f[0].type, f[0].nullable), f);
    } else if (str_eq(kind, S("map"))) {
        TRY(parse_item(sp, d, key, &f[0]));
        TRY(parse_item(sp, d, value, &f[1]));
        *t = with_ids(sp->arena, type_map(sp->arena, f[0].type, f[1].type, f[1].nullable), f);
    } else {
        return broken("an unknown type", kind);
    }
    sp->depth--;
    return s;
}

Status ice_schema_parse(IceSchema *s, Arena *a, const Doc *d)
{
    SchemaParser sp = {.arena = a};
    int64_t id = 0;
    if (!doc_i64(d, "schema-id", &id)) id = 0; // format version 1 has none
    *s = (IceSchema){.id = (int32_t)id};
    TRY(parse_struct(&sp, d, &s->type));
    s->unwritable = sp.unwritable;
    s->json = doc_dump(a, d);
    return DONE;
}

// Iceberg's type of a column that kappa creates, with fresh ids: a level's fields first, then what
// is below them.
static Status fresh(Arena *a, const Type *from, const Type *before, int64_t *last, const Type **to);

static const Field *field_before(const Type *before, const Type *now, int32_t i)
{
    if (!before || before->id != now->id) return NULL;
    int32_t k = now->id == T_STRUCT ? type_field(before, now->field[i].name) : i;
    return k >= 0 ? &before->field[k] : NULL;
}

static Status fresh_kids(Arena *a, const Type *from, const Type *before, int64_t *last, Type *own)
{
    Field *f = NEW(a, Field, MAX(from->nfields, 1));
    own->field = f;
    for (int32_t i = 0; i < from->nfields; i++) {
        const Field *old = field_before(before, from, i);
        f[i] = from->field[i];
        f[i].name = str_copy(a, f[i].name);
        f[i].comment = str_copy(a, f[i].comment);
        f[i].watermark_delay = WATERMARK_NONE;
        f[i].time_window = false;
        f[i].id = old ? old->id : (int32_t)++ * last;
    }
    for (int32_t i = 0; i < from->nfields; i++) {
        const Field *old = field_before(before, from, i);
        Status s = fresh(a, from->field[i].type, old ? old->type : NULL, last, &f[i].type);
        if (s.code) return fail_in(s, "column " STR_FMT, STR_ARG(f[i].name));
    }
    return DONE;
}

static Status fresh(Arena *a, const Type *from, const Type *before, int64_t *last, const Type **to)
{
    if (from->id == T_TINYINT || from->id == T_SMALLINT) from = &type_int;
    if (from->id == T_STRING) from = &type_string; // VARCHAR and CHAR have no length there
    *to = from;
    if (from->id == T_VOID || from->id == T_INTERVAL || from->id == T_INTERVAL_YM ||
        from->id == T_INTERVAL_DT) {
        Str name = type_sql_str(a, from);
        return fail(ERR_UNSUPPORTED, "Iceberg has no type for " STR_FMT, STR_ARG(name));
    }
    if (from->id != T_ARRAY && from->id != T_MAP && from->id != T_STRUCT) return DONE;
    Type *own = NEW(a, Type, 1);
    *own = *from;
    *to = own;
    return fresh_kids(a, from, before, last, own);
}

static void put_type(Buf *b, const Type *t);

static void put_field(Buf *b, const Field *f)
{
    buf_fmt(b, "{\"id\":%d,\"name\":", f->id);
    buf_json(b, f->name);
    buf_fmt(b, ",\"required\":%s,\"type\":", f->nullable ? "false" : "true");
    put_type(b, f->type);
    if (f->comment.n) {
        buf_put(b, S(",\"doc\":"));
        buf_json(b, f->comment);
    }
    buf_char(b, '}');
}

static void put_fields(Buf *b, const Type *t)
{
    buf_put(b, S("\"fields\":["));
    for (int32_t i = 0; i < t->nfields; i++) {
        if (i) buf_char(b, ',');
        put_field(b, &t->field[i]);
    }
    buf_char(b, ']');
}

static void put_type(Buf *b, const Type *t)
{
    const Field *f = t->field;
    if (t->id == T_STRUCT) {
        buf_put(b, S("{\"type\":\"struct\","));
        put_fields(b, t);
        buf_char(b, '}');
    } else if (t->id == T_ARRAY) {
        buf_fmt(b, "{\"type\":\"list\",\"element-id\":%d,\"element\":", f[0].id);
        put_type(b, f[0].type);
        buf_fmt(b, ",\"element-required\":%s}", f[0].nullable ? "false" : "true");
    } else if (t->id == T_MAP) {
        buf_fmt(b, "{\"type\":\"map\",\"key-id\":%d,\"key\":", f[0].id);
        put_type(b, f[0].type);
        buf_fmt(b, ",\"value-id\":%d,\"value\":", f[1].id);
        put_type(b, f[1].type);
        buf_fmt(b, ",\"value-required\":%s}", f[1].nullable ? "false" : "true");
    } else if (t->id == T_DECIMAL) {
        buf_fmt(b, "\"decimal(%d, %d)\"", t->precision, t->scale);
    } else {
        for (int64_t i = 0; i < COUNT(primitives); i++)
            if (primitives[i].type->id == t->id) buf_json(b, primitives[i].name);
    }
}

IceSchema ice_schema_of(Arena *a, const Schema *columns, int32_t id, Str identifiers)
{
    Buf b = buf_new(a);
    buf_fmt(&b, "{\"type\":\"struct\",\"schema-id\":%d,", id);
    if (identifiers.n) buf_fmt(&b, "\"identifier-field-ids\":" STR_FMT ",", STR_ARG(identifiers));
    put_fields(&b, columns);
    buf_char(&b, '}');
    return (IceSchema){.id = id, .type = columns, .json = buf_str(&b)};
}

Status ice_schema_new(IceSchema *s, Arena *a, const Schema *from, const Schema *before, int32_t id,
                      int64_t *last_id)
{
    const Type *columns;
    TRY(fresh(a, from, before, last_id, &columns));
    *s = ice_schema_of(a, columns, id, (Str){0});
    return DONE;
}

Status ice_type_new(const Type **to, Arena *a, const Type *from, int64_t *last_id)
{
    return fresh(a, from, NULL, last_id, to);
}

const Field *ice_field(const Schema *s, int32_t id)
{
    for (int32_t i = 0; i < s->nfields; i++) {
        const Field *f = &s->field[i], *below = NULL;
        if (f->id == id) return f;
        if (f->type->id == T_STRUCT) below = ice_field(f->type, id);
        if (below) return below;
    }
    return NULL;
}

// The source's type by any schema of the table, newest first: a dropped column keeps its type.
static const Type *source_type(const IceMeta *m, int32_t id)
{
    for (int64_t i = m->schemas.n; i-- > 0;) {
        const Field *f = ice_field(m->schemas.v[i].type, id);
        if (f) return f->type;
    }
    return NULL;
}

Status ice_spec_parse(IceSpec *s, Arena *a, const Doc *d, const IceMeta *m)
{
    const Doc *fields = doc_get(d, "fields");
    int64_t id = 0;
    if (!doc_i64(d, "spec-id", &id)) return broken("a partition spec without", S("spec-id"));
    if (!doc_is_array(fields)) return broken("a partition spec without", S("fields"));
    *s = (IceSpec){.id = (int32_t)id, .nfields = (int32_t)doc_count(fields)};
    s->field = NEW(a, IceSpecField, MAX(s->nfields, 1));
    for (int32_t i = 0; i < s->nfields; i++) {
        const Doc *f = doc_at(fields, i);
        IceSpecField *to = &s->field[i];
        int64_t source, field;
        if (!doc_i64(f, "source-id", &source) || !doc_i64(f, "field-id", &field))
            return broken("a partition field without its ids:", doc_str(f, "name"));
        *to = (IceSpecField){(int32_t)source, (int32_t)field,
                             .name = str_copy(a, doc_str(f, "name"))};
        to->transform_text = str_copy(a, doc_str(f, "transform"));
        to->known = transform_parse(to->transform_text, &to->transform, &to->arg);
        to->source = source_type(m, to->source_id);
        if (to->known && to->source) to->result = transform_result(to->source, to->transform);
    }
    s->json = doc_dump(a, d);
    s->fields_json = doc_dump(a, fields);
    return DONE;
}

static Str default_name(Arena *a, Str column, TransformKind kind)
{
    static const char *const suffix[] = {
        [TR_IDENTITY] = "",       [TR_YEAR] = "_year", [TR_MONTH] = "_month",
        [TR_DAY] = "_day",        [TR_HOUR] = "_hour", [TR_BUCKET] = "_bucket",
        [TR_TRUNCATE] = "_trunc", [TR_VOID] = "_null"};
    return str_cat(a, column, str_z(suffix[kind]));
}

IceSpec ice_spec_of(Arena *a, const IceSpecField *field, int32_t n, int32_t id)
{
    Buf b = buf_new(a);
    IceSpec s = {.id = id, .nfields = n, .field = NEW(a, IceSpecField, MAX(n, 1))};
    buf_char(&b, '[');
    for (int32_t i = 0; i < n; i++) {
        const IceSpecField *f = &field[i];
        s.field[i] = *f;
        buf_fmt(&b, "%s{\"name\":", i ? "," : "");
        buf_json(&b, f->name);
        buf_fmt(&b, ",\"transform\":\"" STR_FMT "\",\"source-id\":%d,\"field-id\":%d}",
                STR_ARG(f->transform_text), f->source_id, f->id);
    }
    buf_char(&b, ']');
    s.fields_json = buf_str(&b);
    s.json = str_fmt(a, "{\"spec-id\":%d,\"fields\":" STR_FMT "}", id, STR_ARG(s.fields_json));
    return s;
}

Status ice_spec_new(IceSpec *s, Arena *a, const Schema *schema, const TableDef *def,
                    int64_t *last_id)
{
    IceSpecField *field = NEW(a, IceSpecField, MAX(def->npartition, 1));
    for (int32_t i = 0; i < def->npartition; i++) {
        const PartitionField *p = &def->partition[i];
        must(p->source >= 0 && p->source < schema->nfields);
        const Field *c = &schema->field[p->source];
        IceSpecField *f = &field[i];
        TRY(transform_check(c->type, p->transform, c->name));
        *f = (IceSpecField){.source_id = c->id, .id = (int32_t)++ * last_id, .known = true};
        f->transform = p->transform;
        f->arg = p->arg;
        f->name = p->name.n ? str_copy(a, p->name) : default_name(a, c->name, p->transform);
        f->source = c->type;
        f->result = transform_result(c->type, p->transform);
        f->transform_text = transform_text(a, p->transform, p->arg);
    }
    *s = ice_spec_of(a, field, def->npartition, 0);
    return DONE;
}
