// parquet_shape_in.h -- how a schema lies in a Parquet file: a tree of nodes over the leaves that
// are stored. The writer makes it from a schema, the reader from a footer; from there on both see
// nodes.
//
// Levels (Dremel): a node's `def` is the definition level from which on its own value is there; an
// optional or repeated node adds one. `rep` counts the repeated nodes above. The items of a list
// or map are there from def + 1 on and carry the repetition level rep + 1.
#ifndef FMT_PARQUET_SHAPE_IN_H
#define FMT_PARQUET_SHAPE_IN_H
#include "col/type.h"
#include "fmt/parquet_meta_in.h"

enum { PQ_LEVEL_MAX = 200, PQ_FIXED_MAX = 1 << 24 };

typedef enum PqUnit { PQ_UNIT_NONE, PQ_MILLIS, PQ_MICROS, PQ_NANOS } PqUnit;
typedef enum PqKind { PQ_LEAF, PQ_STRUCT, PQ_LIST, PQ_MAP } PqKind;
typedef struct PqLeaf {
    PqType phys;
    int32_t length;   // of PQ_FIXED
    const Type *type; // NULL: of a kind that is not read; `why` says which
    const char *why;
    PqUnit unit;   // of times
    bool uuid;     // of PQ_FIXED: text is what is wanted of it
    bool no_order; // its statistics mean nothing to us: unsigned numbers, INT96
    int16_t def_max, rep_max;
    int32_t id;     // field id, 0: none
    int32_t column; // at the top, that it is part of
    Str *path;
    int32_t npath;
} PqLeaf;
typedef struct PqNode PqNode;
struct PqNode {
    PqKind kind;
    const Type *type; // NULL when a leaf below has none
    Str name;
    int32_t id;
    bool optional;
    int16_t def, rep;
    int16_t slot_def; // definition level from which on there is a place for it at all
    int32_t leaf;     // the first below
    PqNode *kid;      // struct: its fields; list: the element; map: key and value
    int32_t nkids;
};
typedef struct ParquetShape {
    PqNode root;
    const PqLeaf *leaf;
    int32_t nleaves;
    ThriftList elements; // PqElement, as the footer has them
} ParquetShape;

// From what a footer says. ERR_CORRUPT when the elements make no tree. A column of a type that
// Spark does not read makes no error here, only a NULL type.
Status parquet_shape_read(ParquetShape **s, Arena *a, ThriftList elements);

#endif
