// analyse_metadata.c -- the column _metadata of files: hidden, and there when it is named. A read
// gets it when a node above names it, and what lies between hands it up; the rules of what does are
// Spark's (LogicalPlan.metadataOutput). input_file_name() and its kin are made from it where the
// node stands above the read in one run of rows.
#include "plan/analyse_in.h"

#define METADATA S("_metadata")

static const Attr *metadata_in(const Attrs *out)
{
    for (int64_t i = 0; i < out->n; i++)
        if (out->v[i].metadata) return &out->v[i];
    return NULL;
}

// ---- the read ----------------------------------------------------------------------------------

static bool read_metadata(Analyser *an, Rel *r)
{
    if (r->read->with_metadata) return true;
    int32_t n = r->read->schema->nfields;
    if (!r->read->metadata || type_field(r->read->schema, METADATA) >= 0) return false;
    Field *f = NEW(an->a, Field, n + 1);
    ReadNode *node = NEW(an->a, ReadNode, 1);
    Attr attr = r->out.n ? r->out.v[0] : (Attr){0}; // for the qualifier
    memcpy(f, r->read->schema->field, (size_t)n * sizeof *f);
    *node = *r->read;
    f[n] = field_of(METADATA, node->metadata, false);
    node->schema = type_struct(an->a, f, n + 1);
    node->with_metadata = true;
    r->read = node;
    attr.id = attr_new(an);
    attr.field = f[n];
    attr.hidden = attr.metadata = true;
    vec_push(an->a, &r->out, attr);
    return true;
}

// ---- on the way up -----------------------------------------------------------------------------

typedef enum Reach {
    BY_NAME, // what a name may mean
    BY_ROW,  // what is of the same rows, in the run of rows that reads the file
} Reach;
static bool reach(Analyser *an, Rel *r, Reach how);

static bool is_new(const Rel *r, const Attr *attr)
{
    return attr->metadata && !attrs_find(&r->out, attr->id);
}

static bool through_project(Analyser *an, Rel *r, Reach how)
{
    if (r->of_groups || !reach(an, r->input[0], how)) return false;
    const Attrs *in = &r->input[0]->out;
    for (int64_t i = 0; i < in->n; i++)
        if (is_new(r, &in->v[i])) project_attr(an, r, &in->v[i]);
    return true;
}

static bool through_alias(Analyser *an, Rel *r, Reach how)
{
    RelKind below = r->input[0]->kind;
    bool leaf = below == REL_READ || below == REL_SUBQUERY_ALIAS;
    if (how == BY_NAME && (r->of_view || !leaf)) return false;
    if (!reach(an, r->input[0], how)) return false;
    const Attrs *in = &r->input[0]->out;
    for (int64_t i = 0; i < in->n; i++) {
        Attr attr = in->v[i];
        if (!is_new(r, &attr)) continue;
        if (r->out.n) memcpy(attr.qualifier, r->out.v[0].qualifier, sizeof attr.qualifier);
        if (r->out.n) attr.nqualifiers = r->out.v[0].nqualifiers;
        vec_push(an->a, &r->out, attr);
    }
    return true;
}

static bool through(Analyser *an, Rel *r, Reach how)
{
    bool found = false;
    for (int32_t k = 0; k < (join_hides_right(r) ? 1 : 2) && r->input[k]; k++)
        found |= reach(an, r->input[k], how);
    if (found) take_columns(an, r);
    return found;
}

static bool is_one_of(RelKind kind, const RelKind *of, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (kind == of[i]) return true;
    return false;
}

// Rows go through in the run that read them.
static bool hands_on(const Rel *r)
{
    static const RelKind kinds[] = {REL_FILTER,         REL_GENERATE,    REL_SAMPLE, REL_OBSERVE,
                                    REL_WITH_WATERMARK, REL_TIME_WINDOW, REL_JOIN};
    return is_one_of(r->kind, kinds, COUNT(kinds));
}

// Rows are kept, and come out in another order or run.
static bool moves(const Rel *r)
{
    static const RelKind kinds[] = {REL_SORT, REL_LIMIT,  REL_OFFSET,
                                    REL_TAIL, REL_WINDOW, REL_DEDUPLICATE};
    return is_one_of(r->kind, kinds, COUNT(kinds));
}

// Makes the metadata column one of r's, if it can be.
static bool reach(Analyser *an, Rel *r, Reach how)
{
    if (r->kind == REL_READ) return read_metadata(an, r);
    if (r->kind == REL_PROJECT) return through_project(an, r, how);
    if (r->kind == REL_SUBQUERY_ALIAS) return through_alias(an, r, how);
    return (hands_on(r) || (how == BY_NAME && moves(r))) && through(an, r, how);
}

// ---- names -------------------------------------------------------------------------------------

static bool names_metadata(const Expr *e)
{
    bool name = (e->kind == E_NAME && !e->id) || e->kind == E_STAR;
    for (int32_t i = 0; name && i < e->nparts; i++)
        if (str_ieq(e->part[i], METADATA)) return true;
    return false;
}

static bool any(Expr *const *e, int32_t n, bool (*test)(const Expr *e))
{
    for (int32_t i = 0; i < n; i++)
        if (expr_any(e[i], test)) return true;
    return false;
}

void show_metadata(Analyser *an, Rel *r)
{
    if (!any(r->expr, r->nexprs, names_metadata) && !any(r->group, r->ngroup, names_metadata))
        return;
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i] && r->input[i]->out.n) reach(an, r->input[i], BY_NAME);
}

// ---- input_file_name() -------------------------------------------------------------------------

static bool is_input_file(const Expr *e)
{
    return expr_is_fn(e, S("input_file_name")) || expr_is_fn(e, S("input_file_block_start")) ||
           expr_is_fn(e, S("input_file_block_length"));
}

// Spark says file:///a of what is file:/a in the column; nothing and -1 of rows of no file.
static Status from_metadata(Analyser *an, const Attr *attr, Expr **e)
{
    bool name = expr_is_fn(*e, S("input_file_name"));
    bool start = expr_is_fn(*e, S("input_file_block_start"));
    const Type *t = (*e)->type;
    Datum none = name ? (Datum){.s = S("")} : (Datum){.i = -1}, scheme = {.s = S("file://")};
    int32_t field = type_field(attr->field.type, name    ? S("file_path")
                                                 : start ? S("file_block_start")
                                                         : S("file_block_length"));
    Expr *v = expr_field_at(an->a, attr_expr(an->a, attr, (*e)->at), field);
    if (name) {
        Expr *from[2] = {v, expr_literal(an->a, &type_int, &(Datum){.i = 6})};
        Expr *text[2] = {expr_literal(an->a, &type_string, &scheme), NULL};
        TRY(fn_make(&text[1], an->a, an->ctx, S("substring"), from, 2));
        TRY(fn_make(&v, an->a, an->ctx, S("concat"), text, 2));
    }
    Expr *either[2] = {v, expr_literal(an->a, t, &none)};
    return fn_make(e, an->a, an->ctx, S("coalesce"), either, 2);
}

static bool is_read(const Rel *r)
{
    return r->kind == REL_READ && (r->read->metadata || r->read->kind == READ_TABLE);
}

static int32_t files_below(const Rel *r) // of a union, on the side that has most
{
    int32_t n[2] = {0};
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) n[i] = files_below(r->input[i]);
    return is_read(r) ? 1 : r->kind == REL_SET_OP ? MAX(n[0], n[1]) : n[0] + n[1];
}

// Rows of files come up to here, though not their names. Spark has no name for rows that were
// moved, joined or grouped either.
static bool hides_files(const Rel *r)
{
    if (moves(r) || r->kind == REL_AGGREGATE || r->kind == REL_JOIN) return false;
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i] && hides_files(r->input[i])) return true;
    return is_read(r);
}

typedef struct InputFiles {
    Analyser *an;
    Rel *r;
} InputFiles;

static Status input_file_node(void *ctx, Expr **e)
{
    const InputFiles *f = ctx;
    const Attr *attr = NULL;
    if ((*e)->kind == E_SUBQUERY) {
        Rel *plan = (*e)->plan;
        TRY(use_input_files(f->an, &plan));
        (*e)->plan = plan;
    }
    if (!is_input_file(*e)) return DONE;
    if (files_below(f->r) > 1)
        return fail_at(
            RAISE(MULTI_SOURCES_UNSUPPORTED_FOR_EXPRESSION, P("expr", quoted_expr(f->an->a, *e))),
            &(*e)->at);
    bool beside = hands_on(f->r) || moves(f->r); // its columns are its inputs'
    if (beside && through(f->an, f->r, BY_ROW)) attr = metadata_in(&f->r->out);
    for (int32_t i = 0; i < 2 && !attr; i++) {
        Rel *in = f->r->input[i];
        if (in && !beside && reach(f->an, in, BY_ROW)) attr = metadata_in(&in->out);
        if (in && !attr && hides_files(in))
            return fail_at(RAISE(UNSUPPORTED_FEATURE, P("feature", S("input_file_name() here")),
                                 P("needs", S("it has to be called right above the read of files; "
                                              "t.files lists those of an Iceberg table"))),
                           &(*e)->at);
    }
    return attr ? from_metadata(f->an, attr, e) : DONE;
}

static Status use_all(InputFiles *f, Expr **e, int32_t n)
{
    for (int32_t i = 0; i < n; i++) TRY(expr_walk(&e[i], input_file_node, f));
    return DONE;
}

static bool concerns_files(const Expr *e) { return is_input_file(e) || e->kind == E_SUBQUERY; }

static bool names_files(const Rel *r)
{
    bool names =
        any(r->expr, r->nexprs, concerns_files) || any(r->group, r->ngroup, concerns_files);
    for (int32_t i = 0; i < r->nprojections && !names; i++)
        names = any(r->projection[i], (int32_t)r->out.n, concerns_files);
    return names;
}

// What is above a node knows its columns already: they stay as they were.
Status use_input_files(Analyser *an, Rel **rel)
{
    Rel *r = *rel;
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(use_input_files(an, &r->input[i]));
    if (!names_files(r)) return DONE;
    InputFiles f = {an, r};
    Attrs were = attrs_copy(an->a, &r->out);
    bool here = r->kind != REL_AGGREGATE || any(r->group, r->ngroup, is_input_file);
    if (here) TRY(use_all(&f, r->expr, r->nexprs));
    for (int32_t i = 0; i < r->nprojections; i++)
        TRY(use_all(&f, r->projection[i], (int32_t)were.n));
    TRY(use_all(&f, r->group, r->ngroup));
    if (r->out.n > were.n) *rel = project_attrs(an, r, &were);
    return DONE;
}
