// fn_parse_url.c -- parse_url: the parts of a URL as java.net.URI cuts it,
// scheme:[//[user@]host[:port]]path[?query][#fragment].
#include "expr/fn_in.h"

typedef struct Url { // a part that is not there has p NULL
    Str scheme, authority, user, host, path, query, fragment;
} Url;

static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

// Characters beyond ASCII may stand in a URI of Java; blanks, quotes and brackets of sorts may not.
static bool legal(Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c <= ' ' || c == 0x7f || (c < 0x80 && strchr("\"<>\\^`{|}", c))) return false;
        if (c == '%' && !(i + 2 < s.n && is_hex(s.p[i + 1]) && is_hex(s.p[i + 2]))) return false;
    }
    return true;
}

// Cuts what is behind the first `mark` off s.
static Str cut_tail(Str *s, char mark)
{
    int64_t at = str_find_char(*s, mark);
    if (at < 0) return (Str){0};
    Str tail = str_from(*s, at + 1);
    s->n = at;
    return tail.p ? tail : S("");
}

static bool take_scheme(Str *s, Url *u)
{
    int64_t n = 0;
    while (n < s->n && (is_letter(s->p[n]) || (n && (is_digit(s->p[n]) || strchr("+-.", s->p[n])))))
        n++;
    if (!n || n == s->n || s->p[n] != ':') return s->n == 0 || s->p[0] != ':';
    u->scheme = str_of(s->p, n);
    *s = str_from(*s, n + 1);
    return s->n > 0; // something has to follow
}

// A host is a name, numbers, or an address in brackets; else the authority is one name as a whole.
static void cut_authority(Url *u)
{
    Str rest = u->authority;
    must(rest.p);
    int64_t at = str_find_char(rest, '@');
    Str user = at < 0 ? (Str){0} : str_of(rest.p, at);
    if (at >= 0) rest = str_from(rest, at + 1);
    int64_t n = 0;
    if (rest.n && rest.p[0] == '[')
        n = str_find_char(rest, ']') + 1;
    else
        while (n < rest.n && (is_letter(rest.p[n]) || is_digit(rest.p[n]) || rest.p[n] == '-' ||
                              rest.p[n] == '.'))
            n++;
    Str port = str_from(rest, n);
    bool ok = n > 0 && (!port.n || port.p[0] == ':');
    for (int64_t i = 1; i < port.n; i++) ok &= is_digit(port.p[i]);
    if (!ok) return;
    u->host = str_of(rest.p, n);
    u->user = user;
}

static bool url_read(Str s, Url *u)
{
    *u = (Url){0};
    if (!legal(s)) return false;
    u->fragment = cut_tail(&s, '#');
    if (!take_scheme(&s, u)) return false;
    if (u->scheme.n && s.p[0] != '/') return true; // mailto:x: no path, no query
    u->query = cut_tail(&s, '?');
    if (str_starts(s, S("//"))) {
        s = str_from(s, 2);
        int64_t slash = str_find_char(s, '/');
        u->authority = str_of(s.p, slash < 0 ? s.n : slash);
        s = str_from(s, u->authority.n);
        if (!u->authority.n)
            u->authority = (Str){0};
        else
            cut_authority(u);
    }
    u->path = s.n ? s : S("");
    return true;
}

// The value of key in a query: after the start or an &.
static Str query_value(Str query, Str key)
{
    while (query.p) {
        Str one = query;
        query = cut_tail(&one, '&');
        if (one.n > key.n && str_starts(one, key) && one.p[key.n] == '=')
            return str_of(one.p + key.n + 1, one.n - key.n - 1);
    }
    return (Str){0};
}

static Str url_part(const KernelCall *k, const Url *u, Str part)
{
    if (str_eq(part, S("HOST"))) return u->host;
    if (str_eq(part, S("PATH"))) return u->path;
    if (str_eq(part, S("QUERY"))) return u->query;
    if (str_eq(part, S("REF"))) return u->fragment;
    if (str_eq(part, S("PROTOCOL"))) return u->scheme;
    if (str_eq(part, S("AUTHORITY"))) return u->authority;
    if (str_eq(part, S("USERINFO"))) return u->user;
    if (!str_eq(part, S("FILE")) || !u->query.p)
        return str_eq(part, S("FILE")) ? u->path : (Str){0};
    return str_fmt(k->scratch, STR_FMT "?" STR_FMT, STR_ARG(u->path), STR_ARG(u->query));
}

static Status parse(const KernelCall *k, bool tries)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Url u;
        Str text = column_str(k->in[0], i), part = column_str(k->in[1], i), found = {0};
        if (url_read(text, &u))
            found = url_part(k, &u, part);
        else if (!tries && k->ctx->ansi)
            return RAISE(INVALID_URL, P("url", text));
        if (k->nin > 2) // a key means something for queries only
            found =
                str_eq(part, S("QUERY")) ? query_value(found, column_str(k->in[2], i)) : (Str){0};
        k->out->valid[i] = found.p != NULL;
        COLUMN_DATA(k->out, Str)[i] = found;
    }
    return DONE;
}
static Status parse_url(const KernelCall *k) { return parse(k, false); }
static Status try_parse_url(const KernelCall *k) { return parse(k, true); }

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("parse_url"), .signature = "string string string? -> string", .kernel = parse_url, .flags = FN_MAY_NULL | FN_RAISES,
     .doc = "a part of a URL: HOST, PATH, QUERY (or one of its keys), REF, PROTOCOL, FILE, AUTHORITY, USERINFO"},
    {.name = STR_INIT("try_parse_url"), .signature = "string string string? -> string", .kernel = try_parse_url, .flags = FN_MAY_NULL,
     .doc = "the same; NULL when it is no URL"},
};
// clang-format on
FN_TABLE(fn_parse_url, rows);
