// connect_stream.c -- queries of a session: started, asked, awaited.
#include "serve/connect_stream.h"
#include "base/civil.h"
#include "os/clock.h"
#include "plan/explain.h"
#include "run/statement_files.h"
#include "serve/connect_foreach.h"

#define LOOK (200 * MICROS_PER_MS) // whether the caller still waits

static void put_ids(Buf *b, uint32_t no, const Query *q)
{
    int64_t ids = proto_begin(b, no);
    proto_put_str(b, 1, query_id(q));
    proto_put_str(b, 2, query_run_id(q));
    proto_end(b, ids);
}
static Str iso_now(Arena *a)
{
    char text[40];
    return str_copy(a, str_of(text, civil_format_ms(text, clock_now())));
}

// ---- starting ----------------------------------------------------------------------------------

static Str option_of(const Options *o, Str key)
{
    const Str *v = options_get(o, key);
    return v ? *v : (Str){0};
}
static Status spec_of(QuerySpec *spec, Work *w, const ConnectStream *s)
{
    static const TriggerKind kinds[] = {
        [CONNECT_TRIGGER_EVERY] = TRIGGER_EVERY,
        [CONNECT_TRIGGER_AVAILABLE_NOW] = TRIGGER_AVAILABLE_NOW,
        [CONNECT_TRIGGER_ONCE] = TRIGGER_ONCE,
        [CONNECT_TRIGGER_CONTINUOUS] = TRIGGER_EVERY, // epochs as fast as there are rows
        [CONNECT_TRIGGER_REAL_TIME] = TRIGGER_EVERY,
    };
    *spec = (QuerySpec){.name = s->name,
                        .rel = s->rel,
                        .mode = s->mode,
                        .format = s->format,
                        .path = s->path,
                        .table = s->table,
                        .options = s->options,
                        .listen = streams_heard,
                        .listen_ctx = w->client};
    spec->trigger.kind = kinds[s->trigger];
    if (s->trigger == CONNECT_TRIGGER_EVERY) spec->trigger.every = s->every;
    if (!spec->path.n) spec->path = option_of(&s->options, S("path"));
    if (!spec->format.n)
        spec->format = spec->table.n ? S("iceberg")
                                     : conf_get(w->client->session, S("spark.sql.sources.default"));
    // Iceberg's path may be a table's name.
    if (str_ieq(spec->format, S("iceberg")) && !spec->table.n &&
        str_find_char(spec->path, '/') < 0) {
        spec->table = spec->path;
        spec->path = (Str){0};
    }
    return DONE;
}
// What toTable makes when there is no table of files of the name.
static Status make_file_table(Work *w, const StatementArgs *args, const QuerySpec *spec,
                              const ConnectStream *s, Statement *st)
{
    Arena *a = w->arena;
    Rel *rel = rel_copy(a, s->rel);
    const Str *path = options_get(&s->options, S("path"));
    TRY(analyse(w->client->session, a, &rel));
    st->kind = STMT_CREATE_TABLE;
    st->format = spec->format;
    st->columns = rel_schema(a, rel);
    st->if_exists = true;
    st->npartition = s->npartition;
    st->partition = NEW(a, Transform, s->npartition);
    for (int32_t i = 0; i < s->npartition; i++)
        st->partition[i] = (Transform){.name = S("identity"), .column = s->partition[i]};
    st->properties = s->properties;
    if (path) st->location = *path;
    return create_file_table(args, a, st);
}
// toTable of a table of files writes into its folder.
static Status file_table_of(QuerySpec *spec, Work *w, const ConnectStream *s)
{
    Arena *a = w->arena;
    Statement st = {0};
    FileTable t;
    bool found = false;
    StatementArgs args = {.session = w->client->session,
                          .env = engine_env(w->client->door->engine)};
    if (!spec->table.n) return DONE;
    TRY(parse_name(&st.name, &st.nnames, a, spec->table));
    TRY(find_file_table(&args, a, &st, &t, &found));
    if (!found && is_file_format(spec->format)) {
        TRY(make_file_table(w, &args, spec, s, &st));
        TRY(find_file_table(&args, a, &st, &t, &found));
    }
    if (!found) return DONE;
    spec->table = (Str){0};
    spec->format = t.format;
    spec->path = t.path;
    spec->partition = t.partition;
    spec->npartition = t.npartition;
    for (int64_t i = 0; i < t.options.n; i++) vec_push(a, &spec->options, t.options.v[i]);
    return DONE;
}
// How toTable makes a table that is not there: partitioned by columns as they are.
static Status define_of(QuerySpec *spec, Work *w, const ConnectStream *s)
{
    Arena *a = w->arena;
    if (s->properties.n && !spec->path.n) // a table of files has them by now
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("clusterBy of this stream")),
                     P("needs", S("partitionBy, or toTable of a table of files")));
    if (!s->npartition) return DONE;
    if (!spec->table.n) {
        spec->partition = s->partition;
        spec->npartition = s->npartition;
        return DONE;
    }
    Rel *rel = rel_copy(a, s->rel);
    TRY(analyse(w->client->session, a, &rel));
    TableDef *def = NEW(a, TableDef, 1);
    PartitionField *field = NEW(a, PartitionField, s->npartition);
    def->schema = type_nullable(a, rel_schema(a, rel));
    for (int32_t i = 0; i < s->npartition; i++) {
        field[i] = (PartitionField){.source = type_field(def->schema, s->partition[i])};
        if (field[i].source < 0)
            return RAISE(UNRESOLVED_COLUMN_WITHOUT_SUGGESTION, P("objectName", s->partition[i]));
    }
    def->partition = field;
    def->npartition = s->npartition;
    spec->define = def;
    return DONE;
}
static void streamed_add(Client *c, const Operation *o, Query *q)
{
    ConnectDoor *d = c->door;
    mutex_lock(d->lock);
    Streamed *s = NEW(c->streamed_arena, Streamed, 1);
    s->query = q;
    s->operation = str_copy(c->streamed_arena, o->id);
    for (int64_t i = 0; i < o->tags.n; i++) {
        Str tag = str_copy(c->streamed_arena, o->tags.v[i]);
        vec_push(c->streamed_arena, &s->tags, tag);
    }
    vec_push(c->streamed_arena, &c->streamed, s);
    mutex_unlock(d->lock);
}
// The worker is a client of the session, so it cannot start while this thread has it.
static Status foreach_of(QuerySpec *spec, Work *w, const ConnectStream *s)
{
    work_unlock(w);
    TRY(foreach_start(&spec->foreach, w, &s->foreach));
    work_lock(w);
    spec->format = s->foreach.rows ? S("foreach") : S("foreachBatch");
    return DONE;
}
Status stream_start(Operation *o, Work *w, const ConnectStream *s)
{
    QuerySpec spec = {0};
    Query *q = NULL;
    Client *c = w->client;
    TRY(spec_of(&spec, w, s));
    if (s->foreach.command.n) TRY(foreach_of(&spec, w, s));
    TRY(file_table_of(&spec, w, s));
    if (!spec.npartition) TRY(define_of(&spec, w, s));
    spec.kept = w->arena;
    TRY(engine_start(&q, c->door->engine, c->session, &spec));
    w->kept = true;
    streamed_add(c, o, q);
    work_unlock(w);
    Reply *r = operation_reply(o);
    Buf *b = &r->bytes;
    int64_t result = proto_begin(b, 8);
    put_ids(b, 1, q);
    proto_put_str(b, 2, query_name(q));
    if (streams_have_listener(c)) {
        Buf json = buf_new(w->arena);
        buf_fmt(&json,
                "{\"id\":\"" STR_FMT "\",\"runId\":\"" STR_FMT "\",\"name\":", STR_ARG(query_id(q)),
                STR_ARG(query_run_id(q)));
        if (query_name(q).n)
            buf_json(&json, query_name(q));
        else
            buf_put(&json, S("null"));
        buf_fmt(&json, ",\"timestamp\":\"" STR_FMT "\",\"jobTags\":[]}",
                STR_ARG(iso_now(w->arena)));
        proto_put_str(b, 3, buf_str(&json));
    }
    proto_end(b, result);
    return operation_put(o, r);
}

// ---- a query -----------------------------------------------------------------------------------

static Status find_streamed(Query **out, Client *c, const ConnectQuery *ask)
{
    Query *same_id = NULL;
    *out = NULL;
    mutex_lock(c->door->lock);
    for (int64_t i = 0; i < c->streamed.n; i++) {
        Query *q = c->streamed.v[i]->query;
        if (!str_eq(query_id(q), ask->id)) continue;
        same_id = q;
        if (str_eq(query_run_id(q), ask->run_id)) *out = q;
    }
    mutex_unlock(c->door->lock);
    if (*out) return DONE;
    if (!same_id) return RAISE(CONNECT_STREAMING_QUERY_NOT_FOUND, P("id", ask->id));
    return RAISE(CONNECT_STREAMING_QUERY_RUN_ID_MISMATCH, P("id", ask->id), P("runId", ask->run_id),
                 P("serverRunId", query_run_id(same_id)));
}
static void put_status(Buf *b, Query *q)
{
    QueryStatus st = query_status(q, b->arena);
    int64_t status = proto_begin(b, 2);
    proto_put_str(b, 1, st.message);
    proto_put_int(b, 2, st.data_available);
    proto_put_int(b, 3, st.trigger_active);
    proto_put_int(b, 4, query_active(q));
    proto_end(b, status);
}
static void put_progress(Buf *b, Query *q, bool last)
{
    Str *json;
    int32_t n = query_progress(q, b->arena, &json, true);
    int64_t recent = proto_begin(b, 3);
    for (int32_t i = last ? MAX(n - 1, 0) : 0; i < n; i++) proto_put_str(b, 5, json[i]);
    proto_end(b, recent);
}
// The client wants a class, a colon and the rest.
static void put_exception(Buf *b, Query *q)
{
    int64_t exception = proto_begin(b, 5);
    const Failure *f = query_exception(q);
    if (f) {
        bool ended;
        Status s = query_await(q, 0, &ended); // raises STREAM_FAILED
        ConnectError *e = s.code ? connect_error_new(s, GRPC_OK) : NULL;
        Str text =
            str_fmt(b->arena, "org.apache.spark.sql.streaming.StreamingQueryException: " STR_FMT,
                    STR_ARG(e ? e->text : f->text));
        proto_put_str(b, 1, text);
        proto_put_str(b, 2, S("STREAM_FAILED"));
        connect_error_drop(e);
    }
    proto_end(b, exception);
}
static void put_explain(Buf *b, const Query *q)
{
    Buf text = buf_new(b->arena);
    explain(&text, NULL, query_plan(q), EXPLAIN_SIMPLE);
    int64_t result = proto_begin(b, 4);
    proto_put_str(b, 1, buf_str(&text));
    proto_end(b, result);
}
static Status await(Operation *o, Query *q, Micros timeout, bool *ended)
{
    int64_t until = timeout < 0 ? INT64_MAX : clock_mono_ns() + timeout * 1000;
    *ended = false;
    for (;;) {
        int64_t left = (until - clock_mono_ns()) / 1000;
        TRY(query_await(q, MIN(MAX(left, 0), LOOK), ended));
        if (*ended || left <= 0) return DONE;
        if (shared_get(&o->cancel)) return RAISE(OPERATION_CANCELED);
    }
}
static Status put_await(Operation *o, Buf *b, Query *q, Micros timeout)
{
    bool ended = false;
    TRY(await(o, q, timeout, &ended));
    int64_t result = proto_begin(b, 6);
    proto_put_int(b, 1, ended);
    proto_end(b, result);
    return DONE;
}
static Status call_query(Operation *o, Buf *b, Query *q, const ConnectQuery *ask)
{
    switch (ask->call) {
    case CONNECT_QUERY_STATUS: put_status(b, q); return DONE;
    case CONNECT_QUERY_LAST_PROGRESS: put_progress(b, q, true); return DONE;
    case CONNECT_QUERY_RECENT_PROGRESS: put_progress(b, q, false); return DONE;
    case CONNECT_QUERY_STOP: query_stop(q); return DONE;
    case CONNECT_QUERY_PROCESS_ALL: return query_process_available(q);
    case CONNECT_QUERY_EXPLAIN: put_explain(b, q); return DONE;
    case CONNECT_QUERY_EXCEPTION: put_exception(b, q); return DONE;
    case CONNECT_QUERY_AWAIT: return put_await(o, b, q, ask->timeout);
    }
    must_failed("ConnectQueryCall", __FILE__, __LINE__);
}
Status stream_query(Operation *o, Work *w, const ConnectQuery *ask)
{
    Query *q = NULL;
    work_unlock(w);
    TRY(find_streamed(&q, w->client, ask));
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 9);
    put_ids(&r->bytes, 1, q);
    Status s = call_query(o, &r->bytes, q, ask);
    if (!query_active(q)) streams_tell_ends(w->client);
    proto_end(&r->bytes, result);
    if (!s.code) return operation_put(o, r);
    reply_drop(r);
    return s;
}

// ---- the manager -------------------------------------------------------------------------------

static void put_instance(Buf *b, uint32_t no, const Query *q)
{
    int64_t instance = proto_begin(b, no);
    put_ids(b, 1, q);
    if (query_name(q).n) proto_put_str(b, 2, query_name(q));
    proto_end(b, instance);
}
static Streamed *streamed_at(Client *c, int64_t i) // NULL: there are not so many
{
    mutex_lock(c->door->lock);
    Streamed *s = i < c->streamed.n ? c->streamed.v[i] : NULL;
    mutex_unlock(c->door->lock);
    return s;
}
static void put_active(Buf *b, Client *c)
{
    int64_t active = proto_begin(b, 1);
    Streamed *s;
    for (int64_t i = 0; (s = streamed_at(c, i)); i++)
        if (query_active(s->query)) put_instance(b, 1, s->query);
    proto_end(b, active);
}
static void put_found(Buf *b, Client *c, Str id)
{
    Streamed *s;
    for (int64_t i = 0; (s = streamed_at(c, i)); i++) {
        if (!str_eq(query_id(s->query), id) || !query_active(s->query)) continue;
        put_instance(b, 2, s->query);
        return;
    }
}
// A query that has ended since the last resetTerminated; the failure of one that failed.
static Status look_for_ended(Client *c, bool *ended)
{
    Streamed *s;
    for (int64_t i = 0; (s = streamed_at(c, i)); i++) {
        bool over = false;
        if (s->forgotten || query_active(s->query)) continue;
        *ended = true;
        TRY(query_await(s->query, 0, &over));
    }
    return DONE;
}
static Status put_await_any(Operation *o, Buf *b, Client *c, Micros timeout)
{
    int64_t until = timeout < 0 ? INT64_MAX : clock_mono_ns() + timeout * 1000;
    bool ended = false;
    for (;;) {
        TRY(look_for_ended(c, &ended));
        int64_t left = (until - clock_mono_ns()) / 1000;
        if (ended || left <= 0) break;
        (void)shared_wait(&o->cancel, 0, MIN(left, 20 * MICROS_PER_MS));
        if (shared_get(&o->cancel)) return RAISE(OPERATION_CANCELED);
    }
    int64_t result = proto_begin(b, 3);
    proto_put_int(b, 1, ended);
    proto_end(b, result);
    return DONE;
}
static void reset_terminated(Client *c)
{
    Streamed *s;
    for (int64_t i = 0; (s = streamed_at(c, i)); i++)
        if (!query_active(s->query)) s->forgotten = true;
}
static Status call_manager(Operation *o, Buf *b, Client *c, const ConnectManager *m)
{
    switch (m->call) {
    case CONNECT_MANAGER_ACTIVE: put_active(b, c); return DONE;
    case CONNECT_MANAGER_GET: put_found(b, c, m->id); return DONE;
    case CONNECT_MANAGER_AWAIT_ANY: return put_await_any(o, b, c, m->timeout);
    case CONNECT_MANAGER_RESET:
        reset_terminated(c);
        proto_put_int(b, 4, 1);
        return DONE;
    case CONNECT_MANAGER_ADD_LISTENER:
    case CONNECT_MANAGER_REMOVE_LISTENER:
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("a listener of a 3.5 client")),
                     P("needs", S("a client of 4.0 or newer")));
    case CONNECT_MANAGER_LIST_LISTENERS: proto_put_str(b, 7, S("")); return DONE;
    }
    must_failed("ConnectManagerCall", __FILE__, __LINE__);
}
Status stream_manager(Operation *o, Work *w, const ConnectManager *m)
{
    work_unlock(w);
    Reply *r = operation_reply(o);
    int64_t result = proto_begin(&r->bytes, 11);
    Status s = call_manager(o, &r->bytes, w->client, m);
    proto_end(&r->bytes, result);
    if (!s.code) return operation_put(o, r);
    reply_drop(r);
    return s;
}
