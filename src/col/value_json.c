// value_json.c -- values as to_json writes them (Jackson's generator): what JSON has no form for is
// text, keys of maps are the text of their raw value.
#include "base/civil.h"
#include "col/value_text_in.h"

static void put_base64(Buf *b, Str s)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int64_t i = 0; i < s.n; i += 3) {
        uint32_t v = 0;
        for (int64_t k = 0; k < 3; k++) v = v << 8 | (i + k < s.n ? (uint8_t)s.p[i + k] : 0);
        char *to = buf_take(b, 4);
        for (int32_t k = 0; k < 4; k++) to[k] = i + k <= s.n ? digit[v >> (18 - 6 * k) & 63] : '=';
    }
}

// yyyy-MM-ddTHH:mm:ss.SSSSSS, or with three digits: the text of a cast, stretched.
static void put_instant(Buf *b, Micros local, const TextForm *form)
{
    char *text = buf_room(b, 64),
         *day = text + civil_format_date(text, floor_div(local, MICROS_PER_DAY));
    char *end = text + civil_format(text, local), *want = day + (form->json_millis ? 13 : 16);
    *day = 'T';
    if (end == day + 9) *end++ = '.';
    while (end < want) *end++ = '0';
    b->n += want - text;
}

// YYYY-MM-DD hh:mm:ss, without a zone.
static void put_seconds(Buf *b, Micros local)
{
    b->n += civil_format(buf_room(b, 64), floor_div(local, MICROS_PER_SECOND) * MICROS_PER_SECOND);
}

// Z, +05:30. Seconds of old local times are left out, as by Spark's offset pattern.
static void put_offset(Buf *b, int64_t micros)
{
    int32_t s = (int32_t)(micros / MICROS_PER_SECOND), abs = s < 0 ? -s : s;
    if (s == 0) {
        buf_char(b, 'Z');
        return;
    }
    buf_fmt(b, "%c%02d:%02d", s < 0 ? '-' : '+', abs / 3600, abs / 60 % 60);
}

static void put_raw(Buf *b, const Column *c, int32_t row, const TextForm *form);

static void put_raw_kids(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    bool list = c->type->id == T_ARRAY;
    List at = list ? COLUMN_DATA(c, List)[row] : (List){row, c->type->nfields};
    if (!at.n && !list) buf_put(b, S("[empty row]"));
    if (!at.n && !list) return;
    buf_char(b, '[');
    for (int32_t k = 0; k < at.n; k++) {
        if (k) buf_char(b, ',');
        put_raw(b, &c->kid[list ? 0 : k], list ? at.at + k : row, form);
    }
    buf_char(b, ']');
}

// A value inside of what a map has as its key: bare, times as numbers.
static void put_raw(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    if (c->valid && !c->valid[row]) {
        buf_put(b, S("null"));
        return;
    }
    switch (c->type->id) {
    case T_STRING: buf_put(b, column_str(c, row)); return;
    case T_DATE:
    case T_INTERVAL_YM: buf_fmt(b, "%d", COLUMN_DATA(c, int32_t)[row]); return;
    case T_TIME:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT: buf_fmt(b, "%lld", (long long)column_i64(c, row)); return;
    case T_BOOLEAN:
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT:
    case T_FLOAT:
    case T_DOUBLE: number_text(b, c, row); return;
    case T_DECIMAL: decimal_text(b, COLUMN_DATA(c, Int128)[row], c->type->scale, true); return;
    case T_ARRAY:
    case T_STRUCT: put_raw_kids(b, c, row, form); return;
    case T_VOID:
    case T_BINARY: // whose address Spark prints
    case T_INTERVAL:
    case T_MAP: value_text(b, c, row, form); return;
    }
}

static void put_key(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    Buf text = buf_new(b->arena);
    put_raw(&text, c, row, form);
    buf_json(b, buf_str(&text));
}

static void put_list(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    List list = COLUMN_DATA(c, List)[row];
    bool map = c->type->id == T_MAP;
    buf_char(b, map ? '{' : '[');
    for (int32_t k = 0; k < list.n; k++) {
        if (k) buf_char(b, ',');
        if (map) {
            put_key(b, &c->kid[0], list.at + k, form);
            buf_char(b, ':');
        }
        value_json(b, &c->kid[map], list.at + k, form);
    }
    buf_char(b, map ? '}' : ']');
}

static void put_struct(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    bool first = true;
    buf_char(b, '{');
    for (int32_t f = 0; f < c->type->nfields; f++) {
        if (form->json_drop_null && column_null(&c->kid[f], row)) continue;
        if (!first) buf_char(b, ',');
        first = false;
        buf_json(b, c->type->field[f].name);
        buf_char(b, ':');
        value_json(b, &c->kid[f], row, form);
    }
    buf_char(b, '}');
}

static void put_float(Buf *b, const Column *c, int32_t row)
{
    double v =
        c->type->id == T_FLOAT ? (double)COLUMN_DATA(c, float)[row] : COLUMN_DATA(c, double)[row];
    bool quoted = !(v - v == 0); // NaN and the infinities
    if (quoted) buf_char(b, '"');
    number_text(b, c, row);
    if (quoted) buf_char(b, '"');
}

void value_json(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    if (column_null(c, row)) {
        buf_put(b, S("null"));
        return;
    }
    switch (c->type->id) {
    case T_VOID: buf_put(b, S("null")); return;
    case T_BOOLEAN:
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT: number_text(b, c, row); return;
    case T_FLOAT:
    case T_DOUBLE: put_float(b, c, row); return;
    case T_DECIMAL: decimal_text(b, COLUMN_DATA(c, Int128)[row], c->type->scale, true); return;
    case T_STRING: buf_json(b, column_str(c, row)); return;
    case T_ARRAY:
    case T_MAP: put_list(b, c, row, form); return;
    case T_STRUCT: put_struct(b, c, row, form); return;
    case T_BINARY:
    case T_DATE:
    case T_TIME:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
    case T_INTERVAL: break;
    }
    buf_char(b, '"');
    if (c->type->id == T_TIMESTAMP && form->json_row) {
        put_seconds(b, value_local(form, column_i64(c, row)));
    } else if (c->type->id == T_TIMESTAMP) {
        put_instant(b, value_local(form, column_i64(c, row)), form);
        put_offset(b, value_offset(form, column_i64(c, row)));
    } else if (c->type->id == T_TIMESTAMP_NTZ) {
        put_instant(b, column_i64(c, row), form);
    } else if (c->type->id == T_BINARY) {
        put_base64(b, column_str(c, row));
    } else {
        value_text(b, c, row, form);
    }
    buf_char(b, '"');
}
