// lower_recursion.c -- a recursive common table expression is run while the query around it is
// planned: the anchor, then the step over the rows of the round before, until a round makes none.
// Its rows are rows at hand.
#include "plan/lower_in.h"

static void fill_round(Rel *r, int64_t id, const Batch *rows, int32_t n);

typedef struct Round {
    int64_t id;
    const Batch *rows;
    int32_t n;
} Round;

static Status fill_subquery(void *ctx, Expr **e)
{
    const Round *round = ctx;
    if ((*e)->kind == E_SUBQUERY) fill_round((*e)->plan, round->id, round->rows, round->n);
    return DONE;
}

static void fill_round(Rel *r, int64_t id, const Batch *rows, int32_t n)
{
    if (r->kind == REL_LOCAL && r->start == id) {
        r->rows = rows;
        r->nrows = n;
    }
    Round round = {id, rows, n};
    for (int32_t i = 0; i < r->nexprs; i++) {
        Status s = expr_walk(&r->expr[i], fill_subquery, &round);
        must(s.code == OK);
    }
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) fill_round(r->input[i], id, rows, n);
    for (int32_t i = 0; i < r->nctes; i++) fill_round(r->cte[i].rel, id, rows, n);
}

static Status run_round(Lower *l, const Rel *plan, const Round *round, Batch **rows, int32_t *n)
{
    Session *s = l->session;
    Rel *copy = rel_copy(l->a, plan);
    if (!s->run_rows) return lower_missing(plan, "a recursive common table expression here");
    fill_round(copy, round->id, round->rows, round->n);
    copy->analysed = true;
    return s->run_rows(s, l->a, copy, rows, n);
}

Status lower_recursion(Lower *l, const Rel *r, Flow *f)
{
    int64_t wanted = l->wanted;
    int64_t levels = r->end ? r->end : conf_int(l->session, S("spark.sql.cteRecursionLevelLimit"));
    int64_t most = conf_int(l->session, S("spark.sql.cteRecursionRowLimit"));
    int64_t left = wanted >= 0 ? wanted : most;
    VEC(Batch) all = {0};
    Round round = {.id = r->start};
    for (int64_t level = 0;; level++) {
        Batch *rows = NULL;
        int32_t n = 0;
        int64_t made = 0;
        TRY(run_round(l, r->cte[level > 0].rel, &round, &rows, &n));
        for (int32_t i = 0; i < n; i++) made += rows[i].rows;
        if (!made) break;
        if (levels >= 0 && level >= levels)
            return RAISE(RECURSION_LEVEL_LIMIT_EXCEEDED,
                         P("levelLimit", str_fmt(l->a, "%lld", (long long)levels)));
        for (int32_t i = 0; i < n; i++) vec_push(l->a, &all, rows[i]);
        left -= made;
        if (left <= 0 && wanted >= 0) break;
        if (left <= 0 && most >= 0)
            return RAISE(RECURSION_ROW_LIMIT_EXCEEDED,
                         P("rowLimit", str_fmt(l->a, "%lld", (long long)most)));
        round.rows = rows;
        round.n = n;
    }
    return lower_local(l, r, all.v, (int32_t)all.n, f);
}
