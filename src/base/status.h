// status.h -- how anything that can fail says so. A Status is passed up or decided on, never
// dropped.
//
// Callers act on the Code (retry? tell the user? stop?); people read the text. What Spark has a
// name for is raised by that name (base/conditions.def), with its parameters, so that every door
// can answer as Spark does. The details of a failure are this thread's until its next failure.
#include "base/base.h" // before the guard: base.h includes this file where it belongs
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

typedef enum Code {
    OK = 0,
    ERR_INVALID,     // the user's: a text, option or value that cannot be
    ERR_NOT_FOUND,   // the user's: a name that does not exist
    ERR_CONFLICT,    // somebody else was there first
    ERR_CORRUPT,     // bytes that break their format
    ERR_IO,          // the world's: a system call failed
    ERR_LIMIT,       // a budget is used up
    ERR_UNSUPPORTED, // Spark has it, kappa has not (yet)
    ERR_CANCELLED,   // somebody asked to stop
} Code;
typedef struct MUST_USE Status {
    Code code;
} Status;

#define DONE ((Status){OK})
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        Status try_ = (expr);                                                                      \
        if (UNLIKELY(try_.code)) return try_;                                                      \
    } while (0)

typedef enum CondId {
    COND_NONE = 0,
#define COND(id, name, sqlstate, code, text) COND_##id,
#include "base/conditions.def"
#undef COND
    COND_COUNT
} CondId;
typedef struct Condition {
    Str name; // Spark's error condition, e.g. UNRESOLVED_COLUMN.WITH_SUGGESTION
    Str sqlstate;
    Code code;
    const char *text; // our wording, <parameter> replaced when raised
} Condition;
const Condition *condition_of(CondId id);

typedef struct Param { // a parameter of a condition, under Spark's name for it
    Str name, value;
} Param;
enum { FAILURE_PARAMS_MAX = 10 };
typedef struct Origin {   // where the user wrote it; all zero when nobody knows
    int32_t line, column; // in SQL text, from 1 and 0 as Spark counts; line 0: it is not SQL
    Str text;             // the piece of SQL; or the DataFrame's method: "__truediv__"
    Str all;              // the SQL text it is of; or where that was called: "/home/me/job.py:7"
} Origin;
static inline bool origin_known(const Origin *at) { return at->line || at->all.n; }
typedef struct Failure {
    Code code;
    CondId cond; // COND_NONE for what Spark has no name for
    Str text;    // one line
    Param param[FAILURE_PARAMS_MAX];
    int32_t nparams;
    // Where, when that is known. In SQL: line and column as in Origin, the number of the fragment's
    // first character in the text. Line 0 and a fragment: a DataFrame's method.
    int32_t line, column, start;
    Str fragment; // cut where it is very long
    Str beside;   // the lines that it stands in, cut; or where the method was called
    int32_t lead; // characters of `beside` before the fragment
} Failure;

// Writes this thread's failure and returns its code.
Status fail(Code code, const char *fmt, ...) PRINTF(2, 3);
// Raises a condition by Spark's name; its text is made from the table and the parameters.
Status raise_cond(CondId id, const Param *param, int32_t nparams);
#define RAISE(id, ...)      RAISE_PARAMS(COND_##id, ((Param[]){{{0}, {0}}, __VA_ARGS__}))
#define RAISE_PARAMS(id, p) raise_cond((id), (p) + 1, (int32_t)(sizeof(p) / sizeof(Param)) - 1)
#define P(n, v)                                                                                    \
    {                                                                                              \
        {(n), (int64_t)sizeof(n) - 1}, (v)                                                         \
    } // a parameter: P("objectName", name)

const char *fail_text(void);  // of this thread's newest failure
const Failure *failure(void); // the same with its parts
// Says where this thread's failure lies, unless it says so already. Returns s.
Status fail_at(Status s, const Origin *at);
// The place for people, as Spark shows it: the lines of SQL with carets below what is wrong, or the
// call of the DataFrame's method. Empty when the failure has no place.
Str failure_context(Arena *a, const Failure *f);
// Puts "what: " before the text of this thread's failure. Returns s.
Status fail_in(Status s, const char *fmt, ...) PRINTF(2, 3);
// Carries a failure to another thread or past the next one: a copy in a, and the way back.
Failure *failure_copy(Arena *a, const Failure *f);
Status failure_again(const Failure *f);
const char *code_name(Code code);
#endif
