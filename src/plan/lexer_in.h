// lexer_in.h -- SQL text to tokens, by the rules of Spark's lexer: words, numbers with suffixes,
// strings, operators, hints; comments and white space are dropped. Nothing fails here: what is no
// token is TK_BAD, and becomes an error when the parser meets it (SET takes any text).
#ifndef PLAN_LEXER_IN_H
#define PLAN_LEXER_IN_H
#include "base/base.h"

typedef enum Keyword {
    KW_NONE,
#define KEYWORD(word) KW_##word,
#include "plan/keywords.def"
#undef KEYWORD
    KEYWORDS,
} Keyword;
typedef enum TokenKind {
    TK_END,        // of the text
    TK_WORD,       // identifier or keyword
    TK_QUOTED,     // `identifier`
    TK_STRING,     // '...' or "..."
    TK_RAW_STRING, // r'...'
    TK_INTEGER,
    TK_DECIMAL,    // 1.5
    TK_EXPONENT,   // 1e5
    TK_BIGINT,     // 5L
    TK_SMALLINT,   // 5S
    TK_TINYINT,    // 5Y
    TK_FLOAT,      // 5F
    TK_DOUBLE,     // 5D
    TK_BIGDECIMAL, // 5BD
    TK_EQ,
    TK_NSEQ, // <=>
    TK_NEQ,
    TK_LT,
    TK_LTE,
    TK_GT,
    TK_GTE,
    TK_SHIFT_LEFT,
    TK_SHIFT_RIGHT,
    TK_SHIFT_RIGHT_UNSIGNED,
    TK_PLUS,
    TK_MINUS,
    TK_STAR,
    TK_SLASH,
    TK_PERCENT,
    TK_TILDE,
    TK_AMPERSAND,
    TK_PIPE,
    TK_CONCAT,  // ||
    TK_ADVANCE, // |>
    TK_HAT,
    TK_BANG,
    TK_QUESTION,
    TK_COLON,
    TK_CAST,      // ::
    TK_ARROW,     // ->
    TK_FAT_ARROW, // =>
    TK_SEMICOLON,
    TK_COMMA,
    TK_DOT,
    TK_LPAREN,
    TK_RPAREN,
    TK_LBRACKET,
    TK_RBRACKET,
    TK_HINT_START,
    TK_HINT_END,
    TK_BAD,
    TK_UNCLOSED_COMMENT,
} TokenKind;
typedef struct Token {
    TokenKind kind;
    Keyword kw;           // of a TK_WORD
    Str text;             // in the source, quotes and suffix included
    int32_t line, column; // from 1 and 0, in characters
    int32_t match;        // TK_LPAREN: index of its TK_RPAREN, or of the end when there is none
} Token;
enum { LOOK_AHEAD = 8 };
typedef struct Tokens {
    Token *v; // ended by LOOK_AHEAD times TK_END
    int64_t n, cap;
} Tokens;

void lex(Tokens *to, Arena *a, Str text);
Str keyword_text(Keyword kw);
Keyword keyword_of(Str word);
Str keyword_nearest(Str word); // empty when none is near
// What a quoted token says: escapes of strings resolved, doubled quotes halved.
Str token_value(Arena *a, const Token *t);
#endif
