// statement_alter.c -- ALTER TABLE and COMMENT ON, of Iceberg tables.
#include "lake/alter.h"
#include "plan/statement_table.h"
#include "run/names.h"
#include "run/statement_files.h"
#include "run/statement_in.h"

typedef struct Altering {
    const StatementArgs *args;
    Session *session;
    Catalogs *catalogs;
    Arena *arena;
    const Statement *st;
    TableName name;
} Altering;

static Status operation_refused(const Altering *x, const char *what)
{
    return RAISE(UNSUPPORTED_TABLE_OPERATION, P("tableName", table_name_text(x->arena, &x->name)),
                 P("operation", str_z(what)));
}

static Status path_of(const Altering *x, Str text, ColumnEdit *e)
{
    Str *part;
    TRY(parse_name(&part, &e->npath, x->arena, text));
    e->path = part;
    return DONE;
}

static Status twice(const Altering *x, Str name)
{
    Buf b = buf_new(x->arena);
    name_backticks(&b, name);
    return RAISE(COLUMN_ALREADY_EXISTS, P("columnName", buf_str(&b)));
}

static Status add_columns(const Altering *x)
{
    const Schema *s = x->st->columns;
    bool replace = x->st->alter.kind == ALTER_REPLACE_COLUMNS;
    ColumnEdit *e = NEW(x->arena, ColumnEdit, s->nfields + 1);
    for (int32_t i = 0; i < s->nfields; i++) {
        const Field *f = &s->field[i];
        AlterPlace at = x->st->alter.places[i];
        if (f->dflt.n) return operation_refused(x, "column default value");
        for (int32_t k = 0; k < i; k++)
            if (str_ieq(s->field[k].name, f->name)) return twice(x, f->name);
        if (replace && !f->nullable)
            return fail(ERR_INVALID,
                        "REPLACE COLUMNS makes new columns, and old rows have no value "
                        "for a column that is NOT NULL: leave NOT NULL out");
        e[i] = (ColumnEdit){.kind = COLUMN_ADD, .type = f->type, .to = f->comment};
        e[i].required = !f->nullable;
        e[i].first = at.first;
        e[i].after = at.after;
        TRY(path_of(x, f->name, &e[i]));
    }
    return replace ? table_replace_columns(x->catalogs, &x->name, e, s->nfields)
                   : table_edit_columns(x->catalogs, &x->name, e, s->nfields);
}

static Status drop_columns(const Altering *x)
{
    const Statement *st = x->st;
    ColumnEdit *e = NEW(x->arena, ColumnEdit, st->ncolumns + 1);
    for (int32_t i = 0; i < st->ncolumns; i++) {
        e[i] = (ColumnEdit){.kind = COLUMN_DROP, .if_exists = st->if_exists};
        TRY(path_of(x, st->column[i], &e[i]));
    }
    return table_edit_columns(x->catalogs, &x->name, e, st->ncolumns);
}

static Status edit_column(const Altering *x, ColumnEdit e)
{
    TRY(path_of(x, x->st->column[0], &e));
    return table_edit_columns(x->catalogs, &x->name, &e, 1);
}

static Status alter_column(const Altering *x)
{
    VEC(ColumnEdit) all = {0};
    for (const Statement *st = x->st; st; st = st->inner) { // .. ALTER COLUMN a .., b ..
        const Alter *to = &st->alter;
        ColumnEdit e = {.type = to->type, .first = to->place.first, .after = to->place.after};
        TRY(path_of(x, st->column[0], &e));
        const struct {
            bool said;
            ColumnEditKind kind;
        } part[] = {{to->type, COLUMN_TYPE},
                    {to->has_comment, COLUMN_COMMENT},
                    {to->not_null, COLUMN_REQUIRED},
                    {to->nullable, COLUMN_OPTIONAL},
                    {to->place.first || to->place.after.n, COLUMN_MOVE}};
        for (int64_t i = 0; i < COUNT(part); i++) {
            e.kind = part[i].kind;
            if (e.kind == COLUMN_COMMENT) e.to = st->comment;
            if (part[i].said) vec_push(x->arena, &all, e);
        }
    }
    return table_edit_columns(x->catalogs, &x->name, all.v, (int32_t)all.n);
}

// The new name stands in the table's namespace unless it says one; its catalog is the table's.
static Status rename_table(const Altering *x)
{
    const Str *part = x->st->target;
    int32_t n = x->st->ntarget;
    TableName to = x->name;
    if (n > 2 && str_eq(part[0], x->name.catalog)) part++, n--;
    to.table = part[n - 1];
    if (n > 1) {
        to.ns = NEW(x->arena, Str, n);
        to.nns = n - 1;
        for (int32_t i = 0; i + 1 < n; i++) to.ns[i] = part[i];
    }
    return table_rename(x->catalogs, &x->name, &to);
}

Status check_reserved(const Options *o)
{
    static const struct {
        Str key;
        const char *instead;
    } reserved[] = {
        {STR_INIT("provider"), "please use the USING clause to specify it"},
        {STR_INIT("location"), "please use the LOCATION clause to specify it"},
        {STR_INIT("owner"), "it will be set to the current user"},
        {STR_INIT("external"), "please use CREATE EXTERNAL TABLE"},
        {STR_INIT("is_managed_location"), "it is set by the catalog"},
    };
    for (int64_t i = 0; i < o->n; i++)
        for (int64_t k = 0; k < COUNT(reserved); k++)
            if (str_ieq(o->v[i].key, reserved[k].key))
                return RAISE(UNSUPPORTED_FEATURE_SET_TABLE_PROPERTY, P("property", o->v[i].key),
                             P("msg", str_z(reserved[k].instead)));
    return DONE;
}

Status no_partitions(const StatementArgs *args, Arena *a, const TableName *name)
{
    LakeTable *t;
    TRY(table_load(&t, a, args->session->catalogs, name));
    return RAISE(PARTITION_MANAGEMENT_IS_UNSUPPORTED, P("name", table_name_text(a, name)));
}

static Status set_properties(const Altering *x)
{
    TRY(check_reserved(&x->st->properties));
    return table_set_properties(x->catalogs, &x->name, &x->st->properties);
}

// What a PARTITION FIELD says: a column, a transform of one, or the field's own name.
static Status term_of(const Altering *x, const Schema *s, const Transform *t, PartitionTerm *to)
{
    PartitionField f;
    bool plain = str_ieq(t->name, S("identity"));
    *to = (PartitionTerm){.column = t->column};
    to->by_name = plain && type_field(s, t->column) < 0;
    if (to->by_name) return DONE;
    TRY(partition_field(&f, x->arena, t, s));
    to->transform = f.transform;
    to->arg = f.arg;
    return DONE;
}

static Status edit_partition(const Altering *x, const Transform *drop, const Transform *add)
{
    LakeTable *t;
    PartitionTerm gone, come;
    TRY(table_load(&t, x->arena, x->catalogs, &x->name));
    if (drop) TRY(term_of(x, lake_table_schema(t), drop, &gone));
    if (add) TRY(term_of(x, lake_table_schema(t), add, &come));
    if (add) come.by_name = false;
    if (add) come.name = x->st->alter.to;
    return table_edit_partition(x->catalogs, &x->name, drop ? &gone : NULL, add ? &come : NULL);
}

static Status edit_ref(const Altering *x)
{
    const AlterRef *r = &x->st->alter.ref;
    RefEdit e = {.name = x->st->alter.to,
                 .snapshot = r->snapshot,
                 .age_ms = r->age_ms,
                 .keep = r->keep,
                 .keep_ms = r->keep_ms,
                 .branch = r->branch,
                 .create = r->create,
                 .replace = r->replace,
                 .drop = r->drop,
                 .if_exists = x->st->if_exists,
                 .if_not_exists = x->st->once};
    return table_edit_ref(x->catalogs, &x->name, &e);
}

// WRITE ORDERED BY columns. LOCALLY says nothing of the distribution.
static Status set_order(const Altering *x)
{
    const Statement *st = x->st;
    bool locally = st->nexprs && str_eq(st->value, S("none"));
    SortTerm *term = NEW(x->arena, SortTerm, st->nexprs + 1);
    for (int32_t i = 0; i < st->nexprs; i++) {
        const Expr *key = st->expr[i], *of = key->arg[0];
        if (of->kind != E_NAME || of->nparts != 1)
            return RAISE(UNSUPPORTED_FEATURE,
                         P("feature", S("WRITE ORDERED BY other than columns")),
                         P("needs", S("name columns of the table")));
        term[i] = (SortTerm){of->part[0], key->descending, key->nulls_last};
    }
    if (st->nexprs)
        return table_set_order(x->catalogs, &x->name, term, st->nexprs,
                               locally ? (Str){0} : st->value);
    return table_set_unordered(x->catalogs, &x->name, st->value, str_eq(st->value, S("none")));
}

static Status not_built(const Statement *st)
{
    return RAISE(UNSUPPORTED_FEATURE, P("feature", statement_line(st)),
                 P("needs", S("there is no other way yet")));
}

static Status alter(const Altering *x)
{
    const Statement *st = x->st;
    switch (st->alter.kind) {
    case ALTER_ADD_COLUMNS:
    case ALTER_REPLACE_COLUMNS: return add_columns(x);
    case ALTER_DROP_COLUMNS: return drop_columns(x);
    case ALTER_RENAME_COLUMN:
        return edit_column(x, (ColumnEdit){.kind = COLUMN_RENAME, .to = st->alter.to});
    case ALTER_COLUMN: return alter_column(x);
    case ALTER_RENAME: return rename_table(x);
    case ALTER_SET_PROPERTIES: return set_properties(x);
    case ALTER_UNSET_PROPERTIES:
        return table_unset_properties(x->catalogs, &x->name, &st->properties, st->if_exists);
    case ALTER_LOCATION: return table_set_location(x->catalogs, &x->name, st->location);
    case ALTER_ADD_PARTITION: return edit_partition(x, NULL, &st->partition[0]);
    case ALTER_DROP_PARTITION: return edit_partition(x, &st->partition[0], NULL);
    case ALTER_REPLACE_PARTITION: return edit_partition(x, &st->partition[0], &st->partition[1]);
    case ALTER_REF: return edit_ref(x);
    case ALTER_PARTITIONS: return no_partitions(x->args, x->arena, &x->name);
    case ALTER_ORDER: return set_order(x);
    case ALTER_IDENTIFIERS:
        return table_set_identifiers(x->catalogs, &x->name, st->column, st->ncolumns,
                                     st->alter.ref.drop);
    case ALTER_QUERY:
    case ALTER_OTHER:
        return st->constraint.n ? operation_refused(x, "table constraint") : not_built(st);
    }
    must_failed("AlterKind", __FILE__, __LINE__);
}

static Status altering(Altering *x, const StatementArgs *args, Arena *a, const Statement *st)
{
    *x = (Altering){.args = args, .session = args->session, .arena = a, .st = st};
    x->catalogs = args->session->catalogs;
    return name_complete(args->session, a, st->name, st->nnames, &x->name);
}

Status alter_table(const StatementArgs *args, Arena *a, const Statement *st)
{
    Altering x;
    FileTable files;
    bool found;
    TRY(find_file_table(args, a, st, &files, &found));
    if (found) return alter_file_table(args, a, st, &files);
    TRY(altering(&x, args, a, st));
    return alter(&x);
}

Status comment_on(const StatementArgs *args, Arena *a, const Statement *st)
{
    Altering x;
    Catalog *c;
    Options set = {0};
    if (st->key.n) {
        const Str *ns;
        int32_t n;
        TRY(statement_schema(args, &c, st, &ns, &n));
        return catalog_comment_schema(c, ns, n, st->comment);
    }
    vec_push(a, &set, ((Option){S("comment"), st->comment}));
    TRY(altering(&x, args, a, st));
    return table_set_properties(x.catalogs, &x.name, &set);
}
