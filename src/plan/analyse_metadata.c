// analyse_metadata.c -- the column _metadata of files: hidden, and there when it is named. A read
// gets it when a node above names it, and what lies between hands it up; the rules of what does are
// Spark's (LogicalPlan.metadataOutput). input_file_name() and its kin are made from it where the
// node stands above the read in one run of rows.
#include "conn/source.h"
#include "plan/analyse_in.h"

#define METADATA S("_metadata")

static const Attr *metadata_in(const Attrs *out)
{
    for (int64_t i = 0; i < out->n; i++)
        if (out->v[i].metadata) return &out->v[i];
    return NULL;
}

static void insert(Analyser *an, Attrs *out, int64_t at, Attr attr)
{
    vec_push(an->a, out, attr);
    memmove(&out->v[at + 1], &out->v[at], (size_t)(out->n - 1 - at) * sizeof attr);
    out->v[at] = attr;
}

static bool is_new(const Rel *r, const Attr *attr)
{
    return attr->metadata && !attrs_find(&r->out, attr->id);
}

// ---- the read ----------------------------------------------------------------------------------

static const SourceKind *files_of(const Rel *r)
{
    bool source = r->kind == REL_READ && r->read->kind == READ_SOURCE;
    const SourceKind *kind = source ? source_find(r->read->format) : NULL;
    return kind && kind->metadata ? kind : NULL;
}

static bool read_metadata(Analyser *an, Rel *r)
{
    const SourceKind *kind = files_of(r);
    if (r->read->metadata) return true;
    int32_t n = r->read->schema->nfields;
    if (!kind || type_field(r->read->schema, METADATA) >= 0) return false;
    Field *f = NEW(an->a, Field, n + 1);
    ReadNode *node = NEW(an->a, ReadNode, 1);
    Attr attr = r->out.n ? r->out.v[0] : (Attr){0}; // for the qualifier
    memcpy(f, r->read->schema->field, (size_t)n * sizeof *f);
    f[n] = field_of(METADATA, kind->metadata, false);
    *node = *r->read;
    node->schema = type_struct(an->a, f, n + 1);
    node->metadata = true;
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

static bool through_project(Analyser *an, Rel *r, Reach how)
{
    if (r->of_groups || !reach(an, r->input[0], how)) return false;
    const Attrs *in = &r->input[0]->out;
    VEC(Expr *) all = {r->expr, r->nexprs, r->nexprs};
    for (int64_t i = 0; i < in->n; i++) {
        if (!is_new(r, &in->v[i])) continue;
        vec_push(an->a, &all, attr_expr(an->a, &in->v[i], r->at));
        vec_push(an->a, &r->out, in->v[i]);
    }
    r->expr = all.v;
    r->nexprs = (int32_t)all.n;
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

// Columns [at, ..) of r are those of `in`.
static bool has_columns(const Rel *r, int64_t at, const Attrs *in)
{
    for (int64_t i = 0; i < in->n; i++)
        if (at + i >= r->out.n || r->out.v[at + i].id != in->v[i].id) return false;
    return true;
}

// A node whose columns are those of its inputs, and then what it makes.
static bool through(Analyser *an, Rel *r, Reach how)
{
    bool found = false;
    int64_t at = 0;
    bool join = r->kind == REL_JOIN;
    bool left_only = join && (r->join == JOIN_LEFT_SEMI || r->join == JOIN_LEFT_ANTI);
    for (int32_t k = 0; k < (left_only ? 1 : 2) && r->input[k]; k++) {
        const Attrs *in = &r->input[k]->out;
        if (has_columns(r, at, in)) found |= reach(an, r->input[k], how);
        for (int64_t i = 0; i < in->n; i++) {
            Attr attr = in->v[i];
            bool nulls = r->join == JOIN_FULL || r->join == (k ? JOIN_LEFT : JOIN_RIGHT);
            attr.field.nullable |= join && nulls;
            if (is_new(r, &attr)) insert(an, &r->out, at + i, attr);
        }
        at += in->n;
    }
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
    return files_of(r) || (r->kind == REL_READ && r->read->kind == READ_TABLE);
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

// What is above a node knows its columns already: they stay as they were.
Status use_input_files(Analyser *an, Rel **rel)
{
    Rel *r = *rel;
    InputFiles f = {an, r};
    Attrs were = attrs_copy(an->a, &r->out);
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) TRY(use_input_files(an, &r->input[i]));
    bool here = r->kind != REL_AGGREGATE || any(r->group, r->ngroup, is_input_file);
    if (here) TRY(use_all(&f, r->expr, r->nexprs));
    for (int32_t i = 0; i < r->nprojections; i++)
        TRY(use_all(&f, r->projection[i], (int32_t)were.n));
    TRY(use_all(&f, r->group, r->ngroup));
    if (r->out.n > were.n) *rel = project_attrs(an, r, &were);
    return DONE;
}
