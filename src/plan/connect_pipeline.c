// connect_pipeline.c -- spark.connect.PipelineCommand: what defines a dataflow graph becomes the
// statements that a pipeline's file would have.
#include "plan/connect_command_in.h"

enum { TYPE_MATERIALIZED = 1, TYPE_TABLE = 2, TYPE_VIEW = 3, TYPE_SINK = 4 };

static Status read_table(Connect *c, const Proto *m, Statement *st)
{
    Proto type;
    Str *column = NULL;
    const Type *schema = NULL;
    TRY(connect_options(c->a, m, 1, &st->properties));
    connect_strings(c->a, m, 2, &column, &st->npartition);
    st->partition = NEW(c->a, Transform, st->npartition + 1);
    for (int32_t i = 0; i < st->npartition; i++)
        st->partition[i] = (Transform){.name = S("identity"), .column = column[i]};
    st->format = proto_str(m, 3);
    TRY(proto_sub(m, 4, &type));
    if (type.present) TRY(connect_type_read(&schema, c->a, &type));
    if (schema && schema->id != T_STRUCT)
        return fail(ERR_INVALID, "the schema of an output is a struct");
    st->columns = schema;
    if (proto_str(m, 5).n) TRY(schema_parse(&st->columns, c->a, proto_str(m, 5)));
    if (!proto_count(m, 6)) return DONE;
    return connect_unbuilt("clustering columns", "PARTITIONED BY");
}
static Status read_output(Connect *c, const Proto *m, Statement *st)
{
    Proto table, sink;
    int64_t type = proto_int(m, 3);
    TRY(parse_name(&st->name, &st->nnames, c->a, proto_str(m, 2)));
    TRY(proto_sub(m, 6, &table));
    TRY(proto_sub(m, 7, &sink));
    st->comment = proto_str(m, 4);
    if (type == TYPE_SINK) {
        st->kind = STMT_CREATE_SINK;
        st->format = proto_str(&sink, 2);
        return connect_options(c->a, &sink, 1, &st->options);
    }
    if (type == TYPE_VIEW) {
        st->kind = STMT_CREATE_VIEW;
        st->temporary = true;
        return DONE;
    }
    if (type != TYPE_TABLE && type != TYPE_MATERIALIZED)
        return connect_unset("DefineOutput.output_type", (uint32_t)type);
    st->kind = type == TYPE_TABLE ? STMT_CREATE_STREAMING_TABLE : STMT_CREATE_MATERIALIZED_VIEW;
    return read_table(c, &table, st);
}
static Status read_flow(Connect *c, const Proto *m, ConnectPipeline *p, Statement *st)
{
    Proto details;
    st->kind = STMT_CREATE_FLOW;
    st->by_name = true;
    p->own = str_eq(proto_str(m, 2), proto_str(m, 3));
    if (proto_bool(m, 8)) return connect_unbuilt("a flow that runs once", "a flow of its own file");
    TRY(parse_name(&st->name, &st->nnames, c->a, proto_str(m, 2)));
    TRY(parse_name(&st->target, &st->ntarget, c->a, proto_str(m, 3)));
    TRY(connect_options(c->a, m, 4, &p->conf));
    TRY(proto_sub(m, 7, &details));
    if (!details.present)
        return connect_unbuilt("a flow of changes (AUTO CDC)", "a flow of a query");
    return connect_rel_of(c, &details, 1, &st->rel);
}
static Status read_define(Connect *c, const Proto *m, ConnectPipeline *p, bool flow)
{
    Statement *st = NEW(c->a, Statement, 1);
    p->statement = NEW(c->a, Statement *, 1);
    p->statement[0] = st;
    p->nstatements = 1;
    p->call = flow ? CONNECT_GRAPH_FLOW : CONNECT_GRAPH_OUTPUT;
    return flow ? read_flow(c, m, p, st) : read_output(c, m, st);
}
static Status read_text(Connect *c, const Proto *m, ConnectPipeline *p)
{
    Statements all = {0};
    p->call = CONNECT_GRAPH_OUTPUT;
    TRY(parse_statements(&all, c->a, proto_str(m, 3)));
    p->statement = all.v;
    p->nstatements = (int32_t)all.n;
    return DONE;
}
static Status read_create(Connect *c, const Proto *m, ConnectPipeline *p)
{
    p->call = CONNECT_GRAPH_CREATE;
    p->catalog = proto_str(m, 1);
    p->database = proto_str(m, 2);
    return connect_options(c->a, m, 5, &p->conf);
}
// Names with commas between, as pipeline_select takes them.
static Str read_names(Connect *c, const Proto *m, uint32_t no)
{
    Buf b = buf_new(c->a);
    for (ProtoEach e = proto_each(m, no); proto_more(&e);) {
        buf_put(&b, b.n ? S(",") : S(""));
        buf_put(&b, e.field.bytes);
    }
    return buf_str(&b);
}
static Status read_run(Connect *c, const Proto *m, ConnectPipeline *p)
{
    p->call = CONNECT_GRAPH_RUN;
    p->full_refresh = read_names(c, m, 2);
    p->refresh = read_names(c, m, 4);
    p->full_refresh_all = proto_bool(m, 3);
    p->dry = proto_bool(m, 5);
    p->storage = proto_str(m, 6);
    if (p->full_refresh_all && (p->refresh.n || p->full_refresh.n))
        return fail(ERR_INVALID, "a full refresh of all names no outputs");
    return p->storage.n ? DONE : fail(ERR_INVALID, "a run needs a storage");
}
Status connect_pipeline(Connect *c, const Proto *m, ConnectPlan *plan)
{
    Proto of;
    uint32_t no = proto_member(m, 0);
    ConnectPipeline *p = &plan->pipeline;
    plan->kind = CONNECT_PIPELINE;
    TRY(proto_sub(m, no, &of));
    p->graph = proto_str(&of, 1);
    switch (no) {
    case 1: p->graph = (Str){0}; return read_create(c, &of, p);
    case 2: return read_define(c, &of, p, false);
    case 3: return read_define(c, &of, p, true);
    case 4: p->call = CONNECT_GRAPH_DROP; return DONE;
    case 5: return read_run(c, &of, p);
    case 6: return read_text(c, &of, p);
    case 7:
    case 8:
        return connect_unbuilt("a flow's function that waits for its inputs",
                               "spark.readStream.table and SQL");
    }
    return connect_unset("PipelineCommand", no);
}
