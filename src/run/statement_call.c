// statement_call.c -- CALL catalog.system.procedure(..): Iceberg's procedures that move a table's
// current snapshot. The rest is done by maintenance or refused by name.
#include "base/num.h"
#include "lake/alter.h"
#include "lake/history.h"
#include "run/listing.h"
#include "run/names.h"
#include "run/statement_in.h"

typedef struct Procedure {
    Str name;
    Str param[3]; // the table first
    bool back;    // only to an ancestor of the current snapshot
    bool timed;   // to a time
} Procedure;
static const Procedure procedures[] = {
    {STR_INIT("rollback_to_snapshot"), {STR_INIT("table"), STR_INIT("snapshot_id")}, true, false},
    {STR_INIT("rollback_to_timestamp"), {STR_INIT("table"), STR_INIT("timestamp")}, true, true},
    {STR_INIT("set_current_snapshot"),
     {STR_INIT("table"), STR_INIT("snapshot_id"), STR_INIT("ref")},
     false,
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

static Status not_built(Arena *a, const Statement *st)
{
    return RAISE(UNSUPPORTED_FEATURE,
                 P("feature", str_cat(a, S("the procedure "), st->name[st->nnames - 1])),
                 P("needs", str_fmt(a,
                                    "there are " STR_FMT
                                    "; snapshots expire, files merge and orphans go by themselves "
                                    "(kappa.maintain)",
                                    STR_ARG(listed(a)))));
}

// An argument's value as text, by a query of one row: any constant expression is one.
static Status constant(const StatementArgs *args, Arena *a, Expr *e, const Type *type, Str *text)
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

static Status take_args(const StatementArgs *args, Arena *a, const Statement *st,
                        const Procedure *p, Str value[3])
{
    for (int32_t i = 0; i < st->nexprs; i++) {
        Expr *e = st->expr[i];
        int32_t k = i;
        if (e->kind == E_CALL && str_eq(e->name, S("=>"))) {
            for (k = 0; k < 3; k++)
                if (str_ieq(e->arg[0]->value.s, p->param[k])) break;
            e = e->arg[1];
        }
        if (k >= 3 || !p->param[k].n)
            return fail(ERR_INVALID, "procedure " STR_FMT " has no such argument: " STR_FMT,
                        STR_ARG(p->name), STR_ARG(st->expr[i]->at.text));
        const Type *type = k == 1 ? p->timed ? &type_timestamp : &type_bigint : &type_string;
        TRY(constant(args, a, e, type, &value[k]));
    }
    if (value[0].n && (value[1].n != 0) != (value[2].n != 0)) return DONE;
    return fail(ERR_INVALID, "procedure " STR_FMT " takes (" STR_FMT ", " STR_FMT "%s)",
                STR_ARG(p->name), STR_ARG(p->param[0]), STR_ARG(p->param[1]),
                p->param[2].n ? " or ref" : "");
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

static Status target_of(const StatementArgs *args, Arena *a, const TableName *name,
                        const Procedure *p, const Str value[3], int64_t *id)
{
    LakeTable *t, *at;
    Travel to = {.snapshot = p->timed ? (Str){0} : value[1], .version = value[2]};
    TRY(table_load(&t, a, args->session->catalogs, name));
    to.timed = p->timed;
    if (p->timed) to.timed = num_parse_i64(value[1], &to.time);
    TRY(table_travel(&at, a, t, &to));
    *id = lake_table_snapshot_id(at);
    return DONE;
}

Status call_procedure(const StatementArgs *args, Arena *a, const Statement *st, Answer *to)
{
    const Procedure *p = find(st);
    Str value[3] = {{0}};
    TableName name;
    int64_t id, before;
    Listing l;
    bool system = st->nnames > 1 && str_ieq(st->name[st->nnames - 2], S("system"));
    if (!system)
        return fail(ERR_NOT_FOUND, "a procedure is called as catalog.system.procedure(..)");
    if (!p) return not_built(a, st);
    TRY(take_args(args, a, st, p, value));
    TRY(table_of(args, a, st, value[0], &name));
    TRY(target_of(args, a, &name, p, value, &id));
    TRY(table_set_current(args->session->catalogs, &name, id, p->back, &before));
    TRY(listing_new(&l, a, S("previous_snapshot_id BIGINT, current_snapshot_id BIGINT")));
    LISTING_ADD(&l, before < 0 ? (Str){0} : str_fmt(a, "%lld", (long long)before),
                str_fmt(a, "%lld", (long long)id));
    return listing_answer(&l, to);
}
