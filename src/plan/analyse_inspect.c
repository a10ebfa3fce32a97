// analyse_inspect.c -- t.snapshots, t.files and their kin: what an Iceberg table knows of itself,
// as rows at hand.
#include "lake/inspect.h"
#include "plan/analyse_in.h"

Status analyse_inspect(Analyser *an, Rel **r, bool *found)
{
    Rel *t = *r;
    TableName name;
    LakeTable *table = NULL;
    Batch all;
    Str what = t->name[t->nnames - 1];
    *found = false;
    if (t->nnames < 2 || !inspect_known(what)) return DONE;
    TRY(name_complete(an->s, an->a, t->name, t->nnames - 1, &name));
    Status s = table_load(&table, an->a, an->s->catalogs, &name);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    if (t->is_streaming) return unsupported(&t->at, "a stream of a metadata table");
    TRY(analyse_travel(an, t, &table));
    Rel *local = rel_new(an->a, REL_LOCAL, t->at, NULL);
    TRY(table_inspect(&local->schema, &all, an->a, table, what));
    Batch *part = NEW(an->a, Batch, all.rows / BATCH_ROWS + 1);
    for (int32_t at = 0; at < all.rows; at += BATCH_ROWS)
        part[local->nrows++] = batch_slice(an->a, &all, at, MIN(BATCH_ROWS, all.rows - at));
    local->rows = part;
    for (int32_t i = 0; i < local->schema->nfields; i++) {
        Attr at = {.qualifier = {name.table, what}, .nqualifiers = 2};
        at.id = attr_new(an);
        at.field = local->schema->field[i];
        vec_push(an->a, &local->out, at);
    }
    *r = local;
    *found = true;
    return DONE;
}
