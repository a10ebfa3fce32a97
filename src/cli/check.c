// check.c -- kappa check: what of a PySpark program cannot run through Spark Connect, whoever the
// server is, and what kappa's server refuses, told before the program runs. The text is read as
// Python's lexer would: comments and strings say nothing.
#include "cli/check.h"
#include "base/buf.h"
#include "fmt/doc.h"
#include "os/file.h"

enum { TEXT_MAX = 64 << 20 };
typedef struct Finding { // a name in the program that will not do
    Str name;            // identifiers joined by dots; ends with '(' when it must be called
    bool member;         // only after a dot
    const char *why, *instead;
} Finding;
#define NO_CONTEXT   "Spark Connect has no SparkContext (JVM_ATTRIBUTE_NOT_SUPPORTED)"
#define NO_RDD       "Spark Connect has no RDDs (JVM_ATTRIBUTE_NOT_SUPPORTED)"
#define NO_JVM       "there is no JVM behind the client (JVM_ATTRIBUTE_NOT_SUPPORTED)"
#define NO_PYTHON    "pandas functions and those of groups or partitions are not run by kappa yet"
#define SQL_FUNCTION "the same with pyspark.sql.functions or expr(\"...\")"
#define WORD(text, why_, instead_)                                                                 \
    {                                                                                              \
        STR_INIT(text), false, why_, instead_                                                      \
    }
#define MEMBER(text, why_, instead_)                                                               \
    {                                                                                              \
        STR_INIT(text), true, why_, instead_                                                       \
    }
static const Finding findings[] = {
    // the first that fits is told
    MEMBER("sparkContext.setLogLevel", NO_CONTEXT, "leave the line out"),
    MEMBER("sparkContext.parallelize", NO_CONTEXT, "spark.createDataFrame(rows, schema)"),
    MEMBER("sparkContext.broadcast", NO_CONTEXT,
           "use the Python value, or join with broadcast(df)"),
    MEMBER("sparkContext.master", NO_CONTEXT, "os.environ[\"SPARK_REMOTE\"]"),
    MEMBER("sparkContext.appName", NO_CONTEXT, "spark.conf.get(\"spark.app.name\")"),
    MEMBER("sparkContext.version", NO_CONTEXT, "spark.version"),
    MEMBER("sparkContext", NO_CONTEXT, "what SparkSession, spark.conf and DataFrames offer"),
    WORD("SparkContext", NO_CONTEXT, "SparkSession.builder.getOrCreate()"),
    WORD("SparkConf", NO_CONTEXT, "SparkSession.builder.config(key, value)"),
    WORD("StreamingContext", "DStreams are gone", "spark.readStream"),
    WORD("SQLContext", "it needs a SparkContext", "SparkSession.builder.getOrCreate()"),
    WORD("HiveContext", "it needs a SparkContext", "SparkSession.builder.getOrCreate()"),
    MEMBER("rdd", NO_RDD, "the DataFrame's own methods, or collect()"),
    MEMBER("toJSON", NO_RDD, "df.select(to_json(struct(\"*\")))"),
    MEMBER("_jvm", NO_JVM, "leave the line out"),
    MEMBER("_jsc", NO_JVM, "leave the line out"),
    MEMBER("_jdf", NO_JVM, "leave the line out"),
    MEMBER("_jsparkSession", NO_JVM, "leave the line out"),
    WORD("findspark.init", "it looks for a Spark installation", "leave the line out"),
    MEMBER("master(", "SPARK_REMOTE says where (CANNOT_CONFIGURE_SPARK_CONNECT_MASTER)",
           "leave .master(...) out"),
    WORD("DeltaTable", "delta.tables needs Delta's own Connect client", "SQL on an Iceberg table"),
    WORD("pandas_udf", NO_PYTHON, SQL_FUNCTION),
    MEMBER("mapInPandas(", NO_PYTHON, SQL_FUNCTION),
    MEMBER("mapInArrow(", NO_PYTHON, SQL_FUNCTION),
    MEMBER("foreachPartition(", NO_PYTHON, SQL_FUNCTION),
    MEMBER("applyInPandas(", NO_PYTHON, SQL_FUNCTION),
    MEMBER("applyInPandasWithState(", NO_PYTHON, "a window or session_window aggregate"),
    MEMBER("transformWithState(", NO_PYTHON, "a window or session_window aggregate"),
    MEMBER("transformWithStateInPandas(", NO_PYTHON, "a window or session_window aggregate"),
};
typedef struct Checked {
    Arena *arena;
    Io *to;
    Str file;
    int32_t cell; // of a notebook, from 1; 0: no notebook
    int64_t found;
    bool star, has_count_distinct; // of pyspark.sql.functions: import *, and that name by itself
} Checked;

static bool word_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 128;
}
static bool fits(const Finding *f, Str code, int64_t at)
{
    Str rest = str_sub(code, at, code.n - at);
    bool dot = at > 0 && code.p[at - 1] == '.';
    if (!str_starts(rest, f->name) || (f->member && !dot)) return false;
    if (rest.n == f->name.n || f->name.p[f->name.n - 1] == '(') return true;
    return !word_char(rest.p[f->name.n]);
}
static void tell(Checked *c, int64_t line, int64_t column, Str what, const char *why,
                 const char *instead)
{
    Io *out = c->to;
    c->found++;
    cli_print(out, STR_FMT ":", STR_ARG(c->file));
    if (c->cell) cli_print(out, "cell %d:", c->cell);
    cli_print(out, "%lld:%lld: " STR_FMT ": %s\n    instead: %s\n", (long long)line,
              (long long)column, STR_ARG(what), why, instead);
}
static void check_word(Checked *c, Str code, int64_t at, int64_t line, int64_t column)
{
    for (int64_t i = 0; i < COUNT(findings); i++) {
        if (!fits(&findings[i], code, at)) continue;
        Str name = findings[i].name;
        if (name.p[name.n - 1] == '(') name.n--;
        tell(c, line, column, name, findings[i].why, findings[i].instead);
        return;
    }
    if (c->star && !c->has_count_distinct && fits(&(Finding){.name = S("countDistinct")}, code, at))
        tell(c, line, column, S("countDistinct"), "pyspark.sql.functions does not export it with *",
             "count_distinct, or import countDistinct by name");
}
// The end of the string that begins at `at`, or of the line that it does not leave.
static int64_t string_end(Str code, int64_t at)
{
    char quote = code.p[at];
    bool thrice = code.n - at >= 3 && code.p[at + 1] == quote && code.p[at + 2] == quote;
    for (int64_t i = at + (thrice ? 3 : 1); i < code.n; i++) {
        if (code.p[i] == '\\')
            i++;
        else if (!thrice && (code.p[i] == quote || code.p[i] == '\n'))
            return i + (code.p[i] == quote);
        else if (thrice && code.n - i >= 3 && code.p[i] == quote && code.p[i + 1] == quote &&
                 code.p[i + 2] == quote)
            return i + 3;
    }
    return code.n;
}
static void check_code(Checked *c, Str code)
{
    int64_t line = 1, begin = 0;
    for (int64_t at = 0; at < code.n;) {
        char ch = code.p[at];
        int64_t end = at + 1;
        bool magic = (ch == '%' || ch == '!') && at == begin; // a notebook's own commands
        if (ch == '#' || magic)
            while (end < code.n && code.p[end] != '\n') end++;
        else if (ch == '"' || ch == '\'')
            end = string_end(code, at);
        else if (word_char(ch)) {
            check_word(c, code, at, line, at - begin + 1);
            while (end < code.n && word_char(code.p[end])) end++;
        }
        for (; at < end; at++)
            if (code.p[at] == '\n') line++, begin = at + 1;
    }
}
static void note_imports(Checked *c, Str code)
{
    Str from = S("from pyspark.sql.functions import ");
    for (int64_t at = 0; at < code.n; at++) {
        Str rest = str_sub(code, at, code.n - at);
        if (!str_starts(rest, from)) continue;
        int64_t end = str_find(rest, S("\n"));
        Str names = str_sub(rest, from.n, (end < 0 ? rest.n : end) - from.n);
        c->star |= str_find(names, S("*")) >= 0;
        c->has_count_distinct |= str_find(names, S("countDistinct")) >= 0;
    }
}
// A notebook's cell: its lines, as a list of texts or as one.
static Str cell_text(Arena *a, const Doc *source)
{
    if (!doc_is_array(source)) return doc_text(source);
    Buf b = buf_new(a);
    for (int64_t i = 0; i < doc_count(source); i++) buf_put(&b, doc_text(doc_at(source, i)));
    return buf_str(&b);
}
static Status check_notebook(Checked *c, Str text, void (*see)(Checked *c, Str code))
{
    const Doc *doc = NULL;
    TRY(doc_parse(&doc, c->arena, text));
    const Doc *cells = doc_get(doc, "cells");
    for (int64_t i = 0; i < doc_count(cells); i++) {
        const Doc *cell = doc_at(cells, i);
        c->cell = (int32_t)i + 1;
        if (str_eq(doc_str(cell, "cell_type"), S("code")))
            see(c, cell_text(c->arena, doc_get(cell, "source")));
    }
    return DONE;
}
static Status check_file(Checked *c)
{
    Str text;
    TRY(file_load(&text, c->arena, c->file, TEXT_MAX));
    if (str_ends(c->file, S(".ipynb"))) {
        TRY(check_notebook(c, text, note_imports));
        return check_notebook(c, text, check_code);
    }
    note_imports(c, text);
    check_code(c, text);
    return DONE;
}
Status check_program(Cli *cli, Io *to, Str file, int64_t *found)
{
    Checked c = {.arena = cli->arena, .to = to, .file = file};
    TRY(check_file(&c));
    *found += c.found;
    return DONE;
}
static int check_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    (void)opts;
    int64_t found = 0;
    for (int32_t i = 0; i < n; i++) {
        Status s = check_program(cli, cli->out, arg[i], &found);
        if (s.code) return cli_failed(cli, s, arg[i]);
    }
    if (!found) cli_print(cli->out, "nothing found that Spark Connect or kappa would refuse\n");
    return found ? EXIT_QUERY : EXIT_OK;
}
const Command command_check = {
    .name = STR_INIT("check"),
    .args = "FILE...",
    .help = "what of a PySpark program or notebook cannot run through Spark Connect",
    .more = "Each line that would be refused is named, with what to write in its place; the exit\n"
            "code is 1 then. A pipeline of SQL is checked by kappa run --dry-run.\n"
            "  kappa check notebook.ipynb\n  kappa check job.py\n",
    .min = 1,
    .max = -1,
    .run = check_run};
