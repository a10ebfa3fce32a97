// reads.c -- from a plan's ReadNode to a Source that gives the columns the plan needs.
#include "run/reads.h"
#include "conn/list.h"
#include "os/file.h"

static Status read_open(Source **out, Arena *a, const ReadNode *r, const ReadArgs *args, Str dir)
{
    const QueryHooks *h = args->hooks;
    if (h->source && r->kind != READ_TABLE) return h->source(h->ctx, out, a, r);
    Str format = r->kind == READ_TABLE ? S("iceberg") : r->format;
    const SourceKind *kind = source_find(format);
    if (!kind) return connector_missing(a, format);
    SourceArgs sa = {.options = &r->options,
                     .schema = r->given,
                     .known = r->given ? NULL : r->schema,
                     .streaming = dir.n > 0,
                     .again = args->dir.n > 0 && !r->past,
                     .metadata = r->with_metadata,
                     .path = r->path,
                     .log = args->session->log,
                     .catalogs = args->session->catalogs,
                     .table = r->table,
                     .prune = r->prune,
                     .nprune = r->nprune,
                     .filter = r->pushed,
                     .nfilter = r->npushed,
                     .query_dir = dir,
                     .eval = args->eval,
                     .warn = args->warn};
    Source *s = NULL;
    TRY(source_open(&s, a, kind, &sa));
    int32_t n = s->schema->nfields;
    must(!r->schema || n == r->schema->nfields);
    s->needed = NEW(a, uint8_t, n + 1);
    for (int32_t i = 0; i < n; i++) s->needed[i] = r->needed ? r->needed[i] : 1;
    *out = s;
    return DONE;
}
Status reads_open_streams(Source ***source, Arena *a, const Plan *plan, const ReadArgs *args)
{
    *source = NEW(a, Source *, plan->nsources + 1);
    for (int32_t i = 0; i < plan->nsources; i++) {
        Str dir = path_join(a, args->dir, str_fmt(a, "sources/%d", i));
        TRY(read_open(&(*source)[i], a, plan->source[i], args, dir));
    }
    return DONE;
}
static bool is_stream(const Plan *plan, const ReadNode *r)
{
    for (int32_t i = 0; i < plan->nsources; i++)
        if (plan->source[i] == r) return true;
    return false;
}
Status reads_open_fixed(Source ***fixed, Arena *a, const Plan *plan, const ReadArgs *args)
{
    *fixed = NEW(a, Source *, plan->nstages + 1);
    for (int32_t i = 0; i < plan->nstages; i++) {
        const ReadNode *r = plan->stage[i].read;
        if (!r || is_stream(plan, r)) continue;
        TRY(read_open(&(*fixed)[i], a, r, args, (Str){0}));
    }
    return DONE;
}
