// rowform_test.c -- rows to flat bytes and back, of every type.
#include "base/test.h"
#include "col/rowform.h"

static const Schema *wide_schema(Arena *a)
{
    const Schema *s = NULL;
    CHECK_OK(schema_parse(&s, a,
                          S("a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, "
                            "h DECIMAL(30,2), i STRING, j BINARY, k DATE, l TIMESTAMP, "
                            "m ARRAY<STRING>, n MAP<STRING,INT>, o STRUCT<x: INT, y: STRING>")));
    return s;
}
static void put_value(Builder *b, int32_t row)
{
    const Type *t = builder_type(b);
    if (row % 5 == 4) {
        builder_null(b);
    } else if (t->nfields) {
        builder_start(b);
        int32_t times = t->id == T_STRUCT ? 1 : row % 3;
        for (int32_t i = 0; i < times; i++)
            for (int32_t k = 0; k < t->nfields; k++) put_value(builder_kid(b, k), i + (row & 1));
        builder_end(b);
    } else {
        static const Str texts[] = {STR_INIT(""), STR_INIT("a"), STR_INIT("nineteen bytes long")};
        Datum d = {.i = row & 1};
        if (type_phys(t) == PHYS_STR) d.s = texts[row % 3];
        if (type_phys(t) == PHYS_F32 || type_phys(t) == PHYS_F64) d.f = row * 1.5;
        if (type_phys(t) == PHYS_I128) d.d = ((Int128)row << 70) - 3;
        builder_datum(b, &d);
    }
}
static Batch wide_batch(Arena *a, const Schema *s, int32_t rows)
{
    Batch b = {.rows = rows, .cols = s->nfields, .col = NEW(a, Column, s->nfields)};
    for (int32_t c = 0; c < b.cols; c++) {
        Builder *col = builder_new(a, s->field[c].type);
        for (int32_t i = 0; i < rows; i++) put_value(col, i + c);
        b.col[c] = builder_column(col);
    }
    return b;
}
TEST(rowform_round_trip)
{
    enum { ROWS = 50, SOME = 20 };
    const Schema *s = wide_schema(a);
    RowForm *f = rowform_new(a, s);
    Batch in = wide_batch(a, s, ROWS);
    int32_t row[SOME];
    int64_t bytes[SOME];
    char *to[SOME];
    for (int32_t i = 0; i < SOME; i++) row[i] = ROWS - 1 - 2 * i;
    rowform_measure(f, a, &in, row, SOME, bytes);
    for (int32_t i = 0; i < SOME; i++) {
        to[i] = NEW_RAW(a, char, bytes[i]);
        memset(to[i], 0x5a, (size_t)bytes[i]);
    }
    rowform_write(f, &in, row, SOME, to);
    for (int32_t c = 0; c < s->nfields; c++) {
        Column out = rowform_column(f, a, c, (const char *const *)to, SOME);
        for (int32_t i = 0; i < SOME; i++) {
            CHECK(column_null(&out, i) == column_null(&in.col[c], row[i]));
            if (!column_null(&out, i)) CHECK(value_eq(&out, i, &in.col[c], row[i]));
        }
    }
    for (int32_t i = 0; i < SOME; i++) CHECK(rowform_check(f, str_of(to[i], bytes[i])));
}
TEST(rowform_check_refuses)
{
    const Schema *s = wide_schema(a);
    RowForm *f = rowform_new(a, s);
    Batch in = wide_batch(a, s, 3);
    int64_t bytes[3], bad = 0;
    char *to[3];
    rowform_measure(f, a, &in, NULL, 3, bytes);
    for (int32_t i = 0; i < 3; i++) to[i] = NEW(a, char, bytes[i]);
    rowform_write(f, &in, NULL, 3, to);
    CHECK(!rowform_check(f, str_of(to[0], 8)));
    CHECK(!rowform_check(f, str_of(to[0], bytes[0] - 1)));
    for (int64_t at = 0; at < bytes[0]; at++) { // whatever passes can be read
        char was = to[0][at];
        to[0][at] = (char)(was ^ 0x7f);
        if (rowform_check(f, str_of(to[0], bytes[0])))
            for (int32_t c = 0; c < s->nfields; c++)
                (void)rowform_column(f, a, c, (const char *const *)to, 1);
        else
            bad++;
        to[0][at] = was;
    }
    CHECK(bad > 10);
}
