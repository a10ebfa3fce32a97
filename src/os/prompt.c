// prompt.c -- lines typed by a person. libedit, when it is there, gives editing and the arrow keys'
// history; else the terminal's own line editing has to do.
#include "base/buf.h"
#include "os/lib.h"
#include "os/proc.h"
#include <stdlib.h>

typedef struct EditLib {
    char *(*readline)(const char *prompt);
    int (*add_history)(const char *line);
} EditLib;
static const LibSymbol symbols[] = {{"readline", offsetof(EditLib, readline)},
                                    {"add_history", offsetof(EditLib, add_history)}};
static const LibSpec libedit = {.stem = "libedit",
                                .newest = 2,
                                .oldest = 2,
                                .package = "libedit2",
                                .symbol = symbols,
                                .nsymbols = COUNT(symbols)};

static Status plain_line(Str *line, bool *end, Arena *a, const char *prompt)
{
    Buf b = buf_new(a);
    char c = 0;
    int64_t got = 1;
    TRY(out_write(1, str_z(prompt)));
    while (c != '\n') {
        TRY(in_read(&c, 1, &got));
        if (!got) break;
        if (c != '\n') buf_char(&b, c);
    }
    *end = !got && !b.n;
    *line = buf_str(&b);
    return DONE;
}
Status in_line(Str *line, bool *end, Arena *a, const char *prompt)
{
    EditLib lib;
    if (lib_open(&lib, &libedit).code) return plain_line(line, end, a, prompt);
    char *typed = lib.readline(prompt);
    *end = !typed;
    *line = str_copy(a, str_z(typed ? typed : ""));
    if (line->n) (void)lib.add_history(typed);
    free(typed);
    return DONE;
}
