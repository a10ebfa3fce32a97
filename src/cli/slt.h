// slt.h -- golden files: a scenario of streams, queries and what must come out, as text.
//
//   stream NAME (columns) [watermark COLUMN 'delay']     a stream; see `feed`
//   table NAME (columns)            rows below           rows at hand
//   view NAME [dropDuplicates[WithinWatermark] COLUMN...] SQL below   a temporary view
//   set KEY VALUE                                        a setting of the session
//   query NAME MODE                 SQL below            a stream that runs; append, update,
//   complete batch NAME             SQL below            statements, whose rows `expect` sees
//   feed NAME                       rows below           one more file of that stream
//   epoch                                                epochs until nothing is left to do
//   expect NAME                     rows below           what came out since the last expect
//   metric NAME VALUE                                    of the last epoch: state_rows, watermark;
//                                                        since the last asked: late_groups, epochs,
//                                                        duplicates, removed
//   restart | crash POINT                                now; in the next epoch, at that point
//   error CONDITION                                      what the directive above fails with
//   modes -NAME...                                       ways to run that this file cannot take
//
// Rows are values parted by two or more spaces; NULL is NULL. `#` begins a comment on lines of
// directives, and lines of their own.
#ifndef CLI_SLT_H
#define CLI_SLT_H
#include "base/buf.h"

typedef enum SltKind {
    SLT_STREAM,
    SLT_TABLE,
    SLT_VIEW,
    SLT_SET,
    SLT_QUERY,
    SLT_BATCH,
    SLT_FEED,
    SLT_EPOCH,
    SLT_EXPECT,
    SLT_METRIC,
    SLT_RESTART,
    SLT_CRASH,
    SLT_ERROR,
    SLT_MODES,
    SLT_KINDS,
} SltKind;
typedef struct SltStep {
    SltKind kind;
    int32_t line; // of the directive, from 1
    Str rest;     // of the directive's line, trimmed
    Str head;     // the directive's line as written, and comments before it
    Str text;     // the lines below it
} SltStep;
typedef struct SltSteps {
    SltStep *v;
    int64_t n, cap;
} SltSteps;
Status slt_parse(SltSteps *steps, Arena *a, Str text);
Str slt_word(Str *rest); // takes the next word
// The rows of a text in one form: values parted by two spaces, sorted; a line each.
Str slt_rows(Arena *a, Str text);
// A row as a JSON object of these columns, as a JSON source reads it.
struct Type;
void slt_json(Buf *b, Arena *a, const struct Type *schema, Str row);
#endif
