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

// {a,b}c: ac or bc. p begins behind the brace.
static bool match_choice(Arena *scratch, Str p, Str name)
{
    int64_t close = str_find_char(p, '}');
    if (close < 0) return false;
    Str rest = str_from(p, close + 1);
    for (Cut c = str_cut(str_of(p.p, close), ',');; c = str_cut(c.tail, ',')) {
        if (glob_match(scratch, str_cat(scratch, c.head, rest), name)) return true;
        if (!c.ok) return false;
    }
}

bool glob_match(Arena *scratch, Str p, Str name)
{
    for (;;) {
        if (p.n == 0) return name.n == 0;
        char c = p.p[0];
        p = str_from(p, 1);
        if (c == '{') return match_choice(scratch, p, name);
        if (c == '*') {
            for (int64_t i = 0; i <= name.n; i++)
                if (glob_match(scratch, p, str_from(name, i))) return true;
            return false;
        }
        if (name.n == 0) return false;
        int64_t used = 0;
        if (c == '[') {
            if (!in_set(p, name.p[0], &used)) return false;
        } else if (c != '?') {
            if (c == '\\' && p.n) c = p.p[used++];
            if (c != name.p[0]) return false;
        }
        p = str_from(p, used);
        name = str_from(name, 1);
    }
}

// ---- folders -----------------------------------------------------------------------------------

typedef struct Listing {
    FileEntries *list;
    Arena *arena;
    Str name_filter;
    bool recursive;
} Listing;

static bool is_hidden(Str name) // as Hadoop's listings leave out
{
    return str_starts(name, S(".")) || str_ends(name, S("._COPYING_")) ||
           (str_starts(name, S("_")) && str_find_char(name, '=') < 0);
}

static void add_file(Listing *l, Str path, const Entry *e)
{
    if (l->name_filter.n && !glob_match(l->arena, l->name_filter, path_base(path))) return;
    vec_push(l->arena, l->list, ((FileEntry){path, e->bytes, e->modified / 1000, -1}));
}

static Status add_folder(Listing *l, Str dir)
{
    Entries in = {0};
    TRY(dir_list(&in, l->arena, dir));
    for (int64_t i = 0; i < in.n; i++) {
        const Entry *e = &in.v[i];
        Str path = path_join(l->arena, dir, e->name);
        if (is_hidden(e->name)) continue;
        if (e->kind == ENTRY_FILE)
            add_file(l, path, e);
        else if (e->kind == ENTRY_DIR && l->recursive)
            TRY(add_folder(l, path));
        else if (e->kind == ENTRY_DIR && str_find_char(e->name, '=') > 0)
            return fail(ERR_UNSUPPORTED,
                        STR_FMT ": folders that stand for partition columns are not built; with "
                                "recursiveFileLookup their files are read without these columns",
                        STR_ARG(path));
    }
    return DONE;
}

static Status add_path(Listing *l, Str path)
{
    Entry e;
    Status s = path_stat(&e, path);
    if (s.code == ERR_NOT_FOUND) return DONE; // nothing there yet
    TRY(s);
    if (e.kind == ENTRY_DIR) return add_folder(l, path);
    if (e.kind == ENTRY_FILE) add_file(l, path, &e);
    return DONE;
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

Status file_list(FileEntries *list, Arena *a, Str path, Str name_filter, bool recursive)
{
    Listing l = {list, a, name_filter, recursive};
    bool absolute = str_starts(path, S("/"));
    return path_is_glob(path) ? expand(&l, absolute ? S("/") : S("."), path) : add_path(&l, path);
}
