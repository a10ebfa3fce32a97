// kafka_wire_in.h -- the shapes that most requests share: arrays, and topics with their partitions.
#ifndef WIRE_KAFKA_WIRE_IN_H
#define WIRE_KAFKA_WIRE_IN_H
#include "wire/kafka_wire.h"

// A null array reads as an empty one. `each`: bytes that an element takes at least.
#define IN_ARRAY(in, to, n, each)                                                                  \
    do {                                                                                           \
        (n) = in_count((in), (each));                                                              \
        (n) = MAX(0, (n));                                                                         \
        (to) = arena_alloc((in)->arena, (int64_t)sizeof(__typeof__(*(to))), 8, (n));               \
    } while (0)
// q's topics, each a name and an array of partitions that `one(in, part)` reads.
#define IN_TOPICS(in, q, each, one)                                                                \
    do {                                                                                           \
        IN_ARRAY(in, (q)->topic, (q)->ntopics, 3);                                                 \
        for (int32_t i_ = 0; i_ < (q)->ntopics && !(in)->r.bad; i_++) {                            \
            (q)->topic[i_].name = in_str(in);                                                      \
            IN_ARRAY(in, (q)->topic[i_].part, (q)->topic[i_].nparts, each);                        \
            for (int32_t k_ = 0; k_ < (q)->topic[i_].nparts && !(in)->r.bad; k_++)                 \
                one((in), &(q)->topic[i_].part[k_]);                                               \
            in_tags(in);                                                                           \
        }                                                                                          \
    } while (0)
#define OUT_TOPICS(o, q, one)                                                                      \
    do {                                                                                           \
        out_count(o, (q)->ntopics);                                                                \
        for (int32_t i_ = 0; i_ < (q)->ntopics; i_++) {                                            \
            out_str(o, (q)->topic[i_].name);                                                       \
            out_count(o, (q)->topic[i_].nparts);                                                   \
            for (int32_t k_ = 0; k_ < (q)->topic[i_].nparts; k_++)                                 \
                one((o), &(q)->topic[i_].part[k_]);                                                \
            out_tags(o);                                                                           \
        }                                                                                          \
    } while (0)
#endif
