// session.c -- a session: its settings as the evaluator wants them, its views, its current
// namespace.
#include "plan/session.h"
#include <stdio.h>

Session *session_new(Arena *a, Catalogs *catalogs)
{
    Session *s = NEW(a, Session, 1);
    s->arena = a;
    s->conf = map_new(a);
    s->views = map_new_fold(a);
    s->kept = map_new(a);
    s->variables = map_new_fold(a);
    s->memory = map_new_fold(a);
    s->functions = map_new_fold(a);
    s->catalogs = catalogs;
    s->catalog = S("lake");
    s->ns = NEW(a, Str, 1);
    s->ns[0] = S("default");
    s->nns = 1;
    s->eval = (EvalCtx){.ansi = true, .zone = zone_utc(), .user = S("kappa")};
    s->next_attr = s->next_read = 1;
    Status fresh = session_refresh(s);
    must(fresh.code == OK); // the defaults are good
    return s;
}

static Str dotted(Arena *a, const Str *part, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '.');
        buf_put(&b, part[i]);
    }
    return buf_str(&b);
}

Status session_refresh(Session *s)
{
    s->eval.ansi = conf_bool(s, S("spark.sql.ansi.enabled"));
    s->eval.keep_scale = !conf_bool(s, S("spark.sql.decimalOperations.allowPrecisionLoss"));
    s->eval.last_key = str_ieq(conf_get(s, S("spark.sql.mapKeyDedupPolicy")), S("LAST_WIN"));
    Str zone = conf_get(s, S("spark.sql.session.timeZone"));
    if (!str_eq(zone, zone_name(s->eval.zone))) TRY(zone_open(&s->eval.zone, s->arena, zone));
    s->eval.catalog = s->catalog;
    s->eval.schema = dotted(s->arena, s->ns, s->nns);
    if (s->now) s->eval.batch_time = s->now();
    return DONE;
}

void session_notice(Session *s, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    if (!s->notices) return;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_put(s->notices, str_of(text, MIN((int64_t)MAX(n, 0), (int64_t)sizeof text - 1)));
    buf_char(s->notices, '\n');
}

Status session_put_view(Session *s, Str name, const View *like, bool replace)
{
    if (!replace && map_get(&s->views, name))
        return RAISE(TEMP_TABLE_OR_VIEW_ALREADY_EXISTS,
                     P("relationName", str_fmt(s->arena, "`" STR_FMT "`", STR_ARG(name))));
    if (rel_height(like->rel) > REL_HEIGHT_MAX) return RAISE(FAILED_TO_PARSE_TOO_COMPLEX);
    View *v = NEW(s->arena, View, 1);
    *v = *like;
    v->name = str_lower(s->arena, name); // as Spark keeps it
    map_set(&s->views, v->name, v);
    return DONE;
}

Status session_create_view(Session *s, Str name, Rel *rel, bool replace)
{
    return session_put_view(s, name, &(View){.rel = rel}, replace);
}

const View *session_view(const Session *s, Str name) { return map_get(&s->views, name); }

Str session_view_key(Arena *a, const Str *part, int32_t n)
{
    return n == 2 ? str_cat(a, S("global_temp."), part[1]) : part[0];
}

bool session_drop_view(Session *s, Str name) { return map_remove(&s->views, name) != NULL; }

static bool is_catalog(const Session *s, Arena *a, Str name)
{
    Str *names;
    int32_t n;
    if (str_eq(name, s->catalog)) return true;
    if (!s->catalogs) return false;
    catalogs_list(s->catalogs, a, &names, &n);
    for (int32_t i = 0; i < n; i++)
        if (str_eq(name, names[i])) return true;
    return false;
}

// The one of the names that is the part itself, else the one that differs in case only.
static bool settle(Str *part, const Str *name, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (str_eq(name[i], *part)) return true;
    for (int32_t i = 0; i < n; i++) {
        if (!str_ieq(name[i], *part)) continue;
        *part = name[i];
        return true;
    }
    return false;
}

Status name_settle(const Session *s, Arena *a, TableName *name)
{
    Catalog *c = NULL;
    Str *known = NULL, *ns = NEW(a, Str, name->nns + 1);
    int32_t count = 0;
    if (!s->catalogs || !str_eq(name->catalog, S("lake"))) return DONE;
    if (conf_bool(s, S("spark.sql.caseSensitive"))) return DONE;
    TRY(catalog_get(&c, s->catalogs, name->catalog));
    for (int32_t i = 0; i < name->nns; i++) {
        ns[i] = name->ns[i];
        TRY(catalog_list_schemas(c, a, ns, i, &known, &count));
        if (!settle(&ns[i], known, count)) return DONE;
    }
    name->ns = ns;
    if (!name->table.n) return DONE;
    TRY(catalog_list_tables(c, a, ns, name->nns, &known, &count));
    settle(&name->table, known, count);
    return DONE;
}

Status name_complete(const Session *s, Arena *a, const Str *part, int32_t n, TableName *full)
{
    must(n > 0);
    *full = (TableName){.catalog = s->catalog, .ns = s->ns, .nns = s->nns, .table = part[n - 1]};
    if (n == 1) return name_settle(s, a, full);
    bool named = n > 1 && is_catalog(s, a, part[0]);
    // Spark's own name of the catalog a session begins with
    bool spark = n > 1 && !named && str_ieq(part[0], S("spark_catalog"));
    if (named) full->catalog = part[0];
    if (spark) full->catalog = S("lake");
    named |= spark;
    full->nns = n - 1 - named;
    full->ns = NEW(a, Str, full->nns);
    for (int32_t i = 0; i < full->nns; i++) full->ns[i] = part[i + named];
    return name_settle(s, a, full);
}
