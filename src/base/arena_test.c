#include "base/arena.h"
#include "base/test.h"

TEST(arena_aligns)
{
    static const int64_t aligns[] = {1, 2, 4, 8, 16, 32, 64};
    for (int64_t round = 0; round < 50; round++)
        for (int64_t i = 0; i < COUNT(aligns); i++) {
            arena_alloc_raw(a, 1, 1, round % 7 + 1); // pushes the end anywhere
            uintptr_t p = (uintptr_t)arena_alloc(a, aligns[i], aligns[i], round);
            if (p % (uintptr_t)aligns[i]) CHECK_I64(p % (uintptr_t)aligns[i], 0);
        }
    CHECK(arena_alloc(a, 8, 8, 0) != NULL);
}

// Fills to n with a pattern of its own and grows step by step, with others allocating in between.
static void grow_between(Arena *a, bool others)
{
    int64_t n = 0;
    uint8_t *p = NULL, *other = NULL;
    for (int64_t step = 1; n < 300000; step = step * 3 / 2 + 1) {
        p = arena_grow(a, p, n, n + step, 1);
        for (int64_t i = n; i < n + step; i++) p[i] = (uint8_t)(i * 7);
        n += step;
        if (others) other = arena_alloc(a, 1, 1, 10);
        if (other) memset(other, 0xee, 10);
    }
    int64_t wrong = 0;
    for (int64_t i = 0; i < n; i++) wrong += p[i] != (uint8_t)(i * 7);
    CHECK_I64(wrong, 0);
}
TEST(arena_grow_keeps_what_was_there)
{
    grow_between(a, false);
    grow_between(a, true);
    char *p = arena_grow(a, NULL, 0, 10, 1);
    CHECK(arena_grow(a, p, 10, 10, 1) != NULL); // by nothing
}

TEST(arena_grow_in_place_is_cheap)
{
    Arena *b = arena_new(a);
    char *p = NULL;
    for (int64_t n = 0; n < 100000; n++) p = arena_grow(b, p, n, n + 1, 1);
    // Copying each time would hold 5 GB.
    CHECK(p != NULL && (arena_bytes(b) < 8 << 20 || arena_bytes(b) > INT64_C(1) << 30));
}

TEST(arena_clear_reuses)
{
    Arena *b = arena_new(a);
    int64_t most = 0;
    for (int32_t i = 0; i < 100; i++) {
        memset(NEW(b, char, 50000), i, 50000);
        memset(NEW(b, char, 3 << 20), i, 3 << 20);
        most = MAX(most, arena_bytes(b));
        arena_clear(b);
        CHECK(arena_bytes(b) <= most);
    }
    CHECK(most < 20 << 20);
    memset(NEW_RAW(b, char, 32 << 20), 1, 32 << 20);
    arena_clear(b);
    CHECK(arena_bytes(b) < 8 << 20); // one big piece is not kept for ever
}

static void note(void *arg)
{
    char **at = arg;
    *(*at)++ = 'x';
}
typedef struct Again {
    Arena *a;
    char **at;
} Again;
static void note_and_defer(void *arg)
{
    Again *again = arg;
    *(*again->at)++ = 'y';
    arena_defer(again->a, note, again->at); // while the arena ends
}
TEST(disposers_run_newest_first_and_may_add)
{
    char order[8] = {0}, *at = order;
    Arena *b = arena_new(a), *first = arena_new(b), *middle = arena_new(b), *last = arena_new(b);
    arena_defer(b, note, (void *)&at);
    Again again = {b, &at};
    arena_defer(b, note_and_defer, &again);
    arena_defer(middle, note, (void *)&at);
    arena_free(middle); // between two
    CHECK_STR(str_z(order), S("x"));
    arena_defer(first, note, (void *)&at);
    arena_defer(last, note, (void *)&at);
    arena_free(b);
    CHECK_STR(str_z(order), S("xxxyxx")); // children, then its own: y, what y added, x
}
