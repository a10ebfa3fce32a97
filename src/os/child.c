// child.c -- processes that this one starts.
#include "os/proc.h"
#include "os/world_in.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

struct Child {
    pid_t id; // 0 once it has been waited for
    int code;
};

// Ours, save what `env` sets anew; then `env`.
static char **environment(Arena *a, const Str *env, int32_t nenv)
{
    VEC(char *) all = {0};
    for (char **e = environ; *e; e++) {
        Str name = str_cut(str_z(*e), '=').head;
        bool ours = true;
        for (int32_t i = 0; i < nenv; i++)
            if (str_eq(name, str_cut(env[i], '=').head)) ours = false;
        if (ours) vec_push(a, &all, *e);
    }
    for (int32_t i = 0; i < nenv; i++) vec_push(a, &all, str_to_z(a, env[i]));
    vec_push(a, &all, NULL);
    return all.v;
}

// The signals that proc.c changes as usual again; the rest stays as it was given to us (nohup).
static int spawn(pid_t *id, char **argv, char **env)
{
    posix_spawnattr_t attr;
    sigset_t ours, none;
    sigemptyset(&none);
    sigemptyset(&ours);
    sigaddset(&ours, SIGPIPE);
    sigaddset(&ours, SIGXFSZ);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigdefault(&attr, &ours);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int err = posix_spawnp(id, argv[0], NULL, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    return err;
}

// id becomes 0 when the child has ended.
static int reap(Child *c, int how)
{
    if (!c->id) return 0;
    int status;
    pid_t got;
    do got = waitpid(c->id, &status, how);
    while (got < 0 && errno == EINTR);
    if (got < 0) return errno; // whoever started us has SIGCHLD ignored: there is no code to have
    if (got == 0) return 0;
    c->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    c->id = 0;
    return 0;
}

static void end_deferred(void *arg)
{
    Child *c = arg;
    child_kill(c);
    for (int32_t i = 0; i < 200 && c->id; i++) {
        if (reap(c, WNOHANG)) return;
        if (c->id) world_real.host->sleep(10000);
    }
    if (!c->id) return;
    kill(c->id, SIGKILL);
    (void)reap(c, 0);
}

Status child_start(Child **c, Arena *a, const Str *argv, int32_t argc, const Str *env, int32_t nenv)
{
    must(argc > 0);
    Child *made = NEW(a, Child, 1);
    arena_defer(a, end_deferred, made);
    Arena *tmp = arena_new(NULL);
    char **args = NEW(tmp, char *, argc + 1);
    for (int32_t i = 0; i < argc; i++) args[i] = str_to_z(tmp, argv[i]);
    int err = spawn(&made->id, args, environment(tmp, env, nenv));
    if (err) made->id = 0;
    arena_free(tmp);
    *c = made;
    return errno_fail(err, "start", argv[0]);
}

Status child_wait(Child *c, int *code)
{
    int err = reap(c, 0);
    *code = c->code;
    if (!err) return DONE;
    return fail(ERR_IO, "cannot wait for process %d: %s", (int)c->id, errno_text(err));
}

bool child_ended(Child *c, int *code)
{
    int err = reap(c, WNOHANG);
    *code = c->code;
    return err || !c->id;
}

void child_kill(Child *c)
{
    if (c->id) kill(c->id, SIGTERM);
}

int64_t child_id(const Child *c) { return c->id; }
