// connect_error.h -- ConnectError, a failure as clients of Spark Connect are told: the trailers
// that end a call, and what FetchErrorDetails says more.
#ifndef SERVE_CONNECT_ERROR_H
#define SERVE_CONNECT_ERROR_H
#include "os/thread.h"
#include "wire/grpc.h"
#include "wire/http2.h"

enum { ERROR_FIELDS = 4, ERROR_CLASSES = 4 };
typedef struct ConnectError {
    Arena *arena;
    Shared64 refs;
    GrpcCode code;
    bool bare;              // status and words alone: what is refused before a plan is looked at
    Str text;               // the whole message
    Str id;                 // empty: there is no more to fetch
    Str cls[ERROR_CLASSES]; // Java classes, the most specific first
    int32_t ncls;
    const Failure *failure;
    Str condition, sqlstate; // empty: none
} ConnectError;

// Of this thread's failure, which s came with. GRPC_OK: the code that fits the failure, with all
// that makes it the right exception of PySpark's; another code: as gRPC itself refuses.
ConnectError *connect_error_new(Status s, GrpcCode code);
void connect_error_drop(ConnectError *e);
// grpc-status, grpc-message, grpc-status-details-bin; values live in a. e NULL: success.
int32_t connect_error_trailers(const ConnectError *e, Arena *a, Http2Field field[ERROR_FIELDS]);
// The fields of FetchErrorDetailsResponse but the sessions' ids.
void connect_error_details(const ConnectError *e, Buf *b);
#endif
