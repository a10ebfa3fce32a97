// csv_fuzz.c -- whatever the text: records cover it in order, tokens are within limits, and what is
// written of a token is read back as the same token.
#include "fmt/csv.h"

static const char *const seps[] = {",", ";", "\t", "::"};

static void check_back(Arena *a, const CsvOptions *o, Str token)
{
    Buf b = buf_new(a);
    CsvRow row = {0};
    int64_t at = 0;
    // What Spark loses too: line ends, what looks like quoting or like half a separator.
    if (o->sep.n > 1 && str_find_char(token, o->sep.p[0]) >= 0) return;
    bool blank = token.n && ((uint8_t)token.p[0] <= ' ' || (uint8_t)token.p[token.n - 1] <= ' ');
    if (blank && (o->trim_left || o->trim_right)) return;
    for (int64_t i = 0; i < token.n; i++)
        if (strchr("\"\\\r\n", token.p[i]) || token.p[i] == 0) return;
    csv_put(o, token, false, &b);
    buf_put(&b, o->sep);
    buf_char(&b, 'x');
    must(csv_record(o, buf_str(&b), &at, &row, a));
    must(row.n == 2 && str_eq(row.token[0], token) && str_eq(row.token[1], S("x")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    Arena *a = arena_new(NULL);
    CsvOptions o = {0};
    must(!csv_options_parse(&o, &(Options){0}, NULL, NULL).code);
    o.sep = str_z(seps[data[0] % 4]);
    o.trim_left = o.trim_right = data[0] & 4;
    o.write_trim_left = o.write_trim_right = data[0] & 4;
    if (data[0] & 8) o.escape = S("\"");
    char *copy = NEW_RAW(a, char, (int64_t)size);
    memcpy(copy, data, size);
    Str text = str_of(copy + 1, (int64_t)size - 1);
    CsvRow row = {0};
    CsvInfer *infer = csv_infer_new(a, &o);
    o.infer = true;
    for (int64_t at = 0, before = 0; csv_record(&o, text, &at, &row, a); before = at) {
        must(at > before && at <= text.n && row.n > 0);
        must(row.raw.p >= text.p + before && row.raw.p + row.raw.n <= text.p + at);
        for (int32_t i = 0; i < row.n; i++) check_back(a, &o, row.token[i]);
        csv_infer_add(infer, &row);
    }
    arena_free(a);
    return 0;
}
