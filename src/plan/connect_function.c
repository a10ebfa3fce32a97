// connect_function.c -- functions of the user's own: how their bytes come, calls of them, and their
// names in the session.
#include "expr/user_fn.h"
#include "plan/connect_command_in.h"

enum { // of CommonInlineUserDefinedFunction
    FN_NAME = 1,
    FN_DETERMINISTIC,
    FN_ARGUMENTS,
    FN_PYTHON,
    FN_SCALA,
    FN_JAVA,
    FN_DISTINCT,
};
enum { BATCHED = 100 }; // PythonEvalType.SQL_BATCHED_UDF: called row by row

void connect_python(Connect *c, const Proto *m, ConnectPython *to)
{
    const Session *s = c->env->session;
    Str program = conf_get(s, S("spark.sql.execution.pyspark.python"));
    if (!program.n) program = conf_get(s, S("spark.pyspark.python"));
    *to = (ConnectPython){.command = proto_str(m, 3),
                          .version = proto_str(m, 4),
                          .eval_type = (int32_t)proto_int(m, 2),
                          .program = str_copy(c->a, program)};
}

static Status refuse(Connect *c, const char *what, Str name)
{
    return RAISE(UNSUPPORTED_FEATURE,
                 P("feature", str_fmt(c->a, "the %s function " STR_FMT, what, STR_ARG(name))),
                 P("needs", S("use udf() of Python, built-in functions or foreachBatch")));
}
static const char *kind_of(int64_t eval_type)
{
    static const struct {
        int32_t type;
        const char *what;
    } rows[] = {{101, "Python (useArrow)"},
                {200, "pandas"},
                {201, "grouped map pandas"},
                {202, "grouped aggregate pandas"},
                {203, "window pandas"},
                {204, "iterator pandas"},
                {250, "Arrow"},
                {251, "iterator Arrow"},
                {252, "grouped aggregate Arrow"}};
    for (int64_t i = 0; i < COUNT(rows); i++)
        if (rows[i].type == eval_type) return rows[i].what;
    return "Python table or map";
}
static Status read_function(Connect *c, const Proto *m, const UserFn **fn)
{
    UserFn *f = NEW(c->a, UserFn, 1);
    Str name = proto_str(m, FN_NAME);
    Proto python, type;
    ConnectPython code;
    *fn = f;
    if (!proto_has(m, FN_PYTHON)) return refuse(c, proto_has(m, FN_JAVA) ? "Java" : "Scala", name);
    TRY(connect_need(m, FN_PYTHON, &python, "CommonInlineUserDefinedFunction.python_udf"));
    connect_python(c, &python, &code);
    if (code.eval_type != BATCHED) return refuse(c, kind_of(code.eval_type), name);
    TRY(connect_need(&python, 1, &type, "PythonUDF.output_type"));
    *f = (UserFn){.name = name,
                  .deterministic = proto_bool(m, FN_DETERMINISTIC),
                  .bytearrays =
                      !conf_bool(c->env->session, S("spark.sql.execution.pyspark.binaryAsBytes")),
                  .code = code.command,
                  .version = code.version,
                  .program = code.program};
    return connect_type_read(&f->type, c->a, &type);
}
Status connect_user_function(Connect *c, const Proto *m, Expr **e)
{
    Exprs arg = {0};
    *e = expr_new(c->a, E_USER, (Origin){0});
    TRY(read_function(c, m, &(*e)->user));
    TRY(connect_exprs(c, m, FN_ARGUMENTS, &arg));
    (*e)->arg = arg.v;
    (*e)->nargs = (int32_t)arg.n;
    return DONE;
}
// A name of the session from now on, also where one is built in.
Status connect_register(Connect *c, const Proto *m, ConnectPlan *p)
{
    const UserFn *f = NULL;
    Session *s = c->env->session;
    p->kind = CONNECT_NOTHING;
    TRY(read_function(c, m, &f));
    UserFn *kept = NEW(s->arena, UserFn, 1);
    *kept = (UserFn){.name = str_copy(s->arena, f->name),
                     .type = type_copy(s->arena, f->type),
                     .deterministic = f->deterministic,
                     .bytearrays = f->bytearrays,
                     .code = str_copy(s->arena, f->code),
                     .version = str_copy(s->arena, f->version),
                     .program = str_copy(s->arena, f->program)};
    map_set(&s->functions, kept->name, kept);
    return DONE;
}
