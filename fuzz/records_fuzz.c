// records_fuzz.c -- any bytes as a record batch: what is found valid can be read record by record,
// as many as the head says, by either way to the values, and written again to the same records. The
// sum is set right first, as a producer that means harm would.
#include "base/hash.h"
#include "log/records.h"

enum { AT_CRC = 17, AT_ATTRIBUTES = 21, PACKED_MAX = 1 << 16 };

static int64_t read_all(const RecordsHead *h, Str body, RecordsWriter *w)
{
    Records c = records_of(h, body);
    int64_t n = 0;
    for (Record r; records_next(&c, &r); n++) {
        must(r.key.n >= 0 && r.value.n >= 0 && r.headers.n >= 0);
        must(!r.value.p || (r.value.p >= body.p && r.value.p + r.value.n <= body.p + body.n));
        Reader in = reader_of(r.headers);
        RecordHeader header[16] = {0};
        r.nheaders = r.nheaders < 16 ? r.nheaders : 0;
        for (int64_t i = 0; i < r.nheaders; i++)
            if (record_header(&in, &header[i].key, &header[i].value).code) r.nheaders = i;
        if (w) records_add(w, &r, header);
    }
    return n;
}

static void write_again(Arena *a, const RecordsHead *h, Str body)
{
    RecordsWriter w = {0};
    RecordsHead again;
    Buf room = buf_new(a);
    Str batch;
    records_begin(&w, a, (RecordsCodec)(h->crc % (RECORDS_ZSTD + 1)));
    must(read_all(h, body, &w) == h->count);
    if (records_end(&batch, &w, (RecordsProducer){-1, -1, -1}).code || !batch.n) return;
    must(!records_head(&again, batch).code && !records_check(&again, batch).code);
    must(again.count == h->count && !records_body(&body, &room, &again, batch).code);
    must(!records_valid(&again, body).code);
}

// The fast way to the values sees what the plain one sees, broken records included.
static void compare_values(const RecordsHead *h, Str body)
{
    enum { ROOM = 7 };
    Records plain = records_of(h, body), fast = plain;
    Str value[ROOM];
    bool nulls = false, null_seen = false;
    for (int32_t n = ROOM; n == ROOM;) {
        n = records_values(&fast, value, ROOM, &nulls);
        for (int32_t i = 0; i < n; i++) {
            Record r;
            must(records_next(&plain, &r));
            must(r.value.p == value[i].p && r.value.n == value[i].n);
            null_seen |= !r.value.p;
        }
    }
    must(nulls == null_seen);
    Record r;
    must(!records_next(&plain, &r) && plain.bad == fast.bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < RECORDS_HEAD || size > PACKED_MAX) return 0;
    Arena *a = arena_new(NULL);
    char *bytes = NEW(a, char, (int64_t)size);
    memcpy(bytes, data, size);
    Str batch = str_of(bytes, (int64_t)size);
    RecordsHead h;
    uint32_t crc = crc32c(0, str_from(batch, AT_ATTRIBUTES));
    for (int32_t i = 0; i < 4; i++) bytes[AT_CRC + i] = (char)(crc >> (24 - 8 * i));
    if (!records_head(&h, batch).code && h.bytes <= batch.n) {
        batch.n = h.bytes;
        h.crc = crc32c(0, str_from(batch, AT_ATTRIBUTES));
        must(!records_check(&h, batch).code);
        Buf room = buf_new(a);
        Str body;
        if (!records_body(&body, &room, &h, batch).code) {
            compare_values(&h, body);
            if (records_valid(&h, body).code)
                read_all(&h, body, NULL);
            else
                write_again(a, &h, body);
        }
    }
    arena_free(a);
    return 0;
}
