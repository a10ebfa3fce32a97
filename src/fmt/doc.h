// doc.h -- JSON documents that are no rows (schemas, table metadata), read through jansson. A Doc
// lives in the arena it was parsed into; absent members read as NULL, and NULL may be asked on.
#ifndef FMT_DOC_H
#define FMT_DOC_H
#include "base/buf.h"

typedef struct json_t Doc;
Status doc_parse(const Doc **d, Arena *a, Str text); // ERR_CORRUPT with the place
const Doc *doc_get(const Doc *d, const char *key);   // member of an object
int64_t doc_count(const Doc *d);                     // elements of an array, members of an object
const Doc *doc_at(const Doc *d, int64_t i);          // element of an array
bool doc_is_str(const Doc *d);
bool doc_is_object(const Doc *d);
bool doc_is_array(const Doc *d);
Str doc_text(const Doc *d);                 // of a string; p NULL when it is none
bool doc_int(const Doc *d, int64_t *v);     // of an integer
Str doc_str(const Doc *d, const char *key); // the member's text
bool doc_i64(const Doc *d, const char *key, int64_t *v);
bool doc_bool(const Doc *d, const char *key); // true only for true
Str doc_dump(Arena *a, const Doc *d);         // compact JSON, members in their order; of NULL null
// The i-th member of an object, in the document's order.
const Doc *doc_member(const Doc *d, int64_t i, Str *key);
#endif
