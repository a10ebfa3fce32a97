// table_part.c -- a lane's rows, apart by partition and encoded. Rows that follow each other mostly
// fall into the same partition, so a row is first held against the one before.
#include "lake/append_in.h"

enum { GROUP_ROWS_MAX = 1 << 20 };

TablePart *table_part_new(Arena *a, const TableShape *s)
{
    TablePart *p = NEW(a, TablePart, 1);
    *p = (TablePart){.arena = a, .scratch = arena_new(a), .shape = s, .by_key = map_new(a)};
    return p;
}

// A column of the rows as the table has it: small integers widened, missing ones NULL.
static Column table_column(const TablePart *p, const Batch *b, int32_t c)
{
    const Type *t = p->shape->schema->type->field[c].type;
    int32_t from = p->shape->from[c];
    if (from < 0) return column_null_of(p->scratch, t, b->rows);
    const Column *in = &b->col[from];
    if (t->id != T_INT || in->type->id == T_INT) return *in;
    Column out = column_new(p->scratch, t, b->rows);
    out.valid = in->valid;
    for (int32_t i = 0; i < b->rows; i++) COLUMN_DATA(&out, int32_t)
    [i] = in->type->id == T_TINYINT ? (int32_t)COLUMN_DATA(in, int8_t)[i]
                                    : (int32_t)COLUMN_DATA(in, int16_t)[i];
    return out;
}

static Str key_of_row(const TablePart *p, const Column *value, int32_t row)
{
    Buf b = buf_new(p->scratch);
    for (int32_t i = 0; i < p->shape->spec->nfields; i++) {
        bool null = column_null(&value[i], row);
        buf_u8(&b, !null);
        if (null) continue;
        int64_t at = b.n;
        buf_u32le(&b, 0);
        Datum v = column_datum(p->scratch, &value[i], row);
        datum_to_bytes(&b, value[i].type, &v);
        uint32_t n = (uint32_t)(b.n - at - 4);
        memcpy(b.p + at, &n, 4);
    }
    return buf_str(&b);
}

static int64_t group_of_key(TablePart *p, Str key)
{
    const int64_t *known = map_get(&p->by_key, key);
    if (known) return *known;
    PartGroup g = {.key = str_copy(p->arena, key)};
    g.value = NEW(p->arena, Str, p->shape->spec->nfields + 1);
    const char *at = g.key.p;
    for (int32_t i = 0; i < p->shape->spec->nfields; i++) {
        if (!*at++) continue;
        uint32_t n;
        memcpy(&n, at, 4);
        g.value[i] = str_of(at + 4, n);
        at += 4 + n;
    }
    int64_t *at_index = NEW(p->arena, int64_t, 1);
    *at_index = p->groups.n;
    map_set(&p->by_key, g.key, at_index);
    vec_push(p->arena, &p->groups, g);
    return *at_index;
}

static bool same_values(const TablePart *p, const Column *value, int32_t x, int32_t y)
{
    for (int32_t i = 0; i < p->shape->spec->nfields; i++)
        if (!value_eq(&value[i], x, &value[i], y)) return false;
    return true;
}

static Status group_add(TablePart *p, PartGroup *g, const Batch *b)
{
    if (!g->open) g->open = row_group_new(p->arena, p->shape->parquet, &p->shape->options);
    TRY(row_group_add(g->open, b));
    if (row_group_rows(g->open) < GROUP_ROWS_MAX &&
        row_group_bytes(g->open) < p->shape->group_bytes)
        return DONE;
    row_group_seal(g->open);
    vec_push(p->arena, &g->sealed, (SealedGroup){g->open});
    g->open = NULL;
    return DONE;
}

// The group of each row; *one tells that all are the first's.
static int64_t *groups_of_rows(TablePart *p, const Batch *b, const Column *value, bool *one)
{
    int64_t *group = NEW_RAW(p->scratch, int64_t, b->rows);
    *one = true;
    for (int32_t i = 0; i < b->rows; i++) {
        bool same = i > 0 && same_values(p, value, i - 1, i);
        group[i] = same ? group[i - 1] : group_of_key(p, key_of_row(p, value, i));
        *one = *one && group[i] == group[0];
    }
    return group;
}

static Status add_apart(TablePart *p, const Batch *b, const int64_t *group)
{
    int32_t *row = NEW_RAW(p->scratch, int32_t, b->rows);
    int32_t *end = NEW(p->scratch, int32_t, p->groups.n + 1); // of a group's rows in `row`
    for (int32_t i = 0; i < b->rows; i++) end[group[i] + 1]++;
    for (int64_t g = 0; g < p->groups.n; g++) end[g + 1] += end[g];
    for (int32_t i = 0; i < b->rows; i++) row[end[group[i]]++] = i; // now ends, starts before
    for (int64_t g = 0; g < p->groups.n; g++) {
        int32_t from = g ? end[g - 1] : 0;
        if (end[g] == from) continue;
        Batch some = batch_gather(p->scratch, b, row + from, end[g] - from);
        TRY(group_add(p, &p->groups.v[g], &some));
    }
    return DONE;
}

Status table_part_add(TablePart *p, const Batch *in)
{
    const IceSpec *spec = p->shape->spec;
    arena_clear(p->scratch);
    Batch b = {in->rows, p->shape->nfrom, NEW(p->scratch, Column, p->shape->nfrom + 1)};
    for (int32_t c = 0; c < b.cols; c++) b.col[c] = table_column(p, in, c);
    Column *value = NEW(p->scratch, Column, spec->nfields + 1);
    for (int32_t i = 0; i < spec->nfields; i++) {
        const IceSpecField *f = &spec->field[i];
        int32_t c = p->shape->source[i];
        value[i] = c < 0 ? column_null_of(p->scratch, f->result, b.rows)
                         : transform_column(p->scratch, &b.col[c], f->transform, f->arg);
    }
    bool one;
    int64_t *group = groups_of_rows(p, &b, value, &one);
    return one ? group_add(p, &p->groups.v[group[0]], &b) : add_apart(p, &b, group);
}

void table_part_seal(TablePart *p)
{
    for (int64_t i = 0; i < p->groups.n; i++) {
        PartGroup *g = &p->groups.v[i];
        if (!g->open) continue;
        row_group_seal(g->open);
        vec_push(p->arena, &g->sealed, (SealedGroup){g->open});
        g->open = NULL;
    }
}
