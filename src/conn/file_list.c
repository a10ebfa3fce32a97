// file_list.c -- which files a path, a folder or a glob stands for.
#include "conn/file_in.h"
#include "os/file.h"

// ---- globs -------------------------------------------------------------------------------------

bool path_is_glob(Str path)
{
    for (int64_t i = 0; i < path.n; i++)
        if (strchr("*?[{", path.p[i])) return true;
    return false;
}

// Does c belong to the set that begins behind '['? *end: behind its ']'.
static bool in_set(Str p, char c, int64_t *end)
{
    bool negated = p.n && (p.p[0] == '^' || p.p[0] == '!'), found = false;
    int64_t i = negated, first = i;
    for (; i < p.n && (p.p[i] != ']' || i == first); i++) {
        if (p.p[i] == '\\' && i + 1 < p.n) i++;
        char low = p.p[i], high = low;
        if (i + 2 < p.n && p.p[i + 1] == '-' && p.p[i + 2] != ']') {
            high = p.p[i + 2];
            i += 2;
        }
        found |= c >= low && c <= high;
    }
    *end = MIN(i + 1, p.n);
    return found != negated;
}

// SHORT: what comes behind a * does not fit at any place to the right either, so that a * before
// that one need not try any more. Without it the time grows as the power of the stars.
typedef enum Match { DIFFERS, MATCHES, SHORT } Match;
static Match match(Arena *scratch, Str p, Str name);

// {a,b}c: ac or bc. p begins behind the brace.
static Match match_choice(Arena *scratch, Str p, Str name)
{
    Match m = SHORT;
    int64_t close = str_find_char(p, '}');
    if (close < 0) return SHORT;
    Str rest = str_from(p, close + 1);
    for (Cut c = str_cut(str_of(p.p, close), ',');; c = str_cut(c.tail, ',')) {
        Match one = match(scratch, str_cat(scratch, c.head, rest), name);
        if (one == MATCHES) return MATCHES;
        if (one == DIFFERS) m = DIFFERS;
        if (!c.ok) return m;
    }
}

static Match match_star(Arena *scratch, Str p, Str name)
{
    for (int64_t i = 0; i <= name.n; i++) {
        Match m = match(scratch, p, str_from(name, i));
        if (m != DIFFERS) return m;
    }
    return SHORT;
}

static Match match(Arena *scratch, Str p, Str name)
{
    for (;;) {
        if (p.n == 0) return name.n == 0 ? MATCHES : DIFFERS;
        char c = p.p[0];
        p = str_from(p, 1);
        if (c == '{') return match_choice(scratch, p, name);
        if (c == '*') return match_star(scratch, p, name);
        if (name.n == 0) return SHORT;
        int64_t used = 0;
        if (c == '[') {
            if (!in_set(p, name.p[0], &used)) return DIFFERS;
        } else if (c != '?') {
            if (c == '\\' && p.n) c = p.p[used++];
            if (c != name.p[0]) return DIFFERS;
        }
        p = str_from(p, used);
        name = str_from(name, 1);
    }
}

bool glob_match(Arena *scratch, Str pattern, Str name)
{
    return match(scratch, pattern, name) == MATCHES;
}

// ---- folders -----------------------------------------------------------------------------------

typedef struct Listing {
    FileEntries *list;
    Arena *arena;
    const FileFind *find;
    int64_t root; // bytes of the path above partition folders
    bool there;   // the path, or one that the glob matches
} Listing;

static bool is_hidden(Str name) // as Hadoop's listings leave out
{
    return str_starts(name, S(".")) || str_ends(name, S("._COPYING_")) ||
           (str_starts(name, S("_")) && str_find_char(name, '=') < 0);
}

static void add_file(Listing *l, Str path, const Entry *e)
{
    const FileFind *f = l->find;
    int64_t ms = e->modified / 1000;
    if (f->name_filter.n && !glob_match(l->arena, f->name_filter, path_base(path))) return;
    if ((f->after_ms && ms <= f->after_ms) || (f->before_ms && ms >= f->before_ms)) return;
    vec_push(l->arena, l->list, ((FileEntry){path, e->bytes, ms, -1, l->root}));
}

// deep: below a folder that stands for a partition, where all folders are read.
static Status add_folder(Listing *l, Str dir, bool deep)
{
    Entries in = {0};
    TRY(dir_list(&in, l->arena, dir));
    for (int64_t i = 0; i < in.n; i++) {
        const Entry *e = &in.v[i];
        bool part = str_find_char(e->name, '=') > 0;
        Str path = path_join(l->arena, dir, e->name);
        if (is_hidden(e->name)) continue;
        if (e->kind == ENTRY_FILE)
            add_file(l, path, e);
        else if (e->kind == ENTRY_DIR && (part || deep || l->find->recursive))
            TRY(add_folder(l, path, deep || part));
    }
    return DONE;
}

// A folder that a streaming file sink wrote is what its log says (semantics F5).
static Status add_sink(Listing *l, Str dir)
{
    FileEntries all = {0};
    TRY(sink_log_files(&all, l->arena, dir));
    for (int64_t i = 0; i < all.n; i++) {
        const FileEntry *e = &all.v[i];
        add_file(l, e->path, &(Entry){.bytes = e->bytes, .modified = e->modified_ms * 1000});
    }
    return DONE;
}

static Status add_path(Listing *l, Str path)
{
    Entry e;
    Status s = path_stat(&e, path);
    if (s.code == ERR_NOT_FOUND) return DONE; // nothing there yet
    TRY(s);
    l->there = true;
    Str base = l->find->base;
    bool below = base.n && str_starts(path, base);
    l->root = below ? base.n : e.kind == ENTRY_DIR ? path.n : path_dir(path).n;
    if (e.kind == ENTRY_FILE) add_file(l, path, &e);
    if (e.kind != ENTRY_DIR) return DONE;
    if (path_exists(path_join(l->arena, path, S(SINK_LOG)))) return add_sink(l, path);
    return add_folder(l, path, below && base.n < path.n);
}

static Status expand(Listing *l, Str dir, Str rest) // the parts of `rest` below dir
{
    while (str_starts(rest, S("/"))) rest = str_from(rest, 1);
    if (rest.n == 0) return add_path(l, dir);
    Cut c = str_cut(rest, '/');
    if (!path_is_glob(c.head)) return expand(l, path_join(l->arena, dir, c.head), c.tail);
    Entries in = {0};
    Status s = dir_list(&in, l->arena, dir);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    for (int64_t i = 0; i < in.n; i++)
        if (glob_match(l->arena, c.head, in.v[i].name))
            TRY(expand(l, path_join(l->arena, dir, in.v[i].name), c.tail));
    return DONE;
}

Status file_list(FileEntries *list, bool *there, Arena *a, const FileFind *find, Str path)
{
    Listing l = {list, a, find, 0, false};
    bool absolute = str_starts(path, S("/"));
    if (path_is_glob(path))
        TRY(expand(&l, absolute ? S("/") : S("."), path));
    else
        TRY(add_path(&l, path));
    *there = l.there;
    return DONE;
}
