// pipeline_file.h -- spark-pipeline.yml, as Spark's own command reads it: where a pipeline's SQL
// files lie, what they are set to, where checkpoints go. It becomes one text for pipeline_open.
#ifndef CLI_PIPELINE_FILE_H
#define CLI_PIPELINE_FILE_H
#include "base/base.h"
#include "base/buf.h"

bool is_pipeline_spec(Str path); // .yml, .yaml
// The spec in this folder or the nearest above it; ERR_NOT_FOUND when there is none.
Status pipeline_spec_find(Str *path, Arena *a);
// The whole pipeline as one SQL text.
Status pipeline_spec_load(Str *text, Arena *a, Str path);
// Which file of such a text a line is from, and which line of that; false: of none.
bool pipeline_spec_place(Str text, int32_t *line, Str *file);
#endif
