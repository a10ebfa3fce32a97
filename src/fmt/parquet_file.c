// parquet_file.c -- opening: the footer is read, decoded and held against the file's size; what
// lies behind its offsets is looked at when it is needed.
#include "base/reader.h"
#include "fmt/parquet_file_in.h"
#include "fmt/seal.h"

enum { TAIL = 8, FOOTER_GUESS = 1 << 16 };

Status pq_broken(const ParquetFile *f, const char *what)
{
    return fail(ERR_CORRUPT, STR_FMT " is no sound Parquet file: %s", STR_ARG(f->src->name), what);
}

static Status footer_read(ParquetFile *f, Arena *a)
{
    const ByteSource *src = f->src;
    if (src->bytes < TAIL + 4) return pq_broken(f, "it is too short");
    Str tail;
    int64_t guess = MIN(src->bytes, FOOTER_GUESS);
    TRY(src->read(src, a, src->bytes - guess, guess, &tail));
    Str magic = str_from(tail, guess - 4);
    if (str_eq(magic, S("PARE")))
        return fail(ERR_UNSUPPORTED, STR_FMT ": encrypted Parquet is not read", STR_ARG(src->name));
    if (!str_eq(magic, S("PAR1"))) return pq_broken(f, "it does not end in PAR1");
    Reader r = reader_of(str_from(tail, guess - TAIL));
    int64_t bytes = reader_u32le(&r);
    if (bytes > src->bytes - TAIL - 4) return pq_broken(f, "its footer is longer than the file");
    Str text = bytes <= guess - TAIL ? str_sub(tail, guess - TAIL - bytes, bytes) : (Str){0};
    if (!text.p) TRY(src->read(src, a, src->bytes - TAIL - bytes, bytes, &text));
    r = reader_of(text);
    thrift_decode(&pq_footer_spec, &f->footer, a, &r);
    if (r.bad) return pq_broken(f, "its footer does not parse");
    const PqKeyValue *kv = f->footer.meta.v;
    for (int64_t i = 0; i < f->footer.meta.n; i++)
        if (str_eq(kv[i].key, S(SEAL_KEY)) && !seal_holds(text, kv[i].value))
            return pq_broken(f, "its footer is not as it was written (checksum)");
    return DONE;
}

static Status check_group(const ParquetFile *f, int32_t g, int64_t *rows)
{
    const PqGroup *group = pq_group(f, g);
    if (group->chunks.n != f->shape->nleaves) return pq_broken(f, "a row group of other columns");
    if (group->rows < 0 || group->rows > INT64_MAX - *rows) return pq_broken(f, "a count of rows");
    *rows += group->rows;
    for (int32_t i = 0; i < f->shape->nleaves; i++) {
        const PqChunk *c = pq_chunk(f, g, i);
        if (c->encrypted == 1)
            return fail(ERR_UNSUPPORTED, STR_FMT ": encrypted Parquet is not read",
                        STR_ARG(f->src->name));
        if (!c->meta) return pq_broken(f, "a column chunk without metadata");
    }
    return DONE;
}

static bool ids_in(const PqNode *n)
{
    bool some = n->id > 0;
    for (int32_t i = 0; i < n->nkids && !some; i++) some = ids_in(&n->kid[i]);
    return some;
}

static void note_orders(ParquetFile *f, Arena *a)
{
    f->ordered = NEW(a, bool, f->shape->nleaves + 1);
    const PqOrder *order = f->footer.orders.v;
    for (int32_t i = 0; i < f->shape->nleaves && i < f->footer.orders.n; i++)
        f->ordered[i] = order[i].type_order == 1 && !f->shape->leaf[i].no_order;
}

Status parquet_open(ParquetFile **out, Arena *a, const ByteSource *src)
{
    ParquetFile *f = NEW(a, ParquetFile, 1);
    f->src = src;
    TRY(footer_read(f, a));
    if (f->footer.encrypted == 1)
        return fail(ERR_UNSUPPORTED, STR_FMT ": encrypted Parquet is not read", STR_ARG(src->name));
    Status s = parquet_shape_read(&f->shape, a, f->footer.schema);
    if (s.code) return fail_in(s, STR_FMT, STR_ARG(src->name));
    if (f->footer.groups.n > INT32_MAX) return pq_broken(f, "too many row groups");
    int64_t rows = 0;
    for (int32_t g = 0; g < f->footer.groups.n; g++) TRY(check_group(f, g, &rows));
    if (rows != f->footer.rows) return pq_broken(f, "its row groups do not add up to its rows");
    f->has_ids = ids_in(&f->shape->root);
    note_orders(f, a);
    *out = f;
    return DONE;
}

static const char *unread(const ParquetFile *f, const PqNode *n)
{
    for (int32_t i = n->leaf; i < f->shape->nleaves; i++)
        if (f->shape->leaf[i].why) return f->shape->leaf[i].why;
    return "GROUP of a form that Spark does not read";
}

Status parquet_schema(const ParquetFile *f, Arena *a, const Schema **s)
{
    const PqNode *root = &f->shape->root;
    Field *field = NEW(a, Field, MAX(root->nkids, 1));
    for (int32_t i = 0; i < root->nkids; i++) {
        if (!root->kid[i].type) {
            Str why = str_fmt(a, STR_FMT " in column " STR_FMT,
                              STR_ARG(str_z(unread(f, &root->kid[i]))), STR_ARG(root->kid[i].name));
            return RAISE(PARQUET_TYPE_ILLEGAL, P("parquetType", why));
        }
        field[i] = field_of(root->kid[i].name, root->kid[i].type, true);
        field[i].id = root->kid[i].id;
    }
    *s = type_struct(a, field, root->nkids);
    return DONE;
}

int64_t parquet_rows(const ParquetFile *f) { return f->footer.rows; }
int32_t parquet_groups(const ParquetFile *f) { return (int32_t)f->footer.groups.n; }
int64_t parquet_group_rows(const ParquetFile *f, int32_t group) { return pq_group(f, group)->rows; }

int64_t parquet_group_at(const ParquetFile *f, int32_t group)
{
    if (!f->shape->nleaves) return 0;
    const PqColumn *c = pq_chunk(f, group, 0)->meta;
    return c->dictionary_at > 0 ? MIN(c->dictionary_at, c->data_at) : c->data_at;
}

Str parquet_meta(const ParquetFile *f, Str key)
{
    const PqKeyValue *kv = f->footer.meta.v;
    for (int64_t i = 0; i < f->footer.meta.n; i++)
        if (str_eq(kv[i].key, key)) return kv[i].value;
    return (Str){0};
}
