// tls.h -- Tls, one end of a TLS connection (OpenSSL's) as a pure function of bytes: what came in
// is given to tls_take, what it gives to send is appended to a buffer of the caller's. TLS 1.2 or
// newer; the protocol above is HTTP/2 (ALPN h2).
#ifndef WIRE_TLS_H
#define WIRE_TLS_H
#include "base/buf.h"

typedef struct TlsConfig TlsConfig; // shared by the connections of a door; unchanging
typedef struct Tls Tls;

enum { TLS_FIRST_BYTE = 0x16 }; // of what a client of TLS begins with
// Certificates are PEM: the server's own first, then those that signed it. ERR_INVALID names what
// is wrong with the texts.
Status tls_server_config(TlsConfig **c, Arena *a, Str certificates, Str key);
// Roots: PEM, or empty for those of the system.
Status tls_client_config(TlsConfig **c, Arena *a, Str roots);
Tls *tls_accept(Arena *a, const TlsConfig *c);
// Begins; `host` is whom the certificate has to name, an address of numbers included.
Tls *tls_connect(Arena *a, const TlsConfig *c, Str host, Buf *out);

// Appends what was in bytes to *plain, and what the protocol itself has to send to *out. *end: the
// peer will send no more. ERR_INVALID when it is no TLS or a broken one, or the certificate does
// not do; what is in *out then is worth sending.
Status tls_take(Tls *t, Str bytes, Buf *plain, Buf *out, bool *end);
// Appends plain bytes as they go over the wire. Before the handshake is done they wait in t.
Status tls_put(Tls *t, Str plain, Buf *out);
#endif
