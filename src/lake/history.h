// history.h -- a table's past: its snapshots in order, reading at one of them, and reading what one
// of them added, which is how a table is read as a stream.
#ifndef LAKE_HISTORY_H
#define LAKE_HISTORY_H
#include "lake/scan.h"

typedef enum StepKind { STEP_APPEND, STEP_REPLACE, STEP_OVERWRITE, STEP_DELETE } StepKind;
typedef struct TableStep { // a snapshot of the line that leads to the current one
    int64_t snapshot, timestamp_ms;
    StepKind kind;
    int64_t files, rows; // that it added
} TableStep;
typedef struct TableHistory { // oldest first
    TableStep *v;
    int64_t n, cap;
    bool whole; // the oldest is the table's first: nothing before it has expired
} TableHistory;
Status table_history(TableHistory *h, Arena *a, const LakeTable *t);
int64_t lake_table_snapshot_id(const LakeTable *t); // -1: it has none
// Whether the catalog has other metadata for the table by now.
Status lake_table_changed(const LakeTable *t, bool *changed);
// What a reader asks for; texts that are empty and `timed` false: nothing. One of them at most.
typedef struct Travel {
    Str version; // a snapshot's id, or the name of a branch or a tag
    Str snapshot, branch, tag;
    Micros time; // when timed
    bool timed;
} Travel;
// *at is t itself when nothing is asked for.
Status table_travel(LakeTable **at, Arena *a, LakeTable *t, const Travel *to);
Status travel_millis(Travel *to, Str text); // the option as-of-timestamp
// The same table at another snapshot, with the columns it had then. Pinned; lives in a, and `t`
// must outlive it.
Status table_at_snapshot(LakeTable **at, Arena *a, const LakeTable *t, int64_t snapshot);
// .. at the newest snapshot that is not after `time`.
Status table_at_time(LakeTable **at, Arena *a, const LakeTable *t, Micros time);
// The same rows under the columns of another state of the same table: a stream keeps those that it
// began with while the table is altered.
Status table_with_columns_of(LakeTable **at, Arena *a, const LakeTable *t, const LakeTable *of);
// The files that a snapshot added, as they were added, in the current columns.
Status table_scan_added(TableScan **s, Arena *a, const LakeTable *t, int64_t snapshot);
#endif
