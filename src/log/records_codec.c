// records_codec.c -- the five codecs of record batches. Blocks come from strangers: every size is
// checked before room is made for it, and no block becomes more than RECORDS_BYTES_MAX.
#include "log/records.h"
#include <lz4.h>
#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

enum { STEP = 64 << 10 };

Str records_codec_name(RecordsCodec codec)
{
    static const Str name[] = {STR_INIT("none"), STR_INIT("gzip"), STR_INIT("snappy"),
                               STR_INIT("lz4"), STR_INIT("zstd")};
    return name[codec];
}

static Status broken(RecordsCodec codec)
{
    return fail(ERR_CORRUPT, "a block of " STR_FMT " does not decompress",
                STR_ARG(records_codec_name(codec)));
}

static Status too_long(RecordsCodec codec)
{
    return fail(ERR_CORRUPT, "a block of " STR_FMT " holds more than %d MiB",
                STR_ARG(records_codec_name(codec)), RECORDS_BYTES_MAX >> 20);
}

static bool fits(const Buf *out, int64_t more)
{
    return more >= 0 && more <= RECORDS_BYTES_MAX - out->n;
}

// -- gzip: one or more members

static Status gunzip_all(Buf *out, z_stream *z)
{
    for (;;) {
        if (!fits(out, 1)) return too_long(RECORDS_GZIP);
        int64_t room = MIN(MAX(out->cap - out->n, STEP), RECORDS_BYTES_MAX - out->n);
        z->next_out = (Bytef *)buf_room(out, room);
        z->avail_out = (uInt)room;
        int rc = inflate(z, Z_NO_FLUSH);
        int64_t made = room - z->avail_out;
        out->n += made;
        if (rc == Z_STREAM_END) {
            if (!z->avail_in) return DONE;
            if (inflateReset(z) != Z_OK) return broken(RECORDS_GZIP);
        } else if (rc != Z_OK || (!made && !z->avail_in)) {
            return broken(RECORDS_GZIP);
        }
    }
}

static Status gunzip(Buf *out, Str block)
{
    z_stream z = {.next_in = (Bytef *)block.p, .avail_in = (uInt)block.n};
    if (inflateInit2(&z, 15 + 32) != Z_OK) return broken(RECORDS_GZIP);
    Status s = gunzip_all(out, &z);
    inflateEnd(&z);
    return s;
}

static Status gzip(Buf *out, Str raw)
{
    z_stream z = {.next_in = (Bytef *)raw.p, .avail_in = (uInt)raw.n};
    must(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    int64_t room = (int64_t)deflateBound(&z, (uLong)raw.n);
    z.next_out = (Bytef *)buf_room(out, room);
    z.avail_out = (uInt)room;
    int rc = deflate(&z, Z_FINISH);
    deflateEnd(&z);
    must(rc == Z_STREAM_END);
    out->n += room - z.avail_out;
    return DONE;
}

// -- snappy: one raw block (librdkafka), or xerial's stream of them (Java, kafka-python)

static const char xerial[8] = {(char)0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
enum { XERIAL_HEAD = 16, XERIAL_CHUNK = 32 << 10 };

static Status unsnap(Buf *out, Str block)
{
    size_t n = 0;
    if (snappy_uncompressed_length(block.p, (size_t)block.n, &n) != SNAPPY_OK)
        return broken(RECORDS_SNAPPY);
    if (n > RECORDS_BYTES_MAX || !fits(out, (int64_t)n)) return too_long(RECORDS_SNAPPY);
    char *to = buf_room(out, MAX((int64_t)n, 1));
    if (snappy_uncompress(block.p, (size_t)block.n, to, &n) != SNAPPY_OK)
        return broken(RECORDS_SNAPPY);
    out->n += (int64_t)n;
    return DONE;
}

static Status unsnap_any(Buf *out, Str block)
{
    if (block.n < XERIAL_HEAD || memcmp(block.p, xerial, sizeof xerial) != 0)
        return unsnap(out, block);
    Reader r = reader_of(str_from(block, XERIAL_HEAD));
    while (reader_left(&r)) {
        Str chunk = reader_bytes(&r, (int32_t)reader_u32be(&r));
        if (r.bad) return broken(RECORDS_SNAPPY);
        TRY(unsnap(out, chunk));
    }
    return DONE;
}

static Status snap(Buf *out, Str raw)
{
    buf_put(out, str_of(xerial, sizeof xerial));
    buf_u32be(out, 1);
    buf_u32be(out, 1);
    for (int64_t at = 0; at < raw.n; at += XERIAL_CHUNK) {
        size_t n = (size_t)MIN(raw.n - at, XERIAL_CHUNK), packed = snappy_max_compressed_length(n);
        char *to = buf_room(out, 4 + (int64_t)packed);
        must(snappy_compress(raw.p + at, n, to + 4, &packed) == SNAPPY_OK);
        buf_u32be(out, (uint32_t)packed);
        out->n += (int64_t)packed;
    }
    return DONE;
}

// -- lz4: one frame, read block by block straight into place. Its own checksums are passed over:
// the batch's CRC covers them.
// | magic 4 | flags 1 | block size 1 | content size 8? | dictionary 4? | sum 1 |
// | length 4, top bit: stored | block | sum 4? | .. | 0 | sum 4? |

enum { LZ4_MAGIC = 0x184D2204, LZ4_INDEPENDENT = 32, LZ4_BLOCK_SUM = 16, LZ4_SIZE = 8 };
enum { LZ4_SUM = 4, LZ4_DICTIONARY = 1, LZ4_VERSION = 64, LZ4_WINDOW = 64 << 10 };

static Status unlz4_block(Buf *out, int64_t begin, Str block, int64_t room_max)
{
    int64_t room = MIN(room_max, RECORDS_BYTES_MAX - out->n);
    if (room <= 0) return too_long(RECORDS_LZ4);
    char *to = buf_room(out, room);
    int64_t before = MIN(out->n - begin, LZ4_WINDOW);
    int n = before ? LZ4_decompress_safe_usingDict(block.p, to, (int)block.n, (int)room,
                                                   to - before, (int)before)
                   : LZ4_decompress_safe(block.p, to, (int)block.n, (int)room);
    if (n < 0) return broken(RECORDS_LZ4);
    out->n += n;
    return DONE;
}

static Status unlz4(Buf *out, Str frame)
{
    Reader r = reader_of(frame);
    uint32_t magic = reader_u32le(&r);
    int32_t flags = reader_u8(&r), size = reader_u8(&r) >> 4 & 7;
    int64_t content = flags & LZ4_SIZE ? (int64_t)reader_u64le(&r) : 0, begin = out->n;
    reader_u8(&r);
    if (r.bad || magic != LZ4_MAGIC || (flags & 0xC0) != LZ4_VERSION || size < 4 ||
        flags & LZ4_DICTIONARY)
        return broken(RECORDS_LZ4);
    if (!fits(out, content)) return too_long(RECORDS_LZ4);
    // Not more than a block can hold: the content size is only the sender's word.
    int64_t block_max = INT64_C(1) << (8 + 2 * size);
    buf_room(out, MIN(content, frame.n * 256));
    for (;;) {
        uint32_t n = reader_u32le(&r);
        if (r.bad) return broken(RECORDS_LZ4);
        if (!n) return DONE;
        Str block = reader_bytes(&r, n & 0x7FFFFFFF);
        if (flags & LZ4_BLOCK_SUM) reader_u32le(&r);
        if (r.bad || block.n > block_max) return broken(RECORDS_LZ4);
        if (n >> 31) {
            if (!fits(out, block.n)) return too_long(RECORDS_LZ4);
            buf_put(out, block);
        } else {
            int64_t left = content ? content - (out->n - begin) : block_max;
            TRY(unlz4_block(out, flags & LZ4_INDEPENDENT ? out->n : begin, block,
                            MAX(1, MIN(left, block_max))));
        }
    }
}

static Status lz4(Buf *out, Str raw)
{
    LZ4F_preferences_t how = {
        .frameInfo = {.blockSizeID = LZ4F_max64KB,
                      .blockMode = LZ4F_blockIndependent,
                      .contentSize = (unsigned long long)raw.n},
    };
    size_t room = LZ4F_compressFrameBound((size_t)raw.n, &how);
    size_t n = LZ4F_compressFrame(buf_room(out, (int64_t)room), room, raw.p, (size_t)raw.n, &how);
    must(!LZ4F_isError(n));
    out->n += (int64_t)n;
    return DONE;
}

// -- zstd

static Status unzstd_stream(Buf *out, ZSTD_DStream *z, Str block)
{
    ZSTD_inBuffer in = {block.p, (size_t)block.n, 0};
    for (;;) {
        int64_t room = MIN(MAX(out->cap - out->n, STEP), RECORDS_BYTES_MAX - out->n);
        if (room <= 0) return too_long(RECORDS_ZSTD);
        ZSTD_outBuffer to = {buf_room(out, room), (size_t)room, 0};
        size_t left = ZSTD_decompressStream(z, &to, &in);
        out->n += (int64_t)to.pos;
        if (ZSTD_isError(left)) return broken(RECORDS_ZSTD);
        if (!left && in.pos == in.size) return DONE;
        if (in.pos == in.size && to.pos < to.size) return broken(RECORDS_ZSTD);
    }
}

static Status unzstd(Buf *out, Str block)
{
    unsigned long long n = ZSTD_getFrameContentSize(block.p, (size_t)block.n);
    size_t whole = ZSTD_findFrameCompressedSize(block.p, (size_t)block.n);
    if (n == ZSTD_CONTENTSIZE_ERROR) return broken(RECORDS_ZSTD);
    if (n != ZSTD_CONTENTSIZE_UNKNOWN && n > RECORDS_BYTES_MAX) return too_long(RECORDS_ZSTD);
    if (n != ZSTD_CONTENTSIZE_UNKNOWN && whole == (size_t)block.n) {
        if (!fits(out, (int64_t)n)) return too_long(RECORDS_ZSTD);
        char *to = buf_room(out, MAX((int64_t)n, 1));
        if (ZSTD_decompress(to, n, block.p, (size_t)block.n) != n) return broken(RECORDS_ZSTD);
        out->n += (int64_t)n;
        return DONE;
    }
    ZSTD_DStream *z = ZSTD_createDStream();
    must(z);
    Status s = unzstd_stream(out, z, block);
    ZSTD_freeDStream(z);
    return s;
}

static Status zstd(Buf *out, Str raw)
{
    size_t room = ZSTD_compressBound((size_t)raw.n);
    size_t n = ZSTD_compress(buf_room(out, (int64_t)room), room, raw.p, (size_t)raw.n, 1);
    must(!ZSTD_isError(n));
    out->n += (int64_t)n;
    return DONE;
}

Status records_unpack(Buf *out, RecordsCodec codec, Str block)
{
    switch (codec) {
    case RECORDS_NONE: buf_put(out, block); return DONE;
    case RECORDS_GZIP: return gunzip(out, block);
    case RECORDS_SNAPPY: return unsnap_any(out, block);
    case RECORDS_LZ4: return unlz4(out, block);
    case RECORDS_ZSTD: return unzstd(out, block);
    }
    must_failed("RecordsCodec", __FILE__, __LINE__);
}

Status records_pack(Buf *out, RecordsCodec codec, Str raw)
{
    switch (codec) {
    case RECORDS_NONE: buf_put(out, raw); return DONE;
    case RECORDS_GZIP: return gzip(out, raw);
    case RECORDS_SNAPPY: return snap(out, raw);
    case RECORDS_LZ4: return lz4(out, raw);
    case RECORDS_ZSTD: return zstd(out, raw);
    }
    must_failed("RecordsCodec", __FILE__, __LINE__);
}
