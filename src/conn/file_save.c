// file_save.c -- a batch write becomes visible: its files move from a hidden folder to their
// places, in the end comes _SUCCESS. What mode overwrite replaces goes first, as in Spark: a crash
// in between leaves less than there was, never half a file.
#include "conn/file_out.h"

#define TEMPORARY "_temporary"

static Status clear_folder(Arena *scratch, Str dir, bool files_only)
{
    Entries in = {0};
    Status s = dir_list(&in, scratch, dir);
    if (s.code == ERR_NOT_FOUND) return DONE;
    TRY(s);
    for (int64_t i = 0; i < in.n; i++) {
        if (str_eq(in.v[i].name, S(TEMPORARY))) continue;
        if (files_only && in.v[i].kind == ENTRY_DIR) continue;
        TRY(dir_remove_all(path_join(scratch, dir, in.v[i].name)));
    }
    return DONE;
}

static Status clear(Arena *scratch, const Save *s)
{
    if (!s->replace) return DONE;
    if (s->under.n) return clear_folder(scratch, path_join(scratch, s->dir, s->under), false);
    if (!s->dynamic) return clear_folder(scratch, s->dir, false);
    for (int64_t i = 0; i < s->nfiles; i++) {
        Str dir = path_dir(s->file[i]);
        bool same = i > 0 && str_eq(dir, path_dir(s->file[i - 1]));
        if (!same) TRY(clear_folder(scratch, path_join(scratch, s->dir, dir), true));
    }
    return DONE;
}

Status file_save(Arena *scratch, const Save *s)
{
    TRY(clear(scratch, s));
    TRY(dir_make(s->dir)); // no files may come
    for (int64_t i = 0; i < s->nfiles; i++) {
        Str to = path_join(scratch, s->dir, s->file[i]);
        TRY(dir_make(path_dir(to)));
        TRY(path_rename(path_join(scratch, s->staged, s->file[i]), to));
        TRY(dir_sync(path_dir(to)));
    }
    TRY(dir_remove_all(path_join(scratch, s->dir, S(TEMPORARY))));
    return file_replace(path_join(scratch, s->dir, S("_SUCCESS")), (Str){0});
}
