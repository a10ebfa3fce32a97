// maintain.c -- when maintenance is due, and its parts in order.
#include "base/civil.h"
#include "base/map.h"
#include "lake/maintain_in.h"
#include "os/clock.h"

enum { COMMITS_DUE = 8, SWEEP_AGE_DAYS = 3 };

struct Upkeep { // of one table, in memory
    Str name;
    int64_t commits; // since the last time
    Micros swept;
    bool busy, known; // known: commits counts those of earlier processes too
    struct Upkeep *next;
};
typedef struct Upkeep Upkeep;

// Under the lock of c.
static Upkeep *upkeep_of(Catalogs *c, const TableName *name)
{
    Arena *a = arena_new(NULL);
    Str text = table_name_text(a, name);
    Upkeep *u = c->upkeep;
    while (u && !str_eq(u->name, text)) u = u->next;
    if (!u) {
        u = NEW(c->arena, Upkeep, 1);
        *u = (Upkeep){.name = str_copy(c->arena, text), .next = c->upkeep};
        c->upkeep = u;
    }
    arena_free(a);
    return u;
}

// Commits at the end of the line that no maintenance followed: those of processes before this one.
static int64_t commits_before(const IceMeta *m)
{
    int64_t n = 0;
    while (n < MIN(m->snapshots.n, COMMITS_DUE) &&
           !str_eq(m->snapshots.v[m->snapshots.n - 1 - n].operation, S("replace")))
        n++;
    return n - 1; // without the one that is being noted
}

void upkeep_note(Catalogs *c, const TableName *name, const IceMeta *m)
{
    mutex_lock(c->mutex);
    Upkeep *u = upkeep_of(c, name);
    if (!u->known) u->commits = MAX(0, commits_before(m));
    u->known = true;
    u->commits++;
    mutex_unlock(c->mutex);
}

bool table_maintain_due(Catalogs *c, const TableName *name)
{
    mutex_lock(c->mutex);
    const Upkeep *u = upkeep_of(c, name);
    bool due = u->commits >= COMMITS_DUE && !u->busy;
    mutex_unlock(c->mutex);
    return due;
}

// Takes the table for maintenance, unless somebody has it. *sweep: a day has passed.
static bool upkeep_begin(Catalogs *c, const TableName *name, bool *sweep)
{
    mutex_lock(c->mutex);
    Upkeep *u = upkeep_of(c, name);
    bool mine = !u->busy && u->commits >= COMMITS_DUE;
    Micros now = clock_now();
    *sweep = mine && now - u->swept > MICROS_PER_DAY;
    if (mine) u->busy = true;
    if (*sweep) u->swept = now;
    mutex_unlock(c->mutex);
    return mine;
}

static void upkeep_end(Catalogs *c, const TableName *name)
{
    mutex_lock(c->mutex);
    Upkeep *u = upkeep_of(c, name);
    u->busy = false;
    u->commits = 0; // its own commits do not call for more
    mutex_unlock(c->mutex);
}

static bool gc_allowed(const IceTable *t)
{
    return ice_property_bool(t->meta, S("gc.enabled"), true);
}

static Status maintain(Catalogs *c, Arena *a, const TableName *name, bool sweep,
                       MaintainReport *did)
{
    IceTable t;
    TRY(ice_table_open(&t, a, c, name));
    if (t.meta->format != 2 || !ice_property_bool(t.meta, S("kappa.maintain"), true)) return DONE;
    TRY(ice_compact(&t, a, did));
    if (!gc_allowed(&t)) return DONE;
    TRY(ice_expire(&t, a, did));
    return sweep ? lake_table_sweep(c, name, SWEEP_AGE_DAYS * MICROS_PER_DAY, &did->swept_files)
                 : DONE;
}

Status table_maintain(Catalogs *c, const TableName *name, MaintainReport *did)
{
    MaintainReport report = {0};
    bool sweep;
    if (did) *did = report;
    if (!upkeep_begin(c, name, &sweep)) return DONE;
    Arena *a = arena_new(NULL);
    Status s = maintain(c, a, name, sweep, &report);
    arena_free(a);
    upkeep_end(c, name);
    if (did) *did = report;
    return s;
}

typedef struct Sweep {
    Arena *arena;
    Map known; // paths that something refers to
    Micros before;
    int64_t removed;
} Sweep;

static Status note_known(Sweep *s, Str uri)
{
    Str path;
    TRY(store_path(&path, s->arena, uri));
    map_set(&s->known, path, s);
    return DONE;
}

static bool is_table_file(Str name)
{
    return str_ends(name, S(".parquet")) || str_ends(name, S(".avro")) ||
           str_ends(name, S(".metadata.json")) || str_ends(name, S(".tmp"));
}

enum { DEPTH_MAX = 32 };

static Status sweep_folder(Sweep *s, Str dir, int32_t depth)
{
    Entries list = {0};
    Status read = dir_list(&list, s->arena, dir);
    if (read.code == ERR_NOT_FOUND) return DONE;
    if (read.code || depth > DEPTH_MAX) return read;
    for (int64_t i = 0; i < list.n; i++) {
        const Entry *e = &list.v[i];
        Str path = path_join(s->arena, dir, e->name);
        if (e->kind == ENTRY_DIR) TRY(sweep_folder(s, path, depth + 1));
        if (e->kind != ENTRY_FILE || e->modified >= s->before || !is_table_file(e->name) ||
            map_get(&s->known, path))
            continue;
        TRY(store_remove(s->arena, path));
        s->removed++;
    }
    return DONE;
}

static Status sweep(Catalogs *c, Arena *a, const TableName *name, Micros age, int64_t *removed)
{
    IceTable t;
    Paths files = {0};
    Str root;
    Sweep s = {.arena = a, .known = map_new(a), .before = clock_now() - age};
    TRY(ice_table_open(&t, a, c, name));
    if (!gc_allowed(&t)) return DONE;
    TRY(ice_reachable(&files, a, t.meta, NULL));
    for (int64_t i = 0; i < files.n; i++) TRY(note_known(&s, files.v[i]));
    for (int64_t i = 0; i < t.meta->metadata_log.n; i++)
        TRY(note_known(&s, t.meta->metadata_log.v[i].file));
    TRY(note_known(&s, t.metadata));
    TRY(store_path(&root, a, t.meta->location));
    TRY(sweep_folder(&s, path_join(a, root, S("data")), 0));
    TRY(sweep_folder(&s, path_join(a, root, S("metadata")), 0));
    *removed = s.removed;
    return DONE;
}

Status lake_table_sweep(Catalogs *c, const TableName *name, Micros age, int64_t *removed)
{
    Arena *a = arena_new(NULL);
    *removed = 0;
    Status s = sweep(c, a, name, age, removed);
    arena_free(a);
    return s;
}
