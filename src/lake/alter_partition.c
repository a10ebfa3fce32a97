// alter_partition.c -- a table's partitioning changes: a new specification, by which files are
// written from then on. Files that lie there keep theirs, and are read by it.
#include "lake/alter.h"
#include "lake/table_in.h"

typedef struct Respec {
    IceEdit edit;
    const PartitionTerm *drop, *add;
} Respec;
typedef struct SpecFields {
    IceSpecField *v;
    int64_t n, cap;
} SpecFields;

static Str term_text(Arena *a, const PartitionTerm *t)
{
    if (t->by_name || t->transform == TR_IDENTITY) return t->column;
    Str name = transform_text(a, t->transform, t->arg);
    return str_fmt(a, STR_FMT "(" STR_FMT ")", STR_ARG(name), STR_ARG(t->column));
}

static const Field *source_of(const IceMeta *m, const PartitionTerm *t)
{
    const Schema *s = ice_schema(m, m->schema_id)->type;
    int32_t k = type_field(s, t->column);
    return k < 0 ? NULL : &s->field[k];
}

static Status no_source(const PartitionTerm *t)
{
    return fail(ERR_NOT_FOUND, "cannot find a column " STR_FMT " to partition by",
                STR_ARG(t->column));
}

static bool same_term(const IceSpecField *f, const Field *source, const PartitionTerm *t)
{
    return source && f->known && f->source_id == source->id && f->transform == t->transform &&
           f->arg == t->arg;
}

static Status drop_field(Arena *a, const IceMeta *m, const PartitionTerm *t, SpecFields *to)
{
    const Field *source = source_of(m, t);
    int64_t at = 0;
    if (!t->by_name && !source) return no_source(t);
    while (at < to->n &&
           !(t->by_name ? str_ieq(to->v[at].name, t->column) : same_term(&to->v[at], source, t)))
        at++;
    if (at == to->n)
        return fail(ERR_NOT_FOUND, "cannot find partition field to remove: " STR_FMT,
                    STR_ARG(term_text(a, t)));
    memmove(&to->v[at], &to->v[at + 1], (size_t)(--to->n - at) * sizeof *to->v);
    return DONE;
}

// Iceberg's names of fields that are added later: id_bucket_16, ts_day.
static Str name_of(Arena *a, const PartitionTerm *t)
{
    static const char *const suffix[] = {
        [TR_IDENTITY] = "",        [TR_YEAR] = "_year", [TR_MONTH] = "_month",
        [TR_DAY] = "_day",         [TR_HOUR] = "_hour", [TR_BUCKET] = "_bucket_",
        [TR_TRUNCATE] = "_trunc_", [TR_VOID] = "_null"};
    if (t->name.n) return str_copy(a, t->name);
    bool sized = t->transform == TR_BUCKET || t->transform == TR_TRUNCATE;
    return str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(t->column), suffix[t->transform],
                   STR_ARG(sized ? str_fmt(a, "%d", t->arg) : S("")));
}

// A field that some specification has had keeps its id.
static void reuse_id(const IceMeta *m, IceSpecField *f, const Field *source, const PartitionTerm *t)
{
    for (int64_t i = 0; i < m->specs.n; i++)
        for (int32_t k = 0; k < m->specs.v[i].nfields; k++) {
            const IceSpecField *was = &m->specs.v[i].field[k];
            if (!same_term(was, source, t) || (t->name.n && !str_eq(was->name, t->name))) continue;
            f->id = was->id;
            f->name = was->name;
        }
}

static Status add_field(Arena *a, IceMeta *m, const PartitionTerm *t, SpecFields *to)
{
    const Field *source = source_of(m, t);
    if (!source) return no_source(t);
    TRY(transform_check(source->type, t->transform, source->name));
    IceSpecField f = {.source_id = source->id, .known = true, .name = name_of(a, t)};
    f.transform = t->transform;
    f.arg = t->arg;
    f.transform_text = transform_text(a, t->transform, t->arg);
    f.source = source->type;
    f.result = transform_result(source->type, t->transform);
    reuse_id(m, &f, source, t);
    for (int64_t i = 0; i < to->n; i++)
        if (same_term(&to->v[i], source, t) || str_eq(to->v[i].name, f.name))
            return fail(ERR_INVALID, "cannot add partition field " STR_FMT ": " STR_FMT " is there",
                        STR_ARG(f.name), STR_ARG(to->v[i].name));
    const Schema *s = ice_schema(m, m->schema_id)->type;
    if (t->transform != TR_IDENTITY && type_field(s, f.name) >= 0)
        return fail(ERR_INVALID, "cannot name a partition field " STR_FMT ": a column is named so",
                    STR_ARG(f.name));
    if (!f.id) f.id = (int32_t)++m->last_partition_id;
    vec_push(a, to, f);
    return DONE;
}

static bool same_fields(const IceSpec *s, const SpecFields *f)
{
    bool same = s->nfields == f->n;
    for (int64_t i = 0; i < f->n && same; i++)
        same = s->field[i].id == f->v[i].id && str_eq(s->field[i].name, f->v[i].name);
    return same;
}

static Status respec(const IceEdit *e, Arena *a, IceMeta *m, bool *changed)
{
    const Respec *x = (const Respec *)e;
    const IceSpec *now = ice_spec(m, m->spec_id);
    SpecFields fields = {0};
    int32_t id = 0;
    for (int32_t i = 0; i < now->nfields; i++) vec_push(a, &fields, now->field[i]);
    if (x->drop) TRY(drop_field(a, m, x->drop, &fields));
    if (x->add) TRY(add_field(a, m, x->add, &fields));
    *changed = true;
    for (int64_t i = 0; i < m->specs.n; i++) {
        id = MAX(id, m->specs.v[i].id + 1);
        if (!same_fields(&m->specs.v[i], &fields)) continue;
        m->spec_id = m->specs.v[i].id;
        return DONE;
    }
    IceSpec next = ice_spec_of(a, fields.v, (int32_t)fields.n, id);
    vec_push(a, &m->specs, next);
    m->spec_id = id;
    return DONE;
}

Status table_edit_partition(Catalogs *c, const TableName *name, const PartitionTerm *drop,
                            const PartitionTerm *add)
{
    Respec x = {{respec, NULL}, drop, add};
    return table_edit(c, name, &x.edit);
}
