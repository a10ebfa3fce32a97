// clock.c -- time and chance of whichever world is current.
#include "os/clock.h"
#include "os/world_in.h"

Micros clock_now(void) { return world_now()->host->now(); }
int64_t clock_mono_ns(void) { return world_now()->host->mono_ns(); }
int64_t clock_cpu_ns(void) { return world_now()->host->cpu_ns(); }
void clock_sleep(Micros t)
{
    if (t > 0) world_now()->host->sleep(t);
}

void rand_bytes(void *to, int64_t n)
{
    must(n >= 0);
    if (n) world_now()->host->random(to, n);
}

uint64_t rand_u64(void)
{
    uint64_t v;
    rand_bytes(&v, (int64_t)sizeof v);
    return v;
}

Str rand_uuid(Arena *a)
{
    uint8_t b[16];
    rand_bytes(b, (int64_t)sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); // version 4
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); // of the usual variant
    char *out = NEW(a, char, 37);
    char *to = out;
    for (int32_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
        *to++ = "0123456789abcdef"[b[i] >> 4];
        *to++ = "0123456789abcdef"[b[i] & 15];
    }
    return str_of(out, 36);
}

Str zone_of_system(Arena *a) { return world_now()->host->zone(a); }
