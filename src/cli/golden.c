// golden.c -- runs golden files (slt.h), each in every mode: as written, a row a batch, a crash and
// a restore at every epoch, with workers, with limits at their minimum. All must give what the file
// expects. UPDATE=1 writes what came out into the file instead.
#include "base/civil.h"
#include "cli/slt.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/proc.h"
#include "os/sim.h"
#include "run/batch.h"
#include "run/feed.h"
#include "run/statement.h"
#include <stdio.h>

typedef struct Way { // to run a file
    Str name;
    int32_t batch_rows, small_epoch_rows, lane_rows, workers;
    bool crashes;
    EpochLogLimits limits;
} Way;
static const Way ways[] = {
    {.name = STR_INIT("as-written")},
    {.name = STR_INIT("row-batches"), .batch_rows = 1},
    {.name = STR_INIT("crashes"), .crashes = true},
    {.name = STR_INIT("workers-2"), .workers = 2, .small_epoch_rows = 1, .lane_rows = 2},
    {.name = STR_INIT("workers-8"), .workers = 8, .small_epoch_rows = 1, .lane_rows = 1},
    {.name = STR_INIT("limits"), .lane_rows = 1, .small_epoch_rows = 1, .limits = {1, 1, 1}},
};
static const Str crash_points[] = {STR_INIT("before-stage"), STR_INIT("before-record"),
                                   STR_INIT("after-record"), STR_INIT("after-commit")};

typedef struct Running { // a query of the file
    Str name;
    QuerySpec spec;
    QueryEnv env;
    Arena *arena; // of the query as it runs
    Query *query;
    Catch *caught;
    int64_t read;  // caught epochs that an expect has seen
    int64_t steps; // epochs tried, to choose crash points by
    Mode mode;
    bool batch;
    // since the last expect
    int64_t late, duplicates, removed, epochs, state_rows, watermark;
} Running;
typedef struct Scenario {
    Arena *arena;
    const Way *way;
    Str path;
    Sim *sim;
    Session *session;
    Pool *pool;
    Map feeds;   // Feed by name
    Map queries; // Running by name
    Running *last;
    Str crash;  // point in the next epoch
    Str failed; // condition of the step above, when it failed
    int32_t bad;
    Buf updated; // the file as it should be
    bool update;
} Scenario;

static void complain(Scenario *s, const SltStep *step, const char *what, Str want, Str got)
{
    s->bad++;
    printf("FAIL " STR_FMT ":%d (" STR_FMT "): %s\n  want:\n" STR_FMT "\n  got:\n" STR_FMT "\n",
           STR_ARG(s->path), step->line, STR_ARG(s->way->name), what, STR_ARG(want), STR_ARG(got));
}
static Status note_failure(Scenario *s, Status st)
{
    const Failure *f = failure();
    if (!st.code) return DONE;
    s->failed =
        str_copy(s->arena, f->cond ? condition_of(f->cond)->name : str_z(code_name(f->code)));
    s->failed = str_cat(s->arena, s->failed, str_fmt(s->arena, ": %s", fail_text()));
    return DONE;
}
// -- declarations

static Status columns_of(Scenario *s, Str *rest, const Schema **schema)
{
    int64_t open = str_find_char(*rest, '('), close = str_rfind_char(*rest, ')');
    if (open < 0 || close < open) return fail(ERR_INVALID, "columns in parentheses are missing");
    TRY(schema_parse(schema, s->arena, str_sub(*rest, open + 1, close - open - 1)));
    *rest = str_trim(str_from(*rest, close + 1));
    return DONE;
}
static Status do_stream(Scenario *s, const SltStep *step)
{
    Str rest = step->rest, column = {0};
    Feed *f = NEW(s->arena, Feed, 1);
    f->name = slt_word(&rest);
    f->lane_rows = s->way->lane_rows;
    TRY(columns_of(s, &rest, &f->schema));
    if (str_eq(slt_word(&rest), S("watermark"))) {
        column = slt_word(&rest);
        rest = str_cut(str_cut(rest, '\'').tail, '\'').head;
    }
    map_set(&s->feeds, f->name, f);
    return feed_view(s->session, f, column, rest);
}
static Str json_rows(Scenario *s, const Schema *schema, Str text)
{
    Buf b = buf_new(s->arena);
    while (text.n) {
        Cut cut = str_cut(text, '\n');
        Str row = str_trim(cut.head);
        if (row.n && row.p[0] != '#') slt_json(&b, s->arena, schema, row);
        text = cut.tail;
    }
    return buf_str(&b);
}
static Status do_table(Scenario *s, const SltStep *step)
{
    Str rest = step->rest, name = slt_word(&rest);
    const Schema *schema = NULL;
    TRY(columns_of(s, &rest, &schema));
    return feed_table(s->session, name, schema, json_rows(s, schema, step->text));
}
static Status do_view(Scenario *s, const SltStep *step)
{
    Arena *a = s->session->arena;
    View *v = NEW(a, View, 1);
    Str rest = step->rest, word;
    v->name = slt_word(&rest);
    TRY(parse_query(&v->rel, a, step->text));
    if ((word = slt_word(&rest)).n) {
        VEC(Str) column = {0};
        while (rest.n) vec_push(a, &column, slt_word(&rest));
        bool within = str_eq(word, S("dropDuplicatesWithinWatermark"));
        if (!within && !str_eq(word, S("dropDuplicates")))
            return fail(ERR_INVALID, "not of a view: " STR_FMT, STR_ARG(word));
        v->rel = feed_dedup(a, v->rel, column.v, (int32_t)column.n, within);
    }
    TRY(analyse(s->session, a, &v->rel));
    map_set(&s->session->views, v->name, v);
    return DONE;
}
static Status do_feed(Scenario *s, const SltStep *step)
{
    Feed *f = map_get(&s->feeds, step->rest);
    if (!f) return fail(ERR_NOT_FOUND, "there is no stream " STR_FMT, STR_ARG(step->rest));
    vec_push(s->arena, &f->file, json_rows(s, f->schema, step->text));
    shared_set(&f->visible, f->file.n);
    return DONE;
}
// -- queries

static void tally(void *ctx, const Progress *p)
{
    Running *r = ctx;
    r->epochs++;
    r->state_rows = 0;
    r->watermark = p->watermark;
    for (int32_t i = 0; i < p->nops; i++) {
        r->late += p->op[i].counts.dropped_by_watermark;
        r->state_rows += p->op[i].counts.total;
        r->duplicates += p->op[i].counts.dropped_duplicates;
        r->removed += p->op[i].counts.removed;
    }
}
static Status running_open(Scenario *s, Running *r)
{
    r->arena = arena_new(s->arena);
    QuerySpec spec = r->spec;
    spec.rel = rel_copy(r->arena, r->spec.rel);
    TRY(query_open(&r->query, r->arena, s->session, &r->env, &spec));
    query_listen(r->query, tally, r);
    return DONE;
}
// The process ends: what was not durable is gone with it.
static void running_kill(Scenario *s, Running *r)
{
    if (r->query) query_close(r->query);
    arena_free(r->arena);
    r->query = NULL;
    r->arena = NULL;
    sim_crash(s->sim);
}
static Running *running_new(Scenario *s, Str name, Mode mode)
{
    Running *r = NEW(s->arena, Running, 1);
    r->name = name;
    r->mode = mode;
    r->caught = catch_new(s->arena);
    r->env = (QueryEnv){.pool = s->pool,
                        .data_dir = S("/data"),
                        .batch_rows = s->way->batch_rows,
                        .small_epoch_rows = s->way->small_epoch_rows,
                        .log_limits = s->way->limits,
                        .wants_survive = s->way->crashes};
    feed_hooks(&r->env, r->caught, &s->feeds);
    map_set(&s->queries, r->name, r);
    s->last = r;
    return r;
}
static Status do_query(Scenario *s, const SltStep *step)
{
    static const Str modes[] = {[MODE_APPEND] = STR_INIT("append"),
                                [MODE_UPDATE] = STR_INIT("update"),
                                [MODE_COMPLETE] = STR_INIT("complete")};
    Str rest = step->rest, name = slt_word(&rest);
    int32_t mode = 0;
    while (mode < COUNT(modes) && !str_eq(modes[mode], rest)) mode++;
    if (mode == COUNT(modes)) return fail(ERR_INVALID, "no such mode: " STR_FMT, STR_ARG(rest));
    Running *r = running_new(s, name, (Mode)mode);
    Option place = {S("checkpointLocation"), str_cat(s->arena, S("/checkpoint/"), name)};
    vec_push(s->arena, &r->spec.options, place);
    r->spec.mode = (Mode)mode;
    r->spec.format = S("catch");
    r->spec.name = name;
    Status st = parse_query(&r->spec.rel, s->arena, step->text);
    if (!st.code) st = running_open(s, r);
    return note_failure(s, st);
}
typedef struct TextOut {
    Answer answer;
    Buf text;
    const EvalCtx *eval;
} TextOut;
static Status text_put(Out *out, const Batch *b)
{
    TextOut *t = CONTAINER(CONTAINER(out, Answer, rows), TextOut, answer);
    TextForm form = eval_text_form(t->eval);
    form.null_text = S("NULL");
    for (int32_t i = 0; i < b->rows; i++) {
        for (int32_t c = 0; c < b->cols; c++) {
            if (c) buf_put(&t->text, S("  "));
            if (column_null(&b->col[c], i))
                buf_put(&t->text, S("NULL"));
            else
                value_text(&t->text, &b->col[c], i, &form);
        }
        buf_char(&t->text, '\n');
    }
    return DONE;
}
static Status any_columns(Answer *answer, const Schema *schema)
{
    (void)answer, (void)schema;
    return DONE;
}
static Status run_batch(Scenario *s, Running *r, const SltStep *step)
{
    TextOut t = {.answer = {.schema = any_columns, .rows = {text_put}},
                 .text = buf_new(s->arena),
                 .eval = &s->session->eval};
    StatementArgs args = {.session = s->session, .env = &r->env};
    Statements parsed = {0};
    TRY(parse_statements(&parsed, s->arena, step->text));
    for (int64_t i = 0; i < parsed.n; i++) TRY(statement_run(&args, parsed.v[i], &t.answer));
    CaughtEpoch e = {.texts = buf_str(&t.text)};
    vec_push(s->arena, &r->caught->epoch, e);
    return DONE;
}
static Status do_batch(Scenario *s, const SltStep *step)
{
    Running *r = running_new(s, step->rest, MODE_APPEND);
    r->batch = true;
    return note_failure(s, run_batch(s, r, step));
}
// One query until it has nothing left to do, with the crashes that the way or the file asks for.
static Status run_until_idle(Scenario *s, Running *r)
{
    for (bool ran = true; ran;) {
        Str point = s->crash;
        if (s->way->crashes && !point.n) point = crash_points[r->steps % COUNT(crash_points)];
        s->crash = (Str){0};
        r->steps++;
        if (point.n) {
            running_kill(s, r);
            r->env.crash_at = point;
            TRY(running_open(s, r));
        }
        Status st = query_step(r->query, &ran);
        if (st.code == ERR_CANCELLED && point.n) {
            r->env.crash_at = (Str){0};
            running_kill(s, r);
            TRY(running_open(s, r));
            ran = true;
            continue;
        }
        TRY(st);
    }
    return DONE;
}
static Status do_epoch(Scenario *s)
{
    for (int64_t i = 0; i < s->queries.n; i++) {
        Running *r = s->queries.entry[i].value;
        if (!r->batch && r->query) TRY(note_failure(s, run_until_idle(s, r)));
    }
    return DONE;
}
// -- checks

static void do_expect(Scenario *s, const SltStep *step)
{
    Running *r = map_get(&s->queries, step->rest);
    Buf got = buf_new(s->arena);
    if (!r) return complain(s, step, "there is no such query", step->rest, S(""));
    int64_t from = r->mode == MODE_COMPLETE ? MAX(r->read, r->caught->epoch.n - 1) : r->read;
    for (int64_t i = from; i < r->caught->epoch.n; i++) buf_put(&got, r->caught->epoch.v[i].texts);
    r->read = r->caught->epoch.n;
    s->last = r;
    Str want = slt_rows(s->arena, step->text), rows = slt_rows(s->arena, buf_str(&got));
    if (s->update)
        buf_put(&s->updated, rows);
    else if (!str_eq(want, rows))
        complain(s, step, "other rows", want, rows);
    if (r->caught->differing) complain(s, step, "an epoch came twice with other rows", want, rows);
}
static void do_metric(Scenario *s, const SltStep *step)
{
    Str rest = step->rest, name = slt_word(&rest);
    Running *r = s->last;
    char time[40];
    if (!r) return complain(s, step, "there is no query", rest, S(""));
    const struct {
        Str name;
        int64_t *v;
        bool since; // the last expect
    } metric[] = {{S("late_groups"), &r->late, true},
                  {S("duplicates"), &r->duplicates, true},
                  {S("removed"), &r->removed, true},
                  {S("epochs"), &r->epochs, true},
                  {S("state_rows"), &r->state_rows, false}};
    Str got = S("no such metric");
    for (int64_t i = 0; i < COUNT(metric); i++) {
        if (!str_eq(name, metric[i].name)) continue;
        got = str_fmt(s->arena, "%lld", (long long)*metric[i].v);
        if (metric[i].since) *metric[i].v = 0;
    }
    if (str_eq(name, S("watermark")))
        got = str_copy(s->arena, str_of(time, civil_format_ms(time, r->watermark * MICROS_PER_MS)));
    // An epoch that ends in a crash tells nobody.
    if (!s->way->crashes && !str_eq(got, rest)) complain(s, step, "other metric", rest, got);
}
static Status do_restart(Scenario *s)
{
    for (int64_t i = 0; i < s->queries.n; i++) {
        Running *r = s->queries.entry[i].value;
        if (r->batch || !r->query) continue;
        running_kill(s, r);
        TRY(running_open(s, r));
    }
    return DONE;
}
static void check_failure(Scenario *s, const SltStep *step)
{
    if (step->kind == SLT_ERROR) {
        if (!str_starts(s->failed, step->rest))
            complain(s, step, "other error", step->rest, s->failed);
    } else if (s->failed.n) {
        complain(s, step, "the step before failed", S("no error"), s->failed);
    }
    s->failed = (Str){0};
}
static Status do_step(Scenario *s, const SltStep *step)
{
    switch (step->kind) {
    case SLT_STREAM: return do_stream(s, step);
    case SLT_TABLE: return do_table(s, step);
    case SLT_VIEW: return note_failure(s, do_view(s, step));
    case SLT_SET: {
        Str rest = step->rest, key = slt_word(&rest);
        return conf_set(s->session, str_copy(s->arena, key), rest);
    }
    case SLT_QUERY: return do_query(s, step);
    case SLT_BATCH: return do_batch(s, step);
    case SLT_FEED: return do_feed(s, step);
    case SLT_EPOCH: return do_epoch(s);
    case SLT_RESTART: return do_restart(s);
    case SLT_CRASH: s->crash = step->rest; return DONE;
    case SLT_EXPECT: do_expect(s, step); return DONE;
    case SLT_METRIC: do_metric(s, step); return DONE;
    case SLT_ERROR:
    case SLT_MODES:
    case SLT_KINDS: return DONE;
    }
    must_failed("SltKind", __FILE__, __LINE__);
}
static bool takes_way(const SltSteps *steps, const Way *w)
{
    for (int64_t i = 0; i < steps->n; i++) {
        Str rest = steps->v[i].rest;
        while (steps->v[i].kind == SLT_MODES && rest.n)
            if (str_eq(str_from(slt_word(&rest), 1), w->name)) return false;
    }
    return true;
}
static void run_steps(Scenario *s, const SltSteps *steps)
{
    static const SltStep end = {.kind = SLT_KINDS};
    for (int64_t i = 0; i < steps->n; i++) {
        const SltStep *step = &steps->v[i];
        check_failure(s, step);
        buf_put(&s->updated, step->head);
        Status st = do_step(s, step);
        if (st.code) complain(s, step, "failed", S(""), str_z(fail_text()));
        if (step->kind != SLT_EXPECT) buf_put(&s->updated, step->text);
    }
    check_failure(s, &end);
}
// Tables lie in `ice`, a catalog of folders: SQLite cannot live on a simulated disk.
static Session *new_session(Arena *a)
{
    Catalogs *c = NULL;
    Str dir = S("/warehouse");
    must(catalogs_open(&c, arena_new(a), dir).code == OK);
    catalogs_configure(c, S("spark.sql.catalog.ice"), S("org.apache.iceberg.spark.SparkCatalog"));
    catalogs_configure(c, S("spark.sql.catalog.ice.type"), S("hadoop"));
    catalogs_configure(c, S("spark.sql.catalog.ice.warehouse"), dir);
    Session *s = session_new(a, c);
    s->catalog = S("ice");
    s->now = clock_now;
    return s;
}
// Gives how many complaints there were.
static int32_t run_file(Arena *a, Str path, Str text, const Way *way, bool update)
{
    Scenario s = {.arena = a, .way = way, .path = path, .update = update};
    SltSteps steps = {0};
    if (slt_parse(&steps, a, text).code) {
        printf("FAIL " STR_FMT ": %s\n", STR_ARG(path), fail_text());
        return 1;
    }
    if (!takes_way(&steps, way)) return 0;
    s.sim = sim_new(a, 1, &(SimFaults){0});
    sim_enter(s.sim);
    s.session = new_session(a);
    s.pool = way->workers ? pool_new(a, way->workers) : NULL;
    s.feeds = map_new(a);
    s.queries = map_new(a);
    s.updated = buf_new(a);
    Status set = conf_set(s.session, S("spark.sql.session.timeZone"), S("UTC"));
    if (set.code) s.bad++;
    run_steps(&s, &steps);
    for (int64_t i = 0; i < s.queries.n; i++) {
        Running *r = s.queries.entry[i].value;
        if (r->query) query_close(r->query);
    }
    sim_leave();
    if (update && file_replace(path, buf_str(&s.updated)).code) s.bad++;
    return s.bad;
}
int main(int argc, char **argv)
{
    int32_t bad = 0, runs = 0;
    Arena *all = arena_new(NULL);
    bool update = str_eq(env_get(all, "UPDATE"), S("1"));
    for (int i = 1; i < argc; i++)
        for (int64_t w = 0; w < (update ? 1 : COUNT(ways)); w++) {
            Arena *a = arena_new(NULL);
            Str text = {0}, path = str_z(argv[i]);
            if (file_load(&text, a, path, 1 << 20).code) {
                printf("FAIL %s\n", fail_text());
                bad++;
            } else {
                bad += run_file(a, path, text, &ways[w], update) > 0;
            }
            runs++;
            arena_free(a);
        }
    printf("%d golden files, %d runs, %d bad\n", argc - 1, runs, bad);
    arena_free(all);
    return bad > 0;
}
