// kafka_staged.c -- batches on their way into the embedded log.
//
// receipt: | version 1 | form 1 | bytes 8 | crc 4 | file name, or the content itself |
// content: | topic | partition 4 | batch | ..      strings with their length in 4 bytes before them
#include "conn/kafka_staged.h"
#include "base/hash.h"
#include "os/file.h"

enum { VERSION = 1, IN_RECEIPT = 0, IN_FILE = 1 };
enum { RECEIPT_BYTES_MAX = 256 << 10, SPILL_BYTES = 4 << 20, READ_BYTES = 1 << 20 };

typedef struct Place { // a partition that the epoch writes to
    Topic *topic;
    int32_t partition, next_sequence;
} Place;
struct Staged {
    Log *log;
    Arena *epoch;
    Str name;
    int64_t producer;
    VEC(Place) places;
    Buf pending;
    File *file; // when there is more than a receipt should hold
    int64_t written;
    uint32_t crc;
};

static Str staging_dir(Arena *a, Log *log) { return path_join(a, log_dir(log), S("staged")); }
static Str file_of(Arena *a, Log *log, Str name) { return path_join(a, staging_dir(a, log), name); }

Staged *staged_new(Arena *a, Log *log)
{
    Staged *s = NEW(a, Staged, 1);
    *s = (Staged){.log = log, .epoch = arena_new(a), .pending = buf_new(a)};
    return s;
}

void staged_begin(Staged *s, Str name, int64_t producer)
{
    arena_clear(s->epoch); // closes the file
    buf_clear(&s->pending);
    *s = (Staged){.log = s->log, .epoch = s->epoch, .pending = s->pending, .producer = producer};
    s->name = str_copy(s->epoch, name);
}

void staged_drop(Staged *s)
{
    Status gone = DONE;
    if (s->file) {
        file_close(s->file);
        gone = path_remove(file_of(s->epoch, s->log, s->name));
    }
    (void)gone.code; // the next epoch of this name writes over it
    staged_begin(s, (Str){0}, s->producer);
}

static Status spill(Staged *s)
{
    if (!s->file) {
        TRY(dir_make(staging_dir(s->epoch, s->log)));
        TRY(file_open(&s->file, s->epoch, file_of(s->epoch, s->log, s->name), FILE_WRITE));
        TRY(file_truncate(s->file, 0));
    }
    Str all = buf_str(&s->pending);
    TRY(file_write(s->file, s->written, all));
    s->crc = crc32c(s->crc, all);
    s->written += all.n;
    buf_clear(&s->pending);
    return DONE;
}

static Place *place_of(Staged *s, Topic *t, int32_t partition)
{
    for (int64_t i = 0; i < s->places.n; i++)
        if (s->places.v[i].topic == t && s->places.v[i].partition == partition)
            return &s->places.v[i];
    int32_t last;
    int64_t offset;
    Place p = {t, partition, 0};
    if (partition_producer(topic_partition(t, partition), s->producer, &last, &offset))
        p.next_sequence = (int32_t)((last + INT64_C(1)) & INT32_MAX);
    vec_push(s->epoch, &s->places, p);
    return &s->places.v[s->places.n - 1];
}

static void put_piece(Staged *s, Str topic, int32_t partition, Str batch)
{
    buf_str_u32le(&s->pending, topic);
    buf_u32le(&s->pending, (uint32_t)partition);
    buf_str_u32le(&s->pending, batch);
}

Status staged_add(Staged *s, Topic *t, int32_t partition, Str batch)
{
    RecordsHead h;
    TRY(records_head(&h, batch));
    int64_t most = topic_config(t).max_message_bytes;
    if (batch.n > most)
        return fail(ERR_LIMIT,
                    "a batch of %lld bytes is too long for topic " STR_FMT
                    ", whose max.message.bytes is %lld",
                    (long long)batch.n, STR_ARG(topic_name(t)), (long long)most);
    Place *p = place_of(s, t, partition);
    put_piece(s, topic_name(t), partition, batch);
    records_sign(s->pending.p + s->pending.n - batch.n, batch.n,
                 (RecordsProducer){s->producer, 0, p->next_sequence});
    p->next_sequence = (int32_t)((p->next_sequence + (int64_t)h.count) & INT32_MAX);
    return s->pending.n > SPILL_BYTES ? spill(s) : DONE;
}

Status staged_add_away(Staged *s, Str topic, int32_t partition, Str batch)
{
    put_piece(s, topic, partition, batch);
    return s->pending.n > SPILL_BYTES && s->log ? spill(s) : DONE;
}

Status staged_end(Staged *s, Buf *receipt)
{
    bool small = !s->file && (s->pending.n <= RECEIPT_BYTES_MAX || !s->log);
    if (!small) {
        TRY(spill(s));
        TRY(file_sync(s->file));
        TRY(dir_sync(staging_dir(s->epoch, s->log)));
    }
    Str all = buf_str(&s->pending);
    buf_u8(receipt, VERSION);
    buf_u8(receipt, small ? IN_RECEIPT : IN_FILE);
    buf_u64le(receipt, (uint64_t)(small ? all.n : s->written));
    buf_u32le(receipt, small ? crc32c(0, all) : s->crc);
    buf_put(receipt, small ? all : s->name);
    return DONE;
}

// ---- committing --------------------------------------------------------------------------------

typedef struct Commit {
    Log *log; // of the file, NULL when there is none
    Arena *a;
    StagedTaker *to;
} Commit;

// Gives on the whole pieces at the start of `content`; *used: their bytes.
static Status take_pieces(Commit *c, Str content, int64_t *used)
{
    Reader r = reader_of(content);
    *used = 0;
    while (reader_left(&r)) {
        Str topic = reader_str_u32le(&r);
        int32_t partition = (int32_t)reader_u32le(&r);
        Str batch = reader_str_u32le(&r);
        if (r.bad) return DONE;
        TRY(c->to->put(c->to, topic, partition, batch));
        *used = (const char *)r.at - content.p;
    }
    return DONE;
}

static Status check_file(File *f, Arena *a, int64_t bytes, uint32_t crc)
{
    char *room = NEW_RAW(a, char, READ_BYTES);
    uint32_t sum = 0;
    int64_t at = 0;
    for (int64_t got = 1; got && at < bytes; at += got) {
        TRY(file_read(f, at, room, MIN(READ_BYTES, bytes - at), &got));
        sum = crc32c(sum, str_of(room, got));
    }
    if (at == bytes && sum == crc) return DONE;
    return fail(ERR_CORRUPT, STR_FMT ": not what the epoch wrote", STR_ARG(file_path(f)));
}

static Status take_file(Commit *c, File *f, int64_t bytes)
{
    int64_t room = SPILL_BYTES, got, used;
    char *to = NEW_RAW(c->a, char, room);
    for (int64_t at = 0; at < bytes; at += used) {
        TRY(file_read(f, at, to, MIN(room, bytes - at), &got));
        TRY(take_pieces(c, str_of(to, got), &used));
        if (used) continue;
        if (got < room) return fail(ERR_CORRUPT, STR_FMT " ends early", STR_ARG(file_path(f)));
        room *= 2; // one piece is longer than that
        to = NEW_RAW(c->a, char, room);
    }
    return DONE;
}

static Status deliver_file(Commit *c, Str name, int64_t bytes, uint32_t crc)
{
    File *f;
    Str path = file_of(c->a, c->log, name);
    Status s = file_open(&f, c->a, path, FILE_READ);
    if (s.code == ERR_NOT_FOUND) return DONE; // it goes only when all of it was appended
    TRY(s);
    TRY(check_file(f, c->a, bytes, crc));
    return take_file(c, f, bytes);
}

static Status deliver(Commit *c, Str receipt)
{
    Reader r = reader_of(receipt);
    int32_t version = reader_u8(&r), form = reader_u8(&r);
    int64_t bytes = (int64_t)reader_u64le(&r), used = 0;
    uint32_t crc = reader_u32le(&r);
    Str rest = reader_bytes(&r, reader_left(&r));
    bool form_ok = (form == IN_FILE && c->log) || (form == IN_RECEIPT && rest.n == bytes);
    if (r.bad || version != VERSION || !form_ok)
        return fail(ERR_CORRUPT, "a receipt of the kafka sink that does not parse");
    if (form == IN_FILE) {
        TRY(deliver_file(c, rest, bytes, crc));
    } else {
        if (crc32c(0, rest) != crc)
            return fail(ERR_CORRUPT, "a receipt of the kafka sink has a wrong sum");
        Str own = str_copy(c->a, rest); // the log writes offsets into it
        TRY(take_pieces(c, own, &used));
        if (used != bytes) return fail(ERR_CORRUPT, "a receipt of the kafka sink ends early");
    }
    TRY(c->to->end(c->to));
    if (form == IN_RECEIPT) return DONE;
    Status s = path_remove(file_of(c->a, c->log, rest));
    return s.code == ERR_NOT_FOUND ? DONE : s;
}

Status staged_deliver(Log *log, Str receipt, StagedTaker *to)
{
    Commit c = {.log = log, .a = arena_new(NULL), .to = to};
    Status s = receipt.n ? deliver(&c, receipt) : DONE;
    arena_free(c.a);
    return s;
}

// ---- into the log ------------------------------------------------------------------------------

typedef struct Appender {
    StagedTaker base;
    Log *log;
    Arena *a;
    VEC(Partition *) touched;
} Appender;

static Status append(StagedTaker *to, Str topic, int32_t partition, Str batch)
{
    Appender *ap = CONTAINER(to, Appender, base);
    Topic *t = topic_find(ap->log, topic);
    Partition *p = t ? topic_partition(t, partition) : NULL;
    if (!p)
        return fail(ERR_NOT_FOUND, STR_FMT "-%d is gone, with what an epoch has for it",
                    STR_ARG(topic), partition);
    Appended done;
    TRY(fail_in(partition_append(p, (char *)batch.p, batch.n, &done), STR_FMT "-%d", STR_ARG(topic),
                partition));
    bool known = false;
    for (int64_t i = 0; i < ap->touched.n && !known; i++) known = ap->touched.v[i] == p;
    if (!known) vec_push(ap->a, &ap->touched, p);
    return DONE;
}

static Status sync_touched(StagedTaker *to)
{
    Appender *ap = CONTAINER(to, Appender, base);
    for (int64_t i = 0; i < ap->touched.n; i++)
        TRY(partition_sync(ap->touched.v[i], partition_written(ap->touched.v[i])));
    return DONE;
}

Status staged_commit(Log *log, Str receipt)
{
    Appender ap = {.base = {append, sync_touched}, .log = log, .a = arena_new(NULL)};
    Status s = staged_deliver(log, receipt, &ap.base);
    arena_free(ap.a);
    return s;
}
