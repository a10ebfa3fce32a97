// clock.h -- time and chance, both behind the wall so that a simulated run has its own.
#ifndef OS_CLOCK_H
#define OS_CLOCK_H
#include "base/base.h"

Micros clock_now(void);      // wall clock, UTC
int64_t clock_mono_ns(void); // never goes back
int64_t clock_cpu_ns(void);  // CPU of this process, user and system
void clock_sleep(Micros t);
void rand_bytes(void *to, int64_t n);
uint64_t rand_u64(void);
Str rand_uuid(Arena *a);      // version 4, 36 characters
Str zone_of_system(Arena *a); // TZ, else /etc/timezone or the target of /etc/localtime, else UTC
#endif
