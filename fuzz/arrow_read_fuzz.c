// arrow_read_fuzz.c -- Arrow streams from outside. What reads has batches of its schema's columns,
// all of their rows, and every value of them can be printed.
#include "fmt/arrow_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16) return 0;
    Arena *a = arena_new(NULL);
    ArrowRows rows;
    Status s = arrow_read(&rows, a, (Str){(const char *)data, (int64_t)size});
    Buf b = buf_new(a);
    TextForm form = {.null_text = S("NULL")};
    for (int32_t i = 0; s.code == OK && i < rows.n; i++) {
        const Batch *batch = &rows.batch[i];
        must(batch->cols == rows.schema->nfields && batch->rows <= BATCH_ROWS);
        for (int32_t k = 0; k < batch->cols; k++) {
            must(type_eq(batch->col[k].type, rows.schema->field[k].type));
            for (int32_t row = 0; row < MIN(batch->rows, 64); row++) {
                value_text(&b, &batch->col[k], row, &form);
                if (b.n > 1 << 20) buf_clear(&b);
            }
        }
    }
    arena_free(a);
    return 0;
}
