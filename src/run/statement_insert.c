// statement_insert.c -- rows into Iceberg tables: INSERT INTO, OVERWRITE, PARTITION (..) and
// REPLACE WHERE. What is replaced by a condition is whole data files, as Iceberg has it: a file of
// which only some rows meet it refuses the statement.
#include "lake/history.h"
#include "plan/statement_table.h"
#include "run/batch.h"
#include "run/insert.h"
#include "run/names.h"
#include "run/statement_files.h"
#include "run/statement_in.h"

typedef struct Filling {
    const StatementArgs *args;
    Session *session;
    Arena *arena;
    TableName name;
    Str text; // the name, quoted
    LakeTable *table;
    const Statement *st;
    Plan *plan;    // of the rows
    int32_t order; // of the table, in which they come
} Filling;

// Rows in the order that the table is written in (WRITE ORDERED BY), whose number is *id.
static void order_rows(const Filling *f, Rel **rel, int32_t *id)
{
    SortTerm *term;
    int32_t n = 0;
    *id = f->table ? lake_table_sort(f->arena, f->table, &term, &n) : 0;
    if (*id <= 0) return;
    Rel *sort = rel_new(f->arena, REL_SORT, (*rel)->at, *rel);
    sort->global = true;
    sort->expr = NEW(f->arena, Expr *, n);
    for (int32_t i = 0; i < n; i++) {
        Expr *key = expr_new(f->arena, E_SORT, (*rel)->at);
        key->arg = NEW(f->arena, Expr *, 1);
        key->arg[key->nargs++] = expr_name(f->arena, term[i].column);
        key->descending = term[i].descending;
        key->nulls_last = term[i].nulls_last;
        sort->expr[sort->nexprs++] = key;
    }
    *rel = sort;
}

static Status plan_rows(Filling *f, InsertShape *shape, Rel *rel)
{
    shape->table = f->text;
    TRY(insert_rel(f->session, f->arena, shape, &rel));
    order_rows(f, &rel, &f->order);
    return plan_batch(f->session, f->arena, rel, &f->plan);
}

static Status write_rows(const Filling *f, const SinkReplace *only, bool replace)
{
    BatchArgs batch = {.session = f->session, .env = f->args->env, .cancel = f->args->cancel};
    BatchTarget to = {.format = S("iceberg"),
                      .table = name_text(f->arena, &f->name),
                      .options = &f->st->options,
                      .only = only,
                      .sort_order = MAX(f->order, 0),
                      .replace = replace};
    return batch_write(&batch, f->plan, &to);
}

Status create_filled(const StatementArgs *args, Arena *a, const Statement *st,
                     const TableName *name, const TableDef *def)
{
    static const Statement none = {.kind = STMT_INSERT};
    Catalogs *c = args->session->catalogs;
    LakeTable *before = NULL;
    Filling f = {.args = args, .session = args->session, .arena = a, .name = *name, .st = &none};
    f.text = table_name_text(a, name);
    TRY(plan_rows(&f, &(InsertShape){.to = def->schema}, st->rel));
    Status s = table_load(&before, a, c, name);
    if (s.code && s.code != ERR_NOT_FOUND) return s;
    TRY(table_create(c, name, def, st->if_exists, st->replace));
    s = write_rows(&f, NULL, false);
    if (!s.code) return DONE;
    const Failure *why = failure_copy(a, failure());
    Status undone = before ? table_put_back(c, name, before) : table_drop(c, name, true, true);
    if (undone.code) return fail_in(failure_again(why), STR_FMT " is empty now", STR_ARG(f.text));
    return failure_again(why);
}

// ---- what is replaced --------------------------------------------------------------------------

static Rel *read_of(const Filling *f, Str file)
{
    Arena *a = f->arena;
    Rel *r = rel_new(a, REL_UNRESOLVED_TABLE, f->st->at, NULL);
    r->name = NEW(a, Str, f->name.nns + 2);
    r->name[r->nnames++] = f->name.catalog;
    for (int32_t i = 0; i < f->name.nns; i++) r->name[r->nnames++] = f->name.ns[i];
    r->name[r->nnames++] = f->name.table;
    Str id = str_fmt(a, "%lld", (long long)lake_table_snapshot_id(f->table));
    if (!file.n) return r;
    vec_push(a, &r->options, ((Option){S("snapshot-id"), id}));
    vec_push(a, &r->options, ((Option){S("data-file"), file}));
    return r;
}

static const ReadNode *find_read(const Rel *r)
{
    if (r->kind == REL_READ) return r->read;
    for (int32_t i = 0; i < 2; i++) {
        const ReadNode *n = r->input[i] ? find_read(r->input[i]) : NULL;
        if (n) return n;
    }
    return NULL;
}

static Status candidates(const Filling *f, Expr *condition, TableScan **scan)
{
    Arena *a = f->arena;
    Rel *r = rel_new(a, REL_FILTER, f->st->at, read_of(f, (Str){0}));
    r->expr = NEW(a, Expr *, 1);
    r->expr[r->nexprs++] = expr_copy_whole(a, condition);
    TRY(analyse(f->session, a, &r));
    TRY(check_batch(r));
    TRY(optimise(f->session, a, &r));
    const ReadNode *read = find_read(r);
    *scan = NULL; // the condition is never true
    if (!read) return DONE;
    return table_scan_new(scan, a, f->table, read->prune, read->nprune);
}

// Of a file's rows: how many there are, and how many meet the condition.
static Status count_rows(const Filling *f, Expr *condition, Str file, int64_t n[2])
{
    Arena *a = f->arena;
    Batch *rows = NULL;
    int32_t nrows = 0;
    Datum one = {.i = 1};
    Rel *r = rel_new(a, REL_PROJECT, f->st->at, read_of(f, file));
    r->expr = NEW(a, Expr *, 2);
    r->expr[r->nexprs++] = expr_call(a, S("count"), 1, expr_literal(a, &type_int, &one));
    r->expr[r->nexprs++] = expr_call(a, S("count_if"), 1, expr_copy_whole(a, condition));
    TRY(analyse(f->session, a, &r));
    TRY(f->session->run_rows(f->session, a, r, &rows, &nrows));
    must(nrows == 1);
    for (int32_t i = 0; i < 2; i++) n[i] = column_i64(&rows[0].col[i], 0);
    return DONE;
}

static Status part_of_file(Arena *a, Str file, const int64_t n[2])
{
    Str needs = str_fmt(
        a, "a condition that takes partitions whole: only %lld of %lld rows of " STR_FMT " meet it",
        (long long)n[1], (long long)n[0], STR_ARG(file));
    return RAISE(UNSUPPORTED_FEATURE, P("feature", S("replacing some rows of a data file")),
                 P("needs", needs));
}

static Status find_files(const Filling *f, Expr *condition, SinkReplace *only)
{
    TableScan *scan = NULL;
    int64_t nfiles = 0;
    only->files = true;
    TRY(candidates(f, condition, &scan));
    const ScanFile *file = scan ? table_scan_files(scan, &nfiles) : NULL;
    Str *gone = NEW(f->arena, Str, nfiles + 1);
    for (int64_t i = 0; i < nfiles; i++) {
        int64_t n[2];
        TRY(count_rows(f, condition, file[i].path, n));
        if (n[1] && n[0] == n[1]) gone[only->nfiles++] = file[i].path;
        if (n[1] && n[0] != n[1]) return part_of_file(f->arena, file[i].path, n);
    }
    only->file = gone;
    return DONE;
}

// ---- INSERT ------------------------------------------------------------------------------------

static bool is_identity(const LakeTable *t, Str column)
{
    int32_t n;
    const PartitionField *p = lake_table_partition(t, &n);
    for (int32_t i = 0; i < n; i++)
        if (p[i].transform == TR_IDENTITY &&
            str_ieq(lake_table_schema(t)->field[p[i].source].name, column))
            return true;
    return false;
}

static Status fixed_columns(const Filling *f, InsertShape *shape)
{
    const Statement *st = f->st;
    FixedColumn *fixed = NEW(f->arena, FixedColumn, st->npartition_values + 1);
    shape->fixed = fixed;
    for (int32_t i = 0; i < st->npartition_values; i++) {
        const PartitionValue *v = &st->partition_value[i];
        Buf quoted = buf_new(f->arena);
        name_backticks(&quoted, v->name);
        if (!is_identity(f->table, v->name))
            return RAISE(NON_PARTITION_COLUMN, P("columnName", buf_str(&quoted)));
        if (v->value) fixed[shape->nfixed++] = (FixedColumn){v->name, v->value};
    }
    if (!st->if_exists || !shape->nfixed) return DONE;
    return RAISE(INSERT_PARTITION_SPEC_IF_NOT_EXISTS, P("tableName", f->text));
}

static Expr *all_fixed(const Filling *f, const InsertShape *shape)
{
    Arena *a = f->arena;
    Expr *all = NULL;
    for (int32_t i = 0; i < shape->nfixed; i++) {
        const FixedColumn *c = &shape->fixed[i];
        const Field *to = &shape->to->field[type_field(shape->to, c->name)];
        Expr *value = expr_cast(a, expr_copy_whole(a, c->value), to->type, CAST_SQL);
        Expr *same = expr_call(a, S("<=>"), 2, expr_name(a, to->name), value);
        all = all ? expr_call(a, S("and"), 2, all, same) : same;
    }
    return all;
}

static bool is_dynamic(const Filling *f, const InsertShape *shape)
{
    const Str *own = options_get(&f->st->options, S("overwrite-mode"));
    int32_t n;
    lake_table_partition(f->table, &n);
    Str mode = conf_get(f->session, S("spark.sql.sources.partitionOverwriteMode"));
    if (f->st->dynamic) return true;
    return n > shape->nfixed && str_ieq(own ? *own : mode, S("dynamic"));
}

static Status insert_once(Filling *f)
{
    const Statement *st = f->st;
    SinkReplace only = {0};
    TRY(table_load(&f->table, f->arena, f->session->catalogs, &f->name));
    InsertShape shape = {.to = lake_table_schema(f->table),
                         .column = st->column,
                         .ncolumns = st->ncolumns,
                         .by_name = st->by_name};
    TRY(fixed_columns(f, &shape));
    Expr *condition = st->where;
    if (st->overwrite && !condition && is_dynamic(f, &shape))
        only.partitions = true;
    else if (st->overwrite && !condition)
        condition = all_fixed(f, &shape);
    if (condition) TRY(find_files(f, condition, &only));
    bool all = !only.partitions && !only.files;
    TRY(plan_rows(f, &shape, rel_copy(f->arena, st->rel)));
    return write_rows(f, all ? NULL : &only, st->overwrite);
}

Status insert_rows(const StatementArgs *args, Arena *a, const Statement *st)
{
    enum { TRIES = 5 };
    Filling f = {.args = args, .session = args->session, .arena = a, .st = st};
    FileTable files;
    bool found;
    if (!st->nnames) return insert_directory(args, a, st);
    TRY(find_file_table(args, a, st, &files, &found));
    if (found) return insert_file_table(args, a, st, &files);
    TRY(name_complete(f.session, a, st->name, st->nnames, &f.name));
    f.text = table_name_text(a, &f.name);
    // Maintenance may merge the files that are to go while the rows are written.
    Status s = insert_once(&f);
    for (int32_t i = 1; i < TRIES && s.code == ERR_CONFLICT; i++) s = insert_once(&f);
    return s;
}
