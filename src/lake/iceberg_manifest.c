// iceberg_manifest.c -- manifests: which files a table has, one Avro record each. Fields are found
// by id when reading; writing follows Java's order of version 2.
#include "fmt/avro.h"
#include "lake/iceberg_in.h"
#include "lake/store.h"

typedef struct AvroCol { // a field of a record; type: JSON, or of an int-keyed map in its array
                         // form
    const char *name, *type;
    int32_t id, key, value; // key, value: of a map
    bool optional;
} AvroCol;
static const AvroCol entry_cols[] = {
    {"status", "\"int\"", 0, 0, 0, false},
    {"snapshot_id", "\"long\"", 1, 0, 0, true},
    {"sequence_number", "\"long\"", 3, 0, 0, true},
    {"file_sequence_number", "\"long\"", 4, 0, 0, true},
};
static const AvroCol file_head[] = {
    {"content", "\"int\"", 134, 0, 0, false},
    {"file_path", "\"string\"", 100, 0, 0, false},
    {"file_format", "\"string\"", 101, 0, 0, false},
};
static const AvroCol file_tail[] = {
    {"record_count", "\"long\"", 103, 0, 0, false},
    {"file_size_in_bytes", "\"long\"", 104, 0, 0, false},
    {"column_sizes", "\"long\"", 108, 117, 118, true},
    {"value_counts", "\"long\"", 109, 119, 120, true},
    {"null_value_counts", "\"long\"", 110, 121, 122, true},
    {"nan_value_counts", "\"long\"", 137, 138, 139, true},
    {"lower_bounds", "\"bytes\"", 125, 126, 127, true},
    {"upper_bounds", "\"bytes\"", 128, 129, 130, true},
    {"key_metadata", "\"bytes\"", 131, 0, 0, true},
    {"split_offsets", "{\"type\":\"array\",\"items\":\"long\",\"element-id\":133}", 132, 0, 0,
     true},
    {"equality_ids", "{\"type\":\"array\",\"items\":\"int\",\"element-id\":136}", 135, 0, 0, true},
    {"sort_order_id", "\"int\"", 140, 0, 0, true},
    {"referenced_data_file", "\"string\"", 143, 0, 0, true},
};

static void put_cols(Buf *b, const AvroCol *col, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const AvroCol *c = &col[i];
        buf_fmt(b, "%s{\"name\":\"%s\",\"type\":%s", i ? "," : "", c->name,
                c->optional ? "[\"null\"," : "");
        if (c->key)
            buf_fmt(b,
                    "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"k%d_v%d\","
                    "\"fields\":[{\"name\":\"key\",\"type\":\"int\",\"field-id\":%d},"
                    "{\"name\":\"value\",\"type\":%s,\"field-id\":%d}]},\"logicalType\":\"map\"}",
                    c->key, c->value, c->key, c->type, c->value);
        else
            buf_put(b, str_z(c->type));
        buf_fmt(b, "%s,\"field-id\":%d}", c->optional ? "],\"default\":null" : "", c->id);
    }
}

// How a partition value of a type stands in Avro; types without a form partition nothing.
typedef enum AvroForm {
    FORM_NONE,
    FORM_BIT,
    FORM_LONG,
    FORM_MILLI,
    FORM_RAW,
    FORM_BYTES,
    FORM_FIXED
} AvroForm;
static const struct {
    AvroForm form; // FORM_MILLI: a thousandth of the value
    const char *json;
} forms[TYPE_IDS] = {
    [T_BOOLEAN] = {FORM_BIT, "\"boolean\""},
    [T_INT] = {FORM_LONG, "\"int\""},
    [T_DATE] = {FORM_LONG, "{\"type\":\"int\",\"logicalType\":\"date\"}"},
    [T_BIGINT] = {FORM_LONG, "\"long\""},
    [T_TIME] = {FORM_MILLI, "{\"type\":\"long\",\"logicalType\":\"time-micros\"}"},
    [T_TIMESTAMP] = {FORM_LONG, "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\","
                                "\"adjust-to-utc\":true}"},
    [T_TIMESTAMP_NTZ] = {FORM_LONG, "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\","
                                    "\"adjust-to-utc\":false}"},
    [T_FLOAT] = {FORM_RAW, "\"float\""},
    [T_DOUBLE] = {FORM_RAW, "\"double\""},
    [T_STRING] = {FORM_BYTES, "\"string\""},
    [T_BINARY] = {FORM_BYTES, "\"bytes\""},
    [T_DECIMAL] = {FORM_FIXED, NULL},
};

static void put_avro_type(Buf *b, const Type *t)
{
    must(forms[t->id].form != FORM_NONE);
    if (forms[t->id].form != FORM_FIXED) {
        buf_put(b, str_z(forms[t->id].json));
        return;
    }
    buf_fmt(b,
            "{\"type\":\"fixed\",\"name\":\"decimal_%d_%d\",\"size\":%d,\"logicalType\":"
            "\"decimal\",\"precision\":%d,\"scale\":%d}",
            t->precision, t->scale, decimal_bytes(t->precision), t->precision, t->scale);
}

// Avro names are letters, digits and _; anything else becomes _x and its number, as Java does.
static void put_avro_name(Buf *b, Str name)
{
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = c >= '0' && c <= '9';
        if (digit && i == 0) buf_char(b, '_');
        if (letter || digit)
            buf_char(b, c);
        else
            buf_fmt(b, "_x%X", (uint8_t)c);
    }
}

static Str entry_schema(Arena *a, const IceSpec *spec)
{
    Buf b = buf_new(a);
    buf_put(&b, S("{\"type\":\"record\",\"name\":\"manifest_entry\",\"fields\":["));
    put_cols(&b, entry_cols, COUNT(entry_cols));
    buf_put(
        &b,
        S(",{\"name\":\"data_file\",\"type\":{\"type\":\"record\",\"name\":\"r2\",\"fields\":["));
    put_cols(&b, file_head, COUNT(file_head));
    buf_put(
        &b,
        S(",{\"name\":\"partition\",\"type\":{\"type\":\"record\",\"name\":\"r102\",\"fields\":["));
    for (int32_t i = 0; i < spec->nfields; i++) {
        const IceSpecField *f = &spec->field[i];
        buf_put(&b, i ? S(",{\"name\":\"") : S("{\"name\":\""));
        put_avro_name(&b, f->name);
        buf_put(&b, S("\",\"type\":[\"null\","));
        put_avro_type(&b, f->result);
        buf_fmt(&b, "],\"default\":null,\"field-id\":%d}", f->id);
    }
    buf_put(&b, S("]},\"field-id\":102},"));
    put_cols(&b, file_tail, COUNT(file_tail));
    buf_put(&b, S("]},\"field-id\":2}]}"));
    return buf_str(&b);
}

static void put_optional_long(Buf *b, int64_t v, bool there)
{
    avro_put_long(b, there);
    if (there) avro_put_long(b, v);
}

static void put_partition_value(Buf *b, const Type *t, Str bytes)
{
    Datum v;
    avro_put_long(b, bytes.p != NULL);
    if (!bytes.p) return;
    must(datum_from_bytes(&v, t, bytes));
    switch (forms[t->id].form) {
    case FORM_BIT: buf_u8(b, v.i != 0); return;
    case FORM_LONG: avro_put_long(b, v.i); return;
    case FORM_MILLI: avro_put_long(b, v.i / 1000); return;
    case FORM_RAW: datum_to_bytes(b, t, &v); return;
    case FORM_BYTES: avro_put_bytes(b, bytes); return;
    case FORM_FIXED:
        buf_fill(b, v.d < 0 ? '\xff' : '\0', decimal_bytes(t->precision) - bytes.n);
        buf_put(b, bytes);
        return;
    case FORM_NONE: break;
    }
    must_failed("the type of a partition value", __FILE__, __LINE__);
}

// One of the six maps by column: those columns that have the value.
static void put_counts(Buf *b, const IceFile *f, size_t at)
{
    int64_t n = 0;
    for (int32_t i = 0; i < f->ncolumns; i++)
        n += *(const int64_t *)((const char *)&f->column[i] + at) >= 0;
    avro_put_long(b, n > 0);
    if (!n) return;
    avro_put_long(b, n);
    for (int32_t i = 0; i < f->ncolumns; i++) {
        int64_t v = *(const int64_t *)((const char *)&f->column[i] + at);
        if (v < 0) continue;
        avro_put_long(b, f->column[i].id);
        avro_put_long(b, v);
    }
    avro_put_long(b, 0);
}

static void put_bounds(Buf *b, const IceFile *f, size_t at)
{
    int64_t n = 0;
    for (int32_t i = 0; i < f->ncolumns; i++)
        n += ((const Str *)(const void *)((const char *)&f->column[i] + at))->p != NULL;
    avro_put_long(b, n > 0);
    if (!n) return;
    avro_put_long(b, n);
    for (int32_t i = 0; i < f->ncolumns; i++) {
        Str v = *(const Str *)(const void *)((const char *)&f->column[i] + at);
        if (!v.p) continue;
        avro_put_long(b, f->column[i].id);
        avro_put_bytes(b, v);
    }
    avro_put_long(b, 0);
}

static void put_longs(Buf *b, const int64_t *v, int32_t n)
{
    avro_put_long(b, n > 0);
    if (!n) return;
    avro_put_long(b, n);
    for (int32_t i = 0; i < n; i++) avro_put_long(b, v[i]);
    avro_put_long(b, 0);
}

static void put_file(Buf *b, const IceSpec *spec, const IceFile *f)
{
    avro_put_long(b, f->content);
    avro_put_bytes(b, f->path);
    avro_put_bytes(b, f->format);
    must(f->npartition == spec->nfields);
    for (int32_t i = 0; i < spec->nfields; i++)
        put_partition_value(b, spec->field[i].result, f->partition[i]);
    avro_put_long(b, f->rows);
    avro_put_long(b, f->bytes);
    put_counts(b, f, offsetof(IceColumnStat, bytes));
    put_counts(b, f, offsetof(IceColumnStat, values));
    put_counts(b, f, offsetof(IceColumnStat, nulls));
    put_counts(b, f, offsetof(IceColumnStat, nans));
    put_bounds(b, f, offsetof(IceColumnStat, lo));
    put_bounds(b, f, offsetof(IceColumnStat, hi));
    avro_put_optional(b, f->key);
    put_longs(b, f->split, f->nsplit);
    put_longs(b, f->equality, f->nequality);
    put_optional_long(b, f->sort_order, f->sort_order >= 0);
    avro_put_optional(b, f->referenced);
}

static void put_entry(Buf *b, const IceSpec *spec, const IceEntry *e)
{
    avro_put_long(b, e->status);
    put_optional_long(b, e->snapshot, e->snapshot != ICE_NONE);
    put_optional_long(b, e->sequence, e->sequence >= 0);
    put_optional_long(b, e->file_sequence, e->file_sequence >= 0);
    put_file(b, spec, &e->file);
}

static void sum_partition(IceSummary *s, const Type *t, Str bytes)
{
    Datum v, bound;
    if (!bytes.p || !datum_from_bytes(&v, t, bytes)) {
        s->null = true;
        return;
    }
    if ((t->id == T_FLOAT || t->id == T_DOUBLE) && v.f != v.f) {
        s->nan = true;
        return;
    }
    if (!s->lo.p || (datum_from_bytes(&bound, t, s->lo) && datum_cmp(t, &v, &bound) < 0))
        s->lo = bytes;
    if (!s->hi.p || (datum_from_bytes(&bound, t, s->hi) && datum_cmp(t, &v, &bound) > 0))
        s->hi = bytes;
}

static void sum_entry(IceManifest *m, const IceSpec *spec, const IceEntry *e)
{
    int64_t *files[] = {&m->existing_files, &m->added_files, &m->deleted_files};
    int64_t *rows[] = {&m->existing_rows, &m->added_rows, &m->deleted_rows};
    ++*files[e->status];
    *rows[e->status] += e->file.rows;
    for (int32_t i = 0; i < spec->nfields; i++)
        sum_partition(&m->partition[i], spec->field[i].result, e->file.partition[i]);
    if (e->status != ICE_DELETED && e->sequence >= 0)
        m->min_sequence = MIN(m->min_sequence, e->sequence);
}

void ice_manifest_write(Buf *out, IceManifest *m, const IceMeta *meta, const IceSpec *spec,
                        const IceEntry *entry, int64_t n)
{
    Arena *a = out->arena;
    Options kv = {0};
    const IceSchema *schema = ice_schema(meta, meta->schema_id);
    bool deletes = n && entry[0].file.content != 0;
    vec_push(a, &kv, ((Option){S("schema"), schema->json}));
    vec_push(a, &kv, ((Option){S("schema-id"), str_fmt(a, "%d", schema->id)}));
    vec_push(a, &kv, ((Option){S("partition-spec"), spec->fields_json}));
    vec_push(a, &kv, ((Option){S("partition-spec-id"), str_fmt(a, "%d", spec->id)}));
    vec_push(a, &kv, ((Option){S("format-version"), S("2")}));
    vec_push(a, &kv, ((Option){S("content"), deletes ? S("deletes") : S("data")}));
    AvroWriter w;
    *m = (IceManifest){.spec_id = spec->id, .content = deletes, .npartition = spec->nfields};
    m->partition = NEW(a, IceSummary, spec->nfields + 1);
    m->min_sequence = INT64_MAX; // until the commit knows its own
    avro_writer_start(&w, a, out, entry_schema(a, spec), &kv);
    for (int64_t i = 0; i < n; i++) {
        put_entry(&w.row, spec, &entry[i]);
        avro_row(&w);
        sum_entry(m, spec, &entry[i]);
    }
    avro_writer_end(&w);
    m->bytes = out->n;
}

static IceColumnStat *column_stat(IceFile *f, int64_t id)
{
    for (int32_t i = 0; i < f->ncolumns; i++)
        if (f->column[i].id == id) return &f->column[i];
    f->column[f->ncolumns] = (IceColumnStat){.id = (int32_t)id, -1, -1, -1, -1};
    return &f->column[f->ncolumns++];
}

static void read_stats(Arena *a, IceFile *f, const AvroValue *file)
{
    static const struct {
        int32_t id, key, value;
        bool bytes;
        size_t at;
    } map[] = {
        {108, 117, 118, false, offsetof(IceColumnStat, bytes)},
        {109, 119, 120, false, offsetof(IceColumnStat, values)},
        {110, 121, 122, false, offsetof(IceColumnStat, nulls)},
        {137, 138, 139, false, offsetof(IceColumnStat, nans)},
        {125, 126, 127, true, offsetof(IceColumnStat, lo)},
        {128, 129, 130, true, offsetof(IceColumnStat, hi)},
    };
    int64_t room = 0; // every column that some map could name
    for (int64_t m = 0; m < COUNT(map); m++) {
        const AvroValue *v = avro_get(file, map[m].id);
        if (v && v->type->kind == AVRO_ARRAY) room += v->n;
    }
    f->column = NEW(a, IceColumnStat, room + 1);
    for (int64_t m = 0; m < COUNT(map) && room; m++) {
        const AvroValue *v = avro_get(file, map[m].id);
        for (int64_t i = 0; v && v->type->kind == AVRO_ARRAY && i < v->n; i++) {
            IceColumnStat *c = column_stat(f, avro_long(&v->item[i], map[m].key, 0));
            void *to = (char *)c + map[m].at;
            if (map[m].bytes)
                *(Str *)to = avro_text(a, &v->item[i], map[m].value);
            else
                *(int64_t *)to = avro_long(&v->item[i], map[m].value, -1);
        }
    }
}

static int64_t *read_longs(Arena *a, const AvroValue *file, int32_t id, int32_t *n)
{
    const AvroValue *v = avro_get(file, id);
    *n = 0;
    if (!v || v->type->kind != AVRO_ARRAY || v->n > INT32_MAX) return NULL;
    int64_t *to = NEW(a, int64_t, v->n + 1);
    for (int64_t i = 0; i < v->n; i++) to[i] = v->item[i].i;
    *n = (int32_t)v->n;
    return to;
}

// A partition value of the record in its bytes; p NULL for null.
static Str partition_bytes(Arena *a, const AvroValue *record, const IceSpecField *f)
{
    const AvroValue *v = avro_get(record, f->id);
    if (!v || !f->result) return (Str){0};
    Buf b = buf_new(a);
    Datum d = {.i = v->i};
    TypeId id = f->result->id;
    bool text =
        v->type->kind == AVRO_STRING || v->type->kind == AVRO_BYTES || v->type->kind == AVRO_FIXED;
    bool real = v->type->kind == AVRO_FLOAT || v->type->kind == AVRO_DOUBLE;
    if (real) d.f = v->f;
    if (text) d.s = v->s;
    if (id == T_TIME) d.i = v->i * 1000;
    if (id == T_DECIMAL && (!text || !datum_from_bytes(&d, f->result, v->s))) return (Str){0};
    if (text != (id == T_STRING || id == T_BINARY || id == T_DECIMAL)) return (Str){0};
    datum_to_bytes(&b, f->result, &d);
    return b.p ? buf_str(&b) : S("");
}

static void read_file(IceFile *f, Arena *a, const AvroValue *file, const IceSpec *spec)
{
    *f = (IceFile){.content = (int32_t)avro_long(file, 134, 0), .spec_id = spec->id};
    f->path = avro_text(a, file, 100);
    f->format = avro_text(a, file, 101);
    f->rows = avro_long(file, 103, -1);
    f->bytes = avro_long(file, 104, -1);
    f->sort_order = (int32_t)avro_long(file, 140, -1);
    f->npartition = spec->nfields;
    f->partition = NEW(a, Str, spec->nfields + 1);
    const AvroValue *tuple = avro_get(file, 102);
    for (int32_t i = 0; i < spec->nfields; i++)
        f->partition[i] = partition_bytes(a, tuple, &spec->field[i]);
    read_stats(a, f, file);
    f->split = read_longs(a, file, 132, &f->nsplit);
    f->equality = read_longs(a, file, 135, &f->nequality);
    f->key = avro_text(a, file, 131);
    f->referenced = avro_text(a, file, 143);
}

// New entries inherit what the manifest list says of their manifest.
static Status read_entry(IceEntry *e, Arena *a, const AvroValue *v, const IceManifest *m,
                         const IceSpec *spec)
{
    const AvroValue *file = avro_get(v, 2);
    int64_t status = avro_long(v, 0, -1);
    if (!file || status < ICE_EXISTING || status > ICE_DELETED)
        return fail(ERR_CORRUPT, STR_FMT ": an entry without status or file", STR_ARG(m->path));
    *e = (IceEntry){.status = (IceStatus)status};
    int64_t inherited = status == ICE_ADDED ? m->sequence : 0;
    e->snapshot = avro_long(v, 1, m->snapshot);
    e->sequence = avro_long(v, 3, inherited);
    e->file_sequence = avro_long(v, 4, inherited);
    read_file(&e->file, a, file, spec);
    if (!e->file.path.n || e->file.rows < 0 || e->file.bytes < 0)
        return fail(ERR_CORRUPT, STR_FMT ": a file without path or size", STR_ARG(m->path));
    return DONE;
}

Status ice_manifest_read(IceEntries *to, Arena *a, const IceMeta *meta, const IceManifest *m,
                         bool deleted_too)
{
    const IceSpec *spec = ice_spec(meta, m->spec_id);
    if (!spec)
        return fail(ERR_CORRUPT, STR_FMT ": there is no partition spec %d", STR_ARG(m->path),
                    m->spec_id);
    Arena *scratch = arena_new(a), *row = arena_new(scratch);
    Str bytes;
    AvroFile f;
    Status s = store_load(&bytes, scratch, m->path);
    if (!s.code) s = avro_open(&f, scratch, bytes, m->path);
    for (bool end = false; !s.code && !end;) {
        AvroValue v;
        IceEntry e;
        arena_clear(row);
        s = avro_next(&f, row, &v, &end);
        if (s.code || end) break;
        if (!deleted_too && avro_long(&v, 0, -1) == ICE_DELETED) continue;
        s = read_entry(&e, a, &v, m, spec);
        if (!s.code) vec_push(a, to, e);
    }
    arena_free(scratch);
    return s;
}
