// fn_json.c -- functions of JSON texts. from_json reads with the reader of fmt/json.h, by the type
// of the call: an optimiser that wants fewer fields gives the call a type with fewer.
#include "expr/fn_in.h"
#include "expr/json_path_in.h"
#include "expr/prog.h"
#include "expr/time_texts.h"
#include "fmt/json.h"

// ---- options -----------------------------------------------------------------------------------

// The options of argument i, map('key', 'value', ...), when it is there.
Status options_arg(Arena *a, const Expr *call, int32_t i, const EvalCtx *ctx, Options *o)
{
    *o = (Options){0};
    if (call->nargs <= i) return DONE;
    const Type *t = call->arg[i]->type;
    if (t->id != T_MAP) return RAISE(INVALID_OPTIONS_NON_MAP_FUNCTION);
    if (t->field[0].type->id != T_STRING || t->field[1].type->id != T_STRING)
        return RAISE(INVALID_OPTIONS_NON_STRING_TYPE, P("mapType", quoted_type(a, t)));
    Datum v;
    TRY(fold_arg(a, call, i, ctx, &v));
    if (v.null) return DONE;
    List l = COLUMN_DATA(v.nested, List)[0];
    for (int32_t e = l.at; e < l.at + l.n; e++) {
        if (column_null(&v.nested->kid[1], e)) continue;
        Option one = {column_str(&v.nested->kid[0], e), column_str(&v.nested->kid[1], e)};
        vec_push(a, o, one);
    }
    return DONE;
}

static Status check_mode(Str function, int32_t mode)
{
    if (mode != JSON_DROPMALFORMED) return DONE;
    return RAISE(PARSE_MODE_UNSUPPORTED, P("funcName", function), P("mode", S("DROPMALFORMED")));
}

// The session's settings, with another zone when the options name one.
Status ctx_of_zone(Arena *a, const EvalCtx *ctx, Str time_zone, const EvalCtx **own)
{
    *own = ctx;
    if (!time_zone.n) return DONE;
    EvalCtx *c = NEW(a, EvalCtx, 1);
    *c = *ctx;
    *own = c;
    return zone_open(&c->zone, a, time_zone);
}

// ---- from_json ---------------------------------------------------------------------------------

// DDL of a type or of columns, or JSON of a type, as Connect's clients send it.
Status schema_of_text(const Type **t, Arena *a, Str text)
{
    Str trimmed = str_trim(text);
    if (trimmed.n && trimmed.p[0] == '{') return type_from_json(t, a, trimmed);
    if (type_parse(t, a, text).code == OK) return DONE;
    return schema_parse(t, a, text);
}

static Status check_schema(Arena *a, const Type *t)
{
    if (t->id == T_STRUCT || t->id == T_ARRAY || t->id == T_MAP) return DONE;
    return RAISE(DATATYPE_MISMATCH_INVALID_JSON_SCHEMA, P("jsonSchema", quoted_type(a, t)));
}

static Status check_corrupt_column(Arena *a, const Type *t, Str name)
{
    int32_t i = t->id == T_STRUCT ? type_field(t, name) : -1;
    if (i < 0 || t->field[i].type->id == T_STRING) return DONE;
    return RAISE(INVALID_CORRUPT_RECORD_TYPE, P("columnName", quoted_name(a, name)),
                 P("actualType", quoted_type(a, t->field[i].type)));
}

static Status analyse_from(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Datum v;
    Options given;
    JsonOptions o;
    const Type *t;
    if (call->arg[1]->type->id != T_STRING || !expr_foldable(call->arg[1]))
        return RAISE(INVALID_SCHEMA_NON_STRING_LITERAL,
                     P("inputSchema", quoted_sql(a, call->arg[1])));
    TRY(fold_arg(a, call, 1, ctx, &v));
    if (v.null)
        return RAISE(INVALID_SCHEMA_NON_STRING_LITERAL,
                     P("inputSchema", quoted_sql(a, call->arg[1])));
    TRY(schema_of_text(&t, a, v.s));
    TRY(check_schema(a, t));
    TRY(options_arg(a, call, 2, ctx, &given));
    TRY(json_options_parse(&o, &given, NULL, NULL));
    TRY(check_mode(S("`from_json`"), o.mode));
    TRY(check_corrupt_column(a, t, o.corrupt_column));
    call->type = type_nullable(a, t);
    call->nullable = true;
    return DONE;
}

typedef struct FromJson { // KernelCall.bound: one program's, hence one thread's
    JsonReader *reader;
} FromJson;

static Status bind_from(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Options given;
    const EvalCtx *own;
    JsonOptions *o = NEW(a, JsonOptions, 1);
    TRY(options_arg(a, call, 2, ctx, &given));
    TRY(json_options_parse(o, &given, NULL, NULL));
    TRY(ctx_of_zone(a, ctx, o->time_zone, &own));
    o->cast = eval_text_cast(own);
    FromJson *own_reader = NEW(a, FromJson, 1);
    own_reader->reader = json_reader_new(a, call->type, o);
    b->data = own_reader;
    b->flags |= FN_FIRST_ARG;
    return DONE;
}

static Status from_json(const KernelCall *k)
{
    JsonReader *reader = ((const FromJson *)k->bound)->reader;
    const uint8_t *valid = k->in[0]->valid;
    if (k->active) {
        uint8_t *both = NEW_RAW(k->scratch, uint8_t, k->rows);
        for (int32_t i = 0; i < k->rows; i++) both[i] = k->active[i] & (valid ? valid[i] : 1);
        valid = both;
    }
    return json_read(reader, COLUMN_DATA(k->in[0], Str), valid, k->rows, k->out, k->scratch);
}

void sql_first(Buf *b, const Expr *call) // schema and options do not stand in the name
{
    if (call->type && call->type->id == T_MAP) { // from_json gives it this name
        buf_put(b, S("entries"));
        return;
    }
    buf_fmt(b, STR_FMT "(", STR_ARG(call->fn->name));
    expr_sql(b, call->arg[0]);
    buf_char(b, ')');
}

// ---- to_json -----------------------------------------------------------------------------------

typedef struct ToJson { // KernelCall.bound
    Str time_zone, timestamp_format, ntz_format, date_format;
    bool drop_null;
    const EvalCtx *ctx;
    const TimeTexts *times; // NULL: as value_json writes them
    const Type *type;       // of the argument, times that have a pattern as texts
} ToJson;
#define TEXT_OPTION(key, field, help_)                                                             \
    {                                                                                              \
        STR_INIT(key), OPT_STR, offsetof(ToJson, field), STR_INIT(""), help_, 0, 0, NULL           \
    }
static const OptSpec to_json_options[] = {
    {STR_INIT("ignoreNullFields"), OPT_BOOL, offsetof(ToJson, drop_null), STR_INIT("true"),
     "leave out fields that are NULL", 0, 0, NULL},
    TEXT_OPTION("timeZone", time_zone, "zone that timestamps are written in"),
    TEXT_OPTION("timestampFormat", timestamp_format, "datetime pattern of TIMESTAMP"),
    TEXT_OPTION("timestampNTZFormat", ntz_format, "datetime pattern of TIMESTAMP_NTZ"),
    TEXT_OPTION("dateFormat", date_format, "datetime pattern of DATE"),
    {STR_INIT("sortKeys"), OPT_UNBUILT, 0, STR_INIT(""), "fields in order of their names", 0, 0,
     NULL},
    {STR_INIT("pretty"), OPT_UNBUILT, 0, STR_INIT(""), "one field a line", 0, 0, NULL},
};

static Status parse_to(Arena *a, const Expr *call, const EvalCtx *ctx, ToJson *t)
{
    Options given;
    TRY(options_arg(a, call, 1, ctx, &given));
    TRY(options_parse(t, to_json_options, COUNT(to_json_options), &given, json_option_known, NULL));
    TRY(ctx_of_zone(a, ctx, t->time_zone, &t->ctx));
    TRY(time_texts_new(&t->times, a, t->timestamp_format, t->ntz_format, t->date_format));
    t->type = time_texts_type(t->times, a, call->arg[0]->type);
    return DONE;
}

static Status analyse_to(Arena *a, Expr *call, const EvalCtx *ctx)
{
    TypeId id = call->arg[0]->type->id;
    if (id != T_STRUCT && id != T_ARRAY && id != T_MAP)
        return wrong_type(a, call, 0, "\"STRUCT\" or \"ARRAY\" or \"MAP\" or \"VARIANT\"");
    call->nullable = true; // as its schema says
    return parse_to(a, call, ctx, &(ToJson){0});
}

static Status bind_to(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    ToJson *t = NEW(a, ToJson, 1);
    b->data = t;
    b->flags |= FN_FIRST_ARG;
    return parse_to(a, call, ctx, t);
}

static Status to_json(const KernelCall *k)
{
    const ToJson *t = k->bound;
    TextForm form = eval_text_form(t->ctx);
    form.json_drop_null = t->drop_null;
    form.json_millis = true;
    Buf b = buf_new(k->scratch);
    Column in = *k->in[0];
    int64_t *end = NEW_RAW(k->scratch, int64_t, k->rows);
    if (t->times) in = time_texts_column(t->times, k->scratch, k->in[0], t->type, t->ctx->zone);
    for (int32_t i = 0; i < k->rows; i++) {
        if (kernel_live(k, i)) value_json(&b, &in, i, &form);
        end[i] = b.n;
    }
    for (int32_t i = 0; i < k->rows; i++) {
        int64_t from = i ? end[i - 1] : 0;
        COLUMN_DATA(k->out, Str)[i] = str_of(b.p + from, end[i] - from);
    }
    return DONE;
}

// ---- looking into a text -----------------------------------------------------------------------

static const JsonOptions *lenient(Arena *a)
{
    JsonOptions *o = NEW(a, JsonOptions, 1);
    Status s = json_options_parse(o, &(Options){0}, NULL, NULL);
    must(s.code == OK);
    return o;
}

static Status array_length(const KernelCall *k)
{
    const JsonOptions *o = lenient(k->scratch);
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) {
            int64_t n = json_array_count(k->scratch, column_str(k->in[0], i), o);
            COLUMN_DATA(k->out, int32_t)[i] = (int32_t)n;
            k->out->valid[i] = n >= 0;
        }
    return DONE;
}

static Status object_keys(const KernelCall *k)
{
    const JsonOptions *o = lenient(k->scratch);
    Builder *keys = builder_new(k->scratch, &type_string);
    for (int32_t i = 0; i < k->rows; i++) {
        JsonNames names = {0};
        List *l = &COLUMN_DATA(k->out, List)[i];
        *l = (List){builder_count(keys), 0};
        if (!kernel_live(k, i)) continue;
        k->out->valid[i] = json_object_names(k->scratch, column_str(k->in[0], i), o, &names);
        for (int64_t n = 0; k->out->valid[i] && n < names.n; n++)
            builder_datum(keys, &(Datum){.s = names.v[n]});
        l->n = builder_count(keys) - l->at;
    }
    k->out->kid[0] = builder_column(keys);
    return DONE;
}

// schema_of_json: a constant, since its text is one.
static Status lower_schema(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Datum v;
    Options given;
    const Type *t;
    JsonOptions *o = NEW(a, JsonOptions, 1);
    TRY(fold_arg(a, call, 0, ctx, &v));
    if (v.null)
        return RAISE(DATATYPE_MISMATCH_UNEXPECTED_NULL, P("sqlExpr", quoted_sql(a, call)),
                     P("exprName", S("json")));
    TRY(options_arg(a, call, 1, ctx, &given));
    TRY(json_options_parse(o, &given, NULL, NULL));
    o->cast = eval_text_cast(ctx);
    TRY(json_infer_type(&t, a, o, v.s));
    *e = string_literal(a, type_sql_str(a, t));
    return DONE;
}
static Status analyse_schema(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr *e;
    call->nullable = false;
    return lower_schema(a, call, ctx, &e);
}

static Status get_object(const KernelCall *k)
{
    const JsonOptions *o = lenient(k->scratch);
    Str last = {0};
    const JsonPath *path = k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str text = column_str(k->in[0], i);
        if (!k->bound && (!last.p || !str_eq(last, column_str(k->in[1], i)))) {
            last = column_str(k->in[1], i);
            path = json_path_parse(k->scratch, last);
        }
        Str *z = &COLUMN_DATA(k->out, Str)[i];
        k->out->valid[i] = path && json_path_get(k->scratch, path, text, o, z);
    }
    return DONE;
}

static Status bind_get(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    Datum v;
    if (!expr_foldable(call->arg[1])) return DONE;
    TRY(fold_arg(a, call, 1, ctx, &v));
    if (!v.null) b->data = json_path_parse(a, v.s);
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("from_json"), .signature = "string any any? -> -", .kernel = from_json, .flags = FN_OWN_NULLS | FN_ALIASES | FN_RAISES,
     .doc = "the struct, array or map that a JSON text holds, by a schema", .analyse = analyse_from, .bind = bind_from, .sql = sql_first},
    {.name = STR_INIT("to_json"), .signature = "any any? -> string", .kernel = to_json, .doc = "a struct, array or map as JSON",
     .analyse = analyse_to, .bind = bind_to, .sql = sql_first},
    {.name = STR_INIT("schema_of_json"), .signature = "lit:text any? -> string", .doc = "the type of a JSON text, for from_json",
     .analyse = analyse_schema, .lower = lower_schema, .sql = sql_first},
    {.name = STR_INIT("get_json_object"), .signature = "string string -> string", .kernel = get_object, .flags = FN_MAY_NULL,
     .doc = "what stands at a path ($.a[0].b) of a JSON text", .bind = bind_get},
    {.name = STR_INIT("json_array_length"), .signature = "text -> int", .kernel = array_length, .flags = FN_MAY_NULL, .doc = "elements of the array that a JSON text is"},
    {.name = STR_INIT("json_object_keys"), .signature = "text -> array<string>", .kernel = object_keys, .flags = FN_MAY_NULL, .doc = "names of the object that a JSON text is"},
};
// clang-format on
FN_TABLE(fn_json, rows);
