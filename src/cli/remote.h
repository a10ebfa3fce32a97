// remote.h -- kappa run --remote: a pipeline's file run by a Spark Connect server elsewhere.
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H
#include "cli/cli.h"

typedef struct RemoteAsk {
    Str url, storage, kafka;
    Micros patience;
    Str file, text;
    Str refresh, full_refresh_of; // names, commas between
    bool full_refresh, dry_run;
} RemoteAsk;
int run_remote(Cli *cli, const RemoteAsk *ask); // gives the exit code
#endif
