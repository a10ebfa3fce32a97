// parquet_page.c -- what a page says about itself is believed only as far as its bytes go: counts
// are held against the footer's, codes against the dictionary, lengths against what is left.
#include "base/hash.h"
#include "fmt/delta.h"
#include "fmt/parquet_file_in.h"
#include "fmt/parquet_page_in.h"

enum { WINDOW = 1 << 18, HEAD_MAX = 1 << 16, ENTRIES_MAX = 1 << 26 };

static Status broken(const LeafReader *l, const char *what)
{
    Status s = pq_broken(l->file, what);
    return fail_in(s, "column " STR_FMT, STR_ARG(l->leaf->path[0]));
}

static int32_t native_size(PqType t)
{
    switch (t) {
    case PQ_BOOLEAN: return 1;
    case PQ_INT32:
    case PQ_FLOAT: return 4;
    case PQ_INT64:
    case PQ_DOUBLE: return 8;
    case PQ_INT96:
    case PQ_BYTE_ARRAY:
    case PQ_FIXED: return sizeof(Str);
    }
    must_failed("PqType", __FILE__, __LINE__);
}

void leaf_reader_open(LeafReader *l, const ParquetFile *f, const PqLeaf *leaf, Arena *a)
{
    *l = (LeafReader){.file = f, .leaf = leaf, .size = native_size(leaf->phys)};
    l->window_arena = arena_new(a);
    l->group_arena = a;
}

// n bytes of the file at `at`, valid until the next call.
static Status window_read(LeafReader *l, int64_t at, int64_t n, Str *out)
{
    if (at < l->window_at || at + n > l->window_at + l->window.n) {
        arena_clear(l->window_arena);
        int64_t more = MIN(MAX(n, WINDOW), l->end - at);
        TRY(l->file->src->read(l->file->src, l->window_arena, at, more, &l->window));
        l->window_at = at;
    }
    *out = str_sub(l->window, at - l->window_at, n);
    return DONE;
}

static void page_retire(LeafReader *l)
{
    if (l->arena) vec_push(l->group_arena, &l->retired, (PageArena){l->arena});
    l->arena = l->spare.n ? l->spare.v[--l->spare.n].of : arena_new(l->group_arena);
    l->def = l->rep = NULL;
    l->entries = l->entry = l->narray = l->value = 0;
}

void leaf_reader_release(LeafReader *l)
{
    for (int64_t i = 0; i < l->retired.n; i++) {
        arena_clear(l->retired.v[i].of);
        vec_push(l->group_arena, &l->spare, l->retired.v[i]);
    }
    l->retired.n = 0;
}

Status leaf_reader_group(LeafReader *l, const PqColumn *meta, const PqOffsetIndex *index,
                         Arena *group_arena)
{
    Arena *window = l->window_arena;
    *l = (LeafReader){.file = l->file, .leaf = l->leaf, .size = l->size, .meta = meta};
    l->window_arena = window;
    l->group_arena = group_arena;
    l->index = index;
    bool dict = meta->dictionary_at != THRIFT_NONE && meta->dictionary_at > 0;
    l->start = l->at = dict ? MIN(meta->dictionary_at, meta->data_at) : meta->data_at;
    if (meta->type != l->leaf->phys) return broken(l, "the chunk's type is not the schema's");
    if (l->start < 4 || meta->bytes < 0 || meta->values < 0 ||
        meta->bytes > l->file->src->bytes - l->start)
        return broken(l, "a chunk lies outside the file");
    l->end = l->start + meta->bytes;
    return DONE;
}

// Reads a page header and the page's bytes; l->at moves behind them.
static Status page_read(LeafReader *l, PqPage *head, Str *packed)
{
    Str some = {0};
    TRY(window_read(l, l->at, MIN(HEAD_MAX, l->end - l->at), &some));
    Reader r = reader_of(some);
    thrift_decode(&pq_page_spec, head, l->arena, &r);
    if (r.bad) return broken(l, "a page header does not parse");
    int64_t at = l->at + ((const char *)r.at - some.p);
    if (head->bytes < 0 || head->bytes > l->end - at || head->raw_bytes < 0 ||
        head->raw_bytes > CODEC_RAW_MAX)
        return broken(l, "a page is larger than its chunk");
    TRY(window_read(l, at, head->bytes, packed));
    l->at = at + head->bytes;
    if (head->crc != THRIFT_NONE && (uint32_t)head->crc != crc32_ieee(0, *packed))
        return broken(l, "a page's checksum is wrong");
    return DONE;
}

// Unpacks; what was not packed is copied, for it lies in the window.
static Status page_unpack(LeafReader *l, Arena *a, Str packed, int64_t raw_bytes, Str *raw)
{
    Status s = codec_unpack(raw, a, l->meta->codec, packed, raw_bytes);
    if (s.code) return fail_in(s, STR_FMT, STR_ARG(l->file->src->name));
    if (raw->p == packed.p) *raw = str_copy(a, packed);
    return DONE;
}

// PLAIN values of one width as an array of native ones: strings become views.
static bool plain_array(LeafReader *l, Arena *a, Str bytes, int64_t n, const char **array)
{
    int32_t width = l->leaf->phys == PQ_FIXED   ? l->leaf->length
                    : l->leaf->phys == PQ_INT96 ? 12
                                                : l->size;
    if (l->leaf->phys == PQ_BYTE_ARRAY) {
        if (n > bytes.n / 4) return false;
        Str *v = NEW_RAW(a, Str, n);
        Reader r = reader_of(bytes);
        for (int64_t i = 0; i < n; i++) v[i] = reader_str_u32le(&r);
        *array = (const char *)v;
        return !r.bad;
    }
    if (n > bytes.n / width) return false;
    *array = bytes.p;
    if (l->leaf->phys != PQ_FIXED && l->leaf->phys != PQ_INT96) return true;
    Str *v = NEW_RAW(a, Str, n);
    for (int64_t i = 0; i < n; i++) v[i] = str_of(bytes.p + i * width, width);
    *array = (const char *)v;
    return true;
}

static Status take_dictionary(LeafReader *l, const PqPage *head, Str packed)
{
    const PqDictionaryPage *d = head->dictionary;
    if (!d || l->dictionary || d->values < 0 || l->leaf->phys == PQ_BOOLEAN)
        return broken(l, "a dictionary page out of place");
    if (d->encoding != PQ_PLAIN && d->encoding != PQ_PLAIN_DICTIONARY)
        return broken(l, "a dictionary that is not PLAIN");
    Str raw = {0};
    TRY(page_unpack(l, l->group_arena, packed, head->raw_bytes, &raw));
    if (!plain_array(l, l->group_arena, raw, d->values, &l->dictionary))
        return broken(l, "a dictionary shorter than it says");
    l->ndictionary = d->values;
    return DONE;
}

static bool read_levels(LeafReader *l, Str bytes, int32_t max, uint8_t **to)
{
    *to = NEW_RAW(l->arena, uint8_t, l->entries);
    RleReader r = rle_reader(bytes, bits_for((uint64_t)max));
    if (!rle_read_u8(&r, *to, l->entries)) return false;
    uint8_t most = 0;
    for (int64_t i = 0; i < l->entries; i++) most = (*to)[i] > most ? (*to)[i] : most;
    return most <= max;
}

// Old writers packed levels without runs, and highest bits first; nobody does since 2013.
static bool levels_known(int64_t encoding) { return encoding == PQ_RLE || encoding == THRIFT_NONE; }

static Status take_levels(LeafReader *l, const PqPage *head, Str *raw)
{
    Reader r = reader_of(*raw);
    const PqDataPage *d = head->data;
    int32_t rep = l->leaf->rep_max, def = l->leaf->def_max;
    if (rep && !levels_known(d->rep_encoding))
        return fail(ERR_UNSUPPORTED, "levels are BIT_PACKED");
    if (def && !levels_known(d->def_encoding))
        return fail(ERR_UNSUPPORTED, "levels are BIT_PACKED");
    if (rep && !read_levels(l, reader_str_u32le(&r), rep, &l->rep))
        return broken(l, "repetition levels do not decode");
    if (def && !read_levels(l, reader_str_u32le(&r), def, &l->def))
        return broken(l, "definition levels do not decode");
    if (r.bad) return broken(l, "levels run over the page");
    *raw = str_of((const char *)r.at, r.end - r.at);
    return DONE;
}

// Version 2: levels stand in front, never packed.
static Status take_page2(LeafReader *l, const PqPage *head, Str packed, Str *raw)
{
    const PqDataPage2 *d = head->data2;
    int64_t rep = d->rep_bytes == THRIFT_NONE ? 0 : d->rep_bytes;
    int64_t def = d->def_bytes == THRIFT_NONE ? 0 : d->def_bytes;
    if (rep < 0 || def < 0 || rep > packed.n || def > packed.n - rep || head->raw_bytes < rep + def)
        return broken(l, "levels run over the page");
    Str levels = str_copy(l->arena, str_sub(packed, 0, rep + def));
    if (l->leaf->rep_max && !read_levels(l, str_sub(levels, 0, rep), l->leaf->rep_max, &l->rep))
        return broken(l, "repetition levels do not decode");
    if (l->leaf->def_max && !read_levels(l, str_sub(levels, rep, def), l->leaf->def_max, &l->def))
        return broken(l, "definition levels do not decode");
    Str rest = str_from(packed, rep + def);
    if (d->compressed == 0 || rest.n == 0) { // an empty rest need not be a frame
        *raw = str_copy(l->arena, rest);
        return DONE;
    }
    return page_unpack(l, l->arena, rest, head->raw_bytes - rep - def, raw);
}

int64_t count_there(const uint8_t *def, int64_t n, int32_t max)
{
    int64_t there = 0;
    for (int64_t i = 0; i < n; i++) there += def[i] == max;
    return there;
}

static Status take_delta(LeafReader *l, int64_t encoding, Str raw, int64_t there)
{
    int64_t n = 0, *v = NULL;
    Str *s = NULL;
    bool ok = false;
    if (encoding == PQ_DELTA_BINARY_PACKED) {
        Reader r = reader_of(raw);
        ok = (l->size == 4 || l->size == 8) && delta_read(&v, &n, l->arena, &r, there);
        if (ok && l->size == 4)
            for (int64_t i = 0; i < n; i++) ((int32_t *)v)[i] = (int32_t)v[i];
        l->array = (const char *)v;
    } else {
        ok = (l->leaf->phys == PQ_BYTE_ARRAY || l->leaf->phys == PQ_FIXED) &&
             (encoding == PQ_DELTA_BYTE_ARRAY ? delta_strs_read(&s, &n, l->arena, raw, there)
                                              : delta_lengths_read(&s, &n, l->arena, raw, there));
        l->array = (const char *)s;
    }
    l->narray = n;
    return ok ? DONE : broken(l, "delta encoded values do not decode");
}

static Status take_streams(LeafReader *l, Str raw)
{
    int32_t width = l->leaf->phys == PQ_FIXED ? l->leaf->length : l->size;
    if (l->leaf->phys == PQ_BOOLEAN || l->leaf->phys == PQ_BYTE_ARRAY ||
        l->leaf->phys == PQ_INT96 || raw.n % width)
        return broken(l, "BYTE_STREAM_SPLIT of values that do not fit it");
    l->narray = raw.n / width;
    Str joined = str_of(byte_streams_join(l->arena, raw, width), raw.n);
    return plain_array(l, l->arena, joined, l->narray, &l->array) ? DONE : broken(l, "streams");
}

// Sets up the decoding of the page's values.
static Status take_values(LeafReader *l, int64_t encoding, Str raw)
{
    int64_t there = l->def ? count_there(l->def, l->entries, l->leaf->def_max) : l->entries;
    l->form = FORM_ARRAY;
    switch (encoding) {
    case PQ_PLAIN:
        l->form = l->leaf->phys == PQ_BOOLEAN      ? FORM_BITS
                  : l->leaf->phys == PQ_BYTE_ARRAY ? FORM_PLAIN
                                                   : FORM_ARRAY;
        l->plain = reader_of(raw);
        l->narray = there;
        if (l->form == FORM_BITS)
            l->runs = (RleReader){.r = reader_of(raw), .width = 1, .packed = true};
        if (l->form == FORM_BITS) l->runs.left = raw.n * 8, l->runs.group = (const uint8_t *)raw.p;
        if (l->form == FORM_ARRAY && !plain_array(l, l->arena, raw, there, &l->array))
            return broken(l, "a page shorter than its values");
        return DONE;
    case PQ_PLAIN_DICTIONARY:
    case PQ_RLE_DICTIONARY:
        if (!l->dictionary) return broken(l, "codes without a dictionary");
        if (there && (raw.n < 1 || (uint8_t)raw.p[0] > 32)) return broken(l, "the width of codes");
        l->form = FORM_CODES;
        if (there) l->runs = rle_reader(str_from(raw, 1), (uint8_t)raw.p[0]);
        return DONE;
    case PQ_RLE:
        if (l->leaf->phys != PQ_BOOLEAN) return broken(l, "RLE of what is not BOOLEAN");
        l->form = FORM_RUNS;
        Reader r = reader_of(raw);
        l->runs = rle_reader(reader_str_u32le(&r), 1);
        return r.bad && there ? broken(l, "a page shorter than its values") : DONE;
    case PQ_DELTA_BINARY_PACKED:
    case PQ_DELTA_LENGTH_BYTE_ARRAY:
    case PQ_DELTA_BYTE_ARRAY: return there ? take_delta(l, encoding, raw, there) : DONE;
    case PQ_BYTE_STREAM_SPLIT: return take_streams(l, raw);
    }
    return fail(ERR_UNSUPPORTED, STR_FMT ": encoding %lld is not read", STR_ARG(l->file->src->name),
                (long long)encoding);
}

static Status take_data(LeafReader *l, const PqPage *head, Str packed)
{
    Str raw = {0};
    bool two = head->type == PQ_DATA_PAGE_V2;
    if (two ? !head->data2 : !head->data) return broken(l, "a page without its header");
    int64_t entries = two ? head->data2->values : head->data->values;
    l->entries_seen += entries;
    if (entries < 0 || entries > ENTRIES_MAX || l->entries_seen > l->meta->values)
        return broken(l, "pages hold more values than the footer says");
    l->entries = entries;
    if (two) {
        TRY(take_page2(l, head, packed, &raw));
    } else {
        TRY(page_unpack(l, l->arena, packed, head->raw_bytes, &raw));
        TRY(take_levels(l, head, &raw));
    }
    return take_values(l, two ? head->data2->encoding : head->data->encoding, raw);
}

static Status page_next(LeafReader *l)
{
    PqPage head = {0};
    Str packed = {0};
    page_retire(l);
    TRY(page_read(l, &head, &packed));
    if (head.type == PQ_DICTIONARY_PAGE) return take_dictionary(l, &head, packed);
    if (head.type == PQ_DATA_PAGE || head.type == PQ_DATA_PAGE_V2)
        return take_data(l, &head, packed);
    return DONE; // of a kind that holds no rows
}

Status leaf_reader_page(LeafReader *l, bool *end)
{
    *end = false;
    while (l->entry == l->entries) {
        *end = l->at >= l->end;
        if (*end) return DONE;
        TRY(page_next(l));
    }
    return DONE;
}

static Status bad_codes(const LeafReader *l) { return broken(l, "a code outside the dictionary"); }

// Codes to values, a thousand at a time.
static Status values_of_codes(LeafReader *l, char *to, int64_t n)
{
    uint32_t code[1024];
    for (int64_t at = 0; at < n; at += COUNT(code)) {
        int64_t m = MIN(n - at, COUNT(code));
        if (!rle_read_u32(&l->runs, code, m)) return broken(l, "a page shorter than its values");
        uint32_t most = 0;
        for (int64_t i = 0; i < m; i++) most = code[i] > most ? code[i] : most;
        if (most >= l->ndictionary) return bad_codes(l);
        if (!to) continue;
        char *out = to + at * l->size;
        for (int64_t i = 0; i < m; i++) {
            if (l->size == 4)
                memcpy(out + i * 4, l->dictionary + code[i] * INT64_C(4), 4);
            else if (l->size == 8)
                memcpy(out + i * 8, l->dictionary + code[i] * INT64_C(8), 8);
            else
                memcpy(out + i * 16, l->dictionary + code[i] * INT64_C(16), 16);
        }
    }
    return DONE;
}

Status leaf_reader_values(LeafReader *l, void *to, int64_t n)
{
    if (n == 0) return DONE;
    switch (l->form) {
    case FORM_ARRAY:
        if (n > l->narray - l->value) return broken(l, "a page shorter than its values");
        if (to) memcpy(to, l->array + l->value * l->size, (size_t)(n * l->size));
        l->value += n;
        return DONE;
    case FORM_PLAIN:
        for (int64_t i = 0; i < n; i++) {
            Str s = reader_str_u32le(&l->plain);
            if (to) ((Str *)to)[i] = s;
        }
        return l->plain.bad ? broken(l, "a page shorter than its values") : DONE;
    case FORM_BITS:
        if (n > l->runs.left) return broken(l, "a page shorter than its values");
        // fallthrough
    case FORM_RUNS: {
        uint8_t drop[256];
        bool ok = true;
        for (int64_t i = 0; !to && i < n; i += COUNT(drop))
            ok = ok && rle_read_u8(&l->runs, drop, MIN(n - i, COUNT(drop)));
        if (to) ok = rle_read_u8(&l->runs, to, n);
        return ok ? DONE : broken(l, "a page shorter than its values");
    }
    case FORM_CODES: return values_of_codes(l, to, n);
    }
    must_failed("PageForm", __FILE__, __LINE__);
}

// Jumps by the offset index to the page that holds the row, when that is not the current one.
static Status jump(LeafReader *l, int64_t row, int64_t *skipped)
{
    const PqLocation *page = l->index->pages.v;
    int64_t n = l->index->pages.n, i = 0, here = 0;
    while (i + 1 < n && page[i + 1].first_row <= row) i++;
    if (i >= n || page[i].first_row <= l->row) return DONE;
    if (!l->dictionary && l->at == l->start && l->meta->dictionary_at > 0) TRY(page_next(l));
    if (page[i].at < l->at || page[i].at > l->end) return broken(l, "the offset index is wrong");
    while (here < n && page[here].at < l->at) here++;
    *skipped += i - here;
    page_retire(l);
    l->at = page[i].at;
    l->row = page[i].first_row;
    return DONE;
}

static Status skip_entries(LeafReader *l, int64_t from)
{
    int64_t n = l->entry - from;
    return leaf_reader_values(l, NULL,
                              l->def ? count_there(l->def + from, n, l->leaf->def_max) : n);
}

static Status seek_flat(LeafReader *l, int64_t row)
{
    while (l->row < row) {
        bool end;
        TRY(leaf_reader_page(l, &end));
        if (end) return broken(l, "a chunk shorter than its row group");
        int64_t from = l->entry;
        l->entry += MIN(row - l->row, l->entries - l->entry);
        l->row += l->entry - from;
        TRY(skip_entries(l, from));
    }
    return DONE;
}

// l->row counts the rows begun; the one before may go on in the next page.
static Status seek_nested(LeafReader *l, int64_t row)
{
    for (bool found = false, end = false; !found;) {
        TRY(leaf_reader_page(l, &end));
        if (end) return l->row == row ? DONE : broken(l, "a chunk shorter than its row group");
        int64_t from = l->entry;
        for (; l->entry < l->entries; l->entry++) {
            bool begins = l->rep[l->entry] == 0;
            found = begins && l->row == row;
            if (found) break;
            l->row += begins;
        }
        TRY(skip_entries(l, from));
    }
    return DONE;
}

Status leaf_reader_seek(LeafReader *l, int64_t row, int64_t *skipped)
{
    if (l->index) TRY(jump(l, row, skipped));
    return l->leaf->rep_max ? seek_nested(l, row) : seek_flat(l, row);
}
