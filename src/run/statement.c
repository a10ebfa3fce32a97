// statement.c -- queries, settings, EXPLAIN; everything else goes to statement_define and
// statement_show.
#include "run/statement.h"
#include "plan/explain.h"
#include "plan/kept.h"
#include "run/batch.h"
#include "run/listing.h"
#include "run/names.h"
#include "run/statement_files.h"
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
        return RAISE(SCHEMA_NOT_FOUND, P("schemaName", space_quoted(s->arena, catalog, ns, n)));
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
    ExplainMode mode;
    explain_mode(&mode, st->value);
    if (!st->inner->rel || st->inner->kind != STMT_QUERY)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("EXPLAIN of anything but a query")),
                     P("needs", S("EXPLAIN of the query that it holds")));
    const Rel *parsed = rel_copy(a, st->inner->rel);
    TRY(plan_batch(args->session, a, st->inner->rel, &plan));
    explain(&b, parsed, plan, mode);
    if (mode == EXPLAIN_CODEGEN) session_notice(args->session, "no code is generated for a plan");
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
    return RAISE(UNSUPPORTED_FEATURE, P("feature", statement_line(st)),
                 P("needs", S("it stands in a pipeline: put it into a file and use kappa run")));
}
// ANALYZE TABLE and its kin: Spark has them for the tables of its own catalog.
static Status run_not_of_v2(const StatementArgs *args, Arena *a, const Statement *st)
{
    LakeTable *t;
    TableName name;
    FileTable files;
    bool found;
    TRY(find_file_table(args, a, st, &files, &found));
    if (found)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", st->value),
                     P("needs", S("nothing: files are looked at when they are read")));
    TRY(name_complete(args->session, a, st->name, st->nnames, &name));
    TRY(table_load(&t, a, args->session->catalogs, &name));
    return RAISE(NOT_SUPPORTED_COMMAND_FOR_V2_TABLE, P("cmd", st->value));
}
static Status run_refresh(const StatementArgs *args, Arena *a, const Statement *st)
{
    if (!st->nnames) return DONE;
    Rel *table = rel_new(a, REL_UNRESOLVED_TABLE, st->named, NULL);
    table->name = st->name;
    table->nnames = st->nnames;
    return analyse(args->session, a, &table);
}
static Status run_inside(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
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
    case STMT_REFRESH: TRY(run_refresh(args, a, st)); return answer_nothing(to);
    case STMT_NOT_OF_V2: return run_not_of_v2(args, a, st);
    case STMT_CALL: return call_procedure(args, a, st, to);
    case STMT_CREATE_SCHEMA:
    case STMT_DROP_SCHEMA:
    case STMT_ALTER_SCHEMA:
    case STMT_CREATE_TABLE:
    case STMT_CREATE_VIEW:
    case STMT_INSERT:
    case STMT_DROP_TABLE:
    case STMT_DROP_VIEW:
    case STMT_DROP_FUNCTION:
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
    case STMT_SHOW_PARTITIONS:
    case STMT_SHOW_PROCEDURES:
    case STMT_DESCRIBE: return statement_show(args, a, st, to);
    }
    must_failed("StatementKind", __FILE__, __LINE__);
}
// Spark says of what is missing the name that the statement has, and where.
static Status as_written(Arena *a, const Statement *st, Status s)
{
    const Failure *f = failure();
    bool other = s.code != ERR_NOT_FOUND || f->cond != COND_TABLE_OR_VIEW_NOT_FOUND || f->line;
    bool full = st->kind == STMT_DROP_TABLE || st->kind == STMT_DROP_VIEW || !st->nnames;
    if (other || full || st->kind == STMT_CREATE_TABLE) return s;
    Str name = space_quoted(a, (Str){0}, st->name, st->nnames);
    if (f->nparams != 1 || !str_ends(f->param[0].value, name)) return s;
    s = RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", name));
    return fail_at(s, &st->named);
}
Status statement_inside(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    return as_written(a, st, run_inside(args, a, st, to));
}
bool statement_stays(const Statement *st)
{
    return st->kind == STMT_CREATE_VIEW ||
           (st->rel && (st->kind == STMT_ALTER_VIEW || st->kind == STMT_CACHE));
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
