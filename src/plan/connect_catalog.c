// connect_catalog.c -- spark.catalog.*: what there is, as rows at hand. A call that changes
// something does it here, where its relation is made.
#include "expr/agg.h"
#include "expr/fn.h"
#include "lake/file_table.h"
#include "lake/view.h"
#include "plan/connect_rel_in.h"
#include "plan/kept.h"

typedef struct Listing { // rows of text, one column of yes and no or lists among them
    Connect *c;
    const Schema *schema;
    Builder **col;
    int32_t rows;
} Listing;

static Status listing_open(Listing *l, Connect *c, const char *ddl)
{
    *l = (Listing){.c = c};
    TRY(schema_parse(&l->schema, c->a, str_z(ddl)));
    l->col = NEW(c->a, Builder *, l->schema->nfields);
    for (int32_t i = 0; i < l->schema->nfields; i++)
        l->col[i] = builder_new(c->a, l->schema->field[i].type);
    return DONE;
}

// A value a column: NULL, "true" or "false" of a boolean, one element of an array of texts.
static void listing_row(Listing *l, const Str *value)
{
    for (int32_t i = 0; i < l->schema->nfields; i++) {
        const Type *t = l->schema->field[i].type;
        Datum v = {.s = value[i]};
        if (t->id == T_BOOLEAN) v = (Datum){.i = str_eq(value[i], S("true"))};
        if (!value[i].p) {
            builder_null(l->col[i]);
        } else if (t->id == T_ARRAY) {
            builder_start(l->col[i]);
            if (v.s.n) builder_datum(builder_kid(l->col[i], 0), &v);
            builder_end(l->col[i]);
        } else {
            builder_datum(l->col[i], &v);
        }
    }
    l->rows++;
}
#define ROW(l, ...) listing_row((l), (Str[]){__VA_ARGS__})
static const Str no_value = {0};
#define YES(x) ((x) ? S("true") : S("false"))

static Status listing_close(Listing *l, Rel **r)
{
    Arena *a = l->c->a;
    Batch all = {.rows = l->rows, .cols = l->schema->nfields};
    all.col = NEW(a, Column, all.cols);
    for (int32_t i = 0; i < all.cols; i++) all.col[i] = builder_column(l->col[i]);
    Rel *local = *r = connect_node(l->c, REL_LOCAL, NULL, NULL);
    Batch *part = NEW(a, Batch, l->rows / BATCH_ROWS + 1);
    for (int32_t at = 0; at < l->rows; at += BATCH_ROWS)
        part[local->nrows++] = batch_slice(a, &all, at, MIN(BATCH_ROWS, l->rows - at));
    local->schema = l->schema;
    local->rows = part;
    return DONE;
}

static Status one_value(Connect *c, const char *ddl, Str value, Rel **r)
{
    Listing l;
    TRY(listing_open(&l, c, ddl));
    must(l.schema->nfields == 1);
    ROW(&l, value);
    return listing_close(&l, r);
}

static Status one_flag(Connect *c, bool value, Rel **r)
{
    return one_value(c, "value BOOLEAN NOT NULL", YES(value), r);
}

static Status nothing(Connect *c, Rel **r)
{
    Rel *local = *r = connect_node(c, REL_LOCAL, NULL, NULL);
    local->schema = type_struct(c->a, NULL, 0);
    return DONE;
}

// -- names

static Str joined(Arena *a, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) buf_fmt(&b, "%s" STR_FMT, i ? "." : "", STR_ARG(part[i]));
    return buf_str(&b);
}

static Str current_namespace(const Connect *c)
{
    const Session *s = c->env->session;
    return s->nns ? joined(c->a, s->ns, s->nns) : S("default");
}

typedef struct Space { // a namespace of a catalog
    Catalog *catalog;
    Str name, *part;
    int32_t n;
} Space;

// "db", "catalog.db", or nothing: the current one.
static Status space_of(Connect *c, Str text, Space *to)
{
    Session *s = c->env->session;
    *to = (Space){.name = s->catalog};
    if (!s->catalogs) return fail(ERR_NOT_FOUND, "this session has no catalogs");
    if (text.n) {
        TRY(parse_name(&to->part, &to->n, c->a, text));
    } else {
        Str dflt = current_namespace(c);
        TRY(parse_name(&to->part, &to->n, c->a, dflt));
    }
    if (to->n > 1 && catalog_get(&to->catalog, s->catalogs, to->part[0]).code == OK) {
        to->name = *to->part++;
        to->n--;
        return DONE;
    }
    return catalog_get(&to->catalog, s->catalogs, to->name);
}

static Status space_there(const Space *s, bool *there)
{
    return catalog_schema_exists(s->catalog, s->part, s->n, there);
}

static Status need_space(Connect *c, const Space *s)
{
    bool there;
    TRY(space_there(s, &there));
    Str current = current_namespace(c); // is there though nothing was made in it yet
    if (there || str_ieq(joined(c->a, s->part, s->n), current)) return DONE;
    Str name = str_fmt(c->a, "`" STR_FMT "`.`" STR_FMT "`", STR_ARG(s->name),
                       STR_ARG(joined(c->a, s->part, s->n)));
    return RAISE(SCHEMA_NOT_FOUND, P("schemaName", name));
}

// The parts of table_name, in db_name when that is said.
static Status table_parts(Connect *c, const Proto *m, uint32_t table, uint32_t db, Str **part,
                          int32_t *n)
{
    Str name = proto_str(m, table), in = proto_str(m, db);
    if (in.n) name = str_fmt(c->a, STR_FMT ".`" STR_FMT "`", STR_ARG(in), STR_ARG(name));
    return parse_name(part, n, c->a, name);
}

static bool like(Str pattern, Str name) // * is anything, | parts patterns, case does not matter
{
    if (!pattern.n) return name.n == 0;
    if (pattern.p[0] == '*') {
        for (int64_t i = 0; i <= name.n; i++)
            if (like(str_from(pattern, 1), str_from(name, i))) return true;
        return false;
    }
    if (!name.n) return false;
    bool same = str_ieq(str_sub(pattern, 0, 1), str_sub(name, 0, 1));
    return (same || pattern.p[0] == '.') && like(str_from(pattern, 1), str_from(name, 1));
}

static bool matches(const Proto *m, uint32_t no, Str name)
{
    if (!proto_has(m, no)) return true;
    for (Cut one = str_cut(proto_str(m, no), '|');; one = str_cut(one.tail, '|')) {
        if (like(str_trim(one.head), name)) return true;
        if (!one.ok) return false;
    }
}

// -- databases and catalogs

#define DATABASES "name STRING, catalog STRING, description STRING, locationUri STRING"

static Status list_databases(Connect *c, const Proto *m, Rel **r)
{
    Session *s = c->env->session;
    Catalog *catalog;
    Listing l;
    Str *name;
    int32_t n;
    TRY(listing_open(&l, c, DATABASES));
    TRY(catalog_get(&catalog, s->catalogs, s->catalog));
    TRY(catalog_list_schemas(catalog, c->a, NULL, 0, &name, &n));
    for (int32_t i = 0; i < n; i++)
        if (matches(m, 1, name[i])) ROW(&l, name[i], s->catalog, no_value, S(""));
    return listing_close(&l, r);
}

static Status get_database(Connect *c, const Proto *m, Rel **r)
{
    Space space;
    Listing l;
    TRY(space_of(c, proto_str(m, 1), &space));
    TRY(need_space(c, &space));
    TRY(listing_open(&l, c, DATABASES));
    ROW(&l, joined(c->a, space.part, space.n), space.name, no_value, S(""));
    return listing_close(&l, r);
}

static Status database_exists(Connect *c, const Proto *m, Rel **r)
{
    Space space;
    bool there;
    TRY(space_of(c, proto_str(m, 1), &space));
    TRY(space_there(&space, &there));
    there |= str_ieq(joined(c->a, space.part, space.n), current_namespace(c));
    return one_flag(c, there, r);
}

static Status set_database(Connect *c, const Proto *m, Rel **r)
{
    Session *s = c->env->session;
    Space space;
    TRY(space_of(c, proto_str(m, 1), &space));
    TRY(need_space(c, &space));
    s->ns = NEW(s->arena, Str, space.n + 1);
    s->nns = space.n;
    for (int32_t i = 0; i < space.n; i++) s->ns[i] = str_copy(s->arena, space.part[i]);
    s->catalog = str_copy(s->arena, space.name);
    return nothing(c, r);
}

static Status set_catalog(Connect *c, const Proto *m, Rel **r)
{
    Session *s = c->env->session;
    Catalog *catalog;
    TRY(catalog_get(&catalog, s->catalogs, proto_str(m, 1)));
    s->catalog = str_copy(s->arena, proto_str(m, 1));
    s->nns = 0;
    return nothing(c, r);
}

static Status list_catalogs(Connect *c, const Proto *m, Rel **r)
{
    Listing l;
    Str *name;
    int32_t n;
    TRY(listing_open(&l, c, "name STRING, description STRING"));
    catalogs_list(c->env->session->catalogs, c->a, &name, &n);
    for (int32_t i = 0; i < n; i++)
        if (matches(m, 1, name[i])) ROW(&l, name[i], no_value);
    return listing_close(&l, r);
}

// -- tables

#define TABLES                                                                                     \
    "name STRING, catalog STRING, namespace ARRAY<STRING>, description STRING, "                   \
    "tableType STRING, isTemporary BOOLEAN NOT NULL"

static Status list_tables(Connect *c, const Proto *m, Rel **r)
{
    Session *s = c->env->session;
    Space space;
    Listing l;
    Str *name;
    int32_t n;
    TRY(space_of(c, proto_str(m, 1), &space));
    TRY(need_space(c, &space));
    TRY(listing_open(&l, c, TABLES));
    Status listed = catalog_list_tables(space.catalog, c->a, space.part, space.n, &name, &n);
    if (listed.code == ERR_NOT_FOUND)
        n = 0;
    else
        TRY(listed);
    for (int32_t i = 0; i < n; i++)
        if (matches(m, 2, name[i]))
            ROW(&l, name[i], space.name, joined(c->a, space.part, space.n), no_value, S("MANAGED"),
                S("false"));
    Str inside = joined(c->a, space.part, space.n);
    TRY(file_table_list(&name, &n, c->a, s->file_tables,
                        str_fmt(c->a, STR_FMT "." STR_FMT, STR_ARG(space.name), STR_ARG(inside))));
    for (int32_t i = 0; i < n; i++)
        if (matches(m, 2, name[i]))
            ROW(&l, name[i], space.name, inside, no_value, S("MANAGED"), S("false"));
    TRY(catalog_list_views(space.catalog, c->a, space.part, space.n, &name, &n));
    for (int32_t i = 0; i < n; i++)
        if (matches(m, 2, name[i]))
            ROW(&l, name[i], space.name, joined(c->a, space.part, space.n), no_value, S("VIEW"),
                S("false"));
    for (int64_t i = 0; i < s->views.n; i++)
        if (matches(m, 2, s->views.entry[i].key) &&
            !str_starts(s->views.entry[i].key, S("global_temp.")))
            ROW(&l, s->views.entry[i].key, no_value, S(""), no_value, S("TEMPORARY"), S("true"));
    return listing_close(&l, r);
}

// A table or view, analysed; not there: *rel is NULL.
static Status find_table(Connect *c, const Proto *m, uint32_t table, uint32_t db, Rel **rel)
{
    Rel *t = connect_node(c, REL_UNRESOLVED_TABLE, NULL, NULL);
    TRY(table_parts(c, m, table, db, &t->name, &t->nnames));
    *rel = t;
    Status s = analyse(c->env->session, c->a, rel);
    if (s.code == ERR_NOT_FOUND) *rel = NULL;
    return s.code == ERR_NOT_FOUND ? DONE : s;
}

static Status not_found(Connect *c, const Proto *m)
{
    Str name = str_fmt(c->a, "`" STR_FMT "`", STR_ARG(proto_str(m, 1)));
    return RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", name));
}

static bool is_view(const Connect *c, const Proto *m)
{
    return !proto_str(m, 2).n && session_view(c->env->session, proto_str(m, 1));
}

static Status get_table(Connect *c, const Proto *m, Rel **r)
{
    Listing l;
    Rel *found;
    Str *part;
    int32_t n;
    TRY(find_table(c, m, 1, 2, &found));
    if (!found) return not_found(c, m);
    TRY(listing_open(&l, c, TABLES));
    TRY(table_parts(c, m, 1, 2, &part, &n));
    if (is_view(c, m)) {
        ROW(&l, part[n - 1], no_value, S(""), no_value, S("TEMPORARY"), S("true"));
        return listing_close(&l, r);
    }
    TableName full;
    TRY(name_complete(c->env->session, c->a, part, n, &full));
    LakeView view;
    bool kept = !view_load(&view, c->a, c->env->session->catalogs, &full).code;
    ROW(&l, full.table, full.catalog, joined(c->a, full.ns, full.nns), no_value,
        kept ? S("VIEW") : S("MANAGED"), S("false"));
    return listing_close(&l, r);
}

static Status table_exists(Connect *c, const Proto *m, Rel **r)
{
    Rel *found;
    TRY(find_table(c, m, 1, 2, &found));
    return one_flag(c, found != NULL, r);
}

// The columns of clusterBy, of a table of either kind.
static Status clustering(Connect *c, const Proto *m, const Rel *r, Str **column, int32_t *n)
{
    Session *s = c->env->session;
    while (r->kind != REL_READ && r->input[0]) r = r->input[0];
    *n = 0;
    if (r->kind != REL_READ) return DONE;
    if (r->read->kind == READ_TABLE) {
        *n = file_table_clustering(column, c->a, lake_table_properties(r->read->table));
        return DONE;
    }
    Str *part;
    int32_t nparts;
    TableName full;
    FileTable t;
    TRY(table_parts(c, m, 1, 2, &part, &nparts));
    TRY(name_complete(s, c->a, part, nparts, &full));
    Status found = file_table_load(&t, c->a, s->file_tables, file_table_name(c->a, &full));
    if (!found.code) *n = file_table_clustering(column, c->a, &t.properties);
    return found.code == ERR_NOT_FOUND ? DONE : found;
}
static bool one_of(Str name, const Str *list, int32_t n)
{
    while (n > 0 && !str_eq(list[n - 1], name)) n--;
    return n > 0;
}

static Status list_columns(Connect *c, const Proto *m, Rel **r)
{
    Listing l;
    Rel *found;
    TRY(find_table(c, m, 1, 2, &found));
    if (!found) return not_found(c, m);
    TRY(listing_open(&l, c,
                     "name STRING, description STRING, dataType STRING, nullable BOOLEAN NOT NULL, "
                     "isPartition BOOLEAN NOT NULL, isBucket BOOLEAN NOT NULL, "
                     "isCluster BOOLEAN NOT NULL"));
    Str *by = NULL;
    int32_t nby;
    TRY(clustering(c, m, found, &by, &nby));
    for (int64_t i = 0; i < found->out.n; i++) {
        const Field *f = &found->out.v[i].field;
        ROW(&l, f->name, f->comment.n ? f->comment : no_value, type_name_str(c->a, f->type),
            YES(f->nullable), S("false"), S("false"), YES(one_of(f->name, by, nby)));
    }
    return listing_close(&l, r);
}

static Status drop_global_view(Connect *c, const Proto *m, Rel **r)
{
    Session *s = c->env->session;
    Str name[2] = {S("global_temp"), proto_str(m, 1)};
    bool gone = session_drop_view(s, session_view_key(c->a, name, 2));
    if (s->catalogs && global_view_drop(s->catalogs, name[1])) gone = true;
    return one_flag(c, gone, r);
}

static Status drop_view(Connect *c, const Proto *m, Rel **r)
{
    return one_flag(c, session_drop_view(c->env->session, proto_str(m, 1)), r);
}

static Status need_table(Connect *c, const Proto *m, Rel **r)
{
    Rel *found;
    TRY(find_table(c, m, 1, 0, &found));
    return found ? nothing(c, r) : not_found(c, m);
}

static Status is_cached(Connect *c, const Proto *m, Rel **r)
{
    Rel *found;
    TRY(find_table(c, m, 1, 0, &found));
    if (!found) return not_found(c, m);
    return one_flag(c, kept_level(c->env->session, c->a, found) != NULL, r);
}

static Status cache_table(Connect *c, const Proto *m, Rel **r)
{
    Rel *found;
    Proto level;
    TRY(find_table(c, m, 1, 0, &found));
    if (!found) return not_found(c, m);
    TRY(proto_sub(m, 2, &level));
    KeptLevel said = {.disk = proto_bool(&level, 1),
                      .memory = proto_bool(&level, 2),
                      .off_heap = proto_bool(&level, 3),
                      .deserialized = proto_bool(&level, 4),
                      .replication = (int32_t)proto_int(&level, 5)};
    kept_mark(c->env->session, found, level.present ? &said : &kept_usual);
    return nothing(c, r);
}

static Status uncache_table(Connect *c, const Proto *m, Rel **r)
{
    Rel *found;
    TRY(find_table(c, m, 1, 0, &found));
    if (!found) return not_found(c, m);
    kept_unmark(c->env->session, found);
    return nothing(c, r);
}

static Status clear_cache(Connect *c, const Proto *m, Rel **r)
{
    (void)m;
    kept_clear(c->env->session);
    return nothing(c, r);
}

// -- functions

#define FUNCTIONS                                                                                  \
    "name STRING, catalog STRING, namespace ARRAY<STRING>, description STRING, "                   \
    "className STRING, isTemporary BOOLEAN NOT NULL"

static void function_row(Listing *l, Str name, Str description, Str class)
{
    ROW(l, name, no_value, no_value, description, class, S("true"));
}
static void own_row(Listing *l, Str name)
{
    function_row(l, name, S("N/A."), S("org.apache.spark.sql.classic.UDFRegistration"));
}

static Status list_functions(Connect *c, const Proto *m, Rel **r)
{
    Listing l;
    const FnEntry *list;
    const Map *own = &c->env->session->functions;
    int64_t n = fn_list(c->a, &list);
    TRY(listing_open(&l, c, FUNCTIONS));
    for (int64_t i = 0; i < n; i++)
        if (!(list[i].fn && list[i].fn->flags & FN_INTERNAL) && matches(m, 2, list[i].name) &&
            !map_get(own, list[i].name))
            function_row(&l, list[i].name, str_z(list[i].doc), S(""));
    for (int64_t i = 0; i < own->n; i++)
        if (matches(m, 2, own->entry[i].key)) own_row(&l, own->entry[i].key);
    return listing_close(&l, r);
}

static const FnEntry *find_function(Connect *c, Str name)
{
    const FnEntry *list;
    int64_t n = fn_list(c->a, &list);
    for (int64_t i = 0; i < n; i++)
        if (str_ieq(list[i].name, name)) return &list[i];
    return NULL;
}

static Status get_function(Connect *c, const Proto *m, Rel **r)
{
    Listing l;
    const FnEntry *f = find_function(c, proto_str(m, 1));
    bool own = map_get(&c->env->session->functions, proto_str(m, 1)) != NULL;
    if (!f && !own)
        return RAISE(UNRESOLVED_ROUTINE, P("routineName", proto_str(m, 1)),
                     P("searchPath", S("[`system`.`builtin`, `system`.`session`]")),
                     P("hint", S("")));
    TRY(listing_open(&l, c, FUNCTIONS));
    if (own)
        own_row(&l, str_lower(c->a, proto_str(m, 1)));
    else
        function_row(&l, f->name, str_z(f->doc), S(""));
    return listing_close(&l, r);
}

static Status function_exists(Connect *c, const Proto *m, Rel **r)
{
    bool own = map_get(&c->env->session->functions, proto_str(m, 1)) != NULL;
    return one_flag(c, own || find_function(c, proto_str(m, 1)) != NULL, r);
}

// -- which call

static Status current_database(Connect *c, const Proto *m, Rel **r)
{
    (void)m;
    return one_value(c, "value STRING", current_namespace(c), r);
}

static Status current_catalog(Connect *c, const Proto *m, Rel **r)
{
    (void)m;
    return one_value(c, "value STRING", c->env->session->catalog, r);
}

static Status no_effect(Connect *c, const Proto *m, Rel **r)
{
    (void)m;
    return nothing(c, r);
}

// A table by its columns, or one over the files of a path; the answer is its rows.
static Status make_table(Connect *c, const Proto *m, Rel **r, bool external)
{
    Proto schema;
    ConnectRows rows;
    Statement st = {.kind = STMT_CREATE_TABLE, .location = proto_str(m, 2)};
    if (!c->env->run) return connect_unbuilt("catalog.createTable here", "use CREATE TABLE");
    TRY(parse_name(&st.name, &st.nnames, c->a, proto_str(m, 1)));
    st.format = proto_has(m, 3) ? proto_str(m, 3)
                                : conf_get(c->env->session, S("spark.sql.sources.default"));
    if (!external) st.comment = proto_str(m, 4);
    TRY(proto_sub(m, external ? 4 : 5, &schema));
    if (schema.present) TRY(connect_type_read(&st.columns, c->a, &schema));
    if (st.columns && st.columns->id != T_STRUCT)
        return fail(ERR_INVALID, "the schema of a table is a struct");
    if (st.columns && !st.columns->nfields) st.columns = NULL; // as its files have them
    TRY(connect_options(c->a, m, external ? 5 : 6, &st.options));
    const Str *path = options_get(&st.options, S("path"));
    if (!st.location.n && path) st.location = *path;
    TRY(c->env->run(c->env->ctx, c->a, &st, &rows));
    *r = connect_node(c, REL_UNRESOLVED_TABLE, NULL, NULL);
    (*r)->name = st.name;
    (*r)->nnames = st.nnames;
    return DONE;
}

static Status create_external(Connect *c, const Proto *m, Rel **r)
{
    return make_table(c, m, r, true);
}

static Status create_table(Connect *c, const Proto *m, Rel **r)
{
    return make_table(c, m, r, false);
}

Status connect_catalog(Connect *c, const Proto *m, Rel **r)
{
    static Status (*const calls[])(Connect * c, const Proto *m, Rel **r) = {
        [1] = current_database,  [2] = set_database,   [3] = list_databases,
        [4] = list_tables,       [5] = list_functions, [6] = list_columns,
        [7] = get_database,      [8] = get_table,      [9] = get_function,
        [10] = database_exists,  [11] = table_exists,  [12] = function_exists,
        [13] = create_external,  [14] = create_table,  [15] = drop_view,
        [16] = drop_global_view, [17] = need_table,    [18] = is_cached,
        [19] = cache_table,      [20] = uncache_table, [21] = clear_cache,
        [22] = need_table,       [23] = no_effect,     [24] = current_catalog,
        [25] = set_catalog,      [26] = list_catalogs,
    };
    Proto call;
    uint32_t no = proto_member(m, 0);
    TRY(proto_sub(m, no, &call));
    if (no < 1 || no >= COUNT(calls)) return connect_unset("Catalog", no);
    return calls[no](c, &call, r);
}
