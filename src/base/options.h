// options.h -- options as rows of a table: key, type, where it goes, default, bounds, help. Strings
// stop here: inside, options are a struct. Keys are compared without regard to case, as in Spark.
//
// An unknown key is a warning with the nearest known one (Spark ignores it); a wrong value is an
// error; an option that Spark obeys and kappa does not (OPT_UNBUILT) is ERR_UNSUPPORTED.
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H
#include "base/base.h"
#include "base/buf.h"

typedef enum OptType {
    OPT_STR,      // Str
    OPT_BOOL,     // bool
    OPT_I64,      // int64_t within min..max
    OPT_BYTES,    // int64_t; 10, 10k, 10m, 10g
    OPT_DURATION, // Micros; "10 seconds", "1 minute 30 seconds", "interval 2 hours", "500ms"
    OPT_CHOICE,   // int32_t, the index in `choices`
    OPT_UNBUILT,  // Spark has it, kappa does not yet
} OptType;
typedef struct OptSpec {
    Str key;
    OptType type;
    size_t at;           // offset of the field in the struct
    Str dflt;            // as text; an empty one leaves the field as it is
    const char *help;    // one line, for `kappa docs options`
    int64_t min, max;    // OPT_I64; max 0 means no upper bound
    const char *choices; // OPT_CHOICE: "append|update|complete"
} OptSpec;
typedef struct Option {
    Str key, value;
} Option;
typedef struct Options { // as the user wrote them, in order
    Option *v;
    int64_t n, cap;
} Options;

// Fills `into` from the defaults, then from opts. Warnings are lines appended to `warn` (may be
// NULL). Keys that `ignore` accepts (may be NULL) are somebody else's and pass in silence.
Status options_parse(void *into, const OptSpec *spec, int64_t nspec, const Options *opts,
                     bool (*ignore)(Str key), Buf *warn);
const Str *options_get(const Options *opts, Str key); // the last one set, or NULL
// "2 seconds", "1 hour 30 minutes", "interval 500 milliseconds", "10 ms". Months are *months when
// not NULL, else an error; the rest is micros.
Status duration_parse(Str text, int64_t *months, Micros *micros);
#endif
