// json_path_in.h -- paths into JSON texts as Hive and Spark read them: $.a, $['a b'], $.a[0],
// $.a[*].b, $.*.
#ifndef EXPR_JSON_PATH_IN_H
#define EXPR_JSON_PATH_IN_H
#include "fmt/json_lex.h"

typedef struct JsonPath JsonPath;
const JsonPath *json_path_parse(Arena *a, Str text); // NULL: it is none
// What stands at the path: a string as its text, all else as JSON. False: nothing, or no JSON.
bool json_path_get(Arena *a, const JsonPath *p, Str text, const JsonOptions *o, Str *found);
int64_t json_array_count(Arena *a, Str text, const JsonOptions *o); // -1: no array
typedef struct JsonNames {
    Str *v;
    int64_t n, cap;
} JsonNames;
bool json_object_names(Arena *a, Str text, const JsonOptions *o, JsonNames *names);
#endif
