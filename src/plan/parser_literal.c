// parser_literal.c -- constants: numbers with their suffixes, strings, TRUE, NULL, X'1F',
// parameters, DATE'..' and its kin, intervals; and the text of a type.
//
// A typed literal (DATE'2024-01-31') is a cast of its text whose name is the word before it: what
// it means depends on the session's zone, so the analyser folds it and names the place if it
// cannot.
#include "base/civil.h"
#include "base/num.h"
#include "plan/parser_in.h"

static Status bad_number(const Parser *p, const Token *t, Str text, const char *type)
{
    return parser_error_at(p, t,
                           RAISE(INVALID_NUMERIC_LITERAL_RANGE, P("rawStrippedQualifier", text),
                                 P("typeName", str_z(type))));
}

static Status literal_decimal(Expr **e, Parser *p, Str text)
{
    Cut whole = str_cut(str_lower(p->a, text), 'e');
    int64_t exponent = 0;
    Str digits = whole.head;
    Cut part = str_cut(digits, '.');
    if (whole.ok && (!num_parse_i64(whole.tail, &exponent) || exponent > 1000 || exponent < -1000))
        return bad_number(p, p->at, text, "decimal");
    int64_t scale = MAX(part.tail.n - exponent, 0);
    Int128 v;
    bool fits = scale <= DECIMAL_PRECISION_MAX && num_parse_decimal(text, (int32_t)scale, &v);
    if (!fits)
        return parser_error_at(
            p, p->at,
            RAISE(DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION,
                  P("precision", str_fmt(p->a, "%d", (int)MAX(part.head.n + part.tail.n, scale))),
                  P("maxPrecision", S("38"))));
    int32_t precision = MAX(num_precision(v), (int32_t)scale);
    const Type *t = type_decimal(p->a, precision, (int32_t)scale);
    *e = expr_literal(p->a, t, &(Datum){.d = v});
    return DONE;
}

static Status literal_double(Expr **e, Parser *p, Str text, const Type *t)
{
    double v;
    bool ok = num_parse_f64(text, &v) && v <= (double)__DBL_MAX__ && v >= -(double)__DBL_MAX__;
    if (ok && t == &type_float) {
        v = (double)(float)v;
        ok = v <= (double)__FLT_MAX__ && v >= -(double)__FLT_MAX__;
    }
    if (!ok) return bad_number(p, p->at, text, t == &type_float ? "float" : "double");
    *e = expr_literal(p->a, t, &(Datum){.f = v});
    return DONE;
}

static Status literal_integer(Expr **e, Parser *p, Str text, const Type *t)
{
    static const struct {
        const Type *t;
        int64_t min, max;
        const char *name;
    } row[] = {{&type_tinyint, INT8_MIN, INT8_MAX, "tinyint"},
               {&type_smallint, INT16_MIN, INT16_MAX, "smallint"},
               {&type_bigint, INT64_MIN, INT64_MAX, "bigint"}};
    int64_t v;
    bool ok = num_parse_i64(text, &v);
    if (!t && !ok) return literal_decimal(e, p, text);
    if (!t) t = v >= INT32_MIN && v <= INT32_MAX ? &type_int : &type_bigint;
    for (int64_t i = 0; i < COUNT(row); i++)
        if (t == row[i].t && (!ok || v < row[i].min || v > row[i].max))
            return bad_number(p, p->at, text, row[i].name);
    *e = expr_literal(p->a, t, &(Datum){.i = v});
    return DONE;
}

static bool number_kind(TokenKind k) { return k >= TK_INTEGER && k <= TK_BIGDECIMAL; }

static Status parse_number(Expr **e, Parser *p)
{
    const Token *from = p->at;
    bool minus = parser_take(p, TK_MINUS);
    const Token *t = p->at;
    int64_t suffix = t->kind == TK_BIGDECIMAL ? 2 : t->kind >= TK_BIGINT ? 1 : 0;
    Str text = str_sub(t->text, 0, t->text.n - suffix);
    if (minus) text = str_cat(p->a, S("-"), text);
    Status s = DONE;
    switch ((int)t->kind) {
    case TK_INTEGER: s = literal_integer(e, p, text, NULL); break;
    case TK_BIGINT: s = literal_integer(e, p, text, &type_bigint); break;
    case TK_SMALLINT: s = literal_integer(e, p, text, &type_smallint); break;
    case TK_TINYINT: s = literal_integer(e, p, text, &type_tinyint); break;
    case TK_EXPONENT:
    case TK_DOUBLE: s = literal_double(e, p, text, &type_double); break;
    case TK_FLOAT: s = literal_double(e, p, text, &type_float); break;
    case TK_DECIMAL:
    case TK_BIGDECIMAL: s = literal_decimal(e, p, text); break;
    }
    TRY(s);
    p->at++;
    (*e)->at = parser_place(p, from);
    return DONE;
}

static int32_t hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static Status literal_hex(Expr **e, Parser *p, const Token *from, Str text)
{
    if (text.n % 2) text = str_cat(p->a, S("0"), text);
    char *bytes = NEW(p->a, char, text.n / 2 + 1);
    for (int64_t i = 0; i < text.n; i += 2) {
        int32_t hi = hex_value(text.p[i]), lo = hex_value(text.p[i + 1]);
        if (hi < 0 || lo < 0)
            return parser_error_at(
                p, from,
                RAISE(INVALID_TYPED_LITERAL, P("valueType", S("\"X\"")),
                      P("value", str_fmt(p->a, "'" STR_FMT "'", STR_ARG(text)))));
        bytes[i / 2] = (char)(hi * 16 + lo);
    }
    *e = expr_literal(p->a, &type_binary, &(Datum){.s = str_of(bytes, text.n / 2)});
    return DONE;
}

static Status parse_typed(Expr **e, Parser *p)
{
    static const struct {
        const char *word;
        const Type *type;
    } row[] = {{"DATE", &type_date},
               {"TIMESTAMP", &type_timestamp},
               {"TIMESTAMP_LTZ", &type_timestamp},
               {"TIMESTAMP_NTZ", &type_timestamp_ntz},
               {"TIME", &type_time}};
    const Token *from = p->at++;
    Str text, word = str_upper(p->a, from->text);
    TRY(parse_string(&text, p));
    if (str_eq(word, S("INTERVAL"))) return parse_interval_text(e, p, text, from);
    if (str_eq(word, S("X"))) {
        TRY(literal_hex(e, p, from, text));
        (*e)->at = parser_place(p, from);
        return DONE;
    }
    for (int64_t i = 0; i < COUNT(row); i++) {
        if (!str_eq(word, str_z(row[i].word))) continue;
        Expr *value = expr_literal(p->a, &type_string, &(Datum){.s = text});
        *e = expr_cast(p->a, value, row[i].type, CAST_SQL);
        (*e)->name = word;
        (*e)->at = parser_place(p, from);
        return DONE;
    }
    return parser_error_at(
        p, from,
        RAISE(UNSUPPORTED_TYPED_LITERAL,
              P("unsupportedType", str_fmt(p->a, "\"" STR_FMT "\"", STR_ARG(word))),
              P("supportedTypes", S("\"DATE\", \"TIMESTAMP_NTZ\", \"TIMESTAMP_LTZ\", "
                                    "\"TIMESTAMP\", \"INTERVAL\", \"X\", \"TIME\""))));
}

static const Expr *argument_of(const SqlArgs *args, const Expr *param)
{
    if (!args) return NULL;
    if (!param->name.n) return param->id < args->npositional ? args->positional[param->id] : NULL;
    for (int32_t i = 0; i < args->nnamed; i++)
        if (str_eq(args->name[i], param->name)) return args->named[i];
    return NULL;
}

static Status parse_parameter(Expr **e, Parser *p)
{
    const Token *from = p->at;
    *e = expr_new(p->a, E_PARAM, (Origin){0});
    if (parser_take(p, TK_QUESTION)) {
        (*e)->id = p->nparams++;
    } else {
        p->at++;
        TRY(parse_identifier(&(*e)->name, p));
    }
    (*e)->at = parser_place(p, from);
    SqlMarkers *seen = p->args ? p->args->seen : NULL;
    if (seen && (*e)->name.n) seen->named++;
    if (seen && !(*e)->name.n) seen->positional++;
    const Expr *value = argument_of(p->args, *e);
    if (!value) return DONE;
    Origin at = (*e)->at;
    *e = expr_copy(p->a, value);
    (*e)->at = at;
    return DONE;
}

static Status parse_word_literal(Expr **e, Parser *p)
{
    const Token *from = p->at++;
    Datum v = {.null = from->kw == KW_NULL, .i = from->kw == KW_TRUE};
    *e = expr_literal(p->a, v.null ? &type_void : &type_boolean, &v);
    (*e)->at = parser_place(p, from);
    return DONE;
}

Status parse_literal(Expr **e, Parser *p, bool *is)
{
    const Token *t = p->at;
    *is = true;
    if (number_kind(t->kind) || (t->kind == TK_MINUS && number_kind(t[1].kind)))
        return parse_number(e, p);
    if (t->kind == TK_STRING || t->kind == TK_RAW_STRING) {
        Str text;
        TRY(parse_string(&text, p));
        *e = expr_literal(p->a, &type_string, &(Datum){.s = text});
        (*e)->at = parser_place(p, t);
        return DONE;
    }
    bool plain = t[1].kind != TK_DOT && t[1].kind != TK_LPAREN && t[1].kind != TK_ARROW;
    bool constant = t->kw == KW_NULL || t->kw == KW_TRUE || t->kw == KW_FALSE;
    if (constant && plain) return parse_word_literal(e, p);
    if (t->kind == TK_QUESTION || t->kind == TK_COLON) return parse_parameter(e, p);
    if (parser_at_interval(p)) return parse_interval(e, p);
    bool operator= t->kw == KW_CASE || t->kw == KW_NOT;
    if (!operator&& t->kind == TK_WORD &&(t[1].kind == TK_STRING || t[1].kind == TK_RAW_STRING))
        return parse_typed(e, p);
    *is = false;
    return DONE;
}

// The text of a type runs over its name, (numbers), <fields> and what an INTERVAL has; col/type.h
// reads it.
static void skip_angles(Parser *p)
{
    int32_t depth = 0;
    do {
        TokenKind k = p->at->kind;
        depth += k == TK_LT;
        depth -= k == TK_GT ? 1 : k == TK_SHIFT_RIGHT ? 2 : k == TK_SHIFT_RIGHT_UNSIGNED ? 3 : 0;
        p->at++;
    } while (depth > 0 && !parser_at_end(p));
}

static bool interval_field(const Token *t)
{
    return t->kw == KW_YEAR || t->kw == KW_MONTH || t->kw == KW_DAY || t->kw == KW_HOUR ||
           t->kw == KW_MINUTE || t->kw == KW_SECOND;
}

Status parse_type(const Type **t, Parser *p)
{
    const Token *from = p->at;
    Str word;
    TRY(parse_identifier(&word, p));
    if (from->kw == KW_INTERVAL && interval_field(p->at)) {
        p->at++;
        if (parser_take_kw(p, KW_TO)) p->at++;
    } else if (parser_at(p, TK_LT)) {
        skip_angles(p);
    } else if (from->kw == KW_STRUCT && parser_at(p, TK_NEQ)) {
        p->at++;
    } else if (parser_at(p, TK_LPAREN) && p->at[1].kind == TK_INTEGER) {
        while (!parser_at(p, TK_RPAREN) && !parser_at_end(p)) p->at++;
        TRY(parser_need(p, TK_RPAREN));
    }
    bool timestamp = from->kw == KW_TIMESTAMP;
    if (timestamp && parser_take_word(p, "WITHOUT")) p->at += 2; // TIME ZONE
    if (parser_take_kw(p, KW_COLLATE)) p->at++;
    return parser_error_inside(p, from, type_parse(t, p->a, parser_text(p, from)));
}
