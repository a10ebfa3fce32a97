// connect_command_in.h -- readers of commands, by the file that holds them.
#ifndef PLAN_CONNECT_COMMAND_IN_H
#define PLAN_CONNECT_COMMAND_IN_H
#include "plan/connect_rel_in.h"

Status connect_command(Connect *c, const Proto *m, ConnectPlan *p);
// connect_write.c
Status connect_register(Connect *c, const Proto *m, ConnectPlan *p);
Status connect_write(Connect *c, const Proto *m, ConnectPlan *p);
Status connect_write_v2(Connect *c, const Proto *m, ConnectPlan *p);
Status connect_view(Connect *c, const Proto *m, ConnectPlan *p);
// connect_pipeline.c
Status connect_pipeline(Connect *c, const Proto *m, ConnectPlan *p);
// connect_stream.c
Status connect_stream_start(Connect *c, const Proto *m, ConnectPlan *p);
Status connect_query_command(Connect *c, const Proto *m, ConnectPlan *p);
Status connect_manager_command(Connect *c, const Proto *m, ConnectPlan *p);
void connect_clustering(Connect *c, const Proto *m, uint32_t no, Options *to);
#endif
