// say.h -- what a door tells whoever runs it, a line at a time.
#ifndef SERVE_SAY_H
#define SERVE_SAY_H
#include "base/base.h"

typedef struct Sayer {
    void (*say)(void *to, Str line); // NULL: nobody listens
    void *to;
    const char *door;
} Sayer;
// "door: peer: text"
void sayer_say(const Sayer *s, Str peer, const char *fmt, va_list ap);
#endif
