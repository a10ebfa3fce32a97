// lib.h -- shared libraries that are loaded when first needed, because they are big and most runs
// do without.
#ifndef OS_LIB_H
#define OS_LIB_H
#include "base/base.h"

typedef struct LibSymbol {
    const char *name;
    size_t at; // offset of the function pointer in the table
} LibSymbol;
typedef struct LibSpec {
    const char *stem;       // "libicui18n": files are stem.so.V, symbols name_V when `versioned`
    int32_t newest, oldest; // versions to try, in this order; equal: that one
    bool versioned;
    const char *package; // what to install, for the message
    const LibSymbol *symbol;
    int32_t nsymbols;
} LibSpec;

// Loads the newest version that there is and fills `table`, a struct of function pointers. The
// library stays loaded; opening it again is cheap. ERR_NOT_FOUND names the package to install.
Status lib_open(void *table, const LibSpec *spec);
#endif
