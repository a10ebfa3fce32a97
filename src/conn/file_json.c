// file_json.c -- files of JSON: a record a line or, multiLine, a record a file.
#include "conn/file_in.h"

// Puts the columns that were asked for at their places among all.
typedef struct Widen {
    Out out;
    Out *to;
    const FileSource *source;
    Batch all;
} Widen;

static Status widen(Out *out, const Batch *b)
{
    Widen *w = CONTAINER(out, Widen, out);
    w->all.rows = b->rows;
    for (int32_t i = 0, k = 0; i < w->all.cols; i++) {
        if (w->source->base.needed[i])
            w->all.col[i] = b->col[k++];
        else
            w->all.col[i] = (Column){.type = w->source->data->field[i].type, .rows = b->rows};
    }
    return out_put(w->to, &w->all);
}

static const Schema *needed_schema(Arena *a, const FileSource *s)
{
    Field *f = NEW(a, Field, s->data->nfields);
    int32_t n = 0;
    for (int32_t i = 0; i < s->data->nfields; i++)
        if (s->base.needed[i]) f[n++] = s->data->field[i];
    return type_struct(a, f, n);
}

typedef struct ReadJson {
    JsonReader *reader;
    Widen widen;
    Arena *rows;
    Str path;
} ReadJson;

static Status put_json(void *ctx, const Str *line, int32_t n)
{
    ReadJson *r = ctx;
    arena_clear(r->rows);
    return fail_in(json_read_records(r->reader, line, n, r->rows, &r->widen.out), STR_FMT,
                   STR_ARG(r->path));
}

static Status json_rows(FileSource *s, const Lane *lane, Arena *a, Out *out)
{
    Str text;
    int32_t cols = s->data->nfields;
    ReadJson r = {.rows = arena_new(a), .path = ((const FileEntry *)lane->more)->path};
    TRY(file_check_corrupt(s, s->json.corrupt_column));
    r.reader = json_reader_new(a, needed_schema(a, s), &s->json);
    r.widen = (Widen){{widen}, out, s, {0, cols, NEW(a, Column, cols)}};
    if (!s->opt.multi_line) return file_lines(s, lane, a, put_json, &r);
    TRY(file_text(lane->more, a, &text));
    return put_json(&r, &text, 1);
}

typedef struct Inference {
    JsonInfer *infer;
    Arena *scratch;
} Inference;

static Status infer_lines(void *ctx, const Str *line, int32_t n)
{
    const Inference *i = ctx;
    for (int32_t k = 0; k < n; k++) {
        TRY(json_infer_add(i->infer, line[k], i->scratch));
        arena_clear(i->scratch);
    }
    return DONE;
}

static Status infer_file(FileSource *s, Arena *a, const FileEntry *e, Inference *i)
{
    Str text;
    Lane lane = {.to = INT64_MAX, .more = e};
    if (!s->opt.multi_line) return file_lines(s, &lane, a, infer_lines, i);
    TRY(file_text(e, a, &text));
    return infer_lines(i, &text, 1);
}

// A batch read without a schema looks at all the files first.
static Status json_infer(FileSource *s, Arena *a, const FileEntries *files, const Schema **schema)
{
    Arena *own = arena_new(a);
    Inference i = {json_infer_new(own, &s->json), arena_new(own)};
    Status done = DONE;
    for (int64_t k = 0; k < files->n && !done.code; k++) {
        Arena *one = arena_new(own);
        done = infer_file(s, one, &files->v[k], &i);
        arena_free(one);
    }
    if (!done.code && files->n) *schema = json_infer_schema(i.infer, a);
    arena_free(own);
    return done;
}

static bool own_option(Str key) { return json_option_known(key) || connector_option(key); }

static Status json_set(FileSource *s, Arena *a, const SourceArgs *args)
{
    (void)a;
    TRY(json_options_parse(&s->json, args->options, file_option, NULL));
    s->json.source = true;
    s->json.cast = s->cast;
    return DONE;
}

static const FileFormat format = {.name = STR_INIT("JSON"),
                                  .option = own_option,
                                  .open = json_set,
                                  .infer = json_infer,
                                  .read = json_rows};

static Status json_source_open(Source *base, Arena *a, const SourceArgs *args)
{
    return file_source_open(CONTAINER(base, FileSource, base), a, args, &format);
}

FILE_SOURCE(json, &file_metadata, "files of JSON, a record a line, as they appear in a folder");
