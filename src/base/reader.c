#include "base/reader.h"

uint64_t reader_uvarint(Reader *r)
{
    uint64_t v = 0;
    for (int32_t shift = 0; shift < 64; shift += 7) {
        uint8_t byte = reader_u8(r);
        v |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128)) {
            if (shift == 63 && byte > 1) r->bad = true;
            return r->bad ? 0 : v;
        }
    }
    r->bad = true;
    return 0;
}
