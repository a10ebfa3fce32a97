// pipeline_file_test.c -- specs of pipelines: what they say, what is wrong in them, whose line it
// is.
#include "base/test.h"
#include "cli/pipeline_file.h"
#include "os/file.h"

static void put(Arena *a, Str dir, Str name, Str text)
{
    Str path = path_join(a, dir, name);
    CHECK_OK(dir_make(path_dir(path)));
    CHECK_OK(file_replace(path, text));
}

TEST(pipeline_specs)
{
    static const struct {
        Str text, want; // the conditions's name, or a piece of the SQL
    } row[] = {
        {STR_INIT("name: x\nstorage: /s\n"), STR_INIT("spark.kappa.pipeline.storage = /s;")},
        {STR_INIT("# c\n---\nname: 'x'  # y\nstorage: \"/s\"\nconfiguration:\n  a.b: \"7\"\n"),
         STR_INIT("SET `a.b` = 7;")},
        {STR_INIT("name: x\nstorage: /s\ndatabase: d\n"), STR_INIT("USE `d`;")},
        {STR_INIT("name: x\nstorage: /s\nschema: d\ncatalog: c\n"), STR_INIT("USE `c`.`d`;")},
        {STR_INIT("name: x\nstorage: /s\nlibraries:\n  - glob:\n      include: one.sql\n"),
         STR_INIT("one.sql\nSELECT 'one'\n;\n")},
        {STR_INIT("name: x\nstorage: /s\nlibraries:\n- glob:\n    include: deep/**\n"),
         STR_INIT("deep/er/two.sql\nSELECT\n'two'\n;\n")},
        {STR_INIT("storage: /s\n"), STR_INIT("PIPELINE_SPEC_MISSING_REQUIRED_FIELD")},
        {STR_INIT("name: x\n"), STR_INIT("PIPELINE_SPEC_MISSING_REQUIRED_FIELD")},
        {STR_INIT("name: x\nstorage: /s\nnames: y\n"), STR_INIT("PIPELINE_SPEC_UNEXPECTED_FIELD")},
        {STR_INIT("name: x\nstorage: /s\nlibraries:\n  - glob:\n      include: '*.sql'\n"),
         STR_INIT("PIPELINE_SPEC_INVALID_GLOB_PATTERN")},
        {STR_INIT("name: x\nstorage: /s\nlibraries:\n  - glob:\n      include: a.py\n"),
         STR_INIT("UNSUPPORTED_FEATURE")},
        {STR_INIT("name: x\nstorage: /s\nlibraries:\n  - other: y\n"), STR_INIT("line 4")},
        {STR_INIT("name x\n"), STR_INIT("line 1")},
    };
    Str dir, text;
    CHECK_OK(dir_temp(&dir, a));
    put(a, dir, S("one.sql"), S("SELECT 'one'"));
    put(a, dir, S("deep/er/two.sql"), S("SELECT\n'two'"));
    put(a, dir, S("deep/notes.txt"), S("no SQL"));
    put(a, dir, S("transformations/t.sql"), S("SELECT 't'"));
    for (int64_t i = 0; i < COUNT(row); i++) {
        put(a, dir, S("p.yml"), row[i].text);
        Status s = pipeline_spec_load(&text, a, path_join(a, dir, S("p.yml")));
        if (s.code)
            text = failure()->cond ? condition_of(failure()->cond)->name : str_z(fail_text());
        if (str_find(text, row[i].want) < 0) CHECK_STR(text, row[i].want);
        CHECK(str_find(text, row[i].want) >= 0);
    }
    put(a, dir, S("p.yml"), row[5].text);
    CHECK_OK(pipeline_spec_load(&text, a, path_join(a, dir, S("p.yml"))));
    Str file = {0};
    int32_t line = 4; // 'two'
    CHECK(pipeline_spec_place(text, &line, &file));
    CHECK_I64(line, 2);
    CHECK(str_ends(file, S("deep/er/two.sql")));
    line = 1;
    CHECK(!pipeline_spec_place(text, &line, &file));
}
