// proc.h -- this process and the ones it starts: environment, terminal, signals, children.
#ifndef OS_PROC_H
#define OS_PROC_H
#include "base/base.h"

Str env_get(Arena *a, const char *name); // empty when unset
int64_t proc_id(void);
int64_t proc_rss_bytes(void);      // resident memory, all kinds
int64_t proc_rss_anon_bytes(void); // of it, not backed by files
void proc_give_back(void);         // early: freed memory goes back to the system, as a rule
bool tty_is(int fd);
int32_t tty_columns(int fd);     // 80 when unknown
Status out_write(int fd, Str s); // all of it; ERR_IO when the reader is gone
// Up to n bytes of standard input; *got 0 is its end.
Status in_read(void *to, int64_t n, int64_t *got);
// A line typed at a terminal, without its end, edited and remembered by libedit where that is
// installed. *end: there is no more.
Status in_line(Str *line, bool *end, Arena *a, const char *prompt);
_Noreturn void proc_exit(int code); // at once: no arena ends, no thread is waited for
void proc_private_files(void);      // what this process makes from now on is its user's only

// From now on SIGINT and SIGTERM are counted instead of killing; wake(arg) runs on each, on a
// thread of its own, so arg lives as long as the process. SIGPIPE and SIGXFSZ are ignored: writing
// then fails. Once, early, on the first thread. Children start with all signals as usual.
void proc_catch_interrupts(void (*wake)(void *arg), void *arg);
int32_t proc_interrupts(void); // how many so far
// Ends the process at the given point when the environment asks for it (KAPPA_CRASH_AT=name[:n],
// the n-th time that it is passed): how tests kill -9 exactly here. Free when the variable is
// unset.
void proc_crash_point(const char *name);

typedef struct Child Child;
// Starts argv[0], sought in PATH, with this process's environment and `env` ("NAME=value") over it;
// standard input, output and error are shared. ERR_NOT_FOUND when there is no such program. Lives
// in a: when a ends, a child that still runs gets SIGTERM and, two seconds later, SIGKILL.
Status child_start(Child **c, Arena *a, const Str *argv, int32_t argc, const Str *env,
                   int32_t nenv);
Status child_wait(Child *c, int *code); // its exit code, or 128 + the signal that ended it
bool child_ended(Child *c, int *code);  // the same without waiting
void child_kill(Child *c);              // SIGTERM
int64_t child_id(const Child *c);
#endif
