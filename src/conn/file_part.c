// file_part.c -- partition columns: folders named k=v above the files are columns whose type is the
// narrowest that takes every value, as Spark finds it (PartitioningUtils).
#include "base/num.h"
#include "conn/file_in.h"
#include "expr/prog.h"
#include "os/file.h"

#define NO_VALUE S("__HIVE_DEFAULT_PARTITION__")
enum { PARTS_MAX = 1024 };

// ---- folders -----------------------------------------------------------------------------------

static int32_t hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Str file_unescape(Arena *a, Str s)
{
    if (str_find_char(s, '%') < 0) return s;
    Buf b = buf_new(a);
    for (int64_t i = 0; i < s.n; i++) {
        int32_t hi = s.p[i] == '%' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
        int32_t lo = hi >= 0 ? hex_digit(s.p[i + 2]) : -1;
        buf_char(&b, lo >= 0 ? (char)(hi * 16 + lo) : s.p[i]);
        if (lo >= 0) i += 2;
    }
    return buf_str(&b);
}

typedef struct Step {
    Str name, value; // value.p NULL: no value
} Step;

// The k=v folders nearest to the file: what lies above a folder of another form is no partition.
static int32_t steps_of(const FileEntry *e, Arena *a, Step *step)
{
    int32_t n = 0;
    Str dir = str_of(e->path.p, e->path.n - path_base(e->path).n);
    for (Str rest = str_from(dir, MIN(e->root, dir.n)); rest.n;) {
        Cut c = str_cut(rest, '/'), kv = str_cut(c.head, '=');
        rest = c.tail;
        if (c.head.n == 0 || !kv.ok || n == PARTS_MAX) continue;
        Str v = file_unescape(a, kv.tail);
        step[n++] = (Step){file_unescape(a, kv.head), str_eq(v, NO_VALUE) ? (Str){0} : v};
    }
    return n;
}

// ---- types -------------------------------------------------------------------------------------

static bool part_value(const FileSource *s, const Type *t, Str text, Datum *v)
{
    static const struct {
        TypeId id;
        int64_t min, max;
    } whole[] = {{T_TINYINT, INT8_MIN, INT8_MAX},
                 {T_SMALLINT, INT16_MIN, INT16_MAX},
                 {T_INT, INT32_MIN, INT32_MAX},
                 {T_BIGINT, INT64_MIN, INT64_MAX}};
    *v = (Datum){.null = !text.p};
    if (v->null) return true;
    for (int64_t i = 0; i < COUNT(whole); i++)
        if (t->id == whole[i].id)
            return num_parse_i64(text, &v->i) && v->i >= whole[i].min && v->i <= whole[i].max;
    if (t->id == T_STRING || t->id == T_BINARY) {
        v->s = text;
        return true;
    }
    if (t->id == T_FLOAT || t->id == T_DOUBLE) return num_parse_f64(text, &v->f);
    if (t->id == T_DECIMAL)
        return num_parse_decimal(text, t->scale, &v->d) && num_precision(v->d) <= t->precision;
    if (t->id == T_BOOLEAN) {
        v->i = str_ieq(text, S("true"));
        return v->i || str_ieq(text, S("false"));
    }
    return s->cast.read(&s->cast, t, text, (Str){0}, v);
}

static const Type *type_of(const FileSource *s, Arena *a, Str text)
{
    Datum v;
    Int128 big;
    if (!text.p) return &type_void;
    if (part_value(s, &type_int, text, &v)) return &type_int;
    if (part_value(s, &type_bigint, text, &v)) return &type_bigint;
    bool digits = str_find_char(text, '.') < 0 && str_find_char(text, 'e') < 0 &&
                  str_find_char(text, 'E') < 0;
    if (digits && num_parse_decimal(text, 0, &big)) return type_decimal(a, num_precision(big), 0);
    if (part_value(s, &type_double, text, &v)) return &type_double;
    if (text.n > 10 &&
        s->cast.read(&s->cast, &type_timestamp, text, S("yyyy-MM-dd HH:mm:ss[.S]"), &v))
        return &type_timestamp;
    if (s->cast.read(&s->cast, &type_date, text, (Str){0}, &v)) return &type_date;
    return &type_string;
}

static const Type *wider(const Type *x, const Type *y)
{
    static const TypeId order[] = {T_INT, T_BIGINT, T_DECIMAL, T_DATE, T_TIMESTAMP};
    if (x->id == T_VOID) return y;
    if (y->id == T_VOID || (x->id == y->id && x->precision >= y->precision)) return x;
    if (x->id == y->id) return y;
    if (x->id == T_INT && y->id == T_DOUBLE) return y;
    if (y->id == T_INT && x->id == T_DOUBLE) return x;
    int32_t i = -1, k = -1;
    for (int32_t n = 0; n < COUNT(order); n++) {
        if (order[n] == x->id) i = n;
        if (order[n] == y->id) k = n;
    }
    bool number = i >= 0 && i < 3 && k >= 0 && k < 3, time = i >= 3 && k >= 3;
    if (number || time) return i > k ? x : y;
    return &type_string;
}

// ---- columns -----------------------------------------------------------------------------------

static Status conflict(const FileSource *s, Arena *a, const FileEntry *e)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < s->nparts; i++)
        buf_fmt(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(s->part[i].name));
    return RAISE(CONFLICTING_PARTITION_COLUMN_NAMES, P("distinctPartColLists", buf_str(&b)),
                 P("suspiciousPaths", e->path));
}

static Status check_names(FileSource *s, Arena *a, const FileEntry *e, const Step *step, int32_t n)
{
    bool same = n == s->nparts;
    for (int32_t i = 0; i < n && same; i++) same = str_ieq(s->part[i].name, step[i].name);
    return same ? DONE : conflict(s, a, e);
}

Status file_parts_find(FileSource *s, Arena *a, const FileEntries *files, const Schema *given)
{
    Step *step = NEW(a, Step, PARTS_MAX);
    Field *part = NEW(a, Field, PARTS_MAX);
    s->part = part;
    if (s->opt.recursive) return DONE;
    for (int64_t k = 0; k < files->n; k++) {
        int32_t n = steps_of(&files->v[k], a, step);
        for (int32_t i = 0; i < n && k == 0; i++)
            part[i] = field_of(str_copy(a, step[i].name), &type_void, true);
        if (k == 0) s->nparts = n;
        TRY(check_names(s, a, &files->v[k], step, n));
        for (int32_t i = 0; i < n; i++)
            part[i].type = wider(part[i].type, type_of(s, a, step[i].value));
    }
    for (int32_t i = 0; i < s->nparts; i++) {
        int32_t k = given ? type_field(given, part[i].name) : -1;
        if (part[i].type->id == T_VOID) part[i].type = &type_string;
        if (k < 0) continue;
        part[i].type = given->field[k].type;
        part[i].name = given->field[k].name;
    }
    return DONE;
}

Status file_parts_of(const FileSource *s, Arena *a, const FileEntry *e, Datum *v)
{
    if (s->nparts == 0) return DONE;
    Step *step = NEW(a, Step, PARTS_MAX);
    int32_t n = steps_of(e, a, step);
    for (int32_t i = 0; i < s->nparts; i++) {
        v[i] = (Datum){.null = true};
        for (int32_t k = 0; k < n; k++)
            if (str_ieq(step[k].name, s->part[i].name) &&
                !part_value(s, s->part[i].type, step[k].value, &v[i]))
                return fail(ERR_INVALID, STR_FMT ": " STR_FMT " is no " STR_FMT, STR_ARG(e->path),
                            STR_ARG(step[k].value), STR_ARG(type_sql_str(a, s->part[i].type)));
    }
    return DONE;
}

typedef struct OfFile {
    const FileSource *source;
    Arena *a;
    const FileEntry *file;
    const Datum *part;
} OfFile;

static Status column_value(void *ctx, Expr **e) // in place of the column
{
    const OfFile *f = ctx;
    int32_t i = (*e)->id - f->source->data->nfields;
    if ((*e)->kind != E_COLUMN) return DONE;
    Datum v = {0};
    if (i < f->source->nparts) {
        v = f->part[i];
    } else {
        Column *metadata = NEW(f->a, Column, 1);
        *metadata = file_metadata_of(f->a, f->source->metadata, f->file);
        v.nested = metadata;
    }
    *e = expr_literal(f->a, (*e)->type, &v);
    return DONE;
}

// What fails does so when rows are read, if there are any.
bool file_parts_keep(const FileSource *s, Arena *a, const FileEntry *e, const Datum *v)
{
    OfFile f = {s, a, e, v};
    for (int64_t i = 0; i < s->of_files.n; i++) {
        Expr *x = expr_copy(a, s->of_files.v[i]);
        Datum is;
        must(expr_walk(&x, column_value, &f).code == OK);
        if (expr_fold(a, x, s->eval, &is).code == OK && (is.null || !is.i)) return false;
    }
    return true;
}
