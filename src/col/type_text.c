// type_text.c -- a type as text, in the three dialects of Spark: the catalog's ("bigint"), SQL's
// ("BIGINT") and the one of schemas in JSON and in printSchema's tree ("long").
#include "col/type.h"

typedef enum Dialect { NAME, SQL, LONG } Dialect;

static Str atom_name(TypeId id, Dialect d)
{
    static const struct {
        Str name, sql, longer;
    } atoms[TYPE_IDS] = {
#define ATOM(id, name, sql, longer) [id] = {STR_INIT(name), STR_INIT(sql), STR_INIT(longer)}
        ATOM(T_VOID, "void", "VOID", "void"),
        ATOM(T_BOOLEAN, "boolean", "BOOLEAN", "boolean"),
        ATOM(T_TINYINT, "tinyint", "TINYINT", "byte"),
        ATOM(T_SMALLINT, "smallint", "SMALLINT", "short"),
        ATOM(T_INT, "int", "INT", "integer"),
        ATOM(T_BIGINT, "bigint", "BIGINT", "long"),
        ATOM(T_FLOAT, "float", "FLOAT", "float"),
        ATOM(T_DOUBLE, "double", "DOUBLE", "double"),
        ATOM(T_DECIMAL, "decimal", "DECIMAL", "decimal"),
        ATOM(T_STRING, "string", "STRING", "string"),
        ATOM(T_BINARY, "binary", "BINARY", "binary"),
        ATOM(T_DATE, "date", "DATE", "date"),
        ATOM(T_TIME, "time", "TIME", "time"),
        ATOM(T_TIMESTAMP, "timestamp", "TIMESTAMP", "timestamp"),
        ATOM(T_TIMESTAMP_NTZ, "timestamp_ntz", "TIMESTAMP_NTZ", "timestamp_ntz"),
        ATOM(T_INTERVAL_YM, "interval", "INTERVAL", "interval"),
        ATOM(T_INTERVAL_DT, "interval", "INTERVAL", "interval"),
        ATOM(T_INTERVAL, "interval", "INTERVAL", "interval"),
        ATOM(T_ARRAY, "array", "ARRAY", "array"),
        ATOM(T_MAP, "map", "MAP", "map"),
        ATOM(T_STRUCT, "struct", "STRUCT", "struct"),
#undef ATOM
    };
    return d == NAME ? atoms[id].name : d == SQL ? atoms[id].sql : atoms[id].longer;
}

static void interval_fields(Buf *b, const Type *t, bool sql)
{
    static const char *const field[][2] = {{" year", " YEAR"},     {" month", " MONTH"},
                                           {" day", " DAY"},       {" hour", " HOUR"},
                                           {" minute", " MINUTE"}, {" second", " SECOND"}};
    int32_t base = t->id == T_INTERVAL_YM ? 0 : 2;
    buf_put(b, str_z(field[base + t->first][sql]));
    if (t->first == t->last) return;
    buf_put(b, sql ? S(" TO") : S(" to"));
    buf_put(b, str_z(field[base + t->last][sql]));
}

// The word of the type and its numbers, not its fields.
static void put_head(Buf *b, const Type *t, Dialect d)
{
    if (t->id == T_STRING && t->length > 0) {
        Str name = d == SQL ? S("VARCHAR") : S("varchar");
        buf_put(b, str_from(name, t->fixed ? 3 : 0));
        buf_fmt(b, "(%d)", t->length);
        return;
    }
    buf_put(b, atom_name(t->id, d));
    if (t->id == T_DECIMAL) buf_fmt(b, "(%d,%d)", t->precision, t->scale);
    if (t->id == T_TIME) buf_fmt(b, "(%d)", t->precision);
    if (t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT) interval_fields(b, t, d == SQL);
}

bool name_needs_quotes(Str name)
{
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return true;
    }
    return name.n == 0;
}

void name_backticks(Buf *b, Str name)
{
    buf_char(b, '`');
    for (int64_t i = 0; i < name.n; i++) {
        if (name.p[i] == '`') buf_char(b, '`');
        buf_char(b, name.p[i]);
    }
    buf_char(b, '`');
}

void name_quoted(Buf *b, Str name)
{
    if (name_needs_quotes(name))
        name_backticks(b, name);
    else
        buf_put(b, name);
}

static void sql_field(Buf *b, const Field *f)
{
    name_quoted(b, f->name);
    buf_put(b, S(": "));
    type_sql(b, f->type);
    if (!f->nullable) buf_put(b, S(" NOT NULL"));
    if (f->comment.n == 0) return;
    buf_put(b, S(" COMMENT '"));
    for (int64_t i = 0; i < f->comment.n; i++) {
        if (f->comment.p[i] == '\'') buf_char(b, '\\');
        buf_char(b, f->comment.p[i]);
    }
    buf_char(b, '\'');
}

static void put_type(Buf *b, const Type *t, Dialect d)
{
    put_head(b, t, d);
    if (t->id != T_STRUCT && t->nfields == 0) return;
    buf_char(b, '<');
    for (int32_t i = 0; i < t->nfields; i++) {
        const Field *f = &t->field[i];
        if (i) buf_put(b, d == SQL ? S(", ") : S(","));
        if (t->id == T_STRUCT && d == SQL) {
            sql_field(b, f);
            continue;
        }
        if (t->id == T_STRUCT) {
            buf_put(b, f->name);
            buf_char(b, ':');
        }
        put_type(b, f->type, d);
    }
    buf_char(b, '>');
}

void type_name(Buf *b, const Type *t) { put_type(b, t, NAME); }
void type_sql(Buf *b, const Type *t) { put_type(b, t, SQL); }
void type_long_name(Buf *b, const Type *t) { put_head(b, t, LONG); }

Str type_name_str(Arena *a, const Type *t)
{
    Buf b = buf_new(a);
    type_name(&b, t);
    return buf_str(&b);
}

Str type_sql_str(Arena *a, const Type *t)
{
    Buf b = buf_new(a);
    type_sql(&b, t);
    return buf_str(&b);
}

// A name with a line break in it must not break the tree.
static void put_escaped(Buf *b, Str s)
{
    static const char from[] = "\n\r\t\f\b\v\a", to[] = "nrtfbva";
    for (int64_t i = 0; i < s.n; i++) {
        const char *at = s.p[i] ? strchr(from, s.p[i]) : NULL;
        if (at) buf_char(b, '\\');
        buf_char(b, at ? to[at - from] : s.p[i]);
    }
}

static void put_branch(Buf *b, const Type *t, int32_t depth)
{
    for (int32_t i = 0; i < t->nfields; i++) {
        const Field *f = &t->field[i];
        for (int32_t k = 0; k < depth; k++) buf_put(b, S(" |   "));
        buf_put(b, S(" |-- "));
        put_escaped(b, f->name);
        buf_put(b, S(": "));
        type_long_name(b, f->type);
        const char *null_word = t->id == T_STRUCT  ? "nullable"
                                : t->id == T_ARRAY ? "containsNull"
                                                   : "valueContainsNull";
        if (t->id != T_MAP || i == 1)
            buf_fmt(b, " (%s = %s)", null_word, f->nullable ? "true" : "false");
        buf_char(b, '\n');
        put_branch(b, f->type, depth + 1);
    }
}

void type_tree(Buf *b, const Schema *s)
{
    buf_put(b, S("root\n"));
    put_branch(b, s, 0);
}
