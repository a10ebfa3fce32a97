// connect_config.c -- Config: the settings of a session, as clients ask for them.
#include "serve/connect_session.h"

// Settings of a cluster that has none here, or that only its start could change. Notebooks set them
// all the same: the builder's are accepted with a warning.
static const Str start_only[] = {
    STR_INIT("spark.jars"),           STR_INIT("spark.serializer"),
    STR_INIT("spark.driver."),        STR_INIT("spark.executor."),
    STR_INIT("spark.submit."),        STR_INIT("spark.memory."),
    STR_INIT("spark.master"),         STR_INIT("spark.dynamicAllocation."),
    STR_INIT("spark.kryo"),           STR_INIT("spark.plugins"),
    STR_INIT("spark.extraListeners"), STR_INIT("spark.local.dir"),
};
static bool is_start_only(Str key)
{
    for (int64_t i = 0; i < COUNT(start_only); i++)
        if (str_starts(key, start_only[i])) return true;
    return false;
}
static const ConfRow *row_of(Str key)
{
    int64_t n;
    const ConfRow *row = conf_rows(&n);
    for (int64_t i = 0; i < n; i++)
        if (str_eq(row[i].key, key)) return &row[i];
    return NULL;
}
static const Str *set_value(const Session *s, Str key) { return map_get(&s->conf, key); }
static const Str *value_of(const Session *s, Str key) // NULL: it has none
{
    const Str *set = set_value(s, key);
    const ConfRow *row = row_of(key);
    if (set) return set;
    return row && row->dflt.n ? &row->dflt : NULL;
}
static bool is_secret(Str key)
{
    static const Str words[] = {STR_INIT("secret"),          STR_INIT("password"),
                                STR_INIT("token"),           STR_INIT("access.key"),
                                STR_INIT("account.key"),     STR_INIT("sasl.jaas"),
                                STR_INIT("connectionstring")};
    Arena *a = arena_new(NULL);
    Str low = str_lower(a, key);
    bool found = false;
    for (int64_t i = 0; i < COUNT(words); i++) found |= str_find(low, words[i]) >= 0;
    arena_free(a);
    return found;
}
static void put_pair(Buf *answer, Str key, const Str *value)
{
    int64_t pair = proto_begin(answer, 2);
    proto_put_str(answer, 1, key);
    if (value) proto_put_str(answer, 2, *value);
    proto_end(answer, pair);
}
// Some are the door's.
static void heed(Client *c, Str key, Str value)
{
    Micros t;
    int64_t months = 0, n = 0, digits = 0;
    if (str_ends(key, S("senderMaxStreamDuration")) && !duration_parse(value, &months, &t).code)
        c->stream_time_max = MAX(t, 1);
    if (!str_ends(key, S("senderMaxStreamSize"))) return;
    for (; digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9'; digits++)
        n = MIN(n * 10 + (value.p[digits] - '0'), INT64_C(1) << 32);
    char unit = digits < value.n ? (char)(value.p[digits] | 32) : 'b';
    c->stream_bytes_max = unit == 'k' ? n << 10 : unit == 'm' ? n << 20 : unit == 'g' ? n << 30 : n;
}
// Spark calls static what belongs to SQL; the rest is the process's.
static Status fixed(Str key)
{
    if (str_starts(key, S("spark.sql."))) return RAISE(CANNOT_MODIFY_STATIC_CONFIG, P("key", key));
    return RAISE(CANNOT_MODIFY_CONFIG, P("key", key));
}
static Status set_one(Client *c, Str key, Str value)
{
    const ConfRow *row = row_of(key);
    if (is_start_only(key) || (row && row->type == CONF_FIXED)) return fixed(key);
    TRY(conf_set(c->session, key, value));
    heed(c, key, value);
    return DONE;
}
static Status do_set(Client *c, const Proto *op, Buf *answer)
{
    bool silent = proto_bool(op, 2);
    for (ProtoEach e = proto_each(op, 1); proto_more(&e);) {
        Proto pair;
        TRY(proto_item(op, &e, &pair));
        Str key = proto_str(&pair, 1), value = proto_str(&pair, 2);
        if (!proto_has(&pair, 2))
            return fail(ERR_INVALID, "requirement failed: the value of " STR_FMT " may not be null",
                        STR_ARG(key));
        Status s = set_one(c, key, value);
        if (s.code && !silent) return s;
        if (s.code) {
            proto_put_str(answer, 3, str_z(fail_text()));
            continue;
        }
        put_pair(answer, key, &value);
    }
    return DONE;
}
static Status do_get(Client *c, const Proto *op, Buf *answer, bool must_be)
{
    for (ProtoEach e = proto_each(op, 1); proto_more(&e);) {
        Str key = e.field.bytes;
        const Str *value = value_of(c->session, key);
        if (!value && must_be) {
            Str quoted = str_fmt(answer->arena, "\"" STR_FMT "\"", STR_ARG(key));
            return RAISE(SQL_CONF_NOT_FOUND, P("sqlConf", quoted));
        }
        put_pair(answer, key, value);
    }
    return DONE;
}
static Status do_get_with_default(Client *c, const Proto *op, Buf *answer)
{
    for (ProtoEach e = proto_each(op, 1); proto_more(&e);) {
        Proto pair;
        TRY(proto_item(op, &e, &pair));
        Str key = proto_str(&pair, 1), dflt = proto_str(&pair, 2);
        const Str *set = set_value(c->session, key);
        put_pair(answer, key, set ? set : dflt.p ? &dflt : NULL);
    }
    return DONE;
}
static Status do_get_all(Client *c, const Proto *op, Buf *answer)
{
    static const Str hidden = STR_INIT("*********(redacted)");
    Str prefix = proto_str(op, 1);
    for (int64_t i = 0; i < c->session->conf.n; i++) {
        const MapEntry *e = &c->session->conf.entry[i];
        if (prefix.n && !str_starts(e->key, prefix)) continue;
        put_pair(answer, str_from(e->key, prefix.n), is_secret(e->key) ? &hidden : e->value);
    }
    return DONE;
}
static Status do_unset(Client *c, const Proto *op, Buf *answer)
{
    for (ProtoEach e = proto_each(op, 1); proto_more(&e);) {
        Str key = e.field.bytes;
        const ConfRow *row = row_of(key);
        if (row && row->type == CONF_FIXED) return fixed(key);
        conf_unset(c->session, key);
        put_pair(answer, key, NULL);
    }
    return session_refresh(c->session);
}
static Status do_is_modifiable(const Proto *op, Buf *answer)
{
    static const Str word[] = {STR_INIT("false"), STR_INIT("true")};
    for (ProtoEach e = proto_each(op, 1); proto_more(&e);) {
        const ConfRow *row = row_of(e.field.bytes);
        put_pair(answer, e.field.bytes, &word[row && row->type != CONF_FIXED]);
    }
    return DONE;
}
static Status do_operation(Client *c, const Proto *operation, Buf *answer)
{
    enum { SET = 1, GET, GET_WITH_DEFAULT, GET_OPTION, GET_ALL, UNSET, IS_MODIFIABLE };
    Proto op;
    uint32_t which = proto_member(operation, 0);
    TRY(proto_sub(operation, which, &op));
    switch (which) {
    case SET: return do_set(c, &op, answer);
    case GET: return do_get(c, &op, answer, true);
    case GET_WITH_DEFAULT: return do_get_with_default(c, &op, answer);
    case GET_OPTION: return do_get(c, &op, answer, false);
    case GET_ALL: return do_get_all(c, &op, answer);
    case UNSET: return do_unset(c, &op, answer);
    case IS_MODIFIABLE: return do_is_modifiable(&op, answer);
    }
    return fail(ERR_INVALID, "Config without an operation that kappa knows (%u)", which);
}
Status connect_config(Rpc *r, Str request, Buf *answer)
{
    Proto p, operation;
    TRY(proto_open(&p, request));
    TRY(proto_sub(&p, 3, &operation));
    put_session(r, answer, 1, 4);
    mutex_lock(r->client->lock);
    Status s = do_operation(r->client, &operation, answer);
    mutex_unlock(r->client->lock);
    return s;
}
