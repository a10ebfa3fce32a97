// statement_table.c -- columns, partition transforms and properties of a new table, checked.
#include "plan/statement_table.h"

static Status place(Status s, const Origin *at) { return fail_at(s, at); }

static Status refuse(Arena *a, const Statement *s, const char *feature)
{
    (void)a;
    return place(RAISE(UNSUPPORTED_FEATURE, P("feature", str_z(feature)),
                       P("needs", S("the table has to be made without it"))),
                 &s->at);
}

typedef struct TransformRow {
    const char *name;
    TransformKind kind;
    bool arg;       // takes a number
    uint32_t types; // bits of TypeId
} TransformRow;
#define BIT(t) (1u << (t))
enum {
    DAYS = BIT(T_DATE) | BIT(T_TIMESTAMP) | BIT(T_TIMESTAMP_NTZ),
    TIMES = BIT(T_TIMESTAMP) | BIT(T_TIMESTAMP_NTZ),
    WHOLE = BIT(T_INT) | BIT(T_BIGINT) | BIT(T_DECIMAL),
    TEXTS = BIT(T_STRING) | BIT(T_BINARY),
    ATOMS = BIT(T_BOOLEAN) | BIT(T_TINYINT) | BIT(T_SMALLINT) | BIT(T_FLOAT) | BIT(T_DOUBLE) |
            BIT(T_TIME) | DAYS | WHOLE | TEXTS,
};
static const TransformRow rows[] = {
    {"identity", TR_IDENTITY, false, ATOMS},
    {"year", TR_YEAR, false, DAYS},
    {"years", TR_YEAR, false, DAYS},
    {"month", TR_MONTH, false, DAYS},
    {"months", TR_MONTH, false, DAYS},
    {"day", TR_DAY, false, DAYS},
    {"days", TR_DAY, false, DAYS},
    {"date", TR_DAY, false, DAYS},
    {"hour", TR_HOUR, false, TIMES},
    {"hours", TR_HOUR, false, TIMES},
    {"date_hour", TR_HOUR, false, TIMES},
    {"bucket", TR_BUCKET, true, WHOLE | TEXTS | DAYS | BIT(T_TIME)},
    {"truncate", TR_TRUNCATE, true, WHOLE | TEXTS},
    {"void", TR_VOID, false, ATOMS},
};

static const TransformRow *transform_row(Str name)
{
    for (int64_t i = 0; i < COUNT(rows); i++)
        if (str_ieq(name, str_z(rows[i].name))) return &rows[i];
    return NULL;
}

static Status unknown_transform(Arena *a, const Transform *t)
{
    Str *names = NEW(a, Str, COUNT(rows));
    for (int64_t i = 0; i < COUNT(rows); i++) names[i] = str_z(rows[i].name);
    Str near = str_nearest(t->name, names, COUNT(rows));
    Str feature = str_fmt(a, "the partition transform " STR_FMT, STR_ARG(t->name));
    Str needs = near.n ? str_fmt(a, "did you mean " STR_FMT "?", STR_ARG(near))
                       : S("there are years, months, days, hours, bucket, truncate and columns");
    return place(RAISE(UNSUPPORTED_FEATURE, P("feature", feature), P("needs", needs)), &t->at);
}

static Status unknown_column(Arena *a, const Transform *t, const Schema *columns)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < columns->nfields; i++)
        buf_fmt(&b, "%s`" STR_FMT "`", i ? ", " : "", STR_ARG(columns->field[i].name));
    return place(RAISE(UNRESOLVED_COLUMN_WITH_SUGGESTION,
                       P("objectName", str_fmt(a, "`" STR_FMT "`", STR_ARG(t->column))),
                       P("proposal", buf_str(&b))),
                 &t->at);
}

static Status wrong_transform(Arena *a, const Transform *t, const Type *type)
{
    Str sql = str_fmt(a, "\"" STR_FMT "(" STR_FMT ")\"", STR_ARG(t->name), STR_ARG(t->column));
    return place(RAISE(DATATYPE_MISMATCH_UNSUPPORTED_INPUT_TYPE, P("sqlExpr", sql),
                       P("functionName", t->name), P("dataType", type_sql_str(a, type))),
                 &t->at);
}

Status partition_field(PartitionField *p, Arena *a, const Transform *t, const Schema *columns)
{
    const TransformRow *row = transform_row(t->name);
    if (!row) return unknown_transform(a, t);
    int32_t source = type_field(columns, t->column);
    if (source < 0) return unknown_column(a, t, columns);
    const Type *type = columns->field[source].type;
    bool arg = !row->arg == !t->arg && t->arg >= 0;
    if (!(row->types >> type->id & 1) || !arg) return wrong_transform(a, t, type);
    *p = (PartitionField){.source = source, .transform = row->kind, .arg = t->arg};
    return DONE;
}

static Str list_names(Arena *a, const Statement *s)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < s->nnames; i++) {
        if (i) buf_char(&b, '.');
        name_backticks(&b, s->name[i]);
    }
    return buf_str(&b);
}

// A name that stands twice in a struct, at any depth: *path is it; else it is left alone.
static void find_twice(Arena *a, const Type *t, Str under, Str *path)
{
    for (int32_t i = 0; i < t->nfields; i++) {
        Buf b = buf_new(a);
        buf_put(&b, under);
        if (under.n) buf_char(&b, '.');
        Str name = t->id == T_STRUCT  ? str_lower(a, t->field[i].name)
                   : t->id == T_ARRAY ? S("element")
                   : i                ? S("value")
                                      : S("key");
        name_backticks(&b, name);
        if (t->id == T_STRUCT && type_field(t, t->field[i].name) == -2) *path = buf_str(&b);
        if (t->id == T_STRUCT && type_field(t, t->field[i].name) == -2) return;
        find_twice(a, t->field[i].type, buf_str(&b), path);
    }
}

static Status check_columns(Arena *a, const Statement *s, const Schema *columns)
{
    Str twice = {0};
    find_twice(a, columns, (Str){0}, &twice);
    if (twice.n) return place(RAISE(COLUMN_ALREADY_EXISTS, P("columnName", twice)), &s->at);
    for (int32_t i = 0; i < columns->nfields; i++) {
        if (columns->field[i].dflt.n)
            return place(RAISE(UNSUPPORTED_TABLE_OPERATION, P("tableName", list_names(a, s)),
                               P("operation", S("column default value"))),
                         &s->at);
        if (columns->field[i].type->id == T_VOID || columns->field[i].type->id == T_INTERVAL ||
            columns->field[i].type->id == T_INTERVAL_DT ||
            columns->field[i].type->id == T_INTERVAL_YM)
            return place(
                RAISE(UNSUPPORTED_FEATURE,
                      P("feature", str_fmt(a, "a table column of type " STR_FMT,
                                           STR_ARG(type_sql_str(a, columns->field[i].type)))),
                      P("needs", S("a cast in the query gives it another"))),
                &s->at);
    }
    return DONE;
}

static Status check_clauses(Arena *a, const Statement *s)
{
    bool iceberg = !s->format.n || str_ieq(s->format, S("iceberg"));
    if (!iceberg)
        return place(
            RAISE(UNSUPPORTED_FEATURE,
                  P("feature", str_fmt(a, "a table USING " STR_FMT, STR_ARG(s->format))),
                  P("needs", S("USING iceberg, or parquet, csv, json, text outside of pipelines"))),
            &s->at);
    if (s->constraint.n) {
        bool generated = str_starts(s->constraint, S("GENERATED"));
        return place(
            RAISE(UNSUPPORTED_TABLE_OPERATION, P("tableName", list_names(a, s)),
                  P("operation", generated ? S("generated columns") : S("table constraint"))),
            &s->at);
    }
    if (str_starts(s->value, S("CLUSTERED"))) return refuse(a, s, "CLUSTERED BY");
    bool pipeline =
        s->kind == STMT_CREATE_STREAMING_TABLE || s->kind == STMT_CREATE_MATERIALIZED_VIEW;
    if (pipeline && (s->location.n || s->options.n))
        return refuse(a, s, "LOCATION and OPTIONS of a pipeline's table");
    return DONE;
}

// OPTIONS are properties too, twice, as Spark keeps them.
static Options properties_of(Arena *a, const Statement *s)
{
    Options all = {0};
    for (int64_t i = 0; i < s->properties.n; i++) vec_push(a, &all, s->properties.v[i]);
    for (int64_t i = 0; i < s->options.n; i++) {
        Option o = s->options.v[i];
        vec_push(a, &all, o);
        o.key = str_cat(a, S("option."), o.key);
        vec_push(a, &all, o);
    }
    return all;
}

Status table_def(TableDef *def, Arena *a, const Statement *s, const Schema *query)
{
    const Schema *columns = s->columns ? s->columns : query;
    TRY(check_clauses(a, s));
    if (!columns) return refuse(a, s, "a table without columns");
    if (s->columns && s->rel && s->kind == STMT_CREATE_TABLE)
        return refuse(a, s, "CREATE TABLE (columns) AS SELECT");
    TRY(check_columns(a, s, columns));
    PartitionField *p = NEW(a, PartitionField, s->npartition);
    for (int32_t i = 0; i < s->npartition; i++)
        TRY(partition_field(&p[i], a, &s->partition[i], columns));
    for (int32_t i = 0; i < s->npartition; i++)
        for (int32_t k = 0; k < i; k++)
            if (p[i].source == p[k].source && p[i].transform == p[k].transform)
                return place(fail(ERR_INVALID, "the table is partitioned by " STR_FMT " twice",
                                  STR_ARG(s->partition[i].at.text)),
                             &s->partition[i].at);
    *def = (TableDef){.schema = columns,
                      .partition = p,
                      .npartition = s->npartition,
                      .properties = properties_of(a, s),
                      .location = s->location,
                      .comment = s->comment};
    return DONE;
}
