// lower_reuse.c -- Spark runs equal exchanges once and gives their rows to all who want them. Here
// each runs for itself; what shows is how many rows a source is said to have given.
#include "plan/lower_in.h"

// The stage that the rows go to, and by which port; -1: to the sink, or not alone.
static int32_t only_feed(const Plan *p, int32_t stage, int32_t *port)
{
    int32_t to = -1;
    for (int32_t i = 0; i < p->nstages; i++) {
        const Stage *s = &p->stage[i];
        for (int32_t k = 0; k < s->ninputs; k++)
            if (s->input[k].stage == stage) {
                to = i;
                *port = s->input[k].port;
            }
    }
    for (int32_t k = 0; to >= 0 && k < p->stage[to].ninputs; k++) {
        const StageInput *in = &p->stage[to].input[k];
        if (in->port == *port && in->stage != stage) return -1;
    }
    return to;
}
static void mark_again(Plan *p, int32_t stage)
{
    Stage *s = &p->stage[stage];
    s->again = true;
    for (int32_t i = 0; i < s->ninputs; i++) mark_again(p, s->input[i].stage);
}
static bool reads_twice(const Plan *p)
{
    for (int32_t i = 0; i < p->nstages; i++)
        for (int32_t k = 0; k < i; k++)
            if (p->stage[i].read && p->stage[i].read == p->stage[k].read) return true;
    return false;
}
void plan_reuse(Arena *a, Plan *p)
{
    if (!reads_twice(p)) return;
    Str *text = NEW(a, Str, p->nstages);
    for (int32_t i = 0; i < p->nstages; i++) {
        int32_t port = 0;
        if (only_feed(p, i, &port) < 0) continue;
        Buf b = buf_new(a);
        stage_print(&b, p, i);
        text[i] = buf_str(&b);
        for (int32_t k = 0; k < i && !p->stage[i].again; k++)
            if (text[k].n && str_eq(text[k], text[i])) mark_again(p, i);
    }
}
