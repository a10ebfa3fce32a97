// query_fuzz.c -- whatever the query, it is answered or refused. The input chooses among the rules
// of a grammar, so that what it says is mostly SQL: it is analysed, planned and run over a few
// rows. QUERY_FUZZ_PRINT=1 shows the query that a file of bytes stands for.
#include "expr/fn.h"
#include "os/proc.h"
#include "run/statement.h"
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { DEPTH_MAX = 6, SQL_MAX = 2000 };
typedef struct Choice { // what is left of the input; zeros after its end
    Arena *a;
    const uint8_t *p, *end;
    const FnEntry *fn;
    int64_t nfn;
    Buf sql;
} Choice;

// %x in a rule is one of the rules of x; a kind's first rule has none, so that all ends.
static const char *const query_rules[] = {
    "SELECT 1",
    "SELECT %e AS p, %e FROM %s",
    "SELECT %e, %e FROM %s WHERE %p",
    "SELECT %e, %A FROM %s %g",
    "SELECT %A, %A FROM %s",
    "SELECT DISTINCT %e FROM %s ORDER BY %e %d",
    "SELECT *, %e OVER %w AS win FROM %s QUALIFY %p",
    "SELECT %e FROM %s ORDER BY %e %d LIMIT %i",
    "SELECT %A AS agg FROM %s %g HAVING %p ORDER BY %A",
    "(%q) %S (%q)",
    "WITH x AS (%q), y(a) AS (SELECT %e FROM x) SELECT %e FROM y",
    "SELECT * FROM %s LATERAL VIEW %v(%e) lv AS l1",
    "SELECT %v(%e) FROM %s",
    "SELECT * FROM %s PIVOT (%A FOR i IN (1, 2 AS two, %l))",
    "SELECT * FROM (SELECT i, j FROM t) UNPIVOT (val FOR name IN (i, j))",
    "VALUES (%l, %l), (%l, %l)",
    "SELECT %e, grouping_id(), %A FROM %s GROUP BY %G(i, s)",
    "SELECT * FROM %s TABLESAMPLE (%i ROWS)",
    "SELECT transform(ar, x -> %e), %h FROM t",
    "FROM %s |> WHERE %p |> SELECT %e AS z |> AGGREGATE %A GROUP BY z",
    "SELECT %n AS z1, %e AS z2 FROM %s ORDER BY z1 + %n, z2 %d",
    "SELECT %n AS z1, z1 + %n AS z2 FROM %s %g ORDER BY z2 + %A",
    "SELECT %n AS z1, z1 + %A AS z2, %A FROM %s %g HAVING z1 > %n ORDER BY z1 + %A",
    "SELECT %e OVER %w AS w1, %n AS z1 FROM %s %g ORDER BY w1, z1 - %n",
    "SELECT %v(%e) AS z1, %n AS z2 FROM %s ORDER BY z1, z2 + %n",
    "SELECT %n AS z1 FROM %s WHERE %p SORT BY z1 + %n LIMIT %i",
    "FROM %s |> SELECT %n AS z1 |> EXTEND z1 + %n AS z2 |> WHERE %p |> ORDER BY z2 + z1",
    "SELECT %e FROM t JOIN t t2 USING (i) JOIN t t3 USING (s, i) ORDER BY %e",
    "SELECT *, input_file_name() FROM %s ORDER BY input_file_name() || %z",
};
static const char *const source_rules[] = {
    "t",
    "t",
    "t AS u(i, j, d, s, b, dt, ts, ar, m, st)",
    "(%q) AS q",
    "range(%i) AS r(i)",
    "t %j JOIN t AS u ON %p",
    "t %j JOIN (SELECT i AS k, s AS z FROM t) ON %p",
    "t NATURAL JOIN t AS u",
    "t JOIN t AS u USING (i)",
    "t, LATERAL (SELECT %e AS lat)",
    "VALUES (%l), (%l) AS v(i)",
};
static const char *const expr_rules[] = {
    "i",
    "%n",
    "%n",
    "%z",
    "%z",
    "%p",
    "%k",
    "%M",
    "%D",
    "%T",
    "%B",
    "%F",
    "%F",
    "%F",
    "%F",
    "%F",
    "%c",
    "%l",
    "CASE WHEN %p THEN %e ELSE %e END",
    "CASE %e WHEN %e THEN %e END",
    "CAST(%e AS %t)",
    "TRY_CAST(%e AS %t)",
    "(SELECT %e)",
    "(SELECT %A FROM %s)",
    "%A OVER %w",
    "%F OVER %w",
    "struct(%e, %e AS n)",
    "named_struct('x', %e)",
    "%e::%t",
    "if(%p, %e, %e)",
    "coalesce(%e, %e)",
    "(%e, %e)",
    "extract(%u FROM %T)",
    "window(ts, '1 hour')",
    "%v(%e)",
    "%k[%n]",
    "%M[%z]",
    "st.x",
    "%h",
    "lag(%e, %i) OVER %w",
    "nth_value(%e, 1) OVER %w",
    "ntile(%i) OVER %w",
};
static const char *const number_exprs[] = {
    "i",
    "j",
    "d",
    "%N",
    "%N",
    "(%n %o %n)",
    "(%n %o %n)",
    "(-%n)",
    "length(%z)",
    "size(%k)",
    "TRY_CAST(%F AS INT)",
    "TRY_CAST(%F AS DOUBLE)",
    "TRY_CAST(%e AS DECIMAL(38, 18))",
    "st.x",
    "coalesce(%n, %n)",
    "CAST(%n AS %t)",
    "datediff(%D, %D)",
};
static const char *const string_exprs[] = {
    "s",
    "%Z",
    "%Z",
    "concat(%z, %z)",
    "CAST(%e AS STRING)",
    "CAST(%F AS STRING)",
    "upper(%z)",
    "repeat(%z, %i)",
    "st.y",
    "substring(%z, %n, %i)",
    "to_json(struct(%e))",
};
static const char *const boolean_exprs[] = {
    "b",
    "(%n < %n)",
    "(%z = %z)",
    "(%e <=> %e)",
    "(%p AND %p)",
    "(%p OR %p)",
    "(NOT %p)",
    "(%e IS NULL)",
    "(%n IN (%n, %n, NULL))",
    "(%n BETWEEN %n AND %n)",
    "(%z LIKE %Z)",
    "EXISTS (%q)",
    "(%n IN (SELECT %n FROM %s))",
    "(%n NOT IN (SELECT %n FROM t))",
    "(%D > %T)",
    "true",
    "(%e IS DISTINCT FROM %e)",
    "exists(%k, x -> %p)",
    "TRY_CAST(%e AS BOOLEAN)",
};
static const char *const array_exprs[] = {
    "ar",
    "array(%n, %n)",
    "array(%z, %z)",
    "split(%z, %Z)",
    "array()",
    "transform(%k, x -> %e)",
    "filter(%k, (x, y) -> %p)",
    "array(%k)",
    "sequence(1, %i)",
    "array(%e)",
    "map_keys(%M)",
    "array_repeat(%e, %i)",
    "CAST(NULL AS ARRAY<INT>)",
};
static const char *const map_exprs[] = {
    "m",
    "map(%z, %n)",
    "map(1, %e)",
    "map()",
    "map_filter(m, (x, y) -> %p)",
    "from_json(%z, 'a INT, b STRING')",
    "map_from_arrays(%k, %k)",
    "transform_values(%M, (x, y) -> %e)",
};
static const char *const date_exprs[] = {
    "dt",
    "DATE'2024-02-29'",
    "date_add(%D, %n)",
    "CAST(%T AS DATE)",
    "TRY_CAST(%z AS DATE)",
    "DATE'0001-01-01'",
    "DATE'9999-12-31'",
    "(%D + %I)",
};
static const char *const time_exprs[] = {
    "ts",
    "TIMESTAMP'2024-03-31 02:30:00'",
    "TIMESTAMP_NTZ'0001-01-01 00:00:00'",
    "CAST(%D AS TIMESTAMP)",
    "(%T + %I)",
    "TRY_CAST(%z AS TIMESTAMP)",
    "timestamp_seconds(%n)",
    "date_trunc('week', %T)",
};
static const char *const interval_exprs[] = {
    "INTERVAL '1-2' YEAR TO MONTH",
    "INTERVAL '3 4:05:06' DAY TO SECOND",
    "INTERVAL 1 MONTH 2 DAYS",
    "make_interval(%n, %n)",
    "(%T - %T)",
    "(%I * %n)",
};
static const char *const binary_exprs[] = {"X'00FF'", "CAST(%z AS BINARY)", "encode(%z, 'UTF-8')"};
static const char *const number_literals[] = {
    "1",
    "0",
    "-1",
    "2",
    "NULL",
    "7",
    "2147483647",
    "9223372036854775807",
    "-9223372036854775808L",
    "1.5",
    "1Y",
    "300S",
    "12345678901234567890.123456789012345678",
    "1e300D",
    "-0.0D",
    "double('NaN')",
    "double('Infinity')",
    "0.1F",
};
static const char *const string_literals[] = {
    "'a'",
    "''",
    "'1'",
    "'2024-01-31'",
    "'2024-02-29 12:30:00.123'",
    "'a,b;c'",
    "'{\"a\": [1, 2]}'",
    "'%'",
    "'(a)(b)?'",
    "'yyyy-MM-dd'",
    "'\xC3\xA4\xF0\x9F\x98\x80'",
    "'a INT, b STRING'",
    "'UTC'",
    "'$.a[0]'",
    "'9,999.99'",
    "'http://h/p?q=1#f'",
    "NULL",
};
static const char *const aggregate_rules[] = {
    "count(*)",
    "sum(%n)",
    "%F",
    "%F",
    "min(%e)",
    "max(%e)",
    "sum(DISTINCT %n)",
    "%F FILTER (WHERE %p)",
    "avg(%n)",
    "count(DISTINCT %e, %e)",
    "listagg(%z, %Z) WITHIN GROUP (ORDER BY %z)",
    "first(%e) IGNORE NULLS",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY %n %d)",
    "max_by(%e, %e)",
    "collect_list(%e)",
    "collect_set(%e)",
};
static const char *const lambda_rules[] = {
    "size(ar)",
    "transform(%k, x -> %e)",
    "filter(%k, (x, y) -> %p)",
    "aggregate(%k, %e, (x, y) -> %e)",
    "exists(%k, x -> %p)",
    "zip_with(%k, %k, (x, y) -> %e)",
    "transform_values(%M, (x, y) -> %e)",
    "map_zip_with(%M, %M, (x, y, z) -> %e)",
    "array_sort(%k, (x, y) -> %n)",
    "%f(%k, x -> %e)",
    "%f(%e, (x, y, z) -> %e)",
    "map_filter(m, (x, y) -> %p)",
    "forall(%k, x -> %p)",
};
static const char *const column_rules[] = {"i", "j",  "d",    "s", "b", "dt",  "ts",   "ar",
                                           "m", "st", "st.x", "x", "y", "u.i", "nope", "*"};
static const char *const literal_rules[] = {
    "1",           "%N",
    "%Z",          "true",
    "X'00FF'",     "TIME'23:59:59'",
    "%I",          "array(1, NULL, 3)",
    "map('k', 1)", "array(array(1))",
};
static const char *const type_rules[] = {
    "INT",
    "BIGINT",
    "TINYINT",
    "STRING",
    "DOUBLE",
    "FLOAT",
    "DECIMAL(10, 2)",
    "DECIMAL(38, 18)",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP_NTZ",
    "BINARY",
    "ARRAY<INT>",
    "MAP<STRING, INT>",
    "STRUCT<x: INT, y: STRING>",
    "TIME",
    "INTERVAL DAY TO SECOND",
    "INTERVAL YEAR TO MONTH",
    "CHAR(3)",
    "VOID",
    "ARRAY<STRUCT<x: STRING>>",
};
static const char *const operator_rules[] = {"+", "-", "*", "/",  "%",  "DIV",
                                             "&", "|", "^", "<<", ">>>"};
static const char *const window_rules[] = {
    "()",
    "(ORDER BY i)",
    "(PARTITION BY %e ORDER BY %e %d)",
    "(PARTITION BY %e)",
    "(ORDER BY i ROWS BETWEEN %i PRECEDING AND %i FOLLOWING)",
    "(ORDER BY %e RANGE BETWEEN %e PRECEDING AND CURRENT ROW)",
    "(ORDER BY d DESC ROWS UNBOUNDED PRECEDING)",
};
static const char *const group_rules[] = {"GROUP BY i",
                                          "GROUP BY ALL",
                                          "GROUP BY %e",
                                          "GROUP BY 1",
                                          "GROUP BY i, s WITH ROLLUP",
                                          "GROUP BY CUBE(i, %e)",
                                          "GROUP BY GROUPING SETS ((i), (s, i), ())",
                                          ""};
static const char *const generator_rules[] = {
    "explode", "posexplode", "inline", "explode_outer", "stack", "json_tuple", "inline_outer"};
static const char *const join_rules[] = {"",          "LEFT",      "RIGHT", "FULL",
                                         "LEFT SEMI", "LEFT ANTI", "CROSS"};
static const char *const set_rules[] = {"UNION ALL", "UNION",      "INTERSECT",
                                        "EXCEPT",    "EXCEPT ALL", "INTERSECT ALL"};
static const char *const direction_rules[] = {"", "DESC", "ASC NULLS LAST", "DESC NULLS FIRST"};
static const char *const number_rules[] = {"1", "0", "2", "3", "5", "100"};
static const char *const unit_rules[] = {"YEAR", "DAY", "HOUR", "WEEK", "DOW", "SECOND"};
static const char *const grouping_rules[] = {"ROLLUP", "CUBE"};

typedef struct Kind {
    char name;
    const char *const *rule;
    int64_t n;
} Kind;
#define KIND(name, rules)                                                                          \
    {                                                                                              \
        name, rules, COUNT(rules)                                                                  \
    }
static const Kind kinds[] = {
    KIND('q', query_rules),     KIND('s', source_rules),    KIND('e', expr_rules),
    KIND('A', aggregate_rules), KIND('h', lambda_rules),    KIND('c', column_rules),
    KIND('l', literal_rules),   KIND('t', type_rules),      KIND('o', operator_rules),
    KIND('w', window_rules),    KIND('g', group_rules),     KIND('n', number_exprs),
    KIND('z', string_exprs),    KIND('p', boolean_exprs),   KIND('k', array_exprs),
    KIND('M', map_exprs),       KIND('D', date_exprs),      KIND('T', time_exprs),
    KIND('I', interval_exprs),  KIND('B', binary_exprs),    KIND('N', number_literals),
    KIND('Z', string_literals), KIND('v', generator_rules), KIND('j', join_rules),
    KIND('S', set_rules),       KIND('d', direction_rules), KIND('i', number_rules),
    KIND('u', unit_rules),      KIND('G', grouping_rules),
};

static uint8_t choose(Choice *c) { return c->p < c->end ? *c->p++ : 0; }

static void write_rule(Choice *c, char name, int32_t depth);

// An argument as a word of the function's signature wants it: "string?", "lit:int", "array<T>".
static void write_argument(Choice *c, Str word, int32_t depth)
{
    static const struct {
        const char *start;
        char kind;
    } row[] = {{"string", 'z'},  {"text", 'z'},   {"int", 'n'},       {"bigint", 'n'},
               {"numeric", 'n'}, {"double", 'n'}, {"length", 'n'},    {"array", 'k'},
               {"map", 'M'},     {"date", 'D'},   {"timestamp", 'T'}, {"binary", 'B'},
               {"boolean", 'p'}};
    bool lit = str_starts(word, S("lit:"));
    if (lit) word = str_from(word, 4);
    char kind = lit ? 'l' : 'e';
    for (int64_t i = 0; i < COUNT(row); i++)
        if (str_starts(word, str_z(row[i].start)))
            kind = lit && row[i].kind == 'z' ? 'Z' : lit && row[i].kind == 'n' ? 'N' : row[i].kind;
    if (str_starts(word, S("lambda"))) {
        static const char *const heads[] = {"x -> ", "(x, y) -> ", "(x, y, z) -> "};
        buf_put(&c->sql, str_z(heads[choose(c) % COUNT(heads)]));
    }
    if (choose(c) % 16 == 15) kind = 'e';
    write_rule(c, kind, depth);
}
// A call of any function there is, by two bytes, with arguments after its signature.
static void write_call(Choice *c, int32_t depth)
{
    int64_t k = choose(c) << 8;
    const FnEntry *fn = &c->fn[(k | choose(c)) % c->nfn];
    buf_put(&c->sql, fn->name);
    buf_char(&c->sql, '(');
    int32_t n = 0;
    for (Cut cut = {.tail = str_z(fn->signature)}; cut.tail.n && depth < DEPTH_MAX;) {
        cut = str_cut(cut.tail, ' ');
        if (str_eq(cut.head, S("->"))) break;
        char last = cut.head.n ? cut.head.p[cut.head.n - 1] : 0;
        int32_t times = last == '?' ? choose(c) & 1 : last == '*' ? choose(c) & 3 : 1;
        for (int32_t i = 0; i < times; i++) {
            if (n++) buf_put(&c->sql, S(", "));
            write_argument(c, cut.head, depth + 1);
        }
    }
    buf_char(&c->sql, ')');
}

static void write_rule(Choice *c, char name, int32_t depth)
{
    if (name == 'F') {
        write_call(c, depth);
        return;
    }
    if (name == 'f') {
        buf_put(&c->sql, c->fn[choose(c) * 3 % c->nfn].name);
        return;
    }
    const Kind *k = kinds;
    while (k->name != name) k++;
    bool over = depth >= DEPTH_MAX || c->sql.n > SQL_MAX;
    for (const char *p = k->rule[over ? 0 : choose(c) % k->n]; *p; p++) {
        if (*p == '%' && p[1] >= 'A')
            write_rule(c, *++p, depth + 1);
        else
            buf_char(&c->sql, *p);
    }
}

static Status count_rows(Out *out, const Batch *b)
{
    (void)out;
    for (int32_t i = 0; i < b->cols; i++) must(b->col[i].type != NULL);
    return DONE;
}
static Status take_schema(Answer *answer, const Schema *s)
{
    (void)answer;
    must(s != NULL);
    return DONE;
}

static const char rows[] = "CREATE OR REPLACE TEMP VIEW t AS SELECT * FROM VALUES "
                           "(1, 10L, 1.5D, 'a', true, DATE'2024-02-29', TIMESTAMP'2024-02-29 "
                           "12:00:00', array(1, 2), map('k', 1), "
                           "named_struct('x', 1, 'y', 'z')), (2, -1L, double('NaN'), '', false, "
                           "DATE'1582-10-04', TIMESTAMP'2024-03-31 01:30:00', "
                           "array(), map(), named_struct('x', NULL, 'y', 'z')), (NULL, NULL, NULL, "
                           "NULL, NULL, NULL, NULL, NULL, NULL, NULL) "
                           "AS t(i, j, d, s, b, dt, ts, ar, m, st)";

static Status run(Arena *a, Session *s, Str sql)
{
    Statements parsed = {0};
    QueryEnv env = {.data_dir = S("/nowhere")};
    StatementArgs args = {.session = s, .env = &env};
    TRY(parse_statements(&parsed, a, sql));
    for (int64_t i = 0; i < parsed.n; i++) {
        Answer answer = {.schema = take_schema, .rows = {count_rows}};
        TRY(statement_run(&args, parsed.v[i], &answer));
    }
    return DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > 4096) return 0;
    Arena *a = arena_new(NULL);
    Session *s = session_new(a, NULL);
    Choice c = {.a = a, .p = data, .end = data + n, .sql = buf_new(a)};
    c.nfn = fn_list(a, &c.fn);
    must(run(a, s, str_z(rows)).code == OK);
    bool ansi = choose(&c) & 1;
    must(run(a, s,
             ansi ? S("SET spark.sql.ansi.enabled=true") : S("SET spark.sql.ansi.enabled=false"))
             .code == OK);
    write_rule(&c, 'q', 0);
    if (env_get(a, "QUERY_FUZZ_PRINT").n) fprintf(stderr, STR_FMT "\n", STR_ARG(buf_str(&c.sql)));
    Status st = run(a, s, buf_str(&c.sql));
    must(!st.code || failure()->text.n > 0);
    arena_free(a);
    return 0;
}
