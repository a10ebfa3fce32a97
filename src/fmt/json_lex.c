// json_lex.c -- the tokens. Three habits of Jackson's are kept because they decide what Spark
// makes of a malformed record: a field's name is read together with the beginning of its value; a
// string is only looked into when it is asked for or passed over; and an error leaves the reading
// position and the current token where they were when it struck.
#include "fmt/json_lex.h"
#include "base/num.h"

enum { AT_END = -1, AT_ERROR = -2 }; // beside a byte
enum { NAME_BYTES_MAX = 50000, ERROR_TOKEN_MAX = 256 };

void json_lex_start(JsonLex *l, Arena *a, Str text, const JsonOptions *opt)
{
    if (opt->source && str_starts(text, S("\xef\xbb\xbf"))) text = str_from(text, 3);
    *l = (JsonLex){.at = text.p, .end = text.p + text.n, .opt = opt, .arena = a, .buf = buf_new(a)};
    JsonLevel root = {JSON_IN_ROOT, -1, {0}};
    vec_push(a, &l->level, root);
}

static JsonLevel *top(const JsonLex *l) { return &l->level.v[l->level.n - 1]; }

Str json_lex_name(const JsonLex *l)
{
    bool opening = l->token == JSON_OBJECT || l->token == JSON_ARRAY;
    return (top(l) - (opening && l->level.n > 1))->name;
}

// ---- white space -------------------------------------------------------------------------------

static bool skip_line(JsonLex *l)
{
    while (l->at < l->end) {
        char c = *l->at++;
        if (c == '\n' || c == '\r') return true;
        if ((uint8_t)c < ' ' && c != '\t') return false;
    }
    return true;
}

static bool skip_comment(JsonLex *l) // after its first slash
{
    if (!l->opt->allow_comments || l->at == l->end) return false;
    char c = *l->at++;
    if (c == '/') return skip_line(l);
    if (c != '*') return false;
    while (l->at < l->end) {
        c = *l->at++;
        if (c == '*' && l->at < l->end && *l->at == '/') {
            l->at++;
            return true;
        }
        if ((uint8_t)c < ' ' && c != '\t' && c != '\n' && c != '\r') return false;
    }
    return false;
}

// The next byte that is no white space, taken; or AT_END, AT_ERROR.
static int32_t next_byte(JsonLex *l)
{
    while (l->at < l->end) {
        uint8_t c = (uint8_t)*l->at++;
        if (c == '/') {
            if (!skip_comment(l)) return AT_ERROR;
        } else if (c > ' ')
            return c;
        else if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
            return AT_ERROR;
    }
    return AT_END;
}

static bool refuse_char(JsonLex *l) // of which one byte was taken
{
    while (!l->opt->source && l->at < l->end && ((uint8_t)*l->at & 0xc0) == 0x80) l->at++;
    return false;
}

static bool is_identifier(uint8_t c) // a part of one, as Java sees it
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '$' ||
           c >= 0x7f || c <= 8 || (c >= 14 && c <= 27);
}

// An unknown word: it is passed over, as far as an error message would show it. The tokenizer of a
// source takes the byte behind it too.
static bool refuse_word(JsonLex *l, int32_t seen)
{
    while (l->at < l->end && is_identifier((uint8_t)*l->at)) {
        l->at++;
        if (++seen >= ERROR_TOKEN_MAX) return false;
    }
    if (l->opt->source && l->at < l->end) l->at++;
    return false;
}

// The rest of a word of which `seen` bytes were taken.
static bool match_word(JsonLex *l, Str word, int32_t seen)
{
    for (int32_t i = seen; i < word.n; i++) {
        if (l->at == l->end || *l->at != word.p[i]) return refuse_word(l, i);
        l->at++;
    }
    if (l->at == l->end) return true;
    uint8_t c = (uint8_t)*l->at;
    if (c >= '0' && is_identifier(c)) return refuse_word(l, (int32_t)word.n);
    return true;
}

// ---- strings -----------------------------------------------------------------------------------

// UTF-16 to UTF-8: escapes give code units, and a half of a pair alone becomes a question mark.
typedef struct Units {
    Buf *to;
    uint32_t high; // a first half that waits for its second
    bool halves;   // ... is kept as three bytes of its own, as no UTF-8 has them
} Units;

static void units_flush(Units *u)
{
    if (u->high) buf_char(u->to, '?');
    u->high = 0;
}

static void units_put(Units *u, uint32_t cp)
{
    if (u->halves && cp >= 0xd800 && cp < 0xe000) {
        u->to->n += utf8_encode(buf_room(u->to, 4), cp);
        return;
    }
    bool low = cp >= 0xdc00 && cp < 0xe000;
    if (u->high && low) {
        cp = 0x10000 + ((u->high - 0xd800) << 10) + (cp - 0xdc00);
        u->high = 0;
        u->to->n += utf8_encode(buf_room(u->to, 4), cp);
        return;
    }
    units_flush(u);
    u->high = cp >= 0xd800 && cp < 0xdc00 ? cp : 0;
    if (u->high) return;
    if (low)
        buf_char(u->to, '?');
    else
        u->to->n += utf8_encode(buf_room(u->to, 4), cp);
}

static int32_t hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A character of two to four bytes whose first was taken. Jackson looks at no more than the marks
// of the bytes, so halves of pairs and overlong forms pass.
static bool take_wide(JsonLex *l, Units *u, uint8_t lead)
{
    int32_t more = (lead & 0xe0) == 0xc0 ? 1 : (lead & 0xf0) == 0xe0 ? 2 : 3;
    if (lead < 0xc0 || lead >= 0xf8) return false;
    uint32_t cp = lead & (0x3fu >> more);
    for (int32_t i = 0; i < more; i++) {
        uint8_t c = l->at < l->end ? (uint8_t)*l->at++ : 0;
        if ((c & 0xc0) != 0x80) return false;
        cp = cp << 6 | (c & 0x3f);
    }
    if (cp < 0x10000)
        units_put(u, cp);
    else {
        units_put(u, 0xd800 + (((cp - 0x10000) >> 10) & 0x3ff));
        units_put(u, 0xdc00 + (cp & 0x3ff));
    }
    return true;
}

static bool take_escape(JsonLex *l, Units *u) // after the backslash
{
    static const char from[] = "btnfr\"/\\", to[] = "\b\t\n\f\r\"/\\";
    if (l->at == l->end) return false;
    char c = *l->at++;
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        units_put(u, (uint8_t)to[known - from]);
        return true;
    }
    if (c != 'u') {
        bool any = l->opt->allow_any_escape || (c == '\'' && l->opt->allow_single_quotes);
        if (any && (uint8_t)c >= 0x80) return take_wide(l, u, (uint8_t)c);
        if (any) units_put(u, (uint8_t)c);
        return any;
    }
    uint32_t cp = 0;
    for (int32_t i = 0; i < 4; i++) {
        int32_t d = l->at < l->end ? hex_digit(*l->at++) : -1;
        if (d < 0) return false;
        cp = cp << 4 | (uint32_t)d;
    }
    units_put(u, cp);
    return true;
}

// Where the bytes end that stand for themselves.
static const char *plain_end(const char *p, const char *end, char quote)
{
    while (p < end && (uint8_t)*p >= ' ' && (uint8_t)*p < 0x80 && *p != '\\' && *p != quote) p++;
    return p;
}

bool json_lex_quoted(JsonLex *l, char quote, Str *s)
{
    const char *from = l->at, *p = plain_end(from, l->end, quote);
    if (p < l->end && *p == quote) {
        l->at = p + 1;
        *s = str_of(from, p - from);
        return true;
    }
    buf_clear(&l->buf);
    Units u = {&l->buf, 0, l->halves};
    for (;;) {
        if (p > l->at) units_flush(&u);
        buf_put(&l->buf, str_of(l->at, p - l->at));
        l->at = p;
        if (l->at == l->end) return false;
        uint8_t c = (uint8_t)*l->at++;
        if (c == (uint8_t)quote) break;
        if (c == '\\') {
            if (!take_escape(l, &u)) return false;
        } else if (c >= 0x80) {
            if (!take_wide(l, &u, c)) return false;
        } else if (!l->opt->allow_control_chars)
            return false;
        else
            units_put(&u, c);
        p = plain_end(l->at, l->end, quote);
    }
    units_flush(&u);
    *s = str_copy(l->arena, buf_str(&l->buf));
    return true;
}

static int64_t utf16_units(Str s)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s.n; i++) n += ((uint8_t)s.p[i] & 0xc0) != 0x80;
    for (int64_t i = 0; i < s.n; i++) n += (uint8_t)s.p[i] >= 0xf0;
    return n;
}

bool json_lex_string(JsonLex *l)
{
    must(l->token == JSON_STRING);
    if (!l->pending) return true;
    l->pending = false;
    if (!json_lex_quoted(l, '"', &l->string)) return false;
    return l->string.n <= l->opt->string_max || utf16_units(l->string) <= l->opt->string_max;
}

static bool pass_string(JsonLex *l) // an unread one, unwanted
{
    l->pending = false;
    Str unused;
    return json_lex_quoted(l, '"', &unused);
}

// ---- numbers -----------------------------------------------------------------------------------

static int64_t take_digits(JsonLex *l)
{
    const char *from = l->at;
    while (l->at < l->end && *l->at >= '0' && *l->at <= '9') l->at++;
    return l->at - from;
}

// Where a digit had to follow and does not. Jackson's quick way stays behind the mark, its careful
// way (a source, a leading zero, the end of the text) has taken one byte more.
static bool refuse_digit(JsonLex *l, const char *quick_at, bool careful)
{
    if (careful && l->at < l->end)
        l->at++;
    else if (!careful && l->at < l->end)
        l->at = quick_at;
    return false;
}

static bool named_number(JsonLex *l, Str written, Str name, JsonToken *t)
{
    l->string = name;
    *t = JSON_FLOAT;
    return l->opt->allow_non_numeric && written.n <= l->opt->string_max;
}

static bool infinity(JsonLex *l, bool negative, JsonToken *t) // after the sign and an I
{
    if (l->at == l->end) return false;
    char c = *l->at++;
    if (c != 'N' && c != 'n') return false;
    Str written = c == 'N' ? S("-INF") : S("-Infinity");
    if (!match_word(l, written, 3)) return false;
    return named_number(l, written, negative ? S("-Infinity") : S("Infinity"), t);
}

static bool leading_zeros(JsonLex *l, const char **digits) // at a zero
{
    *digits = l->at;
    if (l->at + 1 == l->end || l->at[1] < '0' || l->at[1] > '9') return true;
    l->at++;
    if (!l->opt->allow_leading_zeros) return false;
    while (l->at < l->end && *l->at == '0') l->at++;
    if (l->at == l->end || *l->at < '0' || *l->at > '9') l->at--;
    *digits = l->at;
    return true;
}

static bool verify_root_space(JsonLex *l)
{
    if (top(l)->within != JSON_IN_ROOT || l->at == l->end) return true;
    return *l->at == ' ' || *l->at == '\t' || *l->at == '\n' || *l->at == '\r';
}

static bool take_fraction(JsonLex *l, bool careful, int64_t *digits, bool *is_float)
{
    const char *quick_at = l->at + 1;
    if (l->at < l->end && *l->at == '.') {
        *is_float = true;
        l->at++;
        int64_t n = take_digits(l);
        if (n == 0) return refuse_digit(l, quick_at, careful);
        *digits += n;
    }
    if (l->at == l->end || (*l->at | 32) != 'e') return true;
    *is_float = true;
    l->at++;
    if (l->at < l->end && (*l->at == '+' || *l->at == '-')) l->at++;
    int64_t n = take_digits(l);
    *digits += n;
    return n > 0 || refuse_digit(l, quick_at, careful);
}

static bool take_number(JsonLex *l, bool negative, JsonToken *t) // at the first digit
{
    const char *digits = l->at;
    if (l->at == l->end) return false;
    bool zero = *l->at == '0', careful = zero || l->opt->source, is_float = false;
    if (zero && !leading_zeros(l, &digits)) return false;
    int64_t n = take_digits(l);
    if (!take_fraction(l, careful, &n, &is_float)) return false;
    if (!verify_root_space(l)) return false;
    if (negative && digits[-1] != '-') { // zeros stood between
        buf_clear(&l->buf);
        buf_char(&l->buf, '-');
        buf_put(&l->buf, str_of(digits, l->at - digits));
        l->string = str_copy(l->arena, buf_str(&l->buf));
    } else
        l->string = str_of(digits - negative, l->at - digits + negative);
    *t = is_float ? JSON_FLOAT : JSON_INT;
    return n <= l->opt->number_max;
}

static bool take_signed(JsonLex *l, JsonToken *t) // after a minus
{
    if (l->at < l->end && (*l->at < '0' || *l->at > '9')) {
        char c = *l->at++;
        return c == 'I' && infinity(l, true, t);
    }
    return take_number(l, true, t);
}

// ---- values ------------------------------------------------------------------------------------

static bool odd_value(JsonLex *l, uint8_t c, JsonToken *t)
{
    if (c == '\'' && l->opt->allow_single_quotes) {
        *t = JSON_STRING;
        return json_lex_quoted(l, '\'', &l->string);
    }
    if (c == 'N' || c == 'I') {
        Str name = c == 'N' ? S("NaN") : S("Infinity");
        return match_word(l, name, 1) && named_number(l, name, name, t);
    }
    if (c == '+') {
        if (l->at == l->end) return false;
        return *l->at++ == 'I' && infinity(l, false, t);
    }
    return is_identifier(c) ? refuse_word(l, 1) : refuse_char(l);
}

static bool take_value(JsonLex *l, uint8_t c, JsonToken *t) // c was taken
{
    l->value_at = l->at - 1;
    switch (c) {
    case '"':
        l->pending = true;
        *t = JSON_STRING;
        return true;
    case '{': *t = JSON_OBJECT; return true;
    case '[': *t = JSON_ARRAY; return true;
    case 't': *t = JSON_TRUE; return match_word(l, S("true"), 1);
    case 'f': *t = JSON_FALSE; return match_word(l, S("false"), 1);
    case 'n': *t = JSON_NULL; return match_word(l, S("null"), 1);
    case '-': return take_signed(l, t);
    }
    if (c < '0' || c > '9') return odd_value(l, c, t);
    l->at--;
    return take_number(l, false, t);
}

static bool is_script_name(uint8_t c)
{
    return c > ' ' && (is_identifier(c) || strchr("#*-@+", c));
}

static bool odd_name(JsonLex *l, uint8_t c, Str *name)
{
    if (c == '\'' && l->opt->allow_single_quotes) return json_lex_quoted(l, '\'', name);
    if (!l->opt->allow_unquoted_names) return refuse_char(l);
    const char *from = l->at - 1;
    if (!is_script_name(c)) return false;
    while (l->at < l->end && is_script_name((uint8_t)*l->at)) l->at++;
    *name = str_of(from, l->at - from);
    return true;
}

static bool take_name(JsonLex *l, uint8_t c) // ... and its colon; c was taken
{
    Str name;
    if (!(c == '"' ? json_lex_quoted(l, '"', &name) : odd_name(l, c, &name))) return false;
    if (name.n > NAME_BYTES_MAX) return false;
    top(l)->name = name;
    l->token = JSON_NAME;
    l->value = JSON_NONE; // until it is read: an error here leaves a name without a value
    int32_t colon = next_byte(l);
    if (colon != ':') return refuse_char(l);
    int32_t v = next_byte(l);
    if (v < 0) return false;
    JsonToken t = JSON_NONE;
    if (!take_value(l, (uint8_t)v, &t)) return false;
    l->value = t;
    return true;
}

// The token becomes t; an object or array opens a level. Past the deepest the token stays.
static bool become(JsonLex *l, JsonToken t)
{
    if (t == JSON_OBJECT || t == JSON_ARRAY) {
        JsonLevel v = {t == JSON_OBJECT ? JSON_IN_OBJECT : JSON_IN_ARRAY, -1, {0}};
        vec_push(l->arena, &l->level, v);
        if (l->level.n - 1 > l->opt->depth_max) return false;
    }
    l->token = t;
    l->token_at = l->value_at;
    return true;
}

static bool close_level(JsonLex *l, int32_t c)
{
    JsonWithin within = c == ']' ? JSON_IN_ARRAY : JSON_IN_OBJECT;
    if (top(l)->within != within) return false;
    l->level.n--;
    l->token_at = l->at - 1;
    l->token = c == ']' ? JSON_ARRAY_END : JSON_OBJECT_END;
    return true;
}

bool json_lex_next(JsonLex *l)
{
    if (l->token == JSON_NAME) {
        JsonToken t = l->value;
        l->value = JSON_NONE;
        return become(l, t);
    }
    if (l->pending && !pass_string(l)) return false;
    int32_t c = next_byte(l);
    if (c == AT_END && top(l)->within == JSON_IN_ROOT) {
        l->token = JSON_NONE;
        return true;
    }
    if (c < 0) return false;
    if (c == ']' || c == '}') return close_level(l, c);
    JsonLevel *v = top(l);
    if (++v->index > 0 && v->within != JSON_IN_ROOT) {
        if (c != ',') return refuse_char(l);
        c = next_byte(l);
        if (c < 0) return false;
    }
    if (v->within == JSON_IN_OBJECT) return take_name(l, (uint8_t)c);
    JsonToken t = JSON_NONE;
    return take_value(l, (uint8_t)c, &t) && become(l, t);
}

bool json_lex_skip(JsonLex *l)
{
    if (l->token != JSON_OBJECT && l->token != JSON_ARRAY) return true;
    int64_t open = 1;
    while (open > 0) {
        if (!json_lex_next(l) || l->token == JSON_NONE) return false;
        open += l->token == JSON_OBJECT || l->token == JSON_ARRAY;
        open -= l->token == JSON_OBJECT_END || l->token == JSON_ARRAY_END;
    }
    return true;
}

// ---- a value written again ---------------------------------------------------------------------

// Bytes before the first half of a surrogate pair.
static int64_t before_half(Str s)
{
    for (int64_t i = 0; i + 2 < s.n; i++)
        if ((uint8_t)s.p[i] == 0xed && (uint8_t)s.p[i + 1] >= 0xa0) return i;
    return s.n;
}

// Jackson writes the halves of surrogate pairs as escapes, whole pairs too.
static void copy_string(Buf *to, Str s)
{
    buf_char(to, '"');
    while (s.n) {
        int64_t n = before_half(s);
        buf_json_part(to, str_of(s.p, n));
        s = str_from(s, n);
        if (s.n == 0) break;
        int32_t unit = 0xd000 | (s.p[1] & 63) << 6 | (s.p[2] & 63);
        buf_fmt(to, "\\u%04X", (uint32_t)unit);
        s = str_from(s, 3);
    }
    buf_char(to, '"');
}

static bool copy_scalar(JsonLex *l, Buf *to)
{
    switch (l->token) {
    case JSON_NAME:
    case JSON_STRING:
        if (l->token == JSON_STRING && !json_lex_string(l)) return false;
        copy_string(to, l->token == JSON_NAME ? json_lex_name(l) : l->string);
        return true;
    case JSON_INT: buf_put(to, str_eq(l->string, S("-0")) ? S("0") : l->string); return true;
    case JSON_FLOAT: {
        double v;
        char text[NUM_TEXT_MAX];
        must(num_parse_f64(l->string, &v));
        Str s = str_of(text, num_format_f64(text, v));
        if (__builtin_isfinite(v))
            buf_put(to, s);
        else
            buf_json(to, s);
        return true;
    }
    case JSON_TRUE:
    case JSON_FALSE: buf_put(to, l->token == JSON_TRUE ? S("true") : S("false")); return true;
    case JSON_NULL: buf_put(to, S("null")); return true;
    case JSON_NONE:
    case JSON_OBJECT:
    case JSON_OBJECT_END:
    case JSON_ARRAY:
    case JSON_ARRAY_END: break;
    }
    return false;
}

static bool copy_value(JsonLex *l, Buf *to)
{
    int64_t open = 0;
    bool first = true; // entry of its object or array, or the value of a name
    for (;;) {
        bool begins = l->token == JSON_OBJECT || l->token == JSON_ARRAY;
        bool ends = l->token == JSON_OBJECT_END || l->token == JSON_ARRAY_END;
        if (!first && !ends) buf_char(to, ',');
        if (begins)
            buf_char(to, l->token == JSON_OBJECT ? '{' : '[');
        else if (ends && open > 0)
            buf_char(to, l->token == JSON_OBJECT_END ? '}' : ']');
        else if (!copy_scalar(l, to))
            return false;
        if (l->token == JSON_NAME) buf_char(to, ':');
        first = begins || l->token == JSON_NAME;
        open += begins - ends;
        if (open == 0) return true;
        if (!json_lex_next(l) || l->token == JSON_NONE) return false;
    }
}

bool json_lex_copy(JsonLex *l, Buf *to)
{
    l->halves = true;
    bool ok = copy_value(l, to);
    l->halves = false;
    return ok;
}

// ---- broken UTF-8 ------------------------------------------------------------------------------

static bool follows(Str s, int64_t i) { return i < s.n && ((uint8_t)s.p[i] & 0xc0) == 0x80; }

// How many bytes at the start of s Java's decoder replaces by one U+FFFD.
static int64_t broken_bytes(Str s)
{
    uint8_t c = (uint8_t)s.p[0], d = s.n > 1 ? (uint8_t)s.p[1] : 0;
    if (c < 0xe0 || c > 0xf4 || !follows(s, 1)) return 1;
    if (c < 0xf0) {
        if (c == 0xe0 && d < 0xa0) return 1;
        return follows(s, 2) ? 3 : 2; // 3: half of a surrogate pair
    }
    if ((c == 0xf0 && d < 0x90) || (c == 0xf4 && d >= 0x90)) return 1;
    return follows(s, 2) ? 3 : 2;
}

Str json_utf8_repair(Arena *a, Str text)
{
    Buf b = buf_new(a);
    while (text.n) {
        int64_t good = utf8_valid_to(text);
        buf_put(&b, str_of(text.p, good));
        text = str_from(text, good);
        if (text.n == 0) break;
        buf_put(&b, S("\xef\xbf\xbd"));
        text = str_from(text, broken_bytes(text));
    }
    return buf_str(&b);
}
