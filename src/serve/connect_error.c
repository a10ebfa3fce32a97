// connect_error.c -- which Java class stands for which failure decides what Python raises; texts
// are cut so that all trailers stay below what clients take.
#include "serve/connect_error.h"
#include "os/clock.h"
#include "wire/protobuf.h"

enum { TEXT_BYTES = 2048, PARAMS_BYTES = 1024 };

#define SPARK   "org.apache.spark."
#define CLASS_N 3
typedef struct ClassRow {
    Str prefix; // of the condition's name
    Str cls[CLASS_N];
} ClassRow;
#define PARSE                                                                                      \
    {                                                                                              \
        STR_INIT(SPARK "sql.catalyst.parser.ParseException"),                                      \
            STR_INIT(SPARK "sql.AnalysisException")                                                \
    }
#define ANALYSIS                                                                                   \
    {                                                                                              \
        STR_INIT(SPARK "sql.AnalysisException")                                                    \
    }
#define ARITHMETIC                                                                                 \
    {                                                                                              \
        STR_INIT(SPARK "SparkArithmeticException"), STR_INIT("java.lang.ArithmeticException")      \
    }
#define INDEX                                                                                      \
    {                                                                                              \
        STR_INIT(SPARK "SparkArrayIndexOutOfBoundsException"),                                     \
            STR_INIT("java.lang.ArrayIndexOutOfBoundsException")                                   \
    }
#define DATE_TIME                                                                                  \
    {                                                                                              \
        STR_INIT(SPARK "SparkDateTimeException"), STR_INIT("java.time.DateTimeException")          \
    }
#define NUMBER                                                                                     \
    {                                                                                              \
        STR_INIT(SPARK "SparkNumberFormatException"), STR_INIT("java.lang.NumberFormatException"), \
            STR_INIT("java.lang.IllegalArgumentException")                                         \
    }
#define ARGUMENT                                                                                   \
    {                                                                                              \
        STR_INIT(SPARK "SparkIllegalArgumentException"),                                           \
            STR_INIT("java.lang.IllegalArgumentException")                                         \
    }
#define UNSUPPORTED                                                                                \
    {                                                                                              \
        STR_INIT(SPARK "SparkUnsupportedOperationException"),                                      \
            STR_INIT("java.lang.UnsupportedOperationException")                                    \
    }
#define RUNTIME                                                                                    \
    {                                                                                              \
        STR_INIT(SPARK "SparkRuntimeException"), STR_INIT("java.lang.RuntimeException")            \
    }
#define PLAIN                                                                                      \
    {                                                                                              \
        STR_INIT(SPARK "SparkException"), STR_INIT("java.lang.Exception")                          \
    }
#define MISSING                                                                                    \
    {                                                                                              \
        STR_INIT(SPARK "SparkNoSuchElementException"),                                             \
            STR_INIT("java.util.NoSuchElementException")                                           \
    }
#define STREAMED                                                                                   \
    {                                                                                              \
        STR_INIT(SPARK "sql.streaming.StreamingQueryException")                                    \
    }
#define BAD_PLAN                                                                                   \
    {                                                                                              \
        STR_INIT(SPARK "sql.connect.common.InvalidPlanInput"), STR_INIT(SPARK "SparkException")    \
    }
#define PYTHON                                                                                     \
    {                                                                                              \
        STR_INIT(SPARK "api.python.PythonException")                                               \
    }

static const ClassRow by_name[] = {
    {STR_INIT("PARSE_"), PARSE},
    {STR_INIT("_LEGACY_ERROR_TEMP_00"), PARSE},
    {STR_INIT("INVALID_TYPED_LITERAL"), PARSE},
    {STR_INIT("INVALID_NUMERIC_LITERAL_RANGE"), PARSE},
    {STR_INIT("INCOMPATIBLE_JOIN_TYPES"), PARSE},
    {STR_INIT("INVALID_IDENTIFIER"), PARSE},
    {STR_INIT("STREAM_FAILED"), STREAMED},
    {STR_INIT("STREAMING_PYTHON_RUNNER"),
     {STR_INIT(SPARK "api.python.StreamingPythonRunner"
                     "$StreamingPythonRunnerInitializationException"),
      STR_INIT(SPARK "SparkException")}},
    {STR_INIT("FOREACH_"), PYTHON},
    {STR_INIT("SQL_CONF_NOT_FOUND"), MISSING},
    {STR_INIT("CONNECT_INVALID_PLAN"), BAD_PLAN},
    {STR_INIT("INVALID_HANDLE"), PLAIN},
    {STR_INIT("INVALID_CURSOR"), PLAIN},
    {STR_INIT("OPERATION_CANCELED"), PLAIN},
    {STR_INIT("ILLEGAL_ARGUMENT"), ARGUMENT},
    {STR_INIT("INVALID_CONF_VALUE"), ARGUMENT},
    {STR_INIT("INVALID_INTERVAL_FORMAT.UNMATCHED"), ARGUMENT},
    {STR_INIT("INVALID_ARRAY_INDEX"), INDEX},
    {STR_INIT("INVALID_INDEX_OF_ZERO"), RUNTIME},
    {STR_INIT("_LEGACY_ERROR_TEMP_2048"), ARGUMENT},
    {STR_INIT("CANNOT_PARSE_TIMESTAMP"), DATE_TIME},
    {STR_INIT("DATETIME_FIELD_OUT_OF_BOUNDS"), DATE_TIME},
    {STR_INIT("INVALID_DATETIME_PATTERN"), ARGUMENT},
    {STR_INIT("INCONSISTENT_BEHAVIOR_CROSS_VERSION"),
     {STR_INIT(SPARK "SparkUpgradeException"), STR_INIT(SPARK "SparkException")}},
    {STR_INIT("STREAMING_OUTPUT_MODE.INVALID"), ARGUMENT},
    {STR_INIT("WRITE_STREAM_NOT_ALLOWED"), ANALYSIS},
    {STR_INIT("CANNOT_PARSE_INTERVAL"), ANALYSIS},
    {STR_INIT("WINDOW_FUNCTION_WITHOUT_OVER"), ANALYSIS},
    {STR_INIT("INVALID_WINDOW_SPEC"), ANALYSIS},
    {STR_INIT("INVALID_ATTRIBUTE_NAME_SYNTAX"), ANALYSIS},
    {STR_INIT("_LEGACY_ERROR_TEMP_3231"), ARGUMENT},
    {STR_INIT("INVALID_FORMAT.MISMATCH_INPUT"), ARGUMENT},
    {STR_INIT("INVALID_FORMAT"), ANALYSIS},
    {STR_INIT("INVALID_EXTRACT_FIELD"), ANALYSIS},
    {STR_INIT("INVALID_PARAMETER_VALUE.CHARSET"), ARGUMENT},
    {STR_INIT("INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE"), ARGUMENT},
    {STR_INIT("INVALID_PARAMETER_VALUE.DATETIME_UNIT"), PARSE},
    {STR_INIT("CONVERSION_INVALID_INPUT"), ARGUMENT},
    {STR_INIT("ILLEGAL_DAY_OF_WEEK"), ARGUMENT},
    {STR_INIT("INVALID_URL"), ARGUMENT},
    {STR_INIT("MALFORMED_RECORD_IN_PARSING"), PLAIN},
    {STR_INIT("CANNOT_MODIFY"), ANALYSIS},
    {STR_INIT("UNSUPPORTED_FEATURE.LAMBDA"), ANALYSIS},
    {STR_INIT("UNSUPPORTED_FEATURE.PYTHON"), ANALYSIS},
    {STR_INIT("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT"), ANALYSIS},
    {STR_INIT("UNSUPPORTED_FEATURE.SET_OPERATION"), ANALYSIS},
    {STR_INIT("UNSUPPORTED_FEATURE.TIME_TRAVEL"), ANALYSIS},
    {STR_INIT("UNSUPPORTED_FEATURE"), UNSUPPORTED},
    {STR_INIT("CONCURRENT_QUERY"),
     {STR_INIT(SPARK "SparkConcurrentModificationException"), STR_INIT(SPARK "SparkException")}},
    {STR_INIT("UNSUPPORTED_DATATYPE"), PARSE},
    {STR_INIT("PYTHON_"), PYTHON},
    {STR_INIT("USER_RAISED_EXCEPTION"), RUNTIME},
};
static const ClassRow by_state[] = {
    // prefixes of SQLSTATE
    {STR_INIT("42601"), PARSE},      {STR_INIT("42617"), PARSE},
    {STR_INIT("22003"), ARITHMETIC}, {STR_INIT("22012"), ARITHMETIC},
    {STR_INIT("22015"), ARITHMETIC}, {STR_INIT("22008"), ARITHMETIC},
    {STR_INIT("22009"), DATE_TIME},  {STR_INIT("22007"), DATE_TIME},
    {STR_INIT("2200E"), RUNTIME},    {STR_INIT("23505"), RUNTIME},
    {STR_INIT("21000"), RUNTIME},    {STR_INIT("22"), RUNTIME},
    {STR_INIT("KD0"), PLAIN},
};
static const ClassRow cast_number = {{NULL, 0}, NUMBER}, cast_time = {{NULL, 0}, DATE_TIME},
                      runtime = {{NULL, 0}, RUNTIME}, unsupported = {{NULL, 0}, UNSUPPORTED},
                      analysis = {{NULL, 0}, ANALYSIS}, argument = {{NULL, 0}, ARGUMENT},
                      plain = {{NULL, 0}, PLAIN}, arithmetic = {{NULL, 0}, ARITHMETIC};

// What has no condition, and is an IllegalArgumentException of Spark's, by how it begins.
static const Str argument_texts[] = {
    STR_INIT("requirement failed: "), // as Scala's require()
    STR_INIT("option "),
    STR_INIT("options "),
    STR_INIT("one of the options "),
    STR_INIT("only one of the options "),
    STR_INIT("the option "),
    STR_INIT("a streaming query has no end"),
    STR_INIT("there is an active query named "),
};

static Str param_of(const Failure *f, Str name)
{
    for (int32_t i = 0; i < f->nparams; i++)
        if (str_eq(f->param[i].name, name)) return f->param[i].value;
    return (Str){0};
}
static const ClassRow *row_of_cast(const Failure *f)
{
    Str to = param_of(f, S("targetType"));
    if (str_find(to, S("TIME")) >= 0 || str_find(to, S("DATE")) >= 0) return &cast_time;
    return str_find(to, S("BOOLEAN")) >= 0 ? &runtime : &cast_number;
}
static const ClassRow *row_of(const Failure *f)
{
    const Condition *c = condition_of(f->cond);
    if (f->cond == COND_CAST_INVALID_INPUT) return row_of_cast(f);
    for (int64_t i = 0; f->cond && i < COUNT(by_name); i++)
        if (str_starts(c->name, by_name[i].prefix)) return &by_name[i];
    for (int64_t i = 0; f->cond && i < COUNT(by_state); i++)
        if (str_starts(c->sqlstate, by_state[i].prefix)) return &by_state[i];
    if (f->cond) return &analysis;
    if (str_starts(f->text, S("overflow: "))) return &arithmetic;
    for (int64_t i = 0; f->code != ERR_UNSUPPORTED && i < COUNT(argument_texts); i++)
        if (str_starts(str_trim(f->text), argument_texts[i])) return &argument;
    switch (f->code) {
    case ERR_UNSUPPORTED: return &unsupported;
    case ERR_INVALID:
    case ERR_NOT_FOUND:
    case ERR_CONFLICT: return &analysis;
    case OK:
    case ERR_CORRUPT:
    case ERR_IO:
    case ERR_LIMIT:
    case ERR_CANCELLED: return &plain;
    }
    must_failed("Code", __FILE__, __LINE__);
}
// Failures that Spark has no name for, by the names of whole kinds.
static void name_kind(ConnectError *e, Code code)
{
    if (code == ERR_CANCELLED) {
        e->condition = S("OPERATION_CANCELED");
        e->sqlstate = S("HY008");
    } else if (code == ERR_UNSUPPORTED) {
        e->condition = S("UNSUPPORTED_FEATURE");
        e->sqlstate = S("0A000");
    }
}
static bool from_parser(const ConnectError *e)
{
    static const Str cls[] = PARSE;
    return str_eq(e->cls[0], cls[0]);
}
// As Spark's exceptions end: those of the parser with the text, those of the analyser with line and
// position, those of a run with the lines and carets.
static void write_place(const ConnectError *e, Buf *b)
{
    static const Str analysis_of[] = ANALYSIS;
    const Failure *f = e->failure;
    Str context = failure_context(e->arena, f);
    if (f->line && from_parser(e))
        buf_fmt(b, " (line %d, pos %d)\n\n" STR_FMT, f->line, f->column, STR_ARG(context));
    else if (f->line && str_eq(e->cls[0], analysis_of[0]))
        buf_fmt(b, "; line %d pos %d", f->line, f->column);
    else if (context.n)
        buf_fmt(b, "\n" STR_FMT, STR_ARG(context));
}
static void write_text(ConnectError *e)
{
    const Failure *f = e->failure;
    Buf b = buf_new(e->arena);
    if (f->cond == COND_PYTHON_FUNCTION_ERROR) { // Spark has no name for it: the traceback alone
        e->text = str_cat(e->arena, param_of(f, S("traceback")), S("\n"));
        e->condition = e->sqlstate = (Str){0};
        return;
    }
    if (!f->cond && e->condition.n) buf_fmt(&b, "[" STR_FMT "] ", STR_ARG(e->condition));
    buf_put(&b, f->text);
    if (e->sqlstate.n) {
        bool ended = f->text.n && strchr(".?!", f->text.p[f->text.n - 1]);
        buf_fmt(&b, "%s SQLSTATE: " STR_FMT, ended ? "" : ".", STR_ARG(e->sqlstate));
    }
    write_place(e, &b);
    e->text = buf_str(&b);
}
ConnectError *connect_error_new(Status s, GrpcCode code)
{
    Arena *a = arena_new(NULL);
    ConnectError *e = NEW(a, ConnectError, 1);
    *e = (ConnectError){.arena = a, .refs = {1}, .code = code, .bare = code != GRPC_OK};
    const Failure *f = e->failure = failure_copy(a, failure());
    if (!code) e->code = !f->cond && f->code == ERR_LIMIT ? GRPC_RESOURCE_EXHAUSTED : GRPC_INTERNAL;
    must(s.code != OK);
    const ClassRow *row = row_of(f);
    for (int32_t i = 0; i < CLASS_N && row->cls[i].n; i++) e->cls[e->ncls++] = row->cls[i];
    e->cls[e->ncls++] = S("java.lang.Throwable");
    if (f->cond) {
        e->condition = condition_of(f->cond)->name;
        e->sqlstate = condition_of(f->cond)->sqlstate;
    } else {
        name_kind(e, f->code);
    }
    write_text(e);
    if (f->fragment.n || e->text.n > TEXT_BYTES) e->id = rand_uuid(a);
    return e;
}
void connect_error_drop(ConnectError *e)
{
    if (e && shared_add(&e->refs, -1) == 1) arena_free(e->arena);
}
static Str classes_json(const ConnectError *e, Arena *a)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < e->ncls; i++) {
        buf_char(&b, i ? ',' : '[');
        buf_json(&b, e->cls[i]);
    }
    buf_char(&b, ']');
    return buf_str(&b);
}
static Str params_json(const ConnectError *e, Arena *a, int64_t at_most)
{
    Buf b = buf_new(a);
    int64_t each = e->failure->nparams ? at_most / e->failure->nparams : 0;
    buf_char(&b, '{');
    for (int32_t i = 0; i < e->failure->nparams; i++) {
        if (i) buf_char(&b, ',');
        buf_json(&b, e->failure->param[i].name);
        buf_char(&b, ':');
        buf_json(&b, grpc_clip(e->failure->param[i].value, each));
    }
    buf_char(&b, '}');
    return buf_str(&b);
}
int32_t connect_error_trailers(const ConnectError *e, Arena *a, Http2Field field[ERROR_FIELDS])
{
    if (!e) {
        field[0] = (Http2Field){S("grpc-status"), S("0")};
        return 1;
    }
    Str text = grpc_clip(e->text, TEXT_BYTES), none = {0};
    Buf percent = buf_new(a), status = buf_new(a), base64 = buf_new(a);
    grpc_percent(&percent, text);
    const GrpcPair meta[] = {
        {S("reason"), e->cls[0]},
        {S("classes"), classes_json(e, a)},
        {S("errorClass"), e->condition.n ? e->condition : none},
        {S("sqlState"), e->sqlstate.n ? e->sqlstate : none},
        {S("messageParameters"), e->condition.n ? params_json(e, a, PARAMS_BYTES) : none},
        {S("errorId"), e->id.n ? e->id : none},
    };
    grpc_status(&status, e->code, text, meta, (int32_t)COUNT(meta));
    grpc_base64(&base64, buf_str(&status));
    field[0] = (Http2Field){S("grpc-status"), str_fmt(a, "%d", (int)e->code)};
    field[1] = (Http2Field){S("grpc-message"), buf_str(&percent)};
    if (e->bare) return 2;
    field[2] = (Http2Field){S("grpc-status-details-bin"), buf_str(&base64)};
    return 3;
}

// ---- FetchErrorDetails -------------------------------------------------------------------------

// Conditions whose exceptions Spark raises without a place, where kappa's texts have one.
static bool placeless(const Failure *f)
{
    static const int32_t cond[] = {COND_INVALID_FORMAT_MISMATCH_INPUT,
                                   COND_NULL_MAP_KEY,
                                   COND_CAST_OVERFLOW,
                                   COND_BINARY_ARITHMETIC_OVERFLOW,
                                   COND_DATETIME_FIELD_OUT_OF_BOUNDS,
                                   COND_CANNOT_PARSE_TIMESTAMP,
                                   COND_UNRESOLVED_USING_COLUMN_FOR_JOIN,
                                   COND_INVALID_IDENTIFIER,
                                   COND_PARSE_SYNTAX_ERROR,
                                   COND_PATH_NOT_FOUND,
                                   COND_UNSUPPORTED_FEATURE_TIME_TRAVEL,
                                   COND_INVALID_INTERVAL_FORMAT_UNMATCHED,
                                   COND_INVALID_INTERVAL_FORMAT_WITH_NOTICE,
                                   COND_INVALID_EXTRACT_FIELD_TYPE,
                                   COND_INVALID_PARAMETER_VALUE_LENGTH};
    bool element = f->cond == COND_INVALID_EXTRACT_BASE_FIELD_TYPE; // x[0], not x.a
    if (element && str_ends(f->fragment, S("]"))) return true;
    bool is = !f->cond || (f->cond == COND_ARITHMETIC_OVERFLOW &&
                           str_find(param_of(f, S("message")), S(" overflow")) >= 0 &&
                           !param_of(f, S("alternative")).n);
    for (int64_t i = 0; i < COUNT(cond); i++) is |= (int32_t)f->cond == cond[i];
    return is;
}
static void write_context(const Failure *f, Buf *b)
{
    enum { SQL = 0, DATAFRAME = 1 };
    int64_t context = proto_begin(b, 3);
    if (f->line) {
        proto_put_int(b, 3, f->start);
        proto_put_int(b, 4, f->start + MAX(utf8_count(f->fragment), 1) - 1);
    }
    proto_put_str(b, 5, f->fragment);
    if (!f->line) proto_put_str(b, 6, f->beside);
    proto_put_str(b, 7, failure_context(b->arena, f));
    proto_put_int(b, 10, f->line ? SQL : DATAFRAME);
    proto_end(b, context);
}
static void write_throwable(const ConnectError *e, Buf *b)
{
    const Failure *f = e->failure;
    int64_t throwable = proto_begin(b, 5);
    proto_put_str(b, 1, e->condition);
    for (int32_t i = 0; i < f->nparams; i++) {
        int64_t pair = proto_begin(b, 2);
        proto_put_str(b, 1, f->param[i].name);
        proto_put_str(b, 2, f->param[i].value);
        proto_end(b, pair);
    }
    if (f->fragment.n && !placeless(f)) write_context(f, b);
    proto_put_str(b, 4, e->sqlstate);
    proto_end(b, throwable);
}
void connect_error_details(const ConnectError *e, Buf *b)
{
    proto_put_int(b, 1, 0);
    int64_t error = proto_begin(b, 2);
    for (int32_t i = 0; i < e->ncls; i++) proto_put_str(b, 1, e->cls[i]);
    proto_put_str(b, 2, e->text);
    if (e->condition.n) write_throwable(e, b);
    proto_end(b, error);
}
