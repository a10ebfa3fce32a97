// receipt.c -- the files of a finished epoch as bytes: all that a commit needs, in the epoch
// record.
//
// | form 1 | uvarint files | per file: path, spec, rows, bytes, partition, columns, splits |
// Texts are a uvarint length + 1 (0: none) and bytes; numbers are varints.
#include "base/reader.h"
#include "lake/append_in.h"

enum { FORM = 1 };

static void put_text(Buf *b, Str s)
{
    buf_uvarint(b, s.p ? (uint64_t)s.n + 1 : 0);
    if (s.p) buf_put(b, s);
}

static Str take_text(Reader *r, Arena *a)
{
    uint64_t n = reader_uvarint(r);
    if (n == 0) return (Str){0};
    Str s = reader_bytes(r, (int64_t)(n - 1));
    return r->bad ? (Str){0} : str_copy(a, s);
}

void receipt_write(Buf *b, const IceFiles *files)
{
    buf_u8(b, FORM);
    buf_uvarint(b, (uint64_t)files->n);
    for (int64_t i = 0; i < files->n; i++) {
        const IceFile *f = &files->v[i];
        put_text(b, f->path);
        buf_varint(b, f->spec_id);
        buf_varint(b, f->rows);
        buf_varint(b, f->bytes);
        buf_uvarint(b, (uint64_t)f->npartition);
        for (int32_t k = 0; k < f->npartition; k++) put_text(b, f->partition[k]);
        buf_uvarint(b, (uint64_t)f->ncolumns);
        for (int32_t k = 0; k < f->ncolumns; k++) {
            const IceColumnStat *c = &f->column[k];
            const int64_t v[] = {c->id, c->bytes, c->values, c->nulls, c->nans};
            for (int64_t j = 0; j < COUNT(v); j++) buf_varint(b, v[j]);
            put_text(b, c->lo);
            put_text(b, c->hi);
        }
        buf_uvarint(b, (uint64_t)f->nsplit);
        for (int32_t k = 0; k < f->nsplit; k++) buf_varint(b, f->split[k]);
    }
}

// How many of something follow, each of at least a byte.
static int32_t take_count(Reader *r)
{
    uint64_t n = reader_uvarint(r);
    if (n > (uint64_t)reader_left(r)) r->bad = true;
    return r->bad ? 0 : (int32_t)n;
}

static void take_file(Reader *r, Arena *a, IceFile *f)
{
    *f = (IceFile){.format = S("PARQUET"), .sort_order = -1};
    f->path = take_text(r, a);
    f->spec_id = (int32_t)reader_varint(r);
    f->rows = reader_varint(r);
    f->bytes = reader_varint(r);
    f->npartition = take_count(r);
    f->partition = NEW(a, Str, f->npartition + 1);
    for (int32_t k = 0; k < f->npartition; k++) f->partition[k] = take_text(r, a);
    f->ncolumns = take_count(r);
    f->column = NEW(a, IceColumnStat, f->ncolumns + 1);
    for (int32_t k = 0; k < f->ncolumns; k++) {
        IceColumnStat *c = &f->column[k];
        c->id = (int32_t)reader_varint(r);
        c->bytes = reader_varint(r);
        c->values = reader_varint(r);
        c->nulls = reader_varint(r);
        c->nans = reader_varint(r);
        c->lo = take_text(r, a);
        c->hi = take_text(r, a);
    }
    f->nsplit = take_count(r);
    f->split = NEW(a, int64_t, f->nsplit + 1);
    for (int32_t k = 0; k < f->nsplit; k++) f->split[k] = reader_varint(r);
    if (!f->path.n || f->rows < 0 || f->bytes < 0) r->bad = true;
}

Status receipt_read(IceFiles *files, Arena *a, Str receipt)
{
    Reader r = reader_of(receipt);
    uint8_t form = reader_u8(&r);
    if (!r.bad && form != FORM)
        return fail(ERR_UNSUPPORTED, "a table receipt of form %d was written by another version",
                    form);
    for (int32_t n = take_count(&r); n > 0 && !r.bad; n--) {
        IceFile f;
        take_file(&r, a, &f);
        if (!r.bad) vec_push(a, files, f);
    }
    if (r.bad || r.at != r.end)
        return fail(ERR_CORRUPT, "a table receipt of %lld bytes does not parse",
                    (long long)receipt.n);
    return DONE;
}
