// floor.c -- what the machine can do on the work that `make bench` measures, with nothing of an
// engine in the way: read segments of record batches, check their CRC, walk the records, parse the
// JSON by a layout that is known beforehand, and aggregate into an array that is known to be big
// enough.
//   floor windows|alerts THREADS SEGMENT...      prints events, seconds, events per second
//   floor groups ROWS KEYS                       count and sum by key of numbers that are made
// It does no more than the queries need and would be wrong on any other input; that is its purpose.
#include <fcntl.h>
#include <immintrin.h>
#include <lz4frame.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 256 << 10, PAD = 64, ROWS = 4096, WINDOWS = 4096, TYPES = 8, RAW = 8 << 20 };

typedef struct Field {
    char literal[40]; // what stands before the value
    int n;
    enum { SKIP, SKIP_NUMBER, WORD, INTEGER, DECIMAL, TIME } kind;
    uint32_t *code;
    int64_t *i64;
    double *f64;
} Field;
typedef struct Job {
    char **file;
    int nfiles, first, step;
    int alerts;
    int64_t events, odd, out, check;
    Field field[8];
    int nfields;
    char tail[8];
    uint64_t day_key;
    int64_t day;
    uint64_t word[64][2];
    int nwords;
    int64_t count[WINDOWS][TYPES], sum[WINDOWS][TYPES];
} Job;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t crc_table[4][256];
static uint32_t times(const uint32_t m[32], uint32_t v)
{
    uint32_t out = 0;
    for (int i = 0; v; v >>= 1, i++)
        if (v & 1) out ^= m[i];
    return out;
}
enum { STREAM = 2048 };
static void crc_init(void)
{
    uint32_t m[32], s[32];
    for (int i = 0; i < 32; i++) m[i] = (uint32_t)_mm_crc32_u8(1u << i, 0);
    for (int bytes = 1; bytes < STREAM; bytes *= 2) {
        for (int i = 0; i < 32; i++) s[i] = times(m, m[i]);
        memcpy(m, s, sizeof m);
    }
    for (int k = 0; k < 4; k++)
        for (uint32_t i = 0; i < 256; i++) crc_table[k][i] = times(m, i << (8 * k));
}
static uint32_t shifted(uint64_t c)
{
    return crc_table[0][c & 255] ^ crc_table[1][c >> 8 & 255] ^ crc_table[2][c >> 16 & 255] ^
           crc_table[3][c >> 24 & 255];
}
static uint64_t load64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}
static uint32_t crc32c(const char *p, int64_t n)
{
    uint64_t a = ~0u;
    for (; n >= 3 * STREAM; n -= 3 * STREAM, p += 3 * STREAM) {
        uint64_t b = 0, c = 0;
        for (int i = 0; i < STREAM; i += 8) {
            a = _mm_crc32_u64(a, load64(p + i));
            b = _mm_crc32_u64(b, load64(p + STREAM + i));
            c = _mm_crc32_u64(c, load64(p + 2 * STREAM + i));
        }
        a = shifted(a) ^ b;
        a = shifted(a) ^ c;
    }
    for (; n >= 8; n -= 8, p += 8) a = _mm_crc32_u64(a, load64(p));
    for (; n > 0; n--, p++) a = _mm_crc32_u8((uint32_t)a, (uint8_t)*p);
    return ~(uint32_t)a;
}

static inline const char *varint(const char *p, int64_t *out)
{
    uint64_t u = (uint8_t)*p++;
    if (__builtin_expect(u > 127, 0)) {
        u &= 127;
        uint8_t b;
        int shift = 7;
        do {
            b = (uint8_t)*p++;
            u |= (uint64_t)(b & 127) << shift;
            shift += 7;
        } while (b & 128);
    }
    *out = (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
    return p;
}

static inline int quote(const char *p) // bytes before the next quote; values hold no escapes
{
    for (int i = 0;; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        uint32_t q = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')));
        if (q) return i + __builtin_ctz(q);
    }
}

static inline uint32_t word_code(Job *j, const char *p, int n)
{
    static const uint64_t mask[9] = {0,           0xff,         0xffff,         0xffffff,
                                     0xffffffff,  0xffffffffff, 0xffffffffffff, 0xffffffffffffff,
                                     ~UINT64_C(0)};
    uint64_t a = load64(p) & mask[n < 8 ? n : 8], b = n > 8 ? load64(p + 8) & mask[n - 8] : 0;
    uint32_t h = (uint32_t)(_mm_crc32_u64(_mm_crc32_u64((uint64_t)n, a), b) * 0x9e3779b1u) >> 26;
    static __thread uint8_t slot[64];
    for (;; h = (h + 1) & 63) {
        if (!slot[h]) {
            j->word[j->nwords][0] = a;
            j->word[j->nwords][1] = b;
            slot[h] = (uint8_t)++j->nwords;
        }
        int k = slot[h] - 1;
        if (j->word[k][0] == a && j->word[k][1] == b) return (uint32_t)k;
    }
}

static int64_t days(int y, int m, int d)
{
    y -= m <= 2;
    int era = y / 400, yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * INT64_C(146097) + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}
#define D(k) (p[k] - '0')
static inline int64_t time_of(Job *j, const char *p, int n)
{
    uint64_t key = load64(p) ^ (uint64_t)(uint8_t)p[8] << 40 ^ (uint64_t)(uint8_t)p[9] << 48;
    if (key != j->day_key) {
        j->day_key = key;
        j->day =
            days(D(0) * 1000 + D(1) * 100 + D(2) * 10 + D(3), D(5) * 10 + D(6), D(8) * 10 + D(9)) *
            INT64_C(86400000000);
    }
    __m128i d =
        _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 10)), _mm_set1_epi8('0'));
    d = _mm_shuffle_epi8(d,
                         _mm_setr_epi8(1, 2, 4, 5, 7, 8, -1, -1, -1, -1, 10, 11, 12, 13, 14, 15));
    d = _mm_maddubs_epi16(d, _mm_set1_epi16(0x010a));
    uint64_t lo = (uint64_t)_mm_cvtsi128_si64(d), hi = (uint64_t)_mm_extract_epi64(d, 1);
    int64_t f =
        n > 19 ? (int64_t)((hi >> 16 & 0xffff) * 10000 + (hi >> 32 & 0xffff) * 100 + (hi >> 48))
               : 0;
    return j->day +
           ((int64_t)(lo & 0xffff) * 3600 + (int64_t)(lo >> 16 & 0xffff) * 60 +
            (int64_t)(lo >> 32 & 0xffff)) *
               1000000 +
           f;
}

static inline const char *number(Field *f, int row, const char *p)
{
    static const double scale[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    uint64_t v = 0;
    while ((unsigned)(*p - '0') <= 9) v = v * 10 + (uint64_t)(*p++ - '0');
    int k = 0;
    if (*p == '.')
        for (p++; (unsigned)(*p - '0') <= 9; k++) v = v * 10 + (uint64_t)(*p++ - '0');
    if (f->kind == INTEGER)
        f->i64[row] = (int64_t)v;
    else if (f->kind == DECIMAL)
        f->f64[row] = (double)v / scale[k];
    return p;
}

static inline int parse(Job *j, int row, const char *p, const char *end)
{
    for (int i = 0; i < j->nfields; i++) {
        Field *f = &j->field[i];
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)f->literal);
        uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
        if (~same & (uint32_t)((UINT64_C(1) << f->n) - 1)) return 0;
        p += f->n;
        if (f->kind == INTEGER || f->kind == DECIMAL || f->kind == SKIP_NUMBER) {
            p = number(f, row, p);
            continue;
        }
        int n = quote(p);
        if (f->kind == WORD)
            f->code[row] = word_code(j, p, n);
        else if (f->kind == TIME)
            f->i64[row] = time_of(j, p, n);
        p += n;
    }
    return p + strlen(j->tail) == end;
}

static void field(Job *j, const char *literal, int kind)
{
    Field *f = &j->field[j->nfields++];
    f->n = (int)strlen(literal);
    if (f->n > 32) abort();
    memcpy(f->literal, literal, (size_t)f->n);
    f->kind = kind;
    f->code = calloc(ROWS, sizeof *f->code);
    f->i64 = calloc(ROWS, sizeof *f->i64);
    f->f64 = calloc(ROWS, sizeof *f->f64);
}

static void layout(Job *j)
{
    if (j->alerts) {
        field(j, "{\"sensor_id\": \"", WORD);
        field(j, "\", \"temperature\": ", DECIMAL);
        field(j, ", \"timestamp\": \"", TIME);
        field(j, "\", \"location\": \"", SKIP);
    } else {
        field(j, "{\"event_id\": \"", SKIP);
        field(j, "\", \"event_type\": \"", WORD);
        field(j, "\", \"duration_ms\": ", INTEGER);
        field(j, ", \"event_timestamp\": \"", TIME);
        field(j, "\", \"user_id\": \"", SKIP);
        field(j, "\", \"session_id\": \"", SKIP);
    }
    strcpy(j->tail, "\"}");
}

static void aggregate(Job *j, int rows)
{
    if (j->alerts) {
        for (int i = 0; i < rows; i++) {
            double t = j->field[1].f64[i];
            j->out += t > 80;
            j->check += t > 80 ? 1 + (t > 85) + (t > 90) + j->field[2].i64[i] % 7 : 0;
        }
        return;
    }
    for (int i = 0; i < rows; i++) {
        uint64_t w = (uint64_t)j->field[3].i64[i] / 300000000u & (WINDOWS - 1);
        uint32_t type = j->field[1].code[i] & (TYPES - 1);
        j->count[w][type]++;
        j->sum[w][type] += j->field[2].i64[i];
    }
}

static uint32_t be32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}

static void batch(Job *j, const char *p, int64_t n, char *raw, LZ4F_dctx *lz4)
{
    if (crc32c(p + 21, n - 21) != be32(p + 17)) abort();
    int records = (int)be32(p + 57), row = 0;
    const char *at = p + 61;
    if ((p[22] & 7) == 3) {
        size_t got = RAW, used = (size_t)n - 61;
        if (LZ4F_decompress(lz4, raw, &got, at, &used, NULL) != 0) abort();
        at = raw;
    }
    for (int i = 0; i < records; i++) {
        int64_t len, x, vlen;
        at = varint(at, &len);
        const char *end = at + len;
        at = varint(at + 1, &x);
        at = varint(at, &x);
        at = varint(at, &x);
        if (x > 0) at += x;
        at = varint(at, &vlen);
        int ok = parse(j, row, at, at + vlen);
        row += ok;
        j->odd += !ok;
        at = end;
        if (row == ROWS) aggregate(j, row), j->events += row, row = 0;
    }
    aggregate(j, row);
    j->events += row;
}

static void *run(void *arg)
{
    Job *j = arg;
    char *buf = aligned_alloc(64, 8 << 20), *raw = aligned_alloc(64, RAW + PAD);
    LZ4F_dctx *lz4;
    LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION);
    for (int k = j->first; k < j->nfiles; k += j->step) {
        int fd = open(j->file[k], O_RDONLY);
        if (fd < 0) abort();
        int64_t have = 0, at = 0;
        for (;;) {
            ssize_t got = pread(fd, buf + have, CHUNK, at);
            if (got <= 0) break;
            at += got;
            have += got;
            char *p = buf, *end = buf + have;
            while (end - p >= 61 && end - p >= 12 + (int64_t)be32(p + 8) && be32(p + 8)) {
                int64_t n = 12 + (int64_t)be32(p + 8);
                batch(j, p, n, raw, lz4);
                p += n;
            }
            have = end - p;
            memmove(buf, p, (size_t)have);
        }
        close(fd);
    }
    for (int w = 0; w < WINDOWS; w++)
        for (int t = 0; t < TYPES; t++) j->check += j->count[w][t] * 31 + j->sum[w][t];
    return NULL;
}

// Rows by key in a table that does not fit the caches: what random access costs when a batch's
// misses overlap.
typedef struct Group {
    int64_t key, count, sum, pad; // key: one more, 0 when free; never over two cache lines
} Group;
static int groups(int64_t rows, int64_t keys)
{
    enum { BATCH = 1024, AHEAD = 16 };
    int bits = 64 - __builtin_clzll((unsigned long long)keys) + 1;
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    Group *table = aligned_alloc(64, (mask + 1) * sizeof *table);
    memset(table, 0, (mask + 1) * sizeof *table);
    uint64_t at[BATCH];
    int64_t key[BATCH], there = 0;
    double t0 = now();
    for (int64_t row = 0; row < rows; row += BATCH) {
        int n = (int)(rows - row < BATCH ? rows - row : BATCH);
        for (int i = 0; i < n; i++) {
            key[i] = (row + i) % keys + 1;
            at[i] = (uint64_t)key[i] * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits);
        }
        for (int i = 0; i < AHEAD && i < n; i++) __builtin_prefetch(&table[at[i]], 1);
        for (int i = 0; i < n; i++) {
            if (i + AHEAD < n) __builtin_prefetch(&table[at[i + AHEAD]], 1);
            uint64_t to = at[i];
            while (table[to].key && table[to].key != key[i]) to = (to + 1) & mask;
            there += !table[to].key;
            table[to].key = key[i];
            table[to].count++;
            table[to].sum += row + i;
        }
    }
    double s = now() - t0;
    printf(
        "{\"events\": %ld, \"groups\": %ld, \"check\": %ld, \"seconds\": %.6f, \"rate\": %.0f}\n",
        rows, there, table[at[0]].sum, s, (double)rows / s);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && argv[1][0] == 'g') return groups(atoll(argv[2]), atoll(argv[3]));
    if (argc < 4) return fputs("floor windows|alerts THREADS SEGMENT...\n", stderr), 2;
    crc_init();
    int threads = atoi(argv[2]);
    Job *job = calloc((size_t)threads, sizeof *job);
    pthread_t thread[64];
    for (int i = 0; i < threads; i++) {
        job[i].file = argv + 3;
        job[i].nfiles = argc - 3;
        job[i].first = i;
        job[i].step = threads;
        job[i].alerts = argv[1][0] == 'a';
        layout(&job[i]);
    }
    double t0 = now();
    for (int i = 0; i < threads; i++) pthread_create(&thread[i], NULL, run, &job[i]);
    int64_t events = 0, odd = 0, out = 0, check = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
        events += job[i].events;
        odd += job[i].odd;
        out += job[i].out;
        check += job[i].check;
    }
    double s = now() - t0;
    printf("{\"events\": %ld, \"odd\": %ld, \"out\": %ld, \"check\": %ld, \"seconds\": %.6f, "
           "\"rate\": %.0f}\n",
           events, odd, out, check, s, (double)events / s);
    return 0;
}
