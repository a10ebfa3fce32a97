// feed.c -- for tests, no part of the program: the source, the sink and the views of tests.
#include "run/feed.h"
#include "base/civil.h"
#include "base/num.h"
#include "base/reader.h"
#include "fmt/json.h"

typedef struct FeedSource {
    Source source;
    const Feed *feed;
} FeedSource;

static int64_t offset_number(Str offset)
{
    int64_t n = 0;
    return num_parse_i64(offset, &n) ? n : 0;
}
static Status feed_start(Source *s, Arena *a, Str *offset)
{
    (void)s;
    *offset = str_copy(a, S("0"));
    return DONE;
}
static Status feed_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to, Str *latest)
{
    const Feed *f = CONTAINER(s, FeedSource, source)->feed;
    int64_t at = offset_number(from), there = shared_get(&f->visible), end = there;
    if (adm->cap.n) end = MIN(end, offset_number(adm->cap));
    *latest = str_fmt(a, "%lld", (long long)there);
    *to = str_fmt(a, "%lld", (long long)(adm->all ? end : MIN(end, at + 1)));
    return DONE;
}
static int64_t line_end(Str text, int64_t at) // index after the line's newline
{
    int64_t n = str_find_char(str_from(text, at), '\n');
    return n < 0 ? text.n : at + n + 1;
}
static Status feed_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes)
{
    const Feed *f = CONTAINER(s, FeedSource, source)->feed;
    for (int64_t i = offset_number(from); i < offset_number(to); i++) {
        Str text = f->file.v[i];
        int64_t most = f->lane_rows ? f->lane_rows : INT64_MAX;
        for (int64_t at = 0; at < text.n;) {
            Lane lane = {.part = (int32_t)i, .from = at};
            for (; lane.rows < most && at < text.n; lane.rows++) at = line_end(text, at);
            lane.to = at;
            vec_push(a, lanes, lane);
        }
    }
    return DONE;
}
static Status put_lines(const Str *line, int64_t n, Arena *a, Out *out)
{
    for (int64_t at = 0; at < n; at += BATCH_ROWS) {
        int32_t rows = (int32_t)MIN(BATCH_ROWS, n - at);
        Column c = column_new(a, &type_string, rows);
        for (int32_t i = 0; i < rows; i++) COLUMN_DATA(&c, Str)[i] = line[at + i];
        TRY(out_put(out, &(Batch){.rows = rows, .cols = 1, .col = &c}));
    }
    return DONE;
}
static Status read_text(const Feed *f, Str text, Arena *a, Out *out)
{
    VEC(Str) line = {0};
    for (int64_t at = 0; at < text.n;) {
        int64_t end = line_end(text, at);
        Str l = str_sub(text, at, end - at);
        if (l.n && l.p[l.n - 1] == '\n') l.n--;
        vec_push(a, &line, l);
        at = end;
    }
    if (f->lines) return put_lines(line.v, line.n, a, out);
    JsonOptions o = {0};
    TRY(json_options_parse(&o, &f->options, NULL, NULL));
    o.source = true;
    o.cast = eval_text_cast(f->eval);
    return json_read_records(json_reader_new(a, f->schema, &o), line.v, line.n, a, out);
}
static Status feed_read(Source *s, const Lane *lane, Arena *scratch, Out *out)
{
    const Feed *f = CONTAINER(s, FeedSource, source)->feed;
    Str text = str_sub(f->file.v[lane->part], lane->from, lane->to - lane->from);
    return read_text(f, text, scratch, out);
}
static const SourceKind source_feed = {.name = STR_INIT("feed"),
                                       .size = sizeof(FeedSource),
                                       .streams = true,
                                       .doc = "texts in a test's hands",
                                       .start = feed_start,
                                       .latest = feed_latest,
                                       .lanes = feed_lanes,
                                       .read = feed_read};
// -- views

Status view_add(Session *s, Str name, Rel *rel)
{
    View *v = NEW(s->arena, View, 1);
    v->name = str_copy(s->arena, name);
    TRY(analyse(s, s->arena, &rel));
    v->rel = rel;
    map_set(&s->views, v->name, v);
    return DONE;
}
static void set_output(Session *s, Rel *r, const Schema *schema)
{
    for (int32_t i = 0; i < schema->nfields; i++) {
        Attr attr = {.id = s->next_attr++, .field = schema->field[i]};
        vec_push(s->arena, &r->out, attr);
    }
}
Status feed_delay(Str text, Micros *delay)
{
    int64_t months = 0;
    TRY(duration_parse(text, &months, delay));
    *delay += months * 31 * MICROS_PER_DAY; // semantics W1
    return DONE;
}
Rel *feed_dedup(Arena *a, Rel *from, const Str *column, int32_t n, bool within_watermark)
{
    Rel *r = rel_new(a, REL_DEDUPLICATE, (Origin){0}, from);
    r->nnames = n;
    r->all_columns = n == 0;
    r->within_watermark = within_watermark;
    r->name = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) r->name[i] = str_copy(a, column[i]);
    return r;
}
Status feed_view(Session *s, Feed *f, Str column, Str delay)
{
    Arena *a = s->arena;
    ReadNode *read = NEW(a, ReadNode, 1);
    f->eval = &s->eval;
    *read = (ReadNode){.kind = READ_SOURCE,
                       .format = S("feed"),
                       .path = f->name,
                       .given = f->schema,
                       .schema = f->schema,
                       .name = f->name,
                       .id = s->next_read++};
    Rel *r = rel_new(a, REL_READ, (Origin){0}, NULL);
    r->read = read;
    r->schema = f->schema;
    r->streaming = true;
    set_output(s, r, f->schema);
    if (!column.n) return view_add(s, f->name, r);
    Rel *w = rel_new(a, REL_WITH_WATERMARK, (Origin){0}, r);
    TRY(feed_delay(delay, &w->delay));
    w->expr = NEW(a, Expr *, 1);
    w->expr[0] = expr_name(a, column);
    w->nexprs = 1;
    return view_add(s, f->name, w);
}
Status feed_table(Session *s, Str name, const Schema *schema, Str text)
{
    Arena *a = s->arena;
    OutKept g = out_kept(a);
    TRY(read_text(&(Feed){.schema = schema, .eval = &s->eval}, text, a, &g.out));
    Rel *r = rel_new(a, REL_LOCAL, (Origin){0}, NULL);
    r->schema = schema;
    r->rows = g.batch.v;
    r->nrows = (int32_t)g.batch.n;
    set_output(s, r, schema);
    return view_add(s, name, r);
}
// -- the sink

typedef struct CatchSink {
    Sink sink;
    Catch *to;
    const EvalCtx *eval;
    Arena *arena; // of the epoch's rows
    Buf rows, texts;
    int64_t n;
} CatchSink;

static Status catch_open(Sink *s, Arena *a, const SinkArgs *args)
{
    CatchSink *c = CONTAINER(s, CatchSink, sink);
    c->to = CONTAINER(args->rows, Catch, out);
    c->eval = args->eval;
    c->arena = arena_new(a);
    c->rows = c->texts = buf_new(c->arena);
    s->description = S("Catch");
    return DONE;
}
static void put_row(CatchSink *c, const Batch *b, int32_t row)
{
    TextForm form = eval_text_form(c->eval);
    Column whole = {.type = c->sink.schema, .kid = b->col, .rows = b->rows};
    value_json(&c->rows, &whole, row, &form);
    buf_char(&c->rows, '\n');
    form.null_text = S("NULL");
    form.binary_hex = true;
    for (int32_t i = 0; i < b->cols; i++) {
        if (i) buf_put(&c->texts, S("  "));
        if (column_null(&b->col[i], row))
            buf_put(&c->texts, form.null_text);
        else
            value_text(&c->texts, &b->col[i], row, &form);
    }
    buf_char(&c->texts, '\n');
    c->n++;
}
static Status catch_take(Sink *s, const SinkEpoch *e, Part *p)
{
    (void)e;
    CatchSink *c = CONTAINER(s, CatchSink, sink);
    for (int64_t i = 0; i < p->nbatches; i++)
        for (int32_t k = 0; k < p->batch[i].rows; k++) put_row(c, &p->batch[i], k);
    return DONE;
}
static void catch_discard(Sink *s)
{
    CatchSink *c = CONTAINER(s, CatchSink, sink);
    arena_clear(c->arena);
    c->rows = c->texts = buf_new(c->arena);
    c->n = 0;
}
static Status catch_stage(Sink *s, const SinkEpoch *e, Buf *receipt)
{
    (void)e;
    CatchSink *c = CONTAINER(s, CatchSink, sink);
    buf_u64le(receipt, (uint64_t)c->n);
    buf_str_u32le(receipt, buf_str(&c->rows));
    buf_str_u32le(receipt, buf_str(&c->texts));
    catch_discard(s);
    return DONE;
}
static Status catch_commit(Sink *s, const SinkEpoch *e, Str receipt)
{
    Catch *c = CONTAINER(s, CatchSink, sink)->to;
    Reader r = reader_of(receipt);
    CaughtEpoch got = {.epoch = e->epoch, .n = (int64_t)reader_u64le(&r)};
    got.rows = str_copy(c->arena, reader_str_u32le(&r));
    got.texts = str_copy(c->arena, reader_str_u32le(&r));
    if (r.bad) return fail(ERR_CORRUPT, "the receipt of epoch %lld", (long long)e->epoch);
    for (int64_t i = 0; i < c->epoch.n; i++) {
        if (c->epoch.v[i].epoch != got.epoch) continue;
        c->again++;
        c->differing |= !str_eq(c->epoch.v[i].rows, got.rows);
        return DONE;
    }
    vec_push(c->arena, &c->epoch, got);
    return DONE;
}
static const SinkKind sink_catch = {.name = STR_INIT("catch"),
                                    .size = sizeof(CatchSink),
                                    .modes = SINK_APPEND | SINK_UPDATE | SINK_COMPLETE,
                                    .exactly_once = true,
                                    .doc = "rows in a test's hands",
                                    .open = catch_open,
                                    .take = catch_take,
                                    .stage = catch_stage,
                                    .commit = catch_commit,
                                    .discard = catch_discard};
Catch *catch_new(Arena *a)
{
    Catch *c = NEW(a, Catch, 1);
    c->arena = a;
    return c;
}
static Status open_source(void *ctx, Source **out, Arena *a, const ReadNode *r)
{
    FeedSource *s = NEW(a, FeedSource, 1);
    s->feed = map_get(ctx, r->path);
    must(s->feed);
    s->source = (Source){.kind = &source_feed,
                         .schema = r->schema,
                         .limit = -1,
                         .description = str_fmt(a, "Feed[" STR_FMT "]", STR_ARG(s->feed->name)),
                         .arena = a};
    *out = &s->source;
    return DONE;
}
void feed_hooks(QueryEnv *env, Catch *c, Map *feeds)
{
    env->hooks =
        (QueryHooks){.source = open_source, .sink = &sink_catch, .rows = &c->out, .ctx = feeds};
}
