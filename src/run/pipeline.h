// pipeline.h -- Pipeline, a .sql file of views, tables and flows (semantics 10.4). Definitions may
// stand in any order; the file is checked as a whole before anything runs. A streaming table is
// filled by its flows, each a query in append mode with a checkpoint in the data folder; a
// materialized view is computed anew at each run.
//
// Beyond Spark (doc/pipelines.md): STREAM of a view USING a source, partition transforms,
// CREATE SINK, and in TBLPROPERTIES or a sink's OPTIONS the keys kappa.outputMode, kappa.trigger
// and kappa.checkpoint.
#ifndef RUN_PIPELINE_H
#define RUN_PIPELINE_H
#include "plan/statement.h"
#include "run/engine.h"

typedef struct Pipeline Pipeline;
typedef struct PipelineRun {
    bool watch;           // go on with what arrives; else until all that is there is read
    Micros until_idle;    // watch, but end when nothing has come for so long; 0: never
    const Shared64 *stop; // not 0 (and woken): end after the running epochs. May be NULL
    Status (*print)(void *to, Str text); // console sinks; NULL: as the engine's
    void *print_to;
    // Hears of each flow that begins, of each of its epochs (p) and of its end, one call at a time.
    void (*tell)(void *ctx, Str flow, const Progress *p, const char *what);
    void *ctx;
} PipelineRun;

// Parses and checks the text; lives in a. Makes no table. Errors point into the text.
Status pipeline_open(Pipeline **p, Arena *a, Engine *e, Session *s, Str text);
// The same of statements, which p keeps.
Status pipeline_open_statements(Pipeline **p, Arena *a, Engine *e, Session *s,
                                const Statements *all);
// Full refresh of all tables: they are emptied, and flows begin anew; but for those whose property
// pipelines.reset.allowed is false, which go on.
Status pipeline_refresh(Pipeline *p);
// Of some, by name, commas between: only those named in either list run, those of `full` begin
// anew. Both empty: all run. TABLE_OR_VIEW_NOT_FOUND for a name that the pipeline does not fill.
Status pipeline_select(Pipeline *p, Str refresh, Str full);
Status pipeline_run(Pipeline *p, const PipelineRun *how);
// Names of the outputs in the order of their making, for the user.
int32_t pipeline_outputs(const Pipeline *p, Arena *a, Str **name);
#endif
