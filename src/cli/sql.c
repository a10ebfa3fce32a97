// sql.c -- kappa sql: statements from -e, a file or standard input; rows as a table for people, or
// as csv, json, ndjson, markdown for programs.
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
    Buf notices = buf_new(cli->arena);
    Statements parsed = {0};
    s->notices = &notices;
    Status p = parse_statements(&parsed, cli->arena, text);
    for (int64_t i = 0; i < parsed.n; i++) {
        TRY(run_statement(cli, e, s, o, parsed.v[i]));
        if (notices.n) cli_print(cli->err, STR_FMT, STR_ARG(buf_str(&notices)));
        buf_clear(&notices);
    }
    if (!p.code) return DONE;
    // Statements before the mistake ran, and may have failed in passing: say it again.
    parsed = (Statements){0};
    return parse_statements(&parsed, cli->arena, text);
}
static Status find_text(Cli *cli, const SqlOpts *o, const Str *file, Str *text)
{
    *text = cli->text;
    if (text->p) return DONE; // whoever asks has read it
    if (file) return file_load(text, cli->arena, *file, 1 << 26);
    if (!o->e.n) return read_input(cli->arena, text);
    *text = o->e;
    return DONE;
}
static int sql_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const SqlOpts *o = opts;
    Host *h = NULL;
    const Str *file = n && !o->e.n ? arg : NULL;
    Str text = {0};
    bool ran = false;
    int code = EXIT_OK;
    Status s = find_text(cli, o, file, &text);
    HostOptions ho = {.command = S("kappa sql"), .text = text};
    if (!s.code) s = host_enter(&h, cli, &ho, &ran, &code);
    if (ran) return code;
    if (!s.code) {
        Session *session = engine_session(h->engine);
        s = run_text(cli, h->engine, session, o, text);
        Failure *failed = s.code ? failure_copy(cli->arena, failure()) : NULL;
        engine_session_end(h->engine, session);
        if (failed) s = failure_again(failed);
    }
    return s.code ? cli_failed(cli, s, file ? *file : (Str){0}) : EXIT_OK;
}
const Command command_sql = {
    .name = STR_INIT("sql"),
    .args = "[-e STATEMENTS | FILE] [--output table|csv|json|ndjson|markdown]",
    .help = "run SQL statements and print their rows",
    .more = "  kappa sql -e 'SELECT count(*) FROM lake.demo.events_by_window'\n"
            "  kappa sql report.sql --output csv > report.csv\n"
            "  echo 'SHOW TABLES IN lake.demo' | kappa sql\n",
    .opts = sql_opts,
    .nopts = COUNT(sql_opts),
    .opts_size = sizeof(SqlOpts),
    .max = 1,
    .hosted = true,
    .run = sql_run};
