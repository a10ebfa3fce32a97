// statement_view.c -- CREATE, ALTER and DROP VIEW. What a catalog keeps of a view is the text of
// its query with the namespace and the settings it was made under; it is analysed when it is made,
// to know its columns, and again at each use (plan/analyse_view.c).
#include "run/statement_view.h"
#include "run/batch.h"
#include "run/names.h"
#include "run/statement_files.h"

static Str quoted(Arena *a, const TableName *name) // of a temporary view: its name alone
{
    Buf b = buf_new(a);
    if (name->catalog.n) name_backticks(&b, name->catalog);
    for (int32_t i = 0; i <= name->nns; i++) {
        if (b.n) buf_char(&b, '.');
        name_backticks(&b, i < name->nns ? name->ns[i] : name->table);
    }
    return buf_str(&b);
}
static Status check_cycle(Arena *a, const TableName *name, const ViewUse *use)
{
    Str self = quoted(a, name);
    for (int64_t i = 0; i < use->kept.n; i++)
        if (str_eq(use->kept.v[i], self))
            return RAISE(
                RECURSIVE_VIEW, P("viewIdent", self),
                P("newPath", str_fmt(a, STR_FMT " -> " STR_FMT, STR_ARG(self), STR_ARG(self))));
    return DONE;
}
// Where names of the text are looked up, and the settings that decide what it means.
static void keep_context(Session *s, Arena *a, LakeView *v)
{
    static const Str keys[] = {STR_INIT("spark.sql.ansi.enabled"),
                               STR_INIT("spark.sql.session.timeZone")};
    v->catalog = s->catalog;
    v->ns = s->ns;
    v->nns = s->nns;
    v->conf = (Options){0};
    for (int64_t i = 0; i < COUNT(keys); i++) {
        Option o = {keys[i], conf_get(s, keys[i])};
        vec_push(a, &v->conf, o);
    }
}

// -- temporary views

// CREATE TEMPORARY VIEW v USING format OPTIONS (..): a stream when it is read with STREAM, or when
// the source is nothing else.
static Rel *source_view(Arena *a, const Statement *st)
{
    Rel *r = rel_new(a, REL_UNRESOLVED_SOURCE, st->at, NULL);
    const Str *path = options_get(&st->options, S("path"));
    r->format = st->format;
    r->options = st->options;
    r->schema = st->columns;
    const SourceKind *kind = source_find(st->format);
    if (path) r->path = *path;
    r->is_streaming = kind && !kind->batches;
    return r;
}
// CREATE VIEW v (a, b) AS ..: as many names as there are are given here.
static Rel *named_columns(Arena *a, const Statement *st, Rel *rel)
{
    Rel *alias = rel_new(a, REL_SUBQUERY_ALIAS, (Origin){0}, rel);
    alias->column_alias = st->column;
    alias->ncolumn_alias = st->ncolumns;
    return alias;
}
Status statement_view(Session *s, const Statement *st)
{
    Arena *a = s->arena;
    Rel *rel = st->rel ? rel_copy(a, st->rel) : source_view(a, st);
    must(st->temporary);
    if (st->rel && st->ncolumns) rel = named_columns(a, st, rel);
    ViewUse use = {0};
    View view = {.rel = rel};
    Rel *parsed = rel_copy(a, rel);
    TRY(analyse_use(s, a, &view.rel, &use));
    bool again = st->rel && (st->view_text.n || use.variables); // a DataFrame's keeps its plan
    Str name = st->name[st->nnames - 1];
    if (st->global) name = session_view_key(a, (Str[]){S("global_temp"), name}, 2);
    LakeView *made = NEW(a, LakeView, 1);
    made->name = (TableName){.table = str_lower(a, name)};
    keep_context(s, a, made);
    made->schema = rel_schema(a, view.rel);
    view.made = made;
    if (again) TRY(check_cycle(a, &made->name, &use));
    if (again) view.parsed = parsed;
    return session_put_view(s, name, &view, st->replace);
}

// -- views that a catalog keeps

static Str quoted_list(Arena *a, const Str *name, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_put(&b, S(", "));
        name_backticks(&b, name[i]);
    }
    return buf_str(&b);
}
static bool is_global(const Statement *st)
{
    return st->nnames == 2 && str_ieq(st->name[0], S("global_temp"));
}
Status find_kept_view(const Session *s, Arena *a, const Statement *st, LakeView *v, bool *found)
{
    TableName name;
    *found = false;
    if (!s->catalogs || !st->nnames) return DONE;
    if (is_global(st)) {
        *found = !global_view_load(v, a, s->catalogs, st->name[1]).code;
        return DONE;
    }
    TRY(name_complete(s, a, st->name, st->nnames, &name));
    Status known = view_load(v, a, s->catalogs, &name);
    *found = !known.code;
    return known.code == ERR_NOT_FOUND ? DONE : known;
}
Status expect_no_view(const Session *s, Arena *a, const TableName *name, Str operation)
{
    LakeView v;
    Status known = view_load(&v, a, s->catalogs, name);
    if (known.code == ERR_NOT_FOUND) return DONE;
    TRY(known);
    return RAISE(EXPECT_TABLE_NOT_VIEW, P("operation", operation), P("viewName", quoted(a, name)));
}
// Whether the name is a table's.
static Status find_table(const StatementArgs *args, Arena *a, const Statement *st,
                         const TableName *name, bool *found)
{
    FileTable files;
    LakeTable *t;
    TRY(find_file_table(args, a, st, &files, found));
    if (*found) return DONE;
    Status known = table_load(&t, a, args->session->catalogs, name);
    *found = !known.code;
    return known.code == ERR_NOT_FOUND ? DONE : known;
}
static Status expect_view(Arena *a, const TableName *name, Str operation)
{
    return RAISE(EXPECT_VIEW_NOT_TABLE, P("operation", operation), P("tableName", quoted(a, name)));
}

static Status check_width(Arena *a, const Statement *st, const TableName *name, const Schema *query)
{
    int32_t n = query->nfields;
    if (!st->ncolumns || st->ncolumns == n) return DONE;
    Str *column = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) column[i] = query->field[i].name;
    Str wanted = quoted_list(a, st->column, st->ncolumns), have = quoted_list(a, column, n);
    if (st->ncolumns > n)
        return RAISE(CREATE_VIEW_NOT_ENOUGH_DATA_COLUMNS, P("viewName", quoted(a, name)),
                     P("viewColumns", wanted), P("dataColumns", have));
    return RAISE(CREATE_VIEW_TOO_MANY_DATA_COLUMNS, P("viewName", quoted(a, name)),
                 P("viewColumns", wanted), P("dataColumns", have));
}
// Nothing temporary, and not itself.
static Status check_use(Arena *a, const TableName *name, const ViewUse *use)
{
    if (use->kind.n)
        return RAISE(INVALID_TEMP_OBJ_REFERENCE, P("obj", S("VIEW")), P("objName", quoted(a, name)),
                     P("tempObj", use->kind), P("tempObjName", use->temporary));
    return check_cycle(a, name, use);
}
static void view_schema(Arena *a, LakeView *v, const Statement *st, const Schema *query)
{
    int32_t n = query->nfields;
    Field *field = NEW(a, Field, n);
    Str *column = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) {
        Str comment = query->field[i].comment, own = query->field[i].name;
        if (st->ncolumns) own = st->column[i], comment = st->column_comment[i];
        field[i] = field_of(own, query->field[i].type, true);
        field[i].comment = comment;
        column[i] = query->field[i].name;
    }
    v->schema = type_struct(a, field, n);
    v->column = column;
}
static Status check_columns(Arena *a, const Schema *s)
{
    for (int32_t i = 0; i < s->nfields; i++)
        for (int32_t k = 0; k < i; k++)
            if (str_ieq(s->field[i].name, s->field[k].name))
                return RAISE(COLUMN_ALREADY_EXISTS,
                             P("columnName", space_quoted(a, (Str){0}, &s->field[i].name, 1)));
    return DONE;
}
// What the view's text says now: its columns, where it looks, under which settings.
static Status define_text(const StatementArgs *args, Arena *a, const Statement *st, LakeView *v,
                          bool global)
{
    Session *s = args->session;
    ViewUse use = {0};
    Rel *rel = rel_copy(a, st->rel);
    TRY(analyse_use(s, a, &rel, &use));
    const Schema *query = rel_schema(a, rel);
    TRY(check_width(a, st, &v->name, query));
    if (!global) TRY(check_use(a, &v->name, &use));
    v->sql = st->view_text;
    keep_context(s, a, v);
    view_schema(a, v, st, query);
    return check_columns(a, v->schema);
}
static Status create_kept(const StatementArgs *args, Arena *a, const Statement *st)
{
    Session *s = args->session;
    LakeView v = {0}, before;
    bool table, view;
    TRY(name_complete(s, a, st->name, st->nnames, &v.name));
    TRY(find_table(args, a, st, &v.name, &table));
    TRY(find_kept_view(s, a, st, &before, &view));
    if ((table || view) && st->if_exists) return DONE;
    TRY(define_text(args, a, st, &v, false));
    if (table && st->replace) return expect_view(a, &v.name, S("CREATE OR REPLACE VIEW"));
    if (table || (view && !st->replace))
        return RAISE(TABLE_OR_VIEW_ALREADY_EXISTS, P("relationName", quoted(a, &v.name)));
    v.comment = st->comment;
    v.properties = st->properties;
    return view_save(s->catalogs, &v, view ? VIEW_REPLACE : VIEW_CREATE);
}
static Status create_global(const StatementArgs *args, Arena *a, const Statement *st)
{
    LakeView v = {.name = {.catalog = S("global_temp"), .table = st->name[0]}}, before;
    Catalogs *c = args->session->catalogs;
    bool there = !global_view_load(&before, a, c, st->name[0]).code;
    if (there && st->if_exists) return DONE;
    TRY(define_text(args, a, st, &v, true));
    v.comment = st->comment;
    v.properties = st->properties;
    if (global_view_save(c, &v, st->replace)) return DONE;
    return RAISE(TEMP_TABLE_OR_VIEW_ALREADY_EXISTS, P("relationName", quoted(a, &v.name)));
}
Status create_view(const StatementArgs *args, Arena *a, const Statement *st)
{
    if (!st->temporary) return create_kept(args, a, st);
    if (st->nnames > 1) {
        Buf b = buf_new(a);
        for (int32_t i = 0; i < st->nnames; i++) {
            if (i) buf_char(&b, '.');
            name_backticks(&b, st->name[i]);
        }
        return RAISE(TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS, P("actualName", buf_str(&b)));
    }
    bool shared = st->global && st->view_text.n && args->session->catalogs;
    return shared ? create_global(args, a, st) : statement_view(args->session, st);
}

static Status not_found(Arena *a, const Statement *st)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < st->nnames; i++) {
        if (i) buf_char(&b, '.');
        name_backticks(&b, st->name[i]);
    }
    return RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", buf_str(&b)));
}
static Status set_properties(Arena *a, LakeView *v, const Options *set)
{
    for (int64_t i = 0; i < set->n; i++) {
        bool known = false;
        for (int64_t k = 0; k < v->properties.n; k++) {
            if (!str_eq(v->properties.v[k].key, set->v[i].key)) continue;
            v->properties.v[k].value = set->v[i].value;
            known = true;
        }
        if (str_eq(set->v[i].key, S("comment")))
            v->comment = set->v[i].value;
        else if (!known)
            vec_push(a, &v->properties, set->v[i]);
    }
    return DONE;
}
static Status unset_properties(LakeView *v, const Statement *st)
{
    for (int64_t i = 0; i < st->properties.n; i++)
        for (int64_t k = 0; k < v->properties.n; k++)
            if (str_eq(v->properties.v[k].key, st->properties.v[i].key)) {
                v->properties.v[k--] = v->properties.v[--v->properties.n];
            }
    return DONE;
}
static Status alter_kept(const StatementArgs *args, Arena *a, const Statement *st, LakeView *v)
{
    Session *s = args->session;
    TableName to;
    AlterKind kind = st->alter.kind;
    bool global = is_global(st);
    if (kind == ALTER_RENAME && !global) {
        TRY(name_complete(s, a, st->target, st->ntarget, &to));
        if (st->ntarget == 1)
            to.catalog = v->name.catalog, to.ns = v->name.ns, to.nns = v->name.nns;
        return view_rename(s->catalogs, &v->name, &to);
    }
    if (kind == ALTER_QUERY)
        TRY(define_text(args, a, st, v, global));
    else if (kind == ALTER_SET_PROPERTIES)
        TRY(set_properties(a, v, &st->properties));
    else if (kind == ALTER_UNSET_PROPERTIES)
        TRY(unset_properties(v, st));
    else
        return RAISE(UNSUPPORTED_FEATURE, P("feature", str_cut(st->at.text, '\n').head),
                     P("needs", S("ALTER VIEW takes AS, SET or UNSET TBLPROPERTIES, RENAME TO")));
    if (!global) return view_save(s->catalogs, v, VIEW_REPLACE);
    return global_view_save(s->catalogs, v, true) ? DONE : not_found(a, st);
}
// ALTER VIEW of a temporary one: AS is CREATE OR REPLACE.
static Status alter_temporary(Session *s, const Statement *st)
{
    Statement again = *st;
    Str name = st->name[st->nnames - 1];
    if (st->alter.kind == ALTER_QUERY) {
        again.kind = STMT_CREATE_VIEW;
        again.temporary = again.replace = true;
        return statement_view(s, &again);
    }
    if (st->alter.kind == ALTER_RENAME && st->ntarget == 1) {
        const View *v = session_view(s, name);
        TRY(session_put_view(s, st->target[0], v, false));
        session_drop_view(s, name);
        return DONE;
    }
    return RAISE(UNSUPPORTED_FEATURE, P("feature", str_cut(st->at.text, '\n').head),
                 P("needs", S("a temporary view takes AS and RENAME TO")));
}
Status alter_view(const StatementArgs *args, Arena *a, const Statement *st)
{
    Session *s = args->session;
    LakeView v;
    TableName name;
    bool found;
    if (st->nnames == 1 && session_view(s, st->name[0])) return alter_temporary(s, st);
    TRY(find_kept_view(s, a, st, &v, &found));
    if (found) return alter_kept(args, a, st, &v);
    TRY(name_complete(s, a, st->name, st->nnames, &name));
    TRY(find_table(args, a, st, &name, &found));
    if (!found) return not_found(a, st);
    return RAISE(EXPECT_VIEW_NOT_TABLE_USE_ALTER_TABLE, P("operation", S("ALTER VIEW ... AS")),
                 P("tableName", quoted(a, &name)));
}

Status drop_view(const StatementArgs *args, Arena *a, const Statement *st)
{
    Session *s = args->session;
    TableName name;
    bool table;
    if (st->nnames == 1 && session_drop_view(s, st->name[0])) return DONE;
    if (is_global(st)) {
        bool gone = session_drop_view(s, session_view_key(a, st->name, 2));
        if (s->catalogs && global_view_drop(s->catalogs, st->name[1])) gone = true;
        return gone || st->if_exists ? DONE : not_found(a, st);
    }
    TRY(name_complete(s, a, st->name, st->nnames, &name));
    if (!s->catalogs)
        return st->if_exists ? DONE
                             : RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", quoted(a, &name)));
    Status s1 = view_drop(s->catalogs, &name);
    if (s1.code != ERR_NOT_FOUND) return s1;
    TRY(find_table(args, a, st, &name, &table));
    if (table) return expect_view(a, &name, S("DROP VIEW"));
    return st->if_exists ? DONE
                         : RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", quoted(a, &name)));
}
