// log.c -- the folder as a whole: | topics/<name>/topic | topics/<name>/<n>/.. | offsets | log |.
// The file `log` holds the cluster's id and the producer ids given out.
#include "log/log.h"
#include "base/hash.h"
#include "base/num.h"
#include "log/log_in.h"
#include "os/clock.h"
#include "os/proc.h"

enum { LOG_FILE_MAX = 4096, PRODUCER_BLOCK = 1000, ADDRESS_MAX = 512 };

static Status log_write(Log *log, int64_t producers_until)
{
    Arena *a = arena_new(NULL);
    Str text = str_fmt(a, "kappa-log 1\ncluster " STR_FMT "\nproducers %lld\n",
                       STR_ARG(log->cluster_id), (long long)producers_until);
    text = str_fmt(a, STR_FMT "sum %08x\n", STR_ARG(text), crc32c(0, text));
    Status s = file_replace(path_join(a, log->dir, S("log")), text);
    arena_free(a);
    return s;
}

static bool log_read(Log *log, Str file)
{
    int64_t sum_at = str_find(file, S("\nsum ")) + 1, cluster = 0;
    uint64_t sum;
    if (!sum_at || file.n != sum_at + 13 || !str_starts(file, S("kappa-log 1\n")) ||
        !num_parse_u64_hex(str_sub(file, sum_at + 4, 8), &sum) ||
        sum != crc32c(0, str_sub(file, 0, sum_at)))
        return false;
    bool good = true;
    for (Str rest = str_sub(file, 0, sum_at); rest.n;) {
        Cut line = str_cut(rest, '\n'), word = str_cut(line.head, ' ');
        rest = line.tail;
        if (str_eq(word.head, S("cluster"))) {
            log->cluster_id = word.tail;
            cluster++;
        }
        if (str_eq(word.head, S("producers")))
            good &= num_parse_i64(word.tail, &log->next_producer);
    }
    log->producers_until = log->next_producer;
    return good && cluster == 1;
}

static Str new_cluster_id(Arena *a) // 16 bytes in 22 characters, as Kafka's tools print it
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    Buf b = buf_new(a);
    for (int32_t i = 0; i < 21; i++) buf_char(&b, digit[rand_u64() & 63]);
    buf_char(&b, digit[(rand_u64() & 3) * 16]); // of the last character only two bits count
    return buf_str(&b);
}

static Status meta_load(Log *log)
{
    Str file, path = path_join(log->arena, log->dir, S("log"));
    Status s = file_load(&file, log->arena, path, LOG_FILE_MAX);
    if (s.code == ERR_NOT_FOUND) {
        log->cluster_id = new_cluster_id(log->arena);
        log->next_producer = log->producers_until = PRODUCER_BLOCK;
        return log_write(log, log->producers_until);
    }
    TRY(s);
    return log_read(log, file) ? DONE : fail(ERR_CORRUPT, STR_FMT " is damaged", STR_ARG(path));
}

static void close_log(void *arg) { log_close(arg); }

static Status lock_folder(Log *log)
{
    File *f;
    Str path = path_join(log->arena, log->dir, S("lock")), who = {0};
    TRY(file_open(&f, log->arena, path, FILE_WRITE));
    Status s = file_lock(f); // until the arena ends
    if (s.code == ERR_CONFLICT) {
        Status read = file_load(&who, log->arena, path, 100);
        return fail(ERR_CONFLICT,
                    "the data folder " STR_FMT " is open in another process%s" STR_FMT,
                    STR_ARG(log->dir), read.code || !who.n ? "" : ", ", STR_ARG(str_trim(who)));
    }
    TRY(s);
    s = path_remove(path_join(log->arena, log->dir, S("server"))); // of one that was killed
    if (s.code != ERR_NOT_FOUND) TRY(s);
    TRY(file_truncate(f, 0)); // for people: nothing depends on what it says
    return file_write(f, 0, str_fmt(log->arena, "%lld\n", (long long)proc_id()));
}

static Status open_all(Log *log)
{
    TRY(dir_make(log->dir));
    TRY(lock_folder(log));
    TRY(dir_sync(path_dir(log->dir)));
    TRY(meta_load(log));
    TRY(topics_load(log));
    TRY(dir_sync(log->dir));
    return offsets_open(&log->offsets, log);
}

Status log_open(Log **out, Arena *a, Str dir, const LogOptions *options)
{
    Log *log = NEW(a, Log, 1);
    Arena *own = arena_new(NULL); // dies in log_close, after all that needs it
    *log = (Log){.arena = own, .dir = str_copy(own, dir), .topics = map_new(own)};
    log->alone = options && options->alone;
    log->partitions = options && options->partitions > 0 ? options->partitions : 1;
    log->lock = mutex_new(own);
    log->watch_lock = mutex_new(own);
    log->committer = committer_new(log);
    arena_defer(a, close_log, log);
    TRY(open_all(log));
    *out = log;
    return DONE;
}

static Status close_partition(Partition *p)
{
    Status s = DONE;
    if (shared_get(&p->durable) < shared_get(&p->written)) s = partition_flush(p);
    if (!s.code && !p->saved) s = partition_save(p);
    partition_close(p);
    return s;
}

void log_close(Log *log)
{
    if (log->closed) return;
    log->closed = true;
    committer_stop(log->committer);
    Status s = committer_sweep(log->committer);
    for (int64_t i = 0; i < log->topics.n; i++)
        vec_push(log->arena, &log->gone, log->topics.entry[i].value);
    for (int64_t i = 0; i < log->gone.n; i++) {
        Topic *t = log->gone.v[i];
        for (int32_t k = 0; k < t->partitions; k++) s = close_partition(t->part[k]);
        arena_free(t->arena);
    }
    if (log->addresses.n) s = path_remove(path_join(log->arena, log->dir, S("server")));
    (void)s.code; // what could not be saved is recovered from the segments
    if (log->offsets) offsets_close(log->offsets);
    committer_free(log->committer);
    arena_free(log->arena);
}

Str log_dir(const Log *log) { return log->dir; }
Str log_cluster_id(const Log *log) { return log->cluster_id; }
int32_t log_partitions(Log *log) { return log->partitions; }
int64_t log_changes(Log *log) { return shared_get(&log->changes); }
Status log_commit(Log *log) { return committer_sweep(log->committer); }

static Str port_of(Str server, Str *host)
{
    static const Str loopback[] = {STR_INIT("localhost"), STR_INIT("[::1]"), STR_INIT("0.0.0.0"),
                                   STR_INIT("*"), STR_INIT("")};
    int64_t colon = str_rfind_char(server, ':');
    *host = colon < 0 ? server : str_sub(server, 0, colon);
    for (int64_t i = 0; i < COUNT(loopback); i++)
        if (str_ieq(*host, loopback[i])) *host = S("127.0.0.1");
    return colon < 0 ? (Str){0} : str_from(server, colon + 1);
}

void log_reachable(Log *log, Str address)
{
    mutex_lock(log->lock);
    vec_push(log->arena, &log->addresses, str_copy(log->arena, address));
    Status s = file_replace(path_join(log->arena, log->dir, S("server")), log->addresses.v[0]);
    (void)s.code; // only a hint for other processes
    mutex_unlock(log->lock);
}

Status log_server(Str *address, Arena *a, Str dir)
{
    TRY(file_load(address, a, path_join(a, dir, S("server")), ADDRESS_MAX));
    return address->n ? DONE : fail(ERR_NOT_FOUND, STR_FMT ": no server", STR_ARG(dir));
}

bool log_is_at(Log *log, Str servers)
{
    bool found = false;
    mutex_lock(log->lock);
    for (Cut c = {.tail = servers, .ok = true}; c.ok && !found;) {
        c = str_cut(c.tail, ',');
        Str host, there, port = port_of(str_trim(c.head), &host);
        for (int64_t i = 0; i < log->addresses.n; i++)
            found |= str_eq(port_of(log->addresses.v[i], &there), port) && str_ieq(host, there);
    }
    mutex_unlock(log->lock);
    return found;
}

Status log_tick(Log *log)
{
    Arena *a = arena_new(NULL);
    VEC(Partition *) all = {0};
    mutex_lock(log->lock);
    for (int64_t i = 0; i < log->topics.n; i++) {
        Topic *t = log->topics.entry[i].value;
        for (int32_t k = 0; k < t->partitions; k++) vec_push(a, &all, t->part[k]);
    }
    mutex_unlock(log->lock);
    Status first = DONE;
    for (int64_t i = 0; i < all.n; i++) {
        Status s = partition_tidy(all.v[i]);
        if (!first.code) first = s;
    }
    arena_free(a);
    return first;
}

Status log_producer_id(Log *log, int64_t *id)
{
    mutex_lock(log->lock);
    Status s = DONE;
    if (log->next_producer == log->producers_until) {
        s = log_write(log, log->producers_until + PRODUCER_BLOCK);
        if (!s.code) log->producers_until += PRODUCER_BLOCK;
    }
    if (!s.code) *id = log->next_producer++;
    mutex_unlock(log->lock);
    return s;
}
