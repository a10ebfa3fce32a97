// iceberg_stats.c -- what a manifest says of a file's columns: counts, and bounds cut short.
#include "base/num.h"
#include "fmt/truncate.h"
#include "lake/append_in.h"

enum { INFERRED_COLUMNS = 100, DEFAULT_CHARS = 16 };

static bool mode_parse(Str text, ColumnMode *m)
{
    Cut c = str_cut(text, '(');
    int64_t n = DEFAULT_CHARS;
    static const struct {
        Str name;
        StatMode mode;
    } row[] = {{STR_INIT("none"), STAT_NONE},
               {STR_INIT("counts"), STAT_COUNTS},
               {STR_INIT("truncate"), STAT_TRUNCATE},
               {STR_INIT("full"), STAT_FULL}};
    for (int64_t i = 0; i < COUNT(row); i++) {
        if (!str_ieq(row[i].name, c.head)) continue;
        if (c.ok &&
            (!num_parse_i64(str_sub(c.tail, 0, MAX(c.tail.n - 1, 0)), &n) || n < 1 || n > 1 << 20))
            return false;
        *m = (ColumnMode){row[i].mode, (int32_t)n};
        return true;
    }
    return false;
}

ColumnMode stats_mode(const IceMeta *m, Str column, int32_t index)
{
    ColumnMode mode = {STAT_TRUNCATE, DEFAULT_CHARS};
    Arena *a = arena_new(NULL);
    Str key = str_cat(a, S("write.metadata.metrics.column."), column);
    Str own = ice_property(m, key), dflt = ice_property(m, S("write.metadata.metrics.default"));
    arena_free(a);
    if (own.p && mode_parse(own, &mode)) return mode;
    if (dflt.p && mode_parse(dflt, &mode)) return mode;
    int64_t most = ice_property_i64(m, S("write.metadata.metrics.max-inferred-column-defaults"),
                                    INFERRED_COLUMNS);
    return index < most ? mode : (ColumnMode){STAT_NONE, 0};
}

static void put_bounds(IceColumnStat *c, Arena *a, const ParquetColumnStats *s, ColumnMode mode)
{
    Datum lo = s->range.lo, hi = s->range.hi;
    bool text = s->type->id == T_STRING, bytes = s->type->id == T_BINARY, upper = true;
    if (mode.mode == STAT_TRUNCATE && (text || bytes)) {
        Str full = hi.s;
        lo.s = text ? truncate_chars(lo.s, mode.chars) : str_sub(lo.s, 0, MIN(lo.s.n, mode.chars));
        hi.s = text ? truncate_chars(hi.s, mode.chars) : str_sub(hi.s, 0, MIN(hi.s.n, mode.chars));
        if (hi.s.n < full.n) hi.s = text ? truncate_up_utf8(a, hi.s) : truncate_up(a, hi.s);
        upper = hi.s.n > 0 || full.n == 0;
    }
    Buf b = buf_new(a);
    datum_to_bytes(&b, s->type, &lo);
    c->lo = str_copy(a, buf_str(&b));
    buf_clear(&b);
    if (upper) datum_to_bytes(&b, s->type, &hi);
    if (upper) c->hi = str_copy(a, buf_str(&b));
}

// A float's zero bounds take the signs that cover both zeros.
static Range signed_zeros(Range r, const Type *t)
{
    if (t->id == T_FLOAT || t->id == T_DOUBLE) {
        if (r.lo.f == 0) r.lo.f = -0.0;
        if (r.hi.f == 0) r.hi.f = 0.0;
    }
    return r;
}

void stats_of_file(IceFile *f, Arena *a, const TableShape *shape, const ParquetWriter *w)
{
    int32_t n;
    const ParquetColumnStats *stats = parquet_writer_stats(w, &n);
    f->column = NEW(a, IceColumnStat, n + 1);
    for (int32_t i = 0; i < n; i++) {
        ParquetColumnStats s = stats[i];
        ColumnMode mode = shape->modes[s.column];
        IceColumnStat *c = &f->column[f->ncolumns++];
        *c = (IceColumnStat){.id = s.id, .bytes = s.bytes, -1, -1, -1};
        if (mode.mode == STAT_NONE) continue;
        c->values = s.values;
        c->nulls = s.nulls;
        if (s.counts_nans) c->nans = s.nans;
        s.range = signed_zeros(s.range, s.type);
        if (mode.mode != STAT_COUNTS && s.range.bounds) put_bounds(c, a, &s, mode);
    }
}
