// type_json.c -- types as Spark's JSON has them: StructType.json and what PySpark sends. Reading
// takes what Spark takes, names of the catalog ("bigint") included.
#include "base/buf.h"
#include "col/type.h"
#include <jansson.h>

void type_metadata(Buf *b, const Field *f)
{
    const char *sep = f->metadata.n ? "," : "";
    buf_char(b, '{');
    buf_put(b, f->metadata);
    if (f->comment.n) {
        buf_fmt(b, "%s\"comment\":", sep);
        buf_json(b, f->comment);
        sep = ",";
    }
    if (f->dflt.n) {
        buf_fmt(b, "%s\"CURRENT_DEFAULT\":", sep);
        buf_json(b, f->dflt);
        sep = ",";
    }
    if (f->time_window) {
        buf_fmt(b, "%s\"spark.timeWindow\":true", sep);
        sep = ",";
    }
    if (f->watermark_delay != WATERMARK_NONE)
        buf_fmt(b, "%s\"spark.watermarkDelayMs\":%lld", sep,
                (long long)(f->watermark_delay / 1000));
    buf_char(b, '}');
}

static void put_null_flag(Buf *b, const char *key, bool nullable)
{
    buf_fmt(b, ",\"%s\":%s", key, nullable ? "true" : "false");
}

static void put_struct(Buf *b, const Type *t)
{
    buf_put(b, S("{\"type\":\"struct\",\"fields\":["));
    for (int32_t i = 0; i < t->nfields; i++) {
        const Field *f = &t->field[i];
        buf_put(b, i ? S(",{\"name\":") : S("{\"name\":"));
        buf_json(b, f->name);
        buf_put(b, S(",\"type\":"));
        type_json(b, f->type);
        put_null_flag(b, "nullable", f->nullable);
        buf_char(b, ',');
        buf_put(b, S("\"metadata\":"));
        type_metadata(b, f);
        buf_char(b, '}');
    }
    buf_put(b, S("]}"));
}

static void put_class(Buf *b, const char *key, Str name)
{
    if (!name.n) return;
    buf_fmt(b, ",\"%s\":", key);
    buf_json(b, name);
}
static void put_udt(Buf *b, const Type *t)
{
    Type plain = *t;
    plain.udt = NULL;
    buf_put(b, S("{\"type\":\"udt\""));
    put_class(b, "class", t->udt->jvm);
    put_class(b, "pyClass", t->udt->python);
    put_class(b, "serializedClass", t->udt->python_code);
    buf_put(b, S(",\"sqlType\":"));
    type_json(b, &plain);
    buf_char(b, '}');
}

void type_json(Buf *b, const Type *t)
{
    if (t->udt) {
        put_udt(b, t);
        return;
    }
    if (t->id == T_STRUCT) {
        put_struct(b, t);
    } else if (t->id == T_ARRAY) {
        buf_put(b, S("{\"type\":\"array\",\"elementType\":"));
        type_json(b, t->field[0].type);
        put_null_flag(b, "containsNull", t->field[0].nullable);
        buf_char(b, '}');
    } else if (t->id == T_MAP) {
        buf_put(b, S("{\"type\":\"map\",\"keyType\":"));
        type_json(b, t->field[0].type);
        buf_put(b, S(",\"valueType\":"));
        type_json(b, t->field[1].type);
        put_null_flag(b, "valueContainsNull", t->field[1].nullable);
        buf_char(b, '}');
    } else {
        buf_char(b, '"');
        type_long_name(b, t);
        buf_char(b, '"');
    }
}

static Str text_of(const json_t *j)
{
    return json_is_string(j) ? str_of(json_string_value(j), (int64_t)json_string_length(j)) : S("");
}

static Status bad_type(Arena *a, const json_t *j)
{
    char text[200];
    size_t n = json_dumpb(j, text, sizeof text, JSON_COMPACT | JSON_ENCODE_ANY);
    Str shown = json_is_string(j) ? text_of(j) : str_of(text, (int64_t)MIN(n, sizeof text));
    return RAISE(INVALID_JSON_DATA_TYPE, P("invalidType", str_copy(a, shown)));
}

static Status from_json(const Type **t, Arena *a, const json_t *j, int32_t depth);

static bool flag_of(const json_t *j, const char *key)
{
    return !json_is_false(json_object_get(j, key));
}

static bool known_member(const char *key) // that a Field has a place of its own for
{
    static const char *const known[] = {"comment", "CURRENT_DEFAULT", "spark.timeWindow",
                                        "spark.watermarkDelayMs"};
    for (int32_t i = 0; i < COUNT(known); i++)
        if (strcmp(key, known[i]) == 0) return true;
    return false;
}
static int put_dumped(const char *text, size_t n, void *b)
{
    buf_put(b, str_of(text, (int64_t)n));
    return 0;
}
static Str other_members(Arena *a, const json_t *meta)
{
    Buf b = buf_new(a);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)meta, key, value)
    {
        if (known_member(key)) continue;
        if (b.n) buf_char(&b, ',');
        buf_json(&b, str_z(key));
        buf_char(&b, ':');
        json_dump_callback(value, put_dumped, &b, JSON_COMPACT | JSON_ENCODE_ANY);
    }
    return buf_str(&b);
}
static void metadata_from_json(Field *f, Arena *a, const json_t *meta)
{
    const json_t *delay = json_object_get(meta, "spark.watermarkDelayMs");
    f->comment = str_copy(a, text_of(json_object_get(meta, "comment")));
    f->dflt = str_copy(a, text_of(json_object_get(meta, "CURRENT_DEFAULT")));
    f->metadata = other_members(a, meta);
    f->time_window = json_is_true(json_object_get(meta, "spark.timeWindow"));
    if (json_is_integer(delay) && json_integer_value(delay) >= 0 &&
        json_integer_value(delay) <= INT64_MAX / 1000)
        f->watermark_delay = json_integer_value(delay) * 1000;
}

static Status field_from_json(Field *f, Arena *a, const json_t *j, int32_t depth)
{
    const json_t *name = json_object_get(j, "name");
    if (!json_is_string(name)) return bad_type(a, j);
    *f = field_of(str_copy(a, text_of(name)), NULL, flag_of(j, "nullable"));
    metadata_from_json(f, a, json_object_get(j, "metadata"));
    return from_json(&f->type, a, json_object_get(j, "type"), depth);
}

static Status struct_from_json(const Type **t, Arena *a, const json_t *j, int32_t depth)
{
    const json_t *fields = json_object_get(j, "fields");
    if (!json_is_array(fields) || json_array_size(fields) > INT32_MAX / 2) return bad_type(a, j);
    int32_t n = (int32_t)json_array_size(fields);
    Field *f = NEW(a, Field, n);
    for (int32_t i = 0; i < n; i++)
        TRY(field_from_json(&f[i], a, json_array_get(fields, (size_t)i), depth));
    *t = type_struct(a, f, n);
    return DONE;
}

static Status atom_from_json(const Type **t, Arena *a, const json_t *j)
{
    Str name = text_of(j);
    if (str_eq(name, S("null"))) {
        *t = &type_void;
        return DONE;
    }
    Status s = type_parse(t, a, name);
    if (s.code == ERR_UNSUPPORTED && failure()->cond == COND_UNSUPPORTED_FEATURE) return s;
    return s.code || (*t)->id >= T_ARRAY ? bad_type(a, j) : DONE;
}

static Status from_json(const Type **t, Arena *a, const json_t *j, int32_t depth)
{
    if (depth > TYPE_DEPTH_MAX)
        return fail(ERR_LIMIT, "a type is nested more than %d deep", TYPE_DEPTH_MAX);
    if (json_is_string(j)) return atom_from_json(t, a, j);
    Str kind = text_of(json_object_get(j, "type"));
    const Type *key, *value;
    if (str_eq(kind, S("struct"))) return struct_from_json(t, a, j, depth + 1);
    if (str_eq(kind, S("array"))) {
        TRY(from_json(&value, a, json_object_get(j, "elementType"), depth + 1));
        *t = type_array(a, value, flag_of(j, "containsNull"));
        return DONE;
    }
    if (str_eq(kind, S("udt")) && json_object_get(j, "sqlType")) {
        TRY(from_json(&value, a, json_object_get(j, "sqlType"), depth + 1));
        Udt udt = {text_of(json_object_get(j, "class")), text_of(json_object_get(j, "pyClass")),
                   text_of(json_object_get(j, "serializedClass"))};
        *t = type_udt(a, value, &udt);
        return DONE;
    }
    if (!str_eq(kind, S("map"))) return bad_type(a, j);
    TRY(from_json(&key, a, json_object_get(j, "keyType"), depth + 1));
    TRY(from_json(&value, a, json_object_get(j, "valueType"), depth + 1));
    *t = type_map(a, key, value, flag_of(j, "valueContainsNull"));
    return DONE;
}

static void drop_document(void *j) { json_decref(j); }

static Status document(json_t **j, Arena *scratch, Str text)
{
    json_error_t e;
    *j = json_loadb(text.n ? text.p : "", (size_t)text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
    if (!*j) return fail(ERR_INVALID, "a type in JSON: offset %d: %s", e.position, e.text);
    arena_defer(scratch, drop_document, *j);
    return DONE;
}

static Status from_text(const Type **t, Arena *a, Arena *scratch, Str text)
{
    json_t *j;
    TRY(document(&j, scratch, text));
    return from_json(t, a, j, 0);
}

Status type_metadata_read(Field *f, Arena *a, Str json)
{
    if (!json.n) return DONE;
    json_t *j;
    Arena *scratch = arena_new(NULL);
    Status s = document(&j, scratch, json);
    if (s.code == OK) metadata_from_json(f, a, j);
    arena_free(scratch);
    return s;
}

Status type_from_json(const Type **t, Arena *a, Str json)
{
    Arena *scratch = arena_new(NULL);
    Status s = from_text(t, a, scratch, json);
    arena_free(scratch);
    return s;
}
