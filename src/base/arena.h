// arena.h -- memory by lifetimes. An arena hands out zeroed memory and frees it all at once; arenas
// form a tree (process, session, query, epoch, scratch) and a child dies with its parent.
//
// A parameter `Arena *a` means that the result lives in a; no arena parameter means that the call
// keeps nothing. Out of memory is a crash, and a crash is a replay, so nothing here can fail.
// An arena belongs to one thread at a time.
#include "base/base.h" // before the guard: base.h includes this file where it belongs
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

Arena *arena_new(Arena *parent);     // parent may be NULL
void arena_free(Arena *a);           // runs the disposers, newest first; leaves the parent's list
void arena_clear(Arena *a);          // as if new, but keeps a chunk for reuse; disposers run
int64_t arena_bytes(const Arena *a); // held from the system, children not counted

// Zeroed memory for count things of size bytes. Under ASan each is a malloc of its own.
void *arena_alloc(Arena *a, int64_t size, int64_t align, int64_t count);
// The same without the zeroing, for buffers that are written at once.
void *arena_alloc_raw(Arena *a, int64_t size, int64_t align, int64_t count);
// Grows the newest piece in place when it can, else copies. old may be NULL.
void *arena_grow(Arena *a, void *old, int64_t old_bytes, int64_t new_bytes, int64_t align);
// What an arena cannot free (file, socket, foreign handle) is registered before the first thing
// that can fail: fn(arg) runs when the arena ends.
void arena_defer(Arena *a, void (*fn)(void *), void *arg);

#define NEW(a, T, n)     ((T *)arena_alloc((a), (int64_t)sizeof(T), (int64_t) _Alignof(T), (n)))
#define NEW_RAW(a, T, n) ((T *)arena_alloc_raw((a), (int64_t)sizeof(T), (int64_t) _Alignof(T), (n)))

// A growing array in an arena: `VEC(Field) fields = {0}; vec_push(a, &fields, f);`
#define VEC(T)                                                                                     \
    struct {                                                                                       \
        T *v;                                                                                      \
        int64_t n, cap;                                                                            \
    }
#define vec_push(a, vec, item)                                                                     \
    do {                                                                                           \
        if ((vec)->n == (vec)->cap) {                                                              \
            int64_t cap_ = (vec)->cap ? (vec)->cap * 2 : 8;                                        \
            int64_t unit_ = (int64_t)sizeof(__typeof__(*(vec)->v));                                \
            (vec)->v =                                                                             \
                arena_grow((a), (vec)->v, (vec)->n * unit_, cap_ * unit_, _Alignof(max_align_t));  \
            (vec)->cap = cap_;                                                                     \
        }                                                                                          \
        (vec)->v[(vec)->n++] = (item);                                                             \
    } while (0)
#endif
