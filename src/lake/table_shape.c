// table_shape.c -- a table as writers see it: which row column goes where, how files are laid out.
#include "base/num.h"
#include "lake/append_in.h"

enum { TARGET_BYTES = 128 << 20, ROW_GROUP_BYTES = 128 << 20 };

typedef struct ShapeOptions {
    Str codec;
    int64_t level, target_bytes, group_bytes, page_rows, page_bytes, dictionary_bytes;
} ShapeOptions;
#define OPTION(key, type, field, dflt, help)                                                       \
    {                                                                                              \
        STR_INIT(key), type, offsetof(ShapeOptions, field), STR_INIT(dflt), help, 1, 0, NULL       \
    }
static const OptSpec shape_options[] = {
    OPTION("write.parquet.compression-codec", OPT_STR, codec, "zstd",
           "zstd, snappy, lz4_raw, gzip, none"),
    OPTION("write.parquet.compression-level", OPT_I64, level, "1", "of the codec"),
    OPTION("write.target-file-size-bytes", OPT_I64, target_bytes, "134217728",
           "a file is closed at this size"),
    OPTION("write.parquet.row-group-size-bytes", OPT_I64, group_bytes, "134217728",
           "before compression"),
    OPTION("write.parquet.page-row-limit", OPT_I64, page_rows, "20000", "rows of a page"),
    OPTION("write.parquet.page-size-bytes", OPT_I64, page_bytes, "1048576", "before compression"),
    OPTION("write.parquet.dict-size-bytes", OPT_I64, dictionary_bytes, "1048576",
           "of a column's dictionary"),
};

static bool not_ours(Str key)
{
    for (int64_t i = 0; i < COUNT(shape_options); i++)
        if (str_ieq(shape_options[i].key, key)) return false;
    return true;
}

// A write option speaks for the property of the same meaning.
static const struct {
    Str option, property;
} overrides[] = {
    {STR_INIT("target-file-size-bytes"), STR_INIT("write.target-file-size-bytes")},
    {STR_INIT("compression-codec"), STR_INIT("write.parquet.compression-codec")},
    {STR_INIT("compression-level"), STR_INIT("write.parquet.compression-level")},
};

static Status read_options(TableShape *s, Arena *a, const IceMeta *m, const Options *options)
{
    Options all = {0};
    ShapeOptions o = {0};
    for (int64_t i = 0; i < m->properties.n; i++) vec_push(a, &all, m->properties.v[i]);
    for (int64_t i = 0; i < COUNT(overrides); i++) {
        const Str *v = options ? options_get(options, overrides[i].option) : NULL;
        if (v) vec_push(a, &all, ((Option){overrides[i].property, *v}));
    }
    TRY(options_parse(&o, shape_options, COUNT(shape_options), &all, not_ours, NULL));
    s->options = parquet_options();
    if (!codec_parse(o.codec, &s->options.codec) || s->options.codec == CODEC_LZ4)
        return fail(ERR_INVALID,
                    "compression codec " STR_FMT
                    " is not written; there are zstd, snappy, lz4_raw, gzip and none",
                    STR_ARG(o.codec));
    s->options.level = (int32_t)MIN(o.level, 22);
    s->options.page_rows = (int32_t)MIN(o.page_rows, 1 << 20);
    s->options.page_bytes = MIN(o.page_bytes, 64 << 20);
    s->options.dictionary_bytes = MIN(o.dictionary_bytes, 64 << 20);
    s->target_bytes = o.target_bytes;
    s->group_bytes = MIN(o.group_bytes, 1 << 30);
    return DONE;
}

static Status cannot_cast(Arena *a, Str table, const Field *to, const Field *from)
{
    return RAISE(
        INCOMPATIBLE_DATA_CANNOT_SAFELY_CAST, P("tableName", table),
        P("colName", str_fmt(a, "`" STR_FMT "`", STR_ARG(to->name))),
        P("srcType", str_fmt(a, "\"" STR_FMT "\"", STR_ARG(type_sql_str(a, from->type)))),
        P("targetType", str_fmt(a, "\"" STR_FMT "\"", STR_ARG(type_sql_str(a, to->type)))));
}

// Types that lie in a file alike: the small integers are stored as INT.
static bool fits(const Type *to, const Type *from)
{
    if (to->id == T_INT && (from->id == T_TINYINT || from->id == T_SMALLINT)) return true;
    if (to->id != from->id) return false;
    if (to->id == T_DECIMAL) return to->precision == from->precision && to->scale == from->scale;
    if (to->id == T_STRING || to->nfields == 0) return true;
    if (to->nfields != from->nfields) return false;
    for (int32_t i = 0; i < to->nfields; i++) {
        bool named = to->id != T_STRUCT || str_ieq(to->field[i].name, from->field[i].name);
        if (!named || !fits(to->field[i].type, from->field[i].type)) return false;
    }
    return true;
}

static Status match_columns(TableShape *s, Arena *a, Str table, const Schema *rows)
{
    const Schema *to = s->schema->type;
    s->nfrom = to->nfields;
    s->from = NEW(a, int32_t, to->nfields + 1);
    for (int32_t i = 0; i < to->nfields; i++) {
        const Field *f = &to->field[i];
        int32_t k = s->from[i] = type_field(rows, f->name);
        if (k == -2) return RAISE(COLUMN_ALREADY_EXISTS, P("columnName", f->name));
        if (k < 0 && !f->nullable)
            return RAISE(INCOMPATIBLE_DATA_CANNOT_FIND_DATA, P("tableName", table),
                         P("colName", str_fmt(a, "`" STR_FMT "`", STR_ARG(f->name))));
        if (k >= 0 && !fits(f->type, rows->field[k].type))
            return cannot_cast(a, table, f, &rows->field[k]);
    }
    Buf extra = buf_new(a);
    for (int32_t k = 0; k < rows->nfields; k++)
        if (type_field(to, rows->field[k].name) < 0)
            buf_fmt(&extra, "%s`" STR_FMT "`", extra.n ? ", " : "", STR_ARG(rows->field[k].name));
    if (!extra.n) return DONE;
    return RAISE(INCOMPATIBLE_DATA_EXTRA_COLUMNS, P("tableName", table),
                 P("extraColumns", buf_str(&extra)));
}

static Status match_partition(TableShape *s, Arena *a, Str table)
{
    const Schema *to = s->schema->type;
    s->source = NEW(a, int32_t, s->spec->nfields + 1);
    for (int32_t i = 0; i < s->spec->nfields; i++) {
        const IceSpecField *f = &s->spec->field[i];
        s->source[i] = -1;
        for (int32_t c = 0; c < to->nfields; c++)
            if (to->field[c].id == f->source_id) s->source[i] = c;
        bool gone = s->source[i] < 0 && !(f->known && f->transform == TR_VOID);
        if (gone || !f->known || !f->result)
            return fail(ERR_UNSUPPORTED,
                        STR_FMT ": partition field " STR_FMT " by " STR_FMT " is not written",
                        STR_ARG(table), STR_ARG(f->name), STR_ARG(f->transform_text));
    }
    return DONE;
}

Status table_shape_new(const TableShape **out, Arena *a, const LakeTable *t, const Schema *rows,
                       const Options *options)
{
    const IceMeta *m = lake_table_meta(t);
    Str table = table_name_text(a, lake_table_name(t));
    TableShape *s = NEW(a, TableShape, 1);
    s->arena = a;
    s->parallel = lake_table_catalog(t)->kind->parallel_sync;
    s->schema = ice_schema(m, m->schema_id);
    s->spec = ice_spec(m, m->spec_id);
    if (m->format != 2)
        return fail(ERR_UNSUPPORTED,
                    STR_FMT " is of Iceberg format version %lld, which is not written",
                    STR_ARG(table), (long long)m->format);
    if (s->schema->unwritable.n)
        return fail(ERR_UNSUPPORTED,
                    STR_FMT " has a column of type " STR_FMT ", which is not written",
                    STR_ARG(table), STR_ARG(s->schema->unwritable));
    TRY(match_columns(s, a, table, rows));
    TRY(match_partition(s, a, table));
    TRY(read_options(s, a, m, options));
    Option *meta = NEW(a, Option, 1);
    *meta = (Option){S("iceberg.schema"), s->schema->json};
    s->options.meta = meta;
    s->options.nmeta = 1;
    s->modes = NEW(a, ColumnMode, s->nfrom + 1);
    for (int32_t i = 0; i < s->nfrom; i++)
        s->modes[i] = stats_mode(m, s->schema->type->field[i].name, i);
    Str data = ice_property(m, S("write.data.path"));
    s->data = data.n ? data : str_cat(a, m->location, S("/data"));
    TRY(parquet_shape_new(&s->parquet, a, s->schema->type));
    *out = s;
    return DONE;
}
