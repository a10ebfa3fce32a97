// grpc.c -- see grpc.h.
#include "wire/grpc.h"
#include "wire/protobuf.h"

void grpc_prefix(char to[GRPC_PREFIX], int64_t n)
{
    to[0] = 0;
    for (int32_t i = 0; i < 4; i++) to[1 + i] = (char)(n >> (24 - 8 * i));
}
bool grpc_message(Str bytes, bool *compressed, Str *message, Str *rest)
{
    Reader r = reader_of(bytes);
    *compressed = reader_u8(&r) != 0;
    int64_t n = reader_u32be(&r);
    *message = reader_bytes(&r, n);
    if (r.bad) return false;
    *rest = str_from(bytes, GRPC_PREFIX + n);
    return true;
}
int64_t grpc_length(Str bytes)
{
    Reader r = reader_of(bytes);
    (void)reader_u8(&r);
    int64_t n = reader_u32be(&r);
    return r.bad ? 0 : n;
}
bool grpc_timeout(Micros *t, Str text)
{
    static const struct {
        char unit;
        int64_t ns;
    } units[] = {{'n', 1},          {'u', 1000},        {'m', 1000000},
                 {'S', 1000000000}, {'M', 60000000000}, {'H', 3600000000000}};
    int64_t v = 0;
    if (text.n < 2 || text.n > 9) return false;
    for (int64_t i = 0; i < text.n - 1; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') return false;
        v = v * 10 + (text.p[i] - '0');
    }
    for (int64_t i = 0; i < COUNT(units); i++) {
        if (units[i].unit != text.p[text.n - 1]) continue;
        *t = v > INT64_MAX / units[i].ns ? INT64_MAX / 1000 : v * units[i].ns / 1000;
        return true;
    }
    return false;
}
void grpc_percent(Buf *b, Str text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (int64_t i = 0; i < text.n; i++) {
        uint8_t c = (uint8_t)text.p[i];
        if (c >= 0x20 && c < 0x7F && c != '%') {
            buf_char(b, (char)c);
            continue;
        }
        char three[3] = {'%', hex[c >> 4], hex[c & 15]};
        buf_put(b, str_of(three, 3));
    }
}
void grpc_base64(Buf *b, Str bytes)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int64_t i = 0; i < bytes.n; i += 3) {
        uint32_t v = 0;
        int64_t n = MIN(bytes.n - i, 3);
        for (int64_t k = 0; k < 3; k++) v = v << 8 | (k < n ? (uint8_t)bytes.p[i + k] : 0);
        for (int64_t k = 0; k <= n; k++) buf_char(b, digit[v >> (18 - 6 * k) & 63]);
    }
}
static int32_t hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
void grpc_unpercent(Buf *b, Str text)
{
    for (int64_t i = 0; i < text.n; i++) {
        int32_t high = -1, low = -1;
        if (text.p[i] == '%' && text.n - i > 2) {
            high = hex_digit(text.p[i + 1]);
            low = hex_digit(text.p[i + 2]);
        }
        bool escaped = high >= 0 && low >= 0;
        buf_char(b, (char)(escaped ? high << 4 | low : text.p[i]));
        i += escaped ? 2 : 0;
    }
}
static int32_t base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}
bool grpc_unbase64(Buf *b, Str text)
{
    uint32_t bits = 0;
    int32_t nbits = 0;
    for (int32_t pad = 0; pad < 2 && str_ends(text, S("=")); pad++) text.n--;
    if (text.n % 4 == 1) return false;
    for (int64_t i = 0; i < text.n; i++) {
        int32_t digit = base64_digit(text.p[i]);
        if (digit < 0) return false;
        bits = bits << 6 | (uint32_t)digit;
        nbits += 6;
        if (nbits < 8) continue;
        nbits -= 8;
        buf_char(b, (char)(bits >> nbits));
    }
    return true;
}
Str grpc_clip(Str text, int64_t n)
{
    if (text.n <= n) return text;
    while (n > 0 && ((uint8_t)text.p[n] & 0xC0) == 0x80) n--;
    return str_sub(text, 0, n);
}
#define ERROR_INFO "type.googleapis.com/google.rpc.ErrorInfo"

void grpc_status(Buf *b, GrpcCode code, Str message, const GrpcPair *meta, int32_t n)
{
    proto_put_int(b, 1, code);
    proto_put_str(b, 2, message);
    if (!n) return;
    int64_t any = proto_begin(b, 3);
    proto_put_str(b, 1, S(ERROR_INFO));
    int64_t info = proto_begin(b, 2);
    proto_put_str(b, 1, meta[0].value); // the reason: the first class
    proto_put_str(b, 2, S("org.apache.spark"));
    for (int32_t i = 1; i < n; i++) {
        if (!meta[i].value.p) continue;
        int64_t pair = proto_begin(b, 3);
        proto_put_str(b, 1, meta[i].key);
        proto_put_str(b, 2, meta[i].value);
        proto_end(b, pair);
    }
    proto_end(b, info);
    proto_end(b, any);
}
Status grpc_status_read(Str bytes, Arena *a, Str *message, Options *meta)
{
    Proto status, any, info, pair;
    TRY(proto_open(&status, bytes));
    *message = proto_str(&status, 2);
    for (ProtoEach e = proto_each(&status, 3); proto_more(&e);) {
        TRY(proto_item(&status, &e, &any));
        if (!str_eq(proto_str(&any, 1), S(ERROR_INFO))) continue;
        TRY(proto_sub(&any, 2, &info));
        for (ProtoEach m = proto_each(&info, 3); proto_more(&m);) {
            TRY(proto_item(&info, &m, &pair));
            vec_push(a, meta, ((Option){proto_str(&pair, 1), proto_str(&pair, 2)}));
        }
        break;
    }
    return DONE;
}
