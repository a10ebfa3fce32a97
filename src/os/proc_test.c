// Processes start processes here: where a test needs one that dies or is interrupted, it runs this
// very binary again with the name of a test whose body looks at the environment.
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/proc.h"
#include "os/thread.h"

static int run(Arena *a, const Str *argv, int32_t argc, Str env)
{
    Child *c;
    int code = -1;
    CHECK_OK(child_start(&c, a, argv, argc, &env, env.n ? 1 : 0));
    CHECK_OK(child_wait(c, &code));
    return code;
}
static int shell(Arena *a, const char *line, Str env)
{
    Str argv[] = {S("sh"), S("-c"), str_z(line)};
    return run(a, argv, 3, env);
}
static Child *start_self(Arena *a, Str test, Str env)
{
    Child *c = NULL;
    Str self;
    CHECK_OK(path_absolute(&self, a, S("/proc/self/exe")));
    Str argv[] = {S("sh"), S("-c"), S("exec \"$0\" \"$1\" >/dev/null"), self, test};
    CHECK_OK(child_start(&c, a, argv, COUNT(argv), &env, 1));
    return c;
}
static int run_self(Arena *a, Str test, Str env)
{
    int code = -1;
    CHECK_OK(child_wait(start_self(a, test, env), &code));
    return code;
}

TEST(children_give_their_code)
{
    CHECK_I64(shell(a, "exit 7", S("")), 7);
    CHECK_I64(shell(a, "kill -TERM $$", S("")), 128 + 15);
    CHECK_I64(shell(a, "test \"$KAPPA_X\" = y", S("KAPPA_X=y")), 0);
    CHECK_I64(shell(a, "test -n \"$PATH\"", S("KAPPA_X=y")), 0);
    CHECK_I64(shell(a, "test \"$PATH\" = /bin", S("PATH=/bin")), 0);
    Child *c;
    Str argv[] = {S("no-such-program-anywhere"), S("x")};
    CHECK_FAILS(child_start(&c, a, argv, 2, NULL, 0), ERR_NOT_FOUND);
    CHECK(str_find(str_z(fail_text()), argv[0]) > 0);
}

TEST(children_end_with_their_arena)
{
    Arena *b = arena_new(a);
    Child *c;
    Str argv[] = {S("sleep"), S("600")};
    int code = -1;
    CHECK_OK(child_start(&c, b, argv, 2, NULL, 0));
    Str proc = str_fmt(a, "/proc/%d", (int)child_id(c));
    CHECK(path_exists(proc) && !child_ended(c, &code));
    arena_free(b);
    CHECK(!path_exists(proc));
    CHECK_OK(child_start(&c, a, argv, 2, NULL, 0));
    child_kill(c);
    CHECK_OK(child_wait(c, &code));
    CHECK_I64(code, 128 + 15);
    child_kill(c); // nobody: harmless
    CHECK(child_ended(c, &code) && code == 128 + 15);
}

TEST(environment_and_memory)
{
    CHECK(env_get(a, "PATH").n > 0 && env_get(a, "KAPPA_NO_SUCH_THING").n == 0);
    int64_t anon = proc_rss_anon_bytes(), all = proc_rss_bytes(), size = 64 << 20;
    CHECK(anon > 0 && all > anon);
    memset(NEW_RAW(a, char, size), 1, (size_t)size);
    CHECK(proc_rss_bytes() - all > size / 2 && proc_rss_anon_bytes() - anon > size / 2);
    CHECK(tty_columns(-1) == 80 && !tty_is(-1));
}

// Run again with KAPPA_CRASH_AT, this dies where that says.
TEST(crash_points_are_passed)
{
    Str at = env_get(a, "KAPPA_CRASH_AT");
    proc_crash_point("before");
    for (int32_t i = 0; i < 3; i++) proc_crash_point("here");
    CHECK(at.n == 0 || str_eq(at, S("here:4")) || str_eq(at, S("her")));
}
TEST(crash_points_kill)
{
    static const struct {
        Str env;
        int want;
    } row[] = {
        {STR_INIT("KAPPA_CRASH_AT=before"), 128 + 9},
        {STR_INIT("KAPPA_CRASH_AT=here:3"), 128 + 9},
        {STR_INIT("KAPPA_CRASH_AT=here:4"), 0},
        {STR_INIT("KAPPA_CRASH_AT=her"), 0},
    };
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_I64(run_self(a, S("crash_points_are_passed"), row[i].env), row[i].want);
}

static void ring(void *arg) { shared_add(arg, 1); }
static void idle(void *arg)
{
    while (!shared_get(arg)) clock_sleep(1000);
}
// Run again with KAPPA_TEST_INTERRUPT, this waits for two signals and ends well.
TEST(interrupts_are_counted)
{
    Str file = env_get(a, "KAPPA_TEST_INTERRUPT");
    if (file.n == 0) {
        CHECK_I64(proc_interrupts(), 0);
        return;
    }
    static Shared64 rung; // as long as the process
    Shared64 *over = NEW(a, Shared64, 1);
    thread_start(a, "idle", idle, over); // there before: it must not take the signal
    proc_catch_interrupts(ring, &rung);
    CHECK_OK(file_replace(file, S("ready")));
    for (int32_t i = 0; i < 2000 && shared_get(&rung) < 2; i++) clock_sleep(5000);
    CHECK(shared_get(&rung) == 2 && proc_interrupts() == 2);
    CHECK_I64(shell(a, "kill -TERM $$; exit 1", S("")), 128 + 15); // children are as usual
    shared_set(over, 1);
}
TEST(interrupts_do_not_kill)
{
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    Str ready = path_join(a, dir, S("ready"));
    Child *c =
        start_self(a, S("interrupts_are_counted"), str_cat(a, S("KAPPA_TEST_INTERRUPT="), ready));
    for (int32_t i = 0; i < 2000 && !path_exists(ready); i++) clock_sleep(5000);
    CHECK(path_exists(ready));
    Str id = str_fmt(a, "%d", (int)child_id(c));
    for (int32_t i = 0; i < 2; i++) {
        Str argv[] = {S("kill"), i ? S("-INT") : S("-TERM"), id};
        CHECK_I64(run(a, argv, 3, S("")), 0);
        clock_sleep(20000);
    }
    int code = -1;
    CHECK_OK(child_wait(c, &code));
    CHECK_I64(code, 0);
}

// Run again with KAPPA_TEST_STREAMS, this copies its input to its output, and says how that ended.
TEST(standard_streams)
{
    if (env_get(a, "KAPPA_TEST_STREAMS").n == 0) {
        CHECK_OK(out_write(1, S("")));
        CHECK_FAILS(out_write(-1, S("x")), ERR_IO);
        return;
    }
    char buf[4096];
    int64_t got = 0, all = 0;
    Status s;
    while ((s = in_read(buf, (int64_t)sizeof buf, &got)).code == OK && got) {
        all += got;
        s = out_write(1, str_of(buf, got));
        if (s.code) break;
    }
    CHECK(all > 0);
    proc_exit(s.code ? 3 : 0);
}
TEST(streams_survive_a_reader_that_leaves)
{
    Str self;
    CHECK_OK(path_absolute(&self, a, S("/proc/self/exe")));
    const char *whole = "yes | head -c 300000 | \"$0\" standard_streams | wc -c | grep -qx 300000";
    Str argv[] = {S("sh"), S("-c"), str_z(whole), self};
    CHECK_I64(run(a, argv, 4, S("KAPPA_TEST_STREAMS=1")), 0);
    // The reader takes one line and is gone; the writer says so by its code, written to a file.
    Str dir, code;
    CHECK_OK(dir_temp(&dir, a));
    Str line = str_fmt(a,
                       "{ yes | head -c 3000000 | \"$0\" standard_streams; echo $? >" STR_FMT
                       "/code; } | head -n 1 | grep -qx y",
                       STR_ARG(dir));
    argv[2] = line;
    CHECK_I64(run(a, argv, 4, S("KAPPA_TEST_STREAMS=1")), 0);
    CHECK_OK(file_load(&code, a, path_join(a, dir, S("code")), 10));
    CHECK_STR(code, S("3\n"));
}

TEST(private_files)
{
    if (env_get(a, "KAPPA_TEST_PRIVATE").n) proc_private_files();
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    CHECK_OK(file_replace(path_join(a, dir, S("f")), S("x")));
    Str argv[] = {S("sh"), S("-c"), S("stat -c %a $0 $0/f | tr '\\n' ' ' | grep -qx '700 600 '"),
                  dir};
    if (env_get(a, "KAPPA_TEST_PRIVATE").n)
        CHECK_I64(run(a, argv, 4, S("")), 0);
    else
        CHECK_I64(run_self(a, S("private_files"), S("KAPPA_TEST_PRIVATE=1")), 0);
}
