// oracle.c -- runs cases recorded on Apache Spark (test/oracle/README.md) and writes what came out
// in the shape of their expected/ folders: oracle OUT CASE... Whether that is equal is not decided
// here: test/oracle/compare.py does.
#include "os/file.h"
#include "run/batch.h"
#include "run/feed.h"
#include <jansson.h>
#include <stdio.h>

typedef struct Case {
    Arena *arena;
    Str dir, out;
    json_t *json;
    Str mode;
    Session *session;
    QueryEnv env;
    Map feeds;
    Catch *caught;
    Query *query;
    Arena *query_arena;
    QuerySpec spec;
    Buf progress;
    bool ran; // an epoch was tried
} Case;

static Str text_of(const json_t *j) { return str_z(json_string_value(j)); }
static Str member(const json_t *j, const char *key) { return text_of(json_object_get(j, key)); }
static Str path_of(Case *c, const char *fmt, Str x)
{
    return path_join(c->arena, c->dir, str_fmt(c->arena, fmt, STR_ARG(x)));
}
static Status schema_of(Case *c, const json_t *j, const Schema **schema)
{
    return schema_parse(schema, c->session->arena, member(j, "schema"));
}
// -- what the query sees

static Status load_stream(Case *c, Str name, const json_t *j)
{
    Arena *a = c->session->arena;
    Feed *f = NEW(a, Feed, 1);
    f->name = str_copy(a, name);
    f->lines = str_eq(member(j, "format"), S("text"));
    if (f->lines)
        TRY(schema_parse(&f->schema, a, S("value STRING")));
    else
        TRY(schema_of(c, j, &f->schema));
    Entries names = {0};
    Str folder = path_of(c, "input/" STR_FMT, name);
    TRY(dir_list(&names, a, folder));
    for (int64_t i = 0; i < names.n; i++) {
        Str text = {0};
        TRY(file_load(&text, a, path_join(a, folder, names.v[i].name), 1 << 24));
        vec_push(a, &f->file, text);
    }
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(j, "options"), key, value)
    {
        Option o = {str_copy(a, str_z(key)), str_copy(a, text_of(value))};
        vec_push(a, &f->options, o);
    }
    map_set(&c->feeds, f->name, f);
    const json_t *w = json_object_get(j, "watermark");
    return feed_view(c->session, f, member(w, "column"), member(w, "delay"));
}
static Status load_table(Case *c, Str name, const json_t *j)
{
    const Schema *schema = NULL;
    Str text = {0};
    TRY(schema_of(c, j, &schema));
    TRY(file_load(&text, c->session->arena, path_of(c, "static/" STR_FMT ".jsonl", name), 1 << 24));
    return feed_table(c->session, str_copy(c->session->arena, name), schema, text);
}
static Rel *dedup_rel(Arena *a, Rel *from, const json_t *list, bool within)
{
    int32_t n = (int32_t)json_array_size(list);
    Str *column = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) column[i] = text_of(json_array_get(list, (size_t)i));
    return feed_dedup(a, from, column, n, within);
}
// The relation of a view: SQL, or another view with what a DataFrame method puts on it.
static Status view_rel(Case *c, const json_t *j, Rel **rel)
{
    Arena *a = c->session->arena;
    const json_t *w = json_object_get(j, "withWatermark"),
                 *d = json_object_get(j, "dropDuplicates");
    const json_t *within = json_object_get(j, "dropDuplicatesWithinWatermark");
    if (json_object_get(j, "sql")) return parse_query(rel, a, str_copy(a, member(j, "sql")));
    Str from = str_fmt(a, "SELECT * FROM " STR_FMT, STR_ARG(member(j, "from")));
    TRY(parse_query(rel, a, from));
    if (w) {
        Rel *r = rel_new(a, REL_WITH_WATERMARK, (Origin){0}, *rel);
        TRY(feed_delay(member(w, "delay"), &r->delay));
        r->expr = NEW(a, Expr *, 1);
        r->expr[0] = expr_name(a, str_copy(a, member(w, "column")));
        r->nexprs = 1;
        *rel = r;
    }
    if (d) *rel = dedup_rel(a, *rel, d, false);
    if (within) *rel = dedup_rel(a, *rel, within, true);
    return DONE;
}
static Status load_view(Case *c, const json_t *j)
{
    Rel *rel = NULL;
    TRY(view_rel(c, j, &rel));
    return view_add(c->session, member(j, "name"), rel);
}
static Status load(Case *c)
{
    const char *key;
    json_t *j;
    size_t i;
    must(c->session);
    TRY(conf_set(c->session, S("spark.sql.session.timeZone"), S("UTC")));
    TRY(conf_set(c->session, S("spark.kappa.strict"), S("true"))); // as Spark, without extensions
    json_object_foreach(json_object_get(c->json, "conf"), key, j)
        TRY(conf_set(c->session, str_copy(c->arena, str_z(key)), str_copy(c->arena, text_of(j))));
    TRY(session_refresh(c->session)); // tables are read at once
    json_object_foreach(json_object_get(c->json, "streams"), key, j)
        TRY(load_stream(c, str_z(key), j));
    json_object_foreach(json_object_get(c->json, "tables"), key, j)
        TRY(load_table(c, str_z(key), j));
    json_array_foreach(json_object_get(c->json, "views"), i, j) TRY(load_view(c, j));
    return DONE;
}
// -- what comes out

static Status put_file(Case *c, Str name, Str content)
{
    File *f = NULL;
    TRY(file_open(&f, c->arena, path_join(c->arena, c->out, name), FILE_WRITE));
    TRY(file_write(f, 0, content));
    file_close(f);
    return DONE;
}
static Status put_schema(Case *c, const Schema *s)
{
    Buf b = buf_new(c->arena);
    buf_char(&b, '[');
    for (int32_t i = 0; i < s->nfields; i++) {
        buf_put(&b, i ? S(",\n {\"name\": ") : S("{\"name\": "));
        buf_json(&b, s->field[i].name);
        buf_put(&b, S(", \"type\": "));
        buf_json(&b, type_name_str(c->arena, s->field[i].type));
        buf_char(&b, '}');
    }
    buf_put(&b, S("]\n"));
    return put_file(c, S("schema.json"), buf_str(&b));
}
static Status put_error(Case *c, const char *phase, int64_t batch)
{
    const Failure *f = failure();
    const Condition *cond = f->cond ? condition_of(f->cond) : NULL;
    Buf b = buf_new(c->arena);
    buf_fmt(&b, "{\"phase\": \"%s\", \"condition\": ", phase);
    buf_json(&b, cond ? cond->name : str_z(code_name(f->code)));
    buf_put(&b, S(", \"sqlState\": "));
    buf_json(&b, cond ? cond->sqlstate : S(""));
    buf_put(&b, S(", \"message\": "));
    buf_json(&b, f->text);
    if (batch >= 0) buf_fmt(&b, ", \"batch\": %lld", (long long)batch);
    buf_put(&b, S("}\n"));
    return put_file(c, S("error.json"), buf_str(&b));
}
static void note_progress(void *ctx, const Progress *p)
{
    Case *c = ctx;
    progress_json(&c->progress, p, false);
    buf_char(&c->progress, '\n');
}
// -- running

typedef struct JsonOut {
    Out out;
    Buf text;
    const Schema *schema;
    const EvalCtx *eval;
} JsonOut;
static Status json_put(Out *out, const Batch *b)
{
    JsonOut *j = CONTAINER(out, JsonOut, out);
    TextForm form = eval_text_form(j->eval);
    Column whole = {.type = j->schema, .kid = b->col, .rows = b->rows};
    for (int32_t i = 0; i < b->rows; i++) {
        value_json(&j->text, &whole, i, &form);
        buf_char(&j->text, '\n');
    }
    return DONE;
}
static Status run_batch(Case *c, Rel *rel)
{
    Plan *plan = NULL;
    TRY(plan_batch(c->session, c->arena, rel, &plan));
    JsonOut out = {.out = {json_put},
                   .text = buf_new(c->arena),
                   .schema = plan->schema,
                   .eval = &c->session->eval};
    TRY(batch_run(&(BatchArgs){.session = c->session, .env = &c->env}, plan, &out.out));
    return put_file(c, S("000.jsonl"), buf_str(&out.text));
}
static Status start(Case *c)
{
    if (c->query) query_close(c->query);
    if (c->query_arena) arena_free(c->query_arena);
    c->query = NULL;
    c->query_arena = arena_new(c->arena);
    QuerySpec spec = c->spec;
    spec.rel = rel_copy(c->query_arena, c->spec.rel);
    TRY(query_open(&c->query, c->query_arena, c->session, &c->env, &spec));
    query_listen(c->query, note_progress, c);
    return DONE;
}
static Status run_idle(Case *c)
{
    for (bool ran = true; ran;) {
        c->ran = true;
        TRY(query_step(c->query, &ran));
    }
    return DONE;
}
static Status run_step(Case *c, const json_t *step)
{
    const char *key;
    json_t *j;
    if (json_is_true(json_object_get(step, "restart")))
        TRY(start(c));
    else
        json_object_foreach((json_t *)step, key, j)
        {
            Feed *f = map_get(&c->feeds, str_z(key));
            int64_t more = (int64_t)json_integer_value(j);
            shared_set(&f->visible, MIN(f->file.n, shared_get(&f->visible) + more));
        }
    return run_idle(c);
}
static Status run_stream(Case *c)
{
    const json_t *steps = json_object_get(c->json, "steps");
    for (size_t i = 0; i < json_array_size(steps); i++) TRY(run_step(c, json_array_get(steps, i)));
    if (json_array_size(steps)) return DONE;
    for (int64_t i = 0; i < c->feeds.n; i++) {
        Feed *f = c->feeds.entry[i].value;
        shared_set(&f->visible, f->file.n);
    }
    return run_idle(c);
}
static Status put_epochs(Case *c)
{
    for (int64_t i = 0; i < c->caught->epoch.n; i++) {
        const CaughtEpoch *e = &c->caught->epoch.v[i];
        TRY(put_file(c, str_fmt(c->arena, "%03lld.jsonl", (long long)e->epoch), e->rows));
    }
    return put_file(c, S("progress.jsonl"), buf_str(&c->progress));
}
static Mode mode_of(Str text)
{
    return str_eq(text, S("update"))     ? MODE_UPDATE
           : str_eq(text, S("complete")) ? MODE_COMPLETE
                                         : MODE_APPEND;
}
static Status stream_case(Case *c, Rel *rel)
{
    Option place = {S("checkpointLocation"), path_join(c->arena, c->out, S("checkpoint"))};
    c->spec = (QuerySpec){.rel = rel, .mode = mode_of(c->mode), .format = S("catch")};
    vec_push(c->arena, &c->spec.options, place);
    TRY(dir_remove_all(place.value));
    Status st = start(c);
    if (st.code) {
        TRY(put_error(c, "start", -1));
        return put_epochs(c);
    }
    st = run_stream(c);
    if (st.code) TRY(put_error(c, "run", c->caught->epoch.n));
    return put_epochs(c);
}
// Answers of the case, its errors included, go to the out folder; a failure here is the runner's.
static Status run_case(Case *c)
{
    Str sql = {0};
    Rel *rel = NULL, *copy = NULL;
    bool batch = str_eq(c->mode, S("batch"));
    TRY(file_load(&sql, c->arena, path_of(c, "query.sql" STR_FMT, (Str){0}), 1 << 20));
    Status st = load(c);
    if (!st.code) st = parse_query(&rel, c->session->arena, sql);
    if (!st.code) {
        copy = rel_copy(c->arena, rel);
        st = analyse(c->session, c->arena, &copy);
    }
    if (st.code) return put_error(c, "analysis", -1);
    TRY(put_schema(c, rel_schema(c->arena, copy)));
    if (!batch) return stream_case(c, rel);
    st = optimise(c->session, c->arena, &copy); // what it refuses is no query either
    if (st.code) return put_error(c, "analysis", -1);
    st = run_batch(c, rel);
    return st.code ? put_error(c, "run", -1) : DONE;
}
static Status open_case(Case *c, Arena *a, Str out, Str dir)
{
    Str text = {0};
    json_error_t e;
    *c = (Case){.arena = a, .dir = dir, .out = path_join(a, out, path_base(dir))};
    TRY(dir_remove_all(c->out));
    TRY(dir_make(c->out));
    TRY(file_load(&text, a, path_join(a, dir, S("case.json")), 1 << 20));
    c->json = json_loadb(text.p, (size_t)text.n, 0, &e);
    if (!c->json) return fail(ERR_CORRUPT, STR_FMT "/case.json: %s", STR_ARG(dir), e.text);
    c->mode = member(c->json, "mode");
    c->session = session_new(a, NULL);
    c->caught = catch_new(a);
    c->feeds = map_new(a);
    c->progress = buf_new(a);
    c->env = (QueryEnv){.data_dir = c->out};
    feed_hooks(&c->env, c->caught, &c->feeds);
    return DONE;
}
int main(int argc, char **argv)
{
    int bad = 0;
    if (argc < 3) {
        puts("usage: oracle OUT CASE...");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        Arena *a = arena_new(NULL);
        Case c = {0};
        Status s = open_case(&c, a, str_z(argv[1]), str_z(argv[i]));
        if (!s.code) s = run_case(&c);
        if (s.code) {
            printf("%s: %s\n", argv[i], fail_text());
            bad = 1;
        }
        if (c.query) query_close(c.query);
        if (c.json) json_decref(c.json);
        arena_free(a);
    }
    return bad;
}
