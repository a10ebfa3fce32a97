// topic.c -- topics: made, found, grown, configured, deleted. A topic is there when its file
// `topic` is: a folder without one is what a crash left of a half-made or half-deleted topic.
#include "base/hash.h"
#include "base/num.h"
#include "log/log_in.h"
#include "os/clock.h"

enum { TOPIC_FILE_MAX = 1 << 20 };

bool topic_name_ok(Str name)
{
    if (name.n < 1 || name.n > TOPIC_NAME_MAX || str_eq(name, S(".")) || str_eq(name, S("..")))
        return false;
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') return false;
    }
    return true;
}

// -- the file: lines of "key value", the last one their sum

static Status topic_write(Topic *t, int32_t partitions, const Options *config)
{
    Arena *a = arena_new(NULL);
    Buf b = buf_new(a);
    buf_put(&b, S("kappa-topic 1\nid "));
    for (int32_t i = 0; i < 16; i++) buf_fmt(&b, "%02x", t->id[i]);
    buf_fmt(&b, "\npartitions %d\n", partitions);
    for (int64_t i = 0; i < config->n; i++)
        buf_fmt(&b, "config " STR_FMT " " STR_FMT "\n", STR_ARG(config->v[i].key),
                STR_ARG(config->v[i].value));
    buf_fmt(&b, "sum %08x\n", crc32c(0, buf_str(&b)));
    Status s = file_replace(path_join(a, t->dir, S("topic")), buf_str(&b));
    arena_free(a);
    return s;
}

static bool id_read(Topic *t, Str hex)
{
    for (int32_t i = 0; i < 16; i++) {
        uint64_t byte;
        if (hex.n != 32 || !num_parse_u64_hex(str_sub(hex, 2 * i, 2), &byte)) return false;
        t->id[i] = (uint8_t)byte;
    }
    return true;
}

static bool topic_read(Topic *t, Str file)
{
    int64_t sum_at = str_find(file, S("\nsum ")) + 1;
    uint64_t sum;
    if (!sum_at || file.n != sum_at + 13 ||
        !num_parse_u64_hex(str_sub(file, sum_at + 4, 8), &sum) ||
        sum != crc32c(0, str_sub(file, 0, sum_at)))
        return false;
    bool good = str_starts(file, S("kappa-topic 1\n"));
    for (Str rest = str_sub(file, 0, sum_at); rest.n;) {
        Cut line = str_cut(rest, '\n'), word = str_cut(line.head, ' ');
        rest = line.tail;
        int64_t n;
        if (str_eq(word.head, S("id"))) good &= id_read(t, word.tail);
        if (str_eq(word.head, S("partitions"))) {
            good &= num_parse_i64(word.tail, &n) && n >= 1 && n <= PARTITIONS_MAX;
            t->partitions = good ? (int32_t)n : 0;
        }
        if (!str_eq(word.head, S("config"))) continue;
        Cut set = str_cut(word.tail, ' ');
        Option o = {set.head, set.tail};
        vec_push(t->arena, &t->config, o);
    }
    return good && t->partitions > 0;
}

static Topic *topic_new(Log *log, Str name)
{
    Arena *a = arena_new(NULL);
    Topic *t = NEW(a, Topic, 1);
    t->log = log;
    t->arena = a;
    t->name = str_copy(a, name);
    t->dir = path_join(a, path_join(a, log->dir, S("topics")), name);
    return t;
}

static void add_partitions(Topic *t, int32_t from, int32_t to)
{
    Partition **part = NEW(t->arena, Partition *, to);
    for (int32_t i = 0; i < to; i++) part[i] = i < from ? t->part[i] : partition_new(t, i);
    t->part = part;
    t->partitions = to;
}

static Status topic_load(Log *log, Str name, bool *leftover)
{
    Topic *t = topic_new(log, name);
    Str file;
    Status s = file_load(&file, t->arena, path_join(t->arena, t->dir, S("topic")), TOPIC_FILE_MAX);
    *leftover = s.code == ERR_NOT_FOUND;
    if (!s.code && !topic_read(t, file))
        s = fail(ERR_CORRUPT, STR_FMT "/topic is damaged", STR_ARG(t->dir));
    if (!s.code) s = config_apply(&t->values, &t->config);
    if (s.code) {
        arena_free(t->arena);
        return *leftover ? DONE : s;
    }
    add_partitions(t, 0, t->partitions);
    map_set(&log->topics, t->name, t);
    for (int32_t i = 0; i < t->partitions; i++) TRY(partition_recover(t->part[i]));
    return DONE;
}

Status topics_load(Log *log)
{
    Arena *a = arena_new(log->arena);
    Entries list;
    Str dir = path_join(a, log->dir, S("topics"));
    TRY(dir_make(dir));
    TRY(dir_list(&list, a, dir));
    for (int64_t i = 0; i < list.n; i++) {
        bool leftover = false;
        if (list.v[i].kind != ENTRY_DIR || !topic_name_ok(list.v[i].name)) continue;
        TRY(topic_load(log, list.v[i].name, &leftover));
        if (leftover) TRY(dir_remove_all(path_join(a, dir, list.v[i].name)));
    }
    Status s = dir_sync(dir); // a killed process may have made topics that no sync has covered
    arena_free(a);
    return s;
}

// -- making

static Status check_new(Log *log, Str name, int32_t *partitions, const Options *config,
                        TopicConfig *values)
{
    if (!topic_name_ok(name))
        return fail(ERR_INVALID,
                    "'" STR_FMT "' is no name of a topic: 1 to %d letters, digits and "
                    "'.', '_', '-'",
                    STR_ARG(name), TOPIC_NAME_MAX);
    if (map_get(&log->topics, name))
        return fail(ERR_CONFLICT, "topic " STR_FMT " exists", STR_ARG(name));
    if (*partitions == -1) *partitions = log->partitions;
    if (*partitions < 1 || *partitions > PARTITIONS_MAX)
        return fail(ERR_INVALID, "a topic has 1 to %d partitions, not %d", PARTITIONS_MAX,
                    *partitions);
    return config_apply(values, config);
}

Status topic_check(Log *log, Str name, int32_t partitions, const Options *config)
{
    TopicConfig values = {0};
    mutex_lock(log->lock);
    Status s = check_new(log, name, &partitions, config, &values);
    mutex_unlock(log->lock);
    return s;
}

static Status make_files(Topic *t, int32_t partitions)
{
    TRY(dir_remove_all(t->dir)); // of a topic that a crash deleted half
    TRY(dir_make(t->dir));
    TRY(topic_write(t, partitions, &t->config));
    return dir_sync(path_dir(t->dir));
}

static Status create_locked(Topic **made, Log *log, Str name, int32_t partitions,
                            const Options *config)
{
    static const Options none = {0};
    TopicConfig values = {0};
    if (!config) config = &none;
    TRY(check_new(log, name, &partitions, config, &values));
    Topic *t = topic_new(log, name);
    t->values = values;
    rand_bytes(t->id, sizeof t->id);
    Status s = config_merge(&t->config, t->arena, config);
    if (!s.code) s = make_files(t, partitions);
    if (s.code) {
        arena_free(t->arena);
        return s;
    }
    add_partitions(t, 0, partitions);
    for (int32_t i = 0; i < partitions; i++) t->part[i]->saved = true; // there is nothing to say
    map_set(&log->topics, t->name, t);
    *made = t;
    return DONE;
}

Status topic_create(Topic **t, Log *log, Str name, int32_t partitions, const Options *config)
{
    mutex_lock(log->lock);
    Status s = create_locked(t, log, name, partitions, config);
    mutex_unlock(log->lock);
    if (s.code) return s;
    shared_add(&log->changes, 1);
    watch_tell(log, NULL);
    return DONE;
}

// -- changing

static Status gone(const Topic *t)
{
    return fail(ERR_NOT_FOUND, "topic " STR_FMT " was deleted", STR_ARG(t->name));
}

static Status delete_locked(Topic *t)
{
    if (t->deleted) return gone(t);
    TRY(path_remove(path_join(t->arena, t->dir, S("topic"))));
    TRY(dir_sync(t->dir)); // from here on it is deleted
    t->deleted = true;
    map_remove(&t->log->topics, t->name);
    vec_push(t->log->arena, &t->log->gone, t);
    for (int32_t i = 0; i < t->partitions; i++) partition_drop(t->part[i]);
    TRY(dir_remove_all(t->dir));
    return dir_sync(path_dir(t->dir));
}

Status topic_delete(Topic *t)
{
    mutex_lock(t->log->lock);
    Status s = delete_locked(t);
    mutex_unlock(t->log->lock);
    shared_add(&t->log->changes, 1);
    return s;
}

static Status grow_locked(Topic *t, int32_t partitions)
{
    if (t->deleted) return gone(t);
    if (partitions <= t->partitions || partitions > PARTITIONS_MAX)
        return fail(ERR_INVALID, "topic " STR_FMT " has %d partitions and cannot have %d",
                    STR_ARG(t->name), t->partitions, partitions);
    TRY(topic_write(t, partitions, &t->config));
    add_partitions(t, t->partitions, partitions);
    return DONE;
}

Status topic_grow(Topic *t, int32_t partitions)
{
    mutex_lock(t->log->lock);
    Status s = grow_locked(t, partitions);
    mutex_unlock(t->log->lock);
    if (s.code) return s;
    shared_add(&t->log->changes, 1);
    watch_tell(t->log, NULL);
    return DONE;
}

static Status configure_locked(Topic *t, const Options *changes, bool dry_run)
{
    if (t->deleted) return gone(t);
    Options all = {0};
    TopicConfig values = {0};
    TRY(config_merge(&all, t->arena, &t->config));
    TRY(config_merge(&all, t->arena, changes));
    TRY(config_apply(&values, &all));
    if (dry_run) return DONE;
    TRY(topic_write(t, t->partitions, &all));
    t->config = all;
    t->values = values;
    for (int32_t i = 0; i < t->partitions; i++) {
        Partition *p = t->part[i];
        mutex_lock(p->append);
        mutex_lock(p->lock);
        p->config = values;
        mutex_unlock(p->lock);
        mutex_unlock(p->append);
    }
    return DONE;
}

Status topic_configure(Topic *t, const Options *changes, bool dry_run)
{
    mutex_lock(t->log->lock);
    Status s = configure_locked(t, changes, dry_run);
    mutex_unlock(t->log->lock);
    return s;
}

// -- asking

Topic *topic_find(Log *log, Str name)
{
    mutex_lock(log->lock);
    Topic *t = map_get(&log->topics, name);
    mutex_unlock(log->lock);
    return t;
}

static void sort_topics(Topic **v, int64_t n) // few, and mostly sorted already
{
    for (int64_t i = 1; i < n; i++)
        for (int64_t k = i; k > 0 && str_cmp(v[k - 1]->name, v[k]->name) > 0; k--) {
            Topic *t = v[k];
            v[k] = v[k - 1];
            v[k - 1] = t;
        }
}

int32_t log_topics(Log *log, Arena *a, Topic ***list)
{
    mutex_lock(log->lock);
    int64_t n = log->topics.n;
    *list = NEW(a, Topic *, n + 1);
    for (int64_t i = 0; i < n; i++) (*list)[i] = log->topics.entry[i].value;
    mutex_unlock(log->lock);
    sort_topics(*list, n);
    return (int32_t)n;
}

Topic *topic_by_id(Log *log, const uint8_t id[16])
{
    Topic *found = NULL;
    mutex_lock(log->lock);
    for (int64_t i = 0; i < log->topics.n && !found; i++) {
        Topic *t = log->topics.entry[i].value;
        if (!memcmp(t->id, id, sizeof t->id)) found = t;
    }
    mutex_unlock(log->lock);
    return found;
}

Str topic_name(const Topic *t) { return t->name; }
const uint8_t *topic_id(const Topic *t) { return t->id; }

int32_t topic_partitions(Topic *t)
{
    mutex_lock(t->log->lock);
    int32_t n = t->partitions;
    mutex_unlock(t->log->lock);
    return n;
}

Partition *topic_partition(Topic *t, int32_t index)
{
    mutex_lock(t->log->lock);
    Partition *p = index >= 0 && index < t->partitions ? t->part[index] : NULL;
    mutex_unlock(t->log->lock);
    return p;
}

TopicConfig topic_config(Topic *t)
{
    mutex_lock(t->log->lock);
    TopicConfig c = t->values;
    mutex_unlock(t->log->lock);
    return c;
}

bool topic_deleted(Topic *t)
{
    mutex_lock(t->log->lock);
    bool yes = t->deleted;
    mutex_unlock(t->log->lock);
    return yes;
}

// MurmurHash2 with Kafka's seed.
int32_t partition_of_key(Str key, int32_t partitions)
{
    const uint32_t mul = 0x5bd1e995, seed = 0x9747b28c;
    uint32_t h = seed ^ (uint32_t)key.n;
    int64_t at = 0;
    for (; key.n - at >= 4; at += 4) {
        uint32_t k;
        memcpy(&k, key.p + at, sizeof k);
        k *= mul;
        k ^= k >> 24;
        h = h * mul ^ k * mul;
    }
    for (int64_t i = key.n - 1; i >= at; i--) h ^= (uint32_t)(uint8_t)key.p[i] << 8 * (i - at);
    if (at < key.n) h *= mul;
    h ^= h >> 13;
    h *= mul;
    h ^= h >> 15;
    return (int32_t)(h & INT32_MAX) % partitions;
}
