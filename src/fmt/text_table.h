// text_table.h -- rows as Dataset.show prints them (semantics E80-E83): for the console sink, the
// shell, and show() over Connect.
#ifndef FMT_TEXT_TABLE_H
#define FMT_TEXT_TABLE_H
#include "col/column.h"

typedef struct TextTableOptions {
    int32_t rows;     // at most so many are shown; whether there are more is said below
    int32_t truncate; // cells longer than this are cut; 0: none, and cells stand left
    bool vertical;    // a line a column value
    TextForm form;    // zone of timestamps; the rest is set here
} TextTableOptions;

typedef struct TextTable TextTable;
TextTable *text_table_new(Arena *a, const Schema *s, const TextTableOptions *o);
void text_table_add(TextTable *t, const Batch *b);  // in order of arrival; b is borrowed
bool text_table_full(const TextTable *t);           // further rows change nothing
void text_table_print(const TextTable *t, Buf *to); // what showString returns: after the last
                                                    // row a line end, after the footer none
#endif
