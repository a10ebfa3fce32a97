// listing.h -- Listing, the rows that SHOW, DESCRIBE and their kin answer with: columns of text and
// yes or no.
#ifndef RUN_LISTING_H
#define RUN_LISTING_H
#include "run/statement.h"

typedef struct Listing {
    Arena *arena;
    const Schema *schema;
    Builder **col;
    int32_t rows;
} Listing;
// columns: "namespace STRING, tableName STRING, isTemporary BOOLEAN"
Status listing_new(Listing *l, Arena *a, Str columns);
// A row: a value a column; of a BOOLEAN "true" or "false". An empty Str with p NULL is NULL.
void listing_add(Listing *l, const Str *value);
Status listing_answer(Listing *l, Answer *to);
#define LISTING_ADD(l, ...) listing_add((l), (Str[]){__VA_ARGS__})
bool like_pattern(Str pattern, Str name); // SHOW .. LIKE: * and |, case folded; empty: all
#endif
