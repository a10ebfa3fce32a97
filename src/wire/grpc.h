// grpc.h -- gRPC over HTTP/2: the prefix of messages, deadlines, and how a failure is told. Pure
// functions of bytes.
#ifndef WIRE_GRPC_H
#define WIRE_GRPC_H
#include "base/buf.h"
#include "base/options.h"

typedef enum GrpcCode { // those that are used here
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_NOT_FOUND = 5,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
    GRPC_UNAUTHENTICATED = 16,
} GrpcCode;
enum { GRPC_PREFIX = 5 };

void grpc_prefix(char to[GRPC_PREFIX], int64_t n); // of an uncompressed message of n bytes
// The message that is whole at the start of bytes: true, with what follows it in *rest.
bool grpc_message(Str bytes, bool *compressed, Str *message, Str *rest);
int64_t grpc_length(Str bytes); // of the message that begins there; 0 when that is not known yet
// "100m", "5S": at most eight digits and a unit.
bool grpc_timeout(Micros *t, Str text);
// grpc-message: bytes outside of printable ASCII, and %, as %XX.
void grpc_percent(Buf *b, Str text);
void grpc_base64(Buf *b, Str bytes); // unpadded, as -bin headers are sent
// The ways back. A % that no two hex digits follow stands for itself; base64, padded or not, is
// false when it is none.
void grpc_unpercent(Buf *b, Str text);
bool grpc_unbase64(Buf *b, Str text);
// At most n bytes of UTF-8 text, whole characters.
Str grpc_clip(Str text, int64_t n);
// google.rpc.Status with one google.rpc.ErrorInfo of Spark's domain.
typedef struct GrpcPair {
    Str key, value;
} GrpcPair;
void grpc_status(Buf *b, GrpcCode code, Str message, const GrpcPair *meta, int32_t n);
// What the first ErrorInfo of a google.rpc.Status says, views of bytes; ERR_CORRUPT when that is no
// message. `message` is empty when there is none.
Status grpc_status_read(Str bytes, Arena *a, Str *message, Options *meta);
#endif
