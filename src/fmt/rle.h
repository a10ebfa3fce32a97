// rle.h -- Parquet's hybrid of run lengths and packed bits, for levels and dictionary codes.
//
// A run is a varint h: even, h >> 1 repeats of one value in whole bytes; odd, h >> 1 groups of
// eight values of `width` bits each, lowest bits first.
#ifndef FMT_RLE_H
#define FMT_RLE_H
#include "base/buf.h"
#include "base/reader.h"

int32_t bits_for(uint64_t most); // bits that hold 0..most; 0 for 0
void rle_encode_u8(Buf *out, const uint8_t *v, int64_t n, int32_t width);
void rle_encode_u32(Buf *out, const uint32_t *v, int64_t n, int32_t width);
void rle_encode_run(Buf *out, uint32_t value, int64_t n, int32_t width);
// Packed bits without runs: ceil(n / 8) groups.
void bits_pack(Buf *out, const uint32_t *v, int64_t n, int32_t width);

typedef struct RleReader {
    Reader r;
    int32_t width;
    int64_t left; // values of the current run
    bool packed;  // else repeats of `value`
    uint32_t value;
    const uint8_t *group; // packed: the group that is being read
    int32_t in_group;     // values taken from it
} RleReader;
RleReader rle_reader(Str bytes, int32_t width); // 0 <= width <= 32
// The next n values; false when there are fewer.
bool rle_read_u8(RleReader *d, uint8_t *to, int64_t n);
bool rle_read_u32(RleReader *d, uint32_t *to, int64_t n);
// Eight values of `width` bits from p; `have` bytes may be read there.
void bits_unpack8(const uint8_t *p, int64_t have, int32_t width, uint32_t to[8]);
#endif
