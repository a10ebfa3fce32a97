// parquet_page_in.h -- one column chunk while it is read: pages in order, their levels, their
// values. Values come in native form: 1, 4 or 8 bytes, or a Str that points into a page or the
// dictionary.
#ifndef FMT_PARQUET_PAGE_IN_H
#define FMT_PARQUET_PAGE_IN_H
#include "fmt/parquet.h"
#include "fmt/parquet_shape_in.h"
#include "fmt/rle.h"

typedef enum PageForm { // where the values of a page are
    FORM_ARRAY,         // native, in an array
    FORM_PLAIN,         // strings, each behind its length
    FORM_BITS,          // booleans
    FORM_RUNS,          // booleans
    FORM_CODES,         // of the dictionary
} PageForm;
typedef struct PageArena {
    Arena *of;
} PageArena;
typedef VEC(PageArena) PageArenas;
typedef struct LeafReader {
    const ParquetFile *file;
    const PqLeaf *leaf;
    const PqColumn *meta;
    int32_t size;           // of a native value
    Arena *group_arena;     // until the row group ends: dictionary, index
    int64_t start, end, at; // of the chunk in the file; the next page
    Str window;             // bytes of the file from window_at on
    int64_t window_at;
    Arena *window_arena;
    const char *dictionary; // native values
    int64_t ndictionary;
    const PqOffsetIndex *index; // NULL unless pages are to be skipped

    // the current page
    Arena *arena;
    PageArenas retired, spare; // pages that this batch may still point into; free ones
    uint8_t *def, *rep;        // NULL when the leaf has no such level
    int64_t entries, entry;    // of the page; taken
    PageForm form;
    const char *array;
    int64_t narray, value; // native values; taken
    Reader plain;
    RleReader runs;
    int64_t row;          // of the row group: where the next entry stands
    int64_t entries_seen; // in all pages so far, for the limit that the footer states
} LeafReader;

void leaf_reader_open(LeafReader *l, const ParquetFile *f, const PqLeaf *leaf, Arena *a);
// Goes to the first row of another row group.
Status leaf_reader_group(LeafReader *l, const PqColumn *meta, const PqOffsetIndex *index,
                         Arena *group_arena);
// Makes page l->entry < l->entries, loading as many as it takes. *end when the chunk is over.
Status leaf_reader_page(LeafReader *l, bool *end);
// Moves to a row of the group, forward only. *skipped counts pages that were not read.
Status leaf_reader_seek(LeafReader *l, int64_t row, int64_t *skipped);
// The next n values in native form, or nothing but moving on when `to` is NULL.
Status leaf_reader_values(LeafReader *l, void *to, int64_t n);
void leaf_reader_release(LeafReader *l); // what was given out is no longer used
int64_t count_there(const uint8_t *def, int64_t n, int32_t max); // of levels, at the top
#endif
