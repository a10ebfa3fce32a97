// codec.h -- compression of Parquet pages and Avro blocks, under Parquet's codec numbers.
#ifndef FMT_CODEC_H
#define FMT_CODEC_H
#include "base/buf.h"

typedef enum CodecId {
    CODEC_NONE = 0,
    CODEC_SNAPPY = 1,
    CODEC_GZIP = 2,
    CODEC_LZO = 3,    // named only
    CODEC_BROTLI = 4, // named only
    CODEC_LZ4 = 5,    // Hadoop's framing, read only
    CODEC_ZSTD = 6,
    CODEC_LZ4_RAW = 7,
} CodecId;
enum { CODEC_RAW_MAX = 1 << 29 }; // bytes that one page or block may unpack to

typedef struct Packer Packer; // one thread's compressor
Packer *packer_new(Arena *a, CodecId codec, int32_t level);
void packer_pack(Packer *p, Str raw, Buf *out); // appends
CodecId packer_codec(const Packer *p);

// Unpacks into a, or gives `packed` itself for CODEC_NONE. ERR_CORRUPT when it does not unpack to
// exactly raw_bytes, ERR_UNSUPPORTED with the codec's name.
Status codec_unpack(Str *raw, Arena *a, int64_t codec, Str packed, int64_t raw_bytes);
// Raw deflate (RFC 1951) without a header, as Avro's `deflate`. The size is not known beforehand.
void deflate_pack(Str raw, Buf *out);
Status deflate_unpack(Str *raw, Arena *a, Str packed);
// gzip or zlib of unknown size; ERR_LIMIT above `most` bytes, which it may pass by its last step.
Status gunzip(Str *raw, Arena *a, Str packed, int64_t most);
Status gzip_file_unpack(Str *raw, Arena *a,
                        Str packed); // a .gz or .deflate file, up to 2 GiB of it
// A zstd frame whose size is not known beforehand; ERR_LIMIT above `most` bytes.
Status zstd_unpack(Str *raw, Arena *a, Str packed, int64_t most);
bool codec_parse(Str name, CodecId *id); // "zstd", "snappy", "lz4_raw", "gzip", "none"
Str codec_name(int64_t codec);
#endif
