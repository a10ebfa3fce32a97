// pipeline_make.c -- the tables of a pipeline as its flows need them: made, replaced, or given the
// columns that are new (semantics P8).
#include "lake/alter.h"
#include "plan/statement_table.h"
#include "run/names.h"
#include "run/pipeline_in.h"

static bool own_key(Str key) { return str_starts(key, S("kappa.")); }
Options pipeline_without_own(Arena *a, const Options *o)
{
    Options rest = {0};
    for (int64_t i = 0; i < o->n; i++)
        if (!own_key(o->v[i].key)) vec_push(a, &rest, o->v[i]);
    return rest;
}
// Spark has one property of its own prefix, and leaves out what it does not know.
static Options properties_of(Pipeline *p, const Element *e)
{
    Options all = pipeline_without_own(p->arena, &e->st->properties), rest = {0};
    for (int64_t i = 0; i < all.n; i++) {
        Option o = all.v[i];
        if (str_ieq(o.key, RESET_ALLOWED)) o.key = RESET_ALLOWED;
        if (!str_starts(o.key, S("pipelines.")) || str_eq(o.key, RESET_ALLOWED))
            vec_push(p->arena, &rest, o);
        else
            session_notice(p->session, "unknown pipelines table property '" STR_FMT "'",
                           STR_ARG(o.key));
    }
    return rest;
}
Status pipeline_define_table(Pipeline *p, Element *e, const Schema *columns)
{
    const Schema *kept;
    TRY(table_schema_kept(&kept, p->arena, columns));
    TRY(table_def(&e->def, p->arena, e->st, kept));
    e->def.schema = kept;
    e->def.properties = properties_of(p, e);
    return DONE;
}
static Str partition_text(Arena *a, const PartitionField *p, int32_t n, const Schema *s)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        bool plain = p[i].transform == TR_IDENTITY;
        buf_fmt(&b, "%s%s", i ? ", " : "", plain ? "identity(" : "");
        name_put_transform(&b, &p[i], s);
        if (plain) buf_char(&b, ')');
    }
    return buf_str(&b);
}
static Status same_partition(Arena *a, const LakeTable *t, const TableDef *def)
{
    int32_t n;
    const PartitionField *now = lake_table_partition(t, &n);
    Str is = partition_text(a, now, n, lake_table_schema(t));
    Str wanted = partition_text(a, def->partition, def->npartition, def->schema);
    if (str_ieq(is, wanted)) return DONE;
    return RAISE(CANNOT_UPDATE_PARTITION_COLUMNS, P("existingPartitionColumns", is),
                 P("requestedPartitionColumns", wanted));
}
typedef VEC(ColumnEdit) ColumnEdits;
// What makes the columns at `path` what they are in `to`, which has all of theirs.
static void put_edits(ColumnEdits *edits, Arena *a, const Str *path, int32_t n, const Type *from,
                      const Type *to)
{
    static const Str inside[][2] = {
        [false] = {STR_INIT("element")}, [true] = {STR_INIT("key"), STR_INIT("value")}};
    if (!to->nfields && !type_eq(from, to)) {
        ColumnEdit wider = {.kind = COLUMN_TYPE, .path = path, .npath = n, .type = to};
        vec_push(a, edits, wider);
    }
    for (int32_t i = 0; i < to->nfields; i++) {
        const Field *f = &to->field[i];
        int32_t k = to->id == T_STRUCT ? type_field(from, f->name) : i;
        Str *below = NEW(a, Str, n + 1);
        if (n) memcpy(below, path, (size_t)n * sizeof *below);
        below[n] = to->id == T_STRUCT ? f->name : inside[to->id == T_MAP][i];
        ColumnEdit add = {.kind = COLUMN_ADD, .path = below, .npath = n + 1, .type = f->type};
        if (k < 0)
            vec_push(a, edits, add);
        else
            put_edits(edits, a, below, n + 1, from->field[k].type, f->type);
    }
}
static Status widen(Pipeline *p, const Element *e, const LakeTable *t)
{
    const Schema *both;
    ColumnEdits edits = {0};
    Status s = type_merge(&both, p->arena, lake_table_schema(t), e->def.schema);
    if (s.code)
        return fail_in(s, STR_FMT " as it is (a full refresh begins anew)", STR_ARG(e->name));
    put_edits(&edits, p->arena, NULL, 0, lake_table_schema(t), both);
    if (!edits.n) return DONE;
    return table_edit_columns(p->session->catalogs, &e->table, edits.v, (int32_t)edits.n);
}
static Status set_properties(Pipeline *p, const Element *e, const LakeTable *t)
{
    Options differ = {0};
    Option comment = {S("comment"), e->def.comment};
    const Str *is = options_get(lake_table_properties(t), comment.key);
    if (comment.value.n && !(is && str_eq(*is, comment.value)))
        vec_push(p->arena, &differ, comment);
    for (int64_t i = 0; i < e->def.properties.n; i++) {
        Option o = e->def.properties.v[i];
        is = options_get(lake_table_properties(t), o.key);
        if (!is || !str_eq(*is, o.value)) vec_push(p->arena, &differ, o);
    }
    return differ.n ? table_set_properties(p->session->catalogs, &e->table, &differ) : DONE;
}
Status pipeline_make_table(Pipeline *p, const Element *e)
{
    LakeTable *t = NULL;
    Catalogs *c = p->session->catalogs;
    bool materialized = e->kind == ELEMENT_MATERIALIZED;
    Status s = table_load(&t, p->arena, c, &e->table);
    if (s.code == ERR_NOT_FOUND) return table_create(c, &e->table, &e->def, false, false);
    TRY(s);
    TRY(same_partition(p->arena, t, &e->def));
    // Replaced, not emptied: rows that were deleted stop whoever reads the table as a stream.
    if (e->refresh || (materialized && !type_eq(lake_table_schema(t), e->def.schema)))
        return table_create(c, &e->table, &e->def, false, true);
    if (!materialized) TRY(widen(p, e, t));
    return set_properties(p, e, t);
}
