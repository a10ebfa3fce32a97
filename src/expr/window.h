// window.h -- window(time, duration, slide, start) and session_window(time, gap), which are no
// functions of a row: the analyser takes the call out of GROUP BY, reads it here, and makes an
// operator of it (op/windows.h) whose output column takes its place.
#ifndef EXPR_WINDOW_H
#define EXPR_WINDOW_H
#include "expr/eval.h"
#include "expr/expr.h"

typedef struct TimeWindow {
    Expr *time; // resolved: TIMESTAMP or TIMESTAMP_NTZ. Of a column that window() made: its
                // window_time
    Micros duration, slide, start; // of window(); slide == duration: tumbling
    Expr *end;                     // of session_window(): time + gap, resolved; else NULL
    const Type *type;              // STRUCT<start, end> of the time's type, both NOT NULL
} TimeWindow;
bool window_is_call(const Expr *e); // an E_CALL of one of the two names
// The arguments of the call are resolved. Spark's conditions for what cannot be.
Status window_resolve(TimeWindow *w, Arena *a, Expr *call, const EvalCtx *ctx);
#endif
