// connect_write.c -- df.write: rows of a batch into files or another format without tables.
#include "os/file.h"
#include "run/batch.h"
#include "serve/connect_stream.h"

static Str local_path(Str path)
{
    if (str_starts(path, S("file://"))) return str_from(path, 7);
    return str_starts(path, S("file:")) ? str_from(path, 5) : path;
}
static Status may_write(const ConnectWrite *write, Str path, bool *skip)
{
    bool there = path.n && path_exists(local_path(path));
    *skip = there && write->mode == CONNECT_MODE_IGNORE;
    if (!there || write->mode != CONNECT_MODE_ERROR) return DONE;
    return RAISE(PATH_ALREADY_EXISTS, P("outputPath", path));
}
Status write_batch(Work *w, const ConnectWrite *write)
{
    Plan *plan = NULL;
    bool skip = false;
    const Str *option = options_get(&write->options, S("path"));
    Str format = write->format, path = write->path.n ? write->path : option ? *option : (Str){0};
    if (!format.n) format = conf_get(w->client->session, S("spark.sql.sources.default"));
    if (write->npartition)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("partitionBy of files")),
                     P("needs", S("write to a table (saveAsTable), whose partitions are kept")));
    TRY(plan_batch(w->client->session, w->arena, write->rel, &plan));
    Session *run = session_fork(w->arena, w->client->session);
    work_unlock(w);
    TRY(may_write(write, path, &skip));
    if (skip) return DONE;
    BatchArgs args = {
        .session = run, .env = engine_env(w->client->door->engine), .cancel = w->cancel};
    BatchTarget to = {.format = format,
                      .path = path,
                      .options = &write->options,
                      .replace = write->mode == CONNECT_MODE_OVERWRITE};
    return batch_write(&args, plan, &to);
}
