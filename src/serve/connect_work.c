// connect_work.c -- a plan carried out. The session is locked while it is read or changed:
// decoding, analysis, settings, views. Rows flow without the lock.
#include "serve/connect_work.h"
#include "run/batch.h"

enum { PIECE_BYTES = 4 << 20 };

// ---- rows to the client ------------------------------------------------------------------------

static Status sender_flush(Sender *s)
{
    int64_t rows = arrow_writer_rows(s->writer);
    Reply *r = operation_reply(s->operation);
    int64_t bytes = arrow_writer_bytes(s->writer);
    Buf head = buf_new(r->arena);
    proto_put_int(&head, 1, rows);
    proto_put_int(&head, 3, s->sent);
    proto_put_head(&head, 2, bytes);
    buf_room(&r->bytes, head.n + bytes + 16);
    proto_put_head(&r->bytes, 2, head.n + bytes);
    buf_put(&r->bytes, buf_str(&head));
    arrow_writer_take(s->writer, &r->bytes);
    s->sent += rows;
    s->pieces++;
    return operation_put(s->operation, r);
}
// Readers of Arrow refuse a struct with a name twice: there its fields are x_0, x_1. What the
// columns are really called stands in the schema beside.
static const Type *named_once(Arena *a, const Type *t)
{
    Field *field = NEW(a, Field, t->nfields);
    bool twice = false, inner = false;
    for (int32_t i = 0; i < t->nfields; i++) {
        int32_t before = 0, after = 0;
        field[i] = t->field[i];
        field[i].type = named_once(a, field[i].type);
        inner |= field[i].type != t->field[i].type;
        for (int32_t k = 0; t->id == T_STRUCT && k < t->nfields; k++)
            if (k != i && str_eq(t->field[k].name, t->field[i].name))
                *(k < i ? &before : &after) += 1;
        if (!before && !after) continue;
        twice = true;
        field[i].name = str_fmt(a, STR_FMT "_%d", STR_ARG(t->field[i].name), before);
    }
    if (!twice && !inner) return t;
    Type *same = NEW(a, Type, 1);
    *same = *t;
    same->field = field;
    return same;
}
static const Schema *arrow_schema(Arena *a, const Schema *s)
{
    Type *same = NEW(a, Type, 1);
    Field *field = NEW(a, Field, s->nfields);
    for (int32_t i = 0; i < s->nfields; i++) {
        field[i] = s->field[i];
        field[i].type = named_once(a, field[i].type);
    }
    *same = *s;
    same->field = field;
    return same;
}
static Status sender_schema(Answer *answer, const Schema *schema)
{
    Sender *s = CONTAINER(answer, Sender, answer);
    s->writer = arrow_writer_new(s->arena, arrow_schema(s->arena, schema), s->zone);
    if (!s->operation) return DONE;
    Reply *r = operation_reply(s->operation);
    int64_t type = proto_begin(&r->bytes, 7);
    connect_type_write(&r->bytes, schema);
    proto_end(&r->bytes, type);
    return operation_put(s->operation, r);
}
static Status sender_rows(Sender *s, const Batch *b)
{
    int64_t room = s->max_rows - arrow_writer_rows(s->writer);
    if (s->operation && room <= 0) {
        TRY(sender_flush(s));
        room = s->max_rows;
    }
    if (s->operation && b->rows > room) {
        Arena *a = arena_new(NULL);
        Batch head = batch_slice(a, b, 0, (int32_t)room),
              tail = batch_slice(a, b, (int32_t)room, b->rows - (int32_t)room);
        arrow_writer_add(s->writer, &head);
        Status done = sender_flush(s);
        if (!done.code) done = sender_rows(s, &tail);
        arena_free(a);
        return done;
    }
    arrow_writer_add(s->writer, b);
    if (s->operation && arrow_writer_held(s->writer) >= PIECE_BYTES) return sender_flush(s);
    return DONE;
}
static Status sender_put(Out *out, const Batch *b)
{
    Sender *s = CONTAINER(out, Sender, answer.rows);
    int64_t bytes = batch_bytes(b);
    if (bytes <= 4 * (int64_t)PIECE_BYTES || b->rows == 1 || !s->operation)
        return sender_rows(s, b);
    Arena *a = arena_new(NULL); // wide rows
    Status done = DONE;
    int32_t step = (int32_t)MAX(1, b->rows * (int64_t)PIECE_BYTES / bytes);
    for (int32_t at = 0; at < b->rows && !done.code; at += step) {
        Batch part = batch_slice(a, b, at, MIN(step, b->rows - at));
        done = sender_rows(s, &part);
    }
    arena_free(a);
    return done;
}
void sender_begin(Sender *s, Arena *a, Operation *o, const Session *session)
{
    int64_t rows = conf_int(session, S("spark.sql.execution.arrow.maxRecordsPerBatch"));
    *s = (Sender){.answer = {.schema = sender_schema, .rows = {.put = sender_put}},
                  .arena = a,
                  .operation = o,
                  .zone = str_copy(a, conf_get(session, S("spark.sql.session.timeZone"))),
                  .max_rows = rows > 0 ? rows : INT32_MAX};
}
Status sender_end(Sender *s)
{
    if (s->pieces && !arrow_writer_rows(s->writer)) return DONE;
    return sender_flush(s);
}
Str sender_local(Sender *s)
{
    Buf b = buf_new(s->arena);
    int64_t bytes = arrow_writer_bytes(s->writer);
    buf_room(&b, bytes + 64);
    int64_t local = proto_begin(&b, 11);
    proto_put_head(&b, 1, bytes);
    arrow_writer_take(s->writer, &b);
    proto_end(&b, local);
    return buf_str(&b);
}
static Status no_schema(Answer *a, const Schema *schema)
{
    (void)a;
    (void)schema;
    return DONE;
}
static Status no_rows(Out *out, const Batch *b)
{
    (void)out;
    (void)b;
    return DONE;
}
Answer answer_sink(void) { return (Answer){.schema = no_schema, .rows = {.put = no_rows}}; }

// ---- rows at hand, for the decoder -------------------------------------------------------------

typedef struct Gather {
    Answer answer;
    Arena *arena;
    const Schema *schema;
    VEC(Batch) rows;
} Gather;
static Status gather_schema(Answer *a, const Schema *schema)
{
    Gather *g = CONTAINER(a, Gather, answer);
    g->schema = type_copy(g->arena, schema);
    return DONE;
}
static Status gather_put(Out *out, const Batch *b)
{
    Gather *g = CONTAINER(out, Gather, answer.rows);
    Batch copy = batch_copy(g->arena, b);
    vec_push(g->arena, &g->rows, copy);
    return DONE;
}
static Status env_run(void *ctx, Arena *a, const Statement *st, ConnectRows *rows)
{
    Work *w = ctx;
    Gather g = {.answer = {.schema = gather_schema, .rows = {.put = gather_put}}, .arena = a};
    Status s = st->kind == STMT_QUERY ? work_query(w, st->rel, &g.answer)
                                      : work_statement(w, st, &g.answer);
    work_lock(w);
    *rows = (ConnectRows){.schema = g.schema, .batch = g.rows.v, .n = (int32_t)g.rows.n};
    return s;
}
static Status env_blob(void *ctx, Arena *a, Str hash, Str *bytes)
{
    Client *c = ((Work *)ctx)->client;
    Str name = str_fmt(a, "cache/" STR_FMT, STR_ARG(hash));
    mutex_lock(c->door->lock);
    const Str *found = map_get(&c->blobs, name);
    if (found) *bytes = *found;
    mutex_unlock(c->door->lock);
    if (found) return DONE;
    return fail(ERR_NOT_FOUND, "the local data " STR_FMT " were not uploaded", STR_ARG(hash));
}
static Status env_cached(void *ctx, Arena *a, Str id, Rel **rel)
{
    const CachedRel *found = map_get(&((Work *)ctx)->client->cached, id);
    if (!found) return fail(ERR_NOT_FOUND, "no DataFrame is kept under " STR_FMT, STR_ARG(id));
    *rel = rel_copy(a, found->rel);
    return DONE;
}

// ---- plans -------------------------------------------------------------------------------------

void work_begin(Work *w, Client *c, Arena *a, const Shared64 *cancel)
{
    *w = (Work){.client = c, .arena = a, .cancel = cancel, .observed.arena = a};
    w->env = (ConnectEnv){
        .session = c->session, .run = env_run, .blob = env_blob, .cached = env_cached, .ctx = w};
}
void work_lock(Work *w)
{
    if (w->locked) return;
    mutex_lock(w->client->lock);
    w->locked = true;
}
static void free_arena(void *a) { arena_free(a); }
void work_keep(Work *w)
{
    if (!w->kept) arena_defer(w->client->session->arena, free_arena, w->arena);
    w->kept = true;
}
void work_unlock(Work *w)
{
    if (!w->locked) return;
    w->locked = false;
    mutex_unlock(w->client->lock);
}
Status work_decode(Work *w, ConnectPlan *p, Str plan)
{
    work_lock(w);
    return connect_plan(p, &w->env, w->arena, plan);
}
Status work_plan(Work *w, Rel *rel, Plan **plan)
{
    Session *s = w->client->session;
    BatchArgs args = {
        .session = s, .env = engine_env(w->client->door->engine), .cancel = w->cancel};
    work_lock(w);
    batch_attach(s, &args);
    Status planned = plan_batch(s, w->arena, rel, plan);
    batch_attach(s, NULL);
    return planned;
}
Session *work_fork(Work *w)
{
    Session *run = session_fork(w->arena, w->client->session);
    run->observed = &w->observed;
    return run;
}
Status work_query(Work *w, Rel *rel, Answer *to)
{
    Plan *plan = NULL;
    TRY(work_plan(w, rel, &plan));
    Session *run = work_fork(w);
    work_unlock(w);
    TRY(to->schema(to, plan->schema));
    BatchArgs batch = {
        .session = run, .env = engine_env(w->client->door->engine), .cancel = w->cancel};
    return batch_run(&batch, plan, &to->rows);
}
static bool changes_session(const Statement *st);
// What a text that is known says; one that is not may say anything.
static bool text_changes_session(const Statement *st)
{
    Statements inner = {0};
    Arena *a = arena_new(NULL);
    bool known = st->where->kind == E_LITERAL && st->where->type->id == T_STRING;
    known = known && !parse_statements(&inner, a, st->where->value.s).code && inner.n == 1;
    bool changes = !known || changes_session(inner.v[0]);
    arena_free(a);
    return changes;
}
static bool changes_session(const Statement *st)
{
    if (st->kind == STMT_EXECUTE) return st->ninto || text_changes_session(st);
    return st->kind == STMT_DECLARE || st->kind == STMT_SET_VARIABLE ||
           st->kind == STMT_DROP_VARIABLE || st->kind == STMT_SET || st->kind == STMT_RESET ||
           st->kind == STMT_USE || st->kind == STMT_DROP_VIEW || st->kind == STMT_DROP_TABLE ||
           st->kind == STMT_DROP_FUNCTION || st->kind == STMT_REFRESH ||
           st->kind == STMT_ALTER_VIEW || st->kind == STMT_CACHE || statement_stays(st);
}
Status work_statement(Work *w, const Statement *st, Answer *to)
{
    work_lock(w);
    bool change = changes_session(st);
    Session *session = w->client->session;
    if (!change) session = work_fork(w);
    StatementArgs args = {
        .session = session, .env = engine_env(w->client->door->engine), .cancel = w->cancel};
    if (!change) work_unlock(w);
    Status s = statement_run(&args, st, to);
    if (!s.code && statement_stays(st)) work_keep(w);
    work_unlock(w);
    return s;
}
