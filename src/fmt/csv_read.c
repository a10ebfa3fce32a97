// csv_read.c -- tokens into columns. A token that does not convert leaves its field NULL and makes
// the record a bad one; so does a wrong number of tokens. When only some columns are wanted, and
// not the one for bad records, nobody counts tokens, as in Spark's column pruning.
#include "base/num.h"
#include "fmt/csv.h"
#include "fmt/json_in.h"
#include <math.h>

struct CsvReader {
    const CsvOptions *opt;
    const Schema *schema;
    int32_t ntokens;   // of a good record
    int32_t corrupt;   // the column for bad records when it is wanted, else -1
    bool pruned;       // tokens are not counted
    int32_t *token;    // of each column; -1: not wanted
    JsonSlot *slot;    // a column each
    Column *col;       // of a batch
    JsonReader *times; // dates, times, intervals and decimals read as in JSON
    JsonOptions json;
    CsvRow row;
    int32_t rows; // in the slots
};

static bool wanted(const uint8_t *needed, int32_t i) { return !needed || needed[i]; }

CsvReader *csv_reader_new(Arena *a, const Schema *schema, const uint8_t *needed,
                          const CsvOptions *o)
{
    CsvReader *r = NEW(a, CsvReader, 1);
    int32_t n = schema->nfields, nwanted = 0;
    *r = (CsvReader){.opt = o, .schema = schema, .corrupt = -1};
    r->token = NEW(a, int32_t, n + 1);
    r->slot = NEW(a, JsonSlot, n + 1);
    r->col = NEW(a, Column, n + 1);
    for (int32_t i = 0; i < n; i++) {
        bool corrupt = str_eq(schema->field[i].name, o->corrupt_column);
        json_slot_make(&r->slot[i], a, schema->field[i].type, schema->field[i].name);
        r->token[i] = !corrupt && wanted(needed, i) ? r->ntokens : -1;
        nwanted += r->token[i] >= 0;
        r->ntokens += !corrupt;
        if (corrupt && wanted(needed, i)) r->corrupt = i;
    }
    r->pruned = r->corrupt < 0 && nwanted < r->ntokens;
    r->json = (JsonOptions){.timestamp_format = o->timestamp_format,
                            .timestamp_ntz_format = o->timestamp_ntz_format,
                            .date_format = o->date_format,
                            .time_format = o->time_format,
                            .time_parser_fallback = o->time_parser_fallback,
                            .allow_non_numeric = true,
                            .no_day_numbers = true,
                            .cast = o->cast};
    r->times = json_reader_new(a, schema, &r->json);
    return r;
}

// ---- values ------------------------------------------------------------------------------------

static bool integer(Str s, int64_t min, int64_t max, Datum *v)
{
    return num_parse_i64(s, &v->i) && v->i >= min && v->i <= max;
}

static bool floating(const CsvOptions *o, const Type *t, Str s, Datum *v)
{
    if (str_eq(s, o->nan_value))
        v->f = NAN;
    else if (str_eq(s, o->negative_inf))
        v->f = -INFINITY;
    else if (str_eq(s, o->positive_inf))
        v->f = INFINITY;
    else
        return json_scalar_number(t, str_trim(s), true, v);
    return true;
}

static bool boolean(Str s, Datum *v)
{
    v->i = str_ieq(s, S("true"));
    return v->i || str_ieq(s, S("false"));
}

static bool convert(CsvReader *r, const Type *t, Str s, Datum *v)
{
    switch (t->id) {
    case T_STRING:
    case T_BINARY: v->s = s; return true;
    case T_TINYINT: return integer(s, INT8_MIN, INT8_MAX, v);
    case T_SMALLINT: return integer(s, INT16_MIN, INT16_MAX, v);
    case T_INT: return integer(s, INT32_MIN, INT32_MAX, v);
    case T_BIGINT: return integer(s, INT64_MIN, INT64_MAX, v);
    case T_FLOAT:
    case T_DOUBLE: return floating(r->opt, t, s, v);
    case T_BOOLEAN: return boolean(s, v);
    case T_DECIMAL:
    case T_DATE:
    case T_TIME:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
    case T_INTERVAL: return json_scalar_string(r->times, t, s, v);
    case T_VOID: v->null = true; return true;
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: break; // refused when the file was opened
    }
    return false;
}

// ---- records -----------------------------------------------------------------------------------

static void start(CsvReader *r, Arena *scratch)
{
    r->rows = 0;
    r->times->scratch = scratch;
    for (int32_t i = 0; i < r->schema->nfields; i++)
        if (r->token[i] >= 0 || i == r->corrupt) json_slot_start(&r->slot[i], scratch, BATCH_ROWS);
}

static Status flush(CsvReader *r, Arena *scratch, Out *out)
{
    int32_t n = r->rows;
    Batch b = {n, r->schema->nfields, r->col};
    if (n == 0) return DONE;
    for (int32_t i = 0; i < b.cols; i++) {
        if (r->token[i] >= 0 || i == r->corrupt)
            r->col[i] = json_slot_column(&r->slot[i], scratch, n);
        else
            r->col[i] = (Column){.type = r->schema->field[i].type, .rows = n};
    }
    TRY(out_put(out, &b));
    start(r, scratch);
    return DONE;
}

static Status refuse(CsvReader *r, Arena *scratch)
{
    Buf b = buf_new(scratch);
    buf_char(&b, '[');
    TextForm form = {.null_text = S("null")};
    for (int32_t i = 0, k = 0; i < r->schema->nfields; i++) {
        if (r->token[i] < 0) continue;
        Column c = json_slot_column(&r->slot[i], scratch, r->rows + 1);
        if (k++) buf_char(&b, ',');
        if (column_null(&c, r->rows))
            buf_put(&b, S("null"));
        else
            value_text(&b, &c, r->rows, &form);
    }
    buf_char(&b, ']');
    return RAISE(MALFORMED_RECORD_IN_PARSING, P("badRecord", buf_str(&b)),
                 P("failFastMode", S("FAILFAST")));
}

static bool put_field(CsvReader *r, int32_t i, const CsvRow *row)
{
    Datum v = {.null = false};
    JsonSlot *slot = &r->slot[i];
    bool missing = r->token[i] >= row->n;
    bool null = missing || str_eq(row->token[r->token[i]], r->opt->null_value);
    bool ok = null || convert(r, slot->type, row->token[r->token[i]], &v);
    if (null || !ok || v.null)
        json_slot_null(slot, r->rows);
    else
        json_slot_datum(slot, r->rows, &v);
    return ok;
}

static Status put_record(CsvReader *r, const CsvRow *row, Arena *scratch, Out *out)
{
    const CsvOptions *o = r->opt;
    bool good = r->pruned || row->n == r->ntokens;
    if (row->n > o->columns_max)
        return fail(ERR_INVALID, "a record has %d fields; maxColumns is %lld", row->n,
                    (long long)o->columns_max);
    for (int32_t i = 0; i < r->schema->nfields; i++)
        if (r->token[i] >= 0) good &= put_field(r, i, row);
    if (!good && o->mode == CSV_FAILFAST) return refuse(r, scratch);
    if (!good && o->mode == CSV_DROPMALFORMED) return DONE;
    if (r->corrupt >= 0) {
        Datum v = {.s = row->raw};
        if (good)
            json_slot_null(&r->slot[r->corrupt], r->rows);
        else
            json_slot_datum(&r->slot[r->corrupt], r->rows, &v);
    }
    return ++r->rows == BATCH_ROWS ? flush(r, scratch, out) : DONE;
}

Status csv_read_lines(CsvReader *r, const Str *line, int64_t n, Arena *scratch, Out *out)
{
    r->row = (CsvRow){0};
    start(r, scratch);
    for (int64_t i = 0; i < n; i++) {
        int64_t at = 0;
        if (csv_skips(r->opt, line[i])) continue;
        if (!csv_record(r->opt, line[i], &at, &r->row, scratch)) continue;
        r->row.raw = line[i];
        TRY(put_record(r, &r->row, scratch, out));
    }
    return flush(r, scratch, out);
}

Status csv_read_text(CsvReader *r, Str text, Arena *scratch, Out *out)
{
    int64_t at = 0;
    r->row = (CsvRow){0};
    start(r, scratch);
    while (csv_record(r->opt, text, &at, &r->row, scratch))
        TRY(put_record(r, &r->row, scratch, out));
    return flush(r, scratch, out);
}
