// regex_in.h -- regular expressions as Java writes them, run by PCRE2. What Java has and PCRE2 has
// not (intersections of classes, blocks of Unicode) is refused by name.
#ifndef EXPR_REGEX_IN_H
#define EXPR_REGEX_IN_H
#include "base/base.h"

typedef struct Regex Regex;
// It lives in a. function is for messages: INVALID_PARAMETER_VALUE.PATTERN.
Status regex_compile(const Regex **r, Arena *a, Str pattern, const char *function);
int32_t regex_groups(const Regex *r);                // without the whole match
int32_t regex_group_named(const Regex *r, Str name); // -1: none
// Searches s from byte `from`; at[2 * g], at[2 * g + 1] are then start and end of group g, -1 when
// it took no part. at has room for regex_groups() + 1 pairs, or is NULL.
bool regex_find(const Regex *r, Str s, int64_t from, int64_t *at);
// The pattern matches itself only: no special characters in it.
bool regex_is_plain(Str pattern);
#endif
