// test.c -- runs the registered tests, in order of file and name.
#include "base/test.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static Test *tests;
static int64_t checks, bad;

void test_add(Test *t)
{
    t->next = tests;
    tests = t;
}

void test_check(bool ok, const char *file, int line, const char *fmt, ...)
{
    __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED); // threads check too
    if (ok) return;
    __atomic_add_fetch(&bad, 1, __ATOMIC_RELAXED);
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

void test_check_str(Str got, Str want, const char *file, int line, const char *what)
{
    test_check(str_eq(got, want), file, line, "%s: got '" STR_FMT "', want '" STR_FMT "'", what,
               STR_ARG(got), STR_ARG(want));
}

void test_check_f64(double got, double want, const char *file, int line, const char *what)
{
    bool same = got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= 1e-9 * fabs(want);
    test_check(same, file, line, "%s: got %.17g, want %.17g", what, got, want);
}

void test_check_status(Status got, Code want, const char *file, int line, const char *what)
{
    test_check(got.code == want, file, line, "%s: got %s (%s), want %s", what, code_name(got.code),
               got.code ? fail_text() : "", code_name(want));
}

bool test_skip(const char *why)
{
    checks++;
    printf("skipped: %s\n", why);
    return true;
}

bool test_skip_foreign_threads(void)
{
#ifdef __SANITIZE_THREAD__
    return test_skip("TSan does not know threads that a library starts by thrd_create");
#else
    return false;
#endif
}

static int by_place(const void *x, const void *y)
{
    const Test *const *a = x, *const *b = y;
    int c = strcmp((*a)->file, (*b)->file);
    return c ? c : strcmp((*a)->name, (*b)->name);
}

static void run(const Test *t, bool verbose)
{
    int64_t before = checks;
    if (verbose) printf("%s %s\n", t->file, t->name);
    fflush(stdout);
    Arena *a = arena_new(NULL);
    t->run(a);
    arena_free(a);
    if (checks == before) test_check(false, t->file, 0, "%s: checks nothing", t->name);
}

int main(int argc, char **argv)
{
    bool verbose = argc > 1 && !strcmp(argv[1], "-v");
    const char *part = argc > 1 + verbose ? argv[1 + verbose] : "";
    int64_t n = 0, ran = 0;
    for (Test *t = tests; t; t = t->next) n++;
    Arena *all = arena_new(NULL);
    Test **order = NEW(all, Test *, MAX(n, 1));
    n = 0;
    for (Test *t = tests; t; t = t->next) order[n++] = t;
    qsort(order, (size_t)n, sizeof(Test *), by_place);
    for (int64_t i = 0; i < n; i++)
        if (strstr(order[i]->name, part) || strstr(order[i]->file, part)) {
            ran++;
            run(order[i], verbose);
        }
    arena_free(all);
    if (ran == 0) bad++, fprintf(stderr, "no test is named so\n");
    printf("%lld tests, %lld checks, %lld bad\n", (long long)ran, (long long)checks,
           (long long)bad);
    return bad != 0;
}
