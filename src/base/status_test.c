#include "base/status.h"
#include "base/test.h"

TEST(every_condition_is_whole)
{
    for (int32_t i = COND_NONE + 1; i < COND_COUNT; i++) {
        const Condition *c = condition_of((CondId)i);
        bool whole = c->name.n && c->sqlstate.n == 5 && c->code != OK && c->text[0];
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
    CHECK_OK(fail_at(DONE, 1, 2, S("x")));
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
    CHECK_FAILS(fail_at(s, 1, 2, text), ERR_NOT_FOUND);
    CHECK(failure()->param[0].value.n + failure()->param[1].value.n <= 4096);
    CHECK(failure()->fragment.n <= 512 && failure()->line == 1);
    CHECK_FAILS(fail_at(s, 9, 9, S("y")), ERR_NOT_FOUND); // the first place stays
    CHECK_I64(failure()->line, 1);
}
