// lexer.c -- one pass over the text. Columns count characters, as Spark's do; a word that starts
// with a digit is an identifier unless all of it is a number.
#include "base/buf.h"
#include "plan/lexer_in.h"

typedef struct Lexer {
    Arena *a;
    Str text;
    int64_t at;
    int32_t line;
    int64_t line_start, counted_to; // column = characters between line_start and here
    int32_t column;
    Tokens *to;
} Lexer;

static const Str keyword_texts[KEYWORDS] = {
    [KW_NONE] = STR_INIT(""),
#define KEYWORD(word) [KW_##word] = STR_INIT(#word),
#include "plan/keywords.def"
#undef KEYWORD
};
typedef struct Operator {
    Str text;
    TokenKind kind;
} Operator;
static const Operator operators[] = {
    // longer ones before their beginnings
    {STR_INIT("<=>"), TK_NSEQ},       {STR_INIT(">>>"), TK_SHIFT_RIGHT_UNSIGNED},
    {STR_INIT("/*+"), TK_HINT_START}, {STR_INIT("*/"), TK_HINT_END},
    {STR_INIT("=="), TK_EQ},          {STR_INIT("=>"), TK_FAT_ARROW},
    {STR_INIT("<>"), TK_NEQ},         {STR_INIT("!="), TK_NEQ},
    {STR_INIT("<="), TK_LTE},         {STR_INIT("!>"), TK_LTE},
    {STR_INIT(">="), TK_GTE},         {STR_INIT("!<"), TK_GTE},
    {STR_INIT("<<"), TK_SHIFT_LEFT},  {STR_INIT(">>"), TK_SHIFT_RIGHT},
    {STR_INIT("||"), TK_CONCAT},      {STR_INIT("|>"), TK_ADVANCE},
    {STR_INIT("->"), TK_ARROW},       {STR_INIT("::"), TK_CAST},
    {STR_INIT("="), TK_EQ},           {STR_INIT("<"), TK_LT},
    {STR_INIT(">"), TK_GT},           {STR_INIT("+"), TK_PLUS},
    {STR_INIT("-"), TK_MINUS},        {STR_INIT("*"), TK_STAR},
    {STR_INIT("/"), TK_SLASH},        {STR_INIT("%"), TK_PERCENT},
    {STR_INIT("~"), TK_TILDE},        {STR_INIT("&"), TK_AMPERSAND},
    {STR_INIT("|"), TK_PIPE},         {STR_INIT("^"), TK_HAT},
    {STR_INIT("!"), TK_BANG},         {STR_INIT("?"), TK_QUESTION},
    {STR_INIT(":"), TK_COLON},        {STR_INIT(";"), TK_SEMICOLON},
    {STR_INIT(","), TK_COMMA},        {STR_INIT("."), TK_DOT},
    {STR_INIT("("), TK_LPAREN},       {STR_INIT(")"), TK_RPAREN},
    {STR_INIT("["), TK_LBRACKET},     {STR_INIT("]"), TK_RBRACKET},
};

Str keyword_text(Keyword kw) { return keyword_texts[kw]; }

static int word_cmp(Str word, Str upper)
{
    int64_t n = MIN(word.n, upper.n);
    for (int64_t i = 0; i < n; i++) {
        char c = word.p[i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (c != upper.p[i]) return (unsigned char)c < (unsigned char)upper.p[i] ? -1 : 1;
    }
    return (word.n > upper.n) - (word.n < upper.n);
}

Keyword keyword_of(Str word)
{
    int32_t lo = KW_NONE + 1, hi = KEYWORDS;
    while (lo < hi) {
        int32_t mid = (lo + hi) / 2;
        int c = word_cmp(word, keyword_texts[mid]);
        if (!c) return (Keyword)mid;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return KW_NONE;
}

Str keyword_nearest(Str word)
{
    for (int32_t i = KW_NONE + 1; i < KEYWORDS; i++) { // a letter forgotten at the end
        Str whole = keyword_texts[i];
        if (whole.n == word.n + 1 && !word_cmp(word, str_sub(whole, 0, word.n))) return whole;
    }
    return str_nearest(word, keyword_texts + 1, KEYWORDS - 1);
}

static char peek(const Lexer *l, int64_t ahead)
{
    return l->at + ahead < l->text.n ? l->text.p[l->at + ahead] : 0;
}
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           (unsigned char)c >= 0x80;
}

// Length of the white space at s: ASCII's and Unicode's blanks. 0: none.
static int64_t space_length(Str s)
{
    static const Str wide[] = {STR_INIT("\xC2\xA0"),     STR_INIT("\xE1\x9A\x80"),
                               STR_INIT("\xE2\x80\xA8"), STR_INIT("\xE2\x80\xAF"),
                               STR_INIT("\xE2\x81\x9F"), STR_INIT("\xE3\x80\x80")};
    if (!s.n) return 0;
    char c = s.p[0];
    if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
    for (int64_t i = 0; i < COUNT(wide); i++)
        if (str_starts(s, wide[i])) return wide[i].n;
    bool quad = str_starts(s, S("\xE2\x80")) && s.n > 2; // U+2000 .. U+200A
    return quad && (unsigned char)s.p[2] >= 0x80 && (unsigned char)s.p[2] <= 0x8A ? 3 : 0;
}

static void count_columns(Lexer *l)
{
    for (int64_t i = l->counted_to; i < l->at; i++) {
        char c = l->text.p[i];
        if (c == '\n') {
            l->line++;
            l->column = 0;
        } else if (((unsigned char)c & 0xC0) != 0x80) {
            l->column++;
        }
    }
    l->counted_to = l->at;
}

static void add(Lexer *l, TokenKind kind, int64_t n)
{
    count_columns(l);
    Token t = {
        .kind = kind, .text = str_sub(l->text, l->at, n), .line = l->line, .column = l->column};
    if (kind == TK_WORD) t.kw = keyword_of(t.text);
    vec_push(l->a, l->to, t);
    l->at += n;
}

static void skip_line_comment(Lexer *l)
{
    while (l->at < l->text.n && peek(l, 0) != '\n')
        l->at += peek(l, 0) == '\\' && peek(l, 1) == '\n' ? 2 : 1;
}

// False when the comment has no end.
static bool skip_bracketed_comment(Lexer *l)
{
    int64_t from = l->at, depth = 0;
    while (l->at < l->text.n) {
        bool opens = peek(l, 0) == '/' && peek(l, 1) == '*' && peek(l, 2) != '+';
        bool closes = peek(l, 0) == '*' && peek(l, 1) == '/';
        l->at += opens || closes ? 2 : 1;
        depth += opens - closes;
        if (!depth) return true;
    }
    l->at = from;
    return false;
}

// Passes over white space and comments; false at an unclosed comment.
static bool skip_blank(Lexer *l)
{
    for (;;) {
        int64_t n = space_length(str_from(l->text, l->at));
        if (n)
            l->at += n;
        else if (peek(l, 0) == '-' && peek(l, 1) == '-')
            skip_line_comment(l);
        else if (peek(l, 0) == '/' && peek(l, 1) == '*' && peek(l, 2) != '+') {
            if (!skip_bracketed_comment(l)) return false;
        } else
            return true;
        l->at = MIN(l->at, l->text.n);
    }
}

static int64_t digits_at(const Lexer *l, int64_t from)
{
    int64_t n = 0;
    while (is_digit(peek(l, from + n))) n++;
    return n;
}

static char upper_at(const Lexer *l, int64_t i)
{
    char c = peek(l, i);
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static int64_t exponent_at(const Lexer *l, int64_t from)
{
    if (upper_at(l, from) != 'E') return 0;
    int64_t sign = peek(l, from + 1) == '+' || peek(l, from + 1) == '-';
    int64_t digits = digits_at(l, from + 1 + sign);
    return digits ? 1 + sign + digits : 0;
}

static int64_t suffix_at(const Lexer *l, int64_t from, bool integer, TokenKind *kind)
{
    static const struct {
        char letter;
        TokenKind kind;
        bool integer_only;
    } row[] = {{'L', TK_BIGINT, true},
               {'S', TK_SMALLINT, true},
               {'Y', TK_TINYINT, true},
               {'F', TK_FLOAT, false},
               {'D', TK_DOUBLE, false}};
    char c = upper_at(l, from);
    if (c == 'B' && upper_at(l, from + 1) == 'D') {
        *kind = TK_BIGDECIMAL;
        return 2;
    }
    for (int64_t i = 0; i < COUNT(row); i++) {
        if (c != row[i].letter || (row[i].integer_only && !integer)) continue;
        *kind = row[i].kind;
        return 1;
    }
    return 0;
}

// The longest number here: its length and kind, 0 when there is none.
static int64_t number_at(const Lexer *l, TokenKind *kind)
{
    int64_t n = digits_at(l, 0);
    *kind = TK_INTEGER;
    if (peek(l, n) == '.' && (n || is_digit(peek(l, 1)))) {
        int64_t point = n + 1 + digits_at(l, n + 1);
        int64_t more = exponent_at(l, point);
        TokenKind end;
        int64_t suffix = suffix_at(l, point + more, false, &end);
        if (!is_word(peek(l, point + more + suffix))) {
            *kind = suffix ? end : more ? TK_EXPONENT : TK_DECIMAL;
            return point + more + suffix;
        }
    }
    if (!n) return 0;
    int64_t more = exponent_at(l, n);
    if (more) *kind = TK_EXPONENT;
    return n + more + suffix_at(l, n + more, !more, kind);
}

static void lex_operator(Lexer *l);

static void lex_word(Lexer *l)
{
    TokenKind kind;
    int64_t number = is_digit(peek(l, 0)) || peek(l, 0) == '.' ? number_at(l, &kind) : 0, word = 0;
    while (is_word(peek(l, word)) && !space_length(str_from(l->text, l->at + word))) word++;
    if (number && number >= word)
        add(l, kind, number);
    else if (word)
        add(l, TK_WORD, word);
    else
        lex_operator(l); // the point of .5x
}

// Length of a quoted thing that starts at `from`, or 0 when it has no end.
static int64_t quoted_length(const Lexer *l, int64_t from, bool escapes, bool doubles)
{
    char quote = peek(l, from);
    for (int64_t i = from + 1; l->at + i < l->text.n; i++) {
        char c = peek(l, i);
        bool two = (c == '\\' && escapes) || (c == quote && doubles && peek(l, i + 1) == quote);
        if (!two && c == quote) return i + 1;
        i += two;
    }
    return 0;
}

static void lex_quoted(Lexer *l, TokenKind kind, int64_t from)
{
    int64_t n = quoted_length(l, from, kind == TK_STRING, kind != TK_RAW_STRING);
    add(l, n ? kind : TK_BAD, n ? n : 1);
}

static void lex_operator(Lexer *l)
{
    Str rest = str_from(l->text, l->at);
    for (int64_t i = 0; i < COUNT(operators); i++)
        if (str_starts(rest, operators[i].text)) {
            add(l, operators[i].kind, operators[i].text.n);
            return;
        }
    add(l, TK_BAD, 1);
}

static void lex_token(Lexer *l)
{
    char c = peek(l, 0), next = peek(l, 1);
    bool raw = (c == 'r' || c == 'R') && (next == '\'' || next == '"');
    if (raw)
        lex_quoted(l, TK_RAW_STRING, 1);
    else if (c == '\'' || c == '"')
        lex_quoted(l, TK_STRING, 0);
    else if (c == '`')
        lex_quoted(l, TK_QUOTED, 0);
    else if (is_word(c) || (c == '.' && is_digit(next)))
        lex_word(l);
    else
        lex_operator(l);
}

static void match_parens(Tokens *to, Arena *a)
{
    VEC(int32_t) open = {0};
    for (int32_t i = 0; i < to->n; i++) {
        to->v[i].match = (int32_t)to->n - LOOK_AHEAD;
        if (to->v[i].kind == TK_LPAREN) vec_push(a, &open, i);
        if (to->v[i].kind == TK_RPAREN && open.n) to->v[open.v[--open.n]].match = i;
    }
}

void lex(Tokens *to, Arena *a, Str text)
{
    Lexer l = {.a = a, .text = text, .line = 1, .to = to};
    bool closed = true;
    while ((closed = skip_blank(&l)) && l.at < text.n) lex_token(&l);
    if (!closed) add(&l, TK_UNCLOSED_COMMENT, text.n - l.at);
    for (int32_t i = 0; i < LOOK_AHEAD; i++) add(&l, TK_END, 0);
    match_parens(to, a);
}

static int64_t hex_digits(Str s, int64_t n, uint32_t *v)
{
    if (s.n < n) return 0;
    *v = 0;
    for (int64_t i = 0; i < n; i++) {
        char c = s.p[i];
        char low = c >= 'A' && c <= 'F' ? (char)(c + 32) : c;
        if (is_digit(c))
            *v = *v * 16 + (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            *v = *v * 16 + (uint32_t)(low - 'a' + 10);
        else
            return 0;
    }
    return n;
}

static void put_code_point(Buf *b, uint32_t cp)
{
    char utf8[4];
    bool surrogate = cp >= 0xD800 && cp <= 0xDFFF; // alone: what Java's encoder makes of it
    int64_t n = utf8_encode(utf8, surrogate ? '?' : cp);
    buf_put(b, str_of(utf8, n));
}

// \u and four hexadecimal digits, or two of them that make one character.
static int64_t put_utf16(Buf *b, Str s, uint32_t cp)
{
    uint32_t low;
    bool pair = cp >= 0xD800 && cp <= 0xDBFF && str_starts(str_from(s, 5), S("\\u")) &&
                hex_digits(str_from(s, 7), 4, &low) && low >= 0xDC00 && low <= 0xDFFF;
    put_code_point(b, pair ? 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00) : cp);
    return pair ? 11 : 5;
}

// One escape after its backslash; returns how many bytes of s it took.
static int64_t put_escape(Buf *b, Str s)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\x1A";
    char c = s.p[0];
    uint32_t cp;
    if (c == 'u' && hex_digits(str_from(s, 1), 4, &cp)) return put_utf16(b, s, cp);
    if (c == 'U' && hex_digits(str_from(s, 1), 8, &cp) && cp <= 0x10FFFF) {
        put_code_point(b, cp);
        return 9;
    }
    bool octal = s.n > 2 && (c == '0' || c == '1') && s.p[1] >= '0' && s.p[1] <= '7' &&
                 s.p[2] >= '0' && s.p[2] <= '7';
    if (octal) {
        put_code_point(b, (uint32_t)((c - '0') * 64 + (s.p[1] - '0') * 8 + (s.p[2] - '0')));
        return 3;
    }
    const char *known = strchr(from, c);
    if (c == '%' || c == '_') buf_char(b, '\\'); // LIKE's own escapes stay
    buf_char(b, known && c ? to[known - from] : c);
    return 1;
}

static Str unquote(Arena *a, Str s, bool escapes)
{
    char quote = s.p[0];
    Str in = str_sub(s, 1, s.n - 2);
    if (str_find_char(in, quote) < 0 && (!escapes || str_find_char(in, '\\') < 0)) return in;
    Buf b = buf_new(a);
    for (int64_t i = 0; i < in.n; i++) {
        if (in.p[i] == '\\' && escapes && i + 1 < in.n) {
            i += put_escape(&b, str_from(in, i + 1));
            continue;
        }
        if (in.p[i] == quote && i + 1 < in.n) i++; // the first of two
        buf_char(&b, in.p[i]);
    }
    return buf_str(&b);
}

Str token_value(Arena *a, const Token *t)
{
    if (t->kind == TK_RAW_STRING) return str_sub(t->text, 2, t->text.n - 3);
    if (t->kind == TK_STRING) return unquote(a, t->text, true);
    if (t->kind == TK_QUOTED) return unquote(a, t->text, false);
    return t->text;
}
