// tls.c -- OpenSSL between two memory BIOs: it never sees a socket.
#include "wire/tls.h"
#include <openssl/err.h>
#include <openssl/ssl.h>

enum { PIECE = 16 << 10 }; // a record's most
struct TlsConfig {
    SSL_CTX *ctx;
};
struct Tls {
    SSL *ssl;
    BIO *in, *out;
    Buf early; // plain bytes put before the handshake was done
};
static const uint8_t alpn[] = {2, 'h', '2'};

// What OpenSSL's queue of errors holds first, which is the cause; "" when it holds none.
static const char *cause(void)
{
    unsigned long e = ERR_get_error();
    const char *text = e ? ERR_reason_error_string(e) : NULL;
    ERR_clear_error();
    return text ? text : "";
}
static int no_password(char *to, int n, int writing, void *arg)
{
    (void)to;
    (void)n;
    (void)writing;
    (void)arg;
    return 0; // not asked for on the terminal
}

// ---- what the connections share ----------------------------------------------------------------

#define SELECT_ARGS                                                                                \
    SSL *s, const unsigned char **out, unsigned char *n, const unsigned char *in, unsigned nin,    \
        void *arg
// A client that offers other protocols only goes without: the door tells it where it is.
static int select_h2(SELECT_ARGS) // NOLINT(readability-function-size): OpenSSL has it so
{
    unsigned char *found;
    (void)s;
    (void)arg;
    if (SSL_select_next_proto(&found, n, alpn, sizeof alpn, in, nin) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = found;
    return SSL_TLSEXT_ERR_OK;
}
static void end_config(void *ctx) { SSL_CTX_free(ctx); }
static TlsConfig *config_new(Arena *a, const SSL_METHOD *method)
{
    TlsConfig *c = NEW(a, TlsConfig, 1);
    c->ctx = SSL_CTX_new(method);
    must(c->ctx);
    arena_defer(a, end_config, c->ctx);
    must(SSL_CTX_set_min_proto_version(c->ctx, TLS1_2_VERSION));
    SSL_CTX_set_options(c->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(c->ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(c->ctx, no_password);
    must(SSL_CTX_set_num_tickets(c->ctx, 0));
    return c;
}
static void end_bio(void *bio) { BIO_free(bio); }
static BIO *bio_over(Arena *a, Str text)
{
    BIO *b = BIO_new_mem_buf(text.n ? text.p : "", (int)text.n);
    must(b);
    arena_defer(a, end_bio, b);
    return b;
}
static Status use_certificates(const TlsConfig *c, BIO *pem)
{
    X509 *own = PEM_read_bio_X509_AUX(pem, NULL, no_password, NULL);
    if (!own) return fail(ERR_INVALID, "it holds no certificate in PEM (%s)", cause());
    bool used = SSL_CTX_use_certificate(c->ctx, own);
    X509_free(own);
    if (!used) return fail(ERR_INVALID, "the certificate cannot be used: %s", cause());
    for (X509 *x; (x = PEM_read_bio_X509(pem, NULL, no_password, NULL));)
        must(SSL_CTX_add0_chain_cert(c->ctx, x)); // which owns it
    ERR_clear_error();                            // that of the end
    return DONE;
}
static Status use_key(const TlsConfig *c, BIO *pem)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, no_password, NULL);
    if (!key)
        return fail(ERR_INVALID, "it holds no private key in PEM without a password (%s)", cause());
    bool used = SSL_CTX_use_PrivateKey(c->ctx, key) && SSL_CTX_check_private_key(c->ctx);
    EVP_PKEY_free(key);
    if (!used) return fail(ERR_INVALID, "the key is not the certificate's: %s", cause());
    return DONE;
}
Status tls_server_config(TlsConfig **out, Arena *a, Str certificates, Str key)
{
    TlsConfig *c = config_new(a, TLS_server_method());
    SSL_CTX_set_alpn_select_cb(c->ctx, select_h2, NULL);
    Arena *pem = arena_new(NULL);
    Status s = use_certificates(c, bio_over(pem, certificates));
    if (!s.code) s = fail_in(use_key(c, bio_over(pem, key)), "the key");
    arena_free(pem);
    if (!s.code) *out = c;
    return s;
}
static Status use_roots(const TlsConfig *c, BIO *pem)
{
    int32_t n = 0;
    for (X509 *x; (x = PEM_read_bio_X509_AUX(pem, NULL, no_password, NULL)); n++) {
        must(X509_STORE_add_cert(SSL_CTX_get_cert_store(c->ctx), x));
        X509_free(x);
    }
    const char *why = cause();
    return n ? DONE : fail(ERR_INVALID, "it holds no certificate in PEM (%s)", why);
}
Status tls_client_config(TlsConfig **out, Arena *a, Str roots)
{
    TlsConfig *c = config_new(a, TLS_client_method());
    SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER, NULL);
    must(!SSL_CTX_set_alpn_protos(c->ctx, alpn, sizeof alpn));
    Arena *pem = arena_new(NULL);
    Status s = DONE;
    if (roots.n)
        s = use_roots(c, bio_over(pem, roots));
    else if (!SSL_CTX_set_default_verify_paths(c->ctx))
        s = fail(ERR_INVALID, "the system's certificates: %s", cause());
    arena_free(pem);
    if (!s.code) *out = c;
    return s;
}

// ---- one connection ----------------------------------------------------------------------------

static void end_tls(void *ssl) { SSL_free(ssl); } // and its BIOs
static Tls *tls_new(Arena *a, const TlsConfig *c)
{
    Tls *t = NEW(a, Tls, 1);
    *t = (Tls){.ssl = SSL_new(c->ctx), .early = buf_new(a)};
    must(t->ssl);
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    must(t->in && t->out);
    SSL_set_bio(t->ssl, t->in, t->out);
    arena_defer(a, end_tls, t->ssl);
    return t;
}
static void drain(Tls *t, Buf *out)
{
    char *p;
    long n = BIO_get_mem_data(t->out, &p);
    if (n <= 0) return;
    buf_put(out, str_of(p, n));
    (void)BIO_reset(t->out);
}
static const char *certificate_trouble(const Tls *t)
{
    long told = SSL_get_verify_result(t->ssl);
    return told == X509_V_OK ? NULL : X509_verify_cert_error_string(told);
}
// What a return value that is no success means: nothing, when more has to come first.
static Status outcome(const Tls *t, int returned, bool *end)
{
    switch (SSL_get_error(t->ssl, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return DONE;
    case SSL_ERROR_ZERO_RETURN: *end = true; return DONE;
    default: {
        const char *peer = certificate_trouble(t), *why = cause();
        return fail(ERR_INVALID, "TLS: %s", peer ? peer : why);
    }
    }
}
Tls *tls_accept(Arena *a, const TlsConfig *c)
{
    Tls *t = tls_new(a, c);
    SSL_set_accept_state(t->ssl);
    return t;
}
Tls *tls_connect(Arena *a, const TlsConfig *c, Str host, Buf *out)
{
    Tls *t = tls_new(a, c);
    const char *name = str_copy(a, host).p;
    SSL_set_connect_state(t->ssl);
    // A name of numbers is checked as an address, and not told beforehand.
    if (!X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), name)) {
        ERR_clear_error();
        must(SSL_set1_host(t->ssl, name) && SSL_set_tlsext_host_name(t->ssl, name));
    }
    int r = SSL_do_handshake(t->ssl);
    must(r <= 0); // the peer has said nothing yet
    ERR_clear_error();
    drain(t, out);
    return t;
}
static Status write_plain(Tls *t, Str plain)
{
    while (plain.n) {
        size_t n = 0;
        bool end = false;
        int r = SSL_write_ex(t->ssl, plain.p, (size_t)plain.n, &n);
        if (r <= 0) TRY(outcome(t, r, &end));
        if (r <= 0) return fail(ERR_INVALID, "TLS: the peer wants nothing more");
        plain = str_from(plain, (int64_t)n);
    }
    return DONE;
}
static Status read_plain(Tls *t, Buf *plain, bool *end)
{
    for (;;) {
        size_t n = 0;
        int r = SSL_read_ex(t->ssl, buf_room(plain, PIECE), PIECE, &n);
        if (r <= 0) return outcome(t, r, end);
        plain->n += (int64_t)n;
    }
}
static Status put_early(Tls *t)
{
    if (!t->early.n || !SSL_is_init_finished(t->ssl)) return DONE;
    Status s = write_plain(t, buf_str(&t->early));
    buf_clear(&t->early);
    return s;
}
Status tls_take(Tls *t, Str bytes, Buf *plain, Buf *out, bool *end)
{
    *end = false;
    ERR_clear_error();
    must(!bytes.n || BIO_write(t->in, bytes.p, (int)bytes.n) == (int)bytes.n);
    Status s = read_plain(t, plain, end);
    if (!s.code) s = put_early(t);
    drain(t, out); // an alert, when it failed
    return s;
}
Status tls_put(Tls *t, Str plain, Buf *out)
{
    ERR_clear_error();
    if (!SSL_is_init_finished(t->ssl)) {
        buf_put(&t->early, plain);
        return DONE;
    }
    Status s = write_plain(t, plain);
    drain(t, out);
    return s;
}
