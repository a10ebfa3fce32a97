// text_table_test.c -- tables as Spark 4.1 printed them.
#include "base/test.h"
#include "fmt/text_table.h"

static Str print(Arena *a, const Schema *s, const Batch *b, TextTableOptions o)
{
    TextTable *t = text_table_new(a, s, &o);
    for (int32_t i = 0; i < b->rows; i++) { // row by row: the batches do not matter
        Batch one = batch_slice(a, b, i, 1);
        text_table_add(t, &one);
    }
    Buf out = buf_new(a);
    text_table_print(t, &out);
    return buf_str(&out);
}

// id INT, text STRING, arr ARRAY<INT>, bin BINARY
static Batch rows_of(Arena *a, const Schema **schema)
{
    static const Str text[] = {
        STR_INIT("short"),          STR_INIT("a string that is longer than twenty"),
        STR_INIT("tab\there\nnew"), STR_INIT("日本語テキスト日本語テキスト日本語テキスト"),
        STR_INIT("😀😀😀😀😀😀😀😀😀😀😀"),
    };
    CHECK_OK(schema_parse(schema, a, S("id INT, text STRING, arr ARRAY<INT>, bin BINARY")));
    Batch b = batch_new(a, *schema, COUNT(text));
    for (int32_t i = 0; i < COUNT(text); i++) {
        COLUMN_DATA(&b.col[0], int32_t)[i] = i + 1;
        COLUMN_DATA(&b.col[1], Str)[i] = text[i];
        COLUMN_DATA(&b.col[2], List)[i] = (List){0, 0};
        COLUMN_DATA(&b.col[3], Str)[i] = i ? (Str){0} : S("\x01\x02\xff");
    }
    column_own_valid(a, &b.col[0])[1] = 0;
    column_own_valid(a, &b.col[2])[1] = 0;
    column_own_valid(a, &b.col[3])[4] = 0;
    b.rows = (int32_t)COUNT(text);
    return b;
}

TEST(text_table_grid)
{
    const Schema *s;
    Batch b = rows_of(a, &s);
    CHECK_STR(print(a, s, &b, (TextTableOptions){.rows = 20, .truncate = 20}),
              S("+----+-------------------------------------+----+----------+\n"
                "|  id|                                 text| arr|       bin|\n"
                "+----+-------------------------------------+----+----------+\n"
                "|   1|                                short|  []|[01 02 FF]|\n"
                "|NULL|                 a string that is ...|NULL|        []|\n"
                "|   3|                       tab\\there\\nnew|  []|        []|\n"
                "|   4|日本語テキスト日本語テキスト日本語...|  []|        []|\n"
                "|   5|                 😀😀😀😀😀😀😀😀?...|  []|      NULL|\n"
                "+----+-------------------------------------+----+----------+\n"));
    CHECK_STR(print(a, s, &b, (TextTableOptions){.rows = 2, .truncate = 0}),
              S("+----+-----------------------------------+----+----------+\n"
                "|id  |text                               |arr |bin       |\n"
                "+----+-----------------------------------+----+----------+\n"
                "|1   |short                              |[]  |[01 02 FF]|\n"
                "|NULL|a string that is longer than twenty|NULL|[]        |\n"
                "+----+-----------------------------------+----+----------+\n"
                "only showing top 2 rows"));
    CHECK_STR(print(a, s, &b, (TextTableOptions){.rows = 5, .truncate = 3}),
              S("+---+------+---+---+\n"
                "| id|  text|arr|bin|\n"
                "+---+------+---+---+\n"
                "|  1|   sho| []|[01|\n"
                "|NUL|   a s|NUL| []|\n"
                "|  3|   tab| []| []|\n"
                "|  4|日本語| []| []|\n"
                "|  5|   😀?| []|NUL|\n"
                "+---+------+---+---+\n"));
}

TEST(text_table_vertical)
{
    const Schema *s;
    Batch b = rows_of(a, &s);
    CHECK_STR(print(a, s, &b, (TextTableOptions){.rows = 1, .truncate = 20, .vertical = true}),
              S("-RECORD 0----------\n"
                " id   | 1          \n"
                " text | short      \n"
                " arr  | []         \n"
                " bin  | [01 02 FF] \n"
                "only showing top 1 row"));
    b.rows = 0;
    CHECK_STR(print(a, s, &b, (TextTableOptions){.rows = 20, .truncate = 20, .vertical = true}),
              S("(0 rows)"));
}

TEST(text_table_edges)
{
    const Schema *s, *none;
    Batch b = rows_of(a, &s);
    CHECK_OK(schema_parse(&none, a, S("x INT")));
    none = type_struct(a, none->field, 0);
    Batch empty = {3, 0, NULL};
    CHECK_STR(print(a, none, &empty, (TextTableOptions){.rows = 2, .truncate = 20}),
              S("++\n||\n++\n||\n||\n++\nonly showing top 2 rows"));
    Batch ids = {b.rows, 1, b.col};
    const Schema *id = type_struct(a, s->field, 1);
    CHECK_STR(print(a, id, &ids, (TextTableOptions){.rows = -3, .truncate = 20}),
              S("+---+\n| id|\n+---+\n+---+\nonly showing top 0 rows"));
    ids.rows = 0;
    CHECK_STR(print(a, id, &ids, (TextTableOptions){.rows = 20, .truncate = 20}),
              S("+---+\n| id|\n+---+\n+---+\n"));
}
