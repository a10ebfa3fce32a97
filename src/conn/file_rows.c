// file_rows.c -- rows as the bytes of JSON, CSV, text and Parquet files, as Spark writes them.
#include "conn/file_out.h"

// ---- text in general ---------------------------------------------------------------------------

// Each chunk is packed by itself: a gzip file may hold several streams.
static void text_seal(const FileSink *s, Chunk *c)
{
    if (s->codec == CODEC_NONE || c->text.n == 0) return;
    Buf packed = buf_new(c->arena);
    packer_pack(packer_new(c->arena, s->codec, 6), buf_str(&c->text), &packed);
    c->text = packed;
}

static void no_begin(FileSink *s, OutFile *f, Buf *out) { (void)s, (void)f, (void)out; }
static void no_end(FileSink *s, OutFile *f, Buf *out) { (void)s, (void)f, (void)out; }

static void text_take(FileSink *s, OutFile *f, const Chunk *c, Buf *out)
{
    (void)s, (void)f;
    buf_put(out, buf_str(&c->text));
}

static Batch times_written(const FileSink *s, const Batch *b, Arena *scratch)
{
    if (!s->times) return *b;
    Batch out = {b->rows, b->cols, NEW(scratch, Column, b->cols + 1)};
    for (int32_t i = 0; i < b->cols; i++)
        out.col[i] = time_texts_column(s->times, scratch, &b->col[i], s->texts->field[i].type,
                                       s->eval->zone);
    return out;
}

static Status text_codec(FileSink *s)
{
    Str c = s->opt.compression;
    s->codec = CODEC_NONE;
    if (c.n == 0 || str_ieq(c, S("none")) || str_ieq(c, S("uncompressed"))) return DONE;
    if (!str_ieq(c, S("gzip")))
        return fail(ERR_UNSUPPORTED,
                    "option compression: " STR_FMT " is not built for text files, only gzip",
                    STR_ARG(c));
    s->codec = CODEC_GZIP;
    return DONE;
}

static Status text_options(FileSink *s, Arena *a)
{
    const FileSinkOptions *o = &s->opt;
    TRY(text_codec(s));
    s->line_end = o->line_sep.n ? o->line_sep : S("\n");
    TRY(time_texts_new(&s->times, a, o->timestamp_format, o->ntz_format, o->date_format));
    s->texts = time_texts_type(s->times, a, s->data);
    if (o->encoding.n && !str_ieq(o->encoding, S("UTF-8")) && !str_ieq(o->encoding, S("UTF8")))
        return fail(ERR_UNSUPPORTED, "option encoding other than UTF-8 is not built yet");
    return DONE;
}

// ---- JSON --------------------------------------------------------------------------------------

static Status json_open_sink(FileSink *s, Arena *a, const SinkArgs *args)
{
    (void)args;
    return text_options(s, a);
}

static Status json_add(const FileSink *s, Chunk *c, const Batch *in, Arena *scratch)
{
    Batch b = times_written(s, in, scratch);
    Column row = {.type = s->texts, .kid = b.col, .rows = b.rows};
    TextForm form = eval_text_form(s->eval);
    form.json_drop_null = s->opt.drop_null;
    form.json_millis = true;
    for (int32_t i = 0; i < b.rows; i++) {
        value_json(&c->text, &row, i, &form);
        buf_put(&c->text, s->line_end);
    }
    return DONE;
}

const FileForm file_form_json = {.name = STR_INIT("JSON"),
                                 .ending = STR_INIT("json"),
                                 .option = connector_option,
                                 .open = json_open_sink,
                                 .add = json_add,
                                 .seal = text_seal,
                                 .begin = no_begin,
                                 .take = text_take,
                                 .end = no_end};

// ---- CSV ---------------------------------------------------------------------------------------

static bool sink_option(Str key)
{
    static const Str keys[] = {STR_INIT("compression"),
                               STR_INIT("codec"),
                               STR_INIT("encoding"),
                               STR_INIT("charset"),
                               STR_INIT("partitionOverwriteMode"),
                               STR_INIT("maxRecordsPerFile"),
                               STR_INIT("ignoreNullFields"),
                               STR_INIT("partitionBy")};
    for (int64_t i = 0; i < COUNT(keys); i++)
        if (str_ieq(keys[i], key)) return true;
    return connector_option(key);
}

static bool csv_or_any_option(Str key) { return csv_option_known(key) || connector_option(key); }

static Status csv_open_sink(FileSink *s, Arena *a, const SinkArgs *args)
{
    TRY(csv_options_parse(&s->csv, args->options, sink_option, NULL));
    return text_options(s, a);
}

static Status csv_add(const FileSink *s, Chunk *c, const Batch *in, Arena *scratch)
{
    Batch b = times_written(s, in, scratch);
    TextForm form = eval_text_form(s->eval);
    Buf one = buf_new(scratch);
    form.json_millis = true;
    for (int32_t i = 0; i < b.rows; i++) {
        for (int32_t k = 0; k < b.cols; k++) {
            if (k) buf_put(&c->text, s->csv.sep);
            csv_put_value(&s->csv, &b.col[k], i, &form, &one, &c->text);
        }
        buf_put(&c->text, s->line_end);
    }
    return DONE;
}

static void csv_begin(FileSink *s, OutFile *f, Buf *out)
{
    if (!s->csv.header) return;
    Chunk c = {.text = buf_new(f->arena), .arena = f->arena};
    for (int32_t i = 0; i < s->data->nfields; i++) {
        if (i) buf_put(&c.text, s->csv.sep);
        csv_put(&s->csv, s->data->field[i].name, false, &c.text);
    }
    buf_put(&c.text, s->line_end);
    text_seal(s, &c);
    buf_put(out, buf_str(&c.text));
}

static bool is_atomic(const Type *t) { return t->id < T_ARRAY; }

const FileForm file_form_csv = {.name = STR_INIT("CSV"),
                                .ending = STR_INIT("csv"),
                                .option = csv_or_any_option,
                                .open = csv_open_sink,
                                .takes = is_atomic,
                                .add = csv_add,
                                .seal = text_seal,
                                .begin = csv_begin,
                                .take = text_take,
                                .end = no_end};

// ---- text --------------------------------------------------------------------------------------

static bool is_string(const Type *t) { return t->id == T_STRING; }

static Status text_open_sink(FileSink *s, Arena *a, const SinkArgs *args)
{
    (void)args;
    if (s->data->nfields != 1)
        return fail(ERR_INVALID, "text files hold one column, and the rows have %d",
                    s->data->nfields);
    return text_options(s, a);
}

static Status text_add(const FileSink *s, Chunk *c, const Batch *b, Arena *scratch)
{
    (void)scratch;
    for (int32_t i = 0; i < b->rows; i++) {
        if (!column_null(&b->col[0], i)) buf_put(&c->text, column_str(&b->col[0], i));
        buf_put(&c->text, s->line_end);
    }
    return DONE;
}

const FileForm file_form_text = {.name = STR_INIT("Text"),
                                 .ending = STR_INIT("txt"),
                                 .option = connector_option,
                                 .open = text_open_sink,
                                 .takes = is_string,
                                 .add = text_add,
                                 .seal = text_seal,
                                 .begin = no_begin,
                                 .take = text_take,
                                 .end = no_end};

// ---- Parquet -----------------------------------------------------------------------------------

static Status parquet_open_sink(FileSink *s, Arena *a, const SinkArgs *args)
{
    (void)args;
    Option *meta = NEW(a, Option, 1);
    Buf json = buf_new(a);
    Str codec = s->opt.compression.n ? s->opt.compression : S("snappy");
    s->parquet = parquet_options();
    if (!codec_parse(codec, &s->parquet.codec))
        return fail(ERR_INVALID, "option compression: " STR_FMT " is no codec of Parquet",
                    STR_ARG(codec));
    type_json(&json, s->data);
    *meta = (Option){S("org.apache.spark.sql.parquet.row.metadata"), buf_str(&json)};
    s->parquet.meta = meta;
    s->parquet.nmeta = 1;
    return parquet_shape_new(&s->shape, a, s->data);
}

static Status parquet_add(const FileSink *s, Chunk *c, const Batch *b, Arena *scratch)
{
    (void)scratch;
    if (!c->group) c->group = row_group_new(c->arena, s->shape, &s->parquet);
    return row_group_add(c->group, b);
}

static void parquet_seal(const FileSink *s, Chunk *c)
{
    (void)s;
    if (c->group) row_group_seal(c->group);
}

static void parquet_begin(FileSink *s, OutFile *f, Buf *out)
{
    f->parquet = parquet_writer_new(f->arena, s->shape, &s->parquet, out);
}

static void parquet_take(FileSink *s, OutFile *f, const Chunk *c, Buf *out)
{
    (void)s;
    if (c->group) parquet_writer_add(f->parquet, c->group, out);
}

static void parquet_end(FileSink *s, OutFile *f, Buf *out)
{
    (void)s;
    parquet_writer_end(f->parquet, out);
}

const FileForm file_form_parquet = {.name = STR_INIT("Parquet"),
                                    .ending = STR_INIT("parquet"),
                                    .option = connector_option,
                                    .open = parquet_open_sink,
                                    .add = parquet_add,
                                    .seal = parquet_seal,
                                    .begin = parquet_begin,
                                    .take = parquet_take,
                                    .end = parquet_end};

Status file_check_corrupt(const FileSource *s, Str corrupt)
{
    int32_t n = 0, last = 0;
    for (int32_t i = 0; i < s->data->nfields; i++)
        if (s->base.needed[i]) n++, last = i;
    if (n != 1 || !str_eq(s->data->field[last].name, corrupt)) return DONE;
    return RAISE(QUERY_ONLY_CORRUPT_RECORD, P("column", corrupt));
}
