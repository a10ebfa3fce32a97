// file_metadata.c -- what is known of a row's file: the column _metadata. Fields, their order and
// the form of paths are Spark's (FileFormat.BASE_METADATA_FIELDS, ParquetFileFormat); a file is one
// block here.
#include "base/civil.h"
#include "conn/file_in.h"
#include "os/file.h"

enum { PATH, NAME, SIZE, BLOCK_START, BLOCK_LENGTH, MODIFIED, ROW_INDEX, FIELDS };

#define FIELD(n, t)                                                                                \
    {                                                                                              \
        .name = STR_INIT(n), .type = &(t), .watermark_delay = WATERMARK_NONE                       \
    }
static const Field fields[FIELDS] = {
    FIELD("file_path", type_string),         FIELD("file_name", type_string),
    FIELD("file_size", type_bigint),         FIELD("file_block_start", type_bigint),
    FIELD("file_block_length", type_bigint), FIELD("file_modification_time", type_timestamp),
    FIELD("row_index", type_bigint)};
const Type file_metadata = {.id = T_STRUCT, .field = fields, .nfields = ROW_INDEX};
const Type file_row_metadata = {.id = T_STRUCT, .field = fields, .nfields = FIELDS};

static Str path_quoted(Arena *a, Str path) // as java.net.URI does
{
    Buf b = buf_new(a);
    buf_percent(&b, path, S("_-!.~'()*:@&=+$,;/"), true);
    return buf_str(&b);
}

Str file_uri(Arena *a, Str path) { return str_cat(a, S("file://"), path_quoted(a, path)); }

Status file_gone(Arena *a, Str path)
{
    return RAISE(FAILED_READ_FILE_NOT_EXIST, P("path", file_uri(a, path)));
}

Column file_metadata_of(Arena *a, const Type *t, const FileEntry *e)
{
    Str path = path_quoted(a, e->path);
    const Datum v[FIELDS] = {[PATH] = {.s = str_cat(a, S("file:"), path)},
                             [NAME] = {.s = path_base(path)},
                             [SIZE] = {.i = e->bytes},
                             [BLOCK_LENGTH] = {.i = e->bytes},
                             [MODIFIED] = {.i = e->modified_ms * MICROS_PER_MS}};
    Column c = {.type = t, .kid = NEW(a, Column, t->nfields), .rows = BATCH_ROWS};
    for (int32_t i = 0; i < t->nfields; i++)
        c.kid[i] = column_of_datum(a, t->field[i].type, &v[i], BATCH_ROWS);
    return c;
}

void file_metadata_at(Column *c, int64_t row, int32_t rows)
{
    c->rows = rows;
    for (int32_t i = 0; i < c->type->nfields; i++) c->kid[i].rows = rows;
    if (c->type->nfields <= ROW_INDEX) return;
    int64_t *index = c->kid[ROW_INDEX].data;
    for (int32_t i = 0; i < rows; i++) index[i] = row + i;
}
