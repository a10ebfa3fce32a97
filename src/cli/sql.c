// sql.c -- kappa sql: statements from -e, a file, standard input or a person who types them; rows
// as a table for people, or as csv, json, ndjson, markdown for programs.
#include "cli/host.h"
#include "cli/rows.h"
#include "os/file.h"
#include "os/proc.h"
#include "run/statement.h"

typedef struct SqlOpts {
    Str e;
    int32_t output;
    int64_t rows;
} SqlOpts;
static const OptSpec sql_opts[] = {
    {STR_INIT("e"), OPT_STR, offsetof(SqlOpts, e), STR_INIT(""), "the statements themselves", 0, 0,
     NULL},
    {STR_INIT("output"), OPT_CHOICE, offsetof(SqlOpts, output), STR_INIT("table"),
     "table, csv, json, ndjson or markdown", 0, 0, "table|csv|json|ndjson|markdown"},
    {STR_INIT("rows"), OPT_I64, offsetof(SqlOpts, rows), STR_INIT("1000"),
     "rows of a table at most; the other forms give all", 1, 0, NULL},
};

static Status read_input(Arena *a, Str *text)
{
    Buf b = buf_new(a);
    for (int64_t got = 1; got > 0; b.n += got) TRY(in_read(buf_room(&b, 65536), 65536, &got));
    *text = buf_str(&b);
    return DONE;
}
static Status run_statement(Cli *cli, Engine *e, Session *s, const SqlOpts *o, const Statement *st)
{
    Arena *a = arena_new(cli->arena);
    RowsOut rows = rows_out(a, cli->out, (RowsForm)o->output, o->rows, &s->eval);
    StatementArgs args = {.session = s, .env = engine_env(e), .cancel = cli->interrupted};
    TRY(statement_run(&args, st, &rows.answer));
    TRY(rows_end(&rows));
    arena_free(a);
    return DONE;
}
static Status run_text(Cli *cli, Engine *e, Session *s, const SqlOpts *o, Str text)
{
    Buf notices = buf_new(cli->arena), told = buf_new(cli->arena);
    Statements parsed = {0};
    s->notices = &notices;
    Status p = parse_statements(&parsed, cli->arena, text);
    for (int64_t i = 0; i < parsed.n; i++) {
        TRY(run_statement(cli, e, s, o, parsed.v[i]));
        cli_notices(cli, &notices, &told);
    }
    if (!p.code) return DONE;
    // Statements before the mistake ran, and may have failed in passing: say it again.
    parsed = (Statements){0};
    return parse_statements(&parsed, cli->arena, text);
}
// Statements where a file's name belongs are a slip that `-e` mends.
static Status load_file(Cli *cli, Str *text, Str file)
{
    Status s = file_load(text, cli->arena, file, 1 << 26);
    bool statement = s.code == ERR_NOT_FOUND && str_find_char(file, ' ') >= 0;
    return statement ? fail(ERR_NOT_FOUND,
                            "there is no file of this name; statements stand after -e: "
                            "kappa sql -e '" STR_FMT "'",
                            STR_ARG(file))
                     : s;
}
static Status find_text(Cli *cli, const SqlOpts *o, const Str *file, Str *text)
{
    *text = cli->text;
    if (text->p) return DONE; // whoever asks has read it
    if (file) return load_file(cli, text, *file);
    if (!o->e.n) return read_input(cli->arena, text);
    *text = o->e;
    return DONE;
}
typedef struct Shell { // what statements run in
    Cli *cli;
    const SqlOpts *opts;
    Host *host; // NULL: not opened yet, or another process has the folder
    Session *session;
    Str file;
    bool typed; // somebody sits at it: meanwhile other commands are served, too
} Shell;

// Runs a text here, or has it run by the process that holds the data folder.
static int shell_text(Shell *sh, Str text)
{
    bool ran = false;
    int code = EXIT_OK;
    Status s = DONE;
    HostOptions ho = {.command = S("kappa sql"), .text = text};
    if (!sh->host) s = host_enter(&sh->host, sh->cli, &ho, &ran, &code);
    if (ran) return code;
    if (!s.code && sh->typed && !sh->host->control) s = host_listen(sh->host, sh->cli);
    if (!s.code && !sh->session) sh->session = engine_session(sh->host->engine);
    if (!s.code) s = run_text(sh->cli, sh->host->engine, sh->session, sh->opts, text);
    return s.code ? cli_failed(sh->cli, s, sh->file) : EXIT_OK;
}
static void shell_end(Shell *sh)
{
    if (!sh->session) return;
    if (sh->typed) host_leave(sh->host, sh->cli);
    engine_session_end(sh->host->engine, sh->session);
}
// Statements as somebody types them; each runs when its semicolon has come.
static int shell_typed(Shell *sh)
{
    Buf typed = buf_new(sh->cli->arena);
    Str line;
    bool end = false;
    cli_print(sh->cli->err, "Spark SQL; statements end with a semicolon, Ctrl-D leaves\n");
    while (!end && !shared_get(sh->cli->interrupted)) {
        Status s = in_line(&line, &end, sh->cli->arena, typed.n ? "    -> " : "kappa> ");
        if (s.code) return cli_failed(sh->cli, s, (Str){0});
        buf_fmt(&typed, STR_FMT "\n", STR_ARG(line));
        int64_t whole = end ? typed.n : parse_complete(buf_str(&typed));
        Str text = str_trim(str_sub(buf_str(&typed), 0, whole));
        if (!text.n) continue;
        Str rest =
            str_copy(sh->cli->arena, str_trim(str_sub(buf_str(&typed), whole, typed.n - whole)));
        (void)shell_text(sh, str_copy(sh->cli->arena, text));
        buf_clear(&typed);
        if (rest.n) buf_fmt(&typed, STR_FMT "\n", STR_ARG(rest));
    }
    return EXIT_OK;
}
static int sql_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const SqlOpts *o = opts;
    const Str *file = n && !o->e.n ? arg : NULL;
    Shell sh = {.cli = cli, .opts = o, .file = file ? *file : (Str){0}};
    Str text = {0};
    int code;
    if (!file && !o->e.n && !cli->text.p && cli->out->terminal && tty_is(0)) {
        sh.typed = true;
        code = shell_typed(&sh);
    } else {
        Status s = find_text(cli, o, file, &text);
        code = s.code ? cli_failed(cli, s, sh.file) : shell_text(&sh, text);
    }
    shell_end(&sh);
    return code;
}
const Command command_sql = {
    .name = STR_INIT("sql"),
    .args = "[-e STATEMENTS | FILE] [--output table|csv|json|ndjson|markdown]",
    .help = "run SQL statements and print their rows",
    .more = "  kappa sql              a shell: statements as you type them, Ctrl-D leaves\n"
            "  kappa sql -e 'SELECT count(*) FROM lake.demo.events_by_window'\n"
            "  kappa sql report.sql --output csv > report.csv\n"
            "  echo 'SHOW TABLES IN lake.demo' | kappa sql\n",
    .opts = sql_opts,
    .nopts = COUNT(sql_opts),
    .opts_size = sizeof(SqlOpts),
    .max = 1,
    .hosted = true,
    .run = sql_run};
