// json_template.c -- records that repeat the layout of an earlier one. A layout is the text between
// the values, byte for byte, and where each value goes; to read a record is to compare the text and
// convert what lies between, with no look at keys. Values may be anything: what is not the usual
// goes through json_plain_value, and only other keys or other white space are another layout.
#include "fmt/json_in.h"
#include "fmt/json_scan.h"

enum { SEGMENTS_MAX = 256, TEXT_BYTES_MAX = 65536, RELEARN_AFTER = 256, NUMBER_DIGITS = 64 };
enum { REVIEW_EVERY = 256, VARIED_MAX = REVIEW_EVERY / 6 }; // records; of them with another length

typedef enum SegmentKind {
    SEG_PASS, // nobody wants it
    SEG_STRING,
    SEG_INT,
    SEG_BIGINT,
    SEG_DOUBLE,
    SEG_TIMESTAMP,
    SEG_OTHER,
} SegmentKind;
typedef struct Segment { // the text before a value, then the value
    JsonLiteral literal;
    SegmentKind kind;
    bool fixed;     // strings here keep their length
    int32_t length; // of the last one
    int32_t varied; // how many had another, since the last review
    int32_t depth;  // objects around the value
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

// Text of the running record: what the quick ways look at.
typedef struct Span {
    const char *begin, *end;
} Span;

// Behind the quote that closes the string begun before p, or NULL when the string is not plain.
//
// Where strings keep their length, the length is assumed and the text only checked: the place of
// the next value does not wait for the search in this one then, and the machine runs ahead.
static inline const char *string_end(Segment *g, const char *p, Span t)
{
    if (g->fixed && json_quote_at(p, t.end, g->length)) return p + g->length + 1;
    const char *q = json_scan(p, t.begin, t.end);
    if (q == t.end || *q != '"') return NULL;
    g->varied += q - p != g->length;
    g->length = (int32_t)(q - p);
    return q + 1;
}

// A number of at most 18 digits without exponent.
typedef struct QuickNumber {
    uint64_t digits;
    int32_t n, fraction; // how many digits; of them behind the point
    bool negative;
} QuickNumber;

static inline const char *digits_end(const char *p, QuickNumber *x)
{
    for (uint32_t d; (d = (uint8_t)(*p - '0')) <= 9; p++) x->digits = x->digits * 10 + d;
    return p;
}

// Behind the number at p. A record does not end in a digit, so no end is looked for.
static inline const char *number_end(const char *p, QuickNumber *x)
{
    x->digits = 0;
    x->negative = *p == '-';
    p += x->negative;
    const char *first = p;
    p = digits_end(p, x);
    x->n = (int32_t)(p - first);
    x->fraction = 0;
    if (UNLIKELY(x->n == 0 || (*first == '0' && x->n > 1))) return NULL;
    if (*p == '.') {
        first = ++p;
        p = digits_end(p, x);
        x->fraction = (int32_t)(p - first);
        x->n += x->fraction;
        if (x->fraction == 0) return NULL;
    }
    return x->n <= 18 && (*p | 32) != 'e' ? p : NULL;
}

static inline const char *pass_value(Segment *g, const char *p, Span t)
{
    QuickNumber x;
    return *p == '"' ? string_end(g, p + 1, t) : number_end(p, &x);
}

static inline const char *string_value(Segment *g, int32_t row, const char *p, Span t)
{
    const char *q = *p == '"' ? string_end(g, p + 1, t) : NULL;
    if (!q) return NULL;
    ((Str *)g->slot->data)[row] = str_of(p + 1, q - p - 2);
    g->slot->valid[row] = 1;
    return q;
}

static inline const char *integer_value(Segment *g, int32_t row, const char *p)
{
    QuickNumber x;
    const char *q = number_end(p, &x);
    if (!q || x.fraction) return NULL;
    int64_t v = x.negative ? -(int64_t)x.digits : (int64_t)x.digits;
    if (g->kind == SEG_BIGINT)
        ((int64_t *)g->slot->data)[row] = v;
    else if (v != (int32_t)v)
        return NULL;
    else
        ((int32_t *)g->slot->data)[row] = (int32_t)v;
    g->slot->valid[row] = 1;
    return q;
}

static inline const char *double_value(Segment *g, int32_t row, const char *p)
{
    QuickNumber x;
    const char *q = number_end(p, &x);
    if (!q || x.n > 15) return NULL;
    double v = (double)x.digits / json_power10[x.fraction];
    if (x.negative) v = x.fraction ? -v : 0.0 - v; // the integer -0 is 0
    ((double *)g->slot->data)[row] = v;
    g->slot->valid[row] = 1;
    return q;
}

static inline const char *timestamp_value(JsonReader *r, Segment *g, int32_t row, const char *p,
                                          Span t)
{
    bool zoned;
    const char *q = *p == '"' ? string_end(g, p + 1, t) : NULL;
    int64_t *to = (int64_t *)g->slot->data + row;
    if (!q || !json_time_iso(&r->day, str_of(p + 1, q - p - 2), to, &zoned)) return NULL;
    g->slot->valid[row] = 1;
    return zoned || r->opt->cast.utc ? q : NULL;
}

// The value at p in the usual form; behind it, or NULL.
static inline const char *usual_value(JsonReader *r, Segment *g, int32_t row, const char *p, Span t)
{
    switch (g->kind) {
    case SEG_PASS: return pass_value(g, p, t);
    case SEG_STRING: return string_value(g, row, p, t);
    case SEG_INT:
    case SEG_BIGINT: return integer_value(g, row, p);
    case SEG_DOUBLE: return double_value(g, row, p);
    case SEG_TIMESTAMP: return timestamp_value(r, g, row, p, t);
    case SEG_OTHER: break;
    }
    return NULL;
}

static const char *other_value(JsonReader *r, const Segment *g, int32_t row, const char *p, Span t)
{
    JsonPlain x = {.r = r, .begin = t.begin, .p = p, .end = t.end, .depth = g->depth};
    return json_plain_value(&x, g->slot, row) ? x.p : NULL;
}

static bool template_read(JsonReader *r, JsonTemplate *l, Str text, int32_t row)
{
    const char *p = text.p;
    Span t = {p, p + text.n};
    if (text.n == 0 || t.end[-1] != l->tail.p[l->tail.n - 1]) return false;
    for (Segment *g = l->seg, *last = g + l->nsegs; g < last; g++) {
        if (!json_literal_at(&g->literal, p, t.end)) return false;
        p += g->literal.n;
        const char *q = usual_value(r, g, row, p, t);
        if (UNLIKELY(!q)) q = other_value(r, g, row, p, t);
        if (UNLIKELY(!q)) return false;
        p = q;
    }
    if (t.end - p != l->tail.n) return false;
    for (int64_t i = 0; i < l->tail.n - 1; i++) // the last byte was the first to be looked at
        if (p[i] != l->tail.p[i]) return false;
    for (int32_t i = 0; i < l->nopened; i++) l->opened[i]->valid[row] = 1;
    for (int32_t i = 0; i < l->nabsent; i++) json_slot_null(l->absent[i], row);
    return true;
}

static void review(JsonTemplate *l) // which strings keep their length?
{
    for (int32_t i = 0; i < l->nsegs; i++) {
        l->seg[i].fixed = l->seg[i].varied <= VARIED_MAX;
        l->seg[i].varied = 0;
    }
}

bool json_template_record(JsonReader *r, Str text, int32_t row)
{
    for (int32_t k = 0, i = r->newest; k < r->layouts; k++) {
        JsonTemplate *l = &r->layout[i];
        if (template_read(r, l, text, row)) {
            if (++l->hits % REVIEW_EVERY == 0) review(l);
            r->newest = i;
            return true;
        }
        if (++i == r->layouts) i = 0;
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

static SegmentKind kind_of(const JsonReader *r, const JsonSlot *s)
{
    if (!s) return SEG_PASS;
    if (s->type->id == T_STRING) return SEG_STRING;
    if (s->type->id == T_INT) return SEG_INT;
    if (s->type->id == T_BIGINT) return SEG_BIGINT;
    if (s->type->id == T_DOUBLE) return SEG_DOUBLE;
    bool iso = s->type->id == T_TIMESTAMP && r->opt->timestamp_format.n == 0;
    return iso ? SEG_TIMESTAMP : SEG_OTHER;
}

static void learn_segments(JsonReader *r, JsonTemplate *t, Str text, const JsonMarks *marks)
{
    char *copy = str_to_z(t->arena, text);
    int64_t at = 0;
    t->seg = NEW(t->arena, Segment, marks->n);
    for (int64_t i = 0; i < marks->n; i++) {
        const JsonMark *m = &marks->v[i];
        if (!m->to) continue;
        Segment *g = &t->seg[t->nsegs++];
        g->literal = json_literal_of(copy + at, (int32_t)(m->from - text.p - at));
        g->kind = kind_of(r, m->slot);
        g->slot = m->slot;
        g->depth = m->depth;
        at = m->to - text.p;
    }
    t->tail = str_of(copy + at, text.n - at);
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
        if (s != &r->root) t->opened[t->nopened++] = s; // its rows are there from the start
        for (int32_t k = 0; k < s->nkids; k++)
            if (s->kid[k].seen != id) t->absent[t->nabsent++] = &s->kid[k];
    }
}

void json_template_learn(JsonReader *r, Str text, const JsonMarks *marks)
{
    // Numbers are read up to what is no digit: the last byte must never be one.
    if (str_find_char(S("} \t\r\n"), text.p[text.n - 1]) < 0) return;
    if (marks->n > SEGMENTS_MAX || text.n > TEXT_BYTES_MAX) return;
    JsonTemplate *t = place(r);
    learn_segments(r, t, text, marks);
    learn_fields(r, t, marks);
}
