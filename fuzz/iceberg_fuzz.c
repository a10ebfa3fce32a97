// Any bytes as an Iceberg metadata file, a manifest list or a manifest (the first byte tells): it
// is taken or refused. Metadata that are taken are written as the same bytes twice over.
#include "lake/iceberg_in.h"
#include "os/file.h"
#include "os/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Status metadata(Arena *a, Str bytes)
{
    IceMeta *m = NULL, *again = NULL;
    Buf one = buf_new(a), two = buf_new(a);
    TRY(ice_meta_parse(&m, a, bytes, S("fuzz")));
    if (m->format != 2) return DONE;
    ice_meta_write(&one, m);
    Status s = ice_meta_parse(&again, a, buf_str(&one), S("written"));
    must(s.code == OK);
    ice_meta_write(&two, again);
    must(str_eq(buf_str(&one), buf_str(&two)));
    return DONE;
}

static Status manifest(Arena *a, Str bytes, bool list)
{
    static const Str json = STR_INIT(
        "{\"format-version\":2,\"table-uuid\":\"u\",\"location\":\"/tmp/"
        "t\",\"last-sequence-number\":1,"
        "\"last-updated-ms\":1,\"last-column-id\":2,\"current-schema-id\":0,\"schemas\":[{\"type\":"
        "\"struct\",\"schema-id\":0,\"fields\":[{\"id\":1,\"name\":\"d\",\"required\":false,"
        "\"type\":"
        "\"decimal(9, 2)\"},{\"id\":2,\"name\":\"s\",\"required\":false,\"type\":\"string\"}]}],"
        "\"default-spec-id\":0,\"partition-specs\":[{\"spec-id\":0,\"fields\":[{\"source-id\":1,"
        "\"field-id\":1000,\"name\":\"d\",\"transform\":\"identity\"},{\"source-id\":2,\"field-"
        "id\":1001,"
        "\"name\":\"s\",\"transform\":\"truncate[2]\"}]}],\"last-partition-id\":1001,"
        "\"default-sort-order-id\":0,\"sort-orders\":[{\"order-id\":0,\"fields\":[]}]}");
    IceMeta *m = NULL;
    IceManifests lists = {0};
    IceEntries entries = {0};
    IceManifest of = {.path = S("/tmp/m.avro"), .bytes = bytes.n, .sequence = 1, .snapshot = 7};
    Status s = ice_meta_parse(&m, a, json, S("table"));
    must(s.code == OK);
    TRY(file_replace(S("/tmp/m.avro"), bytes));
    if (list) return ice_manifest_list_read(&lists, a, S("file:///tmp/m.avro"));
    TRY(ice_manifest_read(&entries, a, m, &of, true));
    for (int64_t i = 0; i < entries.n; i++)
        must(entries.v[i].file.npartition == 2 && entries.v[i].file.path.n > 0);
    return DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    Arena *world = arena_new(NULL), *a = arena_new(world);
    Str bytes = str_copy(a, str_of((const char *)data + 1, (int64_t)size - 1));
    sim_enter(sim_new(world, 1, NULL));
    Status s = data[0] % 3 ? manifest(a, bytes, data[0] % 3 == 1) : metadata(a, bytes);
    must(s.code <= ERR_CANCELLED);
    arena_free(a);
    sim_leave();
    arena_free(world);
    return 0;
}
