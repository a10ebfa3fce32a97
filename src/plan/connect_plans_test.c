// connect_plans_test.c -- plans that the real PySpark client made (test/connect/make_plans.py), and
// the schemas or error conditions that real Spark gave them.
#include "base/test.h"
#include "os/file.h"
#include "plan/connect.h"
#include "plan/fixture_in.h"

static const Str kept = STR_INIT("test/connect/plans.txt");

// What kappa refuses by name, whatever Spark answers.
static const Str refused[] = {STR_INIT("udf"), STR_INIT("crosstab"), STR_INIT("transpose")};

static bool is_refused(Str name)
{
    for (int32_t i = 0; i < COUNT(refused); i++)
        if (str_eq(refused[i], name)) return true;
    return false;
}

static int32_t digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

static Str unhex(Arena *a, Str hex)
{
    Buf b = buf_new(a);
    for (int64_t i = 0; i + 1 < hex.n; i += 2)
        buf_char(&b, (char)(digit(hex.p[i]) << 4 | digit(hex.p[i + 1])));
    return buf_str(&b);
}

static Str answer_of(Session *s, Arena *a, Str bytes)
{
    ConnectEnv env = {.session = s};
    ConnectPlan p;
    Status st = connect_plan(&p, &env, a, bytes);
    if (st.code == OK) st = analyse(s, a, &p.rel);
    if (st.code == OK) return type_name_str(a, rel_schema(a, p.rel));
    const Condition *c = condition_of(failure()->cond);
    return failure()->cond ? c->name : str_copy(a, failure()->text);
}

TEST(connect_plans_of_the_client)
{
    Str text;
    CHECK_OK(file_load(&text, a, kept, 16 << 20));
    while (text.n) {
        Cut line = str_cut(text, '\n');
        text = line.tail;
        if (!line.head.n || line.head.p[0] == '#') continue;
        Cut name = str_cut(line.head, '\t'), want = str_cut(name.tail, '\t');
        if (is_refused(name.head)) want.head = S("UNSUPPORTED_FEATURE");
        Str got = answer_of(fixture_session(a), a, unhex(a, want.tail));
        test_check(str_eq(got, want.head), __FILE__, __LINE__,
                   STR_FMT ":\n   got " STR_FMT "\n  want " STR_FMT, STR_ARG(name.head),
                   STR_ARG(got), STR_ARG(want.head));
    }
}
