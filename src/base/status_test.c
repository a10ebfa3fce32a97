#include "base/status.h"
#include "base/test.h"

TEST(every_condition_is_whole)
{
    for (int32_t i = COND_NONE + 1; i < COND_COUNT; i++) {
        const Condition *c = condition_of((CondId)i);
        int64_t state = str_starts(c->name, S("_LEGACY_")) ? 0 : 5; // as Spark has it
        bool whole = c->name.n && c->sqlstate.n == state && c->code != OK && c->text[0];
        test_check(whole, __FILE__, __LINE__, "condition '" STR_FMT "' lacks a part",
                   STR_ARG(c->name));
        int64_t open = 0; // each parameter that opens is closed
        for (const char *p = c->text; *p; p++) open += (*p == '<') - (*p == '>');
        test_check(open == 0, __FILE__, __LINE__, STR_FMT ": %s", STR_ARG(c->name), c->text);
    }
}

TEST(every_code_has_a_name)
{
    static const Code codes[] = {OK,     ERR_INVALID, ERR_NOT_FOUND,   ERR_CONFLICT, ERR_CORRUPT,
                                 ERR_IO, ERR_LIMIT,   ERR_UNSUPPORTED, ERR_CANCELLED};
    for (int64_t i = 0; i < COUNT(codes); i++)
        for (int64_t j = 0; j < i; j++)
            CHECK(strcmp(code_name(codes[i]), code_name(codes[j])) != 0);
}

TEST(a_failure_may_be_made_of_the_last_one)
{
    CHECK_FAILS(fail(ERR_IO, "first"), ERR_IO);
    CHECK_FAILS(fail(ERR_LIMIT, "second after %s", fail_text()), ERR_LIMIT);
    CHECK_STR(failure()->text, S("second after first"));
    CHECK_FAILS(fail_in((Status){ERR_LIMIT}, "in %s", fail_text()), ERR_LIMIT);
    CHECK_STR(failure()->text, S("in second after first: second after first"));
    CHECK_OK(fail_in(DONE, "not said"));
    CHECK_OK(fail_at(DONE, &(Origin){1, 2, S("x"), {0}}));
    CHECK_I64(failure()->line, 0);
    // Two parameters change places.
    CHECK_FAILS(RAISE(TABLE_OR_VIEW_NOT_FOUND, P("a", S("one")), P("b", S("second"))),
                ERR_NOT_FOUND);
    Status s = RAISE(TABLE_OR_VIEW_NOT_FOUND, P("a", failure()->param[1].value),
                     P("b", failure()->param[0].value));
    CHECK_FAILS(s, ERR_NOT_FOUND);
    CHECK_STR(failure()->param[0].value, S("second"));
    CHECK_STR(failure()->param[1].value, S("one"));
}

TEST(a_failure_outlives_the_copy_that_it_came_from)
{
    Arena *b = arena_new(a);
    CHECK_FAILS(RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", S("t"))), ERR_NOT_FOUND);
    Failure *kept = failure_copy(b, failure());
    CHECK_FAILS(fail(ERR_IO, "other"), ERR_IO);
    Status s = failure_again(kept);
    arena_free(b);
    CHECK_FAILS(s, ERR_NOT_FOUND);
    CHECK_STR(failure()->param[0].name, S("relationName"));
    CHECK_STR(failure()->param[0].value, S("t"));
    CHECK_I64(failure()->nparams, 1);
}

TEST(texts_and_parameters_have_an_end)
{
    Str text = str_fmt(a, "%05000d", 1);
    CHECK_FAILS(fail(ERR_IO, STR_FMT, STR_ARG(text)), ERR_IO);
    CHECK(failure()->text.n > 1000 && failure()->text.n < text.n);
    CHECK_I64(strlen(fail_text()), failure()->text.n);
    CHECK_FAILS(fail_in((Status){ERR_IO}, "%s", text.p), ERR_IO);
    CHECK_I64(strlen(fail_text()), failure()->text.n);
    Status s = RAISE(TABLE_OR_VIEW_NOT_FOUND, P("relationName", text), P("more", text));
    CHECK_FAILS(fail_at(s, &(Origin){1, 2, text, {0}}), ERR_NOT_FOUND);
    CHECK(failure()->param[0].value.n + failure()->param[1].value.n <= 4096);
    CHECK(failure()->fragment.n <= 512 && failure()->line == 1);
    CHECK_FAILS(fail_at(s, &(Origin){9, 9, S("y"), {0}}), ERR_NOT_FOUND); // the first place stays
    CHECK_I64(failure()->line, 1);
}

// The expectations are what Spark's SQLQueryContext.summary and DataFrameQueryContext.summary give.
TEST(places_are_shown_with_carets)
{
    Str dots = S("SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, x / 0, "
                 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb FROM t");
    const struct {
        Str all, text;
        int32_t line, column, start;
        const char *shown;
    } row[] = {
        {S("SELECT 1,\n x / 0, 2"), S("x / 0"), 2, 1, 11, " x / 0, 2\n ^^^^^\n"},
        {S("SELECT '\xC3\xA4', x"), S("x"), 1, 12, 12, "SELECT '\xC3\xA4', x\n            ^\n"},
        {S("SELECT (1 +\n x) AS y"), S("(1 +\n x)"), 1, 7, 7,
         "SELECT (1 +\n       ^^^^\n x) AS y\n^^^\n"},
        {dots, S("x / 0"), 1, 49, 49,
         "...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, x / 0, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...\n"
         "                                   ^^^^^\n"},
        {S("x"), S("y"), 3, 4, 1, "y\n^\n"}, // a place that the text has not
        {S(""), S("y"), 1, 0, 0, "y\n^\n"},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Origin at = {row[i].line, row[i].column, row[i].text, row[i].all};
        CHECK_FAILS(fail_at(fail(ERR_INVALID, "x"), &at), ERR_INVALID);
        Str want = str_fmt(a, "== SQL (line %d, position %d) ==\n%s", at.line, at.column + 1,
                           row[i].shown);
        CHECK_STR(failure_context(a, failure()), want);
        CHECK_I64(failure()->start, row[i].start);
        Failure *kept = failure_copy(a, failure());
        CHECK_FAILS(fail(ERR_IO, "another"), ERR_IO);
        CHECK_STR(failure_context(a, failure()), S(""));
        CHECK_FAILS(failure_again(kept), ERR_INVALID);
        CHECK_STR(failure_context(a, failure()), want);
    }
    Origin call = {.text = S("__truediv__"), .all = S("/a/job.py:7")};
    CHECK_FAILS(fail_at(fail(ERR_INVALID, "x"), &call), ERR_INVALID);
    CHECK_STR(failure_context(a, failure()),
              S("== DataFrame ==\n\"__truediv__\" was called from\n/a/job.py:7\n"));
}
