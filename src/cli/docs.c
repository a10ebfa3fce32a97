// docs.c -- kappa docs: the reference, printed as Markdown from the tables that the program itself
// reads. doc/functions.md and its kin are made by `make docs`; nobody writes them by hand.
#include "cli/cli.h"
#include "conn/list.h"
#include "expr/fn.h"
#include "plan/session.h"

// A cell of a Markdown table: a bar would end it.
static Str cell(Cli *cli, Str text)
{
    Buf b = buf_new(cli->arena);
    for (int64_t i = 0; i < text.n; i++) {
        if (text.p[i] == '|') buf_char(&b, '\\');
        buf_char(&b, text.p[i]);
    }
    return buf_str(&b);
}
static void row(Cli *cli, Str first, Str second, const char *third)
{
    Str x = cell(cli, second), y = cell(cli, str_z(third ? third : ""));
    cli_print(cli->out, "| `" STR_FMT "` | %s" STR_FMT "%s | " STR_FMT " |\n", STR_ARG(first),
              x.n ? "`" : "", STR_ARG(x), x.n ? "`" : "", STR_ARG(y));
}
static void head(Cli *cli, const char *title, const char *columns)
{
    cli_print(cli->out, "\n## %s\n\n| %s |\n|---|---|---|\n", title, columns);
}
// What Spark has and kappa has not, so that nobody has to try.
static void coverage(Cli *cli)
{
    Str rest = fn_spark_names();
    Buf missing = buf_new(cli->arena);
    int32_t all = 0, built = 0;
    while (rest.n) {
        Cut word = str_cut(rest, ' ');
        rest = word.tail;
        bool has = fn_built(word.head) || plan_has_function(word.head);
        all++;
        built += has;
        if (!has) buf_fmt(&missing, "%s`" STR_FMT "`", missing.n ? ", " : "", STR_ARG(word.head));
    }
    cli_print(cli->out, "\n%d of the %d functions of Spark 4.1 are built. Not yet: " STR_FMT ".\n",
              built, all, STR_ARG(cell(cli, buf_str(&missing))));
}
static void docs_functions(Cli *cli)
{
    const FnEntry *fn;
    int64_t n = fn_list(cli->arena, &fn);
    cli_print(cli->out, "# Functions\n");
    coverage(cli);
    for (int32_t aggregates = 0; aggregates < 2; aggregates++) {
        head(cli, aggregates ? "Aggregates" : "Of a row", "name | arguments and result | gives");
        for (int64_t i = 0; i < n; i++)
            if ((fn[i].agg != NULL) == aggregates && !(fn[i].fn && fn[i].fn->flags & FN_INTERNAL))
                row(cli, fn[i].name, str_z(fn[i].signature), fn[i].doc);
    }
}
static void docs_spec(Cli *cli, const char *what, Str name, const char *doc, const OptSpec *o,
                      int64_t n)
{
    cli_print(cli->out, "\n## %s `" STR_FMT "`\n\n%s\n", what, STR_ARG(name), doc ? doc : "");
    if (n) cli_print(cli->out, "\n| option | default | is |\n|---|---|---|\n");
    for (int64_t i = 0; i < n; i++) row(cli, o[i].key, o[i].dflt, o[i].help);
}
static void docs_options(Cli *cli)
{
    int64_t n;
    const SourceKind *const *source = source_kinds(&n);
    cli_print(cli->out, "# Options of sources and sinks\n");
    for (int64_t i = 0; i < n; i++)
        docs_spec(cli, "Source", source[i]->name, source[i]->doc, source[i]->opts,
                  source[i]->nopts);
    const SinkKind *const *sink = sink_kinds(&n);
    for (int64_t i = 0; i < n; i++)
        docs_spec(cli, "Sink", sink[i]->name, sink[i]->doc, sink[i]->opts, sink[i]->nopts);
}
static void docs_settings(Cli *cli)
{
    int64_t n;
    const ConfRow *r = conf_rows(&n);
    cli_print(cli->out, "# Settings of a session (SET key = value)\n\nAny other key is kept and "
                        "given back, as in Spark; `spark.sql.legacy.*` = true is refused.\n");
    head(cli, "Known keys", "key | default | is");
    for (int64_t i = 0; i < n; i++) {
        bool only = r[i].type == CONF_ONLY;
        Str doc = only ? str_fmt(cli->arena, "%s; only %s is built%c", r[i].doc, r[i].choices, 0)
                       : str_z(r[i].doc);
        row(cli, r[i].key, r[i].dflt, doc.p);
    }
}
static void docs_errors(Cli *cli)
{
    cli_print(cli->out, "# Error conditions\n\nSpark's names and SQLSTATEs; the words are ours.\n");
    head(cli, "Conditions", "condition | SQLSTATE | says");
    for (CondId id = COND_NONE + 1; id < COND_COUNT; id++) {
        const Condition *c = condition_of(id);
        row(cli, c->name, c->sqlstate, c->text);
    }
}

static const struct {
    Str name;
    void (*print)(Cli *cli);
} pages[] = {{STR_INIT("errors"), docs_errors},
             {STR_INIT("functions"), docs_functions},
             {STR_INIT("options"), docs_options},
             {STR_INIT("settings"), docs_settings}};

static int docs_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    (void)opts, (void)n;
    for (int64_t i = 0; i < COUNT(pages); i++)
        if (str_eq(pages[i].name, arg[0])) {
            pages[i].print(cli);
            return EXIT_OK;
        }
    cli_print(cli->err,
              "kappa docs: there is no page " STR_FMT "; there are errors, functions, "
              "options and settings\n",
              STR_ARG(arg[0]));
    return EXIT_USAGE;
}
const Command command_docs = {.name = STR_INIT("docs"),
                              .args = "functions|options|settings|errors",
                              .help = "the reference, as Markdown",
                              .more = "  kappa docs functions | less\n",
                              .min = 1,
                              .max = 1,
                              .run = docs_run};
