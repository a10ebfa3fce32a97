// file_csv.c -- files of CSV: a record a line or, multiLine, quoted fields over several.
#include "conn/file_in.h"

typedef struct ReadCsv {
    CsvReader *reader;
    Out *out;
    Arena *rows;
    const FileEntry *file;
    const FileSource *source;
    const CsvOptions *opt;
    bool header; // the next record is one
} ReadCsv;

// The first record of a file: how many bytes of the text it and what is passed over before it take.
static int64_t header_bytes(const CsvOptions *o, Str text, Arena *scratch)
{
    CsvRow row = {0};
    int64_t at = 0;
    return csv_record(o, text, &at, &row, scratch) ? at : text.n;
}

static Status check_header(const ReadCsv *r, Str line)
{
    if (r->opt->enforce) return DONE;
    return fail_in(csv_header_check(r->opt, r->source->data, r->source->base.needed, line), STR_FMT,
                   STR_ARG(r->file->path));
}

static Status put_lines(void *ctx, const Str *line, int32_t n)
{
    ReadCsv *r = ctx;
    int32_t from = 0;
    bool header = r->header;
    while (r->header && from < n) r->header = csv_skips(r->opt, line[from++]);
    arena_clear(r->rows);
    if (header && !r->header) TRY(check_header(r, line[from - 1]));
    return fail_in(csv_read_lines(r->reader, line + from, n - from, r->rows, r->out), STR_FMT,
                   STR_ARG(r->file->path));
}

typedef struct CountLines {
    Out *out;
    ReadCsv *read;
    const FileSource *source;
    Column *col;
} CountLines;

static Status put_count(void *ctx, const Str *line, int32_t n)
{
    CountLines *c = ctx;
    int32_t rows = 0;
    for (int32_t i = 0; i < n; i++) {
        if (csv_skips(c->read->opt, line[i])) continue;
        rows += !c->read->header;
        c->read->header = false;
    }
    for (int32_t i = 0; i < c->source->data->nfields; i++) c->col[i].rows = rows;
    return out_put(c->out, &(Batch){rows, c->source->data->nfields, c->col});
}

static bool none_needed(const FileSource *s)
{
    for (int32_t i = 0; i < s->data->nfields; i++)
        if (s->base.needed[i]) return false;
    return true;
}

// No column is wanted: records are counted, not read, and so none is bad.
static Status count_rows(FileSource *s, const Lane *lane, Arena *a, ReadCsv *r, Out *out)
{
    CountLines c = {out, r, s, NEW(a, Column, s->data->nfields + 1)};
    for (int32_t i = 0; i < s->data->nfields; i++) c.col[i].type = s->data->field[i].type;
    return file_lines(s, lane, a, put_count, &c);
}

static Status csv_rows(FileSource *s, const Lane *lane, Arena *a, Out *out)
{
    Str text;
    const FileEntry *e = lane->more;
    ReadCsv r = {.out = out, .rows = arena_new(a), .file = e, .source = s, .opt = &s->csv};
    r.header = s->csv.header && lane->from == 0;
    if (!s->opt.multi_line && none_needed(s)) return count_rows(s, lane, a, &r, out);
    TRY(file_check_corrupt(s, s->csv.corrupt_column));
    r.reader = csv_reader_new(a, s->data, s->base.needed, &s->csv);
    if (!s->opt.multi_line) return file_lines(s, lane, a, put_lines, &r);
    TRY(file_text(e, a, &text));
    if (r.header) {
        int64_t n = header_bytes(&s->csv, text, a);
        TRY(check_header(&r, str_sub(text, 0, n)));
        text = str_from(text, n);
    }
    return fail_in(csv_read_text(r.reader, text, r.rows, out), STR_FMT, STR_ARG(e->path));
}

// ---- inference ---------------------------------------------------------------------------------

typedef struct Inference {
    CsvInfer *infer;
    const CsvOptions *opt;
    Arena *scratch;
    CsvRow row;
    Str header; // the first record of all: lines that equal it are headers of other files
    bool seen;
} Inference;

static void infer_text(Inference *i, Str text)
{
    int64_t at = 0;
    i->row = (CsvRow){0};
    while (csv_record(i->opt, text, &at, &i->row, i->scratch)) {
        bool again = i->seen && i->opt->header && str_eq(i->row.raw, i->header);
        if (!again) csv_infer_add(i->infer, &i->row);
        if (csv_infer_done(i->infer)) return;
        i->seen = true;
    }
}

static Status infer_lines(void *ctx, const Str *line, int32_t n)
{
    Inference *i = ctx;
    for (int32_t k = 0; k < n && !csv_infer_done(i->infer); k++) {
        if (csv_skips(i->opt, line[k])) continue;
        if (!i->seen) i->header = str_copy(i->scratch, line[k]);
        infer_text(i, line[k]);
    }
    return DONE;
}

static Status infer_file(FileSource *s, const FileEntry *e, Inference *i)
{
    Str text;
    Lane lane = {.to = INT64_MAX, .more = e};
    if (!s->opt.multi_line) return file_lines(s, &lane, i->scratch, infer_lines, i);
    TRY(file_text(e, i->scratch, &text));
    if (s->csv.header && i->seen) text = str_from(text, header_bytes(&s->csv, text, i->scratch));
    infer_text(i, text);
    return DONE;
}

static Status csv_schema(FileSource *s, Arena *a, const FileEntries *files, const Schema **schema)
{
    Arena *own = arena_new(a);
    Inference i = {.infer = csv_infer_new(own, &s->csv), .opt = &s->csv, .scratch = arena_new(own)};
    Status done = DONE;
    for (int64_t k = 0; k < files->n && !done.code && !csv_infer_done(i.infer); k++)
        done = infer_file(s, &files->v[k], &i);
    if (!done.code) *schema = csv_infer_schema(i.infer, a);
    if (!done.code && !*schema && files->n) *schema = type_struct(a, NULL, 0); // nothing in them
    arena_free(own);
    return done;
}

// ---- opening -----------------------------------------------------------------------------------

static bool own_option(Str key) { return csv_option_known(key) || connector_option(key); }

static Status csv_set(FileSource *s, Arena *a, const SourceArgs *args)
{
    (void)a;
    TRY(csv_options_parse(&s->csv, args->options, file_option, NULL));
    s->csv.cast = s->cast;
    s->opt.line_sep = s->csv.line_sep;
    return DONE;
}

static bool csv_takes(const Type *t) { return t->id < T_ARRAY; }

static const FileFormat format = {.name = STR_INIT("CSV"),
                                  .option = own_option,
                                  .open = csv_set,
                                  .infer = csv_schema,
                                  .takes = csv_takes,
                                  .read = csv_rows};

static Status csv_source_open(Source *base, Arena *a, const SourceArgs *args)
{
    return file_source_open(CONTAINER(base, FileSource, base), a, args, &format);
}

FILE_SOURCE(csv, &file_metadata, "files of CSV, as they appear in a folder");
