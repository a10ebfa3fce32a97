// json_plain.c -- the common way through a record: any order of keys, any white space, nesting,
// escapes; but nothing malformed, nothing that does not convert, no field twice in one object. At
// the first such thing it says so, and the record is read again by json_exact.c, whose answer this
// one must equal wherever it gives one.
#include "fmt/json_in.h"
#include "fmt/json_scan.h"

enum { DEPTH_MAX = 64, NUMBER_BYTES_MAX = 300 }; // deeper and longer ones are odd

static inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
static inline bool is_digit(char c) { return (uint8_t)(c - '0') <= 9; }

// To the next byte that is no white space; false at the end of the text.
static inline bool space(JsonPlain *x)
{
    while (x->p < x->end && is_space(*x->p)) x->p++;
    return x->p < x->end;
}

// ---- strings -----------------------------------------------------------------------------------

// One with escapes or bytes that are not ASCII. *s NULL: it is passed over.
static bool odd_string(JsonPlain *x, Str *s)
{
    const char *from = x->p;
    JsonLex l = {.at = x->p, .end = x->end, .opt = x->r->opt, .arena = x->r->scratch};
    l.buf = buf_new(x->r->scratch);
    if (!json_lex_quoted(&l, '"', s)) return false;
    x->p = l.at;
    Str raw = str_of(from, x->p - from);
    return x->r->opt->source || utf8_valid_to(raw) == raw.n;
}

static bool string(JsonPlain *x, Str *s) // behind the opening quote
{
    const char *q = json_scan(x->p, x->begin, x->end);
    if (q == x->end) return false;
    if (*q != '"') {
        const char *from = x->p;
        for (; q < x->end && (uint8_t)*q >= 0x80; q = json_scan(q, x->begin, x->end))
            while (q < x->end && (uint8_t)*q >= 0x80) q++;
        Str raw = str_of(from, q - from);
        if (q == x->end || *q != '"' || utf8_valid_to(raw) != raw.n) return odd_string(x, s);
    }
    *s = str_of(x->p, q - x->p);
    x->p = q + 1;
    return true;
}

// ---- numbers -----------------------------------------------------------------------------------

typedef struct Number {
    Str digits;
    bool negative, is_float;
    int32_t ints, fraction; // digits before and behind the point; leading zeros count
    uint64_t mantissa;      // of all of them, meaningless beyond 19
} Number;

static bool number(JsonPlain *x, Number *n)
{
    const char *from = x->p, *p = from, *end = x->end;
    *n = (Number){.negative = *p == '-'};
    p += n->negative;
    const char *first = p;
    for (; p < end && is_digit(*p); p++) n->mantissa = n->mantissa * 10 + (uint64_t)(*p - '0');
    n->ints = (int32_t)(p - first);
    if (n->ints == 0 || (*first == '0' && n->ints > 1)) return false;
    if (p < end && *p == '.') {
        first = ++p;
        for (; p < end && is_digit(*p); p++) n->mantissa = n->mantissa * 10 + (uint64_t)(*p - '0');
        n->fraction = (int32_t)(p - first);
        n->is_float = true;
        if (n->fraction == 0) return false;
    }
    if (p < end && (*p | 32) == 'e') {
        n->is_float = true;
        n->fraction = INT32_MAX; // not for the quick ways
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        if (p == end || !is_digit(*p)) return false;
        while (p < end && is_digit(*p)) p++;
    }
    n->digits = str_of(from, p - from);
    x->p = p;
    return n->digits.n <= MIN(NUMBER_BYTES_MAX, x->r->opt->number_max);
}

static bool put_integer(JsonSlot *s, int32_t row, int64_t v, int64_t min, int64_t max)
{
    if (v < min || v > max) return false;
    json_slot_datum(s, row, &(Datum){.i = v});
    return true;
}

const double json_power10[16] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

// Up to 15 digits and 15 places a quotient of two exact doubles is the nearest double.
static bool put_double(JsonSlot *s, int32_t row, const Number *n)
{
    if (n->fraction > 15 || n->ints + n->fraction > 15) return false;
    double v = (double)n->mantissa / json_power10[n->fraction];
    ((double *)s->data)[row] = n->negative && n->is_float ? -v : n->negative ? 0.0 - v : v;
    s->valid[row] = 1;
    return true;
}

static bool put_number(JsonPlain *x, JsonSlot *s, int32_t row, const Number *n)
{
    if (s->type->id == T_STRING) { // its text, where Spark would write the same
        bool same = x->r->opt->source || (!n->is_float && !(n->negative && n->mantissa == 0));
        if (same) json_slot_datum(s, row, &(Datum){.s = n->digits});
        return same;
    }
    if (n->ints < 19 && !n->is_float) {
        int64_t v = n->negative ? -(int64_t)n->mantissa : (int64_t)n->mantissa;
        if (s->type->id == T_INT) return put_integer(s, row, v, INT32_MIN, INT32_MAX);
        if (s->type->id == T_BIGINT) return put_integer(s, row, v, INT64_MIN, INT64_MAX);
    }
    if (s->type->id == T_DOUBLE && put_double(s, row, n)) return true;
    Datum v = {0};
    if (!json_scalar_number(s->type, n->digits, n->is_float, &v)) return false;
    json_slot_datum(s, row, &v);
    return true;
}

// ---- values ------------------------------------------------------------------------------------

static bool word(JsonPlain *x, Str w)
{
    if (!str_starts(str_of(x->p, x->end - x->p), w)) return false;
    x->p += w.n;
    return true;
}

static bool object(JsonPlain *x, JsonSlot *s, int32_t row);
static bool map(JsonPlain *x, JsonSlot *s, int32_t row);
static bool array(JsonPlain *x, JsonSlot *s, int32_t row);

// An object or array for a STRING column: written again by the exact tokenizer.
static bool copied(JsonPlain *x, JsonSlot *s, int32_t row)
{
    JsonOptions o = *x->r->opt;
    o.depth_max -= x->depth;
    const char *from = x->p;
    JsonLex *l = &x->r->lex;
    Buf b = buf_new(x->r->scratch);
    json_lex_start(l, x->r->scratch, str_of(x->p, x->end - x->p), &o);
    if (!json_lex_next(l)) return false;
    if (!(o.source ? json_lex_skip(l) : json_lex_copy(l, &b))) return false;
    Str raw = str_of(from, l->at - from);
    if (!o.source && utf8_valid_to(raw) != raw.n) return false;
    x->p = l->at;
    json_slot_datum(s, row, &(Datum){.s = o.source ? raw : buf_str(&b)});
    return true;
}

static bool container(JsonPlain *x, JsonSlot *s, int32_t row)
{
    bool is_array = *x->p == '[';
    if (s && s->type->id == T_STRING) return copied(x, s, row);
    if (s && s->type->id != (is_array ? T_ARRAY : s->phys == PHYS_LIST ? T_MAP : T_STRUCT))
        return false;
    if (++x->depth > MIN(DEPTH_MAX, x->r->opt->depth_max)) return false;
    x->p++;
    bool ok = is_array                    ? array(x, s, row)
              : s && s->type->id == T_MAP ? map(x, s, row)
                                          : object(x, s, row);
    x->depth--;
    return ok;
}

static bool text_value(JsonPlain *x, JsonSlot *s, int32_t row)
{
    Str text;
    x->p++;
    if (!string(x, &text)) return false;
    if (text.n > x->r->opt->string_max) return false;
    if (!s) return true;
    Datum v = {.s = text};
    if (s->type->id != T_STRING && !json_scalar_string(x->r, s->type, text, &v)) return false;
    if (v.null)
        json_slot_null(s, row);
    else
        json_slot_datum(s, row, &v);
    return true;
}

static bool word_value(JsonPlain *x, JsonSlot *s, int32_t row)
{
    Str w = *x->p == 't' ? S("true") : *x->p == 'f' ? S("false") : S("null");
    if (!word(x, w)) return false;
    if (!s) return true;
    if (w.p[0] == 'n') {
        json_slot_null(s, row);
        return true;
    }
    if (s->type->id == T_STRING) json_slot_datum(s, row, &(Datum){.s = str_of(x->p - w.n, w.n)});
    if (s->type->id == T_BOOLEAN) json_slot_datum(s, row, &(Datum){.i = w.p[0] == 't'});
    return s->type->id == T_STRING || s->type->id == T_BOOLEAN;
}

static bool any_value(JsonPlain *x, JsonSlot *s, int32_t row)
{
    char c = *x->p;
    if (c == '"') return text_value(x, s, row);
    if (c == '-' || is_digit(c)) {
        Number n;
        return number(x, &n) && (!s || put_number(x, s, row, &n));
    }
    if (c == '{' || c == '[') return container(x, s, row);
    return (c == 't' || c == 'f' || c == 'n') && word_value(x, s, row);
}

bool json_plain_value(JsonPlain *x, JsonSlot *s, int32_t row)
{
    // The fields of an object are values of their own in a layout, whether wanted or not.
    bool fields = *x->p == '{' && (!s || s->phys == PHYS_STRUCT);
    JsonMarks *marks = x->marks;
    const char *from = x->p;
    if (!fields) x->marks = NULL;
    bool ok = any_value(x, s, row);
    x->marks = marks;
    if (ok && marks && !fields)
        vec_push(x->r->scratch, marks, ((JsonMark){s, from, x->p, x->depth}));
    return ok &&
           (x->p == x->end || *x->p == ',' || *x->p == '}' || *x->p == ']' || is_space(*x->p));
}

// Behind an entry: *more when a comma follows, else `close` was there.
static bool after_entry(JsonPlain *x, char close, bool *more)
{
    if (!space(x)) return false;
    char c = *x->p++;
    *more = c == ',';
    return c == ',' || c == close;
}

static bool name(JsonPlain *x, Str *s) // and its colon, to the value
{
    if (!space(x) || *x->p != '"') return false;
    x->p++;
    if (!string(x, s) || !space(x) || *x->p != ':') return false;
    x->p++;
    return space(x) && s->n <= NUMBER_BYTES_MAX;
}

// The field of that name; a guess, the one behind the last, nearly always holds.
static JsonSlot *field(JsonSlot *s, Str key, int32_t guess)
{
    JsonSlot *k = guess < s->nkids ? &s->kid[guess] : NULL;
    if (!k || !str_eq(k->name, key)) k = map_get(&s->names, key);
    return k && !k->unread ? k : NULL;
}

static bool object(JsonPlain *x, JsonSlot *s, int32_t row)
{
    uint64_t id = ++x->r->objects;
    bool more = true;
    if (s) s->valid[row] = 1;
    if (s && x->marks) vec_push(x->r->scratch, x->marks, ((JsonMark){s, x->p, NULL, x->depth}));
    if (!space(x)) return false;
    if (*x->p == '}') {
        x->p++;
        more = false;
    }
    for (int32_t guess = 0; more;) {
        Str key;
        if (!name(x, &key)) return false;
        JsonSlot *k = s ? field(s, key, guess) : NULL;
        if (k) {
            if (k->seen == id) return false; // twice: which one counts is for the exact way
            k->seen = id;
            guess = (int32_t)(k - s->kid) + 1;
        }
        if (!json_plain_value(x, k, row) || !after_entry(x, '}', &more)) return false;
    }
    for (int32_t i = 0; s && i < s->nkids; i++)
        if (s->kid[i].seen != id) json_slot_null(&s->kid[i], row);
    return true;
}

static bool map(JsonPlain *x, JsonSlot *s, int32_t row)
{
    JsonSlot *keys = &s->kid[0], *values = &s->kid[1];
    List list = {keys->rows, 0};
    bool more = true;
    if (!space(x)) return false;
    if (*x->p == '}') {
        x->p++;
        more = false;
    }
    while (more) {
        Str key;
        if (!name(x, &key)) return false;
        json_slot_datum(keys, json_slot_grow(x->r, keys, 1), &(Datum){.s = key});
        int32_t at = json_slot_grow(x->r, values, 1);
        if (!json_plain_value(x, values, at) || !after_entry(x, '}', &more)) return false;
        list.n++;
    }
    s->valid[row] = 1;
    ((List *)s->data)[row] = list;
    return true;
}

static bool array(JsonPlain *x, JsonSlot *s, int32_t row)
{
    JsonSlot *element = s ? &s->kid[0] : NULL;
    List list = {element ? element->rows : 0, 0};
    bool more = true;
    if (!space(x)) return false;
    if (*x->p == ']') {
        x->p++;
        more = false;
    }
    while (more) {
        if (!space(x)) return false;
        int32_t at = element ? json_slot_grow(x->r, element, 1) : 0;
        if (!json_plain_value(x, element, at) || !after_entry(x, ']', &more)) return false;
        list.n++;
    }
    if (!s) return true;
    s->valid[row] = 1;
    ((List *)s->data)[row] = list;
    return true;
}

bool json_plain_record(JsonReader *r, Str text, int32_t row, JsonMarks *marks)
{
    JsonPlain x = {.r = r, .begin = text.p, .p = text.p, .end = text.p + text.n, .marks = marks};
    JsonSlot *s = &r->root;
    if (!space(&x)) return false;
    char first = s->type->id == T_ARRAY ? '[' : '{';
    return *x.p == first && json_plain_value(&x, s, row);
}
