// test.h -- the unit harness: tests register themselves, checks print both values, and a test that
// checked nothing fails. `unit [-v] [name part]` runs those whose name holds the part.
#ifndef BASE_TEST_H
#define BASE_TEST_H
#include "base/base.h"

typedef struct Test {
    const char *name, *file;
    void (*run)(Arena *a); // a lives for this test
    struct Test *next;
} Test;
void test_add(Test *t);
void test_check(bool ok, const char *file, int line, const char *fmt, ...) PRINTF(4, 5);
void test_check_str(Str got, Str want, const char *file, int line, const char *what);
void test_check_f64(double got, double want, const char *file, int line, const char *what);
void test_check_status(Status got, Code want, const char *file, int line, const char *what);
bool test_skip(const char *why); // says that this test cannot run here; counts as a check; true
bool test_skip_foreign_threads(void); // under TSan: tests through librdkafka

#define TEST(fn)                                                                                   \
    static void fn(Arena *a);                                                                      \
    static Test fn##_entry = {#fn, __FILE__, fn, NULL};                                            \
    __attribute__((constructor)) static void fn##_add(void) { test_add(&fn##_entry); }             \
    static void fn(__attribute__((unused)) Arena *a)
#define CHECK(cond) test_check((cond), __FILE__, __LINE__, "%s", #cond)
#define CHECK_I64(got, want)                                                                       \
    do {                                                                                           \
        int64_t g_ = (int64_t)(got), w_ = (int64_t)(want);                                         \
        test_check(g_ == w_, __FILE__, __LINE__, "%s: got %lld, want %lld", #got, (long long)g_,   \
                   (long long)w_);                                                                 \
    } while (0)
#define CHECK_F64(got, want)     test_check_f64((got), (want), __FILE__, __LINE__, #got)
#define CHECK_STR(got, want)     test_check_str((got), (want), __FILE__, __LINE__, #got)
#define CHECK_OK(expr)           test_check_status((expr), OK, __FILE__, __LINE__, #expr)
#define CHECK_FAILS(expr, code_) test_check_status((expr), (code_), __FILE__, __LINE__, #expr)
#endif
