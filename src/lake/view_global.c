// view_global.c -- global temporary views: what a session may know of another's. Each has an arena
// of its own, and who reads one takes a copy.
#include "lake/catalog_in.h"
#include "lake/view.h"

typedef struct GlobalView {
    Arena *arena;
    LakeView view;
    struct GlobalView *next;
} GlobalView;

static Str *copy_names(Arena *a, const Str *from, int32_t n)
{
    Str *to = NEW(a, Str, n + 1);
    for (int32_t i = 0; i < n; i++) to[i] = str_copy(a, from[i]);
    return to;
}

static Options copy_options(Arena *a, const Options *from)
{
    Options to = {0};
    for (int64_t i = 0; i < from->n; i++) {
        Option o = {str_copy(a, from->v[i].key), str_copy(a, from->v[i].value)};
        vec_push(a, &to, o);
    }
    return to;
}

static LakeView copy_view(Arena *a, const LakeView *v)
{
    LakeView to = {.name = {.catalog = S("global_temp"), .table = str_copy(a, v->name.table)},
                   .sql = str_copy(a, v->sql),
                   .catalog = str_copy(a, v->catalog),
                   .ns = copy_names(a, v->ns, v->nns),
                   .nns = v->nns,
                   .schema = type_copy(a, v->schema),
                   .comment = str_copy(a, v->comment),
                   .properties = copy_options(a, &v->properties),
                   .conf = copy_options(a, &v->conf)};
    if (v->column) to.column = copy_names(a, v->column, v->schema->nfields);
    return to;
}

static GlobalView **find(Catalogs *c, Str name)
{
    GlobalView **at = &c->globals;
    while (*at && !str_ieq((*at)->view.name.table, name)) at = &(*at)->next;
    return at;
}

Status global_view_load(LakeView *v, Arena *a, Catalogs *c, Str name)
{
    mutex_lock(c->mutex);
    GlobalView *g = *find(c, name);
    if (g) *v = copy_view(a, &g->view);
    mutex_unlock(c->mutex);
    return g ? DONE : fail(ERR_NOT_FOUND, "no global temporary view is named so");
}

bool global_view_save(Catalogs *c, const LakeView *v, bool replace)
{
    mutex_lock(c->mutex);
    GlobalView **at = find(c, v->name.table), *old = *at;
    bool done = !old || replace;
    if (done) {
        Arena *a = arena_new(NULL);
        GlobalView *g = NEW(a, GlobalView, 1);
        *g = (GlobalView){a, copy_view(a, v), old ? old->next : NULL};
        *at = g;
        if (old) arena_free(old->arena);
    }
    mutex_unlock(c->mutex);
    return done;
}

bool global_view_drop(Catalogs *c, Str name)
{
    mutex_lock(c->mutex);
    GlobalView **at = find(c, name), *old = *at;
    if (old) {
        *at = old->next;
        arena_free(old->arena);
    }
    mutex_unlock(c->mutex);
    return old != NULL;
}

void global_view_list(Catalogs *c, Arena *a, Str **names, int32_t *count)
{
    Names list = {0};
    mutex_lock(c->mutex);
    for (const GlobalView *g = c->globals; g; g = g->next) {
        Str name = str_copy(a, g->view.name.table);
        vec_push(a, &list, name);
    }
    mutex_unlock(c->mutex);
    *names = list.v;
    *count = (int32_t)list.n;
}

void global_views_free(Catalogs *c)
{
    for (GlobalView *g = c->globals, *next; g; g = next) {
        next = g->next;
        arena_free(g->arena);
    }
}
