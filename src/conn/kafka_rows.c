// kafka_rows.c -- records to columns. Keys and values are not copied: the columns point into the
// batch that was read, so rows are flushed before its bytes are used anew.
#include "base/civil.h"
#include "conn/kafka_in.h"

const Schema *kafka_schema(Arena *a, bool headers)
{
    const Field pair[] = {field_of(S("key"), &type_string, true),
                          field_of(S("value"), &type_binary, true)};
    const Type *list = type_array(a, type_struct(a, pair, COUNT(pair)), true);
    const Field f[] = {
        field_of(S("key"), &type_binary, true),
        field_of(S("value"), &type_binary, true),
        field_of(S("topic"), &type_string, true),
        field_of(S("partition"), &type_int, true),
        field_of(S("offset"), &type_bigint, true),
        field_of(S("timestamp"), &type_timestamp, true),
        field_of(S("timestampType"), &type_int, true),
        field_of(S("headers"), list, true),
    };
    return type_struct(a, f, headers ? COUNT(f) : COUNT(f) - 1);
}

void kafka_rows_begin(KafkaRows *r, Arena *a, const Source *s, const KafkaSpot *spot, Out *out)
{
    *r = (KafkaRows){.out = out, .arena = a, .limit = s->limit, .only_value = true};
    r->batch = (Batch){.cols = s->schema->nfields, .col = NEW(a, Column, s->schema->nfields)};
    for (int32_t i = 0; i < r->batch.cols; i++) {
        Column *c = &r->batch.col[i];
        c->type = s->schema->field[i].type;
        if (!s->needed[i]) continue;
        if (i == KAFKA_HEADERS)
            r->headers = builder_new(a, c->type);
        else
            *c = column_new(a, c->type, BATCH_ROWS);
        r->only_value &= i == KAFKA_VALUE;
    }
    Column *col = r->batch.col;
    r->key = col[KAFKA_KEY].data;
    r->value = col[KAFKA_VALUE].data;
    r->offset = col[KAFKA_OFFSET].data;
    r->time = col[KAFKA_TIMESTAMP].data;
    r->time_type = col[KAFKA_TIMESTAMP_TYPE].data;
    r->key_valid = NEW(a, uint8_t, BATCH_ROWS);
    r->value_valid = NEW(a, uint8_t, BATCH_ROWS);
    r->only_value &= r->value != NULL;
    Str *topic = col[KAFKA_TOPIC].data;
    int32_t *partition = col[KAFKA_PARTITION].data;
    for (int32_t i = 0; i < BATCH_ROWS; i++) {
        if (topic) topic[i] = spot->topic;
        if (partition) partition[i] = spot->partition;
    }
}

static uint8_t *valid_of(const Str *s, int32_t n, bool nulls, uint8_t *valid)
{
    if (!nulls) return NULL;
    for (int32_t i = 0; i < n; i++) valid[i] = s[i].p != NULL;
    return valid;
}

Status kafka_rows_flush(KafkaRows *r)
{
    if (!r->n) return DONE;
    Batch *b = &r->batch;
    if (r->headers) b->col[KAFKA_HEADERS] = builder_column(r->headers);
    if (r->key) b->col[KAFKA_KEY].valid = valid_of(r->key, r->n, r->key_nulls, r->key_valid);
    if (r->value)
        b->col[KAFKA_VALUE].valid = valid_of(r->value, r->n, r->value_nulls, r->value_valid);
    for (int32_t i = 0; i < b->cols; i++) b->col[i].rows = r->n;
    b->rows = r->n;
    r->n = 0;
    r->key_nulls = r->value_nulls = false;
    Status s = out_put(r->out, b);
    if (r->headers) builder_clear(r->headers);
    return s;
}

static Status add_headers(Builder *b, const Record *one)
{
    Reader in = reader_of(one->headers);
    if (!one->nheaders) {
        builder_null(b);
        return DONE;
    }
    Builder *pair = builder_kid(b, 0);
    builder_start(b);
    for (int64_t i = 0; i < one->nheaders; i++) {
        Str key, value;
        TRY(record_header(&in, &key, &value));
        builder_start(pair);
        builder_datum(builder_kid(pair, 0), &(Datum){.s = key});
        builder_datum(builder_kid(pair, 1), &(Datum){.s = value, .null = !value.p});
        builder_end(pair);
    }
    builder_end(b);
    return DONE;
}

static inline void set_str(Str *to, bool *nulls, int32_t i, Str s)
{
    to[i] = s;
    *nulls |= s.p == NULL;
}

static Status add_row(KafkaRows *r, const Record *one, TimeType type)
{
    int32_t i = r->n++;
    if (r->key) set_str(r->key, &r->key_nulls, i, one->key);
    if (r->value) set_str(r->value, &r->value_nulls, i, one->value);
    if (r->offset) r->offset[i] = one->offset;
    if (r->time && __builtin_mul_overflow(one->time_ms, MICROS_PER_MS, &r->time[i]))
        r->time[i] = one->time_ms < 0 ? INT64_MIN : INT64_MAX;
    if (r->time_type) r->time_type[i] = type;
    return r->headers ? add_headers(r->headers, one) : DONE;
}

static Status fill_rows(KafkaRows *r, Records *c, int64_t from, int64_t to, bool *more)
{
    Record one;
    TimeType type = c->append_time ? TIME_APPEND : TIME_CREATE;
    Records here = *c; // the compiler may keep it in registers
    while (r->n < BATCH_ROWS && !kafka_rows_full(r)) {
        if (!records_next(&here, &one)) break;
        if (one.offset < from || one.offset >= to) continue;
        TRY(add_row(r, &one, type));
        r->rows++;
    }
    *c = here;
    *more = c->left > 0 && !c->bad && !kafka_rows_full(r);
    return DONE;
}

Status kafka_rows_add(KafkaRows *r, const Record *one, TimeType type)
{
    TRY(add_row(r, one, type));
    r->rows++;
    return r->n == BATCH_ROWS ? kafka_rows_flush(r) : DONE;
}

static bool fill_values(KafkaRows *r, Records *c)
{
    int32_t n = records_values(c, r->value + r->n, BATCH_ROWS - r->n, &r->value_nulls);
    r->n += n;
    r->rows += n;
    return c->left > 0 && !c->bad;
}

Status kafka_rows_batch(KafkaRows *r, const RecordsHead *h, Str body, int64_t from, int64_t to)
{
    Records c = records_of(h, body);
    bool whole = h->base_offset >= from && h->base_offset + h->last_delta < to;
    for (bool more = true; more;) {
        if (whole && r->only_value && r->limit < 0)
            more = fill_values(r, &c);
        else
            TRY(fill_rows(r, &c, from, to, &more));
        if (r->n == BATCH_ROWS) TRY(kafka_rows_flush(r));
    }
    return c.bad ? fail(ERR_CORRUPT, "a record breaks its form") : DONE;
}
