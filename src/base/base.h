// base.h -- the words every other folder is written in: assertions, sizes, time, and the four types
// that stand in nearly every signature (Str, Arena, Status, Micros). Including it is enough.
#ifndef BASE_BASE_H
#define BASE_BASE_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(MUST_USE)
#elif defined(__clang__)
#define MUST_USE __attribute__((warn_unused_result)) // clang 14: on the type, in C17
#else
#define MUST_USE [[nodiscard]] // gcc 12: the same, silent unless -Wpedantic
#endif
#define PRINTF(f, a)              __attribute__((format(printf, f, a)))
#define LIKELY(x)                 __builtin_expect(!!(x), 1)
#define UNLIKELY(x)               __builtin_expect(!!(x), 0)
#define COUNT(array)              ((int64_t)(sizeof(array) / sizeof((array)[0])))
#define CONTAINER(ptr, T, member) ((T *)(void *)((char *)(ptr)-offsetof(T, member)))
#define MIN(a, b)                 ((a) < (b) ? (a) : (b))
#define MAX(a, b)                 ((a) > (b) ? (a) : (b))

// must states what only a mistake of ours can break. It is on in release builds too: a stop is
// recoverable, a wrong commit is not. No input may reach it; fuzzers count one as a crash.
#define must(cond) (LIKELY(cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))
_Noreturn void must_failed(const char *what, const char *file, int line);

typedef int64_t Micros;  // microseconds since 1970-01-01T00:00:00Z, or a length of time
typedef __int128 Int128; // unscaled value of a decimal
typedef unsigned __int128 Uint128;

typedef struct Arena Arena; // memory by lifetimes (base/arena.h)

#include "base/arena.h"
#include "base/str.h"
// str before status, which speaks of it
#include "base/status.h"
#endif
