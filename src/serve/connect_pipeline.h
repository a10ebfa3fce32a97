// connect_pipeline.h -- dataflow graphs of a session, as spark-pipelines and kappa run --remote
// define and run them.
#ifndef SERVE_CONNECT_PIPELINE_H
#define SERVE_CONNECT_PIPELINE_H
#include "serve/connect_work.h"

// The session is locked; it is let go before a run.
Status pipeline_command(Operation *o, Work *w, const ConnectPipeline *p);
#endif
