// windows.h -- window(time, duration, slide, start) over rows: each row once per window that it
// falls into, newest window first (semantics T2, T7, T8), with the window as one more column at the
// end: struct<start, end>. A row whose time is NULL falls into none. Tumbling windows are the case
// slide == duration.
#ifndef OP_WINDOWS_H
#define OP_WINDOWS_H
#include "expr/expr.h"
#include "op/op.h"

typedef struct WindowsSpec {
    Expr *time;                    // TIMESTAMP or TIMESTAMP_NTZ, over the input, bound
    Micros duration, slide, start; // 0 < slide <= duration, |start| < slide
    bool panes;                    // each row once, with its pane: the slide's width around it
    const Type *window;            // struct<start, end> of the time's type: the added column's
} WindowsSpec;
extern const OpKind op_windows;
#endif
