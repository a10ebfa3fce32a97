// file_text.c -- files of text: a row a line or, wholetext, a row a file.
#include "conn/file_in.h"

typedef struct ReadText {
    const Source *source;
    Out *to;
} ReadText;

static Status put_text(void *ctx, const Str *line, int32_t n)
{
    const ReadText *r = ctx;
    Column c = {
        .type = &type_string, .data = r->source->needed[0] ? (void *)line : NULL, .rows = n};
    return out_put(r->to, &(Batch){n, 1, &c});
}

static Status text_rows(FileSource *s, const Lane *lane, Arena *a, Out *out)
{
    Str text;
    ReadText r = {&s->base, out};
    if (!s->opt.whole_text) return file_lines(s, lane, a, put_text, &r);
    TRY(file_text(lane->more, a, &text));
    return put_text(&r, &text, 1);
}

static Status text_schema(FileSource *s, Arena *a, const FileEntries *files, const Schema **schema)
{
    Field value = field_of(S("value"), &type_string, true);
    (void)s, (void)files;
    *schema = type_struct(a, &value, 1);
    return DONE;
}

static Status text_set(FileSource *s, Arena *a, const SourceArgs *args)
{
    (void)s, (void)a, (void)args;
    return DONE;
}

static const FileFormat format = {.name = STR_INIT("Text"),
                                  .option = connector_option,
                                  .open = text_set,
                                  .fixed = true,
                                  .infer = text_schema,
                                  .read = text_rows};

static Status text_source_open(Source *base, Arena *a, const SourceArgs *args)
{
    FileSource *s = CONTAINER(base, FileSource, base);
    TRY(file_source_open(s, a, args, &format));
    if (s->data->nfields == 1 && s->data->field[0].type->id == T_STRING) return DONE;
    return fail(ERR_INVALID, "text files have one column, and it is STRING");
}

FILE_SOURCE(text, &file_metadata, "files of text, a row a line, as they appear in a folder");
