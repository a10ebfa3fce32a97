#include "fmt/codec.h"
#include "base/reader.h"
#include <lz4.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

struct Packer {
    CodecId codec;
    int32_t level;
    ZSTD_CCtx *zstd;
};

static void packer_close(void *arg) { ZSTD_freeCCtx(((Packer *)arg)->zstd); }

Packer *packer_new(Arena *a, CodecId codec, int32_t level)
{
    Packer *p = NEW(a, Packer, 1);
    arena_defer(a, packer_close, p);
    *p = (Packer){codec, level, NULL};
    if (codec == CODEC_ZSTD) p->zstd = ZSTD_createCCtx();
    return p;
}

CodecId packer_codec(const Packer *p) { return p->codec; }

static int64_t zlib_pack(Str raw, char *to, int64_t room, int window_bits)
{
    z_stream z = {0};
    must(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (Bytef *)raw.p;
    z.avail_in = (uInt)raw.n;
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)room;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    int64_t n = (int64_t)z.total_out;
    deflateEnd(&z);
    return n;
}

void packer_pack(Packer *p, Str raw, Buf *out)
{
    must(raw.n <= INT32_MAX);
    switch (p->codec) {
    case CODEC_NONE: buf_put(out, raw); return;
    case CODEC_ZSTD: {
        size_t room = ZSTD_compressBound((size_t)raw.n);
        char *to = buf_room(out, (int64_t)room);
        size_t n = ZSTD_compressCCtx(p->zstd, to, room, raw.p, (size_t)raw.n, p->level);
        must(!ZSTD_isError(n));
        out->n += (int64_t)n;
        return;
    }
    case CODEC_LZ4_RAW: {
        int room = LZ4_compressBound((int)raw.n);
        int n = LZ4_compress_default(raw.n ? raw.p : "", buf_room(out, room), (int)raw.n, room);
        must(n > 0);
        out->n += n;
        return;
    }
    case CODEC_SNAPPY: {
        size_t n = snappy_max_compressed_length((size_t)raw.n);
        char *to = buf_room(out, (int64_t)n);
        must(snappy_compress(raw.p, (size_t)raw.n, to, &n) == SNAPPY_OK);
        out->n += (int64_t)n;
        return;
    }
    case CODEC_GZIP: {
        int64_t room = (int64_t)compressBound((uLong)raw.n) + 64;
        out->n += zlib_pack(raw, buf_room(out, room), room, 15 + 16);
        return;
    }
    case CODEC_LZO:
    case CODEC_BROTLI:
    case CODEC_LZ4: break;
    }
    must_failed("a codec that is written", __FILE__, __LINE__);
}

static Str gzip_unpack(Str packed, char *to, int64_t room)
{
    z_stream z = {.next_in = (Bytef *)packed.p, .avail_in = (uInt)packed.n};
    if (inflateInit2(&z, 15 + 32) != Z_OK) return (Str){0};
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)room;
    int s = Z_OK;
    while ((s = inflate(&z, Z_FINISH)) == Z_STREAM_END && z.avail_in > 0) // members in a row
        if (inflateReset(&z) != Z_OK) break;
    int64_t n = room - z.avail_out;
    inflateEnd(&z);
    return s == Z_STREAM_END ? (Str){to, n} : (Str){0};
}

// Hadoop's LZ4: blocks of (raw size, packed size, both big-endian, bytes); some writers left the
// frame out, so a page that does not parse so is tried as one bare block.
static Str lz4_hadoop_unpack(Str packed, char *to, int64_t room)
{
    Reader r = reader_of(packed);
    int64_t n = 0;
    while (reader_left(&r) > 0) {
        int64_t raw = reader_u32be(&r), size = reader_u32be(&r);
        Str block = reader_bytes(&r, size);
        if (r.bad || raw > room - n ||
            LZ4_decompress_safe(block.p, to + n, (int)block.n, (int)raw) != raw)
            break;
        n += raw;
    }
    if (n == room && !r.bad && r.at == r.end) return (Str){to, n};
    n = LZ4_decompress_safe(packed.p, to, (int)packed.n, (int)room);
    return n < 0 ? (Str){0} : (Str){to, n};
}

static Str unpack_into(int64_t codec, Str packed, char *to, int64_t room)
{
    if (codec == CODEC_ZSTD) {
        size_t n = ZSTD_decompress(to, (size_t)room, packed.p, (size_t)packed.n);
        return ZSTD_isError(n) ? (Str){0} : (Str){to, (int64_t)n};
    }
    if (codec == CODEC_SNAPPY) {
        size_t n = 0;
        if (snappy_uncompressed_length(packed.p, (size_t)packed.n, &n) != SNAPPY_OK ||
            n != (size_t)room || snappy_uncompress(packed.p, (size_t)packed.n, to, &n) != SNAPPY_OK)
            return (Str){0};
        return (Str){to, (int64_t)n};
    }
    if (codec == CODEC_LZ4_RAW) {
        int n = LZ4_decompress_safe(packed.p, to, (int)packed.n, (int)room);
        return n < 0 ? (Str){0} : (Str){to, n};
    }
    if (codec == CODEC_LZ4) return lz4_hadoop_unpack(packed, to, room);
    return gzip_unpack(packed, to, room);
}

Status codec_unpack(Str *raw, Arena *a, int64_t codec, Str packed, int64_t raw_bytes)
{
    *raw = packed;
    if (codec != CODEC_NONE) {
        if (codec < 0 || codec > CODEC_LZ4_RAW || codec == CODEC_LZO || codec == CODEC_BROTLI)
            return fail(ERR_UNSUPPORTED, "compression codec %s is not read",
                        codec == CODEC_LZO      ? "LZO"
                        : codec == CODEC_BROTLI ? "BROTLI"
                                                : "of an unknown number");
        if (raw_bytes < 0 || raw_bytes > CODEC_RAW_MAX || packed.n > INT32_MAX)
            return fail(ERR_CORRUPT, "a compressed page of %lld bytes cannot unpack to %lld",
                        (long long)packed.n, (long long)raw_bytes);
        char *to = NEW_RAW(a, char, raw_bytes + 8); // decoders of packed bits read ahead
        *raw = packed.n ? unpack_into(codec, packed, to, raw_bytes) : (Str){0};
        if (!packed.n && !raw_bytes) *raw = str_of(to, 0);
    }
    if (raw->n != raw_bytes || !raw->p)
        return fail(ERR_CORRUPT, "a page of %lld bytes does not unpack to %lld",
                    (long long)packed.n, (long long)raw_bytes);
    return DONE;
}

void deflate_pack(Str raw, Buf *out)
{
    int64_t room = (int64_t)compressBound((uLong)raw.n) + 64;
    out->n += zlib_pack(raw, buf_room(out, room), room, -15);
}

// One stream after the other until the input ends, as gzip files may hold several.
static Status inflate_all(Str *raw, Arena *a, Str packed, int bits, int64_t most)
{
    z_stream z = {.next_in = (Bytef *)packed.p, .avail_in = (uInt)MIN(packed.n, INT32_MAX)};
    if (inflateInit2(&z, bits) != Z_OK) return fail(ERR_IO, "zlib does not start");
    Buf out = buf_new(a);
    int s = Z_OK;
    while (s == Z_OK && out.n < most) {
        int64_t room = MIN(MAX(out.n, packed.n * 4 + 256), INT32_MAX);
        z.next_out = (Bytef *)buf_room(&out, room);
        z.avail_out = (uInt)room;
        s = inflate(&z, Z_NO_FLUSH);
        out.n += room - z.avail_out;
        if (s == Z_BUF_ERROR || (s == Z_OK && z.avail_out > 0)) break; // the input ran out
        if (s == Z_STREAM_END && z.avail_in > 0 && bits > 0) s = inflateReset(&z);
    }
    inflateEnd(&z);
    if (s == Z_OK && out.n >= most)
        return fail(ERR_LIMIT, "it unpacks to more than %lld bytes", (long long)most);
    if (s != Z_STREAM_END)
        return fail(ERR_CORRUPT, "a deflated block of %lld bytes does not unpack",
                    (long long)packed.n);
    *raw = buf_str(&out);
    return DONE;
}

Status deflate_unpack(Str *raw, Arena *a, Str packed)
{
    return inflate_all(raw, a, packed, -15, CODEC_RAW_MAX);
}

Status gunzip(Str *raw, Arena *a, Str packed, int64_t most)
{
    return inflate_all(raw, a, packed, 15 + 32, most);
}

Status gzip_file_unpack(Str *raw, Arena *a, Str packed)
{
    return inflate_all(raw, a, packed, 15 + 32, INT64_C(4) << 30);
}

static const Str codec_names[] = {STR_INIT("none"), STR_INIT("snappy"), STR_INIT("gzip"),
                                  STR_INIT("lzo"),  STR_INIT("brotli"), STR_INIT("lz4"),
                                  STR_INIT("zstd"), STR_INIT("lz4_raw")};

Str codec_name(int64_t codec)
{
    return codec >= 0 && codec < COUNT(codec_names) ? codec_names[codec] : S("unknown");
}

bool codec_parse(Str name, CodecId *id)
{
    if (str_ieq(name, S("uncompressed"))) name = S("none");
    if (str_ieq(name, S("lz4"))) name = S("lz4_raw"); // what is meant today
    for (int64_t i = 0; i < COUNT(codec_names); i++)
        if (str_ieq(name, codec_names[i]) && i != CODEC_LZO && i != CODEC_BROTLI) {
            *id = (CodecId)i;
            return true;
        }
    return false;
}

static void zstd_close(void *arg) { ZSTD_freeDCtx(arg); }

static Status zstd_read(Str *raw, Arena *a, ZSTD_DCtx *z, Str packed, int64_t most)
{
    ZSTD_inBuffer in = {packed.p, (size_t)packed.n, 0};
    Buf out = buf_new(a);
    size_t left = 1;
    while (left && out.n <= most) {
        size_t room = ZSTD_DStreamOutSize(), before = in.pos;
        ZSTD_outBuffer to = {buf_room(&out, (int64_t)room), room, 0};
        left = ZSTD_decompressStream(z, &to, &in);
        if (ZSTD_isError(left) || (in.pos == before && !to.pos))
            return fail(ERR_CORRUPT, "a zstd frame of %lld bytes does not unpack",
                        (long long)packed.n);
        out.n += (int64_t)to.pos;
    }
    if (out.n > most)
        return fail(ERR_LIMIT, "a zstd frame unpacks to more than %lld bytes", (long long)most);
    *raw = buf_str(&out);
    return DONE;
}

Status zstd_unpack(Str *raw, Arena *a, Str packed, int64_t most)
{
    Arena *scratch = arena_new(NULL);
    ZSTD_DCtx *z = ZSTD_createDCtx();
    arena_defer(scratch, zstd_close, z);
    Status s = zstd_read(raw, a, z, packed, most);
    arena_free(scratch);
    return s;
}
