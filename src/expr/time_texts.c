// time_texts.c -- columns of times as texts by pattern, at any depth.
#include "expr/time_texts.h"
#include "expr/pattern_in.h"

struct TimeTexts {
    const Pattern *timestamp, *ntz, *date;
};

static Status compile(const Pattern **p, Arena *a, Str text)
{
    return text.n ? pattern_compile(p, a, text, PATTERN_WRITE) : DONE;
}

Status time_texts_new(const TimeTexts **out, Arena *a, Str timestamp, Str ntz, Str date)
{
    TimeTexts *t = NEW(a, TimeTexts, 1);
    TRY(compile(&t->timestamp, a, timestamp));
    TRY(compile(&t->ntz, a, ntz));
    TRY(compile(&t->date, a, date));
    *out = t->timestamp || t->ntz || t->date ? t : NULL;
    return DONE;
}

static const Pattern *pattern_of(const TimeTexts *t, const Type *of)
{
    return of->id == T_TIMESTAMP       ? t->timestamp
           : of->id == T_TIMESTAMP_NTZ ? t->ntz
           : of->id == T_DATE          ? t->date
                                       : NULL;
}

const Type *time_texts_type(const TimeTexts *t, Arena *a, const Type *of)
{
    if (!t) return of;
    if (pattern_of(t, of)) return &type_string;
    if (!of->nfields) return of;
    Field *field = NEW(a, Field, of->nfields);
    for (int32_t i = 0; i < of->nfields; i++) {
        field[i] = of->field[i];
        field[i].type = time_texts_type(t, a, of->field[i].type);
    }
    Type *made = NEW(a, Type, 1);
    *made = *of;
    made->field = field;
    return made;
}

Column time_texts_column(const TimeTexts *t, Arena *scratch, const Column *c, const Type *as,
                         const Zone *zone)
{
    Column out = *c;
    const Pattern *p = pattern_of(t, c->type);
    out.type = as;
    if (p) {
        const Zone *z = c->type->id == T_TIMESTAMP ? zone : zone_utc();
        Buf b = buf_new(scratch);
        Str *text = NEW(scratch, Str, c->rows);
        for (int32_t i = 0; i < c->rows; i++) {
            if (column_null(c, i)) continue;
            bool date = c->type->id == T_DATE;
            Micros at = date ? COLUMN_DATA(c, int32_t)[i] * MICROS_PER_DAY : column_i64(c, i);
            buf_clear(&b);
            pattern_write(p, &b, at, z);
            text[i] = str_copy(scratch, buf_str(&b));
        }
        out.data = text;
    } else if (c->type->nfields) {
        out.kid = NEW(scratch, Column, c->type->nfields);
        for (int32_t f = 0; f < c->type->nfields; f++)
            out.kid[f] = time_texts_column(t, scratch, &c->kid[f], as->field[f].type, zone);
    }
    return out;
}
