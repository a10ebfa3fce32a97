// file_test.c -- the file source on a simulated disk: what is taken when, over restarts and
// crashes; which lines a piece of a file holds.
#include "base/civil.h"
#include "base/test.h"
#include "col/out_test.h"
#include "conn/file_in.h"
#include "os/file.h"
#include "os/sim.h"

typedef struct World {
    Sim *sim;
    Arena *a;
    Source *s;
    Options options;
    Buf warn;
} World;

static Status start(World *w, Str format, Str schema, Str options, Str dir) // no dir: a batch read
{
    const Schema *t = NULL;
    EvalCtx *eval = NEW(w->a, EvalCtx, 1);
    eval->zone = zone_utc();
    if (schema.n) CHECK_OK(schema_parse(&t, w->a, schema));
    w->options = (Options){0};
    w->warn = buf_new(w->a);
    while (options.n) {
        Cut word = str_cut(options, ' '), c = str_cut(word.head, '=');
        vec_push(w->a, &w->options, ((Option){c.head, c.tail}));
        options = word.tail;
    }
    SourceArgs args = {.options = &w->options,
                       .schema = t,
                       .streaming = dir.n > 0,
                       .path = S("/in"),
                       .query_dir = dir,
                       .eval = eval,
                       .warn = &w->warn};
    return source_open(&w->s, w->a, source_find(format), &args);
}

static World world(Arena *a)
{
    World w = {.sim = sim_new(a, 7, &(SimFaults){0}), .a = a};
    sim_enter(w.sim);
    CHECK_OK(dir_make(S("/in")));
    return w;
}

static void put_file(World *w, Str name, Str text) // a second younger than the one before
{
    sim_advance(w->sim, MICROS_PER_SECOND);
    CHECK_OK(file_replace(path_join(w->a, S("/in"), name), text));
}

static Str latest(World *w, Str from, Admission adm)
{
    Str to = {0}, all = {0};
    CHECK_OK(w->s->kind->latest(w->s, w->a, from, &adm, &to, &all));
    return to;
}

static Status read_rows(World *w, Str from, Str to, Str *text)
{
    Lanes lanes = {0};
    OutText r = out_text(w->a, '\n');
    TRY(w->s->kind->lanes(w->s, w->a, from, to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) TRY(w->s->kind->read(w->s, &lanes.v[i], w->a, &r.out));
    *text = buf_str(&r.text);
    return DONE;
}

static Str rows(World *w, Str from, Str to)
{
    Str text = {0};
    CHECK_OK(read_rows(w, from, to, &text));
    return text;
}

#define AT(n) S("{\"logOffset\":" #n "}")

TEST(file_source_takes_new_files)
{
    World w = world(a);
    put_file(&w, S("b.json"), S("{\"a\":1,\"s\":\"x\"}\n{\"a\":\"no\"}\n\n[]\noops"));
    put_file(&w, S("a.json"), S("{\"a\":2}\r\n{\"a\":3}\r"));
    put_file(&w, S("_hidden.json"), S("{\"a\":9}\n"));
    put_file(&w, S(".too.json"), S("{\"a\":9}\n"));
    CHECK_OK(dir_make(S("/in/sub")));
    CHECK_OK(start(&w, S("json"), S("a INT, s STRING"), S(""), S("/q")));
    Str from, text;
    CHECK_OK(w.s->kind->start(w.s, a, &from));
    CHECK_STR(from, AT(-1));
    CHECK_STR(w.s->description, S("FileStreamSource[file:/in]"));
    CHECK_STR(latest(&w, from, (Admission){0}), AT(0));
    CHECK_STR(rows(&w, from, AT(0)), S("1|x\nNULL|NULL\nNULL|NULL\n2|NULL\n3|NULL\n"));
    CHECK_STR(latest(&w, AT(0), (Admission){0}), AT(0));        // nothing new
    CHECK_OK(file_replace(S("/in/a.json"), S("{\"a\":77}\n"))); // written again: not read again
    put_file(&w, S("c.json"), S("{\"s\":\"late\"}"));
    CHECK_STR(latest(&w, AT(0), (Admission){0}), AT(1));
    CHECK_STR(rows(&w, AT(0), AT(1)), S("NULL|late\n"));
    w.s->needed[0] = 0;
    CHECK_STR(rows(&w, AT(0), AT(1)), S("-|late\n"));
    CHECK_OK(file_load(&text, a, S("/q/1"), 1000));
    CHECK(str_starts(text, S("v1\n{\"path\":\"/in/c.json\",\"timestamp\":")));
    CHECK(str_ends(text, S(",\"batchId\":1}")));
    sim_leave();
}

TEST(file_source_starts_again)
{
    World w = world(a);
    CHECK_OK(start(&w, S("text"), S(""), S("maxFilesPerTrigger=1"), S("/q")));
    Str at = AT(-1), was[12];
    for (int32_t i = 0; i < 12; i++) {
        put_file(&w, str_fmt(a, "f%d", i), str_fmt(a, "line %d\n", i));
        was[i] = latest(&w, at, (Admission){0});
        CHECK_STR(rows(&w, at, was[i]), str_fmt(a, "line %d\n", i));
        // As after a crash: the epoch was not recorded, so it is asked for again.
        CHECK_OK(start(&w, S("text"), S(""), S("maxFilesPerTrigger=1"), S("/q")));
        CHECK_STR(latest(&w, at, (Admission){0}), was[i]);
        CHECK_STR(rows(&w, at, was[i]), str_fmt(a, "line %d\n", i));
        at = was[i];
    }
    CHECK_STR(latest(&w, at, (Admission){0}), at);
    // The tenth holds all before it, whose files are gone; old spans can still be read.
    CHECK(path_exists(S("/q/9.compact")) && !path_exists(S("/q/8")) && path_exists(S("/q/10")));
    CHECK_STR(rows(&w, AT(2), AT(5)), S("line 3\nline 4\nline 5\n"));
    sim_leave();
}

TEST(file_source_limits)
{
    static const struct {
        Str options, want; // rows of the epochs, / between them
    } row[] = {
        {STR_INIT(""), STR_INIT("0 1 2 3 4 ")},
        {STR_INIT("maxFilesPerTrigger=2"), STR_INIT("0 1 /2 3 /4 ")},
        {STR_INIT("maxFilesPerTrigger=2 latestFirst=true"), STR_INIT("4 3 /2 1 /0 ")},
        {STR_INIT("maxBytesPerTrigger=5"), STR_INIT("0 1 /2 3 /4 ")}, // two bytes each
        {STR_INIT("maxBytesPerTrigger=1"), STR_INIT("0 /1 /2 /3 /4 ")},
        {STR_INIT("maxFilesPerTrigger=2 maxCachedFiles=0"), STR_INIT("0 1 /2 3 /4 ")},
        {STR_INIT("pathGlobFilter=*[13]"), STR_INIT("1 3 ")},
        {STR_INIT("maxFileAge=1s"), STR_INIT("0 1 2 3 4 ")}, // relative to what was seen: nothing
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        World w = world(a);
        for (int32_t k = 0; k < 5; k++) put_file(&w, str_fmt(a, "f%d", k), str_fmt(a, "%d\n", k));
        CHECK_OK(start(&w, S("text"), S(""), row[i].options, S("/q")));
        Buf got = buf_new(a);
        for (Str at = AT(-1);;) {
            Str to = latest(&w, at, (Admission){0}), text = rows(&w, at, to);
            if (str_eq(at, to)) break;
            if (got.n) buf_char(&got, '/');
            for (int64_t k = 0; k < text.n; k++)
                buf_char(&got, text.p[k] == '\n' ? ' ' : text.p[k]);
            at = to;
        }
        CHECK_STR(buf_str(&got), row[i].want);
        sim_leave();
    }
}

TEST(file_source_available_now)
{
    World w = world(a);
    for (int32_t k = 0; k < 5; k++) put_file(&w, str_fmt(a, "f%d", k), str_fmt(a, "%d\n", k));
    CHECK_OK(start(&w, S("text"), S(""), S("maxFilesPerTrigger=2"), S("/q")));
    Str cap = latest(&w, AT(-1), (Admission){.all = true});
    CHECK_STR(cap, AT(2));
    put_file(&w, S("later"), S("9\n"));
    CHECK_STR(latest(&w, AT(-1), (Admission){.cap = cap}), AT(0));
    CHECK_STR(latest(&w, AT(1), (Admission){.cap = cap}), AT(2));
    CHECK_STR(latest(&w, AT(2), (Admission){.cap = cap}), AT(2));
    CHECK_STR(rows(&w, AT(-1), cap), S("0\n1\n2\n3\n4\n"));
    CHECK_STR(latest(&w, AT(2), (Admission){0}), AT(3));
    sim_leave();
}

TEST(file_source_old_and_same_names)
{
    World w = world(a);
    put_file(&w, S("old"), S("old\n"));
    sim_advance(w.sim, 10 * MICROS_PER_DAY);
    CHECK_OK(file_replace(S("/in/new"), S("new\n")));
    CHECK_OK(start(&w, S("text"), S(""), S(""), S("/q")));
    CHECK_STR(rows(&w, AT(-1), latest(&w, AT(-1), (Admission){0})), S("old\nnew\n"));
    sim_leave();
    w = world(a);
    CHECK_OK(dir_make(S("/in/x")));
    CHECK_OK(dir_make(S("/in/y")));
    put_file(&w, S("x/f"), S("one\n"));
    CHECK_OK(start(&w, S("text"), S(""), S("recursiveFileLookup=true fileNameOnly=true"), S("/q")));
    Str at = latest(&w, AT(-1), (Admission){0});
    put_file(&w, S("y/f"), S("two\n"));
    CHECK_STR(latest(&w, at, (Admission){0}), at);
    CHECK_OK(start(&w, S("text"), S(""), S("recursiveFileLookup=true"), S("/q")));
    CHECK_STR(rows(&w, at, latest(&w, at, (Admission){0})), S("two\n"));
    sim_advance(w.sim, 20 * MICROS_PER_DAY); // once the new one was seen, the old is too old
    put_file(&w, S("y/new"), S("new\n"));
    at = latest(&w, AT(1), (Admission){0});
    CHECK_STR(at, AT(2));
    sim_leave();
}

TEST(file_source_errors)
{
    static const struct {
        Str format, schema, options;
        Code want;
    } row[] = {
        {STR_INIT("json"), STR_INIT(""), STR_INIT(""), ERR_INVALID}, // no schema
        {STR_INIT("json"), STR_INIT("a INT"), STR_INIT("mode=strange"), ERR_INVALID},
        {STR_INIT("json"), STR_INIT("a INT, b INT, A INT"), STR_INIT(""), ERR_INVALID},
        {STR_INIT("text"), STR_INIT("a INT"), STR_INIT(""), ERR_INVALID},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("maxFilesPerTrigger=1 maxBytesPerTrigger=1"),
         ERR_INVALID},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("maxFilesPerTrigger=0"), ERR_INVALID},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("maxFileAge=long"), ERR_INVALID},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("discardCachedInputRatio=2"), ERR_INVALID},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("cleanSource=delete"), OK},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("cleanSource=archive"), ERR_INVALID}, // where?
        {STR_INIT("text"), STR_INIT(""), STR_INIT("cleanSource=burn"), ERR_INVALID},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("modifiedAfter=2024-01-01T00:00:00"),
         ERR_INVALID}, // a stream has no such
        {STR_INIT("csv"), STR_INIT(""), STR_INIT(""), ERR_INVALID},
        {STR_INIT("csv"), STR_INIT("a ARRAY<INT>"), STR_INIT(""), ERR_INVALID},
        {STR_INIT("csv"), STR_INIT("a INT"), STR_INIT("quote=ab"), ERR_INVALID},
        {STR_INIT("csv"), STR_INIT("a INT"), STR_INIT("sep="), ERR_INVALID},
        {STR_INIT("parquet"), STR_INIT(""), STR_INIT(""), ERR_INVALID},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("encoding=latin1"), ERR_UNSUPPORTED},
        {STR_INIT("text"), STR_INIT(""), STR_INIT("encoding=utf-8"), OK},
        {STR_INIT("json"), STR_INIT("a INT"), STR_INIT("timeZone=Nowhere"), ERR_INVALID},
    };
    World w = world(a);
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_I64(start(&w, row[i].format, row[i].schema, row[i].options, S("/q")).code,
                  row[i].want);
    CHECK_OK(
        start(&w, S("json"), S("a INT"), S("maxFilePerTrigger=1 allowComments=true"), S("/q")));
    CHECK_STR(buf_str(&w.warn), S("unknown option 'maxFilePerTrigger' has no effect; did you mean "
                                  "'maxFilesPerTrigger'?\n"));
    // A file that vanishes before its epoch has run, a broken record under FAILFAST, a folder of a
    // partition column, a compressed file.
    Str text;
    put_file(&w, S("gone"), S("{}\n"));
    Str at = latest(&w, AT(-1), (Admission){0});
    CHECK_OK(path_remove(S("/in/gone")));
    CHECK_FAILS(read_rows(&w, AT(-1), at, &text), ERR_NOT_FOUND);
    CHECK_OK(start(&w, S("json"), S("a INT"), S("mode=FAILFAST"), S("/q2")));
    put_file(&w, S("bad"), S("{\"a\":1}\noops\n"));
    at = latest(&w, AT(-1), (Admission){0});
    CHECK_FAILS(read_rows(&w, AT(-1), at, &text), ERR_CORRUPT);
    CHECK(str_find(str_z(fail_text()), S("/in/bad")) >= 0);
    put_file(&w, S("x.gz"), S("?"));
    at = latest(&w, at, (Admission){0});
    CHECK_FAILS(read_rows(&w, AT(0), at, &text), ERR_CORRUPT);
    put_file(&w, S("x.bz2"), S("?"));
    Str before = at;
    at = latest(&w, at, (Admission){0});
    CHECK_FAILS(read_rows(&w, before, at, &text), ERR_UNSUPPORTED);
    CHECK_OK(dir_remove_all(S("/in")));
    CHECK_FAILS(start(&w, S("text"), S(""), S(""), S("/q")), ERR_NOT_FOUND);
    CHECK_OK(file_replace(S("/q2/0"), S("v2\n")));
    CHECK_OK(dir_make(S("/in")));
    CHECK_FAILS(start(&w, S("text"), S(""), S(""), S("/q2")), ERR_CORRUPT);
    sim_leave();
}

// Whatever the pieces, each line is read once and in order.
TEST(file_lines_in_pieces)
{
    static const struct {
        Str text, separator, want; // | ends a line
    } row[] = {
        {STR_INIT("a\nbb\r\nccc\rdddd\n\n\r\n\r\re"), STR_INIT(""),
         STR_INIT("a|bb|ccc|dddd|||||e|")},
        {STR_INIT("\xef\xbb\xbfone\ntwo"), STR_INIT(""), STR_INIT("one|two|")},
        {STR_INIT("x::y:\n:z::"), STR_INIT("::"), STR_INIT("x|y:\n:z|")},
        {STR_INIT(""), STR_INIT(""), STR_INIT("")},
        {STR_INIT("\n"), STR_INIT(""), STR_INIT("|")},
    };
    World w = world(a);
    for (int64_t i = 0; i < COUNT(row); i++) {
        Str path = S("/in/f");
        CHECK_OK(file_replace(path, row[i].text));
        Str options = row[i].separator.n ? str_cat(a, S("lineSep="), row[i].separator) : (Str){0};
        CHECK_OK(start(&w, S("text"), S(""), options, (Str){0}));
        FileSource *s = CONTAINER(w.s, FileSource, base);
        for (int64_t piece = 1; piece <= row[i].text.n; piece++) {
            FileEntry e = {.path = path};
            OutText r = out_text(a, '\n');
            for (int64_t at = 0; at < row[i].text.n; at += piece) {
                Lane lane = {.from = at, .to = MIN(at + piece, row[i].text.n), .more = &e};
                CHECK_OK(file_read_rows(&s->base, &lane, a, &r.out));
            }
            Buf want = buf_new(a);
            for (int64_t k = 0; k < row[i].want.n; k++)
                buf_char(&want, row[i].want.p[k] == '|' ? '\n' : row[i].want.p[k]);
            CHECK_STR(buf_str(&r.text), buf_str(&want));
        }
    }
    sim_leave();
}

TEST(file_batch_read_infers)
{
    World w = world(a);
    CHECK_FAILS(start(&w, S("json"), S(""), S(""), (Str){0}), ERR_INVALID); // no files
    put_file(&w, S("b"), S("{\"n\":1,\"s\":\"x\"}\n"));
    put_file(&w, S("a"), S("{\"n\":2.5}\n[{\"s\":\"y\"},{\"n\":3}]\n"));
    CHECK_OK(start(&w, S("json"), S(""), S(""), (Str){0}));
    CHECK_STR(type_name_str(a, w.s->schema), S("struct<n:double,s:string>"));
    Str all = latest(&w, AT(-1), (Admission){.all = true});
    CHECK_STR(rows(&w, AT(-1), all), S("1.0|x\n2.5|NULL\nNULL|y\n3.0|NULL\n"));
    CHECK_OK(start(&w, S("json"), S("n INT"), S("maxFilesPerTrigger=1"), (Str){0}));
    all = latest(&w, AT(-1), (Admission){.all = true});
    CHECK_STR(rows(&w, AT(-1), all), S("1\nNULL\nNULL\n3\n"));
    sim_leave();
}

TEST(file_source_partitions)
{
    static const struct {
        Str file[3];
        Str want; // schema of the partition columns, then rows
    } row[] = {
        {{STR_INIT("d=1/f"), STR_INIT("d=20/f")}, STR_INIT("d:int 1|1;1|20;")},
        {{STR_INIT("d=01/f"), STR_INIT("d=99999999999/f")},
         STR_INIT("d:bigint 1|1;1|99999999999;")},
        {{STR_INIT("d=1/f"), STR_INIT("d=1.5/f")}, STR_INIT("d:double 1|1.0;1|1.5;")},
        {{STR_INIT("d=1/f"), STR_INIT("d=x/f")}, STR_INIT("d:string 1|1;1|x;")},
        {{STR_INIT("d=2024-01-02/f")}, STR_INIT("d:date 1|2024-01-02;")},
        {{STR_INIT("d=1/f"), STR_INIT("d=2024-01-02/f")}, STR_INIT("d:string 1|1;1|2024-01-02;")},
        {{STR_INIT("d=2024-01-02 10%3A00%3A00/f")}, STR_INIT("d:timestamp 1|2024-01-02 10:00:00;")},
        {{STR_INIT("d=__HIVE_DEFAULT_PARTITION__/f"), STR_INIT("d=7/f")},
         STR_INIT("d:int 1|NULL;1|7;")},
        {{STR_INIT("d=__HIVE_DEFAULT_PARTITION__/f")}, STR_INIT("d:string 1|NULL;")},
        {{STR_INIT("a=1/b=x%2Fy/f")}, STR_INIT("a:int,b:string 1|1|x/y;")},
        {{STR_INIT("d=1/sub/f"), STR_INIT("d=1/_no/f")}, STR_INIT("d:int 1|1;")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        World w = world(a);
        for (int32_t k = 0; k < 3 && row[i].file[k].n; k++) {
            CHECK_OK(dir_make(path_join(a, S("/in"), path_dir(row[i].file[k]))));
            put_file(&w, row[i].file[k], S("{\"n\":1}"));
        }
        CHECK_OK(start(&w, S("json"), S("n INT"), S(""), i % 2 ? S("/q") : (Str){0}));
        Str type = type_name_str(a, w.s->schema);
        Buf got = buf_new(a);
        buf_put(&got, str_sub(type, 13, type.n - 14)); // without struct<n:int, and >
        buf_char(&got, ' ');
        Str text = rows(&w, AT(-1), latest(&w, AT(-1), (Admission){.all = true}));
        for (int64_t k = 0; k < text.n; k++) buf_char(&got, text.p[k] == '\n' ? ';' : text.p[k]);
        CHECK_STR(buf_str(&got), row[i].want);
        sim_leave();
    }
    World w = world(a);
    CHECK_OK(dir_make(S("/in/a=1")));
    CHECK_OK(dir_make(S("/in/b=1")));
    put_file(&w, S("a=1/f"), S("{}"));
    put_file(&w, S("b=1/f"), S("{}"));
    CHECK_FAILS(start(&w, S("json"), S("n INT"), S(""), (Str){0}), ERR_INVALID);
    CHECK_OK(start(&w, S("json"), S("n INT"), S("recursiveFileLookup=true"), (Str){0}));
    CHECK_OK(start(&w, S("json"), S("n INT"), S("pathGlobFilter=g basePath=/in"), (Str){0}));
    CHECK_OK(path_remove(S("/in/b=1/f")));
    put_file(&w, S("a=1/g"), S("{}"));
    CHECK_OK(start(&w, S("json"), S("n INT, a BIGINT"), S(""), (Str){0}));
    CHECK_STR(type_name_str(a, w.s->schema), S("struct<n:int,a:bigint>"));
    put_file(&w, S("top"), S("{}"));
    CHECK_FAILS(start(&w, S("json"), S("n INT"), S(""), (Str){0}), ERR_INVALID);
    sim_leave();
}

TEST(file_source_stream_infers)
{
    World w = world(a);
    put_file(&w, S("a.csv"), S("n,s\n1,x\n"));
    EvalCtx eval = {.zone = zone_utc()};
    Options o = {0};
    vec_push(a, &o, ((Option){S("header"), S("true")}));
    vec_push(a, &o, ((Option){S("inferSchema"), S("true")}));
    SourceArgs args = {
        .options = &o, .streaming = true, .infer = true, .path = S("/in"), .eval = &eval};
    CHECK_OK(source_open(&w.s, a, source_find(S("csv")), &args));
    CHECK_STR(type_name_str(a, w.s->schema), S("struct<n:int,s:string>"));
    args.infer = false;
    args.known = w.s->schema; // what the plan knows need not be found again
    CHECK_OK(source_open(&w.s, a, source_find(S("csv")), &args));
    CHECK_STR(type_name_str(a, w.s->schema), S("struct<n:int,s:string>"));
    sim_leave();
}

TEST(file_source_cleans)
{
    for (int32_t k = 0; k < 2; k++) {
        World w = world(a);
        put_file(&w, S("one"), S("1\n"));
        CHECK_OK(start(&w, S("text"), S(""),
                       k ? S("cleanSource=archive sourceArchiveDir=/old") : S("cleanSource=delete"),
                       S("/q")));
        Str at = latest(&w, AT(-1), (Admission){0});
        put_file(&w, S("two"), S("2\n"));
        CHECK(path_exists(S("/in/one")));
        w.s->kind->forget(w.s, at);
        CHECK(!path_exists(S("/in/one")) && path_exists(S("/in/two")));
        CHECK(path_exists(S("/old/in/one")) == (k == 1));
        at = latest(&w, at, (Admission){0});
        CHECK_STR(rows(&w, AT(0), at), S("2\n"));
        w.s->kind->forget(w.s, at);
        CHECK(!path_exists(S("/in/two")));
        sim_leave();
    }
}

TEST(file_source_csv)
{
    World w = world(a);
    put_file(&w, S("a.csv"), S("n,s,d\n1,x,2024-01-02\n\nbad,\"a,b\",\n"));
    put_file(&w, S("b.csv"), S("n,s,d\n2,,2024-02-03\n3,only\n"));
    CHECK_OK(start(&w, S("csv"), S("n INT, s STRING, d DATE, _corrupt_record STRING"),
                   S("header=true"), S("/q")));
    Str at = latest(&w, AT(-1), (Admission){0});
    CHECK_STR(rows(&w, AT(-1), at), S("1|x|2024-01-02|NULL\nNULL|a,b|NULL|bad,\"a,b\",\n"
                                      "2|NULL|2024-02-03|NULL\n3|only|NULL|3,only\n"));
    w.s->needed[0] = w.s->needed[2] = w.s->needed[3] = 0; // nobody looks at what is not wanted
    CHECK_STR(rows(&w, AT(-1), at), S("-|x|-|-\n-|a,b|-|-\n-|NULL|-|-\n-|only|-|-\n"));
    w.s->needed[1] = 0;
    CHECK_STR(rows(&w, AT(-1), at), S("-|-|-|-\n-|-|-|-\n-|-|-|-\n-|-|-|-\n"));
    CHECK_OK(start(&w, S("csv"), S(""), S("header=true inferSchema=true"), (Str){0}));
    CHECK_STR(type_name_str(a, w.s->schema), S("struct<n:string,s:string,d:date>"));
    CHECK_OK(start(&w, S("csv"), S(""), S("pathGlobFilter=b*"), (Str){0}));
    CHECK_STR(type_name_str(a, w.s->schema), S("struct<_c0:string,_c1:string,_c2:string>"));
    sim_leave();
}

TEST(file_long_lines)
{
    World w = world(a);
    Buf b = buf_new(a), want = buf_new(a);
    for (int32_t i = 0; i < 5; i++) { // far longer than a chunk, and short ones between
        buf_fill(&b, (char)('a' + i), i % 2 ? 3 : 700000);
        buf_char(&b, '\n');
    }
    buf_put(&want, buf_str(&b));
    put_file(&w, S("f"), buf_str(&b));
    CHECK_OK(start(&w, S("text"), S(""), S(""), S("/q")));
    CHECK(str_eq(rows(&w, AT(-1), latest(&w, AT(-1), (Admission){0})), buf_str(&want)));
    sim_leave();
}

TEST(globs)
{
    static const struct {
        Str pattern, name;
        bool want;
    } row[] = {
        {STR_INIT("*.json"), STR_INIT("a.json"), true},
        {STR_INIT("*.json"), STR_INIT("a.csv"), false},
        {STR_INIT("a?c"), STR_INIT("abc"), true},
        {STR_INIT("a?c"), STR_INIT("ac"), false},
        {STR_INIT("[a-c]x"), STR_INIT("bx"), true},
        {STR_INIT("[^a-c]x"), STR_INIT("bx"), false},
        {STR_INIT("[]x]"), STR_INIT("]"), true},
        {STR_INIT("{ab,c*}d"), STR_INIT("cccd"), true},
        {STR_INIT("{ab,c*}d"), STR_INIT("abcd"), false},
        {STR_INIT("\\*"), STR_INIT("*"), true},
        {STR_INIT("\\*"), STR_INIT("x"), false},
        {STR_INIT(""), STR_INIT(""), true},
        {STR_INIT("**"), STR_INIT("x"), true},
        {STR_INIT("[a"), STR_INIT("a"), true},
        {STR_INIT("{a"), STR_INIT("a"), false},
        {STR_INIT("*b*{x,yz}"), STR_INIT("abcyz"), true},
        {STR_INIT("*{x*y,b}*c"), STR_INIT("abbac"), true},
        {STR_INIT("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"), // without an end, if each star tried all
         STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), false},
    };
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK(glob_match(a, row[i].pattern, row[i].name) == row[i].want);
    World w = world(a);
    CHECK_OK(dir_make(S("/in/2024/01")));
    CHECK_OK(dir_make(S("/in/2025/01")));
    put_file(&w, S("2024/01/a.json"), S("x"));
    put_file(&w, S("2025/01/b.json"), S("x"));
    put_file(&w, S("2025/01/c.txt"), S("x"));
    static const struct {
        Str path;
        int64_t want;
        bool there;
    } path[] = {
        {STR_INIT("/in/*/01"), 3, true},
        {STR_INIT("/in/202[5-9]/*/*.json"), 1, true},
        {STR_INIT("/in/*/*/?.{json,txt}"), 3, true},
        {STR_INIT("/no/*"), 0, false},
        {STR_INIT("/in/*/02"), 0, false},
        {STR_INIT("/in/2024/01/a.json"), 1, true},
        {STR_INIT("/in"), 0, true},
        {STR_INIT("/in/2*"), 0, true},
    };
    for (int64_t i = 0; i < COUNT(path); i++) {
        FileEntries list = {0};
        bool there;
        CHECK_OK(file_list(&list, &there, a, &(FileFind){0}, path[i].path));
        CHECK_I64(list.n, path[i].want);
        CHECK(there == path[i].there);
    }
    sim_leave();
}
