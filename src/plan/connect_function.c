// connect_function.c -- functions of the user's own: how their bytes come, calls of them, and their
// names in the session.
#include "plan/connect_in.h"

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
