// statement_file_alter.c -- ALTER TABLE of a table of files: new columns, properties, its name. All
// else needs a table that knows its files, as Iceberg's do.
#include "run/statement_files.h"

typedef struct Change {
    const StatementArgs *args;
    Arena *arena;
    const Statement *st;
    const FileTable *was;
    FileTable now;
} Change;

static Status refuse(const Change *x, const char *operation)
{
    return RAISE(UNSUPPORTED_TABLE_OPERATION, P("tableName", x->was->name),
                 P("operation", str_z(operation)));
}

// New columns stand before those of partitions. Files that lack them have NULL there.
static Status add_columns(Change *x)
{
    const Schema *add = x->st->columns, *had = x->was->schema;
    int32_t n = 0, plain = had->nfields - x->was->npartition;
    Field *f = NEW(x->arena, Field, had->nfields + add->nfields + 1);
    for (int32_t i = 0; i < plain; i++) f[n++] = had->field[i];
    for (int32_t i = 0; i < add->nfields; i++) {
        Str *part;
        int32_t parts;
        AlterPlace at = x->st->alter.places[i];
        TRY(parse_name(&part, &parts, x->arena, add->field[i].name));
        if (parts > 1) return refuse(x, "ADD COLUMN with qualified column");
        if (at.first || at.after.n) return refuse(x, "ADD COLUMN with column position");
        if (add->field[i].dflt.n) return refuse(x, "column default value");
        if (!add->field[i].nullable) return refuse(x, "ADD COLUMN with NOT NULL");
        bool known = type_field(had, part[0]) != -1;
        for (int32_t k = 0; k < i; k++) known = known || str_ieq(f[plain + k].name, part[0]);
        if (known) return RAISE(COLUMN_ALREADY_EXISTS, P("columnName", part[0]));
        f[n] = add->field[i];
        f[n++].name = part[0];
    }
    for (int32_t i = plain; i < had->nfields; i++) f[n++] = had->field[i];
    x->now.schema = type_struct(x->arena, f, n);
    return DONE;
}

static Status set_properties(Change *x, bool unset)
{
    const Options *of = &x->st->properties;
    Options kept = {0};
    for (int64_t i = 0; i < x->was->properties.n; i++) {
        Option o = x->was->properties.v[i];
        if (!options_get(of, o.key)) vec_push(x->arena, &kept, o);
    }
    for (int64_t i = 0; i < of->n; i++) {
        bool known = options_get(&x->was->properties, of->v[i].key) != NULL;
        if (!unset) vec_push(x->arena, &kept, of->v[i]);
        if (unset && !known && !x->st->if_exists)
            return RAISE(UNSET_NONEXISTENT_PROPERTIES, P("properties", of->v[i].key),
                         P("table", x->was->name));
    }
    x->now.properties = kept;
    return DONE;
}

// A managed table's folder keeps the name that it was made with.
static Status rename_table(Change *x)
{
    TableName name;
    FileTable other;
    Str dir = x->args->session->file_tables;
    TRY(name_complete(x->args->session, x->arena, x->st->target, x->st->ntarget, &name));
    x->now.name = file_table_name(x->arena, &name);
    if (file_table_load(&other, x->arena, dir, x->now.name).code == OK)
        return RAISE(TABLE_OR_VIEW_ALREADY_EXISTS, P("relationName", x->now.name));
    return DONE;
}

static Status comment_column(Change *x)
{
    const Schema *had = x->was->schema;
    Str *part;
    int32_t parts;
    TRY(parse_name(&part, &parts, x->arena, x->st->column[0]));
    int32_t k = parts == 1 ? type_field(had, part[0]) : -1;
    if (k < 0)
        return RAISE(UNRESOLVED_COLUMN_WITHOUT_SUGGESTION, P("objectName", x->st->column[0]));
    Field *f = NEW(x->arena, Field, had->nfields);
    for (int32_t i = 0; i < had->nfields; i++) f[i] = had->field[i];
    f[k].comment = x->st->comment;
    x->now.schema = type_struct(x->arena, f, had->nfields);
    return DONE;
}

static Status change(Change *x)
{
    switch (x->st->alter.kind) {
    case ALTER_ADD_COLUMNS: return add_columns(x);
    case ALTER_DROP_COLUMNS: return refuse(x, "DROP COLUMN");
    case ALTER_RENAME_COLUMN: return refuse(x, "RENAME COLUMN");
    case ALTER_COLUMN:
        return x->st->alter.has_comment ? comment_column(x) : refuse(x, "ALTER COLUMN");
    case ALTER_RENAME: return rename_table(x);
    case ALTER_SET_PROPERTIES: return set_properties(x, false);
    case ALTER_UNSET_PROPERTIES: return set_properties(x, true);
    case ALTER_LOCATION: return refuse(x, "SET LOCATION");
    case ALTER_ADD_PARTITION:
    case ALTER_DROP_PARTITION:
    case ALTER_REPLACE_PARTITION: return refuse(x, "PARTITION FIELD");
    case ALTER_REF: return refuse(x, "BRANCH and TAG");
    case ALTER_REPLACE_COLUMNS:
    case ALTER_ORDER:
    case ALTER_IDENTIFIERS:
    case ALTER_PARTITIONS:
    case ALTER_QUERY:
    case ALTER_OTHER: break;
    }
    return RAISE(UNSUPPORTED_FEATURE, P("feature", statement_line(x->st)),
                 P("needs", S("an Iceberg table")));
}

Status alter_file_table(const StatementArgs *args, Arena *a, const Statement *st,
                        const FileTable *t)
{
    Change x = {args, a, st, t, *t};
    TRY(change(&x));
    return file_table_replace(args->session->file_tables, t, &x.now);
}
