// epoch_log.c -- files of framed records. Records are synced one by one, so a broken one before a
// sound one was sound once: that is rot. Marks are not synced and so stand in a file of their own,
// where a torn one means only that sinks are committed a second time.
#include "run/epoch_log.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/reader.h"
#include "os/clock.h"
#include "os/file.h"

enum { INLINE_BYTES = 64 << 10, IMAGE_BYTES = 1 << 20, RECORDS = 1000, MARK_BYTES = 12 };

struct EpochLog {
    Arena *arena;
    Str dir;
    EpochLogLimits limits;
    QueryHead head; // of new files
    bool found;     // there was one
    QueryHead old;  // the head that was found
    File *lock, *file, *mark;
    int64_t first, at;                // of the current file: its first epoch, its end
    int64_t records;                  // in the current file
    int64_t delta_bytes, image_bytes; // since the last image, and of it
    int64_t cut, committed;
    uint64_t previous; // hash of the last record
    Arena *last_arena;
    EpochRecord last;
    bool has_last, stale; // stale: files that nothing needs may lie about
    Arena *load;          // of what open read, until restore
    VEC(StateRef) states; // of the current file, until restore
};

static Str log_path(const EpochLog *l, Arena *a, int64_t n)
{
    return path_join(a, l->dir, str_fmt(a, "epochs-%019lld.log", (long long)n));
}
// The epoch in a name `<prefix><n>[-...]<suffix>`; -1 when the name is none such.
static int64_t name_epoch(Str name, Str prefix, Str suffix)
{
    int64_t n = 0;
    if (!str_starts(name, prefix) || !str_ends(name, suffix)) return -1;
    Str digits = str_from(name, prefix.n);
    digits.n -= suffix.n;
    return num_parse_i64(str_cut(digits, '-').head, &n) && n >= 0 ? n : -1;
}
static void keep_last(EpochLog *l, const EpochRecord *r)
{
    Arena *a = arena_new(l->arena);
    EpochRecord c = *r;
    c.incarnation = str_copy(a, r->incarnation);
    c.source = NEW(a, Span, r->nsources);
    for (int32_t i = 0; i < r->nsources; i++)
        c.source[i] = (Span){str_copy(a, r->source[i].from), str_copy(a, r->source[i].to)};
    c.receipt = NEW(a, Str, r->nreceipts);
    for (int32_t i = 0; i < r->nreceipts; i++) c.receipt[i] = str_copy(a, r->receipt[i]);
    c.state = (StateRef){.form = r->state.form};
    arena_free(l->last_arena);
    l->last_arena = a;
    l->last = c;
    l->has_last = true;
}
// -- opening

static Status take_record(EpochLog *l, Str payload, Str path, int64_t at)
{
    EpochRecord r;
    TRY(record_decode(&r, l->load, payload));
    if (l->records && (r.previous != l->previous || r.n != l->last.n + 1))
        return fail(ERR_CORRUPT,
                    STR_FMT ": the record of epoch %lld at byte %lld does not follow "
                            "the one before it",
                    STR_ARG(path), (long long)r.n, (long long)at);
    l->previous = xxh64(payload, 0);
    l->records++;
    int64_t bytes = r.state.bytes.n + r.state.file_bytes;
    if (r.state.form == STATE_IMAGE) l->image_bytes = bytes, l->delta_bytes = 0;
    if (r.state.form == STATE_DELTA) l->delta_bytes += bytes;
    vec_push(l->load, &l->states, r.state);
    keep_last(l, &r);
    return DONE;
}
static Status scan(EpochLog *l, Str content, Str path)
{
    FrameKind kind;
    Str payload;
    int64_t at = 0;
    for (int64_t size; at < content.n; at += size) {
        size = frame_at(str_from(content, at), &kind, &payload);
        if (!size) break;
        if ((kind == FRAME_HEAD) != (at == 0))
            return fail(ERR_CORRUPT, STR_FMT ": a frame of the wrong kind at byte %lld",
                        STR_ARG(path), (long long)at);
        if (kind == FRAME_HEAD)
            TRY(head_decode(&l->old, l->load, payload));
        else
            TRY(take_record(l, payload, path, at));
    }
    int64_t sound = at < content.n ? frame_find(content, at + 1) : -1;
    if (sound >= 0)
        return fail(ERR_CORRUPT,
                    STR_FMT ": the record at byte %lld is broken, though the one at "
                            "byte %lld is sound: the file has rotted",
                    STR_ARG(path), (long long)at, (long long)sound);
    l->at = at;
    l->cut = content.n - at;
    return DONE;
}
// A mark is written after its record was synced, so it can only be behind.
static Status check_mark(const EpochLog *l)
{
    if (l->committed <= (l->has_last ? l->last.n : -1)) return DONE;
    Str path = log_path(l, l->load, l->first);
    return fail(ERR_CORRUPT, STR_FMT ": epoch %lld was committed, but its record is gone",
                STR_ARG(path), (long long)l->committed);
}
// Reads the newest file; *empty when a crash left it without a record.
static Status load_file(EpochLog *l, int64_t n, bool *empty)
{
    Str path = log_path(l, l->load, n), content;
    TRY(file_load(&content, l->load, path, INT64_C(1) << 32));
    l->first = n;
    TRY(scan(l, content, path));
    if (l->records) TRY(check_mark(l)); // before anything is cut
    *empty = l->records == 0;
    if (*empty) return path_remove(path);
    int64_t begin = l->last.n - l->records + 1;
    if (begin != n)
        return fail(ERR_CORRUPT, STR_FMT ": begins with epoch %lld", STR_ARG(path),
                    (long long)begin);
    TRY(file_open(&l->file, l->arena, path, FILE_WRITE));
    if (l->cut) TRY(file_truncate(l->file, l->at));
    // A sync that failed leaves pages that can be read and will never be written: the tail is
    // written again before anything is built on it.
    int64_t tail = MAX(0, l->at - (1 << 20));
    TRY(file_write(l->file, tail, str_sub(content, tail, l->at - tail)));
    l->found = true;
    return file_sync(l->file);
}
static Status load_newest(EpochLog *l)
{
    Entries names = {0};
    TRY(dir_list(&names, l->load, l->dir));
    for (int64_t i = names.n - 1; i >= 0; i--) {
        bool empty = false;
        int64_t n = name_epoch(names.v[i].name, S("epochs-"), S(".log"));
        if (n < 0) continue;
        TRY(load_file(l, n, &empty));
        if (!empty) return DONE;
    }
    return DONE;
}
static Status load_mark(EpochLog *l)
{
    char bytes[MARK_BYTES];
    int64_t got = 0;
    l->committed = -1;
    TRY(file_open(&l->mark, l->arena, path_join(l->arena, l->dir, S("committed")), FILE_WRITE));
    TRY(file_read(l->mark, 0, bytes, sizeof bytes, &got));
    Reader r = reader_of(str_of(bytes, got));
    uint64_t n = reader_u64le(&r);
    uint32_t crc = reader_u32le(&r);
    if (r.bad || crc != crc32c(0, str_of(bytes, 8))) return DONE;
    l->committed = (int64_t)n;
    return DONE;
}
// The query's id: of the metadata file when there is one, else it is made.
static Status load_id(EpochLog *l, QueryHead *head)
{
    Str path = path_join(l->arena, l->dir, S("metadata")), text;
    Status s = file_load(&text, l->load, path, 4096);
    if (s.code == ERR_NOT_FOUND) {
        Str id = head->query_id.n ? head->query_id : rand_uuid(l->arena);
        head->query_id = str_copy(l->arena, id);
        return file_replace(path, str_fmt(l->load, "{\"id\":\"" STR_FMT "\"}", STR_ARG(id)));
    }
    TRY(s);
    Str key = S("\"id\":\"");
    int64_t at = str_find(text, key);
    Cut id = str_cut(at < 0 ? (Str){0} : str_from(text, at + key.n), '"');
    if (!id.ok || !id.head.n)
        return fail(ERR_CORRUPT, STR_FMT ": holds no query id", STR_ARG(path));
    head->query_id = str_copy(l->arena, id.head);
    return DONE;
}
static Status refuse_foreign(const EpochLog *l)
{
    Arena *a = l->load;
    if (!path_exists(path_join(a, l->dir, S("offsets")))) return DONE;
    return fail(ERR_INVALID,
                STR_FMT " is a checkpoint of Apache Spark, whose state only Spark "
                        "reads; give the query a checkpointLocation of its own",
                STR_ARG(l->dir));
}
static QueryHead head_copy(Arena *a, const QueryHead *h)
{
    QueryHead c = {.query_id = str_copy(a, h->query_id),
                   .incarnation = str_copy(a, h->incarnation),
                   .policy = str_copy(a, h->policy),
                   .shards = h->shards,
                   .nsources = h->nsources,
                   .nops = h->nops};
    c.source = NEW(a, Str, h->nsources);
    c.op = NEW(a, HeadOp, h->nops);
    for (int32_t i = 0; i < h->nsources; i++) c.source[i] = str_copy(a, h->source[i]);
    for (int32_t i = 0; i < h->nops; i++)
        c.op[i] = (HeadOp){str_copy(a, h->op[i].name), str_copy(a, h->op[i].schema)};
    return c;
}
Status epoch_log_open(EpochLog **out, Arena *a, Str dir, QueryHead *head,
                      const EpochLogLimits *limits)
{
    EpochLog *l = NEW(a, EpochLog, 1);
    l->arena = arena_new(a);
    l->load = arena_new(l->arena);
    l->dir = str_copy(l->arena, dir);
    l->limits = limits ? *limits : (EpochLogLimits){0};
    if (!l->limits.inline_bytes) l->limits.inline_bytes = INLINE_BYTES;
    if (!l->limits.image_bytes) l->limits.image_bytes = IMAGE_BYTES;
    if (!l->limits.records) l->limits.records = RECORDS;
    TRY(dir_make(dir));
    TRY(refuse_foreign(l));
    TRY(file_open(&l->lock, l->arena, path_join(l->arena, dir, S("lock")), FILE_WRITE));
    TRY(file_lock(l->lock));
    TRY(load_id(l, head));
    TRY(load_mark(l));
    TRY(load_newest(l));
    TRY(check_mark(l));
    if (l->found) l->old = head_copy(l->arena, &l->old);
    head->incarnation = l->found              ? l->old.incarnation
                        : head->incarnation.n ? head->incarnation
                                              : rand_uuid(l->arena);
    l->head = head_copy(l->arena, head);
    l->stale = true;
    *out = l;
    return DONE;
}
const QueryHead *epoch_log_head(const EpochLog *l) { return l->found ? &l->old : NULL; }
const EpochRecord *epoch_log_last(const EpochLog *l) { return l->has_last ? &l->last : NULL; }
Str epoch_log_incarnation(const EpochLog *l) { return l->head.incarnation; }
bool epoch_log_committed(const EpochLog *l) { return l->has_last && l->committed == l->last.n; }
int64_t epoch_log_cut(const EpochLog *l) { return l->cut; }

static Status state_bytes_of(const EpochLog *l, Arena *a, const StateRef *s, Str *bytes)
{
    *bytes = s->bytes;
    if (!s->file.n) return DONE;
    Str path = path_join(a, l->dir, s->file);
    TRY(file_load(bytes, a, path, INT64_C(1) << 40));
    if (bytes->n == s->file_bytes && crc32c(0, *bytes) == s->file_crc) return DONE;
    return fail(ERR_CORRUPT,
                STR_FMT ": is not what was written: %lld bytes of CRC %08x, the epoch's record "
                        "says %lld of %08x",
                STR_ARG(path), (long long)bytes->n, crc32c(0, *bytes), (long long)s->file_bytes,
                s->file_crc);
}
Status epoch_log_restore(EpochLog *l, Status (*apply)(void *ctx, Str bytes), void *ctx)
{
    for (int64_t i = 0; i < l->states.n; i++) {
        const StateRef *s = &l->states.v[i];
        Str bytes;
        if (s->form == STATE_NONE) continue;
        Arena *one = arena_new(l->load);
        TRY(state_bytes_of(l, one, s, &bytes));
        TRY(apply(ctx, bytes));
        arena_free(one);
    }
    memset(&l->states, 0, sizeof l->states);
    arena_clear(l->load);
    return DONE;
}
// -- appending

typedef struct StateFile { // made when the state is too big for a record
    StateOut out;
    EpochLog *log;
    StateRef *ref;
    int64_t n;
    File *file;
    Status status;
} StateFile;

static Status state_file_make(StateFile *f)
{
    Arena *a = f->out.buf.arena;
    // A number of its own in the name: an epoch that is run again never writes over a file that
    // some record may name.
    f->ref->file = str_fmt(a, "state-%019lld-%08llx.%s", (long long)f->n,
                           (unsigned long long)(rand_u64() & UINT32_MAX),
                           f->ref->form == STATE_IMAGE ? "image" : "delta");
    return file_open(&f->file, a, path_join(a, f->log->dir, f->ref->file), FILE_CREATE);
}
static Status state_file_write(StateFile *f)
{
    Str bytes = buf_str(&f->out.buf);
    if (!f->file) TRY(state_file_make(f));
    TRY(file_write(f->file, f->ref->file_bytes, bytes));
    f->ref->file_bytes += bytes.n;
    f->ref->file_crc = crc32c(f->ref->file_crc, bytes);
    return DONE;
}
static void state_file_spill(StateOut *out)
{
    StateFile *f = CONTAINER(out, StateFile, out);
    if (!f->status.code) f->status = state_file_write(f);
    buf_clear(&out->buf);
}
static Status put_state(EpochLog *l, EpochRecord *r, Arena *a, const StateSource *state, bool image)
{
    StateFile f = {.out = {.buf = buf_new(a), .spill = state_file_spill},
                   .log = l,
                   .ref = &r->state,
                   .n = r->n};
    r->state = (StateRef){.form = image ? STATE_IMAGE : STATE_DELTA};
    (image ? state->image : state->delta)(state->ctx, &f.out);
    TRY(f.status);
    if (!f.file && f.out.buf.n <= l->limits.inline_bytes) {
        r->state.bytes = buf_str(&f.out.buf);
        if (!f.out.buf.n) r->state.form = STATE_NONE;
        return DONE;
    }
    TRY(state_file_write(&f));
    TRY(file_sync(f.file));
    file_close(f.file);
    return dir_sync(l->dir);
}
static Status begin_file(EpochLog *l, Buf *b, int64_t n)
{
    Buf head = buf_new(b->arena);
    head_encode(&head, &l->head);
    frame_put(b, FRAME_HEAD, buf_str(&head));
    if (l->file) file_close(l->file);
    TRY(file_open(&l->file, l->arena, log_path(l, b->arena, n), FILE_CREATE));
    l->first = n;
    l->at = 0;
    l->records = 0;
    l->stale = true;
    return DONE;
}
Status epoch_log_append(EpochLog *l, EpochRecord *r, const StateSource *state)
{
    Arena *a = arena_new(l->arena);
    bool fresh = !l->file || l->records >= l->limits.records ||
                 l->delta_bytes > MAX(l->image_bytes, l->limits.image_bytes);
    r->previous = l->has_last ? l->previous : 0;
    r->incarnation = l->head.incarnation;
    TRY(put_state(l, r, a, state, fresh));
    Buf payload = buf_new(a), frames = buf_new(a);
    record_encode(&payload, r);
    if (fresh) TRY(begin_file(l, &frames, r->n));
    frame_put(&frames, FRAME_RECORD, buf_str(&payload));
    TRY(file_write(l->file, l->at, buf_str(&frames)));
    TRY(file_sync(l->file));
    if (fresh) TRY(dir_sync(l->dir));
    l->at += frames.n;
    l->records++;
    l->previous = xxh64(buf_str(&payload), 0);
    int64_t bytes = r->state.bytes.n + r->state.file_bytes;
    if (fresh)
        l->image_bytes = bytes, l->delta_bytes = 0;
    else
        l->delta_bytes += bytes;
    keep_last(l, r);
    arena_free(a);
    return DONE;
}
Status epoch_log_mark(EpochLog *l, int64_t n)
{
    char bytes[MARK_BYTES];
    uint64_t v = (uint64_t)n;
    memcpy(bytes, &v, 8);
    uint32_t crc = crc32c(0, str_of(bytes, 8));
    memcpy(bytes + 8, &crc, 4);
    l->committed = n;
    return file_write(l->mark, 0, str_of(bytes, sizeof bytes));
}
static bool is_stale(const EpochLog *l, Str name)
{
    int64_t n = name_epoch(name, S("epochs-"), S(".log"));
    if (n >= 0) return n < l->first;
    n = name_epoch(name, S("state-"), S(".image"));
    if (n < 0) n = name_epoch(name, S("state-"), S(".delta"));
    return n >= 0 && n < l->first;
}
Status epoch_log_collect(EpochLog *l)
{
    if (!l->stale || !l->file) return DONE;
    l->stale = false;
    Arena *a = arena_new(l->arena);
    Entries names = {0};
    TRY(dir_list(&names, a, l->dir));
    for (int64_t i = 0; i < names.n; i++)
        if (is_stale(l, names.v[i].name)) TRY(path_remove(path_join(a, l->dir, names.v[i].name)));
    arena_free(a);
    return DONE;
}
