// stop.c -- kappa stop: ends a query after its running epoch.
#include "base/civil.h"
#include "cli/host.h"
#include "os/clock.h"

#define LOOK_AGAIN (10 * MICROS_PER_MS)
#define LET_GO     (2 * MICROS_PER_SECOND) // for whoever started it to give its checkpoint back
enum { ID_PART = 4 };                      // so much of an id says which one

typedef struct Stopper {
    Str what;
    Arena *arena;
    bool stop;
    int32_t n, held; // how many run; ended ones whose checkpoint is held still
    VEC(Str) names;  // of those that run
} Stopper;

static bool is_meant(const Stopper *s, Query *q)
{
    bool part = s->what.n >= ID_PART;
    return str_eq(query_name(q), s->what) || (part && str_starts(query_id(q), s->what)) ||
           (part && str_starts(query_run_id(q), s->what));
}
static void look(void *ctx, Query *q)
{
    Stopper *s = ctx;
    if (!query_active(q)) {
        s->held += is_meant(s, q);
        return;
    }
    Str name = query_name(q);
    if (s->stop) vec_push(s->arena, &s->names, str_copy(s->arena, name.n ? name : query_id(q)));
    if (!is_meant(s, q)) return;
    s->n++;
    if (s->stop) query_ask_to_stop(q);
}
static int no_such(Cli *cli, const Stopper *s)
{
    Str near = str_nearest(s->what, s->names.v, (int32_t)s->names.n);
    cli_print(cli->err, "error: no query " STR_FMT " runs%s" STR_FMT "; kappa queries lists them\n",
              STR_ARG(s->what), near.n ? "; near it: " : "", STR_ARG(near));
    return EXIT_QUERY;
}
static int stop_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    Stopper s = {.what = arg[0], .arena = cli->arena, .stop = true};
    int code = EXIT_OK;
    (void)opts, (void)n;
    if (host_ran(cli, (Str){0}, &code)) return code;
    if (cli->host) engine_each(cli->host->engine, look, &s);
    if (!s.n) return no_such(cli, &s);
    int32_t asked = s.n;
    Micros until = clock_now() + LET_GO;
    for (s.stop = false; s.n || (s.held && clock_now() < until);) {
        if (shared_get(cli->interrupted)) break;
        clock_sleep(LOOK_AGAIN);
        if (s.n) until = clock_now() + LET_GO;
        s.n = s.held = 0;
        engine_each(cli->host->engine, look, &s);
    }
    cli_print(cli->out, "%d stopped\n", asked - s.n);
    return s.n ? EXIT_INTERRUPTED : EXIT_OK;
}
const Command command_stop = {
    .name = STR_INIT("stop"),
    .args = "QUERY",
    .help = "end a query after its running epoch",
    .more = "QUERY is a name, an id or the beginning of one, as kappa queries tells them. What it\n"
            "has done stays; when it is started again, it goes on from there.\n",
    .min = 1,
    .max = 1,
    .hosted = true,
    .run = stop_run};
