// connect_write.c -- df.write: rows of a batch into files or another format without tables.
#include "run/batch.h"
#include "serve/connect_stream.h"

Status write_batch(Work *w, const ConnectWrite *write)
{
    Plan *plan = NULL;
    const Str *option = options_get(&write->options, S("path"));
    Str format = write->format, path = write->path.n ? write->path : option ? *option : (Str){0};
    if (!format.n) format = conf_get(w->client->session, S("spark.sql.sources.default"));
    TRY(work_plan(w, write->rel, &plan));
    Session *run = work_fork(w);
    work_unlock(w);
    BatchArgs args = {
        .session = run, .env = engine_env(w->client->door->engine), .cancel = w->cancel};
    BatchTarget to = {.format = format,
                      .path = path,
                      .options = &write->options,
                      .partition = write->partition,
                      .npartition = write->npartition};
    static const SaveMode modes[] = {[CONNECT_MODE_ERROR] = SAVE_ERROR,
                                     [CONNECT_MODE_APPEND] = SAVE_APPEND,
                                     [CONNECT_MODE_OVERWRITE] = SAVE_OVERWRITE,
                                     [CONNECT_MODE_IGNORE] = SAVE_IGNORE};
    if (path.n) return batch_save(&args, plan, &to, modes[write->mode]);
    to.replace = write->mode == CONNECT_MODE_OVERWRITE;
    return batch_write(&args, plan, &to);
}
