// connect_stream.c -- writeStream.start() and what is asked of streaming queries.
#include "plan/connect_command_in.h"

static Status interval_of(Str text, Micros *every)
{
    if (duration_parse(text, NULL, every).code)
        return RAISE(CANNOT_PARSE_INTERVAL, P("intervalString", text));
    if (*every >= 0) return DONE;
    return fail(ERR_INVALID, "requirement failed: the interval of a trigger is not negative");
}

static Status read_trigger(const Proto *m, ConnectStream *s)
{
    if (proto_has(m, 5)) return interval_of(proto_str(m, 5), &s->every);
    if (proto_has(m, 6)) {
        s->trigger = CONNECT_TRIGGER_AVAILABLE_NOW;
    } else if (proto_has(m, 7)) {
        s->trigger = CONNECT_TRIGGER_ONCE;
    } else if (proto_has(m, 8)) {
        s->trigger = CONNECT_TRIGGER_CONTINUOUS;
        return interval_of(proto_str(m, 8), &s->every);
    } else if (proto_has(m, 100)) {
        s->trigger = CONNECT_TRIGGER_REAL_TIME;
        return interval_of(proto_str(m, 100), &s->every);
    }
    return DONE;
}

static Status read_mode(Str text, Mode *mode)
{
    static const Str names[] = {[MODE_APPEND] = STR_INIT("append"),
                                [MODE_UPDATE] = STR_INIT("update"),
                                [MODE_COMPLETE] = STR_INIT("complete")};
    *mode = MODE_APPEND;
    for (int32_t i = 0; i < COUNT(names); i++)
        if (str_ieq(names[i], text)) *mode = (Mode)i;
    if (!text.n || str_ieq(names[*mode], text)) return DONE;
    return RAISE(STREAMING_OUTPUT_MODE_INVALID, P("outputMode", text));
}

static Status read_python(Connect *c, const Proto *m, uint32_t no, ConnectPython *to)
{
    Proto function, python;
    TRY(proto_sub(m, no, &function));
    if (!function.present) return DONE;
    TRY(proto_sub(&function, 1, &python));
    if (!python.present)
        return connect_unbuilt("foreach and foreachBatch of Scala", "call it from Python");
    connect_python(c, &python, to);
    return DONE;
}

Status connect_stream_start(Connect *c, const Proto *m, ConnectPlan *p)
{
    ConnectStream *s = &p->stream;
    p->kind = CONNECT_STREAM;
    *s = (ConnectStream){.format = proto_str(m, 2),
                         .name = proto_str(m, 10),
                         .path = proto_str(m, 11),
                         .table = proto_str(m, 12)};
    TRY(connect_rel_of(c, m, 1, &s->rel));
    TRY(connect_options(c->a, m, 3, &s->options));
    connect_strings(c->a, m, 4, &s->partition, &s->npartition);
    connect_clustering(c, m, 15, &s->properties);
    TRY(read_trigger(m, s));
    TRY(read_mode(proto_str(m, 9), &s->mode));
    TRY(read_python(c, m, proto_has(m, 13) ? 13 : 14, &s->foreach));
    s->foreach.rows = proto_has(m, 13);
    return DONE;
}

static Micros timeout_of(const Proto *m, uint32_t no)
{
    int64_t ms = proto_int(m, no);
    if (!proto_has(m, no) || ms < 0) return -1;
    return ms > INT64_MAX / 1000 ? INT64_MAX : ms * 1000;
}

Status connect_query_command(Connect *c, const Proto *m, ConnectPlan *p)
{
    static const ConnectQueryCall calls[] = {
        [2] = CONNECT_QUERY_STATUS,          [3] = CONNECT_QUERY_LAST_PROGRESS,
        [4] = CONNECT_QUERY_RECENT_PROGRESS, [5] = CONNECT_QUERY_STOP,
        [6] = CONNECT_QUERY_PROCESS_ALL,     [7] = CONNECT_QUERY_EXPLAIN,
        [8] = CONNECT_QUERY_EXCEPTION,       [9] = CONNECT_QUERY_AWAIT};
    Proto id, explain, await;
    uint32_t no = proto_member(m, 1);
    (void)c;
    p->kind = CONNECT_STREAMING_QUERY;
    TRY(connect_need(m, 1, &id, "StreamingQueryCommand.query_id"));
    TRY(proto_sub(m, 7, &explain));
    TRY(proto_sub(m, 9, &await));
    if (no < 2 || no >= COUNT(calls)) return connect_unset("StreamingQueryCommand", no);
    p->query = (ConnectQuery){.call = calls[no],
                              .id = proto_str(&id, 1),
                              .run_id = proto_str(&id, 2),
                              .timeout = timeout_of(&await, 2),
                              .extended = proto_bool(&explain, 1)};
    return DONE;
}

Status connect_manager_command(Connect *c, const Proto *m, ConnectPlan *p)
{
    static const ConnectManagerCall calls[] = {
        [1] = CONNECT_MANAGER_ACTIVE,        [2] = CONNECT_MANAGER_GET,
        [3] = CONNECT_MANAGER_AWAIT_ANY,     [4] = CONNECT_MANAGER_RESET,
        [5] = CONNECT_MANAGER_ADD_LISTENER,  [6] = CONNECT_MANAGER_REMOVE_LISTENER,
        [7] = CONNECT_MANAGER_LIST_LISTENERS};
    Proto await;
    uint32_t no = proto_member(m, 0);
    (void)c;
    p->kind = CONNECT_STREAMING_QUERY_MANAGER;
    TRY(proto_sub(m, 3, &await));
    if (no < 1 || no >= COUNT(calls)) return connect_unset("StreamingQueryManagerCommand", no);
    p->manager = (ConnectManager){
        .call = calls[no], .id = proto_str(m, 2), .timeout = timeout_of(&await, 1)};
    return DONE;
}
