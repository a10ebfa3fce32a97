// world.c -- which world this process lives in, and what an errno means to a caller.
#include "os/world_in.h"
#include <errno.h>

static _Atomic(const World *) current = &world_real;

const World *world_now(void) { return current; }
void world_set(const World *w) { current = w; }

const char *errno_text(int err)
{
    // The two that an operator must act on are said in words that do not depend on the C library.
    if (err == ENOSPC) return "no space left on the disk";
    if (err == EDQUOT) return "no space left in the user's quota";
    const char *text = strerrordesc_np(err);
    return text ? text : "unknown error";
}

static Code code_of_errno(int err)
{
    if (err == ENOENT) return ERR_NOT_FOUND;
    if (err == EEXIST || err == ENOTEMPTY || err == EWOULDBLOCK || err == EADDRINUSE)
        return ERR_CONFLICT;
    return ERR_IO;
}

Status errno_raise(int err, const char *what, Str path)
{
    return fail(code_of_errno(err), "cannot %s " STR_FMT ": %s", what, STR_ARG(path),
                errno_text(err));
}
