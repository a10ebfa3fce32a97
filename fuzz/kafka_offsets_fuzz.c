// kafka_offsets_fuzz.c -- any bytes as offsets: what parses is written in order and parses again to
// the same, by the short way and by the document's.
#include "conn/kafka_offsets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *a = arena_new(NULL);
    Str json = str_copy(a, str_of((const char *)data, (int64_t)size));
    KafkaOffsets o, again, spaced;
    if (!kafka_offsets_parse(&o, a, S("x"), json).code) {
        Str text = kafka_offsets_text(a, &o);
        must(!kafka_offsets_parse(&again, a, S("x"), text).code);
        must(!kafka_offsets_parse(&spaced, a, S("x"), str_cat(a, S(" "), text)).code);
        must(str_eq(kafka_offsets_text(a, &again), text));
        must(str_eq(kafka_offsets_text(a, &spaced), text));
    }
    if (!kafka_partitions_parse(&o, a, S("x"), json).code) kafka_offsets_names(a, &o);
    arena_free(a);
    return 0;
}
