// parquet_leaf.c -- a chunk is all dictionary or all plain: what is gathered stays unencoded until
// the row group ends, so the choice is made on the whole and the bytes cannot depend on how the
// rows arrived. Giving a dictionary up turns the codes back into values.
#include "base/hash.h"
#include "fmt/parquet_leaf_in.h"
#include "fmt/rle.h"

enum { FIRST_LOOK = 4096 };

PqNative pq_native(const PqLeaf *leaf)
{
    switch (leaf->phys) {
    case PQ_BOOLEAN: return PQ_N8;
    case PQ_INT32:
    case PQ_FLOAT: return PQ_N32;
    case PQ_INT64:
    case PQ_DOUBLE: return PQ_N64;
    case PQ_BYTE_ARRAY: return PQ_NSTR;
    case PQ_FIXED: return PQ_NFIXED;
    case PQ_INT96: break;
    }
    must_failed("a type that is written", __FILE__, __LINE__);
}

void leaf_init(LeafWriter *l, Arena *a, const PqLeaf *leaf, const ParquetOptions *o)
{
    *l = (LeafWriter){.leaf = leaf, .native = pq_native(leaf), .arena = a, .look_at = FIRST_LOOK};
    l->codes = l->plain = l->def = l->rep = l->body = buf_new(a);
    if (o->dictionary && l->native != PQ_N8) l->dict = dict_new(a, l->native, o->dictionary_bytes);
}

static int32_t code_width(const Dict *d) { return MAX(1, bits_for((uint64_t)MAX(d->n - 1, 0))); }

// What the values take as they are, and with the dictionary.
static int64_t plain_bytes(const LeafWriter *l)
{
    if (l->native == PQ_N32 || l->native == PQ_N64) return l->values * native_bytes(l->native);
    int64_t n = 0; // of strings: by the codes
    const uint32_t *code = (const uint32_t *)(const void *)l->codes.p;
    for (int64_t i = 0; i < l->values; i++) n += l->dict->entry[code[i]].n;
    return n + (l->native == PQ_NSTR ? 4 * l->values : 0);
}

static int64_t dict_bytes(const LeafWriter *l)
{
    return l->dict->plain.n + l->values * code_width(l->dict) / 8;
}

static void give_up(LeafWriter *l)
{
    const Dict *d = l->dict;
    const uint32_t *code = (const uint32_t *)(const void *)l->codes.p;
    int64_t size = native_bytes(l->native);
    bool strs = l->native == PQ_NSTR || l->native == PQ_NFIXED;
    if (!strs && l->values) buf_room(&l->plain, l->values * size);
    for (int64_t i = 0; i < l->values; i++) {
        if (strs)
            plain_put(&l->plain, l->native, &(Str){dict_str(d, code[i]).p, d->entry[code[i]].n}, 1);
        else
            buf_put(&l->plain, str_of(d->plain.p + code[i] * size, size));
    }
    l->dict = NULL;
}

void leaf_add(LeafWriter *l, const void *v, int64_t n)
{
    const char *at = v;
    while (n > 0 && l->dict) {
        int64_t m = MIN(n, l->look_at - l->values);
        uint32_t *codes = (uint32_t *)(void *)buf_room(&l->codes, m * 4);
        int64_t took = dict_add(l->dict, at, m, codes);
        l->codes.n += took * 4;
        l->values += took;
        n -= took;
        at += took * native_bytes(l->native);
        bool look = l->values == l->look_at;
        // A dictionary that saves less than a quarter costs readers more than it saves.
        if (took < m || (look && dict_bytes(l) * 4 > plain_bytes(l) * 3))
            give_up(l);
        else if (look)
            l->look_at *= 4;
    }
    if (n <= 0) return;
    plain_put(&l->plain, l->native, at, n);
    l->values += n;
}

void leaf_levels(LeafWriter *l, const uint8_t *def, const uint8_t *rep, int64_t n)
{
    if (l->leaf->def_max) {
        if (def)
            buf_put(&l->def, str_of((const char *)def, n));
        else
            buf_fill(&l->def, (char)l->leaf->def_max, n);
    }
    if (l->leaf->rep_max) {
        if (rep)
            buf_put(&l->rep, str_of((const char *)rep, n));
        else
            buf_fill(&l->rep, 0, n);
    }
    l->entries += n;
}

// Where a page's part of a buffer begins; of an empty buffer it does not matter.
static const void *part(const Buf *b, int64_t at) { return b->n ? b->p + at : b->p; }

typedef struct PageCut {              // a page: where it begins and ends
    int64_t entry, value, plain, row; // plain: bytes of PLAIN values
} PageCut;

// The end of a page whose entries are rows and whose values are of one width: no need to look.
static PageCut flat_page_end(const LeafWriter *l, const ParquetOptions *o, PageCut c, int32_t width)
{
    int64_t n = MIN(o->page_rows, l->entries - c.entry), values = n;
    if (width) n = values = MIN(n, MAX(o->page_bytes / width, 1));
    const uint8_t *def = (const uint8_t *)l->def.p + c.entry, max = (uint8_t)l->leaf->def_max;
    if (l->def.n) {
        values = 0;
        for (int64_t i = 0; i < n; i++) values += def[i] == max;
    }
    return (PageCut){c.entry + n, c.value + values, c.plain + values * width, c.row + n};
}

// The end of the page that begins at `from`.
static PageCut page_end(const LeafWriter *l, const ParquetOptions *o, PageCut from)
{
    const uint8_t *def = (const uint8_t *)l->def.p, *rep = (const uint8_t *)l->rep.p;
    int32_t width = l->dict || l->native == PQ_N8 ? 0
                    : l->native == PQ_NSTR        ? -1
                    : l->native == PQ_NFIXED      ? l->leaf->length
                                                  : native_bytes(l->native);
    PageCut c = from;
    if (!l->leaf->rep_max && width >= 0) return flat_page_end(l, o, from, width);
    for (; c.entry < l->entries; c.entry++) {
        if (!l->rep.n || rep[c.entry] == 0) { // only where a row begins
            if (c.row - from.row >= o->page_rows || c.plain - from.plain >= o->page_bytes) break;
            c.row++;
        }
        if (l->def.n && def[c.entry] != l->leaf->def_max) continue;
        c.value++;
        uint32_t n = (uint32_t)width;
        if (width < 0) {
            memcpy(&n, l->plain.p + c.plain, 4);
            n += 4;
        }
        c.plain += n;
    }
    return c;
}

static void put_levels(Buf *raw, const uint8_t *level, int64_t n, int32_t max, bool all_max)
{
    int64_t at = raw->n;
    buf_u32le(raw, 0);
    if (all_max)
        rle_encode_run(raw, (uint32_t)max, n, bits_for((uint64_t)max));
    else
        rle_encode_u8(raw, level, n, bits_for((uint64_t)max));
    uint32_t bytes = (uint32_t)(raw->n - at - 4);
    memcpy(raw->p + at, &bytes, 4);
}

static void put_bools(Buf *raw, const uint8_t *v, int64_t n)
{
    uint32_t wide[512];
    for (int64_t at = 0; at < n; at += COUNT(wide)) {
        int64_t m = MIN(n - at, COUNT(wide));
        for (int64_t i = 0; i < m; i++) wide[i] = v[at + i];
        bits_pack(raw, wide, m, 1);
    }
}

static void put_page(LeafWriter *l, PqPage *head, Str raw, Packer *p, Buf *packed)
{
    buf_clear(packed);
    packer_pack(p, raw, packed);
    head->raw_bytes = raw.n;
    head->bytes = packed->n;
    head->crc = (int32_t)crc32_ieee(0, buf_str(packed));
    int64_t at = l->body.n;
    thrift_encode(&pq_page_spec, head, &l->body);
    l->raw_bytes += l->body.n - at + raw.n;
    buf_put(&l->body, buf_str(packed));
}

// Each value that a page's codes name, once, in native form; returns how many.
static int64_t values_used(const LeafWriter *l, PageCut from, PageCut to, Arena *scratch, char *v)
{
    int64_t size = native_bytes(l->native), m = 0;
    bool strs = l->native == PQ_NSTR || l->native == PQ_NFIXED;
    uint8_t *used = NEW(scratch, uint8_t, l->dict->n);
    const uint32_t *code = (const uint32_t *)(const void *)l->codes.p;
    for (int64_t i = from.value; i < to.value; i++) used[code[i]] = 1;
    for (uint32_t c = 0; c < (uint32_t)l->dict->n; c++) {
        if (!used[c]) continue;
        Str value = strs ? dict_str(l->dict, c) : (Str){0};
        const void *p = strs ? (const void *)&value : l->dict->plain.p + c * size;
        memcpy(v + m++ * size, p, (size_t)size);
    }
    return m;
}

static bool code_is_nan(const LeafWriter *l, uint32_t code)
{
    const char *p = l->dict->plain.p;
    if (l->native == PQ_N32)
        return ((const float *)(const void *)p)[code] != ((const float *)(const void *)p)[code];
    return ((const double *)(const void *)p)[code] != ((const double *)(const void *)p)[code];
}

static int64_t count_nans(const LeafWriter *l, PageCut from, PageCut to)
{
    int64_t n = 0;
    const uint32_t *code = (const uint32_t *)(const void *)l->codes.p;
    for (int64_t i = from.value; i < to.value; i++) n += code_is_nan(l, code[i]);
    return n;
}

// Statistics of the values of a page, straight from where they lie.
static void page_stat(const LeafWriter *l, PageCut from, PageCut to, Arena *scratch, PqStat *s)
{
    int64_t n = to.value - from.value, size = native_bytes(l->native);
    bool strs = l->native == PQ_NSTR || l->native == PQ_NFIXED;
    if (l->dict) {
        char *v = arena_alloc_raw(scratch, size, 16, MIN(n, l->dict->n));
        stat_fold(s, l->leaf, l->native, v, values_used(l, from, to, scratch, v));
        if (s->nans) s->nans = count_nans(l, from, to);
    } else if (!strs) {
        stat_fold(s, l->leaf, l->native, part(&l->plain, from.value * size), n);
    } else {
        Str *v = NEW_RAW(scratch, Str, n);
        const char *at = part(&l->plain, from.plain);
        for (int64_t m = 0; m < n; m++) {
            uint32_t len = (uint32_t)l->leaf->length;
            if (l->native == PQ_NSTR) memcpy(&len, at, 4), at += 4;
            v[m] = str_of(at, len);
            at += len;
        }
        stat_fold(s, l->leaf, l->native, v, n);
    }
}

static void seal_page(LeafWriter *l, PageCut from, PageCut to, Packer *p, Arena *scratch)
{
    Buf raw = buf_new(scratch), packed = buf_new(scratch);
    int64_t entries = to.entry - from.entry, values = to.value - from.value;
    const PqLeaf *leaf = l->leaf;
    buf_room(&raw, entries + (l->dict ? values * 4 : to.plain - from.plain) + 64);
    const uint8_t *rep = (uint8_t *)l->rep.p, *def = (uint8_t *)l->def.p;
    if (leaf->rep_max) put_levels(&raw, rep + from.entry, entries, leaf->rep_max, false);
    if (leaf->def_max)
        put_levels(&raw, def + from.entry, entries, leaf->def_max, entries == values);
    if (l->dict) {
        int32_t width = code_width(l->dict);
        buf_u8(&raw, (uint8_t)width);
        rle_encode_u32(&raw, part(&l->codes, from.value * 4), values, width);
    } else if (l->native == PQ_N8) {
        put_bools(&raw, part(&l->plain, from.value), values);
    } else {
        buf_put(&raw, str_of(part(&l->plain, from.plain), to.plain - from.plain));
    }
    PqStat stat = {0};
    page_stat(l, from, to, scratch, &stat);
    PqPage head;
    thrift_clear(&pq_page_spec, &head);
    PqDataPage data = {entries, l->dict ? PQ_RLE_DICTIONARY : PQ_PLAIN, PQ_RLE, PQ_RLE};
    head.type = PQ_DATA_PAGE;
    head.data = &data;
    PqWrittenPage page = {.at = l->body.n, .first_row = from.row, .nulls = entries - values};
    put_page(l, &head, buf_str(&raw), p, &packed);
    page.bytes = l->body.n - page.at;
    page.all_null = values == 0;
    page.all_nan = values > 0 && !stat.any;
    bool exact;
    page.lo = stat.any ? stat_bytes(l->arena, leaf, &stat.lo, false, &exact) : S("");
    page.hi = stat.any ? stat_bytes(l->arena, leaf, &stat.hi, true, &exact) : S("");
    vec_push(l->arena, &l->pages, page);
    stat_merge(&l->stat, leaf, &stat);
}

static void seal_dictionary(LeafWriter *l, Packer *p, Arena *scratch)
{
    Buf packed = buf_new(scratch);
    PqPage head;
    thrift_clear(&pq_page_spec, &head);
    PqDictionaryPage dictionary = {l->dict->n, PQ_PLAIN, THRIFT_NONE};
    head.type = PQ_DICTIONARY_PAGE;
    head.dictionary = &dictionary;
    put_page(l, &head, buf_str(&l->dict->plain), p, &packed);
    l->dictionary_bytes = l->body.n;
}

void leaf_seal(LeafWriter *l, const ParquetOptions *o, Packer *p)
{
    if (l->dict && dict_bytes(l) >= plain_bytes(l)) give_up(l);
    Arena *scratch = arena_new(l->arena);
    if (l->dict) seal_dictionary(l, p, scratch);
    for (PageCut from = {0}; from.entry < l->entries;) {
        PageCut to = page_end(l, o, from);
        seal_page(l, from, to, p, scratch);
        arena_clear(scratch);
        l->rows = to.row;
        from = to;
    }
    arena_free(scratch);
}
