// map_keys.c -- a key is in a map once: two of one are an error, or (LAST_WIN) the first one stays
// where it is and gets the value of the last.
#include "expr/picks_in.h"

static Status twice(const KernelCall *k, const Column *keys, int32_t at)
{
    Buf text = buf_new(k->scratch);
    value_text(&text, keys, at, &(TextForm){.null_text = S("NULL")});
    return RAISE(DUPLICATED_MAP_KEY, P("key", buf_str(&text)),
                 P("mapKeyDedupPolicy", S("\"spark.sql.mapKeyDedupPolicy\"")));
}

// Where of `kept` elements from `at` on the key of element e is; -1: nowhere.
static int32_t find(const Column *keys, const int32_t *kept, int32_t n, int32_t e)
{
    for (int32_t i = 0; i < n; i++)
        if (value_eq(keys, kept[i], keys, e)) return i;
    return -1;
}

Status settle_keys(const KernelCall *k, bool (*live)(const KernelCall *k, int32_t row))
{
    Column *map = k->out;
    List *list = COLUMN_DATA(map, List);
    const Column *keys = &map->kid[0];
    int32_t n = 0, all = keys->rows;
    int32_t *key = NEW(k->scratch, int32_t, all + 1), *value = NEW(k->scratch, int32_t, all + 1);
    for (int32_t i = 0; i < k->rows; i++) {
        int32_t from = n, end = live(k, i) ? list[i].at + list[i].n : 0;
        for (int32_t e = live(k, i) ? list[i].at : 0; e < end; e++) {
            if (column_null(keys, e)) return RAISE(NULL_MAP_KEY);
            int32_t same = find(keys, key + from, n - from, e);
            if (same >= 0 && !k->ctx->last_key) return twice(k, keys, e);
            if (same >= 0) {
                value[from + same] = e;
                continue;
            }
            key[n] = value[n] = e;
            n++;
        }
        if (live(k, i) && k->ctx->last_key) list[i] = (List){from, n - from};
        if (!live(k, i) && k->ctx->last_key) list[i] = (List){0, 0};
    }
    if (!k->ctx->last_key) return DONE;
    map->kid[0] = column_gather(k->scratch, keys, key, n);
    map->kid[1] = column_gather(k->scratch, &map->kid[1], value, n);
    return DONE;
}
