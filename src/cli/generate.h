// generate.h -- made-up events for trying things out: application events, sensor readings, device
// messages, as the usual Python producers write them (json.dumps). The same seed and options give
// the same bytes.
#ifndef CLI_GENERATE_H
#define CLI_GENERATE_H
#include "base/buf.h"
#include "cli/cli.h"

typedef enum GenerateKind { GENERATE_EVENTS, GENERATE_SENSORS, GENERATE_DEVICES } GenerateKind;

typedef struct GenerateOptions {
    int32_t kind; // GenerateKind
    uint64_t seed;
    Micros start, step; // event time of the first, and from one to the next
    double disordered;  // share of events whose time is moved back by up to ..
    Micros disorder;    // .. this
    double late;        // share of events whose time is moved back by
    Micros late_by;     // this
    uint32_t users;     // of events; 0: 100; half as many sessions
    int64_t count;      // events; 0: without end
    double rate;        // a second, 0: as fast as it goes
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

typedef struct GenerateArgs { // as the command line has them
    int64_t count, seed, partitions, users;
    int32_t compression; // RecordsCodec
    Str rate, start, step, out_of_order, late, topic, bootstrap;
} GenerateArgs;
Status generate_options(GenerateOptions *o, Str kind, const GenerateArgs *g, Micros now);
extern const Command command_generate;
#endif
