// str.h -- Str, a view of bytes: never terminated, owned by nobody, valid as long as what it points
// into. All strings inside kappa are Str; C strings exist only at the system's doors.
#include "base/base.h" // before the guard: base.h includes this file where it belongs
#ifndef BASE_STR_H
#define BASE_STR_H

typedef struct Str {
    const char *p;
    int64_t n;
} Str;
typedef struct Cut {
    Str head, tail;
    bool ok; // the separator was there; else head is the whole and tail is empty
} Cut;

#define S(lit) ((Str){(lit), (int64_t)sizeof(lit) - 1})
#define STR_INIT(lit)                                                                              \
    {                                                                                              \
        (lit), (int64_t)sizeof(lit) - 1                                                            \
    } // for static tables
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).n ? (s).p : ""

static inline Str str_of(const char *p, int64_t n) { return (Str){p, n}; }
static inline bool str_eq(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || !memcmp(a.p, b.p, (size_t)a.n));
}
Str str_z(const char *z);   // of a C string; NULL gives the empty string
int str_cmp(Str a, Str b);  // by unsigned bytes, then by length: Spark's UTF8_BINARY
bool str_ieq(Str a, Str b); // ASCII letters of either case are equal
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
int64_t str_find(Str s, Str what); // byte index of the first, -1 when absent
int64_t str_find_char(Str s, char c);
int64_t str_rfind_char(Str s, char c);
static inline Str str_from(Str s, int64_t at) { return (Str){s.p + at, s.n - at}; } // s[at..]
static inline Str str_sub(Str s, int64_t at, int64_t n) { return (Str){s.p + at, n}; }
Cut str_cut(Str s, char at);
Str str_trim(Str s);             // drops ASCII white space at both ends
Str str_copy(Arena *a, Str s);   // followed by a NUL that is not counted
char *str_to_z(Arena *a, Str s); // for the system's doors
Str str_cat(Arena *a, Str x, Str y);
Str str_lower(Arena *a, Str s); // ASCII only
Str str_upper(Arena *a, Str s); // ASCII only
Str str_fmt(Arena *a, const char *fmt, ...) PRINTF(2, 3);
int64_t utf8_count(Str s);    // code points; a broken byte counts as one
int64_t utf8_valid_to(Str s); // bytes that are well-formed UTF-8 from the start
int64_t utf8_encode(char out[4], uint32_t cp);

// The first 16 bytes of s, with zeros after its end: what short strings are hashed and compared by.
// It reads past the end of s within a page, which no hardware minds and sanitizers do.
typedef struct StrHead {
    uint64_t word[2];
} StrHead;
static inline StrHead str_head(Str s)
{
    StrHead h = {{0, 0}};
#if defined(__SSE4_1__) && !defined(SANITIZED) && !defined(__SANITIZE_THREAD__)
    static const uint64_t keep[4] = {~UINT64_C(0), ~UINT64_C(0), 0, 0};
    if (LIKELY(((uintptr_t)s.p & 4095) - 1 < 4096 - 16)) { // not so for NULL
        uint64_t mask[2];
        memcpy(&h, s.p, sizeof h);
        memcpy(mask, (const char *)keep + (s.n < 16 ? 16 - s.n : 0), sizeof mask);
        return (StrHead){{h.word[0] & mask[0], h.word[1] & mask[1]}};
    }
#endif
    if (s.n) memcpy(&h, s.p, (size_t)(s.n < 16 ? s.n : 16));
    return h;
}

// The entry of names nearest to name by edit distance, or an empty Str when none is near enough to
// be a likely slip. Names are compared without regard to ASCII case.
Str str_nearest(Str name, const Str *names, int64_t n);
#endif
