// connect_write.c -- df.write, df.writeTo and views: statements where there is one that says the
// same, else a write to files.
#include "lake/catalog.h"
#include "lake/file_table.h"
#include "plan/connect_command_in.h"

enum { SAVE_APPEND = 1, SAVE_OVERWRITE, SAVE_ERROR, SAVE_IGNORE };

static Statement *statement(Connect *c, ConnectPlan *p, StatementKind kind)
{
    Statement *st = NEW(c->a, Statement, 1);
    st->kind = kind;
    p->kind = CONNECT_STATEMENT;
    p->statement = st;
    return st;
}

Status connect_view(Connect *c, const Proto *m, ConnectPlan *p)
{
    Statement *st = statement(c, p, STMT_CREATE_VIEW);
    st->temporary = true;
    st->global = proto_bool(m, 3);
    st->replace = proto_bool(m, 4);
    TRY(parse_name(&st->name, &st->nnames, c->a, proto_str(m, 2)));
    if (st->nnames > 1)
        return RAISE(TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS, P("actualName", proto_str(m, 2)));
    return connect_rel_of(c, m, 1, &st->rel);
}

static Status table_there(Connect *c, const Statement *st, bool *there)
{
    Session *s = c->env->session;
    TableName name;
    LakeTable *table;
    *there = false;
    if (!s->catalogs) return DONE;
    TRY(name_complete(s, c->a, st->name, st->nnames, &name));
    FileTable files;
    Str file = file_table_name(c->a, &name);
    *there = file_table_load(&files, c->a, s->file_tables, file).code == OK;
    if (*there) return DONE;
    Status found = table_load(&table, c->a, s->catalogs, &name);
    *there = found.code == OK;
    return found.code == ERR_NOT_FOUND ? DONE : found;
}

static Status partition_names(Connect *c, const Proto *m, uint32_t no, Statement *st)
{
    st->partition = NEW(c->a, Transform, proto_count(m, no));
    for (ProtoEach e = proto_each(m, no); proto_more(&e);)
        st->partition[st->npartition++] =
            (Transform){.name = S("identity"), .column = e.field.bytes};
    return DONE;
}

void connect_clustering(Connect *c, const Proto *m, uint32_t no, Options *to)
{
    Str *column = NULL;
    int32_t n = 0;
    connect_strings(c->a, m, no, &column, &n);
    if (n) clustering_property(to, c->a, column, n);
}

static Status create_table(Connect *c, const Proto *m, Statement *st)
{
    st->kind = STMT_CREATE_TABLE;
    st->format = proto_str(m, 2);
    TRY(connect_options(c->a, m, 9, &st->options));
    const Str *path = options_get(&st->options, S("path"));
    if (path) st->location = *path;
    connect_clustering(c, m, 10, &st->properties);
    return partition_names(c, m, 7, st);
}

// saveAsTable makes the table when it is not there; appending goes by name.
static Status save_as_table(Connect *c, const Proto *m, Statement *st, int64_t mode)
{
    bool there;
    TRY(table_there(c, st, &there));
    TRY(create_table(c, m, st));
    st->if_exists = mode == SAVE_IGNORE;
    st->replace = mode == SAVE_OVERWRITE;
    if (mode != SAVE_APPEND || !there) return DONE;
    st->kind = STMT_INSERT;
    st->by_name = true;
    st->npartition = 0;
    return DONE;
}

static Status write_table(Connect *c, const Proto *m, const Proto *table, ConnectPlan *p)
{
    enum { SAVE_AS_TABLE = 1, INSERT_INTO };
    Statement *st = statement(c, p, STMT_INSERT);
    int64_t mode = proto_int(m, 5);
    TRY(connect_rel_of(c, m, 1, &st->rel));
    TRY(parse_name(&st->name, &st->nnames, c->a, proto_str(table, 1)));
    if (proto_int(table, 2) == SAVE_AS_TABLE) return save_as_table(c, m, st, mode);
    if (proto_int(table, 2) != INSERT_INTO)
        return connect_unset("WriteOperation.SaveTable.save_method", (uint32_t)proto_int(table, 2));
    st->overwrite = mode == SAVE_OVERWRITE;
    return DONE;
}

static ConnectMode mode_of(int64_t mode)
{
    if (mode == SAVE_APPEND) return CONNECT_MODE_APPEND;
    if (mode == SAVE_OVERWRITE) return CONNECT_MODE_OVERWRITE;
    return mode == SAVE_IGNORE ? CONNECT_MODE_IGNORE : CONNECT_MODE_ERROR;
}

Status connect_write(Connect *c, const Proto *m, ConnectPlan *p)
{
    Proto table;
    TRY(proto_sub(m, 4, &table));
    if (proto_has(m, 8)) return connect_unbuilt("bucketBy", "partition by the bucket's hash");
    if (table.present) return write_table(c, m, &table, p);
    ConnectWrite *w = &p->write;
    p->kind = CONNECT_WRITE;
    w->format = proto_str(m, 2);
    w->mode = mode_of(proto_int(m, 5));
    TRY(connect_rel_of(c, m, 1, &w->rel));
    TRY(connect_options(c->a, m, 9, &w->options));
    connect_strings(c->a, m, 7, &w->partition, &w->npartition);
    const Str *path = options_get(&w->options, S("path"));
    w->path = proto_has(m, 3) ? proto_str(m, 3) : path ? *path : S("");
    return DONE;
}

static Str dotted(Arena *a, const Expr *e)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < e->nparts; i++)
        buf_fmt(&b, "%s" STR_FMT, i ? "." : "", STR_ARG(e->part[i]));
    return buf_str(&b);
}

// partitionedBy(col, years(col), bucket(4, col)).
static Status transform_of(Connect *c, const Expr *e, Transform *t)
{
    *t = (Transform){.name = S("identity")};
    const Expr *column = e;
    if (e->kind == E_CALL && e->nargs) {
        t->name = e->name;
        column = e->arg[e->nargs - 1];
        if (e->nargs == 2 && e->arg[0]->kind == E_LITERAL) t->arg = (int32_t)e->arg[0]->value.i;
    }
    if (column->kind != E_NAME)
        return fail(ERR_INVALID, "a table is partitioned by columns and years(), months(), days(), "
                                 "hours(), bucket() of them");
    t->column = dotted(c->a, column);
    return DONE;
}

static Status partition_exprs(Connect *c, const Proto *m, uint32_t no, Statement *st)
{
    Exprs by = {0};
    TRY(connect_exprs(c, m, no, &by));
    st->partition = NEW(c->a, Transform, by.n);
    st->npartition = (int32_t)by.n;
    for (int64_t i = 0; i < by.n; i++) TRY(transform_of(c, by.v[i], &st->partition[i]));
    return DONE;
}

Status connect_write_v2(Connect *c, const Proto *m, ConnectPlan *p)
{
    enum { CREATE = 1, OVERWRITE, OVERWRITE_PARTITIONS, APPEND, REPLACE, CREATE_OR_REPLACE };
    int64_t mode = proto_int(m, 7);
    bool insert = mode == OVERWRITE || mode == OVERWRITE_PARTITIONS || mode == APPEND;
    Statement *st = statement(c, p, insert ? STMT_INSERT : STMT_CREATE_TABLE);
    TRY(connect_rel_of(c, m, 1, &st->rel));
    TRY(parse_name(&st->name, &st->nnames, c->a, proto_str(m, 2)));
    st->format = proto_str(m, 3);
    st->by_name = insert;
    TRY(partition_exprs(c, m, 4, st));
    TRY(connect_options(c->a, m, 5, &st->options));
    TRY(connect_options(c->a, m, 6, &st->properties));
    connect_clustering(c, m, 9, &st->properties);
    if (mode == OVERWRITE) {
        TRY(connect_expr_of(c, m, 8, &st->where));
        st->overwrite = true;
        bool all = st->where->kind == E_LITERAL && st->where->type->id == T_BOOLEAN;
        if (all && !st->where->value.null && st->where->value.i) st->where = NULL;
    }
    if (mode == OVERWRITE_PARTITIONS) st->overwrite = st->dynamic = true;
    bool there = true;
    if (mode == REPLACE) TRY(table_there(c, st, &there));
    if (!there) return RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", proto_str(m, 2)));
    st->replace = mode == REPLACE || mode == CREATE_OR_REPLACE;
    return mode >= CREATE && mode <= CREATE_OR_REPLACE
               ? DONE
               : connect_unset("WriteOperationV2.mode", (uint32_t)mode);
}
