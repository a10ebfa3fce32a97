// zone_text.c -- what a time zone is called in English, as Java writes and reads it.
#include "expr/zone_in.h"

const ZoneNames zone_names[] = {
#define NAMES(ws, wf, ss, sf, gs, gf, zones) {{S(ws), S(wf), S(ss), S(sf), S(gs), S(gf)}, S(zones)},
#define READS(zone, names)
#include "expr/zone_names.def"
#undef NAMES
#undef READS
};
// Names that are read as another zone than the first of the first row that has them.
static const struct {
    Str zone, names;
} reads[] = {
#define NAMES(ws, wf, ss, sf, gs, gf, zones)
#define READS(zone, names) {S(zone), S(names)},
#include "expr/zone_names.def"
#undef NAMES
#undef READS
};

static bool has_word(Str words, Str word, char between)
{
    for (Cut c = {.tail = words, .ok = true}; c.ok;) {
        c = str_cut(c.tail, between);
        if (str_ieq(c.head, word)) return true;
    }
    return false;
}
const ZoneNames *zone_names_of(Str id)
{
    for (int32_t i = 0; i < COUNT(zone_names); i++)
        if (has_word(zone_names[i].zones, id, ' ')) return &zone_names[i];
    return NULL;
}
static bool begins_with(Str text, Str name)
{
    return name.n <= text.n && str_ieq(str_of(text.p, name.n), name);
}
// Java knows Etc/GMT+3 by its id, not where names may stand.
static bool is_only_id(Str zone) { return str_starts(zone, S("Etc/GMT")) && zone.n > 7; }
int64_t zone_id_read(Str text, bool all, Str *id)
{
    *id = (Str){0};
    for (int32_t i = 0; i < COUNT(zone_names); i++)
        for (Cut c = {.tail = zone_names[i].zones, .ok = true}; c.ok;) {
            c = str_cut(c.tail, ' ');
            if (c.head.n <= id->n || !begins_with(text, c.head)) continue;
            if (all || !is_only_id(c.head)) *id = c.head;
        }
    return id->n;
}
static Str zone_called(Str name, const ZoneNames *row)
{
    for (int32_t i = 0; i < COUNT(reads); i++)
        if (has_word(reads[i].names, name, '|')) return reads[i].zone;
    return str_cut(row->zones, ' ').head;
}
int64_t zone_name_read(Str text, bool full, Str *id)
{
    const ZoneNames *row = NULL;
    Str best = {0};
    for (int32_t i = 0; i < COUNT(zone_names); i++)
        for (int32_t k = full; k < COUNT(zone_names[i].name); k += 2) {
            Str name = zone_names[i].name[k];
            if (name.n <= best.n || !begins_with(text, name)) continue;
            best = name;
            row = &zone_names[i];
        }
    if (row) *id = zone_called(best, row);
    return best.n;
}
