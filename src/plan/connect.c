// connect.c -- spark.connect.Plan: a relation, a command, or either of them compressed.
#include "fmt/codec.h"
#include "plan/connect_command_in.h"

Status connect_run(Connect *c, Rel *query, ConnectRows *rows)
{
    Statement st = {.kind = STMT_QUERY, .rel = query};
    if (!c->env->run) return connect_unbuilt("a plan that needs rows to be made", "collect first");
    return c->env->run(c->env->ctx, c->a, &st, rows);
}

static Status read_query(Connect *c, const Proto *m, ConnectPlan *p)
{
    p->kind = CONNECT_QUERY;
    return connect_rel(c, m, &p->rel);
}

static Status read_compressed(Connect *c, const Proto *m, ConnectPlan *p)
{
    enum { OF_RELATION = 1, OF_COMMAND = 2, BY_ZSTD = 1 };
    enum { UNPACKED_MAX = 64 << 20 };
    Str raw;
    Proto of;
    int64_t kind = proto_int(m, 2);
    if (proto_int(m, 3) != BY_ZSTD)
        return connect_unbuilt("a plan compressed by anything but zstd", "send it as it is");
    TRY(zstd_unpack(&raw, c->a, proto_str(m, 1), UNPACKED_MAX));
    TRY(proto_open(&of, raw));
    if (kind == OF_RELATION) return read_query(c, &of, p);
    if (kind == OF_COMMAND) return connect_command(c, &of, p);
    return connect_unset("Plan.CompressedOperation.op_type", (uint32_t)kind);
}

Status connect_plan(ConnectPlan *p, const ConnectEnv *env, Arena *a, Str plan)
{
    enum { ROOT = 1, COMMAND, COMPRESSED };
    Connect c = {.env = env, .a = a};
    Proto m, of;
    *p = (ConnectPlan){0};
    TRY(proto_open(&m, plan));
    uint32_t no = proto_member(&m, 0);
    TRY(proto_sub(&m, no, &of));
    switch (no) {
    case ROOT: return read_query(&c, &of, p);
    case COMMAND: return connect_command(&c, &of, p);
    case COMPRESSED: return read_compressed(&c, &of, p);
    }
    return connect_unset("Plan", no);
}

Status connect_relation(Rel **rel, const ConnectEnv *env, Arena *a, Str relation)
{
    Connect c = {.env = env, .a = a};
    Proto m;
    TRY(proto_open(&m, relation));
    return connect_rel(&c, &m, rel);
}
