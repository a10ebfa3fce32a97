// say.c -- see say.h.
#include "serve/say.h"
#include <stdio.h>

void sayer_say(const Sayer *s, Str peer, const char *fmt, va_list ap)
{
    char text[512];
    if (!s->say) return;
    int n = vsnprintf(text, sizeof text, fmt, ap);
    Arena *a = arena_new(NULL);
    Str what = str_of(text, MIN(MAX(n, 0), (int)sizeof text - 1));
    s->say(s->to, str_fmt(a, "%s: " STR_FMT ": " STR_FMT, s->door, STR_ARG(peer), STR_ARG(what)));
    arena_free(a);
}
