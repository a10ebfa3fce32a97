// connect_analyze.c -- AnalyzePlan: what can be said of a plan without running it; and
// CloneSession.
#include "base/hash.h"
#include "base/version.h"
#include "os/clock.h"
#include "plan/explain.h"
#include "plan/kept.h"
#include "serve/connect_work.h"

typedef enum Analysis { // members of the request
    ANALYSE_SCHEMA = 4,
    ANALYSE_EXPLAIN,
    ANALYSE_TREE_STRING,
    ANALYSE_IS_LOCAL,
    ANALYSE_IS_STREAMING,
    ANALYSE_INPUT_FILES,
    ANALYSE_SPARK_VERSION,
    ANALYSE_DDL_PARSE,
    ANALYSE_SAME_SEMANTICS,
    ANALYSE_SEMANTIC_HASH,
    ANALYSE_PERSIST,
    ANALYSE_UNPERSIST,
    ANALYSE_STORAGE_LEVEL,
    ANALYSE_JSON_TO_DDL = 18,
} Analysis;

static Status plan_in(Work *w, const Proto *m, uint32_t no, Rel **rel)
{
    ConnectPlan p = {0};
    TRY(work_decode(w, &p, proto_str(m, no)));
    if (p.kind != CONNECT_QUERY)
        return fail(ERR_INVALID, "a command cannot be analysed, only executed");
    *rel = p.rel;
    return DONE;
}
static Status analysed(Work *w, const Proto *m, uint32_t no, Rel **rel)
{
    TRY(plan_in(w, m, no, rel));
    return analyse(w->client->session, w->arena, rel);
}
static void put_text(Buf *b, uint32_t no, Str text) // a message of one text
{
    int64_t m = proto_begin(b, no);
    proto_put_str(b, 1, text);
    proto_end(b, m);
}
static void put_number(Buf *b, uint32_t no, int64_t v)
{
    int64_t m = proto_begin(b, no);
    proto_put_int(b, 1, v);
    proto_end(b, m);
}
static void put_type(Buf *b, uint32_t no, const Type *t)
{
    int64_t m = proto_begin(b, no), type = proto_begin(b, 1);
    connect_type_write(b, t);
    proto_end(b, type);
    proto_end(b, m);
}
static Status do_explain(Work *w, const Proto *m, Buf *b)
{
    static const ExplainMode modes[] = {EXPLAIN_SIMPLE,  EXPLAIN_SIMPLE, EXPLAIN_EXTENDED,
                                        EXPLAIN_CODEGEN, EXPLAIN_COST,   EXPLAIN_FORMATTED};
    Rel *rel = NULL;
    Plan *plan = NULL;
    Session *s = w->client->session;
    Buf text = buf_new(w->arena);
    int64_t mode = proto_int(m, 2);
    TRY(plan_in(w, m, 1, &rel));
    const Rel *parsed = rel_copy(w->arena, rel);
    TRY(analyse(s, w->arena, &rel));
    if (rel->streaming) {
        // Before it is started a stream has no mode: the one that its shape allows.
        Mode as = check_stream(s, rel, MODE_APPEND).code ? MODE_COMPLETE : MODE_APPEND;
        TRY(plan_stream(s, w->arena, rel_copy(w->arena, parsed), as, &plan));
    } else {
        TRY(work_plan(w, rel_copy(w->arena, parsed), &plan));
    }
    explain(&text, parsed, plan, mode > 0 && mode < COUNT(modes) ? modes[mode] : EXPLAIN_SIMPLE);
    put_text(b, 3, buf_str(&text));
    return DONE;
}
static Status do_tree(Work *w, const Proto *m, Buf *b)
{
    Rel *rel = NULL;
    Buf text = buf_new(w->arena);
    TRY(analysed(w, m, 1, &rel));
    type_tree(&text, rel_schema(w->arena, rel));
    put_text(b, 4, buf_str(&text));
    return DONE;
}
static void list_files(const Rel *r, Buf *b)
{
    for (int32_t i = 0; r && i < 2; i++) list_files(r->input[i], b);
    if (r && r->kind == REL_READ && r->read->kind == READ_SOURCE && r->read->path.n)
        proto_put_str(b, 1, r->read->path);
}
static Status do_input_files(Work *w, const Proto *m, Buf *b)
{
    Rel *rel = NULL;
    TRY(analysed(w, m, 1, &rel));
    int64_t files = proto_begin(b, 7);
    list_files(rel, b);
    proto_end(b, files);
    return DONE;
}
static Status semantics_text(Work *w, const Proto *m, uint32_t no, Str *text)
{
    Rel *rel = NULL;
    TRY(analysed(w, m, no, &rel));
    *text = kept_semantics(w->arena, rel);
    return DONE;
}
static Status do_same(Work *w, const Proto *m, Buf *b)
{
    Str one, other;
    TRY(semantics_text(w, m, 1, &one));
    TRY(semantics_text(w, m, 2, &other));
    put_number(b, 10, str_eq(one, other));
    return DONE;
}
static Status do_hash(Work *w, const Proto *m, Buf *b)
{
    Str text;
    TRY(semantics_text(w, m, 1, &text));
    put_number(b, 11, (int32_t)hash_bytes(text));
    return DONE;
}
static Status do_ddl(Work *w, Str ddl, Buf *b)
{
    const Type *t = NULL;
    Str fields = str_fmt(w->arena, "struct<" STR_FMT ">", STR_ARG(ddl)); // "a: int, b: string"
    if (schema_parse(&t, w->arena, ddl).code && type_parse(&t, w->arena, ddl).code &&
        type_parse(&t, w->arena, fields).code)
        TRY(type_parse(&t, w->arena, ddl)); // its failure is the one to tell
    put_type(b, 9, t);
    return DONE;
}
static void ddl_of(Buf *b, const Schema *s)
{
    for (int32_t i = 0; i < s->nfields; i++) {
        const Field *f = &s->field[i];
        if (i) buf_char(b, ',');
        name_quoted(b, f->name);
        buf_char(b, ' ');
        type_sql(b, f->type);
        if (!f->nullable) buf_put(b, S(" NOT NULL"));
        if (f->comment.n) buf_fmt(b, " COMMENT '" STR_FMT "'", STR_ARG(f->comment));
    }
}
static Status do_json_to_ddl(Work *w, Str json, Buf *b)
{
    const Type *t = NULL;
    Buf text = buf_new(w->arena);
    TRY(type_from_json(&t, w->arena, json));
    if (t->id == T_STRUCT)
        ddl_of(&text, t);
    else
        type_sql(&text, t);
    put_text(b, 16, buf_str(&text));
    return DONE;
}
static KeptLevel level_of(const Proto *m)
{
    return (KeptLevel){.disk = proto_bool(m, 1),
                       .memory = proto_bool(m, 2),
                       .off_heap = proto_bool(m, 3),
                       .deserialized = proto_bool(m, 4),
                       .replication = (int32_t)proto_int(m, 5)};
}
static void put_level(Buf *b, const KeptLevel *level)
{
    int64_t m = proto_begin(b, 1);
    proto_put_int(b, 1, level->disk);
    proto_put_int(b, 2, level->memory);
    proto_put_int(b, 3, level->off_heap);
    proto_put_int(b, 4, level->deserialized);
    proto_put_int(b, 5, level->replication);
    proto_end(b, m);
}
// persist, unpersist and the storage level of a relation.
static Status do_kept(Work *w, Analysis which, const Proto *m, Buf *b)
{
    static const KeptLevel none = {.replication = 1};
    Rel *rel = NULL;
    Proto said;
    Session *s = w->client->session;
    work_lock(w);
    TRY(connect_relation(&rel, &w->env, w->arena, proto_str(m, 1)));
    TRY(analyse(s, w->arena, &rel));
    TRY(proto_sub(m, 2, &said));
    int64_t done = proto_begin(b, (uint32_t)which - 2);
    if (which == ANALYSE_PERSIST) {
        KeptLevel level = said.present ? level_of(&said) : kept_usual;
        kept_mark(s, rel, &level);
    } else if (which == ANALYSE_UNPERSIST) {
        kept_unmark(s, rel);
    } else {
        const KeptLevel *level = kept_level(s, w->arena, rel);
        put_level(b, level ? level : &none);
    }
    proto_end(b, done);
    return DONE;
}
static Status do_one(Work *w, Analysis which, const Proto *m, Buf *b)
{
    Rel *rel = NULL;
    switch (which) {
    case ANALYSE_SCHEMA:
        TRY(analysed(w, m, 1, &rel));
        put_type(b, 2, rel_schema(w->arena, rel));
        return DONE;
    case ANALYSE_EXPLAIN: return do_explain(w, m, b);
    case ANALYSE_TREE_STRING: return do_tree(w, m, b);
    case ANALYSE_IS_LOCAL:
        TRY(analysed(w, m, 1, &rel));
        put_number(b, 5, rel->kind == REL_LOCAL);
        return DONE;
    case ANALYSE_IS_STREAMING:
        TRY(analysed(w, m, 1, &rel));
        put_number(b, 6, rel->streaming);
        return DONE;
    case ANALYSE_INPUT_FILES: return do_input_files(w, m, b);
    case ANALYSE_SPARK_VERSION: put_text(b, 8, S(SPARK_VERSION)); return DONE;
    case ANALYSE_DDL_PARSE: return do_ddl(w, proto_str(m, 1), b);
    case ANALYSE_SAME_SEMANTICS: return do_same(w, m, b);
    case ANALYSE_SEMANTIC_HASH: return do_hash(w, m, b);
    case ANALYSE_PERSIST:
    case ANALYSE_UNPERSIST:
    case ANALYSE_STORAGE_LEVEL: return do_kept(w, which, m, b);
    case ANALYSE_JSON_TO_DDL: return do_json_to_ddl(w, proto_str(m, 1), b);
    }
    return fail(ERR_UNSUPPORTED, "AnalyzePlan of a kind that kappa does not know (%d)", (int)which);
}
Status connect_analyze(Rpc *r, Str request, Buf *answer)
{
    Proto p, member;
    uint32_t which = 0;
    TRY(proto_open(&p, request));
    for (uint32_t no = ANALYSE_SCHEMA; no <= ANALYSE_JSON_TO_DDL; no++)
        if (no != 17 && proto_has(&p, no)) which = no;
    TRY(proto_sub(&p, which, &member));
    put_session(r, answer, 1, 15);
    Work w;
    work_begin(&w, r->client, arena_new(NULL), NULL);
    Status s = do_one(&w, (Analysis)which, &member, answer);
    work_unlock(&w);
    arena_free(w.arena);
    return s;
}

// ---- CloneSession ------------------------------------------------------------------------------

static Status copy_session(Session *to, const Session *from)
{
    for (int64_t i = 0; i < from->conf.n; i++)
        TRY(conf_set(to, from->conf.entry[i].key, *(const Str *)from->conf.entry[i].value));
    for (int64_t i = 0; i < from->views.n; i++) {
        const View *v = from->views.entry[i].value;
        View own = *v;
        if (!v->rel) continue;
        own.rel = rel_copy(to->arena, v->rel);
        if (v->parsed) own.parsed = rel_copy(to->arena, v->parsed);
        TRY(session_put_view(to, v->name, &own, true));
    }
    for (int64_t i = 0; i < from->functions.n; i++) // they live as long as the origin
        map_set(&to->functions, from->functions.entry[i].key, from->functions.entry[i].value);
    to->catalog = str_copy(to->arena, from->catalog);
    to->ns = NEW(to->arena, Str, from->nns + 1);
    to->nns = from->nns;
    for (int32_t i = 0; i < from->nns; i++) to->ns[i] = str_copy(to->arena, from->ns[i]);
    to->next_attr = from->next_attr;
    to->next_read = from->next_read;
    return DONE;
}
Status connect_clone(Rpc *r, Str request, Buf *answer)
{
    Proto p;
    Client *to = NULL;
    TRY(proto_open(&p, request));
    ClientAsk ask = {
        .id = proto_str(&p, 4), .user = r->ask.user, .client_type = r->ask.client_type};
    if (!ask.id.n) ask.id = rand_uuid(answer->arena);
    Client *old = NULL;
    client_look(&old, r->door, &ask);
    if (old) {
        client_drop(old);
        return fail(ERR_CONFLICT, "there is a session " STR_FMT " already", STR_ARG(ask.id));
    }
    TRY(client_find(&to, r->door, &ask));
    mutex_lock(r->client->lock);
    Status s = copy_session(to->session, r->client->session);
    mutex_unlock(r->client->lock);
    client_hold(r->client);
    to->origin = r->client;
    put_session(r, answer, 1, 2);
    proto_put_str(answer, 3, to->id);
    proto_put_str(answer, 4, to->server_id);
    client_drop(to);
    return s;
}
