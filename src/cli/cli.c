// cli.c -- finding the command, its options and its help. Options are `--name value`,
// `--name=value` or, for yes or no, `--name` alone; they may stand anywhere after the command.
#include "cli/cli.h"
#include "cli/generate.h"
#include "os/file.h"
#include <stdio.h>

static const Command *const commands[] = {
    &command_check,   &command_consume, &command_docs,    &command_generate, &command_produce,
    &command_queries, &command_run,     &command_serve,   &command_sql,      &command_status,
    &command_stop,    &command_topics,  &command_version,
};

Status io_print(void *io, Str text) { return ((Io *)io)->put(io, text); }
void cli_print(Io *io, const char *fmt, ...)
{
    Arena *a = arena_new(NULL);
    Buf b = buf_new(a);
    char small[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n >= (int)sizeof small) {
        va_start(ap, fmt);
        vsnprintf(buf_room(&b, n + 1), (size_t)n + 1, fmt, ap);
        va_end(ap);
        b.n = n;
    } else {
        buf_put(&b, str_of(small, n));
    }
    // Nobody is left to be told that the reader has gone.
    (void)io->put(io, buf_str(&b));
    arena_free(a);
}
static void print_usage(Io *io)
{
    cli_print(io, "kappa -- the Kappa architecture as one program: an event log, streams with "
                  "Spark's semantics, Iceberg tables\n\nusage: kappa COMMAND [options]\n\n");
    for (int64_t i = 0; i < COUNT(commands); i++)
        cli_print(io, "  %-9s %s\n", commands[i]->name.p, commands[i]->help);
    cli_print(io,
              "\n  kappa COMMAND --help tells more. The data folder is --data DIR, $KAPPA_DATA or "
              "./kappa-data.\n");
}
static void print_help(Io *io, const Command *c)
{
    cli_print(io, "usage: kappa " STR_FMT " %s\n\n%s\n\n%s\n", STR_ARG(c->name), c->args, c->help,
              c->more);
    if (c->nopts) cli_print(io, "options:\n");
    for (int64_t i = 0; i < c->nopts; i++)
        cli_print(io, "  %s%-*s %s\n", c->opts[i].key.n > 1 ? "--" : "-",
                  c->opts[i].key.n > 1 ? 14 : 15, c->opts[i].key.p, c->opts[i].help);
    cli_print(io, "  --%-14s %s\n", "data", "the data folder");
}
static const Command *find_command(Str name, Str *near)
{
    Str names[COUNT(commands)];
    for (int64_t i = 0; i < COUNT(commands); i++) {
        if (str_eq(commands[i]->name, name)) return commands[i];
        names[i] = commands[i]->name;
    }
    *near = str_nearest(name, names, COUNT(commands));
    return NULL;
}
static const OptSpec *find_option(const Command *c, Str name)
{
    for (int64_t i = 0; i < c->nopts; i++)
        if (str_eq(c->opts[i].key, name)) return &c->opts[i];
    return NULL;
}
typedef struct Parsed {
    Options options;
    Str *arg;
    int32_t n;
    bool help;
} Parsed;
static int parse_option(Cli *cli, const Command *c, Parsed *p, const Str *args, int32_t left)
{
    Cut cut = str_cut(str_from(args[0], 2), '=');
    Option o = {cut.head, cut.tail};
    int used = 1;
    const OptSpec *spec = find_option(c, o.key);
    bool data = str_eq(o.key, S("data"));
    if (str_eq(o.key, S("help")) || str_eq(o.key, S("h"))) {
        p->help = true;
        return used;
    }
    if (!spec && !data) {
        Str names[32];
        int64_t n = MIN(c->nopts, COUNT(names) - 1);
        for (int64_t i = 0; i < n; i++) names[i] = c->opts[i].key;
        names[n++] = S("data");
        Str near = str_nearest(o.key, names, n);
        cli_print(cli->err, "kappa " STR_FMT ": there is no option --" STR_FMT "%s" STR_FMT "\n",
                  STR_ARG(c->name), STR_ARG(o.key), near.n ? "; near it: --" : "", STR_ARG(near));
        return -1;
    }
    if (!cut.ok && spec && spec->type == OPT_BOOL) {
        o.value = S("true");
    } else if (!cut.ok) {
        if (left < 2) {
            cli_print(cli->err, "kappa " STR_FMT ": %s" STR_FMT " needs a value\n",
                      STR_ARG(c->name), o.key.n > 1 ? "--" : "-", STR_ARG(o.key));
            return -1;
        }
        o.value = args[1];
        used = 2;
    }
    if (data)
        cli->data_dir = o.value;
    else
        vec_push(cli->arena, &p->options, o);
    return used;
}
static int run_command(Cli *cli, const Command *c, const Str *args, int32_t n)
{
    if (cli->host && !c->hosted) {
        cli_print(cli->err, "kappa " STR_FMT " does not run in another process\n",
                  STR_ARG(c->name));
        return EXIT_USAGE;
    }
    if (c->raw) return c->run(cli, NULL, args, n);
    Parsed p = {.arg = NEW(cli->arena, Str, n + 1)};
    for (int32_t i = 0; i < n;) {
        bool rest = str_eq(args[i], S("--")); // nothing after it is an option
        for (i += rest; rest && i < n;) p.arg[p.n++] = args[i++];
        if (i == n) break;
        if (!str_starts(args[i], S("-")) || args[i].n == 1) {
            p.arg[p.n++] = args[i++];
            continue;
        }
        Str arg = args[i];
        Str both[2] = {arg, i + 1 < n ? args[i + 1] : (Str){0}};
        if (!str_starts(arg, S("--"))) both[0] = str_cat(cli->arena, S("-"), arg); // -e is --e
        int used = parse_option(cli, c, &p, both, n - i);
        if (used < 0) return EXIT_USAGE;
        i += used;
    }
    if (p.help) {
        print_help(cli->out, c);
        return EXIT_OK;
    }
    if (p.n < c->min || (c->max >= 0 && p.n > c->max)) {
        cli_print(cli->err, "usage: kappa " STR_FMT " %s\n", STR_ARG(c->name), c->args);
        return EXIT_USAGE;
    }
    void *opts = arena_alloc(cli->arena, (int64_t)c->opts_size + 1, 16, 1);
    Status s = options_parse(opts, c->opts, c->nopts, &p.options, NULL, NULL);
    if (s.code) {
        cli_print(cli->err, "kappa " STR_FMT ": %s\n", STR_ARG(c->name), fail_text());
        return EXIT_USAGE;
    }
    return c->run(cli, opts, p.arg, p.n);
}
Str cli_log_dir(const Cli *cli) { return path_join(cli->arena, cli->data_dir, S("log")); }
int cli_main(Cli *cli, const Str *args, int32_t n)
{
    Str near = {0};
    cli->args = args;
    cli->nargs = n;
    bool help = n && (str_eq(args[0], S("--help")) || str_eq(args[0], S("-h")) ||
                      str_eq(args[0], S("help")));
    const Command *about = help && n > 1 ? find_command(args[1], &near) : NULL;
    if (n == 0 || help) {
        if (about)
            print_help(cli->out, about);
        else
            print_usage(cli->out);
        return EXIT_OK;
    }
    if (str_eq(args[0], S("--version"))) return run_command(cli, &command_version, args, 0);
    const Command *c = find_command(args[0], &near);
    if (c) return run_command(cli, c, args + 1, n - 1);
    cli_print(cli->err,
              "kappa: there is no command " STR_FMT "%s" STR_FMT "; kappa --help lists "
              "them\n",
              STR_ARG(args[0]), near.n ? "; near it: " : "", STR_ARG(near));
    return EXIT_USAGE;
}
void cli_notices(Cli *cli, Buf *notices, Buf *told)
{
    for (Cut c = {.tail = buf_str(notices)}; c.tail.n;) {
        c = str_cut(c.tail, '\n');
        Str line = str_fmt(cli->arena, "\n" STR_FMT "\n", STR_ARG(c.head));
        if (str_find(buf_str(told), line) >= 0) continue;
        buf_put(told, line);
        cli_print(cli->err, "warning: " STR_FMT "\n", STR_ARG(c.head));
    }
    buf_clear(notices);
}
int cli_failed(Cli *cli, Status s, Str file)
{
    if (s.code == ERR_CANCELLED) return EXIT_INTERRUPTED;
    const Failure *f = failure();
    const Condition *c = f->cond ? condition_of(f->cond) : NULL;
    cli_print(cli->err, "error: ");
    cli_print(cli->err, STR_FMT, STR_ARG(f->text));
    if (c && c->sqlstate.n) cli_print(cli->err, " SQLSTATE: " STR_FMT, STR_ARG(c->sqlstate));
    cli_print(cli->err, "\n");
    Str context = failure_context(cli->arena, f);
    if (f->line && file.n)
        cli_print(cli->err, STR_FMT ":%d:%d\n", STR_ARG(file), f->line, f->column + 1);
    if (context.n) cli_print(cli->err, STR_FMT, STR_ARG(context));
    return EXIT_QUERY;
}
