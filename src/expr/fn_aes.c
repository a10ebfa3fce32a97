// fn_aes.c -- aes_encrypt and aes_decrypt: GCM, CBC and ECB as Spark frames them. What is drawn at
// random stands before the cipher text, GCM's tag behind it.
#include "expr/fn_in.h"
#include <openssl/evp.h>
#include <openssl/rand.h>

typedef enum AesMode { AES_GCM, AES_CBC, AES_ECB } AesMode;
enum { TAG_BYTES = 16, KEY_BYTES_MAX = 32, IV_BYTES_MAX = 16 };
static const int32_t iv_bytes[] = {[AES_GCM] = 12, [AES_CBC] = 16, [AES_ECB] = 0};

typedef struct AesCall { // one row
    const KernelCall *k;
    Str input, key, iv, aad;
    AesMode mode;
    bool encrypt;
    const unsigned char *start; // the initialization vector in use
    const char *tag;            // of GCM, when it is decrypted
} AesCall;

static Status invalid(const AesCall *c, CondId id, Str value, const char *parameter)
{
    Param p[] = {P("functionName", S("`aes_encrypt`")),
                 P("parameter", str_fmt(c->k->scratch, "`%s`", parameter)),
                 P("actualLength", str_fmt(c->k->scratch, "%lld", (long long)value.n))};
    return raise_cond(id, p, COUNT(p));
}

static Str argument(const KernelCall *k, int32_t arg, int32_t row, Str dflt)
{
    return arg < k->nin ? column_str(k->in[arg], row) : dflt;
}

static Status read_call(AesCall *c, const KernelCall *k, int32_t row, bool encrypt)
{
    static const Str modes[] = {STR_INIT("GCM"), STR_INIT("CBC"), STR_INIT("ECB")};
    *c = (AesCall){.k = k,
                   .input = column_str(k->in[0], row),
                   .key = column_str(k->in[1], row),
                   .encrypt = encrypt};
    Str mode = argument(k, 2, row, S("GCM")), padding = argument(k, 3, row, S("DEFAULT"));
    if (encrypt) c->iv = argument(k, 4, row, (Str){0});
    c->aad = argument(k, encrypt ? 5 : 4, row, (Str){0});
    if (c->key.n != 16 && c->key.n != 24 && c->key.n != 32)
        return invalid(c, COND_INVALID_PARAMETER_VALUE_AES_KEY_LENGTH, c->key, "key");
    bool known = false;
    for (int32_t i = 0; i < COUNT(modes); i++) {
        if (!str_ieq(mode, modes[i])) continue;
        c->mode = (AesMode)i;
        known = str_ieq(padding, S("DEFAULT")) ||
                str_ieq(padding, i == AES_GCM ? S("NONE") : S("PKCS"));
    }
    if (!known)
        return RAISE(UNSUPPORTED_FEATURE_AES_MODE, P("mode", mode), P("padding", padding),
                     P("functionName", S("`aes_encrypt`")));
    if (c->iv.n && c->mode == AES_ECB)
        return RAISE(UNSUPPORTED_FEATURE_AES_MODE_IV, P("mode", mode),
                     P("functionName", S("`aes_encrypt`")));
    if (c->iv.n && c->iv.n != iv_bytes[c->mode])
        return invalid(c, COND_INVALID_PARAMETER_VALUE_AES_IV_LENGTH, c->iv, "iv");
    if (c->aad.n && c->mode != AES_GCM)
        return RAISE(UNSUPPORTED_FEATURE_AES_MODE_AAD, P("mode", mode),
                     P("functionName", S("`aes_encrypt`")));
    return DONE;
}

static const EVP_CIPHER *cipher_of(const AesCall *c)
{
    const EVP_CIPHER *const ciphers[3][3] = {
        {EVP_aes_128_gcm(), EVP_aes_192_gcm(), EVP_aes_256_gcm()},
        {EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc()},
        {EVP_aes_128_ecb(), EVP_aes_192_ecb(), EVP_aes_256_ecb()}};
    return ciphers[c->mode][(c->key.n - 16) / 8];
}

static const unsigned char *bytes(Str s) { return (const unsigned char *)s.p; }

// Runs the cipher; *n counts what came out. False: the text, the key or the tag is wrong.
static bool run(EVP_CIPHER_CTX *x, const AesCall *c, Str in, char *out, int64_t *n)
{
    bool gcm = c->mode == AES_GCM, encrypt = c->encrypt;
    int part = 0, last = 0;
    unsigned char *to = (unsigned char *)out;
    bool ok = EVP_CipherInit_ex(x, cipher_of(c), NULL, bytes(c->key), c->start, encrypt) == 1;
    if (ok && c->aad.n) ok = EVP_CipherUpdate(x, NULL, &part, bytes(c->aad), (int)c->aad.n) == 1;
    part = 0;
    if (ok && in.n) ok = EVP_CipherUpdate(x, to, &part, bytes(in), (int)in.n) == 1;
    if (ok && gcm && !encrypt) {
        char tag[TAG_BYTES]; // the call wants one that it may write
        memcpy(tag, c->tag, TAG_BYTES);
        ok = EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1;
    }
    ok = ok && EVP_CipherFinal_ex(x, to + part, &last) == 1;
    *n = part + last;
    if (ok && gcm && encrypt)
        ok = EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, to + *n) == 1;
    if (ok && gcm && encrypt) *n += TAG_BYTES;
    return ok;
}

static bool encrypt_one(EVP_CIPHER_CTX *x, AesCall *c, Str *out)
{
    int32_t head = iv_bytes[c->mode];
    char *p = NEW_RAW(c->k->scratch, char, c->input.n + head + TAG_BYTES + IV_BYTES_MAX);
    int64_t n = 0;
    if (c->iv.n)
        memcpy(p, c->iv.p, (size_t)head);
    else if (head && RAND_bytes((unsigned char *)p, head) != 1)
        return false;
    c->start = (const unsigned char *)p;
    bool ok = run(x, c, c->input, p + head, &n);
    *out = str_of(p, head + n);
    return ok;
}

static bool decrypt_one(EVP_CIPHER_CTX *x, AesCall *c, Str *out)
{
    int32_t head = iv_bytes[c->mode], foot = c->mode == AES_GCM ? TAG_BYTES : 0;
    if (c->input.n < head + foot) return false;
    char *p = NEW_RAW(c->k->scratch, char, c->input.n + IV_BYTES_MAX);
    Str body = str_sub(c->input, head, c->input.n - head - foot);
    Str tag = str_from(c->input, c->input.n - foot);
    int64_t n = 0;
    c->start = bytes(c->input);
    c->tag = tag.p;
    bool ok = run(x, c, body, p, &n);
    *out = str_of(p, n);
    return ok;
}

static Status each(const KernelCall *k, bool encrypt, bool lenient)
{
    EVP_CIPHER_CTX *x = EVP_CIPHER_CTX_new();
    Status s = DONE;
    for (int32_t i = 0; i < k->rows && !s.code; i++) {
        AesCall c;
        if (!kernel_live(k, i)) continue;
        s = read_call(&c, k, i, encrypt);
        Str *z = &COLUMN_DATA(k->out, Str)[i];
        bool ok = !s.code && (encrypt ? encrypt_one : decrypt_one)(x, &c, z);
        if (!ok && lenient) {
            k->out->valid[i] = 0;
            s = DONE;
        } else if (!ok && !s.code) {
            s = RAISE(INVALID_PARAMETER_VALUE_AES_CRYPTO_ERROR,
                      P("functionName", S("`aes_encrypt`")), P("parameter", S("`expr`, `key`")),
                      P("detailMessage", S("the text does not fit the key")));
        }
    }
    EVP_CIPHER_CTX_free(x);
    return s;
}
static Status aes_encrypt(const KernelCall *k) { return each(k, true, false); }
static Status aes_decrypt(const KernelCall *k) { return each(k, false, false); }
static Status try_aes_decrypt(const KernelCall *k) { return each(k, false, true); }

// The mode and the padding show, whether written or not.
static Status analyse_aes(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    bool encrypt = str_eq(call->fn->name, S("aes_encrypt"));
    default_arg(a, call, 3, string_literal(a, S("GCM")));
    default_arg(a, call, 4, string_literal(a, S("DEFAULT")));
    default_arg(a, call, 5, string_literal(a, S("")));
    if (encrypt) default_arg(a, call, 6, string_literal(a, S("")));
    for (int32_t i = 4; i < call->nargs; i++)
        if (call->arg[i]->type->id == T_STRING) coerce(a, &call->arg[i], &type_binary);
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("aes_encrypt"), .signature = "binary binary string? string? binary? binary? -> binary", .kernel = aes_encrypt, .flags = FN_RAISES | FN_NONDETERMINISTIC,
     .doc = "bytes encrypted with a key of 16, 24 or 32 bytes: GCM, CBC or ECB", .analyse = analyse_aes},
    {.name = STR_INIT("aes_decrypt"), .signature = "binary binary string? string? binary? -> binary", .kernel = aes_decrypt, .flags = FN_RAISES, .doc = "what aes_encrypt encrypted", .analyse = analyse_aes},
    {.name = STR_INIT("try_aes_decrypt"), .signature = "binary binary string? string? binary? -> binary", .kernel = try_aes_decrypt, .flags = FN_MAY_NULL, .doc = "what aes_encrypt encrypted, NULL when the key is another", .analyse = analyse_aes},
};
// clang-format on
FN_TABLE(fn_aes, rows);
