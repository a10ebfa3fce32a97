// tls_test.c -- two ends in one process, with a certificate of our own: bytes go over whole, in any
// pieces; who speaks something else, and whom the certificate does not name, is refused.
#include "base/test.h"
#include "wire/tls.h"
#include <openssl/pem.h>
#include <openssl/x509v3.h>

typedef struct Pair {
    Arena *arena;
    Str certificate, key;
    TlsConfig *server_config, *client_config;
    Tls *server, *client;
    Buf to_server, to_client; // on the wire
    Buf heard, said;          // plain, by the server, by the client
} Pair;

static Str pem_of(Arena *a, BIO *b)
{
    char *p;
    long n = BIO_get_mem_data(b, &p);
    Str s = str_copy(a, str_of(p, n));
    BIO_free(b);
    return s;
}
static void make_certificate(Pair *p, const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    BIO *x_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());
    must(key && x && x_pem && key_pem);
    must(X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1));
    must(X509_gmtime_adj(X509_getm_notBefore(x), -60) &&
         X509_gmtime_adj(X509_getm_notAfter(x), 3600) && X509_set_pubkey(x, key));
    X509_NAME *name = X509_get_subject_name(x);
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"kappa", -1, -1, 0));
    must(X509_set_issuer_name(x, name));
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    must(e && X509_add_ext(x, e, -1) && X509_sign(x, key, EVP_sha256()));
    must(PEM_write_bio_X509(x_pem, x) &&
         PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL));
    p->certificate = pem_of(p->arena, x_pem);
    p->key = pem_of(p->arena, key_pem);
    X509_EXTENSION_free(e);
    X509_free(x);
    EVP_PKEY_free(key);
}
static void pair_begin(Pair *p, Arena *a, Str host)
{
    *p = (Pair){.arena = a};
    p->to_server = buf_new(a);
    p->to_client = buf_new(a);
    p->heard = buf_new(a);
    p->said = buf_new(a);
    make_certificate(p, "DNS:localhost, IP:127.0.0.1");
    CHECK_OK(tls_server_config(&p->server_config, a, p->certificate, p->key));
    CHECK_OK(tls_client_config(&p->client_config, a, p->certificate));
    p->server = tls_accept(a, p->server_config);
    p->client = tls_connect(a, p->client_config, host, &p->to_server);
}
// What is on the wire arrives, `piece` bytes at a time; the first failure.
static Status carry(Pair *p, int64_t piece)
{
    bool end = false;
    for (int32_t turn = 0; turn < 20 && (p->to_server.n || p->to_client.n); turn++) {
        Str up = str_copy(p->arena, buf_str(&p->to_server));
        buf_clear(&p->to_server);
        for (int64_t at = 0; at < up.n; at += piece)
            TRY(tls_take(p->server, str_sub(up, at, MIN(piece, up.n - at)), &p->heard,
                         &p->to_client, &end));
        Str down = str_copy(p->arena, buf_str(&p->to_client));
        buf_clear(&p->to_client);
        for (int64_t at = 0; at < down.n; at += piece)
            TRY(tls_take(p->client, str_sub(down, at, MIN(piece, down.n - at)), &p->said,
                         &p->to_server, &end));
    }
    return DONE;
}
TEST(tls_carries_bytes)
{
    static const int64_t pieces[] = {1, 7, 1000, 1 << 20};
    static const char *hosts[] = {"localhost", "127.0.0.1"};
    for (int32_t i = 0; i < COUNT(pieces); i++) {
        Pair p;
        pair_begin(&p, a, str_z(hosts[i % 2]));
        Buf big = buf_new(a);
        for (int32_t k = 0; k < 20000; k++) buf_fmt(&big, "%d,", k);
        CHECK_OK(tls_put(p.client, S("early"), &p.to_server)); // before the handshake
        CHECK_OK(carry(&p, pieces[i]));
        CHECK_STR(buf_str(&p.heard), S("early"));
        CHECK_OK(tls_put(p.server, buf_str(&big), &p.to_client));
        CHECK(p.to_client.n > big.n);
        CHECK_OK(carry(&p, pieces[i]));
        CHECK(str_eq(buf_str(&p.said), buf_str(&big)));
    }
}
TEST(tls_refuses)
{
    Pair p;
    pair_begin(&p, a, S("elsewhere.example"));
    CHECK_FAILS(carry(&p, 1 << 20), ERR_INVALID);
    CHECK(str_find(str_z(fail_text()), S("hostname mismatch")) >= 0);

    pair_begin(&p, a, S("localhost"));
    TlsConfig *strict; // that does not know the certificate
    Pair other = {.arena = a};
    make_certificate(&other, "DNS:localhost");
    CHECK_OK(tls_client_config(&strict, a, other.certificate));
    buf_clear(&p.to_server);
    p.client = tls_connect(a, strict, S("localhost"), &p.to_server);
    CHECK_FAILS(carry(&p, 1 << 20), ERR_INVALID);
    CHECK(str_find(str_z(fail_text()), S("self-signed")) >= 0);

    bool end = false;
    pair_begin(&p, a, S("localhost"));
    CHECK_FAILS(
        tls_take(p.server, S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), &p.heard, &p.to_client, &end),
        ERR_INVALID);
    CHECK(!p.heard.n);
}
TEST(tls_wants_its_texts)
{
    Pair p = {.arena = a}, other = {.arena = a};
    TlsConfig *c;
    make_certificate(&p, "DNS:localhost");
    make_certificate(&other, "DNS:localhost");
    CHECK_FAILS(tls_server_config(&c, a, S("nonsense"), p.key), ERR_INVALID);
    CHECK_FAILS(tls_server_config(&c, a, p.certificate, p.certificate), ERR_INVALID);
    CHECK_FAILS(tls_server_config(&c, a, p.certificate, other.key), ERR_INVALID);
    CHECK_FAILS(tls_server_config(&c, a, (Str){0}, (Str){0}), ERR_INVALID);
    CHECK_FAILS(tls_client_config(&c, a, S("nonsense")), ERR_INVALID);
    CHECK_OK(tls_server_config(&c, p.arena, str_cat(a, p.certificate, other.certificate), p.key));
}
