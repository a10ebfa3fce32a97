// avro.c -- numbers are zig-zag varints, a union is its branch's number and the value, arrays and
// maps come in blocks that end with an empty one.
#include "fmt/avro.h"
#include "base/hash.h"
#include "base/map.h"
#include "fmt/codec.h"
#include "fmt/doc.h"
#include "fmt/seal.h"

enum { DEPTH_MAX = 64, BLOCK = 1 << 16 };

typedef struct Parser {
    Arena *arena;
    Map named; // AvroType by name
    int32_t depth;
} Parser;

static Status broken(const char *what) { return fail(ERR_CORRUPT, "an Avro schema %s", what); }

static const Str kind_names[] = {
    [AVRO_NULL] = STR_INIT("null"),     [AVRO_BOOLEAN] = STR_INIT("boolean"),
    [AVRO_INT] = STR_INIT("int"),       [AVRO_LONG] = STR_INIT("long"),
    [AVRO_FLOAT] = STR_INIT("float"),   [AVRO_DOUBLE] = STR_INIT("double"),
    [AVRO_BYTES] = STR_INIT("bytes"),   [AVRO_STRING] = STR_INIT("string"),
    [AVRO_FIXED] = STR_INIT("fixed"),   [AVRO_ENUM] = STR_INIT("enum"),
    [AVRO_ARRAY] = STR_INIT("array"),   [AVRO_MAP] = STR_INIT("map"),
    [AVRO_RECORD] = STR_INIT("record"),
};

static Status parse(Parser *p, const Doc *d, AvroType **out);

static int32_t id_of(const Doc *d, const char *key)
{
    int64_t id = 0;
    return doc_i64(d, key, &id) && id > 0 && id <= INT32_MAX ? (int32_t)id : 0;
}

static Status parse_items(Parser *p, const Doc *d, AvroType *t)
{
    bool map = t->kind == AVRO_MAP;
    AvroType *item = NULL;
    TRY(parse(p, doc_get(d, map ? "values" : "items"), &item));
    t->field = NEW(p->arena, AvroField, 1);
    t->nfields = 1;
    t->field[0] = (AvroField){.id = id_of(d, map ? "value-id" : "element-id"), .type = item};
    return DONE;
}

static Status parse_fields(Parser *p, const Doc *fields, AvroType *t)
{
    t->nfields = (int32_t)doc_count(fields);
    t->field = NEW(p->arena, AvroField, MAX(t->nfields, 1));
    for (int32_t i = 0; i < t->nfields; i++) {
        const Doc *f = doc_at(fields, i);
        AvroType *type = NULL;
        TRY(parse(p, doc_get(f, "type"), &type));
        t->field[i] =
            (AvroField){str_copy(p->arena, doc_str(f, "name")), id_of(f, "field-id"), type};
    }
    return DONE;
}

static Status parse_object(Parser *p, const Doc *d, AvroType **out)
{
    const Doc *type = doc_get(d, "type");
    if (!doc_is_str(type)) return parse(p, type, out); // {"type": {"type": "..."}}
    AvroType *t = NEW(p->arena, AvroType, 1);
    int32_t kind = 0;
    while (kind < COUNT(kind_names) && !str_eq(kind_names[kind], doc_text(type))) kind++;
    if (kind == COUNT(kind_names)) return parse(p, type, out);
    *t = (AvroType){.kind = (AvroKind)kind,
                    .name = str_copy(p->arena, doc_str(d, "name")),
                    .logical = str_copy(p->arena, doc_str(d, "logicalType"))};
    if (t->name.n) map_set(&p->named, t->name, t); // before the fields: it may hold itself
    int64_t size = 0;
    *out = t;
    if (t->kind == AVRO_ARRAY || t->kind == AVRO_MAP) return parse_items(p, d, t);
    if (t->kind == AVRO_RECORD) return parse_fields(p, doc_get(d, "fields"), t);
    if (t->kind == AVRO_FIXED && (!doc_i64(d, "size", &size) || size < 0 || size > 1 << 20))
        return broken("has a fixed type without a size");
    t->size = (int32_t)size;
    return DONE;
}

static Status parse(Parser *p, const Doc *d, AvroType **out)
{
    if (++p->depth > DEPTH_MAX) return broken("nests too deeply");
    if (doc_is_str(d)) {
        Str name = doc_text(d);
        int32_t kind = 0;
        while (kind < AVRO_FIXED && !str_eq(kind_names[kind], name)) kind++;
        *out = kind < AVRO_FIXED ? NEW(p->arena, AvroType, 1) : map_get(&p->named, name);
        if (!*out) return broken("names an unknown type");
        if (kind < AVRO_FIXED) (*out)->kind = (AvroKind)kind;
    } else if (doc_is_array(d)) {
        AvroType *t = NEW(p->arena, AvroType, 1), *branch = NULL;
        *t = (AvroType){.kind = AVRO_UNION, .nfields = (int32_t)doc_count(d)};
        t->field = NEW(p->arena, AvroField, MAX(t->nfields, 1));
        for (int32_t i = 0; i < t->nfields; i++) {
            TRY(parse(p, doc_at(d, i), &branch));
            t->field[i].type = branch;
        }
        *out = t;
    } else if (doc_is_object(d)) {
        TRY(parse_object(p, d, out));
    } else {
        return broken("has a type that is none");
    }
    p->depth--;
    return DONE;
}

Status avro_schema(const AvroType **t, Arena *a, Str json)
{
    const Doc *d;
    AvroType *own = NULL;
    Parser p = {a, map_new(a), 0};
    TRY(doc_parse(&d, a, json));
    TRY(parse(&p, d, &own));
    *t = own;
    return DONE;
}

typedef struct Decoder {
    Arena *arena;
    Reader *r;
    int32_t depth;
} Decoder;
typedef VEC(AvroValue) AvroValues;

static void decode(Decoder *d, const AvroType *t, AvroValue *v);

static void decode_blocks(Decoder *d, const AvroType *t, AvroValue *v)
{
    AvroValues items = {0};
    static const AvroType key = {.kind = AVRO_STRING};
    for (;;) {
        int64_t n = reader_varint(d->r);
        if (n == 0 || d->r->bad) break;
        if (n < 0) { // then the block's bytes are said too
            n = n == INT64_MIN ? INT64_MAX : -n;
            reader_varint(d->r);
        }
        if (n > reader_left(d->r)) d->r->bad = true; // no element takes less than a byte here
        for (; n > 0 && !d->r->bad; n--) {
            AvroValue item;
            if (t->kind == AVRO_MAP) {
                decode(d, &key, &item);
                vec_push(d->arena, &items, item);
            }
            decode(d, t->field[0].type, &item);
            vec_push(d->arena, &items, item);
        }
    }
    v->item = items.v;
    v->n = items.n;
}

static void decode(Decoder *d, const AvroType *t, AvroValue *v)
{
    Reader *r = d->r;
    *v = (AvroValue){.type = t};
    if (++d->depth > DEPTH_MAX) r->bad = true;
    if (r->bad) return;
    switch (t->kind) {
    case AVRO_NULL: break;
    case AVRO_BOOLEAN: v->i = reader_u8(r) != 0; break;
    case AVRO_INT:
    case AVRO_LONG:
    case AVRO_ENUM: v->i = reader_varint(r); break;
    case AVRO_FLOAT: {
        uint32_t bits = reader_u32le(r);
        float f;
        memcpy(&f, &bits, 4);
        v->f = (double)f;
        break;
    }
    case AVRO_DOUBLE: {
        uint64_t bits = reader_u64le(r);
        memcpy(&v->f, &bits, 8);
        break;
    }
    case AVRO_BYTES:
    case AVRO_STRING: v->s = reader_bytes(r, reader_varint(r)); break;
    case AVRO_FIXED: v->s = reader_bytes(r, t->size); break;
    case AVRO_ARRAY:
    case AVRO_MAP: decode_blocks(d, t, v); break;
    case AVRO_RECORD:
        v->n = t->nfields;
        v->item = NEW(d->arena, AvroValue, MAX(v->n, 1));
        for (int32_t i = 0; i < t->nfields; i++) decode(d, t->field[i].type, &v->item[i]);
        break;
    case AVRO_UNION: {
        int64_t branch = reader_varint(r);
        r->bad |= branch < 0 || branch >= t->nfields;
        if (!r->bad) decode(d, t->field[branch].type, v);
        break;
    }
    }
    d->depth--;
}

void avro_value(AvroValue *v, Arena *a, const AvroType *t, Reader *r)
{
    Decoder d = {a, r, 0};
    decode(&d, t, v);
}

const AvroValue *avro_get(const AvroValue *record, int32_t id)
{
    if (!record || record->type->kind != AVRO_RECORD) return NULL;
    for (int64_t i = 0; i < record->n; i++)
        if (record->type->field[i].id == id)
            return record->item[i].type->kind == AVRO_NULL ? NULL : &record->item[i];
    return NULL;
}

int64_t avro_long(const AvroValue *record, int32_t id, int64_t dflt)
{
    const AvroValue *v = avro_get(record, id);
    bool number = v && (v->type->kind == AVRO_INT || v->type->kind == AVRO_LONG ||
                        v->type->kind == AVRO_BOOLEAN);
    return number ? v->i : dflt;
}

Str avro_text(Arena *a, const AvroValue *record, int32_t id)
{
    const AvroValue *v = avro_get(record, id);
    bool text = v && (v->type->kind == AVRO_STRING || v->type->kind == AVRO_BYTES ||
                      v->type->kind == AVRO_FIXED);
    return text ? str_copy(a, v->s) : (Str){0};
}

Status avro_open(AvroFile *f, Arena *a, Str bytes, Str name)
{
    *f = (AvroFile){.name = name, .r = reader_of(bytes), .arena = a};
    if (!str_eq(reader_bytes(&f->r, 4), S("Obj\x01")))
        return fail(ERR_CORRUPT, STR_FMT " is no Avro file", STR_ARG(name));
    static const AvroType text = {.kind = AVRO_BYTES};
    AvroField value = {.type = &text};
    AvroType map = {.kind = AVRO_MAP, .field = &value, .nfields = 1};
    AvroValue meta;
    avro_value(&meta, a, &map, &f->r);
    const uint8_t *sync = reader_take(&f->r, sizeof f->sync);
    if (!sync) return fail(ERR_CORRUPT, STR_FMT ": the Avro header is cut short", STR_ARG(name));
    memcpy(f->sync, sync, sizeof f->sync);
    for (int64_t i = 0; i + 1 < meta.n; i += 2)
        vec_push(a, &f->meta, ((Option){meta.item[i].s, meta.item[i + 1].s}));
    const Str *seal = options_get(&f->meta, S(SEAL_KEY));
    if (seal && !seal_holds(bytes, *seal))
        return fail(ERR_CORRUPT, STR_FMT ": its bytes are not those that were written (checksum)",
                    STR_ARG(name));
    const Str *codec = options_get(&f->meta, S("avro.codec"));
    const Str *schema = options_get(&f->meta, S("avro.schema"));
    f->deflate = codec && str_eq(*codec, S("deflate"));
    if (codec && codec->n && !f->deflate && !str_eq(*codec, S("null")))
        return fail(ERR_UNSUPPORTED, STR_FMT ": Avro codec " STR_FMT " is not read", STR_ARG(name),
                    STR_ARG(*codec));
    Status s = schema ? avro_schema(&f->type, a, *schema) : broken("is missing");
    return s.code ? fail_in(s, STR_FMT, STR_ARG(name)) : DONE;
}

static Status next_block(AvroFile *f)
{
    int64_t rows = reader_varint(&f->r), bytes = reader_varint(&f->r);
    Str packed = reader_bytes(&f->r, bytes), sync = reader_bytes(&f->r, sizeof f->sync);
    if (f->r.bad || rows < 0 || !str_eq(sync, str_of(f->sync, sizeof f->sync)))
        return fail(ERR_CORRUPT, STR_FMT ": an Avro block is broken", STR_ARG(f->name));
    if (f->deflate) {
        Status s = deflate_unpack(&packed, f->arena, packed);
        if (s.code) return fail_in(s, STR_FMT, STR_ARG(f->name));
    }
    f->block = reader_of(packed);
    f->left = rows;
    return DONE;
}

Status avro_next(AvroFile *f, Arena *a, AvroValue *v, bool *end)
{
    while (f->left == 0) {
        *end = f->r.at == f->r.end;
        if (*end) return DONE;
        TRY(next_block(f));
    }
    *end = false;
    avro_value(v, a, f->type, &f->block);
    f->left--;
    if (f->block.bad || (f->left == 0 && f->block.at != f->block.end) ||
        (f->left > 0 && f->block.at == f->block.end))
        return fail(ERR_CORRUPT, STR_FMT ": an Avro value does not decode", STR_ARG(f->name));
    return DONE;
}

void avro_writer_start(AvroWriter *w, Arena *a, Buf *out, Str schema, const Options *meta)
{
    *w = (AvroWriter){.out = out, .row = buf_new(a), .start = out->n};
    // Any sixteen bytes mark the blocks; these follow from what the file is about.
    uint64_t h = hash_bytes(schema);
    for (int64_t i = 0; i < meta->n; i++) h = hash_mix(h, hash_bytes(meta->v[i].value));
    memcpy(w->sync, &h, 8);
    h = hash_u64(h);
    memcpy(w->sync + 8, &h, 8);
    buf_put(out, S("Obj\x01"));
    avro_put_long(out, meta->n + 3);
    avro_put_bytes(out, S(SEAL_KEY));
    avro_put_bytes(out, S(SEAL_BLANK));
    w->seal = out->n - SEAL_DIGITS;
    avro_put_bytes(out, S("avro.schema"));
    avro_put_bytes(out, schema);
    avro_put_bytes(out, S("avro.codec"));
    avro_put_bytes(out, S("deflate"));
    for (int64_t i = 0; i < meta->n; i++) {
        avro_put_bytes(out, meta->v[i].key);
        avro_put_bytes(out, meta->v[i].value);
    }
    avro_put_long(out, 0);
    buf_put(out, str_of(w->sync, sizeof w->sync));
}

static void end_block(AvroWriter *w)
{
    if (!w->rows) return;
    Buf packed = buf_new(w->row.arena);
    deflate_pack(buf_str(&w->row), &packed);
    avro_put_long(w->out, w->rows);
    avro_put_bytes(w->out, buf_str(&packed));
    buf_put(w->out, str_of(w->sync, sizeof w->sync));
    buf_clear(&w->row);
    w->rows = 0;
}

void avro_row(AvroWriter *w)
{
    w->rows++;
    if (w->row.n >= BLOCK) end_block(w);
}

void avro_writer_end(AvroWriter *w)
{
    end_block(w);
    seal_put(w->out->p + w->start, w->out->n - w->start, w->seal - w->start);
}
