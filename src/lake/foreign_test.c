// foreign_test.c -- tables that PyIceberg and Spark wrote (test/peers/iceberg_tables.py makes
// them): every row must read as Spark reads it. They name their files by absolute paths, so they
// are put on a simulated disk where they were made.
#include "base/test.h"
#include "lake/history.h"
#include "os/file.h"
#include "os/sim.h"
#include <stdlib.h>

#define HOME S("/tmp/kappa-tables")
static const Str kept = STR_INIT("test/data/iceberg");

typedef struct FoundFile {
    Str path, bytes; // path below HOME
} FoundFile;
typedef VEC(FoundFile) FoundFiles;

static void collect(FoundFiles *all, Arena *a, Str below)
{
    Entries list = {0};
    CHECK_OK(dir_list(&list, a, path_join(a, kept, below)));
    for (int64_t i = 0; i < list.n; i++) {
        Str name = below.n ? path_join(a, below, list.v[i].name) : list.v[i].name;
        FoundFile f = {.path = name};
        if (list.v[i].kind == ENTRY_DIR) {
            collect(all, a, name);
            continue;
        }
        CHECK_OK(file_load(&f.bytes, a, path_join(a, kept, name), 16 << 20));
        vec_push(a, all, f);
    }
}

// Onto the simulated disk; the newest metadata file of a table also under the name by which a
// folder catalog finds it.
static void put_files(const FoundFiles *all, Arena *a)
{
    for (int64_t i = 0; i < all->n; i++) {
        const FoundFile *f = &all->v[i];
        Str path = path_join(a, HOME, f->path), dir = path_dir(path);
        CHECK_OK(dir_make(dir));
        CHECK_OK(file_replace(path, f->bytes));
        bool last = i + 1 == all->n || !str_ends(all->v[i + 1].path, S(".metadata.json"));
        if (str_ends(path, S(".metadata.json")) && last) // numbered from 00000 up
            CHECK_OK(file_replace(path_join(a, dir, S("v1.metadata.json")), f->bytes));
    }
}

typedef VEC(Str) Texts;

static void put_row(Buf *to, const Batch *b, int32_t row)
{
    static const char hex[] = "0123456789ABCDEF";
    TextForm form = {.null_text = S("null")};
    for (int32_t c = 0; c < b->cols; c++) {
        const Column *col = &b->col[c];
        if (c) buf_char(to, '|');
        if (column_null(col, row) || col->type->id != T_BINARY) {
            if (column_null(col, row))
                buf_put(to, S("NULL"));
            else
                value_text(to, col, row, &form);
            continue;
        }
        Str s = COLUMN_DATA(col, Str)[row];
        for (int64_t i = 0; i < s.n; i++) {
            buf_char(to, hex[(uint8_t)s.p[i] >> 4]);
            buf_char(to, hex[s.p[i] & 15]);
        }
    }
}

static Status read_rows(Texts *rows, Arena *a, const LakeTable *t, const Prune *p)
{
    TableScan *s = NULL;
    int64_t n;
    TRY(table_scan_new(&s, a, t, p, p ? 1 : 0));
    table_scan_files(s, &n);
    for (int64_t i = 0; i < n; i++) {
        FileScan *f = NULL;
        Batch b;
        TRY(file_scan_new(&f, a, s, (FileSpan){i, 0, INT64_MAX}, NULL));
        do {
            TRY(file_scan_next(f, &b));
            for (int32_t k = 0; k < b.rows; k++) {
                Buf line = buf_new(a);
                put_row(&line, &b, k);
                vec_push(a, rows, buf_str(&line));
            }
        } while (b.rows);
    }
    return DONE;
}

static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

static void sort_texts(Texts *t)
{
    if (t->n) qsort(t->v, (size_t)t->n, sizeof *t->v, by_bytes);
}

static void check_table(Arena *a, Catalogs *c, Str table, Str expected)
{
    Texts want = {0}, got = {0};
    Str demo = S("demo");
    LakeTable *t = NULL;
    TableName name = {S("dir"), &demo, 1, table};
    for (Cut l = str_cut(str_cut(expected, '\n').tail, '\n'); l.head.n; l = str_cut(l.tail, '\n'))
        vec_push(a, &want, l.head);
    CHECK_OK(table_load(&t, a, c, &name));
    CHECK_OK(read_rows(&got, a, t, NULL));
    sort_texts(&want);
    sort_texts(&got);
    CHECK_I64(got.n, want.n);
    for (int64_t i = 0; i < MIN(got.n, want.n); i++) CHECK_STR(got.v[i], want.v[i]);
    int32_t id = type_field(lake_table_schema(t), S("id"));
    for (int64_t at = 0; at < 20; at += 7) { // what pruning leaves holds every row that passes
        Datum v = {.i = at};
        Prune p = {id, PRUNE_EQ, &v, 1};
        Texts few = {0};
        CHECK_OK(read_rows(&few, a, t, &p));
        Str row = id ? str_fmt(a, "|%lld|", (long long)at) : str_fmt(a, "%lld|", (long long)at);
        int64_t in_all = 0, in_few = 0;
        for (int64_t i = 0; i < got.n; i++)
            in_all += id ? str_find(got.v[i], row) >= 0 : str_starts(got.v[i], row);
        for (int64_t i = 0; i < few.n; i++)
            in_few += id ? str_find(few.v[i], row) >= 0 : str_starts(few.v[i], row);
        CHECK_I64(in_few, in_all);
    }
}

TEST(lake_foreign_tables)
{
    FoundFiles all = {0};
    collect(&all, a, S(""));
    Sim *sim = sim_new(a, 3, NULL);
    sim_enter(sim);
    Arena *own = arena_new(a);
    Catalogs *c = NULL;
    int64_t tables = 0;
    put_files(&all, own);
    CHECK_OK(catalogs_open(&c, own, HOME));
    catalogs_configure(c, S("spark.sql.catalog.dir.type"), S("hadoop"));
    catalogs_configure(c, S("spark.sql.catalog.dir.warehouse"), HOME);
    for (int64_t i = 0; i < all.n; i++) {
        if (!str_ends(all.v[i].path, S("/rows.txt"))) continue;
        check_table(own, c, path_base(path_dir(all.v[i].path)), all.v[i].bytes);
        tables++;
    }
    CHECK_I64(tables, 8);
    arena_free(own);
    sim_leave();
}
