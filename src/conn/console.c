// console.c -- rows printed as show() prints them, an epoch a table. The text is made when the
// epoch is staged and lies in its receipt: what a crash kept from being printed is printed after it
// (and what was printed just before, perhaps twice).
#include "conn/list.h"
#include "fmt/text_table.h"

typedef struct ConsoleOptions {
    int64_t rows;
    bool truncate;
} ConsoleOptions;
typedef struct Console {
    Sink base;
    ConsoleOptions opt;
    TextTableOptions form;
    Status (*print)(void *to, Str text);
    void *to;
    Arena *epoch; // of the table
    TextTable *table;
} Console;

static const OptSpec console_specs[] = {
    {STR_INIT("numRows"), OPT_I64, offsetof(ConsoleOptions, rows), STR_INIT("20"),
     "rows printed of each batch", INT32_MIN, INT32_MAX, NULL},
    {STR_INIT("truncate"), OPT_BOOL, offsetof(ConsoleOptions, truncate), STR_INIT("true"),
     "cut values longer than 20 characters", 0, 0, NULL},
};

static Status console_open(Sink *s, Arena *a, const SinkArgs *args)
{
    Console *c = CONTAINER(s, Console, base);
    TRY(options_parse(&c->opt, console_specs, COUNT(console_specs), args->options, connector_option,
                      args->warn));
    must(args->print != NULL);
    c->print = args->print;
    c->to = args->print_to;
    c->epoch = arena_new(a);
    c->form = (TextTableOptions){.rows = (int32_t)c->opt.rows,
                                 .truncate = c->opt.truncate ? 20 : 0,
                                 .form = eval_text_form(args->eval)};
    s->description = str_fmt(a, "ConsoleSink[numRows=%lld, truncate=%s]", (long long)c->opt.rows,
                             c->opt.truncate ? "true" : "false");
    return DONE;
}

static TextTable *table_of(Console *c)
{
    if (!c->table) c->table = text_table_new(c->epoch, c->base.schema, &c->form);
    return c->table;
}

static void console_discard(Sink *s)
{
    Console *c = CONTAINER(s, Console, base);
    c->table = NULL;
    arena_clear(c->epoch);
}

static Status console_take(Sink *s, const SinkEpoch *e, Part *p)
{
    TextTable *t = table_of(CONTAINER(s, Console, base));
    (void)e;
    for (int64_t i = 0; i < p->nbatches; i++) text_table_add(t, &p->batch[i]);
    return DONE;
}

static Status console_stage(Sink *s, const SinkEpoch *e, Buf *receipt)
{
    buf_fmt(receipt,
            "-------------------------------------------\nBatch: %lld\n"
            "-------------------------------------------\n",
            (long long)e->epoch);
    text_table_print(table_of(CONTAINER(s, Console, base)), receipt);
    buf_char(receipt, '\n');
    console_discard(s);
    return DONE;
}

static Status console_commit(Sink *s, const SinkEpoch *e, Str receipt)
{
    Console *c = CONTAINER(s, Console, base);
    (void)e;
    return c->print(c->to, receipt);
}

const SinkKind sink_console = {
    .name = STR_INIT("console"),
    .size = sizeof(Console),
    .opts = console_specs,
    .nopts = COUNT(console_specs),
    .modes = SINK_APPEND | SINK_UPDATE | SINK_COMPLETE,
    .doc = "prints each batch as a table",
    .open = console_open,
    .take = console_take,
    .stage = console_stage,
    .commit = console_commit,
    .discard = console_discard,
};
