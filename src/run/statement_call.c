// statement_call.c -- CALL catalog.system.procedure(..): Iceberg's procedures that move a table's
// current snapshot or expire old ones. The rest is done by maintenance or refused by name.
#include "base/civil.h"
#include "base/num.h"
#include "lake/alter.h"
#include "lake/history.h"
#include "lake/maintain.h"
#include "os/clock.h"
#include "run/listing.h"
#include "run/names.h"
#include "run/statement_in.h"

enum { PARAMS_MAX = 7 };
typedef struct Call { // one that is made
    const StatementArgs *args;
    Arena *arena;
    TableName name;
    Str value[PARAMS_MAX]; // p NULL: not said
    Listing *list;
} Call;
typedef struct Procedure {
    Str name;
    struct {
        Str name;
        const Type *type;
    } param[PARAMS_MAX]; // the table first
    Status (*run)(const struct Procedure *p, Call *c);
    bool back; // only to an ancestor of the current snapshot
} Procedure;

static Status move_current(const Procedure *p, Call *c);
static Status expire(const Procedure *p, Call *c);
#define TABLE                                                                                      \
    {                                                                                              \
        STR_INIT("table"), &type_string                                                            \
    }
static const Procedure procedures[] = {
    {STR_INIT("rollback_to_snapshot"),
     {TABLE, {STR_INIT("snapshot_id"), &type_bigint}},
     move_current,
     true},
    {STR_INIT("rollback_to_timestamp"),
     {TABLE, {STR_INIT("timestamp"), &type_timestamp}},
     move_current,
     true},
    {STR_INIT("set_current_snapshot"),
     {TABLE, {STR_INIT("snapshot_id"), &type_bigint}, {STR_INIT("ref"), &type_string}},
     move_current,
     false},
    {STR_INIT("expire_snapshots"),
     {TABLE,
      {STR_INIT("older_than"), &type_timestamp},
      {STR_INIT("retain_last"), &type_bigint},
      {STR_INIT("max_concurrent_deletes"), &type_bigint},
      {STR_INIT("stream_results"), &type_string},
      {STR_INIT("snapshot_ids"), &type_string},
      {STR_INIT("clean_expired_metadata"), &type_string}},
     expire,
     false},
};

static Str listed(Arena *a)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i < COUNT(procedures); i++)
        buf_fmt(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(procedures[i].name));
    return buf_str(&b);
}

static const Procedure *find(const Statement *st)
{
    for (int64_t i = 0; i < COUNT(procedures); i++)
        if (str_ieq(procedures[i].name, st->name[st->nnames - 1])) return &procedures[i];
    return NULL;
}

static bool of_iceberg(Str name)
{
    static const Str names[] = {
        STR_INIT("add_files"),           STR_INIT("ancestors_of"),
        STR_INIT("cherrypick_snapshot"), STR_INIT("compute_partition_stats"),
        STR_INIT("compute_table_stats"), STR_INIT("create_changelog_view"),
        STR_INIT("fast_forward"),        STR_INIT("migrate"),
        STR_INIT("publish_changes"),     STR_INIT("register_table"),
        STR_INIT("remove_orphan_files"), STR_INIT("rewrite_data_files"),
        STR_INIT("rewrite_manifests"),   STR_INIT("rewrite_position_delete_files"),
        STR_INIT("rewrite_table_path"),  STR_INIT("snapshot")};
    for (int32_t i = 0; i < COUNT(names); i++)
        if (str_ieq(names[i], name)) return true;
    return false;
}
static Status not_there(Arena *a, const Statement *st, const Session *session)
{
    Str name = st->name[st->nnames - 1];
    if (of_iceberg(name))
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", str_fmt(a, "the procedure " STR_FMT, STR_ARG(name))),
                     P("needs", str_fmt(a,
                                        "there are " STR_FMT "; files merge and orphans go by "
                                        "themselves (kappa.maintain)",
                                        STR_ARG(listed(a)))));
    Str needs = str_fmt(a, ": there are " STR_FMT, STR_ARG(listed(a)));
    bool full = st->nnames == 3;
    return RAISE(
        FAILED_TO_LOAD_ROUTINE,
        P("routineName", space_quoted(a, full ? (Str){0} : session->catalog, st->name, st->nnames)),
        P("hint", needs));
}

// An argument's value as text, by a query of one row: any constant expression is one.
Status constant_text(const StatementArgs *args, Arena *a, Expr *e, const Type *type, Str *text)
{
    Batch *rows = NULL;
    int32_t n = 0;
    Rel *r = rel_new(a, REL_PROJECT, e->at, rel_new(a, REL_ONE_ROW, e->at, NULL));
    r->expr = NEW(a, Expr *, 1);
    r->expr[r->nexprs++] = expr_cast(a, e, type, CAST_SQL);
    TRY(analyse(args->session, a, &r));
    TRY(args->session->run_rows(args->session, a, r, &rows, &n));
    *text = (Str){0};
    if (!n || column_null(&rows[0].col[0], 0)) return DONE;
    const Column *c = &rows[0].col[0];
    *text = type->id == T_STRING ? str_copy(a, column_str(c, 0))
                                 : str_fmt(a, "%lld", (long long)column_i64(c, 0));
    return DONE;
}

static Status unknown_argument(Arena *a, const Procedure *p, Str name)
{
    Buf all = buf_new(a);
    for (int32_t i = 0; i < 3 && p->param[i].type; i++) {
        if (i) buf_char(&all, ' ');
        name_backticks(&all, p->param[i].name);
    }
    return RAISE(UNRECOGNIZED_PARAMETER_NAME, P("routineName", space_quoted(a, p->name, NULL, 0)),
                 P("argumentName", space_quoted(a, name, NULL, 0)), P("proposal", buf_str(&all)));
}

static Status take_args(Call *c, const Statement *st, const Procedure *p)
{
    Arena *a = c->arena;
    for (int32_t i = 0; i < st->nexprs; i++) {
        Expr *e = st->expr[i];
        int32_t k = i;
        if (e->kind == E_CALL && str_eq(e->name, S("=>"))) {
            for (k = 0; k < PARAMS_MAX; k++)
                if (str_ieq(e->arg[0]->value.s, p->param[k].name)) break;
            if (k == PARAMS_MAX) return unknown_argument(a, p, e->arg[0]->value.s);
            e = e->arg[1];
        }
        if (k >= PARAMS_MAX || !p->param[k].type)
            return fail(ERR_INVALID, "procedure " STR_FMT " has no such argument: " STR_FMT,
                        STR_ARG(p->name), STR_ARG(st->expr[i]->at.text));
        TRY(constant_text(c->args, a, e, p->param[k].type, &c->value[k]));
    }
    if (c->value[0].n) return DONE;
    return RAISE(REQUIRED_PARAMETER_NOT_FOUND, P("routineName", space_quoted(a, p->name, NULL, 0)),
                 P("parameterName", S("`table`")), P("index", S("0")));
}

// The name may leave out the catalog, which the procedure's own name says.
static Status table_of(const StatementArgs *args, Arena *a, const Statement *st, Str text,
                       TableName *name)
{
    Str *part;
    int32_t n;
    Session *s = args->session;
    bool full = st->nnames == 3;
    TRY(parse_name(&part, &n, a, text));
    if (full && !str_eq(part[0], st->name[0])) {
        Str *more = NEW(a, Str, n + 2);
        int32_t to = 0;
        more[to++] = st->name[0];
        if (n == 1) more[to++] = s->nns ? s->ns[0] : S("default");
        for (int32_t i = 0; i < n; i++) more[to++] = part[i];
        part = more;
        n = to;
    }
    return name_complete(s, a, part, n, name);
}

static Status target_of(const Procedure *p, const Call *c, int64_t *id)
{
    LakeTable *t, *at;
    bool timed = p->param[1].type == &type_timestamp;
    Travel to = {.snapshot = timed ? (Str){0} : c->value[1], .version = c->value[2]};
    TRY(table_load(&t, c->arena, c->args->session->catalogs, &c->name));
    if (timed) to.timed = num_parse_i64(c->value[1], &to.time);
    TRY(table_travel(&at, c->arena, t, &to));
    *id = lake_table_snapshot_id(at);
    return DONE;
}

static Status move_current(const Procedure *p, Call *c)
{
    int64_t id, before;
    if ((c->value[1].n != 0) == (c->value[2].n != 0))
        return fail(ERR_INVALID, "procedure " STR_FMT " takes (" STR_FMT ", " STR_FMT "%s)",
                    STR_ARG(p->name), STR_ARG(p->param[0].name), STR_ARG(p->param[1].name),
                    p->param[2].type ? " or ref" : "");
    TRY(target_of(p, c, &id));
    TRY(table_set_current(c->args->session->catalogs, &c->name, id, p->back, &before));
    TRY(listing_new(c->list, c->arena,
                    S("previous_snapshot_id BIGINT, current_snapshot_id BIGINT")));
    LISTING_ADD(c->list, before < 0 ? (Str){0} : str_fmt(c->arena, "%lld", (long long)before),
                str_fmt(c->arena, "%lld", (long long)id));
    return DONE;
}

// By default Iceberg's five days and the newest one.
static Status expire(const Procedure *p, Call *c)
{
    enum { OLDER, RETAIN, IDS = 5, DAYS = 5 };
    ExpireOrder order = {.older_ms = (clock_now() - DAYS * MICROS_PER_DAY) / MICROS_PER_MS,
                         .retain_last = 1};
    ExpireCounts n;
    Micros older;
    if (c->value[IDS].n)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("expire_snapshots(snapshot_ids => ..)")),
                     P("needs", S("older_than")));
    (void)p;
    if (num_parse_i64(c->value[1], &older)) order.older_ms = older / MICROS_PER_MS;
    if (num_parse_i64(c->value[2], &order.retain_last) && order.retain_last < 1)
        return fail(ERR_INVALID, "expire_snapshots: retain_last is at least 1");
    TRY(lake_table_expire(c->args->session->catalogs, &c->name, &order, &n));
    TRY(listing_new(c->list, c->arena,
                    S("deleted_data_files_count BIGINT, deleted_position_delete_files_count "
                      "BIGINT, deleted_equality_delete_files_count BIGINT, "
                      "deleted_manifest_files_count BIGINT, deleted_manifest_lists_count BIGINT, "
                      "deleted_statistics_files_count BIGINT")));
#define TEXT(v) str_fmt(c->arena, "%lld", (long long)(v))
    LISTING_ADD(c->list, TEXT(n.files[0]), TEXT(n.files[1]), TEXT(n.files[2]), TEXT(n.manifests),
                TEXT(n.manifest_lists), S("0"));
    return DONE;
}

Status call_procedure(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    const Procedure *p = find(st);
    Listing l;
    Call c = {.args = args, .arena = a, .list = &l};
    bool system = st->nnames > 1 && str_ieq(st->name[st->nnames - 2], S("system"));
    Catalog *cat;
    bool known =
        st->nnames != 3 || catalog_get(&cat, args->session->catalogs, st->name[0]).code == OK;
    if (!p || !system || !known) return not_there(a, st, args->session);
    TRY(take_args(&c, st, p));
    TRY(table_of(args, a, st, c.value[0], &c.name));
    TRY(p->run(p, &c));
    return listing_answer(&l, to);
}
