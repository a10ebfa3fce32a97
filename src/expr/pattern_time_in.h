// pattern_time_in.h -- what a datetime pattern is made of, for pattern_time.c and pattern_read.c.
#ifndef EXPR_PATTERN_TIME_IN_H
#define EXPR_PATTERN_TIME_IN_H
#include "expr/pattern_in.h"
#include <stdio.h>

typedef struct Item {
    enum { ITEM_TEXT, ITEM_LETTER, ITEM_OPEN, ITEM_CLOSE } kind;
    char letter;
    int32_t count;    // of the letter
    int32_t reserved; // digits that the numbers directly after it need
    Str text;
} Item;
struct Pattern {
    Item *item;
    int32_t n;
    bool has_era;
};
extern const Str month_names[12], day_names[7];
#endif
