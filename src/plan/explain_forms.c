// explain_forms.c -- EXPLAIN FORMATTED and COST: the trees of explain.c, line by line, with numbers
// and details, or with what is known of the tables' size.
#include "base/num.h"
#include "lake/catalog.h"
#include "plan/explain.h"

typedef struct Line { // of a tree
    Str branch, name, rest;
    int32_t depth, number;
    bool whole; // stands in a stage: *(n)
} Line;
typedef struct Lines {
    Line *v;
    int64_t n, cap;
} Lines;

static bool is_branch(Str s)
{
    return str_starts(s, S("+- ")) || str_starts(s, S(":- ")) || str_starts(s, S(":  ")) ||
           str_starts(s, S("   "));
}

// "*(2) BatchScan `p` [g#1]": the operator's name ends before its first bracket.
static Line line_of(Str text)
{
    Line l = {0};
    Str rest = text;
    for (; is_branch(rest); rest = str_from(rest, 3)) l.depth++;
    l.branch = str_sub(text, 0, text.n - rest.n);
    l.whole = str_starts(rest, S("*("));
    if (l.whole) rest = str_trim(str_cut(rest, ')').tail);
    int64_t end = 0;
    bool scan = str_find(str_sub(rest, 0, MIN(rest.n, 20)), S("Scan ")) >= 0;
    while (end < rest.n && rest.p[end] != '(' && rest.p[end] != '[' && rest.p[end] != ',' &&
           (scan || rest.p[end] != ' '))
        end++;
    l.name = str_trim(str_sub(rest, 0, end));
    l.rest = str_trim(str_from(rest, end));
    return l;
}

// Children first, as Spark counts.
static void number_lines(Arena *a, Lines *all)
{
    int64_t *open = NEW(a, int64_t, all->n + 1), n = 0;
    int32_t next = 0;
    for (int64_t i = 0; i <= all->n; i++) {
        int32_t depth = i < all->n ? all->v[i].depth : 0;
        while (n > 0 && all->v[open[n - 1]].depth >= depth) all->v[open[--n]].number = ++next;
        open[n++] = i;
    }
}

static void put_details(Buf *b, const Line *l)
{
    Str rest = l->rest;
    buf_fmt(b, "(%d) " STR_FMT "\n", l->number, STR_ARG(l->name));
    int64_t end = str_find_char(rest, ']');
    if (str_starts(rest, S("[")) && end > 0 && str_find(l->name, S("Scan")) >= 0) {
        Str columns = str_sub(rest, 0, end + 1);
        int32_t n = columns.n > 2;
        for (int64_t i = 0; i < columns.n; i++) n += columns.p[i] == ',';
        buf_fmt(b, "Output [%d]: " STR_FMT "\n", n, STR_ARG(columns));
        rest = str_from(rest, end + 1);
        if (str_starts(rest, S(", "))) rest = str_from(rest, 2);
        if (rest.n) buf_fmt(b, STR_FMT "\n", STR_ARG(rest));
    } else if (rest.n) {
        buf_fmt(b, "Arguments: " STR_FMT "\n", STR_ARG(rest));
    }
    buf_char(b, '\n');
}

void explain_formatted(Buf *b, Str physical)
{
    Lines all = {0};
    while (physical.n) {
        Cut c = str_cut(physical, '\n');
        if (c.head.n) vec_push(b->arena, &all, line_of(c.head));
        physical = c.tail;
    }
    number_lines(b->arena, &all);
    for (int64_t i = 0; i < all.n; i++)
        buf_fmt(b, STR_FMT "%s" STR_FMT " (%d)\n", STR_ARG(all.v[i].branch),
                all.v[i].whole ? "* " : "", STR_ARG(all.v[i].name), all.v[i].number);
    buf_put(b, S("\n\n"));
    for (int32_t number = 1; number <= all.n; number++)
        for (int64_t i = 0; i < all.n; i++)
            if (all.v[i].number == number) put_details(b, &all.v[i]);
}

// ---- COST --------------------------------------------------------------------------------------

typedef VEC(const ReadNode *) Reads;

static void find_reads(Arena *a, const Rel *r, Reads *to)
{
    if (r->kind == REL_READ) vec_push(a, to, r->read);
    for (int32_t i = 0; i < 2; i++)
        if (r->input[i]) find_reads(a, r->input[i], to);
}

static void put_size(Buf *b, const ReadNode *read)
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    Str bytes, rows;
    int64_t n;
    int32_t k = 0;
    bool lake = read->kind == READ_TABLE && read->table;
    if (!lake || !lake_table_totals(read->table, &bytes, &rows)) return;
    if (!num_parse_i64(bytes, &n)) return;
    double v = (double)n;
    for (; v >= 2048 && k < COUNT(unit) - 1; k++) v /= 1024;
    buf_fmt(b, ", Statistics(sizeInBytes=%.1f %s, rowCount=" STR_FMT ")", v, unit[k],
            STR_ARG(rows));
}

void explain_cost(Buf *b, const Rel *optimized)
{
    Reads read = {0};
    int64_t at = 0;
    Buf tree = buf_new(b->arena);
    find_reads(b->arena, optimized, &read);
    rel_print(&tree, optimized);
    for (Str rest = buf_str(&tree); rest.n;) {
        Cut c = str_cut(rest, '\n');
        Line l = line_of(c.head);
        buf_put(b, c.head);
        if (str_starts(l.name, S("Relation")) && at < read.n) put_size(b, read.v[at++]);
        buf_char(b, '\n');
        rest = c.tail;
    }
}
