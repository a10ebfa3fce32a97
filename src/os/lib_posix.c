// lib_posix.c -- dlopen behind lib.h.
#include "base/num.h"
#include "os/lib.h"
#include <dlfcn.h>
#include <link.h>
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

static bool open_version(void *table, const LibSpec *spec, int32_t version)
{
    char file[128];
    snprintf(file, sizeof file, "%s.so.%d", spec->stem, version);
    void *lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    bool found = lib && fill(table, spec, lib, version);
    if (lib && !found) dlclose(lib);
    return found;
}

typedef struct Loaded {
    const LibSpec *spec;
    int64_t version;
} Loaded;
static int look(struct dl_phdr_info *of, size_t size, void *to)
{
    Loaded *l = to;
    (void)size;
    Str name = str_z(of->dlpi_name), stem = str_z(l->spec->stem);
    name = str_from(name, str_rfind_char(name, '/') + 1);
    if (!str_starts(name, stem)) return 0;
    name = str_from(name, stem.n);
    return str_starts(name, S(".so.")) && num_parse_i64(str_from(name, 4), &l->version);
}
Status lib_open(void *table, const LibSpec *spec)
{
    // dlopen would search the disk for each version that is not there.
    Loaded l = {.spec = spec};
    if (dl_iterate_phdr(look, &l) && l.version >= spec->oldest && l.version <= spec->newest &&
        open_version(table, spec, (int32_t)l.version))
        return DONE;
    for (int32_t v = spec->newest; v >= spec->oldest; v--)
        if (open_version(table, spec, v)) return DONE;
    return fail(ERR_NOT_FOUND, "%s is needed here and cannot be loaded: install the package %s",
                spec->stem, spec->package);
}
