// remote_file.c -- see remote_file.h. The SQL keeps its lines: what others take is blanked.
#include "cli/remote_file.h"
#include "conn/source.h"

#define SERVERS "kafka.bootstrap.servers"
#define STORAGE "spark.kappa.pipeline.storage"
#define CHECK   "pipelines.incompatibleViewCheck.enabled"
typedef struct Parting {
    RemoteFile *f;
    Arena *arena;
    Statements all;
    int64_t at;   // the statement that is looked at
    Str *sql;     // of each statement what the graph takes; empty: nothing
    Options conf; // what SET has said so far
} Parting;

static Status unsupported(const Statement *st, Str feature, Str needs)
{
    return statement_fail(RAISE(UNSUPPORTED_FEATURE, P("feature", feature), P("needs", needs)), st);
}

// ---- the SQL -----------------------------------------------------------------------------------

static Str sql_text(const Parting *p, Arena *a)
{
    Buf b = buf_new(a);
    int32_t line = 1;
    for (int64_t i = 0; i < p->all.n; i++) {
        if (!p->sql[i].n) continue;
        for (; line < p->all.v[i]->at.line; line++) buf_char(&b, '\n');
        buf_put(&b, p->sql[i]);
        buf_char(&b, ';');
        for (Cut c = str_cut(p->sql[i], '\n'); c.ok; c = str_cut(c.tail, '\n')) line++;
    }
    return buf_str(&b);
}
static void keep_sql(Parting *p, const Statement *st) { p->sql[p->at] = st->at.text; }
// Spark's pipelines name a catalog and a namespace in a statement each.
static void keep_use(Parting *p, const Statement *st)
{
    Buf b = buf_new(p->arena);
    bool catalog = str_eq(st->key, S("catalog")) || st->nnames > 1;
    for (int32_t i = 0; i < st->nnames; i++) {
        bool first = catalog && i == 0;
        buf_put(&b, first ? S("SET CATALOG ") : i ? S(";USE DATABASE ") : S("USE DATABASE "));
        name_backticks(&b, st->name[i]);
    }
    p->sql[p->at] = buf_str(&b);
}
// The offsets, in the statement, of PARTITIONED and behind the parenthesis that ends its list.
static void clause_of_partition(const Statement *st, int64_t *from, int64_t *end)
{
    static const Str word = STR_INIT("PARTITIONED");
    Str text = st->at.text, last = st->partition[st->npartition - 1].at.text;
    *from = st->partition[0].at.text.p - text.p;
    *end = last.p + last.n - text.p;
    must(*from > word.n && *end < text.n);
    while (!str_ieq(str_sub(text, *from, word.n), word)) (*from)--;
    while (text.p[*end] != ')') (*end)++;
    ++*end;
}
// Spark's pipelines partition by columns only. The rows are the same without.
static void keep_table(Parting *p, const Statement *st)
{
    Buf columns = buf_new(p->arena), left = buf_new(p->arena), b = buf_new(p->arena);
    Str text = st->at.text;
    int64_t from, end;
    keep_sql(p, st);
    for (int32_t i = 0; i < st->npartition; i++) {
        const Transform *t = &st->partition[i];
        Buf *to = str_eq(t->name, S("identity")) ? &columns : &left;
        buf_put(to, to->n ? S(", ") : S(""));
        buf_put(to, t->at.text);
    }
    if (!left.n) return;
    clause_of_partition(st, &from, &end);
    buf_put(&b, str_of(text.p, from));
    if (columns.n) buf_fmt(&b, "PARTITIONED BY (" STR_FMT ")", STR_ARG(buf_str(&columns)));
    buf_put(&b, str_from(text, end));
    p->sql[p->at] = buf_str(&b);
    buf_fmt(&p->f->notices,
            "line %d: Spark's pipelines do not partition by " STR_FMT
            "; the table is made without it\n",
            st->at.line, STR_ARG(buf_str(&left)));
}

// ---- what kappa adds ---------------------------------------------------------------------------

static bool own_key(Str key) { return str_starts(key, S("kappa.")); }
// Keys of kappa's in an output's options or properties: what Spark does as well passes.
static Status check_own(Parting *p, const Statement *st, const Options *o)
{
    for (int64_t i = 0; i < o->n; i++) {
        Str key = o->v[i].key, value = o->v[i].value;
        if (!own_key(key)) continue;
        if (!str_ieq(key, S("kappa.outputMode"))) {
            buf_fmt(&p->f->notices, "line %d: " STR_FMT " means nothing to Spark\n", st->at.line,
                    STR_ARG(key));
        } else if (!str_ieq(value, S("append"))) {
            Str what = str_cat(p->arena, S("a flow on Spark in the output mode "), value);
            return unsupported(st, what, S("append, the only mode of Spark's pipelines"));
        }
    }
    return DONE;
}
// The options as Spark takes them.
static Status spark_options(Parting *p, const Statement *st, Options *to)
{
    for (int64_t i = 0; i < st->options.n; i++)
        if (!own_key(st->options.v[i].key)) vec_push(p->f->arena, to, st->options.v[i]);
    if (!str_ieq(st->format, S("kafka")) || options_get(to, S(SERVERS))) return DONE;
    if (!p->f->kafka.n)
        return statement_fail(fail(ERR_INVALID,
                                   "the log is in kappa: Spark reads and writes it with --kafka "
                                   "HOST:PORT, or by " SERVERS " among the options"),
                              st);
    vec_push(p->f->arena, to, ((Option){S(SERVERS), p->f->kafka}));
    return DONE;
}
static Options *conf_now(Parting *p)
{
    Options *o = NEW(p->f->arena, Options, 1);
    for (int64_t i = 0; i < p->conf.n; i++) vec_push(p->f->arena, o, p->conf.v[i]);
    return o;
}
static Str columns_ddl(Arena *a, const Schema *s)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; s && i < s->nfields; i++) {
        buf_put(&b, i ? S(", ") : S(""));
        name_backticks(&b, s->field[i].name);
        buf_char(&b, ' ');
        type_sql(&b, s->field[i].type);
        buf_put(&b, s->field[i].nullable ? S("") : S(" NOT NULL"));
    }
    return buf_str(&b);
}
static Status add_view(Parting *p, const Statement *st)
{
    Arena *a = p->f->arena;
    Options *o = NEW(a, Options, 1);
    const SourceKind *kind = source_find(st->format);
    TRY(spark_options(p, st, o));
    RemoteView v = {.name = st->name[st->nnames - 1], .st = st};
    v.from = (RemoteFlow){.name = v.name,
                          .target = v.name,
                          .conf = conf_now(p),
                          .format = st->format,
                          .schema = columns_ddl(a, st->columns),
                          .options = o,
                          .streaming = kind && !kind->batches};
    vec_push(a, &p->f->view, v);
    return DONE;
}
static Status add_sink(Parting *p, const Statement *st)
{
    RemoteSink sink = {.name = st->name[st->nnames - 1], .format = st->format};
    TRY(check_own(p, st, &st->options));
    TRY(spark_options(p, st, &sink.options));
    vec_push(p->f->arena, &p->f->sink, sink);
    vec_push(p->f->arena, &p->f->output, sink.name);
    return DONE;
}
static Status add_table(Parting *p, const Statement *st)
{
    TRY(check_own(p, st, &st->properties));
    keep_table(p, st);
    Buf name = buf_new(p->f->arena);
    for (int32_t i = 0; i < st->nnames; i++) {
        buf_put(&name, i ? S(".") : S(""));
        buf_put(&name, st->name[i]);
    }
    vec_push(p->f->arena, &p->f->output, buf_str(&name));
    return DONE;
}

// ---- settings ----------------------------------------------------------------------------------

static void add_set(Parting *p, const Statement *st)
{
    if (str_eq(st->key, S(STORAGE)))
        p->f->storage = st->value;
    else if (!str_starts(st->key, S("spark.kappa."))) {
        keep_sql(p, st);
        if (st->key.n) vec_push(p->arena, &p->conf, ((Option){st->key, st->value}));
    }
}
// What is used before anything is defined is the graph's own.
static void add_use(Parting *p, const Statement *st)
{
    RemoteGraph *g = &p->f->graph;
    bool catalog = str_eq(st->key, S("catalog")) || st->nnames > 1;
    keep_use(p, st);
    if (p->f->output.n || p->f->view.n) return;
    if (catalog) *g = (RemoteGraph){.catalog = st->name[0], .conf = g->conf};
    if (!catalog || st->nnames > 1) g->database = st->name[st->nnames - 1];
}

// ---- the whole ---------------------------------------------------------------------------------

static Status add_statement(Parting *p, const Statement *st)
{
    bool source = st->kind == STMT_CREATE_VIEW && st->format.n && !st->rel;
    bool table =
        st->kind == STMT_CREATE_STREAMING_TABLE || st->kind == STMT_CREATE_MATERIALIZED_VIEW;
    if (source) return add_view(p, st);
    if (table) return add_table(p, st);
    if (st->kind == STMT_CREATE_SINK) return add_sink(p, st);
    if (st->kind == STMT_CREATE_FLOW) return DONE; // when all sinks are known
    if (st->kind == STMT_CREATE_SCHEMA)
        vec_push(p->f->arena, &p->f->first, st->at.text);
    else if (st->kind == STMT_SET)
        add_set(p, st);
    else if (st->kind == STMT_USE)
        add_use(p, st);
    else
        keep_sql(p, st);
    return DONE;
}
static void add_flow(Parting *p, const Statement *st)
{
    bool sink = false;
    for (int64_t i = 0; i < p->f->sink.n && st->ntarget == 1; i++)
        sink |= str_ieq(p->f->sink.v[i].name, st->target[0]);
    if (!sink) {
        keep_sql(p, st);
        return;
    }
    RemoteFlow flow = {.name = st->name[st->nnames - 1],
                       .target = st->target[0],
                       .conf = conf_now(p),
                       .query = st->view_text};
    vec_push(p->f->arena, &p->f->flow, flow);
}
static void mark_read(void *ctx, const Rel *table)
{
    const Parting *p = ctx;
    for (int64_t i = 0; i < p->f->view.n; i++) {
        RemoteView *v = &p->f->view.v[i];
        if (table->nnames != 1 || !str_ieq(v->name, table->name[0])) continue;
        v->from.streaming |= table->is_streaming;
        v->batch |= !table->is_streaming;
    }
}
static Status check_views(const Parting *p)
{
    for (int64_t i = 0; i < p->f->view.n; i++) {
        const RemoteView *v = &p->f->view.v[i];
        const SourceKind *kind = source_find(v->from.format);
        if (!v->batch || !v->from.streaming || (kind && !kind->batches)) continue;
        return unsupported(
            v->st, str_cat(p->f->arena, v->name, S(" read as a stream and as a table, on Spark,")),
            S("a view for each"));
    }
    return DONE;
}
Status remote_file(RemoteFile *f, Arena *a, Str text, Str kafka)
{
    *f = (RemoteFile){.arena = a, .kafka = kafka, .notices = buf_new(a)};
    Parting p = {.f = f, .arena = a};
    // A view over a stream is named plainly in kappa; Spark wants to be told that it is meant so.
    vec_push(a, &f->graph.conf, ((Option){S(CHECK), S("false")}));
    TRY(parse_statements(&p.all, a, str_copy(a, text)));
    p.sql = NEW(a, Str, p.all.n + 1);
    for (p.at = 0; p.at < p.all.n; p.at++) TRY(add_statement(&p, p.all.v[p.at]));
    for (p.at = 0; p.at < p.all.n; p.at++)
        if (p.all.v[p.at]->kind == STMT_CREATE_FLOW) add_flow(&p, p.all.v[p.at]);
    for (int64_t i = 0; i < p.all.n; i++) rel_tables(p.all.v[i]->rel, mark_read, &p);
    TRY(check_views(&p));
    if (!f->output.n) return RAISE(RUN_EMPTY_PIPELINE);
    f->sql = sql_text(&p, a);
    return DONE;
}
