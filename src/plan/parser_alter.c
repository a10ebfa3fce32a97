// parser_alter.c -- ALTER TABLE: columns, properties, names, Iceberg's partition fields. What is
// not built is kept as ALTER_OTHER with its words.
#include "base/num.h"
#include "plan/parser_in.h"

static Status alter_other(Statement *s, Parser *p, const Token *from)
{
    s->alter.kind = ALTER_OTHER;
    parser_take_rest(p);
    s->value = parser_text(p, from);
    return DONE;
}

// a.b.`c d`, as written: parse_name parts it.
static Status parse_column_name(Str *name, Parser *p)
{
    const Token *from = p->at;
    Str *part;
    int32_t n;
    TRY(parse_parts(&part, &n, p));
    *name = parser_text(p, from);
    return DONE;
}

static Status keep_column(Statement *s, Parser *p)
{
    s->column = NEW(p->a, Str, 1);
    s->ncolumns = 1;
    return parse_column_name(&s->column[0], p);
}

static Status parse_position(AlterPlace *to, Parser *p)
{
    if (parser_take_kw(p, KW_FIRST))
        to->first = true;
    else if (parser_take_kw(p, KW_AFTER))
        return parse_identifier(&to->after, p);
    return DONE;
}

// IDENTIFIER FIELDS a, b
static Status alter_identifiers(Statement *s, Parser *p)
{
    s->alter.kind = ALTER_IDENTIFIERS;
    if (!parser_take_word(p, "FIELDS")) return parser_error(p);
    Names column = {0};
    do {
        Str one;
        TRY(parse_column_name(&one, p));
        vec_push(p->a, &column, one);
    } while (parser_take(p, TK_COMMA));
    s->column = column.v;
    s->ncolumns = (int32_t)column.n;
    return DONE;
}

// ADD, DROP, RENAME PARTITION (..): of tables whose partitions are kept beside their rows.
static Status alter_partitions(Statement *s, Parser *p)
{
    s->alter.kind = ALTER_PARTITIONS;
    parser_take_rest(p);
    return DONE;
}

static Status alter_recover(Statement *s, Parser *p)
{
    s->kind = STMT_NOT_OF_V2;
    s->value = S("ALTER TABLE ... RECOVER PARTITIONS");
    parser_take_rest(p);
    return DONE;
}

// a.b TYPE [NOT NULL] [COMMENT ..] [DEFAULT ..] [FIRST | AFTER c], ..
static Status alter_add_columns(Statement *s, Parser *p)
{
    s->alter.kind = ALTER_ADD_COLUMNS;
    bool list = parser_take(p, TK_LPAREN);
    VEC(Field) fields = {0};
    VEC(AlterPlace) places = {0};
    do {
        AlterPlace place = {0};
        Field f = {.nullable = true, .watermark_delay = WATERMARK_NONE};
        TRY(parse_column_name(&f.name, p));
        TRY(parse_type(&f.type, p));
        for (;;) {
            if (parser_take_kws(p, KW_NOT, KW_NULL))
                f.nullable = false;
            else if (parser_take_kw(p, KW_COMMENT))
                TRY(parse_string(&f.comment, p));
            else if (parser_take_kw(p, KW_DEFAULT)) {
                const Token *from = p->at;
                Expr *e;
                TRY(parse_value(&e, p));
                f.dflt = parser_text(p, from);
            } else
                break;
        }
        TRY(parse_position(&place, p));
        vec_push(p->a, &fields, f);
        vec_push(p->a, &places, place);
    } while (parser_take(p, TK_COMMA));
    s->columns = type_struct(p->a, fields.v, (int32_t)fields.n);
    s->alter.places = places.v;
    return list ? parser_need(p, TK_RPAREN) : DONE;
}

static Status parse_count(int64_t *v, Parser *p)
{
    const Token *t = p->at;
    TRY(parser_need(p, TK_INTEGER));
    return num_parse_i64(t->text, v) ? DONE : parser_error(p);
}

static Status parse_unit(int64_t *ms, Parser *p)
{
    static const struct {
        const char *name;
        int64_t ms;
    } unit[] = {{"DAYS", 86400000}, {"HOURS", 3600000}, {"MINUTES", 60000}};
    for (int64_t i = 0; i < COUNT(unit); i++)
        if (parser_take_word(p, unit[i].name)) {
            *ms *= unit[i].ms;
            return DONE;
        }
    return parser_error(p);
}

// (n SNAPSHOTS [m DAYS] | m DAYS)
static Status ref_retention(AlterRef *r, Parser *p)
{
    TRY(parser_take_word(p, "SNAPSHOT") ? DONE : parser_error(p));
    TRY(parser_take_word(p, "RETENTION") ? DONE : parser_error(p));
    bool list = parser_take(p, TK_LPAREN);
    TRY(parse_count(&r->keep_ms, p));
    if (parser_take_word(p, "SNAPSHOTS")) {
        r->keep = r->keep_ms;
        r->keep_ms = 0;
        if (parser_at(p, TK_INTEGER)) TRY(parse_count(&r->keep_ms, p));
    }
    if (r->keep_ms) TRY(parse_unit(&r->keep_ms, p));
    return list ? parser_need(p, TK_RPAREN) : DONE;
}

// BRANCH | TAG name [AS OF VERSION n] [RETAIN n DAYS] [WITH SNAPSHOT RETENTION ..]
static Status alter_ref(Statement *s, Parser *p)
{
    AlterRef *r = &s->alter.ref;
    s->alter.kind = ALTER_REF;
    r->snapshot = -1;
    r->branch = parser_take_word(p, "BRANCH");
    if (!r->branch) p->at++; // TAG
    if (r->drop) s->if_exists = parser_if_exists(p);
    if (r->create && parser_take_kw(p, KW_IF)) {
        TRY(parser_need_kw(p, KW_NOT));
        TRY(parser_need_kw(p, KW_EXISTS));
        s->once = true;
    }
    TRY(parse_identifier(&s->alter.to, p));
    if (r->drop) return DONE;
    if (parser_take_kw(p, KW_AS)) {
        TRY(parser_need_kw(p, KW_OF));
        TRY(parser_need_kw(p, KW_VERSION));
        TRY(parse_count(&r->snapshot, p));
    }
    if (parser_take_word(p, "RETAIN")) {
        TRY(parse_count(&r->age_ms, p));
        TRY(parse_unit(&r->age_ms, p));
    }
    return parser_take_kw(p, KW_WITH) ? ref_retention(r, p) : DONE;
}

static bool at_ref(const Parser *p)
{
    return parser_at_word(p, "BRANCH") || parser_at_word(p, "TAG");
}

static Status alter_create(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    s->alter.ref.create = true;
    s->alter.ref.replace = parser_take_kws(p, KW_OR, KW_REPLACE);
    return at_ref(p) ? alter_ref(s, p) : alter_other(s, p, from);
}

static Status alter_add(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    if (parser_take_kw(p, KW_COLUMN) || parser_take_kw(p, KW_COLUMNS))
        return alter_add_columns(s, p);
    if (parser_at_kw(p, KW_PARTITION) && p->at[1].kind == TK_LPAREN) return alter_partitions(s, p);
    if (parser_at_kw(p, KW_CONSTRAINT) || parser_at_kw(p, KW_CHECK) ||
        parser_at_kw(p, KW_PRIMARY) || parser_at_kw(p, KW_FOREIGN)) {
        s->constraint = S("CONSTRAINT");
        return alter_other(s, p, from);
    }
    if (!parser_take_kws(p, KW_PARTITION, KW_FIELD)) return alter_other(s, p, from);
    s->alter.kind = ALTER_ADD_PARTITION;
    TRY(parse_transform(s, p));
    return parser_take_kw(p, KW_AS) ? parse_identifier(&s->alter.to, p) : DONE;
}

static Status alter_drop(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    s->alter.ref.drop = at_ref(p);
    if (s->alter.ref.drop) return alter_ref(s, p);
    if (parser_take_kws(p, KW_PARTITION, KW_FIELD)) {
        s->alter.kind = ALTER_DROP_PARTITION;
        return parse_transform(s, p);
    }
    s->alter.ref.drop = parser_take_kw(p, KW_IDENTIFIER);
    if (s->alter.ref.drop) return alter_identifiers(s, p);
    if (parser_at_kw(p, KW_PARTITION) || parser_at_kw(p, KW_IF)) return alter_partitions(s, p);
    if (!parser_take_kw(p, KW_COLUMN) && !parser_take_kw(p, KW_COLUMNS))
        return alter_other(s, p, from);
    s->alter.kind = ALTER_DROP_COLUMNS;
    s->if_exists = parser_if_exists(p);
    bool list = parser_take(p, TK_LPAREN);
    Names column = {0};
    do {
        Str one;
        TRY(parse_column_name(&one, p));
        vec_push(p->a, &column, one);
    } while (parser_take(p, TK_COMMA));
    s->column = column.v;
    s->ncolumns = (int32_t)column.n;
    return list ? parser_need(p, TK_RPAREN) : DONE;
}

static Status alter_rename(Statement *s, Parser *p)
{
    p->at++;
    if (parser_take_kw(p, KW_TO)) {
        s->alter.kind = ALTER_RENAME;
        return parse_parts(&s->target, &s->ntarget, p);
    }
    s->alter.kind = ALTER_RENAME_COLUMN;
    TRY(parser_need_kw(p, KW_COLUMN));
    TRY(keep_column(s, p));
    TRY(parser_need_kw(p, KW_TO));
    return parse_identifier(&s->alter.to, p);
}

static Status alter_set(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    if (parser_take_kw(p, KW_LOCATION)) {
        s->alter.kind = ALTER_LOCATION;
        return parse_string(&s->location, p);
    }
    if (parser_take_kw(p, KW_IDENTIFIER)) return alter_identifiers(s, p);
    if (!parser_take_kw(p, KW_TBLPROPERTIES)) return alter_other(s, p, from);
    s->alter.kind = ALTER_SET_PROPERTIES;
    return parse_properties(&s->properties, p);
}

static Status alter_unset(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    if (!parser_take_kw(p, KW_TBLPROPERTIES)) return alter_other(s, p, from);
    s->alter.kind = ALTER_UNSET_PROPERTIES;
    s->if_exists = parser_if_exists(p);
    return parse_properties(&s->properties, p);
}

// ALTER [COLUMN] c TYPE t | COMMENT .. | SET NOT NULL | DROP NOT NULL | FIRST | AFTER d.
static Status alter_one(Statement *s, Parser *p, const Token *from)
{
    Alter *to = &s->alter;
    to->kind = ALTER_COLUMN;
    TRY(keep_column(s, p));
    if (parser_take_kw(p, KW_TYPE)) return parse_type(&to->type, p);
    if (parser_take_kw(p, KW_COMMENT)) {
        to->has_comment = true;
        return parse_string(&s->comment, p);
    }
    to->not_null = parser_at_kw(p, KW_SET) && p->at[1].kw == KW_NOT;
    to->nullable = parser_at_kw(p, KW_DROP) && p->at[1].kw == KW_NOT;
    if (to->not_null || to->nullable) {
        p->at += 2;
        return parser_need_kw(p, KW_NULL);
    }
    TRY(parse_position(&to->place, p));
    return to->place.first || to->place.after.n ? DONE : alter_other(s, p, from);
}

// Several of them: each one more is `inner` of the one before.
static Status alter_column(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    if (!parser_take_kw(p, KW_COLUMN)) parser_take_kw(p, KW_COLUMNS);
    TRY(alter_one(s, p, from));
    for (Statement *at = s; parser_take(p, TK_COMMA); at = at->inner) {
        at->inner = NEW(p->a, Statement, 1);
        at->inner->kind = STMT_ALTER_TABLE;
        TRY(alter_one(at->inner, p, p->at));
        if (at->inner->alter.kind == ALTER_OTHER) return parser_error(p);
    }
    return DONE;
}

// CHANGE [COLUMN] c c TYPE [COMMENT ..] [FIRST | AFTER d]: Hive's form, which renames nothing.
static Status alter_change(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    Alter *to = &s->alter;
    Str name;
    parser_take_kw(p, KW_COLUMN);
    TRY(keep_column(s, p));
    if (!parser_at(p, TK_WORD) && !parser_at(p, TK_QUOTED)) return alter_other(s, p, from);
    if (p->at[1].kind != TK_WORD) {
        p->at = from;
        return alter_column(s, p);
    }
    to->kind = ALTER_COLUMN;
    TRY(parse_identifier(&name, p));
    if (!str_ieq(name, s->column[0])) return alter_other(s, p, from);
    TRY(parse_type(&to->type, p));
    to->has_comment = parser_take_kw(p, KW_COMMENT);
    if (to->has_comment) TRY(parse_string(&s->comment, p));
    return parse_position(&to->place, p);
}

static Status alter_replace(Statement *s, Parser *p)
{
    const Token *from = p->at++;
    s->alter.ref.replace = at_ref(p);
    if (s->alter.ref.replace) return alter_ref(s, p);
    if (parser_take_kw(p, KW_COLUMNS)) {
        TRY(alter_add_columns(s, p));
        s->alter.kind = ALTER_REPLACE_COLUMNS;
        return DONE;
    }
    if (!parser_take_kws(p, KW_PARTITION, KW_FIELD)) return alter_other(s, p, from);
    s->alter.kind = ALTER_REPLACE_PARTITION;
    TRY(parse_transform(s, p));
    TRY(parser_need_kw(p, KW_WITH));
    TRY(parse_transform(s, p));
    return parser_take_kw(p, KW_AS) ? parse_identifier(&s->alter.to, p) : DONE;
}

// ALTER SCHEMA s SET | UNSET PROPERTIES (..) | SET LOCATION '..'
static Status alter_schema(Statement *s, Parser *p)
{
    p->at++;
    s->kind = STMT_ALTER_SCHEMA;
    TRY(parse_target(s, p));
    bool set = parser_take_kw(p, KW_SET), unset = !set && parser_take_kw(p, KW_UNSET);
    if (set && parser_take_kw(p, KW_LOCATION)) {
        s->alter.kind = ALTER_LOCATION;
        return parse_string(&s->location, p);
    }
    if (!set && !unset) return parser_error(p);
    if (!parser_take_kw(p, KW_DBPROPERTIES)) TRY(parser_need_kw(p, KW_PROPERTIES));
    s->alter.kind = set ? ALTER_SET_PROPERTIES : ALTER_UNSET_PROPERTIES;
    if (unset) s->if_exists = parser_if_exists(p);
    return parse_properties(&s->properties, p);
}

// WRITE [LOCALLY] ORDERED BY term, .. | WRITE UNORDERED | WRITE DISTRIBUTED BY PARTITION [LOCALLY
// ORDERED BY ..]: value gets the distribution's word.
static Status alter_write(Statement *s, Parser *p)
{
    p->at++;
    s->alter.kind = ALTER_ORDER;
    if (parser_take_word(p, "UNORDERED")) {
        s->value = S("none");
        return DONE;
    }
    bool distributed = parser_take_word(p, "DISTRIBUTED");
    if (distributed) {
        TRY(parser_need_kw(p, KW_BY));
        TRY(parser_need_kw(p, KW_PARTITION));
    }
    bool locally = parser_take_word(p, "LOCALLY");
    s->value = distributed ? S("hash") : locally ? S("none") : S("range");
    if (!parser_take_word(p, "ORDERED")) return distributed && !locally ? DONE : parser_error(p);
    TRY(parser_need_kw(p, KW_BY));
    Exprs keys = {0};
    TRY(parse_sort_items(&keys, p));
    s->expr = keys.v;
    s->nexprs = (int32_t)keys.n;
    return DONE;
}

Status parse_alter(Statement *s, Parser *p)
{
    static const struct {
        Keyword kw;
        Status (*parse)(Statement *s, Parser *p);
    } row[] = {
        {KW_ADD, alter_add},       {KW_DROP, alter_drop},
        {KW_RENAME, alter_rename}, {KW_SET, alter_set},
        {KW_UNSET, alter_unset},   {KW_ALTER, alter_column},
        {KW_CHANGE, alter_change}, {KW_REPLACE, alter_replace},
        {KW_CREATE, alter_create}, {KW_PARTITION, alter_partitions},
    };
    const Token *from = p->at++;
    s->kind = STMT_ALTER_TABLE;
    if (parser_at_kw(p, KW_VIEW)) s->kind = STMT_ALTER_VIEW;
    if (parser_at_kw(p, KW_SCHEMA) || parser_at_kw(p, KW_DATABASE) || parser_at_kw(p, KW_NAMESPACE))
        return alter_schema(s, p);
    if (!parser_take_kw(p, KW_TABLE) && !parser_take_kw(p, KW_VIEW)) {
        s->kind = STMT_OTHER;
        s->value = S("ALTER");
        parser_take_rest(p);
        return DONE;
    }
    TRY(parse_target(s, p));
    if (s->kind == STMT_ALTER_VIEW && (parser_at_kw(p, KW_AS) || parser_at_query(p))) {
        s->alter.kind = ALTER_QUERY;
        return parse_as_query(s, p, false);
    }
    for (int64_t i = 0; i < COUNT(row); i++)
        if (parser_at_kw(p, row[i].kw)) return row[i].parse(s, p);
    if (parser_at_word(p, "WRITE")) return alter_write(s, p);
    if (parser_at_word(p, "RECOVER")) return alter_recover(s, p);
    return parser_at_end(p) ? parser_error(p) : alter_other(s, p, from);
}
