// offsets.c -- | magic 8 | durable 8 | sum 4 | 0 12 |, then frames | length 4 | crc 4 | change |.
// What groups committed is the sum of all changes; when old ones are most of the file it is written
// anew.
#include "log/offsets.h"
#include "base/hash.h"
#include "base/num.h"
#include "log/log_in.h"

typedef struct Group {
    Str name;
    Map offsets; // topic, NUL, partition -> GroupOffset
} Group;
struct OffsetsLog {
    Log *log;
    Mutex *lock;
    Arena *arena; // of this struct and its file
    Arena *kept;  // of the groups; replaced when the file is written anew
    Map groups;
    File *file;
    int64_t end, live_bytes;  // of the file; of it, what counted when it was last written anew
    int64_t changes, durable; // tickets
    Status failed;
    Str failure;
};
typedef enum Change { CHANGE_SET = 1, CHANGE_FORGET, CHANGE_FORGET_GROUP } Change;
enum { OFFSETS_HEAD = 32, FRAME_HEAD = 8, FRAME_MAX = 64 << 20, REWRITE_MIN = 1 << 20 };
static const char offsets_magic[8] = "KAPPAOF1";

static Str key_of(Arena *a, Str topic, int32_t partition)
{
    return str_fmt(a, STR_FMT "%c%d", STR_ARG(topic), 0, partition);
}

// -- in memory

static Group *group_make(OffsetsLog *o, Str name)
{
    Group *g = map_get(&o->groups, name);
    if (g) return g;
    g = NEW(o->kept, Group, 1);
    g->name = str_copy(o->kept, name);
    g->offsets = map_new(o->kept);
    map_set(&o->groups, g->name, g);
    return g;
}

static void group_set(OffsetsLog *o, Group *g, const GroupOffset *v, Arena *scratch)
{
    Str key = key_of(scratch, v->topic, v->partition);
    GroupOffset *old = map_get(&g->offsets, key);
    GroupOffset *at = old ? old : NEW(o->kept, GroupOffset, 1);
    GroupOffset kept = *v;
    kept.topic = old ? old->topic : str_copy(o->kept, v->topic);
    bool same = old && str_eq(old->metadata, v->metadata);
    kept.metadata = same ? old->metadata : str_copy(o->kept, v->metadata);
    *at = kept;
    if (!old) map_set(&g->offsets, str_copy(o->kept, key), at);
}

static void change_put(Buf *b, Change what, Str group, const GroupOffset *v, int64_t n)
{
    int64_t begin = b->n;
    buf_fill(b, 0, FRAME_HEAD);
    buf_u8(b, (uint8_t)what);
    buf_str_u32le(b, group);
    buf_u32le(b, (uint32_t)n);
    for (int64_t i = 0; i < n; i++) {
        buf_str_u32le(b, v[i].topic);
        buf_u32le(b, (uint32_t)v[i].partition);
        buf_u64le(b, (uint64_t)v[i].offset);
        buf_u32le(b, (uint32_t)v[i].leader_epoch);
        buf_u64le(b, (uint64_t)v[i].time_ms);
        buf_str_u32le(b, v[i].metadata);
    }
    Str change = str_from(buf_str(b), begin + FRAME_HEAD);
    uint32_t head[2] = {(uint32_t)change.n, crc32c(0, change)};
    memcpy(b->p + begin, head, sizeof head);
}

static bool change_apply(OffsetsLog *o, Str change, Arena *scratch)
{
    Reader r = reader_of(change);
    int32_t what = reader_u8(&r);
    Str name = reader_str_u32le(&r);
    uint32_t n = reader_u32le(&r);
    if (r.bad || what < CHANGE_SET || what > CHANGE_FORGET_GROUP) return false;
    if (what == CHANGE_FORGET_GROUP) {
        map_remove(&o->groups, name);
        return true;
    }
    Group *g = group_make(o, name);
    for (uint32_t i = 0; i < n && !r.bad; i++) {
        GroupOffset v = {0};
        v.topic = reader_str_u32le(&r);
        v.partition = (int32_t)reader_u32le(&r);
        v.offset = (int64_t)reader_u64le(&r);
        v.leader_epoch = (int32_t)reader_u32le(&r);
        v.time_ms = (int64_t)reader_u64le(&r);
        v.metadata = reader_str_u32le(&r);
        if (r.bad) return false;
        if (what == CHANGE_SET)
            group_set(o, g, &v, scratch);
        else
            map_remove(&g->offsets, key_of(scratch, v.topic, v.partition));
    }
    return !r.bad && r.at == r.end;
}

// -- the file

static void head_put(Buf *b, int64_t durable)
{
    must(b->n == 0);
    buf_put(b, str_of(offsets_magic, sizeof offsets_magic));
    buf_u64le(b, (uint64_t)durable);
    buf_u32le(b, crc32c(0, buf_str(b)));
    buf_fill(b, 0, OFFSETS_HEAD - b->n);
}

static Status head_write(OffsetsLog *o, int64_t durable)
{
    Arena *a = arena_new(NULL);
    Buf b = buf_new(a);
    head_put(&b, durable);
    Status s = file_write(o->file, 0, buf_str(&b));
    arena_free(a);
    return s;
}

static int64_t head_durable(Str file)
{
    int64_t durable;
    uint32_t sum;
    if (file.n < OFFSETS_HEAD || memcmp(file.p, offsets_magic, 8) != 0) return 0;
    memcpy(&durable, file.p + 8, 8);
    memcpy(&sum, file.p + 16, 4);
    return sum == crc32c(0, str_of(file.p, 16)) ? durable : 0;
}

static bool frame_next(Str file, int64_t at, Str *change)
{
    uint32_t head[2];
    if (file.n - at < FRAME_HEAD) return false;
    memcpy(head, file.p + at, sizeof head);
    if (head[0] > FRAME_MAX || head[0] > file.n - at - FRAME_HEAD) return false;
    *change = str_sub(file, at + FRAME_HEAD, head[0]);
    return crc32c(0, *change) == head[1];
}

static void offsets_fail(OffsetsLog *o, Status s)
{
    if (o->failed.code) return;
    o->failed = s;
    o->failure = str_fmt(o->arena, "%s", fail_text());
}

static Status offsets_load(OffsetsLog *o, Str path, Arena *scratch)
{
    Str file, change;
    Status s = file_load(&file, scratch, path, INT64_C(1) << 34);
    if (s.code == ERR_NOT_FOUND)
        file = (Str){0};
    else
        TRY(s);
    TRY(file_open(&o->file, o->arena, path, FILE_WRITE));
    int64_t durable = head_durable(file), at = OFFSETS_HEAD;
    while (frame_next(file, at, &change) && change_apply(o, change, scratch))
        at += FRAME_HEAD + change.n;
    if (at < durable) {
        offsets_fail(o, fail(ERR_CORRUPT,
                             STR_FMT " is damaged at byte %lld of %lld: later commits "
                                     "of groups cannot be read",
                             STR_ARG(path), (long long)at, (long long)durable));
        return DONE;
    }
    if (file.n > at) TRY(file_truncate(o->file, at)); // a torn tail
    if (file.n < OFFSETS_HEAD) TRY(head_write(o, at));
    TRY(file_sync(o->file));
    if (!file.n) TRY(dir_sync(o->log->dir));
    o->end = at;
    return durable == at ? DONE : head_write(o, at);
}

Status offsets_open(OffsetsLog **out, Log *log)
{
    Arena *a = arena_new(NULL);
    OffsetsLog *o = NEW(a, OffsetsLog, 1);
    *o = (OffsetsLog){.log = log, .arena = a, .lock = mutex_new(a), .kept = arena_new(NULL)};
    o->groups = map_new(o->kept);
    *out = o;
    Arena *scratch = arena_new(NULL);
    Status s = offsets_load(o, path_join(a, log->dir, S("offsets")), scratch);
    arena_free(scratch);
    return s;
}

void offsets_close(OffsetsLog *o)
{
    arena_free(o->kept);
    arena_free(o->arena);
}

static void put_all(OffsetsLog *o, Buf *b, Arena *a)
{
    for (int64_t i = 0; i < o->groups.n; i++) {
        const Group *g = o->groups.entry[i].value;
        GroupOffset *v = NEW(a, GroupOffset, g->offsets.n + 1);
        for (int64_t k = 0; k < g->offsets.n; k++)
            v[k] = *(const GroupOffset *)g->offsets.entry[k].value;
        change_put(b, CHANGE_SET, g->name, v, g->offsets.n);
    }
}

// All that counts into a new file, and memory without what strings left behind.
static Status offsets_rewrite(OffsetsLog *o)
{
    Arena *a = arena_new(NULL);
    Buf all = buf_new(a), b = buf_new(a);
    put_all(o, &all, a);
    int64_t end = OFFSETS_HEAD + all.n;
    head_put(&b, end);
    buf_put(&b, buf_str(&all));
    Str path = path_join(a, o->log->dir, S("offsets"));
    Status s = file_replace(path, buf_str(&b));
    if (!s.code) {
        file_close(o->file);
        s = file_open(&o->file, o->arena, path, FILE_WRITE);
    }
    if (!s.code) {
        Arena *old = o->kept;
        o->kept = arena_new(NULL);
        o->groups = map_new(o->kept);
        Str change;
        for (int64_t at = OFFSETS_HEAD; frame_next(buf_str(&b), at, &change);
             at += FRAME_HEAD + change.n)
            must(change_apply(o, change, a));
        arena_free(old);
        o->end = o->live_bytes = end;
        o->durable = o->changes;
    }
    arena_free(a);
    return s;
}

Status offsets_flush(OffsetsLog *o)
{
    mutex_lock(o->lock);
    Status s = o->failed;
    int64_t end = o->end, changes = o->changes;
    // Only this function replaces the file, and only one thread at a time calls it.
    File *file = o->file;
    mutex_unlock(o->lock);
    if (!s.code) s = file_sync(file);
    mutex_lock(o->lock);
    if (!s.code) s = head_write(o, end);
    if (!s.code) o->durable = changes;
    if (!s.code && o->end > REWRITE_MIN && o->end > 4 * o->live_bytes) s = offsets_rewrite(o);
    if (s.code) offsets_fail(o, s);
    mutex_unlock(o->lock);
    watch_tell(o->log, NULL);
    return s;
}

// -- the doors' side

static Status append_change(OffsetsLog *o, Str frame, Arena *a, int64_t *ticket)
{
    if (o->failed.code) return fail(o->failed.code, STR_FMT, STR_ARG(o->failure));
    TRY(file_write(o->file, o->end, frame));
    must(change_apply(o, str_from(frame, FRAME_HEAD), a));
    o->end += frame.n;
    *ticket = ++o->changes;
    return DONE;
}

static Status change_write(Log *log, Change what, Str group, const GroupOffset *v, int64_t n,
                           int64_t *ticket)
{
    OffsetsLog *o = log->offsets;
    Arena *a = arena_new(NULL);
    Buf b = buf_new(a);
    change_put(&b, what, group, v, n);
    mutex_lock(o->lock);
    Status s = append_change(o, buf_str(&b), a, ticket);
    mutex_unlock(o->lock);
    arena_free(a);
    if (!s.code) committer_add_offsets(log->committer);
    return s;
}

Status offsets_commit(Log *log, Str group, const GroupOffset *v, int64_t n, int64_t *ticket)
{
    return change_write(log, CHANGE_SET, group, v, n, ticket);
}

Status offsets_forget(Log *log, Str group, const GroupOffset *v, int64_t n, int64_t *ticket)
{
    return change_write(log, v ? CHANGE_FORGET : CHANGE_FORGET_GROUP, group, v, v ? n : 0, ticket);
}

Status offsets_usable(Log *log)
{
    OffsetsLog *o = log->offsets;
    mutex_lock(o->lock);
    Status s = o->failed.code ? fail(o->failed.code, STR_FMT, STR_ARG(o->failure)) : DONE;
    mutex_unlock(o->lock);
    return s;
}

Status offsets_durable(Log *log, int64_t ticket, bool *yes)
{
    OffsetsLog *o = log->offsets;
    mutex_lock(o->lock);
    *yes = o->durable >= ticket;
    mutex_unlock(o->lock);
    return *yes ? DONE : offsets_usable(log);
}

typedef struct Wait {
    Log *log;
    int64_t ticket;
} Wait;

static bool wait_over(void *arg)
{
    Wait *w = arg;
    bool yes;
    return offsets_durable(w->log, w->ticket, &yes).code || yes;
}

Status offsets_sync(Log *log, int64_t ticket)
{
    bool yes;
    if (log->alone)
        TRY(offsets_flush(log->offsets));
    else
        committer_wait(log->committer, wait_over, &(Wait){log, ticket});
    return offsets_durable(log, ticket, &yes);
}

static GroupOffset offset_copy(Arena *a, const GroupOffset *v)
{
    GroupOffset copy = *v;
    copy.topic = str_copy(a, v->topic);
    copy.metadata = str_copy(a, v->metadata);
    return copy;
}

bool offsets_find(Log *log, Arena *a, Str group, GroupOffset *found)
{
    OffsetsLog *o = log->offsets;
    Str key = key_of(a, found->topic, found->partition);
    mutex_lock(o->lock);
    const Group *g = map_get(&o->groups, group);
    const GroupOffset *v = g ? map_get(&g->offsets, key) : NULL;
    if (v) *found = offset_copy(a, v);
    mutex_unlock(o->lock);
    return v != NULL;
}

static int32_t offset_order(const GroupOffset *x, const GroupOffset *y)
{
    int32_t by_topic = str_cmp(x->topic, y->topic);
    return by_topic ? by_topic : (x->partition > y->partition) - (x->partition < y->partition);
}

int64_t offsets_list(Log *log, Arena *a, Str group, GroupOffset **v)
{
    OffsetsLog *o = log->offsets;
    mutex_lock(o->lock);
    const Group *g = map_get(&o->groups, group);
    int64_t n = g ? g->offsets.n : 0;
    *v = NEW(a, GroupOffset, n + 1);
    for (int64_t i = 0; i < n; i++) {
        GroupOffset one = offset_copy(a, g->offsets.entry[i].value);
        int64_t k = i;
        for (; k > 0 && offset_order(&(*v)[k - 1], &one) > 0; k--) (*v)[k] = (*v)[k - 1];
        (*v)[k] = one;
    }
    mutex_unlock(o->lock);
    return n;
}

int64_t offsets_groups(Log *log, Arena *a, Str **name)
{
    OffsetsLog *o = log->offsets;
    mutex_lock(o->lock);
    int64_t n = o->groups.n;
    *name = NEW(a, Str, n + 1);
    for (int64_t i = 0; i < n; i++) {
        Str one = str_copy(a, o->groups.entry[i].key);
        int64_t k = i;
        for (; k > 0 && str_cmp((*name)[k - 1], one) > 0; k--) (*name)[k] = (*name)[k - 1];
        (*name)[k] = one;
    }
    mutex_unlock(o->lock);
    return n;
}
