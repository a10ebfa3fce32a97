// remote_address.c -- the address of a Spark Connect server, as PySpark takes it:
// sc://host[:port][/;key=value...]. Values are percent-encoded.
#include "base/num.h"
#include "os/net.h"
#include "os/proc.h"
#include "serve/remote.h"
#include "wire/grpc.h"

static Status refuse(Str url, const char *why)
{
    return fail(ERR_INVALID, STR_FMT ": %s; an address is sc://host:port/;key=value;...",
                STR_ARG(url), why);
}
static bool is_truth(Str value) { return str_ieq(value, S("true")); }
// A header's name: what HTTP/2 takes.
static bool is_field_name(Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("-_.", c);
        if (!c || !fine) return false;
    }
    return s.n > 0;
}
static Status put_host(RemoteAddress *to, Arena *a, Str url, Str text)
{
    int64_t bracket = str_rfind_char(text, ']'), colon = str_rfind_char(text, ':');
    Str host = text, port = {0};
    int64_t number = REMOTE_PORT;
    if (colon > bracket) {
        host = str_of(text.p, colon);
        port = str_from(text, colon + 1);
        if (!num_parse_i64(port, &number) || number < 1 || number > 65535)
            return refuse(url, "the port is none");
    }
    if (!host.n || (bracket < 0 && str_find_char(host, ':') >= 0))
        return refuse(url, "the host is missing");
    to->at = str_fmt(a, STR_FMT ":%d", STR_ARG(host), (int)number);
    to->tls |= to->token.n && !address_is_loopback(to->at);
    return DONE;
}
static Status put_parameter(RemoteAddress *to, Arena *a, Str url, Str text)
{
    Cut c = str_cut(text, '=');
    Buf value = buf_new(a);
    if (!c.ok || !c.head.n) return refuse(url, "a parameter is key=value");
    grpc_unpercent(&value, c.tail);
    Str key = c.head, v = buf_str(&value);
    for (int64_t i = 0; i < v.n; i++)
        if ((uint8_t)v.p[i] < 0x20 || v.p[i] == 0x7F)
            return refuse(url, "a parameter has a control character");
    if (str_eq(key, S("token")))
        to->token = v;
    else if (str_eq(key, S("user_id")))
        to->user = v;
    else if (str_eq(key, S("user_agent")))
        to->agent = v;
    else if (str_eq(key, S("session_id")))
        to->session = v;
    else if (str_eq(key, S("use_ssl")))
        to->tls |= is_truth(v);
    else if (!str_eq(key, S("grpc_max_message_size"))) {
        key = str_lower(a, key);
        if (!is_field_name(key)) return refuse(url, "a parameter's name is no header's");
        vec_push(a, &to->fields, ((Option){key, v}));
    }
    return DONE;
}
Status remote_address(RemoteAddress *to, Arena *a, Str url)
{
    *to = (RemoteAddress){0};
    Str text = str_copy(a, url);
    if (!str_starts(text, S("sc://"))) return refuse(url, "it does not begin with sc://");
    text = str_from(text, 5);
    int64_t slash = str_find_char(text, '/');
    Str host = slash < 0 ? text : str_of(text.p, slash);
    Str rest = slash < 0 ? S("") : str_from(text, slash + 1);
    if (rest.n && rest.p[0] != ';') return refuse(url, "it has a path");
    for (Cut c = {.tail = rest, .ok = rest.n > 0}; c.ok;) {
        c = str_cut(c.tail, ';');
        if (c.head.n) TRY(put_parameter(to, a, url, c.head));
    }
    if (!to->token.n) to->token = env_get(a, "SPARK_CONNECT_AUTHENTICATE_TOKEN");
    TRY(put_host(to, a, url, host));
    if (!to->user.n) to->user = env_get(a, "SPARK_USER");
    if (!to->user.n) to->user = env_get(a, "USER");
    return DONE;
}
