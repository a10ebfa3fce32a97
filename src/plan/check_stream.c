// check_stream.c -- what may stream, and in which output mode (semantics section 2): first the
// rules about the whole query, then node by node from the leaves. The first violation is reported,
// under the condition that Spark reports it under.
#include "plan/join_in.h"
#include "plan/print_in.h"
#include "plan/session.h"

static Status refuse(const Rel *r, const char *why)
{
    Status s = RAISE(STREAMING_UNSUPPORTED, P("msg", str_z(why)));
    return fail_at(s, &r->at);
}

static Status refuse_mode(Mode mode, const char *operation)
{
    static const char *const name[] = {"append", "update", "complete"};
    return RAISE(STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION, P("outputMode", str_z(name[mode])),
                 P("operation", str_z(operation)));
}

static bool streams(const Rel *r) { return r && r->streaming; }

static bool streaming_agg(const Rel *r) { return r->kind == REL_AGGREGATE && streams(r->input[0]); }

// The topmost streaming aggregation, or NULL.
static const Rel *first_agg(const Rel *r)
{
    if (streaming_agg(r)) return r;
    for (int32_t i = 0; i < 2; i++) {
        const Rel *found = r->input[i] ? first_agg(r->input[i]) : NULL;
        if (found) return found;
    }
    return NULL;
}

static bool event_time_attr(const Attr *at) { return at->field.watermark_delay != WATERMARK_NONE; }

static bool has_event_time(const Attrs *in)
{
    for (int64_t i = 0; i < in->n; i++)
        if (event_time_attr(&in->v[i])) return true;
    return false;
}

static bool groups_event_time(const Rel *agg)
{
    for (int32_t i = 0; i < agg->ngroup; i++)
        if (agg->group[i]->kind == E_ATTR && agg->group[i]->watermark_delay != WATERMARK_NONE)
            return true;
    return false;
}

static bool groups_session(const Rel *agg)
{
    for (int32_t i = 0; i < agg->ngroup; i++)
        if (agg->group[i]->kind == E_ATTR && rel_is_session(agg->input[0], agg->group[i]->id))
            return true;
    return false;
}

static Status check_mode(const Rel *rel, Mode mode)
{
    const Rel *agg = first_agg(rel);
    switch (mode) {
    case MODE_APPEND:
        if (agg && !groups_event_time(agg))
            return refuse_mode(mode, "streaming aggregations without watermark");
        return DONE;
    case MODE_UPDATE:
        if (agg && groups_session(agg))
            return refuse_mode(mode, "session window streaming aggregations");
        return DONE;
    case MODE_COMPLETE: return agg ? DONE : refuse_mode(mode, "no streaming aggregations");
    }
    must_failed("Mode", __FILE__, __LINE__);
}

static bool streaming_join(const Rel *r)
{
    return r->kind == REL_JOIN && streams(r->input[0]) && streams(r->input[1]);
}

static bool dedup_by_time(const Rel *r)
{
    if (r->kind != REL_DEDUPLICATE || !r->streaming) return false;
    if (r->within_watermark) return true;
    for (int32_t i = 0; i < r->nexprs; i++)
        if (r->expr[i]->watermark_delay != WATERMARK_NONE) return true;
    return false;
}

static bool stateful(const Rel *r)
{
    return streaming_agg(r) || streaming_join(r) || dedup_by_time(r);
}

// M6: what comes out of an aggregation late would be lost in the operator after it.
static Status check_chain(const Rel *r, Mode mode)
{
    if (mode == MODE_APPEND) return DONE;
    for (int32_t i = 0; i < 2; i++) {
        if (!r->input[i]) continue;
        if (stateful(r) && first_agg(r->input[i]))
            return refuse(r, "a stateful operator above an aggregation that emits rows again would "
                             "drop them as late; the append mode runs such chains");
        TRY(check_chain(r->input[i], mode));
    }
    return DONE;
}

static bool is_distinct(const Expr *e) { return e->kind == E_AGG && e->distinct; }
static bool is_odd_distinct(const Expr *e) // count(DISTINCT) runs, as an extension
{
    return is_distinct(e) && !str_eq(e->agg->name, S("count"));
}

static Status check_distinct(const Rel *r, bool (*refused)(const Expr *e))
{
    for (int32_t i = 0; i < r->nexprs; i++)
        if (expr_any(r->expr[i], refused))
            return refuse(r, "DISTINCT inside an aggregate is not supported on a stream; "
                             "approx_count_distinct() is");
    return DONE;
}

static Status check_strict(const Rel *r)
{
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(check_strict(r->input[i]));
    return streaming_agg(r) ? check_distinct(r, is_distinct) : DONE;
}

static Status check_agg(const Rel *r, Mode mode)
{
    (void)mode;
    TRY(check_distinct(r, is_odd_distinct));
    return groups_session(r) && r->ngroup == 1 ? RAISE(SESSION_WINDOW_WITHOUT_KEY) : DONE;
}

static const char *const join_names[] = {
    [JOIN_INNER] = "Inner",        [JOIN_CROSS] = "Cross",    [JOIN_LEFT] = "LeftOuter",
    [JOIN_RIGHT] = "RightOuter",   [JOIN_FULL] = "FullOuter", [JOIN_LEFT_SEMI] = "LeftSemi",
    [JOIN_LEFT_ANTI] = "LeftAnti",
};

static Status refuse_join(const Rel *j, const char *why)
{
    Arena *a = arena_new(NULL);
    Status s = refuse(j, str_to_z(a, str_fmt(a, "%s join %s", join_names[j->join], why)));
    arena_free(a);
    return s;
}

// J2: an outer join of two streams must know when a row will find no partner any more.
static Status check_bounded(const Rel *j)
{
    Arena *a = arena_new(NULL);
    JoinKeys keys;
    join_keys(&keys, a, j);
    bool key = join_time_key(&keys) >= 0;
    bool left = join_bound(a, j, 0).is, right = join_bound(a, j, 1).is;
    bool range = j->join == JOIN_FULL ? left || right : j->join == JOIN_RIGHT ? right : left;
    arena_free(a);
    if (key || range) return DONE;
    return refuse_join(j, "of two streams needs a watermark among its keys, or one on the nullable "
                          "side and a condition that bounds the times");
}

static Status check_join(const Rel *j, Mode mode)
{
    bool left = j->input[0]->streaming, right = j->input[1]->streaming;
    if (left && right && mode != MODE_APPEND)
        return refuse(j, "a join of two streams runs in append mode only");
    switch (j->join) {
    case JOIN_INNER:
    case JOIN_CROSS: break;
    case JOIN_FULL:
        if (left != right) return refuse_join(j, "with a stream on one side is not supported");
        if (left) TRY(check_bounded(j));
        break;
    case JOIN_LEFT_ANTI:
        if (right) return refuse_join(j, "with a stream on the right is not supported");
        break;
    case JOIN_LEFT:
    case JOIN_LEFT_SEMI:
        if (!left && right)
            return refuse_join(j, "with a stream on the right only is not supported");
        if (left && right) TRY(check_bounded(j));
        break;
    case JOIN_RIGHT:
        if (left && !right)
            return refuse_join(j, "with a stream on the left only is not supported");
        if (left && right) TRY(check_bounded(j));
        break;
    }
    if (!left || !right) return DONE;
    Arena *a = arena_new(NULL);
    JoinKeys keys;
    join_keys(&keys, a, j);
    bool equal = keys.left.n > 0;
    arena_free(a);
    return equal ? DONE : RAISE(STREAM_JOIN_WITHOUT_EQUALITY);
}

static Status check_set_op(const Rel *u, Mode mode)
{
    (void)mode;
    bool left = u->input[0]->streaming, right = u->input[1]->streaming;
    switch (u->set_op) {
    case SET_UNION:
        return left == right ? DONE : refuse(u, "UNION of a stream and a batch is not supported");
    case SET_INTERSECT:
        return left || right ? refuse(u, "INTERSECT of streams is not supported") : DONE;
    case SET_EXCEPT:
        return right ? refuse(u, "EXCEPT with a stream on the right is not supported") : DONE;
    }
    must_failed("SetOpKind", __FILE__, __LINE__);
}

static Status check_window(const Rel *w, Mode mode)
{
    (void)mode;
    const Expr *item = w->expr[0], *over = item->kind == E_ALIAS ? item->arg[0] : item;
    Arena *a = arena_new(NULL);
    Str sql = expr_sql_str(a, over->arg[0]);
    Status s = RAISE(NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING, P("windowFunc", str_upper(a, sql)),
                     P("columnName", str_fmt(a, "`" STR_FMT "`", STR_ARG(item->name))),
                     P("windowSpec", expr_sql_str(a, over)));
    arena_free(a);
    return s;
}

static Status check_limit(const Rel *r, Mode mode)
{
    if (mode != MODE_UPDATE) return DONE;
    return refuse(r, "LIMIT on a stream is not supported in update mode");
}
static Status check_offset(const Rel *r, Mode mode)
{
    (void)mode;
    return refuse(r, "OFFSET on a stream is not supported");
}
static Status check_tail(const Rel *r, Mode mode)
{
    (void)mode;
    return refuse(r, "tail() of a stream is not supported");
}
static Status check_sort(const Rel *r, Mode mode)
{
    if (mode == MODE_COMPLETE && first_agg(r)) return DONE;
    return refuse(r, "a stream is sorted above an aggregation in complete mode only");
}
static Status check_deduplicate(const Rel *r, Mode mode)
{
    (void)mode;
    if (!r->within_watermark || has_event_time(&r->input[0]->out)) return DONE;
    return refuse(r, "dropDuplicatesWithinWatermark on a stream needs a watermark");
}

static const struct {
    RelKind kind;
    Status (*check)(const Rel *r, Mode mode);
} check_rows[] = {
    // of nodes over a stream
    {REL_AGGREGATE, check_agg}, {REL_JOIN, check_join},     {REL_SET_OP, check_set_op},
    {REL_LIMIT, check_limit},   {REL_OFFSET, check_offset}, {REL_TAIL, check_tail},
    {REL_SORT, check_sort},     {REL_WINDOW, check_window}, {REL_DEDUPLICATE, check_deduplicate},
};

// A view USING a source that only streams can be made, and read with STREAM.
static Status check_read(const Rel *r)
{
    if (r->kind != REL_READ || r->streaming || r->read->kind != READ_SOURCE) return DONE;
    const SourceKind *kind = source_find(r->read->format);
    if (!kind || kind->batches) return DONE;
    return RAISE(UNSUPPORTED_TABLE_OPERATION, P("tableName", r->read->format),
                 P("operation", S("batch scan")));
}

static bool counts_rows(const Expr *e)
{
    return e->kind == E_FN && str_eq(e->fn->name, S("monotonically_increasing_id"));
}

static Status check_exprs(const Rel *r)
{
    for (int32_t i = 0; i < r->nexprs && r->streaming; i++)
        if (expr_any(r->expr[i], counts_rows))
            return refuse(r, "monotonically_increasing_id() has no meaning on a stream");
    return DONE;
}

static Status check_node(const Rel *r, Mode mode)
{
    TRY(check_read(r));
    TRY(check_exprs(r));
    for (int64_t i = 0; i < COUNT(check_rows); i++)
        if (r->streaming && r->kind == check_rows[i].kind) return check_rows[i].check(r, mode);
    return DONE;
}

static Status check_nodes(const Rel *r, Mode mode)
{
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(check_nodes(r->input[i], mode));
    return check_node(r, mode);
}

Status check_stream(const Session *s, const Rel *rel, Mode mode)
{
    if (!rel->streaming) return RAISE(WRITE_STREAM_NOT_ALLOWED);
    if (!conf_bool(s, S("spark.sql.streaming.unsupportedOperationCheck"))) return DONE;
    if (conf_bool(s, S("spark.sql.streaming.statefulOperator.checkCorrectness.enabled")))
        TRY(check_chain(rel, mode));
    TRY(check_mode(rel, mode));
    if (conf_bool(s, S("spark.kappa.strict"))) TRY(check_strict(rel));
    return check_nodes(rel, mode);
}

static Status check_batch_nodes(const Rel *r)
{
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(check_batch_nodes(r->input[i]));
    TRY(check_read(r));
    if (r->kind != REL_DEDUPLICATE || !r->within_watermark) return DONE;
    return refuse(r,
                  "dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets");
}

Status check_batch(const Rel *rel)
{
    if (rel->streaming)
        return refuse(rel,
                      "a query over a stream is started with writeStream.start(), or written as a "
                      "streaming table");
    return check_batch_nodes(rel);
}
