// sql_fuzz.c -- whatever the text, the parser returns; and what stands between tokens means
// nothing: the same tokens with comments between them parse to the same trees, or fail under the
// same condition.
#include "plan/lexer_in.h"
#include "plan/print_in.h"
#include "plan/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static Str spread(Arena *a, const Tokens *tokens)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i < tokens->n && tokens->v[i].kind != TK_END; i++) {
        buf_put(&b, tokens->v[i].text);
        buf_put(&b, S(" /* ; */ -- '\n"));
    }
    return buf_str(&b);
}

static Str print_all(Arena *a, const Statements *st)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i < st->n; i++) {
        const Statement *s = st->v[i];
        buf_fmt(&b, "%d ", s->kind);
        names_print(&b, s->name, s->nnames, ".");
        if (s->rel) rel_print_line(&b, s->rel);
        if (s->where) expr_print(&b, s->where);
        exprs_print(&b, s->expr, s->nexprs);
        buf_char(&b, '\n');
    }
    return buf_str(&b);
}

// Texts that are taken as they stand change when they are spread.
static bool takes_text(const Tokens *tokens)
{
    for (int64_t i = 0; i < tokens->n; i++) {
        const Token *t = &tokens->v[i];
        if (t->kind == TK_BAD || t->kind == TK_UNCLOSED_COMMENT || t->kw == KW_DEFAULT) return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_new(NULL);
    Str text = str_of((const char *)data, (int64_t)n);
    Tokens tokens = {0};
    lex(&tokens, a, text);
    Statements first, second;
    Status x = parse_statements(&first, a, text);
    CondId cond = x.code ? failure()->cond : COND_NONE;
    must(!x.code || failure()->line > 0);
    must(parse_complete(text) <= text.n);
    for (int64_t i = 0; i < first.n; i++) {
        Str at = first.v[i]->at.text;
        must(at.p >= text.p && at.p + at.n <= text.p + text.n);
    }
    if (!takes_text(&tokens)) {
        Status y = parse_statements(&second, a, spread(a, &tokens));
        must(x.code == y.code && (!y.code || failure()->cond == cond));
        must(str_eq(print_all(a, &first), print_all(a, &second)));
    }
    arena_free(a);
    return 0;
}
