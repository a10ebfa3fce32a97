// pipeline_in.h -- a pipeline's elements, for the files that read, check and run them.
#ifndef RUN_PIPELINE_IN_H
#define RUN_PIPELINE_IN_H
#include "plan/statement.h"
#include "run/pipeline.h"

typedef enum ElementKind {
    ELEMENT_VIEW,
    ELEMENT_TABLE,
    ELEMENT_MATERIALIZED,
    ELEMENT_SINK,
} ElementKind;
typedef struct Flow {
    Str name;
    const Statement *st;
} Flow;
typedef struct Element Element;
struct Element { // something with a name
    ElementKind kind;
    Str name; // full; of a view and a sink its own
    TableName table;
    const Statement *st;
    VEC(Flow) flow;
    VEC(Element *) needs; // what its queries read, of this file
    TableDef def;         // of a table, once it is checked: columns as it keeps them
    bool entered, placed; // while they are put in order
    bool refresh;         // emptied before it is filled
    bool left_out;        // of this run
};
struct Pipeline {
    Arena *arena;
    Engine *engine;
    Session *session;
    VEC(Element *) element; // as the file has them
    VEC(Element *) order;   // what is read before what reads
};

// pipeline_graph.c: links elements by the names that their queries read and puts them in order.
Status pipeline_link(Pipeline *p);
// pipeline_tables.c: analyses all queries, in order, as if the tables were there. Changes nothing.
Status pipeline_check(Pipeline *p);
// Makes the tables of this run and defines the views over them.
Status pipeline_prepare(Pipeline *p);
// A materialized view; ends when *stop is not 0.
Status pipeline_compute(Pipeline *p, const Element *e, const Shared64 *stop);
Status pipeline_spec(Pipeline *p, const Element *e, const Flow *f, QuerySpec *spec);
// pipeline_make.c: e->def from its statement and these columns; makes the table, or gives the one
// that is there the columns that are new.
#define RESET_ALLOWED S("pipelines.reset.allowed")
Status pipeline_define_table(Pipeline *p, Element *e, const Schema *columns);
Status pipeline_make_table(Pipeline *p, const Element *e);
Options pipeline_without_own(Arena *a, const Options *o); // without kappa.*
#endif
