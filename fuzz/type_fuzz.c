// type_fuzz.c -- texts of types from outside: DDL when the first byte is even, else JSON. What is
// read is written and read again, and must be the same type.
#include "col/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_comment(const Type *t)
{
    for (int32_t i = 0; i < t->nfields; i++)
        if (t->field[i].comment.n || has_comment(t->field[i].type)) return true;
    return false;
}

static void check(Arena *a, const Type *t)
{
    Buf json = buf_new(a), once_more = buf_new(a);
    const Type *again;
    type_json(&json, t);
    must(type_from_json(&again, a, buf_str(&json)).code == OK);
    type_json(&once_more, again);
    must(str_eq(buf_str(&json), buf_str(&once_more)));
    // Spark's SQL text of a comment does not escape its backslashes.
    if (has_comment(t)) return;
    must(type_parse(&again, a, type_sql_str(a, t)).code == OK);
    must(type_eq(t, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    Arena *a = arena_new(NULL);
    Str text = {(const char *)data + 1, (int64_t)size - 1};
    const Type *t;
    Status s = data[0] % 2 ? type_from_json(&t, a, text) : schema_parse(&t, a, text);
    if (s.code == OK) check(a, t);
    arena_free(a);
    return 0;
}
