// sqlgold.c -- runs the statements of one of Spark's SQL golden files (test/sqlgold/README.md):
// sqlgold DATA-FOLDER < {"conf": {...}, "setup": [...], "statements": [...]}. Writes a line of JSON
// a statement: schema and rows as Spark's Hive form prints them, or the error with its parts.
// Whether that is equal is not decided here: tools/sqlgold does.
#include "base/civil.h"
#include "os/proc.h"
#include "run/statement.h"
#include <jansson.h>
#include <stdio.h>

typedef struct Gold {
    Arena *arena;
    Engine *engine;
    Session *session;
} Gold;

// -- values in the form of Spark's command line

static void put_hive(Buf *b, const Column *c, int32_t row, const TextForm *form, bool nested);

static void put_list(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    List list = COLUMN_DATA(c, List)[row];
    buf_char(b, '[');
    for (int32_t k = 0; k < list.n; k++) {
        if (k) buf_char(b, ',');
        put_hive(b, &c->kid[0], list.at + k, form, true);
    }
    buf_char(b, ']');
}
static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}
static void put_map(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    List list = COLUMN_DATA(c, List)[row];
    Arena *a = arena_new(NULL);
    Str *entry = NEW(a, Str, list.n + 1);
    for (int32_t k = 0; k < list.n; k++) {
        Buf e = buf_new(a);
        put_hive(&e, &c->kid[0], list.at + k, form, true);
        buf_char(&e, ':');
        put_hive(&e, &c->kid[1], list.at + k, form, true);
        entry[k] = buf_str(&e);
    }
    qsort(entry, (size_t)list.n, sizeof(Str), by_bytes);
    buf_char(b, '{');
    for (int32_t k = 0; k < list.n; k++) {
        if (k) buf_char(b, ',');
        buf_put(b, entry[k]);
    }
    buf_char(b, '}');
    arena_free(a);
}
static void put_struct(Buf *b, const Column *c, int32_t row, const TextForm *form)
{
    buf_char(b, '{');
    for (int32_t f = 0; f < c->type->nfields; f++) {
        buf_fmt(b, f ? ",\"" STR_FMT "\":" : "\"" STR_FMT "\":", STR_ARG(c->type->field[f].name));
        put_hive(b, &c->kid[f], row, form, true);
    }
    buf_char(b, '}');
}
static void put_months(Buf *b, int32_t months)
{
    int64_t m = months < 0 ? -(int64_t)months : months;
    buf_fmt(b, "%s%lld-%lld", months < 0 ? "-" : "", (long long)(m / 12), (long long)(m % 12));
}
// As Java's Duration, which Spark cuts to the type's last field where rows leave it.
static void put_duration(Buf *b, int64_t micros, int32_t last)
{
    static const int64_t unit[] = {[DT_DAY] = MICROS_PER_DAY,
                                   [DT_HOUR] = MICROS_PER_HOUR,
                                   [DT_MINUTE] = MICROS_PER_MINUTE,
                                   [DT_SECOND] = 1};
    micros -= micros % unit[last];
    uint64_t v = micros < 0 ? -(uint64_t)micros : (uint64_t)micros, second = MICROS_PER_SECOND;
    buf_fmt(b, "%s%llu %02d:%02d:%02d.%09llu", micros < 0 ? "-" : "",
            (unsigned long long)(v / (86400 * second)), (int)(v / (3600 * second) % 24),
            (int)(v / (60 * second) % 60), (int)(v / second % 60),
            (unsigned long long)(v % second) * 1000);
}
static void put_hive(Buf *b, const Column *c, int32_t row, const TextForm *form, bool nested)
{
    TypeId id = c->type->id;
    if (column_null(c, row) || id == T_VOID)
        buf_put(b, nested ? S("null") : S("NULL"));
    else if (id == T_STRING && nested)
        buf_fmt(b, "\"" STR_FMT "\"", STR_ARG(column_str(c, row)));
    else if (id == T_ARRAY)
        put_list(b, c, row, form);
    else if (id == T_MAP)
        put_map(b, c, row, form);
    else if (id == T_STRUCT)
        put_struct(b, c, row, form);
    else if (id == T_INTERVAL_YM)
        put_months(b, COLUMN_DATA(c, int32_t)[row]);
    else if (id == T_INTERVAL_DT)
        put_duration(b, column_i64(c, row), c->type->last);
    else
        value_text(b, c, row, form);
}

// -- answers

typedef struct GoldAnswer {
    Answer answer;
    Arena *arena;
    const EvalCtx *eval;
    Buf schema, rows; // members of JSON lists
} GoldAnswer;

static Status gold_schema(Answer *answer, const Schema *s)
{
    GoldAnswer *g = CONTAINER(answer, GoldAnswer, answer);
    buf_clear(&g->schema);
    for (int32_t i = 0; i < s->nfields; i++) {
        Str type = type_name_str(g->arena, s->field[i].type);
        if (i) buf_char(&g->schema, ',');
        buf_json(&g->schema,
                 str_fmt(g->arena, STR_FMT ":" STR_FMT, STR_ARG(s->field[i].name), STR_ARG(type)));
    }
    return DONE;
}
static Status gold_rows(Out *out, const Batch *batch)
{
    Answer *answer = CONTAINER(out, Answer, rows);
    GoldAnswer *g = CONTAINER(answer, GoldAnswer, answer);
    TextForm form = eval_text_form(g->eval);
    for (int32_t i = 0; i < batch->rows; i++) {
        Arena *a = arena_new(NULL);
        Buf line = buf_new(a);
        for (int32_t c = 0; c < batch->cols; c++) {
            if (c) buf_char(&line, '\t');
            put_hive(&line, &batch->col[c], i, &form, false);
        }
        if (g->rows.n) buf_char(&g->rows, ',');
        buf_json(&g->rows, buf_str(&line));
        arena_free(a);
    }
    return DONE;
}
static void put_error(Buf *b)
{
    const Failure *f = failure();
    const Condition *cond = f->cond ? condition_of(f->cond) : NULL;
    buf_put(b, S("{\"errorClass\":"));
    buf_json(b, cond ? cond->name : str_z(code_name(f->code)));
    buf_put(b, S(",\"sqlState\":"));
    buf_json(b, cond ? cond->sqlstate : S(""));
    buf_put(b, S(",\"text\":"));
    buf_json(b, f->text);
    buf_fmt(b, ",\"line\":%d,\"column\":%d,\"fragment\":", f->line, f->column);
    buf_json(b, f->fragment);
    buf_put(b, S(",\"messageParameters\":{"));
    for (int32_t i = 0; i < f->nparams; i++) {
        if (i) buf_char(b, ',');
        buf_json(b, f->param[i].name);
        buf_char(b, ':');
        buf_json(b, f->param[i].value);
    }
    buf_put(b, S("}}"));
}
// Whether the rows come in the order of a sort: what Spark's own runner asks of the plan.
static bool is_sorted(const Rel *r)
{
    if (!r) return false;
    if (r->kind == REL_SORT) return r->global;
    bool loses = r->kind == REL_JOIN || r->kind == REL_AGGREGATE || r->kind == REL_DISTINCT ||
                 r->kind == REL_GENERATE || r->kind == REL_SAMPLE;
    return !loses && (is_sorted(r->input[0]) || is_sorted(r->input[1]));
}
static bool in_order(const Statement *st)
{
    if (st->kind == STMT_QUERY) return is_sorted(st->rel);
    return st->kind == STMT_DESCRIBE;
}
static Status run_parsed(Gold *gold, Str text, GoldAnswer *g, bool *sorted)
{
    Statements parsed = {0};
    TRY(parse_statements(&parsed, gold->arena, text)); // a view keeps its tree
    for (int64_t i = 0; i < parsed.n; i++) {
        StatementArgs args = {.session = gold->session, .env = engine_env(gold->engine)};
        *sorted = in_order(parsed.v[i]);
        buf_clear(&g->rows);
        TRY(statement_run(&args, parsed.v[i], &g->answer));
    }
    return DONE;
}
static void run_text(Gold *gold, Str text)
{
    Arena *a = arena_new(gold->arena);
    GoldAnswer g = {.answer = {.schema = gold_schema, .rows = {gold_rows}},
                    .arena = a,
                    .eval = &gold->session->eval,
                    .schema = buf_new(a),
                    .rows = buf_new(a)};
    bool sorted = false;
    Status s = run_parsed(gold, text, &g, &sorted);
    Buf line = buf_new(a);
    if (s.code)
        put_error(&line);
    else
        buf_fmt(&line, "{\"sorted\":%s,\"schema\":[" STR_FMT "],\"rows\":[" STR_FMT "]}",
                sorted ? "true" : "false", STR_ARG(buf_str(&g.schema)), STR_ARG(buf_str(&g.rows)));
    buf_char(&line, '\n');
    (void)fwrite(line.p, 1, (size_t)line.n, stdout);
    (void)fflush(stdout);
    arena_free(a);
}
static Str text_of(Arena *a, const json_t *j)
{
    return str_copy(a, str_of(json_string_value(j), (int64_t)json_string_length(j)));
}
static Status run_all(Gold *gold, const json_t *todo)
{
    const char *key;
    json_t *j;
    size_t i;
    Arena *a = gold->arena;
    json_object_foreach(json_object_get(todo, "conf"), key, j)
    {
        // A setting that kappa refuses is no reason not to run the file.
        Status s = conf_set(gold->session, str_copy(a, str_z(key)), text_of(a, j));
        if (s.code) fprintf(stderr, "%s: %s\n", key, fail_text());
    }
    TRY(session_refresh(gold->session));
    json_array_foreach(json_object_get(todo, "statements"), i, j) run_text(gold, text_of(a, j));
    return DONE;
}
static Status run(Gold *gold, Str dir)
{
    Buf text = buf_new(gold->arena), notices = buf_new(gold->arena);
    json_error_t e;
    for (int64_t got = 1; got > 0; text.n += got) TRY(in_read(buf_room(&text, 65536), 65536, &got));
    json_t *todo = json_loadb(text.p, (size_t)text.n, JSON_ALLOW_NUL, &e);
    if (!todo) return fail(ERR_CORRUPT, "standard input: %s", e.text);
    EngineOptions o = {.dir = dir, .command = S("sqlgold"), .workers = 0};
    Status s = engine_open(&gold->engine, gold->arena, &o);
    if (!s.code) {
        gold->session = engine_session(gold->engine);
        gold->session->notices = &notices;
        s = run_all(gold, todo);
        engine_session_end(gold->engine, gold->session);
    }
    json_decref(todo);
    return s;
}
int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: sqlgold DATA-FOLDER < STATEMENTS.json\n", stderr);
        return 2;
    }
    Gold gold = {.arena = arena_new(NULL)};
    Status s = run(&gold, str_z(argv[1]));
    if (s.code) fprintf(stderr, "sqlgold: %s\n", fail_text());
    arena_free(gold.arena);
    return s.code ? 1 : 0;
}
