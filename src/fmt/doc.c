#include "fmt/doc.h"
#include <jansson.h>

static void drop(void *d) { json_decref(d); }

Status doc_parse(const Doc **d, Arena *a, Str text)
{
    json_error_t err;
    json_t *j = json_loadb(text.n ? text.p : "", (size_t)text.n, JSON_DECODE_ANY, &err);
    if (!j) return fail(ERR_CORRUPT, "JSON does not parse at byte %d: %s", err.position, err.text);
    arena_defer(a, drop, j);
    *d = j;
    return DONE;
}

const Doc *doc_get(const Doc *d, const char *key) { return json_object_get(d, key); }
bool doc_is_str(const Doc *d) { return json_is_string(d); }
bool doc_is_object(const Doc *d) { return json_is_object(d); }
bool doc_is_array(const Doc *d) { return json_is_array(d); }

int64_t doc_count(const Doc *d)
{
    return (int64_t)(json_is_object(d) ? json_object_size(d) : json_array_size(d));
}

const Doc *doc_at(const Doc *d, int64_t i) { return json_array_get(d, (size_t)i); }

Str doc_text(const Doc *d)
{
    if (!json_is_string(d)) return (Str){0};
    return str_of(json_string_value(d), (int64_t)json_string_length(d));
}

bool doc_int(const Doc *d, int64_t *v)
{
    if (json_is_integer(d)) *v = json_integer_value(d);
    return json_is_integer(d);
}

Str doc_str(const Doc *d, const char *key) { return doc_text(doc_get(d, key)); }
bool doc_i64(const Doc *d, const char *key, int64_t *v) { return doc_int(doc_get(d, key), v); }
bool doc_bool(const Doc *d, const char *key) { return json_is_true(doc_get(d, key)); }

static int dump(const char *p, size_t n, void *to)
{
    buf_put(to, str_of(p, (int64_t)n));
    return 0;
}

Str doc_dump(Arena *a, const Doc *d)
{
    Buf b = buf_new(a);
    if (!d) return S("null");
    must(json_dump_callback(d, dump, &b, JSON_COMPACT | JSON_ENCODE_ANY) == 0);
    return buf_str(&b);
}

const Doc *doc_member(const Doc *d, int64_t i, Str *key)
{
    void *it = json_object_iter((json_t *)d);
    for (; it && i > 0; i--) it = json_object_iter_next((json_t *)d, it);
    if (!it) return NULL;
    *key = str_z(json_object_iter_key(it));
    return json_object_iter_value(it);
}
