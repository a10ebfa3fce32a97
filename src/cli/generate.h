// generate.h -- made-up events for trying things out: application events, sensor readings, device
// messages, as the usual Python producers write them (json.dumps). The same seed and options give
// the same bytes.
#ifndef CLI_GENERATE_H
#define CLI_GENERATE_H
#include "base/buf.h"
#include "base/options.h"

typedef enum GenerateKind { GENERATE_EVENTS, GENERATE_SENSORS, GENERATE_DEVICES } GenerateKind;

typedef struct GenerateOptions {
    int32_t kind; // GenerateKind
    uint64_t seed;
    Micros start, step; // event time of the first, and from one to the next
    double disordered;  // share of events whose time is moved back by up to ..
    Micros disorder;    // .. this
    double late;        // share of events whose time is moved back by
    Micros late_by;     // this
    int64_t count;      // events; 0: without end
    double rate;        // a second, 0: as fast as it goes
    int32_t partitions; // of the topic, if it has to be made
    Str topic, data;    // data: folder of the log; topic empty: standard output
} GenerateOptions;

typedef struct Generator {
    GenerateOptions opt;
    uint64_t state; // of the dice
    int64_t made;
    int64_t day; // whose text is:
    char date[10];
} Generator;
Generator generator_of(const GenerateOptions *o);
// Appends the next event's JSON, without a line end; *t: its event time.
void generator_next(Generator *g, Buf *to, Micros *t);

// Options from a command line ("--rate", "1000", "--late=0.01/1h", ...), the kind first.
Status generate_parse(GenerateOptions *o, const Str *arg, int32_t n, Micros now);
// The command `kappa generate`: its exit code.
int generate_command(Arena *a, const Str *arg, int32_t n);
#endif
