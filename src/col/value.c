// value.c -- order and equality of two values. Equality is GROUP BY's: NULL equals NULL, NaN equals
// NaN, -0.0 equals 0.0, and maps are equal when they hold the same entries in any order.
#include "col/column.h"

#define ORDER(x, y) (((x) > (y)) - ((x) < (y)))

static int32_t float_cmp(double x, double y)
{
    bool xn = x != x, yn = y != y;
    return xn || yn ? xn - yn : ORDER(x, y);
}

static int32_t interval_cmp(Interval x, Interval y)
{
    int32_t c = ORDER(x.months, y.months);
    if (!c) c = ORDER(x.days, y.days);
    return c ? c : ORDER(x.micros, y.micros);
}

static int32_t null_first_cmp(const Column *x, int32_t i, const Column *y, int32_t j)
{
    bool xn = column_null(x, i), yn = column_null(y, j);
    return xn || yn ? yn - xn : value_cmp(x, i, y, j);
}

// Element by element; of a map each key and then its value, which orders maps somehow: SQL does
// not.
static int32_t list_cmp(const Column *x, int32_t i, const Column *y, int32_t j)
{
    List a = COLUMN_DATA(x, List)[i], b = COLUMN_DATA(y, List)[j];
    for (int32_t k = 0; k < MIN(a.n, b.n); k++)
        for (int32_t f = 0; f < x->type->nfields; f++) {
            int32_t c = null_first_cmp(&x->kid[f], a.at + k, &y->kid[f], b.at + k);
            if (c) return c;
        }
    return ORDER(a.n, b.n);
}

int32_t value_cmp(const Column *x, int32_t i, const Column *y, int32_t j)
{
#define CMP(T) ORDER(COLUMN_DATA(x, T)[i], COLUMN_DATA(y, T)[j])
    switch (type_phys(x->type)) {
    case PHYS_BOOL: return CMP(uint8_t);
    case PHYS_I8: return CMP(int8_t);
    case PHYS_I16: return CMP(int16_t);
    case PHYS_I32: return CMP(int32_t);
    case PHYS_I64: return CMP(int64_t);
    case PHYS_F32: return float_cmp(COLUMN_DATA(x, float)[i], COLUMN_DATA(y, float)[j]);
    case PHYS_F64: return float_cmp(COLUMN_DATA(x, double)[i], COLUMN_DATA(y, double)[j]);
    case PHYS_I128: return CMP(Int128);
    case PHYS_STR: return str_cmp(column_str(x, i), column_str(y, j));
    case PHYS_INTERVAL:
        return interval_cmp(COLUMN_DATA(x, Interval)[i], COLUMN_DATA(y, Interval)[j]);
    case PHYS_LIST: return list_cmp(x, i, y, j);
    case PHYS_STRUCT:
        for (int32_t f = 0; f < x->type->nfields; f++) {
            int32_t c = null_first_cmp(&x->kid[f], i, &y->kid[f], j);
            if (c) return c;
        }
        return 0;
    }
#undef CMP
    must_failed("Phys", __FILE__, __LINE__);
}

static bool entry_eq(const Column *x, int32_t i, const Column *y, int32_t j)
{
    return value_eq(&x->kid[0], i, &y->kid[0], j) && value_eq(&x->kid[1], i, &y->kid[1], j);
}

static int32_t entry_count(const Column *x, int32_t i, const Column *y, List in)
{
    int32_t n = 0;
    for (int32_t k = 0; k < in.n; k++) n += entry_eq(x, i, y, in.at + k);
    return n;
}

// As bags of entries, since a map read from JSON may hold a key twice.
static bool map_eq(const Column *x, List a, const Column *y, List b)
{
    int32_t same = 0;
    if (a.n != b.n) return false;
    while (same < a.n && entry_eq(x, a.at + same, y, b.at + same)) same++; // most are in one order
    for (int32_t k = same; k < a.n; k++)
        if (entry_count(x, a.at + k, x, a) != entry_count(x, a.at + k, y, b)) return false;
    return true;
}

static bool list_eq(const Column *x, int32_t i, const Column *y, int32_t j)
{
    List a = COLUMN_DATA(x, List)[i], b = COLUMN_DATA(y, List)[j];
    if (x->type->id == T_MAP) return map_eq(x, a, y, b);
    if (a.n != b.n) return false;
    for (int32_t k = 0; k < a.n; k++)
        if (!value_eq(&x->kid[0], a.at + k, &y->kid[0], b.at + k)) return false;
    return true;
}

bool value_eq(const Column *x, int32_t i, const Column *y, int32_t j)
{
    bool xn = column_null(x, i), yn = column_null(y, j);
    if (xn || yn) return xn == yn;
    Phys p = type_phys(x->type);
    if (p == PHYS_STR) return str_eq(column_str(x, i), column_str(y, j));
    if (p == PHYS_LIST) return list_eq(x, i, y, j);
    if (p != PHYS_STRUCT) return value_cmp(x, i, y, j) == 0;
    for (int32_t f = 0; f < x->type->nfields; f++)
        if (!value_eq(&x->kid[f], i, &y->kid[f], j)) return false;
    return true;
}
