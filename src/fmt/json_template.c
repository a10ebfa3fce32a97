// json_template.c -- records that repeat the layout of an earlier one. A layout is the text between
// the values, byte for byte, and where each value goes; to read a record is to compare the text and
// convert what lies between, with no look at keys. Values may be anything: what is not the usual
// goes through json_plain_value, and only other keys or other white space are another layout.
#include "fmt/json_in.h"
#include "fmt/json_scan.h"

enum { SEGMENTS_MAX = 256, TEXT_BYTES_MAX = 65536, RELEARN_AFTER = 256, NUMBER_DIGITS = 64 };

typedef enum SegmentKind {
    SEG_PASS, // nobody wants it
    SEG_STRING,
    SEG_INT,
    SEG_OTHER,
} SegmentKind;
typedef struct Segment { // the text before a value, then the value
    const char *literal; // JSON_LITERAL_PAD bytes may be read behind it
    int32_t n;
    SegmentKind kind;
    int32_t depth;  // objects around it
    JsonSlot *slot; // NULL for SEG_PASS
} Segment;
typedef struct JsonTemplate JsonTemplate;
struct JsonTemplate {
    Arena *arena;
    Segment *seg;
    int32_t nsegs;
    Str tail;          // behind the last value, to the end of the record
    JsonSlot **opened; // structs that are there ..
    int32_t nopened;
    JsonSlot **absent; // .. and fields that are not
    int32_t nabsent;
    int64_t hits;
};

// ---- reading -----------------------------------------------------------------------------------

static inline bool is_digit(char c) { return (uint8_t)(c - '0') <= 9; }

// A plain string or a number without point and exponent; else NULL.
static inline const char *pass_quick(const char *p, const char *begin, const char *end)
{
    if (*p == '"') {
        const char *q = json_scan(p + 1, begin, end);
        return q < end && *q == '"' ? q + 1 : NULL;
    }
    p += *p == '-';
    const char *first = p;
    while (p < end && is_digit(*p)) p++;
    bool whole =
        p > first && p < end && (*first != '0' || p == first + 1) && *p != '.' && (*p | 32) != 'e';
    return whole && p - first < NUMBER_DIGITS ? p : NULL;
}

static inline const char *string_quick(JsonSlot *s, int32_t row, const char *p, const char *begin,
                                       const char *end)
{
    if (*p != '"') return NULL;
    const char *q = json_scan(++p, begin, end);
    if (q == end || *q != '"') return NULL;
    ((Str *)s->data)[row] = str_of(p, q - p);
    s->valid[row] = 1;
    return q + 1;
}

static inline const char *int_quick(JsonSlot *s, int32_t row, const char *p, const char *end)
{
    bool negative = *p == '-';
    p += negative;
    const char *first = p;
    uint64_t u = 0;
    for (; p < end && is_digit(*p); p++) u = u * 10 + (uint64_t)(*p - '0');
    bool whole = p > first && p - first < 10 && p < end && (*first != '0' || p == first + 1) &&
                 *p != '.' && (*p | 32) != 'e';
    if (!whole) return NULL;
    ((int32_t *)s->data)[row] = negative ? -(int32_t)u : (int32_t)u;
    s->valid[row] = 1;
    return p;
}

// The value at p; behind it, or NULL when the record is not for this way.
static inline const char *segment_value(JsonPlain *x, const Segment *g, const char *p, int32_t row)
{
    const char *q = NULL;
    if (g->kind == SEG_STRING)
        q = string_quick(g->slot, row, p, x->begin, x->end);
    else if (g->kind == SEG_PASS)
        q = pass_quick(p, x->begin, x->end);
    else if (g->kind == SEG_INT)
        q = int_quick(g->slot, row, p, x->end);
    if (LIKELY(q != NULL)) return q;
    x->p = p;
    x->depth = g->depth;
    return json_plain_value(x, g->slot, row) ? x->p : NULL;
}

static bool template_read(JsonReader *r, const JsonTemplate *t, Str text, int32_t row)
{
    JsonPlain x = {.r = r, .begin = text.p, .end = text.p + text.n};
    const char *p = text.p, *end = x.end;
    for (int32_t i = 0; i < t->nsegs; i++) {
        const Segment *g = &t->seg[i];
        if (end - p <= g->n || !json_literal(p, end, g->literal, g->n)) return false;
        p = segment_value(&x, g, p + g->n, row);
        if (UNLIKELY(!p)) return false;
    }
    if (!str_eq(str_of(p, end - p), t->tail)) return false;
    for (int32_t i = 0; i < t->nopened; i++) t->opened[i]->valid[row] = 1;
    for (int32_t i = 0; i < t->nabsent; i++) json_slot_null(t->absent[i], row);
    return true;
}

bool json_template_record(JsonReader *r, Str text, int32_t row)
{
    for (int32_t k = 0; k < r->layouts; k++) {
        int32_t i = (r->newest + k) % r->layouts;
        if (!template_read(r, &r->layout[i], text, row)) continue;
        r->layout[i].hits++;
        r->newest = i;
        return true;
    }
    return false;
}

// ---- learning ----------------------------------------------------------------------------------

bool json_template_wanted(JsonReader *r)
{
    // What is short of these limits never asks for them.
    bool usual = r->opt->number_max >= NUMBER_DIGITS && r->root.phys == PHYS_STRUCT;
    return usual && (r->layouts < JSON_TEMPLATES || ++r->misses > RELEARN_AFTER);
}

static JsonTemplate *place(JsonReader *r) // a free one, or the one used least
{
    r->misses = 0;
    if (!r->layout) r->layout = NEW(r->arena, JsonTemplate, JSON_TEMPLATES);
    int32_t at = 0;
    if (r->layouts < JSON_TEMPLATES) {
        at = r->layouts++;
        r->layout[at].arena = arena_new(r->arena);
    } else
        for (int32_t i = 0; i < JSON_TEMPLATES; i++) {
            r->layout[i].hits /= 2;
            if (r->layout[i].hits < r->layout[at].hits) at = i;
        }
    JsonTemplate *t = &r->layout[at];
    arena_clear(t->arena);
    *t = (JsonTemplate){.arena = t->arena};
    r->newest = at;
    return t;
}

static SegmentKind kind_of(const JsonSlot *s)
{
    if (!s) return SEG_PASS;
    return s->type->id == T_STRING ? SEG_STRING : s->type->id == T_INT ? SEG_INT : SEG_OTHER;
}

static void learn_segments(JsonTemplate *t, Str text, const JsonMarks *marks)
{
    char *literals = NEW(t->arena, char, text.n + JSON_LITERAL_PAD);
    const char *from = text.p;
    t->seg = NEW(t->arena, Segment, marks->n);
    for (int64_t i = 0; i < marks->n; i++) {
        const JsonMark *m = &marks->v[i];
        if (!m->to) continue;
        int32_t n = (int32_t)(m->from - from);
        memcpy(literals, from, (size_t)n);
        t->seg[t->nsegs++] = (Segment){literals, n, kind_of(m->slot), m->depth, m->slot};
        literals += n;
        from = m->to;
    }
    t->tail = str_copy(t->arena, str_of(from, text.p + text.n - from));
}

// Which structs the layout opens, and which of their fields it lacks.
static void learn_fields(JsonReader *r, JsonTemplate *t, const JsonMarks *marks)
{
    uint64_t id = ++r->objects;
    int32_t kids = 0;
    for (int64_t i = 0; i < marks->n; i++) {
        JsonSlot *s = marks->v[i].slot;
        if (!s) continue;
        s->seen = id;
        if (!marks->v[i].to) kids += s->nkids;
    }
    t->opened = NEW(t->arena, JsonSlot *, marks->n);
    t->absent = NEW(t->arena, JsonSlot *, kids);
    for (int64_t i = 0; i < marks->n; i++) {
        JsonSlot *s = marks->v[i].slot;
        if (!s || marks->v[i].to) continue;
        t->opened[t->nopened++] = s;
        for (int32_t k = 0; k < s->nkids; k++)
            if (s->kid[k].seen != id) t->absent[t->nabsent++] = &s->kid[k];
    }
}

void json_template_learn(JsonReader *r, Str text, const JsonMarks *marks)
{
    if (marks->n > SEGMENTS_MAX || text.n > TEXT_BYTES_MAX) return;
    JsonTemplate *t = place(r);
    learn_segments(t, text, marks);
    learn_fields(r, t, marks);
}
