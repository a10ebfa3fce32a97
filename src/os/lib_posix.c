// lib_posix.c -- dlopen behind lib.h.
#include "os/lib.h"
#include <dlfcn.h>
#include <stdio.h>

static bool fill(void *table, const LibSpec *spec, void *lib, int32_t version)
{
    for (int32_t i = 0; i < spec->nsymbols; i++) {
        char name[128];
        if (spec->versioned)
            snprintf(name, sizeof name, "%s_%d", spec->symbol[i].name, version);
        else
            snprintf(name, sizeof name, "%s", spec->symbol[i].name);
        void *symbol = dlsym(lib, name);
        if (!symbol) return false;
        memcpy((char *)table + spec->symbol[i].at, &symbol, sizeof symbol);
    }
    return true;
}

Status lib_open(void *table, const LibSpec *spec)
{
    for (int32_t v = spec->newest; v >= spec->oldest; v--) {
        char file[128];
        snprintf(file, sizeof file, "%s.so.%d", spec->stem, v);
        void *lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);
        if (lib && fill(table, spec, lib, v)) return DONE;
        if (lib) dlclose(lib);
    }
    return fail(ERR_NOT_FOUND, "%s is needed here and cannot be loaded: install the package %s",
                spec->stem, spec->package);
}
