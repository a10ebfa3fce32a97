// alter_ref.c -- branches and tags, and which snapshot is the current one.
#include "lake/alter.h"
#include "lake/table_in.h"

typedef struct Reref {
    IceEdit edit;
    const RefEdit *e;
    int64_t *before; // SET CURRENT: what was
} Reref;

static Status unknown(int64_t id)
{
    return fail(ERR_NOT_FOUND, "cannot find a snapshot with ID %lld", (long long)id);
}

static void put_age(Buf *b, const char *key, int64_t v)
{
    if (v > 0) buf_fmt(b, ",\"%s\":%lld", key, (long long)v);
}

static Status create(const RefEdit *e, Arena *a, IceMeta *m, int64_t at, bool *changed)
{
    bool there = at < m->refs.n;
    if (there && e->if_not_exists && !e->replace) return DONE;
    if (there && !e->replace)
        return fail(ERR_INVALID, "ref " STR_FMT " already exists", STR_ARG(e->name));
    if (there && m->refs.v[at].branch != e->branch)
        return fail(ERR_INVALID, "ref " STR_FMT " is a %s", STR_ARG(e->name),
                    m->refs.v[at].branch ? "branch" : "tag");
    if (!there && !e->create)
        return fail(ERR_NOT_FOUND, "there is no ref " STR_FMT " to replace", STR_ARG(e->name));
    int64_t id = e->snapshot >= 0 ? e->snapshot : m->current;
    if (id == ICE_NONE)
        return fail(ERR_INVALID, "cannot create ref " STR_FMT ": the table has no snapshot yet",
                    STR_ARG(e->name));
    if (!ice_snapshot(m, id)) return unknown(id);
    if (str_eq(e->name, S("main"))) return fail(ERR_INVALID, "main is the table itself");
    Buf b = buf_new(a);
    buf_fmt(&b, "{\"snapshot-id\":%lld,\"type\":\"%s\"", (long long)id,
            e->branch ? "branch" : "tag");
    put_age(&b, "max-ref-age-ms", e->age_ms);
    put_age(&b, "min-snapshots-to-keep", e->keep);
    put_age(&b, "max-snapshot-age-ms", e->keep_ms);
    buf_char(&b, '}');
    IceRef r = {str_copy(a, e->name), buf_str(&b), id, e->branch};
    if (there)
        m->refs.v[at] = r;
    else
        vec_push(a, &m->refs, r);
    *changed = true;
    return DONE;
}

static Status edit_ref(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    const RefEdit *e = ((const Reref *)edit)->e;
    int64_t at = 0;
    while (at < m->refs.n && !str_eq(m->refs.v[at].name, e->name)) at++;
    if (!e->drop) return create(e, a, m, at, changed);
    if (str_eq(e->name, S("main"))) return fail(ERR_INVALID, "main is the table itself");
    bool there = at < m->refs.n && m->refs.v[at].branch == e->branch;
    if (!there && e->if_exists) return DONE;
    if (!there)
        return fail(ERR_NOT_FOUND, "%s does not exist: " STR_FMT, e->branch ? "branch" : "tag",
                    STR_ARG(e->name));
    m->refs.v[at] = m->refs.v[--m->refs.n];
    *changed = true;
    return DONE;
}

Status table_edit_ref(Catalogs *c, const TableName *name, const RefEdit *e)
{
    Reref x = {.edit = {edit_ref, NULL}, .e = e};
    return table_edit(c, name, &x.edit);
}

static bool is_ancestor(const IceMeta *m, int64_t id)
{
    const IceSnapshot *s = ice_snapshot(m, m->current);
    for (int64_t n = 0; s && n <= m->snapshots.n; n++) {
        if (s->id == id) return true;
        s = s->parent == ICE_NONE ? NULL : ice_snapshot(m, s->parent);
    }
    return false;
}

static Status move_current(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    const Reref *x = (const Reref *)edit;
    int64_t id = x->e->snapshot;
    *x->before = m->current;
    if (!ice_snapshot(m, id)) return unknown(id);
    if (x->e->back && !is_ancestor(m, id))
        return fail(ERR_INVALID,
                    "cannot roll back to snapshot %lld: it is not an ancestor of the current one",
                    (long long)id);
    *changed = id != m->current;
    if (*changed) ice_set_current(m, a, id);
    return DONE;
}

Status table_set_current(Catalogs *c, const TableName *name, int64_t snapshot, bool back,
                         int64_t *before)
{
    RefEdit e = {.snapshot = snapshot, .back = back};
    Reref x = {{move_current, NULL}, &e, before};
    return table_edit(c, name, &x.edit);
}
