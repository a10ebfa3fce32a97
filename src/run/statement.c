// statement.c -- queries, settings, EXPLAIN; everything else goes to statement_define and
// statement_show.
#include "run/statement.h"
#include "plan/explain.h"
#include "plan/kept.h"
#include "run/batch.h"
#include "run/listing.h"
#include "run/statement_in.h"
#include "run/statement_variable.h"

Status answer_nothing(Answer *to)
{
    static const Schema none = {.id = T_STRUCT};
    return to->schema(to, &none);
}
static Status run_query(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    Plan *plan = NULL;
    TRY(plan_batch(args->session, a, st->rel, &plan));
    TRY(to->schema(to, plan->schema));
    BatchArgs batch = {.session = args->session, .env = args->env, .cancel = args->cancel};
    return batch_run(&batch, plan, &to->rows);
}
static Status show_settings(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    const Session *s = args->session;
    Listing l;
    int64_t n = 0;
    const ConfRow *row = conf_rows(&n);
    TRY(listing_new(&l, a,
                    st->extended ? S("key STRING, value STRING, meaning STRING")
                                 : S("key STRING, value STRING")));
    if (st->extended) {
        for (int64_t i = 0; i < n; i++)
            LISTING_ADD(&l, row[i].key, conf_get(s, row[i].key), str_z(row[i].doc));
        return listing_answer(&l, to);
    }
    if (!st->key.n) {
        for (int64_t i = 0; i < s->conf.n; i++)
            LISTING_ADD(&l, s->conf.entry[i].key, *(const Str *)s->conf.entry[i].value);
        return listing_answer(&l, to);
    }
    Str value = conf_get(s, st->key);
    LISTING_ADD(&l, st->key, value.n ? value : S("<undefined>"));
    return listing_answer(&l, to);
}
static Status run_set(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    if (!st->overwrite) return show_settings(args, a, st, to);
    TRY(no_variable_key(args->session, a, st->key));
    TRY(conf_set(args->session, st->key, st->value));
    return show_settings(args, a, st, to);
}
static Status run_reset(const StatementArgs *args, const Statement *st, Answer *to)
{
    Session *s = args->session;
    if (st->key.n) conf_unset(s, st->key);
    while (!st->key.n && s->conf.n) conf_unset(s, s->conf.entry[s->conf.n - 1].key);
    return answer_nothing(to);
}
static Status run_use(const StatementArgs *args, const Statement *st, Answer *to)
{
    Session *s = args->session;
    Catalog *cat = NULL;
    bool exists = false;
    Str *ns = st->name;
    int32_t n = st->nnames;
    Str catalog = s->catalog;
    bool named = str_eq(st->key, S("catalog"));
    if (!named && n > 1) named = catalog_get(&cat, s->catalogs, ns[0]).code == OK;
    if (named) catalog = *ns++, n--;
    TRY(catalog_get(&cat, s->catalogs, catalog));
    TableName space = {.catalog = catalog, .ns = ns, .nns = n};
    TRY(name_settle(s, s->arena, &space));
    ns = space.ns;
    if (n) TRY(catalog_schema_exists(cat, ns, n, &exists));
    // `USE x` means the catalog x when there is no such namespace.
    if (n == 1 && !exists && !named && catalog_get(&cat, s->catalogs, ns[0]).code == OK)
        catalog = *ns, n = 0;
    else if (n && !exists)
        return RAISE(SCHEMA_NOT_FOUND, P("schemaName", ns[n - 1]));
    s->catalog = str_copy(s->arena, catalog);
    s->ns = NEW(s->arena, Str, n + 1);
    s->nns = n;
    for (int32_t i = 0; i < n; i++) s->ns[i] = str_copy(s->arena, ns[i]);
    return answer_nothing(to);
}
static Status run_explain(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    Listing l;
    Plan *plan = NULL;
    Buf b = buf_new(a);
    if (!st->inner->rel || st->inner->kind != STMT_QUERY)
        return fail(ERR_UNSUPPORTED, "EXPLAIN of anything but a query is not built yet");
    const Rel *parsed = rel_copy(a, st->inner->rel);
    TRY(plan_batch(args->session, a, st->inner->rel, &plan));
    explain(&b, parsed, plan, str_ieq(st->value, S("extended")) || str_ieq(st->value, S("cost")));
    TRY(listing_new(&l, a, S("plan STRING")));
    LISTING_ADD(&l, buf_str(&b));
    return listing_answer(&l, to);
}
// CACHE TABLE t, CACHE TABLE v AS SELECT .. (a view), UNCACHE TABLE t, CLEAR CACHE.
static Status run_cache(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    Session *s = args->session;
    if (!st->nnames) {
        kept_clear(s);
        return answer_nothing(to);
    }
    if (st->rel) {
        Statement view = *st;
        view.temporary = true;
        TRY(statement_view(s, &view));
    }
    Rel *table = rel_new(a, REL_UNRESOLVED_TABLE, st->at, NULL);
    table->name = st->name;
    table->nnames = st->nnames;
    Status found = analyse(s, a, &table);
    if (found.code == ERR_NOT_FOUND && st->once && st->if_exists) return answer_nothing(to);
    TRY(found);
    if (st->once)
        kept_unmark(s, table);
    else
        kept_mark(s, table, &kept_usual);
    return answer_nothing(to);
}
static Status only_in_pipeline(const Statement *st)
{
    return RAISE(UNSUPPORTED_FEATURE, P("feature", str_cut(st->at.text, '\n').head),
                 P("needs", S("it stands in a pipeline: put it into a file and use kappa run")));
}
Status statement_inside(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    switch (st->kind) {
    case STMT_QUERY: return run_query(args, a, st, to);
    case STMT_SET: return run_set(args, a, st, to);
    case STMT_RESET: return run_reset(args, st, to);
    case STMT_USE: return run_use(args, st, to);
    case STMT_EXPLAIN: return run_explain(args, a, st, to);
    case STMT_CACHE: return run_cache(args, a, st, to);
    case STMT_DECLARE: TRY(declare_variables(args, a, st)); return answer_nothing(to);
    case STMT_SET_VARIABLE: TRY(set_variables(args, a, st)); return answer_nothing(to);
    case STMT_DROP_VARIABLE: TRY(drop_variable(args, a, st)); return answer_nothing(to);
    case STMT_EXECUTE: return execute_immediate(args, a, st, to);
    case STMT_REFRESH: return answer_nothing(to);
    case STMT_CALL: return call_procedure(args, a, st, to);
    case STMT_CREATE_SCHEMA:
    case STMT_DROP_SCHEMA:
    case STMT_CREATE_TABLE:
    case STMT_CREATE_VIEW:
    case STMT_INSERT:
    case STMT_DROP_TABLE:
    case STMT_DROP_VIEW:
    case STMT_TRUNCATE:
    case STMT_REPAIR:
    case STMT_ALTER_TABLE:
    case STMT_ALTER_VIEW:
    case STMT_MERGE:
    case STMT_UPDATE:
    case STMT_DELETE:
    case STMT_COMMENT:
    case STMT_OTHER: return statement_define(args, a, st, to);
    case STMT_CREATE_STREAMING_TABLE:
    case STMT_CREATE_MATERIALIZED_VIEW:
    case STMT_CREATE_FLOW:
    case STMT_CREATE_SINK: return only_in_pipeline(st);
    case STMT_SHOW_TABLES:
    case STMT_SHOW_SCHEMAS:
    case STMT_SHOW_CREATE_TABLE:
    case STMT_SHOW_COLUMNS:
    case STMT_SHOW_FUNCTIONS:
    case STMT_SHOW_TBLPROPERTIES:
    case STMT_SHOW_VIEWS:
    case STMT_SHOW_CATALOGS:
    case STMT_SHOW_CURRENT_NAMESPACE:
    case STMT_DESCRIBE: return statement_show(args, a, st, to);
    }
    must_failed("StatementKind", __FILE__, __LINE__);
}
Status statement_run(const StatementArgs *args, const Statement *st, Answer *to)
{
    Arena *a = arena_new(NULL);
    BatchArgs batch = {.session = args->session, .env = args->env, .cancel = args->cancel};
    batch_attach(args->session, &batch);
    Status s = statement_inside(args, a, st, to);
    batch_attach(args->session, NULL);
    arena_free(a);
    return s;
}
