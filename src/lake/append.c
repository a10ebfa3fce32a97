// append.c -- an epoch's data files, and the commit that makes them part of the table.
#include "lake/append_in.h"
#include "os/clock.h"

typedef struct OpenFile {
    Str key; // of its partition
    IceFile file;
    File *out;
    ParquetWriter *parquet;
    Arena *arena;
} OpenFile;
typedef VEC(OpenFile) OpenFiles;
struct TableAppend {
    Arena *home, *arena; // arena: of one epoch
    const TableShape *shape;
    Writes writes;
    OpenFiles open;
    IceFiles done;
    Buf bytes;
};

static void begin(TableAppend *ap)
{
    arena_clear(ap->arena);
    ap->writes = writes_new(ap->arena, ap->shape->parallel);
    ap->open = (OpenFiles){0};
    ap->done = (IceFiles){0};
    ap->bytes = buf_new(ap->arena);
}

TableAppend *table_append_new(Arena *a, const TableShape *s)
{
    TableAppend *ap = NEW(a, TableAppend, 1);
    *ap = (TableAppend){.home = a, .arena = arena_new(a), .shape = s};
    begin(ap);
    return ap;
}

// As Java's URLEncoder writes it, which is what other writers' folders look like.
static void put_encoded(Buf *b, Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '*';
        if (plain)
            buf_char(b, c);
        else if (c == ' ')
            buf_char(b, '+');
        else
            buf_fmt(b, "%%%02X", (uint8_t)c);
    }
}

enum {
    SEGMENT_MAX = 100 /* bytes of a partition value in a folder's name */,
    OPEN_FILES_MAX = 256
};

static Str file_uri(TableAppend *ap, const PartGroup *g, int64_t epoch)
{
    const TableShape *s = ap->shape;
    Buf b = buf_new(ap->arena);
    buf_put(&b, s->data);
    for (int32_t i = 0; i < s->spec->nfields; i++) {
        Str value = transform_human(ap->arena, &s->spec->field[i], g->value[i]);
        buf_char(&b, '/');
        put_encoded(&b, s->spec->field[i].name);
        buf_char(&b, '=');
        put_encoded(&b, str_sub(value, 0, MIN(value.n, SEGMENT_MAX)));
    }
    Str uuid = rand_uuid(ap->arena);
    if (epoch == EPOCH_NONE)
        buf_put(&b, S("/merged"));
    else
        buf_fmt(&b, "/%05lld", (long long)epoch);
    buf_fmt(&b, "-" STR_FMT ".parquet", STR_ARG(uuid));
    return buf_str(&b);
}

static Status file_begin(TableAppend *ap, const PartGroup *g, int64_t epoch, OpenFile **out)
{
    const TableShape *s = ap->shape;
    OpenFile f = {.key = str_copy(ap->arena, g->key)};
    f.file = (IceFile){.spec_id = s->spec->id, .sort_order = -1, .format = S("PARQUET")};
    f.file.path = file_uri(ap, g, epoch);
    f.file.npartition = s->spec->nfields;
    f.file.partition = NEW(ap->arena, Str, s->spec->nfields + 1);
    for (int32_t i = 0; i < s->spec->nfields; i++)
        if (g->value[i].p) f.file.partition[i] = str_copy(ap->arena, g->value[i]);
    TRY(writes_create(&ap->writes, f.file.path, &f.out));
    f.arena = arena_new(ap->arena);
    buf_clear(&ap->bytes);
    f.parquet = parquet_writer_new(f.arena, s->parquet, &s->options, &ap->bytes);
    vec_push(ap->arena, &ap->open, f);
    *out = &ap->open.v[ap->open.n - 1];
    return file_write(f.out, 0, buf_str(&ap->bytes));
}

// Writes the footer and moves the file to the finished ones.
static Status file_end(TableAppend *ap, int64_t i)
{
    OpenFile *f = &ap->open.v[i];
    int64_t at = parquet_writer_bytes(f->parquet), n;
    buf_clear(&ap->bytes);
    parquet_writer_end(f->parquet, &ap->bytes);
    TRY(file_write(f->out, at, buf_str(&ap->bytes)));
    f->file.rows = parquet_writer_rows(f->parquet);
    f->file.bytes = parquet_writer_bytes(f->parquet);
    const int64_t *groups = parquet_writer_groups(f->parquet, &n);
    f->file.split = NEW(ap->arena, int64_t, n + 1);
    memcpy(f->file.split, groups, (size_t)n * sizeof *groups);
    f->file.nsplit = (int32_t)n;
    stats_of_file(&f->file, ap->arena, ap->shape, f->parquet);
    vec_push(ap->arena, &ap->done, f->file);
    arena_free(f->arena);
    ap->open.v[i] = ap->open.v[--ap->open.n];
    return DONE;
}

static Status take_group(TableAppend *ap, const PartGroup *g, const RowGroup *rows, int64_t epoch)
{
    OpenFile *f = NULL;
    for (int64_t i = 0; i < ap->open.n && !f; i++)
        if (str_eq(ap->open.v[i].key, g->key)) f = &ap->open.v[i];
    if (!f && ap->open.n == OPEN_FILES_MAX) TRY(file_end(ap, 0));
    if (!f) TRY(file_begin(ap, g, epoch, &f));
    int64_t at = parquet_writer_bytes(f->parquet);
    buf_clear(&ap->bytes);
    parquet_writer_add(f->parquet, rows, &ap->bytes);
    TRY(file_write(f->out, at, buf_str(&ap->bytes)));
    bool full = parquet_writer_bytes(f->parquet) >= ap->shape->target_bytes;
    return full ? file_end(ap, f - ap->open.v) : DONE;
}

Status table_append_take(TableAppend *ap, int64_t epoch, const TablePart *part)
{
    for (int64_t i = 0; i < part->groups.n; i++) {
        const PartGroup *g = &part->groups.v[i];
        must(!g->open);
        for (int64_t k = 0; k < g->sealed.n; k++)
            TRY(take_group(ap, g, g->sealed.v[k].rows, epoch));
    }
    return DONE;
}

Status append_files(TableAppend *ap, IceFiles *files)
{
    while (ap->open.n) TRY(file_end(ap, 0));
    TRY(writes_sync(&ap->writes));
    *files = ap->done;
    return DONE;
}

Status table_append_finish(TableAppend *ap, Buf *receipt)
{
    IceFiles files;
    TRY(append_files(ap, &files));
    receipt_write(receipt, &files);
    begin(ap);
    return DONE;
}

void table_append_discard(TableAppend *ap)
{
    writes_undo(&ap->writes);
    begin(ap);
}

struct TableCommitter {
    IceTable table;
};

Status table_committer_open(TableCommitter **out, Arena *a, Catalogs *catalogs,
                            const TableName *name)
{
    TableCommitter *c = NEW(a, TableCommitter, 1);
    TRY(ice_table_open(&c->table, a, catalogs, name));
    *out = c;
    return DONE;
}

static void summarise(IceChange *c, Arena *a, const CommitInfo *info)
{
    vec_push(a, &c->summary, ((Option){S("engine-name"), S("kappa")}));
    vec_push(a, &c->summary, ((Option){S("engine-version"), S("1.0.0")}));
    if (info->offsets.n) vec_push(a, &c->summary, ((Option){S("kappa.offsets"), info->offsets}));
    if (info->has_watermark) {
        Str at = str_fmt(a, "%lld", (long long)info->watermark);
        vec_push(a, &c->summary, ((Option){S("kappa.watermark"), at}));
    }
}

static Status commit(TableCommitter *c, Arena *a, const CommitInfo *info, Str receipt, bool *done)
{
    static const struct {
        Str operation;
        IceRemoves removes;
    } mode[] = {
        [COMMIT_APPEND] = {STR_INIT("append"), REMOVE_NONE},
        [COMMIT_OVERWRITE] = {STR_INIT("overwrite"), REMOVE_ALL},
        [COMMIT_OVERWRITE_PARTITIONS] = {STR_INIT("overwrite"), REMOVE_PARTITIONS},
        [COMMIT_OVERWRITE_FILES] = {STR_INIT("overwrite"), REMOVE_FILES},
    };
    IceFiles files = {0};
    IceMark mark = {info->query_id, info->incarnation, info->epoch};
    TRY(receipt_read(&files, a, receipt));
    for (int64_t i = 0; info->sort_order > 0 && i < files.n; i++)
        files.v[i].sort_order = info->sort_order;
    *done = true;
    bool removes =
        info->mode == COMMIT_OVERWRITE ? c->table.meta->current != ICE_NONE : info->nfiles > 0;
    if (!files.n && !removes) return DONE;
    IceChange change = {.operation = files.n ? mode[info->mode].operation : S("delete"),
                        .added = files.v,
                        .nadded = files.n,
                        .sequence = -1,
                        .removes = mode[info->mode].removes,
                        .removed = info->file,
                        .nremoved = info->nfiles,
                        .mark = info->query_id.n ? &mark : NULL};
    if (info->mode == COMMIT_OVERWRITE_FILES && !info->nfiles) change.operation = S("append");
    summarise(&change, a, info);
    Status s = ice_commit(&c->table, &change, done);
    if (s.code != ERR_NOT_FOUND || !info->nfiles) return s;
    return fail(ERR_CONFLICT, "the files that were to be replaced were replaced by another commit");
}

Status table_commit(TableCommitter *c, const CommitInfo *info, Str receipt, bool *done)
{
    Arena *a = arena_new(c->table.home);
    Status s = commit(c, a, info, receipt, done);
    arena_free(a);
    return s;
}
