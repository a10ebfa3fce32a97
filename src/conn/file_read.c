// file_read.c -- the lines of a piece of a file. A line belongs to the piece in which it begins, so
// pieces are cut anywhere and read on their own. Lines end with \n, \r\n or \r, or only with the
// separator that the user gave.
#include "conn/file_in.h"
#include "fmt/codec.h"
#include "os/file.h"

enum { CHUNK_BYTES = 256 << 10, LINE_BYTES_MAX = 128 << 20, LINES_AT_ONCE = BATCH_ROWS };

typedef struct Lines {
    File *file;
    Str path, separator;
    int64_t at, stop; // offset in the file of the next line; lines that begin at or after stop are
                      // for others
    Arena *arena;
    char *buf;
    int64_t buf_at, n, cap; // [buf_at, buf_at + n) of the file is in buf
    bool end;               // the buffer reaches to the end of the file
} Lines;

// Makes the buffer begin at the next line and reads more behind what it holds.
static Status fill(Lines *l)
{
    int64_t used = l->at - l->buf_at, got;
    if (used > 0) {
        memmove(l->buf, l->buf + used, (size_t)(l->n - used));
        l->n -= used;
        l->buf_at = l->at;
    }
    if (l->cap - l->n < CHUNK_BYTES) {
        int64_t cap = MAX(2 * l->cap, 2 * CHUNK_BYTES);
        if (l->n > LINE_BYTES_MAX)
            return fail(ERR_LIMIT, STR_FMT ": the line at byte %lld is longer than %d bytes",
                        STR_ARG(l->path), (long long)l->at, LINE_BYTES_MAX);
        l->buf = arena_grow(l->arena, l->buf, l->cap, cap, 16);
        l->cap = cap;
    }
    TRY(file_read(l->file, l->buf_at + l->n, l->buf + l->n, CHUNK_BYTES, &got));
    l->n += got;
    l->end = got < CHUNK_BYTES;
    return DONE;
}

// Finds the end of the line that begins at p: *next is where the one after it begins. False: it is
// not in the buffer.
static bool line_end(const Lines *l, const char *p, const char *end, const char **eol,
                     const char **next)
{
    Str rest = str_of(p, end - p);
    if (l->separator.n) {
        int64_t i = str_find(rest, l->separator);
        *eol = p + i;
        *next = *eol + l->separator.n;
        return i >= 0;
    }
    const char *lf = rest.n ? memchr(p, '\n', (size_t)rest.n) : NULL;
    const char *cr = rest.n ? memchr(p, '\r', (size_t)((lf ? lf : end) - p)) : NULL;
    *eol = cr ? cr : lf;
    if (!*eol) return false;
    if (*eol + 1 == end && cr && !l->end) return false; // a \n may follow
    *next = *eol + 1 + (cr && *eol + 1 < end && (*eol)[1] == '\n');
    return true;
}

// The next lines, at most LINES_AT_ONCE, as views that hold until the next call; *n 0: no more.
static Status take_lines(Lines *l, Str *line, int32_t *n)
{
    for (*n = 0; *n == 0;) {
        const char *p = l->buf + (l->at - l->buf_at), *end = l->buf + l->n, *eol, *next;
        while (*n < LINES_AT_ONCE && l->at < l->stop && line_end(l, p, end, &eol, &next)) {
            line[(*n)++] = str_of(p, eol - p);
            l->at += next - p;
            p = next;
        }
        if (*n || l->at >= l->stop) return DONE;
        if (l->end) { // the last line of a file may lack its end
            if (p && p < end) line[(*n)++] = str_of(p, end - p);
            l->at += end - p;
            l->stop = l->at;
            return DONE;
        }
        TRY(fill(l));
    }
    return DONE;
}

// ---- whole files -------------------------------------------------------------------------------

#define TEXT_BYTES_MAX (INT64_C(2) << 30)

Status file_text(const FileEntry *e, Arena *a, Str *text)
{
    Status loaded = file_load(text, a, e->path, TEXT_BYTES_MAX);
    if (loaded.code == ERR_NOT_FOUND) return file_gone(a, e->path);
    TRY(loaded);
    bool known = str_ends(e->path, S(".gz")) || str_ends(e->path, S(".deflate"));
    if (!known && file_is_packed(e->path))
        return fail(ERR_UNSUPPORTED, STR_FMT ": of compressed files only .gz and .deflate are read",
                    STR_ARG(e->path));
    if (known && text->n) TRY(fail_in(gzip_file_unpack(text, a, *text), STR_FMT, STR_ARG(e->path)));
    if (str_starts(*text, S("\xef\xbb\xbf"))) *text = str_from(*text, 3);
    return DONE;
}

static Status open_text(Lines *l, Arena *a, const FileEntry *e)
{
    Str text;
    TRY(file_text(e, a, &text));
    l->buf = (char *)text.p; // read only: at its end already
    l->n = l->cap = text.n;
    l->stop = INT64_MAX;
    l->end = true;
    return DONE;
}

// ---- a piece of a file -------------------------------------------------------------------------

static Status open_lines(Lines *l, Arena *a, const FileSource *s, const Lane *lane)
{
    const FileEntry *e = lane->more;
    int64_t back = s->opt.line_sep.n ? s->opt.line_sep.n : 1; // where a line end may lie before it
    *l = (Lines){.path = e->path, .separator = s->opt.line_sep, .stop = lane->to, .arena = a};
    if (file_is_packed(e->path)) return open_text(l, a, e);
    Status opened = file_open(&l->file, a, e->path, FILE_READ);
    if (opened.code == ERR_NOT_FOUND) return file_gone(a, e->path);
    TRY(opened);
    l->at = l->buf_at = MAX(lane->from - back, 0);
    TRY(fill(l));
    if (lane->from == 0) {
        if (l->n >= 3 && !memcmp(l->buf, "\xef\xbb\xbf", 3)) {
            l->at = 3;
            l->stop = MAX(l->stop, 4); // the first line is ours, wherever its mark ends
        }
        return DONE;
    }
    for (;;) { // to the first line that begins in this piece
        const char *p = l->buf + (l->at - l->buf_at), *end = l->buf + l->n, *eol, *next;
        if (line_end(l, p, end, &eol, &next)) {
            l->at += next - p;
            if (l->at >= lane->from) return DONE;
        } else if (l->end) {
            l->at = l->stop;
            return DONE;
        } else
            TRY(fill(l));
    }
}

Status file_lines(const FileSource *s, const Lane *lane, Arena *a, FileLinesFn *fn, void *ctx)
{
    Str *line = NEW_RAW(a, Str, LINES_AT_ONCE);
    Lines l;
    TRY(open_lines(&l, a, s, lane));
    for (;;) {
        int32_t n;
        TRY(take_lines(&l, line, &n));
        if (n == 0) return DONE;
        TRY(fn(ctx, line, n));
    }
}
