// log_fuzz.c -- any bytes as what a partition's folder holds, or a folder of the log's own with
// bytes changed: the log opens, tells rot from a torn tail without a crash, and whatever it lets be
// read is whole batches in order, before and after it was opened once more. The first byte chooses:
// which files there are, which then follow; or 128, and changes of {file 1, position 2, xor 1}
// follow.
#include "log/log.h"
#include "os/file.h"
#include "os/sim.h"

#define DIR S("/tmp/log/topics/t/0")
static const LogOptions alone = {.alone = true};

static void write_file(Arena *a, Str name, Str content)
{
    File *f;
    must(!file_open(&f, a, path_join(a, DIR, name), FILE_WRITE).code);
    must(!file_truncate(f, 0).code && !file_write(f, 0, content).code);
    file_close(f);
}

// Reads all that may be read; returns the offset where it ends or fails.
static int64_t read_partition(Arena *a, Partition *p)
{
    int64_t room = 1 << 17;
    LogRead r = {.offset = partition_start(p), .to = NEW(a, char, room), .room = room};
    for (;; r.offset = r.next) {
        r.upto = INT64_MAX;
        if (partition_read(p, &r).code || !r.batches.n) return r.offset;
        int64_t next = -1;
        for (Str rest = r.batches; rest.n;) {
            RecordsHead h;
            must(!records_head(&h, rest).code && h.bytes <= rest.n);
            must(next < 0 || h.base_offset == next);
            next = h.base_offset + h.last_delta + 1;
            rest = str_from(rest, h.bytes);
        }
        must(next == r.next && next > r.offset);
    }
}

static int64_t open_and_read(Arena *world)
{
    Arena *a = arena_new(world);
    Log *log;
    int64_t end = -1;
    if (!log_open(&log, a, S("/tmp/log"), &alone).code) {
        Topic *t = topic_find(log, S("t"));
        must(t);
        Partition *p = topic_partition(t, 0);
        end = read_partition(a, p);
        int64_t batches, records, offset, time_ms;
        bool whole = !partition_verify(p, &batches, &records).code;
        must(!whole || records == end - partition_start(p) || partition_end(p) > end);
        if (partition_at_time(p, 5, &offset, &time_ms).code) must(!whole);
        if (partition_cut(p, partition_start(p), partition_end(p), 3, &offset).code) must(!whole);
    }
    arena_free(a);
    return end;
}

static void write_files(Arena *a, int32_t which, Str all)
{
    must(!dir_make(DIR).code);
    int64_t third = all.n / 3;
    if (which & 1) write_file(a, S("00000000000000000000.log"), str_sub(all, 0, third));
    if (which & 2) write_file(a, S("00000000000000000000.idx"), str_sub(all, third, third));
    if (which & 4) write_file(a, S("state"), str_from(all, 2 * third));
    if (which & 8) write_file(a, S("00000000000000000003.log"), str_from(all, 2 * third));
}

// Three segments of small batches, the last one written after the state was saved.
static void fill(Arena *a, Partition *p, int64_t batches)
{
    RecordsWriter w = {0};
    for (int64_t i = 0; i < batches; i++) {
        Str batch;
        Appended done;
        records_begin(&w, a, i % 2 ? RECORDS_LZ4 : RECORDS_NONE);
        for (int64_t k = 0; k < 20; k++)
            records_add(&w, &(Record){.time_ms = 5 + k, .value = S("some value of a record")},
                        NULL);
        must(!records_end(&batch, &w, (RecordsProducer){batches, 0, (int32_t)i * 20}).code);
        must(!partition_append(p, w.out.p, batch.n, &done).code);
    }
    must(!partition_sync(p, partition_written(p)).code);
}

static void change_files(Arena *a, Str changes)
{
    Entries list;
    must(!dir_list(&list, a, DIR).code && list.n > 0);
    for (int64_t at = 0; at + 4 <= changes.n; at += 4) {
        const uint8_t *c = (const uint8_t *)changes.p + at;
        const Entry *e = &list.v[c[0] % list.n];
        File *f;
        char byte;
        int64_t place = (c[1] << 8 | c[2]) % MAX(1, e->bytes), got;
        must(!file_open(&f, a, path_join(a, DIR, e->name), FILE_WRITE).code);
        must(!file_read(f, place, &byte, 1, &got).code);
        byte = (char)(byte ^ c[3]);
        if (c[3] == 255)
            must(!file_truncate(f, place).code);
        else
            must(!file_write(f, place, str_of(&byte, 1)).code);
        file_close(f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8 || size > 1 << 16) return 0;
    Arena *world = arena_new(NULL);
    Sim *sim = sim_new(world, 1, NULL);
    sim_enter(sim);
    Arena *a = arena_new(world);
    Log *log;
    Topic *t;
    must(!log_open(&log, a, S("/tmp/log"), &alone).code);
    Options config = {0};
    Option small = {S("segment.bytes"), S("4000")};
    vec_push(a, &config, small);
    must(!topic_create(&t, log, S("t"), 1, &config).code);
    Str rest = str_of((const char *)data + 1, (int64_t)size - 1);
    if (data[0] & 128) fill(a, topic_partition(t, 0), 8);
    log_close(log);
    if (data[0] & 128) {
        must(!log_open(&log, a, S("/tmp/log"), &alone).code);
        fill(a, topic_partition(topic_find(log, S("t")), 0), data[0] & 7);
        sim_faults(sim, &(SimFaults){.crash_at = 1}); // what closing would save is not
        log_close(log);
        sim_kill(sim);
        change_files(a, rest);
    } else {
        write_files(a, data[0], rest);
    }
    arena_free(a);
    int64_t first = open_and_read(world), again = open_and_read(world);
    must(first == again);
    sim_leave();
    arena_free(world);
    return 0;
}
