// json.c -- a reader: each record takes the quickest way that can answer for it, and rows that are
// bad get what their mode asks for.
#include "fmt/json.h"
#include "base/num.h"
#include "fmt/json_in.h"

JsonReader *json_reader_new(Arena *a, const Type *schema, const JsonOptions *o)
{
    must(schema->id == T_STRUCT || (!o->source && (schema->id == T_ARRAY || schema->id == T_MAP)));
    JsonReader *r = NEW(a, JsonReader, 1);
    r->arena = a;
    r->opt = o;
    json_slot_make(&r->root, a, schema, (Str){0});
    JsonSlot *k = schema->id == T_STRUCT ? map_get(&r->root.names, o->corrupt_column) : NULL;
    if (k && k->type->id == T_STRING) {
        r->corrupt = k;
        k->unread = true;
    }
    return r;
}

JsonCounts json_reader_counts(const JsonReader *r)
{
    JsonCounts c = r->counts;
    c.by_template = c.records - c.by_schema - c.exact;
    return c;
}

// Makes room for rows; a struct at the root is there unless something says otherwise.
static void start(JsonReader *r, Arena *scratch, int32_t rows)
{
    r->scratch = scratch;
    json_slot_start(&r->root, scratch, rows);
    memset(r->root.valid, 1, (size_t)rows);
}

// ---- bad records -------------------------------------------------------------------------------

// A value as Spark's rows print themselves in messages.
static void raw_text(Buf *b, const JsonSlot *s, const JsonValue *v)
{
    if (v->v.null) {
        buf_put(b, S("null"));
        return;
    }
    switch (s->phys) {
    case PHYS_BOOL: buf_put(b, v->v.i ? S("true") : S("false")); return;
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64: buf_i64(b, v->v.i); return;
    case PHYS_F32: b->n += num_format_f32(buf_room(b, NUM_TEXT_MAX), (float)v->v.f); return;
    case PHYS_F64: b->n += num_format_f64(buf_room(b, NUM_TEXT_MAX), v->v.f); return;
    case PHYS_I128:
        b->n += num_format_decimal(buf_room(b, NUM_TEXT_MAX), v->v.d, s->type->scale);
        return;
    case PHYS_STR: buf_put(b, v->v.s); return;
    case PHYS_INTERVAL: buf_put(b, S("...")); return;
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    int32_t n = s->phys == PHYS_STRUCT ? s->nkids : v->n * s->nkids;
    buf_char(b, '[');
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(b, ',');
        raw_text(b, &s->kid[i % s->nkids], &v->kid[i]);
    }
    buf_char(b, ']');
}

static Status refuse(JsonReader *r, const JsonRecord *rec, Str text)
{
    const JsonBlame *w = &r->blame;
    if (rec->array_root) return RAISE(MALFORMED_RECORD_ARRAYS_AS_STRUCTS, P("badRecord", text));
    if (w->float_text)
        return RAISE(MALFORMED_RECORD_STRING_AS_DATATYPE, P("badRecord", text),
                     P("fieldName", w->name), P("fieldValue", w->value),
                     P("inputType", S("STRING")),
                     P("targetType", type_sql_str(r->scratch, w->type)));
    Buf b = buf_new(r->scratch);
    if (rec->rows)
        raw_text(&b, &r->root, rec->v);
    else {
        buf_char(&b, '[');
        int32_t n = r->root.phys == PHYS_STRUCT ? r->root.nkids : 1;
        for (int32_t i = 0; i < n; i++) buf_put(&b, i ? S(",null") : S("null"));
        buf_char(&b, ']');
    }
    return RAISE(MALFORMED_RECORD_IN_PARSING, P("badRecord", buf_str(&b)),
                 P("failFastMode", S("FAILFAST")));
}

// All fields NULL, but a struct; NULL for the other roots.
static void put_nothing(JsonReader *r, int32_t row)
{
    json_slot_null(&r->root, row);
    r->root.valid[row] = r->root.phys == PHYS_STRUCT;
}

static void put_row(JsonReader *r, int32_t row, const JsonRecord *rec, int32_t i, Str text)
{
    if (rec->rows)
        json_slot_put(r, &r->root, row, &rec->v[i]);
    else
        put_nothing(r, row);
    if (r->corrupt && rec->got != JSON_GOT) json_slot_datum(r->corrupt, row, &(Datum){.s = text});
}

// ---- records -----------------------------------------------------------------------------------

// The ways that need no exact look at the record.
static bool read_quick(JsonReader *r, Str text, int32_t row)
{
    if (text.n > r->opt->string_max || r->exact_only) return false;
    if (json_template_record(r, text, row)) return true;
    JsonMarks marks = {0};
    bool learn = json_template_wanted(r);
    if (!json_plain_record(r, text, row, learn ? &marks : NULL)) return false;
    if (learn) json_template_learn(r, text, &marks);
    r->counts.by_schema++;
    return true;
}

static Status read_exact(JsonReader *r, JsonRecord *rec, Str text)
{
    r->counts.exact++;
    r->blame = (JsonBlame){0};
    *rec = json_exact(r, text);
    if (rec->got == JSON_GOT) return DONE;
    r->counts.bad++;
    return r->opt->mode == JSON_FAILFAST ? refuse(r, rec, text) : DONE;
}

Status json_read(JsonReader *r, const Str *text, const uint8_t *valid, int32_t n, Column *out,
                 Arena *scratch)
{
    start(r, scratch, n);
    r->counts.records += n;
    for (int32_t i = 0; i < n; i++) {
        if (valid && !valid[i]) {
            json_slot_null(&r->root, i);
            r->counts.records--;
        } else if (!read_quick(r, text[i], i)) {
            JsonRecord rec;
            TRY(read_exact(r, &rec, text[i]));
            if (rec.got == JSON_GOT && rec.rows == 0)
                json_slot_null(&r->root, i);
            else
                put_row(r, i, &rec, 0, text[i]);
        }
    }
    *out = json_slot_column(&r->root, scratch, n);
    return DONE;
}

static Status flush(JsonReader *r, int32_t *rows, Out *out)
{
    if (*rows == 0) return DONE;
    Column c = json_slot_column(&r->root, r->scratch, *rows);
    Batch b = {*rows, r->root.nkids, c.kid};
    *rows = 0;
    TRY(out_put(out, &b));
    start(r, r->scratch, BATCH_ROWS);
    return DONE;
}

Status json_read_records(JsonReader *r, const Str *text, int64_t n, Arena *scratch, Out *out)
{
    int32_t rows = 0;
    start(r, scratch, BATCH_ROWS);
    r->counts.records += n;
    for (int64_t i = 0; i < n; i++) {
        if (rows == BATCH_ROWS) TRY(flush(r, &rows, out));
        if (read_quick(r, text[i], rows)) {
            rows++;
            continue;
        }
        JsonRecord rec;
        TRY(read_exact(r, &rec, text[i]));
        if (rec.got != JSON_GOT && r->opt->mode == JSON_DROPMALFORMED) continue;
        int32_t k = rec.got == JSON_GOT_BAD ? 1 : rec.rows;
        for (int32_t j = 0; j < k; j++) {
            if (rows == BATCH_ROWS) TRY(flush(r, &rows, out));
            put_row(r, rows++, &rec, j, text[i]);
        }
    }
    return flush(r, &rows, out);
}
