// pipeline_graph.c -- which element reads which: by the table names in queries, common table
// expressions and subqueries included.
#include "run/names.h"
#include "run/pipeline_in.h"

typedef struct Linking {
    Pipeline *p;
    Element *reader;
} Linking;

static Element *read_element(const Pipeline *p, const Rel *r)
{
    Arena *a = arena_new(NULL);
    TableName table;
    Element *found = NULL;
    Str full = {0};
    if (name_complete(p->session, a, r->name, r->nnames, &table).code == OK)
        full = name_text(a, &table);
    for (int64_t i = 0; i < p->element.n && !found; i++) {
        Element *e = p->element.v[i];
        bool view = e->kind == ELEMENT_VIEW;
        if (e->kind == ELEMENT_SINK || (view && r->nnames != 1)) continue;
        if (str_ieq(e->name, view ? r->name[0] : full)) found = e;
    }
    arena_free(a);
    return found;
}
static void link_table(void *ctx, const Rel *table)
{
    const Linking *l = ctx;
    Element *read = read_element(l->p, table);
    if (read) vec_push(l->p->arena, &l->reader->needs, read);
}
static Status place(Pipeline *p, Element *e)
{
    if (e->placed) return DONE;
    if (e->entered)
        return statement_fail(
            fail(ERR_INVALID,
                 "the elements of the pipeline read each other in a circle, through " STR_FMT,
                 STR_ARG(e->name)),
            e->st);
    e->entered = true;
    for (int64_t i = 0; i < e->needs.n; i++) TRY(place(p, e->needs.v[i]));
    e->placed = true;
    vec_push(p->arena, &p->order, e);
    return DONE;
}
Status pipeline_link(Pipeline *p)
{
    for (int64_t i = 0; i < p->element.n; i++) {
        Linking l = {p, p->element.v[i]};
        if (l.reader->kind == ELEMENT_VIEW) rel_tables(l.reader->st->rel, link_table, &l);
        for (int64_t k = 0; k < l.reader->flow.n; k++)
            rel_tables(l.reader->flow.v[k].st->rel, link_table, &l);
    }
    for (int64_t i = 0; i < p->element.n; i++) TRY(place(p, p->element.v[i]));
    return DONE;
}
