// json_exact.c -- one record as Spark reads it, token by token. What is kept on purpose: after a
// value that does not convert, reading goes on where the tokenizer stands, in the object that
// contains it. From inside a broken array or object that is the wrong place, and the fields that
// follow land (or are lost) as they do in Spark.
#include "fmt/json_in.h"

static JsonGot convert(JsonReader *r, const JsonSlot *s, JsonValue *v);

// The next token; *more false when it is `stop` or the text is at its end.
static bool next_until(JsonReader *r, JsonToken stop, bool *more)
{
    if (!json_lex_next(&r->lex)) return false;
    *more = r->lex.token != JSON_NONE && r->lex.token != stop;
    return true;
}

static JsonGot convert_object(JsonReader *r, const JsonSlot *s, JsonValue *v)
{
    JsonGot got = JSON_GOT;
    v->kid = NEW(r->scratch, JsonValue, s->nkids);
    for (int32_t i = 0; i < s->nkids; i++) v->kid[i].v.null = true;
    for (;;) {
        bool more;
        if (!next_until(r, JSON_OBJECT_END, &more)) return JSON_GOT_BAD;
        if (!more) return got;
        const JsonSlot *k = map_get(&s->names, json_lex_name(&r->lex));
        if (!k || k->unread) {
            if (!json_lex_skip(&r->lex)) return JSON_GOT_BAD;
            continue;
        }
        JsonValue kid = {0};
        JsonGot g = convert(r, k, &kid);
        if (g != JSON_GOT_BAD) v->kid[k - s->kid] = kid;
        if (g != JSON_GOT) got = JSON_GOT_PARTIAL;
        if (g == JSON_GOT_BAD && !json_lex_skip(&r->lex)) return JSON_GOT_BAD;
    }
}

typedef VEC(JsonValue) JsonValues;

static JsonGot convert_map(JsonReader *r, const JsonSlot *s, JsonValue *v)
{
    JsonValues entries = {0};
    JsonGot got = JSON_GOT;
    bool bad = false;
    for (;;) {
        bool more;
        if (!next_until(r, JSON_OBJECT_END, &more)) return JSON_GOT_BAD;
        if (!more) break;
        JsonValue key = {.v.s = json_lex_name(&r->lex)}, value = {0};
        JsonGot g = convert(r, &s->kid[1], &value);
        if (g != JSON_GOT) got = JSON_GOT_PARTIAL;
        if (g == JSON_GOT_BAD && !json_lex_skip(&r->lex)) return JSON_GOT_BAD;
        bad |= g == JSON_GOT_BAD;
        vec_push(r->scratch, &entries, key);
        vec_push(r->scratch, &entries, value);
    }
    v->kid = entries.v;
    v->n = (int32_t)(entries.n / 2);
    return bad ? JSON_GOT_BAD : got; // one bad value makes the map bad, but it was read to its end
}

// elements: not one may be NULL (they are rows)
static JsonGot convert_array(JsonReader *r, const JsonSlot *element, bool rows, JsonValue *v)
{
    JsonValues elements = {0};
    JsonGot got = JSON_GOT;
    for (;;) {
        bool more;
        if (!next_until(r, JSON_ARRAY_END, &more)) return JSON_GOT_BAD;
        if (!more) break;
        JsonValue e = {0};
        JsonGot g = convert(r, element, &e);
        if (g == JSON_GOT_BAD || (rows && e.v.null)) return JSON_GOT_BAD; // from where it stands
        if (g == JSON_GOT_PARTIAL) got = g;
        vec_push(r->scratch, &elements, e);
    }
    v->kid = elements.v;
    v->n = (int32_t)elements.n;
    return got;
}

static bool is_start(JsonToken t) { return t == JSON_OBJECT || t == JSON_ARRAY; }

static JsonGot convert_to_string(JsonReader *r, JsonValue *v)
{
    JsonLex *l = &r->lex;
    if (l->token == JSON_STRING) {
        if (!json_lex_string(l)) return JSON_GOT_BAD;
        v->v.s = l->string;
        return JSON_GOT;
    }
    if (r->opt->source) { // the bytes themselves
        const char *from = l->token_at;
        if (!json_lex_skip(l)) return JSON_GOT_BAD;
        v->v.s = str_of(from, l->at - from);
        return JSON_GOT;
    }
    Buf b = buf_new(r->scratch);
    if (!json_lex_copy(l, &b)) return JSON_GOT_BAD;
    v->v.s = buf_str(&b);
    return JSON_GOT;
}

static JsonGot bad(JsonReader *r, const Type *t) // a token that does not convert
{
    const JsonLex *l = &r->lex;
    bool text = l->token == JSON_STRING && l->string.n > 0;
    bool float_text = text && (t->id == T_FLOAT || t->id == T_DOUBLE);
    if (!r->blame.set) r->blame = (JsonBlame){true, float_text, json_lex_name(l), l->string, t};
    return JSON_GOT_BAD;
}

static JsonGot convert_scalar(JsonReader *r, const Type *t, JsonValue *v)
{
    JsonLex *l = &r->lex;
    bool ok = false;
    if (l->token == JSON_STRING) {
        if (!json_lex_string(l)) return JSON_GOT_BAD;
        ok = json_scalar_string(r, t, l->string, &v->v);
    } else if (l->token == JSON_INT || l->token == JSON_FLOAT)
        ok = json_scalar_number(t, l->string, l->token == JSON_FLOAT, &v->v);
    else if (t->id == T_BOOLEAN) {
        v->v.i = l->token == JSON_TRUE;
        ok = l->token == JSON_TRUE || l->token == JSON_FALSE;
    }
    return ok ? JSON_GOT : bad(r, t);
}

static JsonGot convert(JsonReader *r, const JsonSlot *s, JsonValue *v)
{
    JsonLex *l = &r->lex;
    while (l->token == JSON_NAME)
        if (!json_lex_next(l)) return JSON_GOT_BAD;
    v->v.null = l->token == JSON_NONE || l->token == JSON_NULL || s->type->id == T_VOID;
    if (v->v.null) return JSON_GOT;
    if (s->type->id == T_STRING) return convert_to_string(r, v);
    if (s->type->id == T_STRUCT && l->token == JSON_OBJECT) return convert_object(r, s, v);
    if (s->type->id == T_MAP && l->token == JSON_OBJECT) return convert_map(r, s, v);
    if (s->type->id == T_ARRAY && l->token == JSON_ARRAY)
        return convert_array(r, &s->kid[0], false, v);
    return is_start(l->token) ? bad(r, s->type) : convert_scalar(r, s->type, v);
}

static void one(JsonReader *r, JsonRecord *rec, JsonValue v)
{
    rec->v = NEW(r->scratch, JsonValue, 1);
    *rec->v = v;
    rec->rows = 1;
}

static void root_struct(JsonReader *r, JsonRecord *rec)
{
    JsonValue v = {0};
    bool array = r->lex.token == JSON_ARRAY;
    if (array && r->opt->source) { // its elements are rows
        rec->got = convert_array(r, &r->root, true, &v);
        rec->rows = v.n;
        rec->v = v.kid;
        return;
    }
    rec->array_root = array;
    rec->got = r->lex.token == JSON_OBJECT ? convert_object(r, &r->root, &v) : JSON_GOT_BAD;
    if (rec->got != JSON_GOT_BAD) one(r, rec, v);
}

static void root_other(JsonReader *r, JsonRecord *rec)
{
    JsonValue v = {0};
    const JsonSlot *s = &r->root;
    bool wrap = s->type->id == T_ARRAY && r->lex.token == JSON_OBJECT &&
                s->kid[0].type->id == T_STRUCT; // one object for an array of them
    rec->got = wrap ? convert_object(r, &s->kid[0], &v) : convert(r, s, &v);
    if (rec->got == JSON_GOT_BAD || v.v.null) {
        rec->got = JSON_GOT_BAD;
        return;
    }
    if (wrap) {
        JsonValue *element = NEW(r->scratch, JsonValue, 1);
        *element = v;
        v = (JsonValue){.n = 1, .kid = element};
    }
    one(r, rec, v);
}

JsonRecord json_exact(JsonReader *r, Str text)
{
    JsonRecord rec = {0};
    if (!r->opt->source && utf8_valid_to(text) != text.n) text = json_utf8_repair(r->scratch, text);
    json_lex_start(&r->lex, r->scratch, text, r->opt);
    if (!json_lex_next(&r->lex)) {
        rec.got = JSON_GOT_BAD;
        return rec;
    }
    if (r->lex.token == JSON_NONE) return rec;
    if (r->root.type->id == T_STRUCT)
        root_struct(r, &rec);
    else
        root_other(r, &rec);
    if (rec.got == JSON_GOT_BAD) rec.rows = 0;
    return rec;
}
