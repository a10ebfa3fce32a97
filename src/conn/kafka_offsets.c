// kafka_offsets.c -- Spark's JSON of Kafka offsets, and what one trigger takes of them.
#include "conn/kafka_offsets.h"
#include "base/num.h"
#include "fmt/doc.h"
#include "log/log.h"
#include <math.h>
#include <stdlib.h>

static int spot_cmp(const KafkaSpot *x, const KafkaSpot *y)
{
    int by_topic = str_cmp(x->topic, y->topic);
    return by_topic ? by_topic : (x->partition > y->partition) - (x->partition < y->partition);
}

static int spot_order(const void *x, const void *y) { return spot_cmp(x, y); }

void kafka_offsets_sort(KafkaOffsets *o)
{
    bool sorted = true; // as it mostly is
    for (int64_t i = 1; i < o->n && sorted; i++) sorted = spot_cmp(&o->v[i - 1], &o->v[i]) <= 0;
    if (!sorted) qsort(o->v, (size_t)o->n, sizeof *o->v, spot_order);
}

KafkaSpot *kafka_offsets_find(const KafkaOffsets *o, const KafkaSpot *spot)
{
    int64_t low = 0, high = o->n;
    while (low < high) {
        int64_t mid = (low + high) / 2;
        int c = spot_cmp(&o->v[mid], spot);
        if (!c) return &o->v[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

// ---- text --------------------------------------------------------------------------------------

static Status wrong(Str what, Str json, const char *example)
{
    return fail(ERR_INVALID, STR_FMT ": expected e.g. %s, got " STR_FMT, STR_ARG(what), example,
                STR_ARG(json));
}

static bool partition_number(Str text, int32_t *partition)
{
    int64_t n;
    if (!num_parse_i64(text, &n) || n < 0 || n > INT32_MAX) return false;
    *partition = (int32_t)n;
    return true;
}

static Status finish(KafkaOffsets *o, Str what)
{
    kafka_offsets_sort(o);
    for (int64_t i = 1; i < o->n; i++)
        if (!spot_cmp(&o->v[i - 1], &o->v[i]))
            return fail(ERR_INVALID, STR_FMT ": partition %d of " STR_FMT " is there twice",
                        STR_ARG(what), o->v[i].partition, STR_ARG(o->v[i].topic));
    return DONE;
}

static bool take(Str *s, char c)
{
    if (!s->n || *s->p != c) return false;
    *s = str_from(*s, 1);
    return true;
}

static bool take_number(Str *s, int64_t *v)
{
    int64_t n = 0;
    while (n < s->n && s->p[n] != '"' && s->p[n] != ',' && s->p[n] != '}') n++;
    bool ok = num_parse_i64(str_of(s->p, n), v);
    *s = str_from(*s, n);
    return ok;
}

static bool take_partitions(KafkaOffsets *o, Arena *a, Str topic, Str *s)
{
    do {
        int64_t partition, offset;
        if (!take(s, '"') || !take_number(s, &partition) || !take(s, '"') || !take(s, ':') ||
            !take_number(s, &offset) || partition < 0 || partition > INT32_MAX)
            return false;
        vec_push(a, o, ((KafkaSpot){topic, (int32_t)partition, offset}));
    } while (take(s, ','));
    return take(s, '}');
}

// The form that kafka_offsets_text writes, which is read for every epoch. False: it is another.
static bool parse_own_form(KafkaOffsets *o, Arena *a, Str s)
{
    if (!take(&s, '{')) return false;
    if (take(&s, '}')) return !s.n;
    do {
        if (!take(&s, '"')) return false;
        Cut c = str_cut(s, '"');
        s = c.tail;
        if (!topic_name_ok(c.head) || !take(&s, ':') || !take(&s, '{')) return false;
        if (!take_partitions(o, a, str_copy(a, c.head), &s)) return false;
    } while (take(&s, ','));
    return take(&s, '}') && !s.n;
}

Status kafka_offsets_parse(KafkaOffsets *o, Arena *a, Str what, Str json)
{
    static const char example[] = "{\"topicA\":{\"0\":23,\"1\":-1},\"topicB\":{\"0\":-2}}";
    const Doc *doc;
    *o = (KafkaOffsets){0};
    if (parse_own_form(o, a, json)) return finish(o, what);
    *o = (KafkaOffsets){0};
    if (doc_parse(&doc, a, json).code || !doc_is_object(doc)) return wrong(what, json, example);
    for (int64_t i = 0; i < doc_count(doc); i++) {
        KafkaSpot spot = {0};
        const Doc *parts = doc_member(doc, i, &spot.topic);
        if (!doc_is_object(parts)) return wrong(what, json, example);
        spot.topic = str_copy(a, spot.topic);
        for (int64_t k = 0; k < doc_count(parts); k++) {
            Str number;
            const Doc *at = doc_member(parts, k, &number);
            if (!partition_number(number, &spot.partition) || !doc_int(at, &spot.offset))
                return wrong(what, json, example);
            vec_push(a, o, spot);
        }
    }
    return finish(o, what);
}

Status kafka_partitions_parse(KafkaOffsets *o, Arena *a, Str what, Str json)
{
    static const char example[] = "{\"topicA\":[0,1],\"topicB\":[0,1]}";
    const Doc *doc;
    *o = (KafkaOffsets){0};
    if (doc_parse(&doc, a, json).code || !doc_is_object(doc)) return wrong(what, json, example);
    for (int64_t i = 0; i < doc_count(doc); i++) {
        KafkaSpot spot = {0};
        const Doc *parts = doc_member(doc, i, &spot.topic);
        if (!doc_is_array(parts)) return wrong(what, json, example);
        spot.topic = str_copy(a, spot.topic);
        for (int64_t k = 0; k < doc_count(parts); k++) {
            int64_t n;
            if (!doc_int(doc_at(parts, k), &n) || n < 0 || n > INT32_MAX)
                return wrong(what, json, example);
            spot.partition = (int32_t)n;
            vec_push(a, o, spot);
        }
    }
    return finish(o, what);
}

Str kafka_offsets_text(Arena *a, const KafkaOffsets *o)
{
    Buf b = buf_new(a);
    buf_char(&b, '{');
    for (int64_t i = 0; i < o->n; i++) {
        const KafkaSpot *s = &o->v[i];
        bool first = i == 0 || !str_eq(o->v[i - 1].topic, s->topic);
        if (first && i) buf_char(&b, '}');
        if (i) buf_char(&b, ',');
        if (first) {
            buf_json(&b, s->topic);
            buf_put(&b, S(":{"));
        }
        buf_char(&b, '"');
        buf_i64(&b, s->partition);
        buf_put(&b, S("\":"));
        buf_i64(&b, s->offset);
    }
    buf_put(&b, o->n ? S("}}") : S("}"));
    return buf_str(&b);
}

Str kafka_spot_name(Arena *a, const KafkaSpot *spot)
{
    return str_fmt(a, STR_FMT "-%d", STR_ARG(spot->topic), spot->partition);
}

Str kafka_offsets_names(Arena *a, const KafkaOffsets *o)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i < o->n; i++)
        buf_fmt(&b, "%s" STR_FMT "-%d", i ? ", " : "", STR_ARG(o->v[i].topic), o->v[i].partition);
    return buf_str(&b);
}

// ---- limits ------------------------------------------------------------------------------------

static int64_t size_of(const KafkaOffsets *from, const KafkaSpot *to)
{
    const KafkaSpot *begin = kafka_offsets_find(from, to);
    return begin ? MAX(to->offset - begin->offset, 0) : 0;
}

int64_t kafka_offsets_between(const KafkaOffsets *from, const KafkaOffsets *to)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < to->n; i++) sum += size_of(from, &to->v[i]);
    return sum;
}

void kafka_offsets_limit(KafkaOffsets *to, const KafkaOffsets *from, int64_t most)
{
    int64_t total = kafka_offsets_between(from, to);
    for (int64_t i = 0; total > most && i < to->n; i++) {
        KafkaSpot *spot = &to->v[i];
        int64_t size = size_of(from, spot);
        if (!size) continue;
        double share = (double)most * ((double)size / (double)total);
        int64_t take = (int64_t)(share < 1 ? ceil(share) : floor(share));
        spot->offset += MIN(take, size) - size;
    }
}
