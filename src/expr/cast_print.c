// cast_print.c -- everything to strings: the texts of Dataset.show with null for NULL. Texts of one
// batch stand behind each other in one piece of memory.
#include "base/civil.h"
#include "base/num.h"
#include "expr/cast_in.h"

// An upper bound of a text's length times the rows is cheap; the memory is given back with the
// batch.
#define PRINT_KERNEL(name, T, MAX_BYTES, PRINT)                                                    \
    static Status name(const KernelCall *k)                                                        \
    {                                                                                              \
        const T *x = COLUMN_DATA(k->in[0], T);                                                     \
        Str *z = COLUMN_DATA(k->out, Str);                                                         \
        char *p = NEW_RAW(k->scratch, char, (int64_t)k->rows *(MAX_BYTES));                        \
        for (int32_t i = 0; i < k->rows; i++) {                                                    \
            if (!kernel_live(k, i)) continue;                                                      \
            z[i] = str_of(p, PRINT);                                                               \
            p += z[i].n;                                                                           \
        }                                                                                          \
        return DONE;                                                                               \
    }
PRINT_KERNEL(print_i8, int8_t, 4, num_format_i64(p, x[i]))
PRINT_KERNEL(print_i16, int16_t, 6, num_format_i64(p, x[i]))
PRINT_KERNEL(print_i32, int32_t, 11, num_format_i64(p, x[i]))
PRINT_KERNEL(print_i64, int64_t, 20, num_format_i64(p, x[i]))
PRINT_KERNEL(print_f32, float, NUM_TEXT_MAX, num_format_f32(p, x[i]))
PRINT_KERNEL(print_f64, double, NUM_TEXT_MAX, num_format_f64(p, x[i]))
PRINT_KERNEL(print_date, int32_t, 40, civil_format_date(p, x[i]))
PRINT_KERNEL(print_ntz, Micros, 40, civil_format(p, x[i]))
PRINT_KERNEL(print_timestamp, Micros, 40, civil_format(p, x[i] + zone_offset(k->ctx->zone, x[i])))

static Status print_bool(const KernelCall *k)
{
    const uint8_t *x = COLUMN_DATA(k->in[0], uint8_t);
    Str *z = COLUMN_DATA(k->out, Str);
    for (int32_t i = 0; i < k->rows; i++) z[i] = x[i] ? S("true") : S("false");
    return DONE;
}

PRINT_KERNEL(print_decimal, Int128, NUM_TEXT_MAX,
             num_format_decimal(p, x[i], k->in[0]->type->scale))

static Status print_any(const KernelCall *k)
{
    TextForm form = eval_text_form(k->ctx);
    form.null_text = S("null");
    form.decimal_exponent = !((const CastCall *)k->bound)->ansi;
    Str *z = COLUMN_DATA(k->out, Str);
    Buf b = buf_new(k->scratch);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int64_t at = b.n;
        value_text(&b, k->in[0], i, &form);
        z[i] = (Str){NULL, b.n - at};
    }
    const char *p = b.p; // only now does it stay where it is
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        z[i].p = p;
        p += z[i].n;
    }
    return DONE;
}

Kernel cast_print_kernel(const CastCall *c)
{
    switch (c->from->id) {
    case T_BOOLEAN: return print_bool;
    case T_TINYINT: return print_i8;
    case T_SMALLINT: return print_i16;
    case T_INT: return print_i32;
    case T_BIGINT: return print_i64;
    case T_FLOAT: return print_f32;
    case T_DOUBLE: return print_f64;
    case T_DECIMAL: return c->ansi ? print_decimal : print_any;
    case T_DATE: return print_date;
    case T_TIMESTAMP: return print_timestamp;
    case T_TIMESTAMP_NTZ: return print_ntz;
    case T_VOID:
    case T_STRING:
    case T_BINARY:
    case T_TIME:
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
    case T_INTERVAL:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: break;
    }
    return print_any;
}
