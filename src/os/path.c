// path.c -- paths as text; nothing here looks at a disk.
#include "os/world_in.h"

static Str without_end_slashes(Str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/') path.n--;
    return path;
}

Str path_join(Arena *a, Str dir, Str name)
{
    if (dir.n == 0 || (name.n && name.p[0] == '/')) return str_copy(a, name);
    const char *between = dir.p[dir.n - 1] == '/' ? "" : "/";
    return str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(dir), between, STR_ARG(name));
}

Str path_dir(Str path)
{
    path = without_end_slashes(path);
    int64_t at = str_rfind_char(path, '/');
    if (at < 0) return S(".");
    return without_end_slashes(str_of(path.p, MAX(at, 1)));
}

Str path_base(Str path)
{
    path = without_end_slashes(path);
    return path.n > 1 ? str_from(path, str_rfind_char(path, '/') + 1) : path;
}

Str path_walk(Arena *a, Str at, Str rest)
{
    while (rest.n) {
        Cut c = str_cut(rest, '/');
        if (str_eq(c.head, S("..")))
            at = path_dir(at);
        else if (c.head.n && !str_eq(c.head, S(".")))
            at = path_join(a, at, c.head);
        rest = c.tail;
    }
    return at;
}
