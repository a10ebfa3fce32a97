// agg_in.h -- the shapes of aggregates' loops.
#ifndef EXPR_AGG_IN_H
#define EXPR_AGG_IN_H
#include "expr/agg.h"
#include "expr/fn_in.h"

typedef struct AggTable {
    const AggRow *row;
    int32_t n;
} AggTable;
#define AGG_TABLE(name, rows) const AggTable name = {rows, (int32_t)(sizeof(rows) / sizeof(AggRow))}
extern const AggTable agg_sum, agg_minmax, agg_bool, agg_collect, agg_moments, agg_percentile,
    agg_hll, agg_frequent;
const AggRow *agg_row(int64_t i); // of all families; NULL past the end

// The rows that count: kept, and no argument NULL. NULL: all. room has BATCH_ROWS bytes.
const uint8_t *agg_used(const AggCall *c, const AggRows *r, const Column *const *in, uint8_t *room);

// The values that are not NULL as flat bytes (expr/flat.h), one after the other.
typedef struct AggList {
    Blob values;
    int64_t n;
} AggList;
Status agg_list_step(const AggCall *c, const AggRows *r, const Column *const *in);
Status agg_list_merge(const AggCall *c, const AggRows *r, const char *const *from);

// For each row i that counts, statement over B *b, the group's buffer.
#define AGG_LOOP(B, used, statement)                                                               \
    do {                                                                                           \
        if (!(used))                                                                               \
            for (int32_t i = 0; i < r->n; i++) {                                                   \
                B *b = (B *)(void *)(r->payload[i] + c->at);                                       \
                statement;                                                                         \
            }                                                                                      \
        else                                                                                       \
            for (int32_t i = 0; i < r->n; i++)                                                     \
                if ((used)[i]) {                                                                   \
                    B *b = (B *)(void *)(r->payload[i] + c->at);                                   \
                    statement;                                                                     \
                }                                                                                  \
    } while (0)
#define AGG_STEP(name, B, T, statement)                                                            \
    static Status name(const AggCall *c, const AggRows *r, const Column *const *in)                \
    {                                                                                              \
        uint8_t room[BATCH_ROWS];                                                                  \
        const uint8_t *used = agg_used(c, r, in, room);                                            \
        const T *x = COLUMN_DATA(in[0], T);                                                        \
        (void)x;                                                                                   \
        AGG_LOOP(B, used, statement);                                                              \
        return DONE;                                                                               \
    }
// For each buffer b and the buffer f that is folded into it.
#define AGG_MERGE(name, B, statement)                                                              \
    static Status name(const AggCall *c, const AggRows *r, const char *const *from)                \
    {                                                                                              \
        for (int32_t i = 0; i < r->n; i++) {                                                       \
            B *b = (B *)(void *)(r->payload[i] + c->at);                                           \
            const B *f = (const B *)(const void *)(from[i] + c->at);                               \
            statement;                                                                             \
        }                                                                                          \
        return DONE;                                                                               \
    }
// For each buffer b its value z[i]; NULL where is_null.
#define AGG_RESULT(name, B, T, is_null, value)                                                     \
    static Status name(const AggCall *c, char *const *payload, int32_t n, Column *out, Arena *a)   \
    {                                                                                              \
        uint8_t *valid = column_own_valid(a, out);                                                 \
        T *z = COLUMN_DATA(out, T);                                                                \
        for (int32_t i = 0; i < n; i++) {                                                          \
            const B *b = (const B *)(const void *)(payload[i] + c->at);                            \
            valid[i] = !(is_null);                                                                 \
            z[i] = valid[i] ? (T)(value) : (T){0};                                                 \
        }                                                                                          \
        return DONE;                                                                               \
    }
#endif
