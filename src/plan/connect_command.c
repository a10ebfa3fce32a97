// connect_command.c -- spark.connect.Command: which one it is, and the small ones.
#include "plan/connect_command_in.h"

enum { REL_WITH_RELATIONS = 41, REL_SQL_TEXT = 10 };

// 3.5 and early 4.0 send the parts of an SQL relation as fields of the command.
static Status sql_relation(Connect *c, const Proto *m, Proto *relation)
{
    TRY(proto_sub(m, 6, relation));
    if (relation->present) return DONE;
    Buf b = buf_new(c->a);
    int64_t begun = proto_begin(&b, REL_SQL_TEXT);
    Reader r = reader_of(m->bytes);
    for (ProtoField f; proto_next(&r, &f);)
        if (f.wire == PROTO_BYTES && f.no >= 1 && f.no <= 5) proto_put_str(&b, f.no, f.bytes);
    proto_end(&b, begun);
    return proto_open(relation, buf_str(&b));
}

// The statement of the text; in what came along a query of it is wrapped.
static Status sql_statement(Connect *c, const Proto *relation, Statement **st)
{
    Proto with, root, sql;
    TRY(proto_sub(relation, REL_WITH_RELATIONS, &with));
    root = *relation;
    if (with.present) TRY(connect_need(&with, 1, &root, "WithRelations.root"));
    TRY(proto_sub(&root, REL_SQL_TEXT, &sql));
    if (!sql.present) return connect_unset("SqlCommand.input", proto_member(&root, 1));
    TRY(connect_sql_statement(c, &sql, st));
    if (!with.present || !(*st)->rel) return DONE;
    return connect_in_scope(c, &with, &(*st)->rel);
}

static Status read_sql(Connect *c, const Proto *m, ConnectPlan *p)
{
    Proto relation;
    p->kind = CONNECT_SQL;
    TRY(sql_relation(c, m, &relation));
    p->relation = relation.bytes;
    return sql_statement(c, &relation, &p->statement);
}

static Status read_ml(const Proto *m, ConnectPlan *p)
{
    enum { ML_CLEAN_CACHE = 7, ML_DELETE = 3 };
    p->kind = CONNECT_NOTHING;
    uint32_t no = proto_member(m, 0);
    if (no == ML_CLEAN_CACHE || no == ML_DELETE) return DONE;
    return connect_unbuilt("Spark ML", "use the rows elsewhere");
}

static Status read_checkpoint(Connect *c, const Proto *m, ConnectPlan *p)
{
    p->kind = CONNECT_CHECKPOINT;
    return connect_rel_of(c, m, 1, &p->rel);
}

static Status read_forget(const Proto *m, ConnectPlan *p)
{
    Proto relation;
    p->kind = CONNECT_FORGET;
    TRY(connect_need(m, 1, &relation, "RemoveCachedRemoteRelationCommand.relation"));
    p->id = proto_str(&relation, 1);
    return DONE;
}

static Status read_listener(const Proto *m, ConnectPlan *p)
{
    p->kind = proto_bool(m, 1) ? CONNECT_LISTENER_ADD : CONNECT_LISTENER_REMOVE;
    return proto_member(m, 0) ? DONE : connect_unset("StreamingQueryListenerBusCommand", 0);
}

Status connect_command(Connect *c, const Proto *m, ConnectPlan *p)
{
    Proto of;
    uint32_t no = proto_member(m, 0);
    TRY(proto_sub(m, no, &of));
    switch (no) {
    case 1: return connect_register(c, &of, p);
    case 2: return connect_write(c, &of, p);
    case 3: return connect_view(c, &of, p);
    case 4: return connect_write_v2(c, &of, p);
    case 5: return read_sql(c, &of, p);
    case 6: return connect_stream_start(c, &of, p);
    case 7: return connect_query_command(c, &of, p);
    case 8: p->kind = CONNECT_RESOURCES; return DONE;
    case 9: return connect_manager_command(c, &of, p);
    case 10: return connect_unbuilt("a Python table function", "use explode and its kin");
    case 11: return read_listener(&of, p);
    case 12: return connect_unbuilt("a data source in Python", "use one of kappa's formats");
    case 13: return connect_unbuilt("a resource profile", "kappa is one process");
    case 14: return read_checkpoint(c, &of, p);
    case 15: return read_forget(&of, p);
    case 16: return connect_unbuilt("MERGE INTO", "write the rows another way");
    case 17: return read_ml(&of, p);
    case 18: return connect_unbuilt("an external command", "run it where it belongs");
    case 19: return connect_pipeline(c, &of, p);
    case 999: return connect_unbuilt("an extension of the protocol", "use SQL");
    }
    return connect_unset("Command", no);
}
