// type_parse.c -- the types of SQL, as DDL strings and CREATE TABLE write them: recursive descent
// over tokens of the text, with one token of look-ahead. Keywords are names here, as everywhere in
// Spark; only what follows a word decides.
#include "base/num.h"
#include "col/type.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_QUOTED,
    TOKEN_TEXT,
    TOKEN_SIGN
} TokenKind;
typedef struct Token {
    TokenKind kind;
    Str text; // as written, quotes included
} Token;
typedef struct Parse {
    Arena *arena;
    Str all;
    int64_t at; // where the token after `now` begins
    Token now;
    int32_t depth;
} Parse;

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c & 0x80);
}
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

// White space, -- comments to the end of the line and /* comments */.
static int64_t skip_blank(Str s, int64_t at)
{
    for (; at < s.n; at++) {
        Str rest = str_from(s, at);
        if (str_starts(rest, S("--"))) {
            int64_t n = str_find_char(rest, '\n');
            at = n < 0 ? s.n : at + n;
        } else if (str_starts(rest, S("/*"))) {
            int64_t n = str_find(rest, S("*/"));
            at = n < 0 ? s.n : at + n + 1;
        } else if (!strchr(" \t\r\n", rest.p[0]) || !rest.p[0]) {
            break;
        }
    }
    return MIN(at, s.n);
}

// The length of what a quote opens, both quotes included; to the end when nothing closes it.
static int64_t quoted_length(Str s, bool escapes)
{
    char quote = s.p[0];
    for (int64_t i = 1; i < s.n; i++) {
        if (s.p[i] == '\\' && escapes) {
            i++;
        } else if (s.p[i] == quote) {
            if (i + 1 == s.n || s.p[i + 1] != quote) return i + 1;
            i++;
        }
    }
    return s.n;
}

// 12, 1e3, 5L: digits with an exponent or the letters of a literal's type are a number, not a name.
static bool is_number(Str s)
{
    int64_t i = 0;
    while (i < s.n && is_digit(s.p[i])) i++;
    if (i == 0 || i == s.n) return i > 0;
    Str tail = str_from(s, i);
    if (str_ieq(tail, S("bd")) || (tail.n == 1 && strchr("lLsSyYdDfF", tail.p[0]))) return true;
    if (tail.n < 2 || (tail.p[0] | 0x20) != 'e') return false;
    for (i = 1; i < tail.n; i++)
        if (!is_digit(tail.p[i])) return false;
    return true;
}

static void next(Parse *p)
{
    int64_t at = skip_blank(p->all, p->at);
    Str rest = str_from(p->all, at);
    Token t = {TOKEN_SIGN, str_sub(rest, 0, MIN(rest.n, 1))};
    char c = rest.n ? rest.p[0] : '\0';
    if (rest.n == 0) {
        t.kind = TOKEN_END;
    } else if (c == '`') {
        t = (Token){TOKEN_QUOTED, str_sub(rest, 0, quoted_length(rest, false))};
    } else if (c == '\'' || c == '"') {
        t = (Token){TOKEN_TEXT, str_sub(rest, 0, quoted_length(rest, true))};
    } else if ((c | 0x20) == 'r' && rest.n > 1 && (rest.p[1] == '\'' || rest.p[1] == '"')) {
        t = (Token){TOKEN_TEXT, str_sub(rest, 0, 1 + quoted_length(str_from(rest, 1), false))};
    } else if (is_word(c)) {
        int64_t n = 1;
        while (n < rest.n && is_word(rest.p[n])) n++;
        t.text = str_sub(rest, 0, n);
        t.kind = is_number(t.text) ? TOKEN_NUMBER : TOKEN_WORD;
    }
    p->now = t;
    p->at = at + t.text.n;
}

// Says where the token of the failure stands, counted as Spark counts: lines from 1, columns from
// 0.
static Status at_token(const Parse *p, Status s, Str token)
{
    int32_t line = 1, column = 0;
    for (const char *c = p->all.p; c < token.p; c++) {
        column = *c == '\n' ? 0 : column + ((*c & 0xc0) != 0x80);
        line += *c == '\n';
    }
    return fail_at(s, &(Origin){line, column, p->all, {0}});
}

static Status unexpected(const Parse *p)
{
    Str near = p->now.kind == TOKEN_END ? S("end of input")
                                        : str_fmt(p->arena, "'" STR_FMT "'", STR_ARG(p->now.text));
    return at_token(p, RAISE(PARSE_SYNTAX_ERROR, P("error", near), P("hint", S(""))), p->now.text);
}

static bool accept(Parse *p, Str what)
{
    bool same =
        (p->now.kind == TOKEN_WORD || p->now.kind == TOKEN_SIGN) && str_ieq(p->now.text, what);
    if (same) next(p);
    return same;
}

static Status expect(Parse *p, Str what) { return accept(p, what) ? DONE : unexpected(p); }

static Status parse_number(Parse *p, int32_t *v)
{
    int64_t n;
    if (p->now.kind != TOKEN_NUMBER || !num_parse_i64(p->now.text, &n) || n > INT32_MAX)
        return unexpected(p);
    next(p);
    *v = (int32_t)n;
    return DONE;
}

// One or two numbers in parentheses; returns through n how many there were, 0 for no parentheses.
static Status parse_numbers(Parse *p, int32_t *v, int32_t max, int32_t *n)
{
    *n = 0;
    if (!accept(p, S("("))) return DONE;
    do {
        TRY(parse_number(p, &v[(*n)++]));
    } while (*n < max && accept(p, S(",")));
    return expect(p, S(")"));
}

static Status parse_name(Parse *p, Str *name)
{
    Token t = p->now;
    if (t.kind == TOKEN_QUOTED) {
        Buf b = buf_new(p->arena);
        for (int64_t i = 1; i + 1 < t.text.n; i++) {
            buf_char(&b, t.text.p[i]);
            i += t.text.p[i] == '`';
        }
        if (t.text.n < 2 || t.text.p[t.text.n - 1] != '`') return unexpected(p);
        *name = buf_str(&b);
    } else if (t.kind == TOKEN_WORD) {
        for (int64_t i = 0; i < t.text.n; i++)
            if (t.text.p[i] & 0x80)
                return at_token(p, RAISE(INVALID_IDENTIFIER, P("ident", t.text)), t.text);
        *name = str_copy(p->arena, t.text);
    } else {
        return unexpected(p);
    }
    next(p);
    return DONE;
}

// What stands for a backslash and the character after it; 0 for nothing special.
static char escaped(char c)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\x1a";
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : c;
}

// \u and \U with hexadecimal digits, or three octal digits: how long it is, 0 when it is neither.
static int64_t escaped_code(Str s, uint32_t *cp)
{
    int64_t digits = s.p[0] == 'u' ? 4 : s.p[0] == 'U' ? 8 : 0;
    uint64_t v;
    if (digits && s.n > digits && num_parse_u64_hex(str_sub(s, 1, digits), &v)) {
        *cp = (uint32_t)v;
        return digits + 1;
    }
    if (s.n < 3 || s.p[0] < '0' || s.p[0] > '1') return 0;
    for (int64_t i = 1; i < 3; i++)
        if (s.p[i] < '0' || s.p[i] > '7') return 0;
    *cp = (uint32_t)((s.p[0] - '0') * 64 + (s.p[1] - '0') * 8 + (s.p[2] - '0'));
    return 3;
}

static void put_unescaped(Buf *b, Str s, char quote)
{
    for (int64_t i = 0; i < s.n; i++) {
        uint32_t cp;
        char c = s.p[i], utf8[4];
        if (c == quote) i++; // a doubled quote
        if (c != '\\' || i + 1 == s.n) {
            buf_char(b, c);
            continue;
        }
        int64_t n = escaped_code(str_from(s, ++i), &cp);
        if (n) {
            buf_put(b, str_of(utf8, utf8_encode(utf8, cp)));
            i += n - 1;
            continue;
        }
        if (s.p[i] == '%' || s.p[i] == '_') buf_char(b, '\\'); // kept for LIKE
        buf_char(b, escaped(s.p[i]));
    }
}

// One or more string literals side by side are one.
static Status parse_text(Parse *p, Str *text)
{
    Buf b = buf_new(p->arena);
    if (p->now.kind != TOKEN_TEXT) return unexpected(p);
    for (; p->now.kind == TOKEN_TEXT; next(p)) {
        Str t = p->now.text;
        bool raw = (t.p[0] | 0x20) == 'r';
        char quote = t.p[raw];
        if (t.n < 2 + raw || t.p[t.n - 1] != quote) return unexpected(p);
        t = str_sub(t, 1 + raw, t.n - 2 - raw);
        if (raw)
            buf_put(&b, t);
        else
            put_unescaped(&b, t, quote);
    }
    *text = buf_str(&b);
    return DONE;
}

static Status parse_type(Parse *p, const Type **t);

static Status parse_field(Parse *p, Field *f, bool in_struct)
{
    *f = field_of(S(""), NULL, true);
    TRY(parse_name(p, &f->name));
    if (in_struct) (void)accept(p, S(":"));
    TRY(parse_type(p, &f->type));
    if (accept(p, S("not"))) {
        TRY(expect(p, S("null")));
        f->nullable = false;
    }
    return accept(p, S("comment")) ? parse_text(p, &f->comment) : DONE;
}

static Status parse_fields(Parse *p, const Type **t, bool in_struct)
{
    VEC(Field) fields = {0};
    do {
        Field f;
        TRY(parse_field(p, &f, in_struct));
        vec_push(p->arena, &fields, f);
    } while (accept(p, S(",")));
    if (fields.n > INT32_MAX / 2)
        return fail(ERR_LIMIT, "a struct of %lld fields", (long long)fields.n);
    *t = type_struct(p->arena, fields.v, (int32_t)fields.n);
    return DONE;
}

// The word was ARRAY, MAP or STRUCT; its parameters follow.
static Status parse_nested(Parse *p, const Type **t, Token word)
{
    bool array = str_ieq(word.text, S("array")), map = str_ieq(word.text, S("map"));
    if (!accept(p, S("<"))) {
        Status s = array ? RAISE(INCOMPLETE_TYPE_DEFINITION_ARRAY, P("elementType", S("<INT>")))
                   : map ? RAISE(INCOMPLETE_TYPE_DEFINITION_MAP)
                         : RAISE(INCOMPLETE_TYPE_DEFINITION_STRUCT);
        return at_token(p, s, word.text);
    }
    if (!array && !map) {
        if (accept(p, S(">"))) {
            *t = type_struct(p->arena, NULL, 0);
            return DONE;
        }
        TRY(parse_fields(p, t, true));
        return expect(p, S(">"));
    }
    const Type *key = NULL, *value;
    if (map) {
        TRY(parse_type(p, &key));
        TRY(expect(p, S(",")));
    }
    TRY(parse_type(p, &value));
    TRY(expect(p, S(">")));
    *t = map ? type_map(p->arena, key, value, true) : type_array(p->arena, value, true);
    return DONE;
}

static Status parse_decimal(Parse *p, const Type **t, Token word)
{
    int32_t v[2] = {10, 0}, n;
    TRY(parse_numbers(p, v, 2, &n));
    Str precision = str_fmt(p->arena, "%d", v[0]), scale = str_fmt(p->arena, "%d", v[1]);
    if (v[0] > DECIMAL_PRECISION_MAX)
        return at_token(p,
                        RAISE(DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION, P("precision", precision),
                              P("maxPrecision", S("38"))),
                        word.text);
    if (v[1] > v[0])
        return at_token(
            p, RAISE(DECIMAL_SCALE_EXCEEDS_PRECISION, P("scale", scale), P("precision", precision)),
            word.text);
    *t = type_decimal(p->arena, v[0], v[1]);
    return DONE;
}

static Status parse_char(Parse *p, const Type **t, Token word)
{
    int32_t length = 0, n;
    bool fixed = !str_ieq(word.text, S("varchar"));
    TRY(parse_numbers(p, &length, 1, &n));
    if (n == 0)
        return at_token(
            p, RAISE(DATATYPE_MISSING_SIZE, P("type", fixed ? S("\"CHAR\"") : S("\"VARCHAR\""))),
            word.text);
    *t = type_char(p->arena, length, fixed);
    return DONE;
}

static Status parse_string(Parse *p, const Type **t, Token word)
{
    (void)word;
    *t = &type_string;
    if (!accept(p, S("collate"))) return DONE;
    Token name = p->now;
    Str collation = S("");
    TRY(parse_name(p, &collation));
    if (str_ieq(collation, S("utf8_binary"))) return DONE;
    return at_token(p,
                    RAISE(UNSUPPORTED_FEATURE,
                          P("feature", str_cat(p->arena, S("collation "), collation)),
                          P("needs", S("UTF8_BINARY is"))),
                    name.text);
}

static Status parse_without_zone(Parse *p, bool *without)
{
    *without = accept(p, S("without"));
    if (!*without) return DONE;
    TRY(expect(p, S("time")));
    return expect(p, S("zone"));
}

static Status parse_timestamp(Parse *p, const Type **t, Token word)
{
    bool without;
    (void)word;
    TRY(parse_without_zone(p, &without));
    *t = without ? &type_timestamp_ntz : &type_timestamp;
    return DONE;
}

static Status parse_time(Parse *p, const Type **t, Token word)
{
    int32_t precision = TIME_PRECISION_MAX, n;
    bool without;
    TRY(parse_numbers(p, &precision, 1, &n));
    TRY(parse_without_zone(p, &without));
    if (precision > TIME_PRECISION_MAX)
        return at_token(
            p,
            RAISE(UNSUPPORTED_TIME_PRECISION, P("precision", str_fmt(p->arena, "%d", precision))),
            word.text);
    *t = type_time_of(p->arena, precision);
    return DONE;
}

// The field of an interval that the token names: 0..1 year, month; 2..5 day .. second; else -1.
static int32_t interval_field(const Parse *p)
{
    static const Str field[] = {STR_INIT("year"), STR_INIT("month"),  STR_INIT("day"),
                                STR_INIT("hour"), STR_INIT("minute"), STR_INIT("second")};
    for (int32_t i = 0; i < COUNT(field); i++)
        if (p->now.kind == TOKEN_WORD && str_ieq(p->now.text, field[i])) return i;
    return -1;
}

static Status parse_interval(Parse *p, const Type **t, Token word)
{
    (void)word;
    int32_t first = interval_field(p), last = first;
    if (first < 0) {
        *t = &type_interval;
        return DONE;
    }
    next(p);
    Parse before_to = *p;
    if (accept(p, S("to"))) {
        last = interval_field(p);
        if (last <= first || (first < 2) != (last < 2)) return unexpected(&before_to);
        next(p);
    }
    *t = first < 2 ? type_interval_of(p->arena, T_INTERVAL_YM, first, last)
                   : type_interval_of(p->arena, T_INTERVAL_DT, first - 2, last - 2);
    return DONE;
}

static Status parse_unbuilt(Parse *p, const Type **t, Token word)
{
    (void)t;
    Str upper = str_upper(p->arena, word.text);
    return at_token(p,
                    RAISE(UNSUPPORTED_FEATURE, P("feature", str_cat(p->arena, S("type "), upper)),
                          P("needs", S("STRING or BINARY can hold it"))),
                    word.text);
}

static Status unknown_type(Parse *p, Token word)
{
    int32_t v[2] = {0, 0}, n;
    Str name = str_upper(p->arena, word.text);
    TRY(parse_numbers(p, v, 2, &n));
    if (n == 1) name = str_fmt(p->arena, STR_FMT "(%d)", STR_ARG(name), v[0]);
    if (n == 2) name = str_fmt(p->arena, STR_FMT "(%d,%d)", STR_ARG(name), v[0], v[1]);
    name = str_fmt(p->arena, "\"" STR_FMT "\"", STR_ARG(name));
    return at_token(p, RAISE(PARSE_DATATYPE, P("typeName", name)), word.text);
}

static Status parse_type(Parse *p, const Type **t)
{
    static const struct {
        Str word;
        const Type *type; // or:
        Status (*parse)(Parse *p, const Type **t, Token word);
    } row[] = {
        {STR_INIT("boolean"), &type_boolean, NULL},
        {STR_INIT("tinyint"), &type_tinyint, NULL},
        {STR_INIT("byte"), &type_tinyint, NULL},
        {STR_INIT("smallint"), &type_smallint, NULL},
        {STR_INIT("short"), &type_smallint, NULL},
        {STR_INIT("int"), &type_int, NULL},
        {STR_INIT("integer"), &type_int, NULL},
        {STR_INIT("bigint"), &type_bigint, NULL},
        {STR_INIT("long"), &type_bigint, NULL},
        {STR_INIT("float"), &type_float, NULL},
        {STR_INIT("real"), &type_float, NULL},
        {STR_INIT("double"), &type_double, NULL},
        {STR_INIT("date"), &type_date, NULL},
        {STR_INIT("timestamp_ltz"), &type_timestamp, NULL},
        {STR_INIT("timestamp_ntz"), &type_timestamp_ntz, NULL},
        {STR_INIT("binary"), &type_binary, NULL},
        {STR_INIT("void"), &type_void, NULL},
        {STR_INIT("string"), NULL, parse_string},
        {STR_INIT("varchar"), NULL, parse_char},
        {STR_INIT("char"), NULL, parse_char},
        {STR_INIT("character"), NULL, parse_char},
        {STR_INIT("decimal"), NULL, parse_decimal},
        {STR_INIT("dec"), NULL, parse_decimal},
        {STR_INIT("numeric"), NULL, parse_decimal},
        {STR_INIT("timestamp"), NULL, parse_timestamp},
        {STR_INIT("time"), NULL, parse_time},
        {STR_INIT("interval"), NULL, parse_interval},
        {STR_INIT("array"), NULL, parse_nested},
        {STR_INIT("map"), NULL, parse_nested},
        {STR_INIT("struct"), NULL, parse_nested},
        {STR_INIT("variant"), NULL, parse_unbuilt},
        {STR_INIT("geometry"), NULL, parse_unbuilt},
        {STR_INIT("geography"), NULL, parse_unbuilt},
    };
    Token word = p->now;
    if (word.kind != TOKEN_WORD) return unexpected(p);
    if (p->depth == TYPE_DEPTH_MAX)
        return at_token(p, fail(ERR_LIMIT, "a type is nested more than %d deep", TYPE_DEPTH_MAX),
                        word.text);
    next(p);
    for (int64_t i = 0; i < COUNT(row); i++) {
        if (!str_ieq(word.text, row[i].word)) continue;
        *t = row[i].type;
        if (!row[i].parse) return DONE;
        p->depth++;
        TRY(row[i].parse(p, t, word));
        p->depth--;
        return DONE;
    }
    return unknown_type(p, word);
}

static Status parse_all(const Type **t, Arena *a, Str text, bool columns)
{
    Parse p = {.arena = a, .all = text};
    next(&p);
    if (p.now.kind == TOKEN_END) return at_token(&p, RAISE(PARSE_EMPTY_STATEMENT), p.now.text);
    Parse one = p;
    if (columns && accept(&one, S("struct")) && accept(&one, S("<"))) columns = false;
    TRY(columns ? parse_fields(&p, t, false) : parse_type(&p, t));
    return p.now.kind == TOKEN_END ? DONE : unexpected(&p);
}

Status type_parse(const Type **t, Arena *a, Str text) { return parse_all(t, a, text, false); }
Status schema_parse(const Schema **s, Arena *a, Str text) { return parse_all(s, a, text, true); }
