// file_clean.c -- what becomes of files that a stream has read: nothing, deletion, or a place under
// the archive with their whole path. As in Spark an effort, not a promise: a file that cannot be
// moved stays, and is not read again.
#include "conn/file_in.h"
#include "os/file.h"

Status file_clean_check(const FileSource *s)
{
    const FileOptions *o = &s->opt;
    if (o->clean != CLEAN_ARCHIVE) return DONE;
    if (o->archive.n == 0)
        return fail(ERR_INVALID, "option cleanSource = archive needs sourceArchiveDir");
    return DONE;
}

static void archive(const FileSource *s, Arena *scratch, Str path)
{
    Str to = path_join(scratch, path_local(s->opt.archive), str_from(path, 1));
    Status done = dir_make(path_dir(to));
    if (!done.code) done = path_rename(path, to);
    (void)done.code; // an effort
}

void file_clean_upto(FileSource *s, int64_t batch)
{
    Arena *scratch = arena_new(NULL);
    for (int64_t i = s->log.entry.n - 1; i >= 0 && s->log.entry.v[i].batch > s->cleaned; i--) {
        const FileEntry *e = &s->log.entry.v[i];
        if (e->batch > batch) continue;
        if (s->opt.clean == CLEAN_ARCHIVE) archive(s, scratch, e->path);
        if (s->opt.clean == CLEAN_DELETE) {
            Status done = path_remove(e->path);
            (void)done.code; // an effort
        }
    }
    s->cleaned = MAX(s->cleaned, batch);
    arena_free(scratch);
}
