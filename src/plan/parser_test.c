// parser_test.c -- text to tree and back to text, errors with their places. Trees are printed in
// one line, inputs in parentheses.
#include "base/test.h"
#include "plan/lexer_in.h"
#include "plan/print_in.h"
#include "plan/statement.h"

static Str tree_of(Arena *a, const Rel *r)
{
    Buf b = buf_new(a);
    rel_print_line(&b, r);
    return buf_str(&b);
}

static Str expr_of(Arena *a, Str text)
{
    Expr *e;
    if (parse_expr(&e, a, text).code) return str_copy(a, str_z(fail_text()));
    Buf b = buf_new(a);
    expr_print(&b, e);
    return buf_str(&b);
}

typedef struct Pair {
    Str text, want;
} Pair;

static const Pair parser_expressions_rows[] = {
    {STR_INIT("a + b * c - d"), STR_INIT("(('a + ('b * 'c)) - 'd)")},
    {STR_INIT("a - 1"), STR_INIT("('a - 1)")},
    {STR_INIT("-a * -2"), STR_INIT("(-('a) * -2)")},
    {STR_INIT("- 5"), STR_INIT("-5")},
    {STR_INIT("a DIV b % c"), STR_INIT("(('a div 'b) % 'c)")},
    {STR_INIT("a || b + c"), STR_INIT("(concat('a, 'b) + 'c)")},
    {STR_INIT("a | b ^ c & d << 1"), STR_INIT("('a | ('b ^ ('c & ('d << 1))))")},
    {STR_INIT("a = b OR c AND NOT d"), STR_INIT("(('a = 'b) or ('c and not('d)))")},
    {STR_INIT("a AND b AND c"), STR_INIT("(('a and 'b) and 'c)")},
    {STR_INIT("a AND b AND c AND d"), STR_INIT("(('a and 'b) and ('c and 'd))")},
    {STR_INIT("a <> b"), STR_INIT("not(('a = 'b))")},
    {STR_INIT("a <=> b"), STR_INIT("('a <=> 'b)")},
    {STR_INIT("a !> b"), STR_INIT("('a <= 'b)")},
    {STR_INIT("a BETWEEN 1 AND 2 AND b"), STR_INIT("(between('a, 1, 2) and 'b)")},
    {STR_INIT("a NOT IN (1, 2)"), STR_INIT("not(in('a, 1, 2))")},
    {STR_INIT("a NOT LIKE 'x!%' ESCAPE '!'"), STR_INIT("not(like('a, 'x!%', '!'))")},
    {STR_INIT("a LIKE ANY ('x', 'y')"), STR_INIT("(like('a, 'x') or like('a, 'y'))")},
    {STR_INIT("a REGEXP 'x'"), STR_INIT("rlike('a, 'x')")},
    {STR_INIT("a IS NOT NULL"), STR_INIT("isnotnull('a)")},
    {STR_INIT("a IS DISTINCT FROM b"), STR_INIT("not(('a <=> 'b))")},
    {STR_INIT("a IS NOT TRUE"), STR_INIT("not(('a <=> true))")},
    {STR_INIT("CASE a WHEN 1 THEN 'x' ELSE 'y' END"), STR_INIT("case(('a = 1), 'x', 'y')")},
    {STR_INIT("CASE WHEN a THEN 1 END"), STR_INIT("case('a, 1)")},
    {STR_INIT("a.b.c"), STR_INIT("'a.b.c")},
    {STR_INIT("f(a).b['c'][0]"), STR_INIT("f('a)['b']['c'][0]")},
    {STR_INIT("`x y`.`z``w`"), STR_INIT("'x y.z`w")},
    {STR_INIT("a::int::string"), STR_INIT("cast(cast('a as int) as string)")},
    {STR_INIT("CAST(a AS DECIMAL(10, 2))"), STR_INIT("cast('a as decimal(10,2))")},
    {STR_INIT("TRY_CAST(a AS ARRAY<MAP<STRING, ARRAY<INT>>>)"),
     STR_INIT("try_cast('a as array<map<string,array<int>>>)")},
    {STR_INIT("x -> x + 1"), STR_INIT("lambda(x -> ('x + 1))")},
    {STR_INIT("aggregate(a, 0, (s, x) -> s + x)"),
     STR_INIT("aggregate('a, 0, lambda(s, x -> ('s + 'x)))")},
    {STR_INIT("(a, b)"), STR_INIT("struct('a, 'b)")},
    {STR_INIT("struct(a AS x, b)"), STR_INIT("struct('a AS x, 'b)")},
    {STR_INIT("count(DISTINCT a, b) FILTER (WHERE c)"),
     STR_INIT("count(distinct 'a, 'b) FILTER (WHERE 'c)")},
    {STR_INIT("first(a IGNORE NULLS)"), STR_INIT("first('a ignore nulls)")},
    {STR_INIT("percentile_cont(0.5) WITHIN GROUP (ORDER BY a DESC)"),
     STR_INIT("percentile_cont(0.5) within group ['a DESC NULLS LAST]")},
    {STR_INIT("sum(a) OVER (PARTITION BY b ORDER BY c ROWS 2 PRECEDING)"),
     STR_INIT("sum('a) windowspecdefinition('b, 'c ASC NULLS FIRST "
              "specifiedwindowframe(RowFrame, -2, currentrow))")},
    {STR_INIT("EXTRACT(YEAR FROM t)"), STR_INIT("extract('YEAR', 't)")},
    {STR_INIT("TRIM(LEADING 'x' FROM a)"), STR_INIT("ltrim('x', 'a)")},
    {STR_INIT("trim(a)"), STR_INIT("trim('a)")},
    {STR_INIT("(a.b).c"), STR_INIT("'a.b.c")},
    {STR_INIT("SUBSTRING(a FROM 2 FOR 3)"), STR_INIT("substring('a, 2, 3)")},
    {STR_INIT("POSITION('x' IN a)"), STR_INIT("locate('x', 'a)")},
    {STR_INIT("OVERLAY(a PLACING 'x' FROM 3)"), STR_INIT("overlay('a, 'x', 3)")},
    {STR_INIT("date_add(DAY, 1, t)"), STR_INIT("timestampadd('DAY', 1, 't)")},
    {STR_INIT("date_add(d, 1)"), STR_INIT("date_add('d, 1)")},
    {STR_INIT("datediff(day, f(1, 2))"), STR_INIT("datediff('day, f(1, 2))")},
    {STR_INIT("left(a, 1)"), STR_INIT("left('a, 1)")},
    {STR_INIT("if(a, 1, 2)"), STR_INIT("if('a, 1, 2)")},
    {STR_INIT("exists(a, x -> x > 1)"), STR_INIT("exists('a, lambda(x -> ('x > 1)))")},
    {STR_INIT("a IN (SELECT b FROM t)"),
     STR_INIT("['a] in-subquery{Project ['b] (UnresolvedRelation [t], [], false)}")},
    {STR_INIT("(SELECT 1) + 1"), STR_INIT("(scalar-subquery{Project [1] (OneRowRelation)} + 1)")},
    {STR_INIT("f(k => 1)"), STR_INIT("f(('k' => 1))")},
    {STR_INIT(":p + ?"), STR_INIT("(:p + ?0)")},
    {STR_INIT("IDENTIFIER('a.b')"), STR_INIT("'a.b")},
    {STR_INIT("current_date"), STR_INIT("'current_date")},
    {STR_INIT("a AS b"), STR_INIT("'a AS b")},
    {STR_INIT("a b"), STR_INIT("'a AS b")},
    {STR_INIT("a AS (x, y)"), STR_INIT("'a AS x, y")},
    {STR_INIT("t.* EXCEPT (a, b.c)"), STR_INIT("t.* except ['a, 'b.c]")},
    {STR_INIT("select"), STR_INIT("'select")}, // no word is reserved
};

TEST(parser_expressions)
{
    for (int64_t i = 0; i < COUNT(parser_expressions_rows); i++)
        CHECK_STR(expr_of(a, parser_expressions_rows[i].text), parser_expressions_rows[i].want);
}

static const struct {
    Str text, want;
    const char *type;
} parser_literals_rows[] = {
    {STR_INIT("5"), STR_INIT("5"), "int"},
    {STR_INIT("-2147483648"), STR_INIT("-2147483648"), "int"},
    {STR_INIT("2147483648"), STR_INIT("2147483648"), "bigint"},
    {STR_INIT("9223372036854775808"), STR_INIT("9223372036854775808"), "decimal(19,0)"},
    {STR_INIT("5L"), STR_INIT("5"), "bigint"},
    {STR_INIT("5s"), STR_INIT("5"), "smallint"},
    {STR_INIT("-128Y"), STR_INIT("-128"), "tinyint"},
    {STR_INIT("4.5"), STR_INIT("4.5"), "decimal(2,1)"},
    {STR_INIT("0.05"), STR_INIT("0.05"), "decimal(2,2)"},
    {STR_INIT(".5"), STR_INIT("0.5"), "decimal(1,1)"},
    {STR_INIT("5."), STR_INIT("5"), "decimal(1,0)"},
    {STR_INIT("1.20BD"), STR_INIT("1.20"), "decimal(3,2)"},
    {STR_INIT("4.5e0"), STR_INIT("4.5"), "double"},
    {STR_INIT("1E10"), STR_INIT("1.0E10"), "double"},
    {STR_INIT("1e-2D"), STR_INIT("0.01"), "double"},
    {STR_INIT("1.5F"), STR_INIT("1.5"), "float"},
    {STR_INIT("'a''b'"), STR_INIT("'a'b'"), "string"},
    {STR_INIT("'a\\n\\u0041\\x'"), STR_INIT("'a\nAx'"), "string"},
    {STR_INIT("'\\ud83d\\ude00'"), STR_INIT("'\xF0\x9F\x98\x80'"), "string"},
    {STR_INIT("'50\\%'"), STR_INIT("'50\\%'"), "string"},
    {STR_INIT("r'a\\n'"), STR_INIT("'a\\n'"), "string"},
    {STR_INIT("'a' \"b\" -- c\n'd'"), STR_INIT("'abd'"), "string"},
    {STR_INIT("X'1Fa'"), STR_INIT("[01 FA]"), "binary"},
    {STR_INIT("NULL"), STR_INIT("null"), "void"},
    {STR_INIT("TRUE"), STR_INIT("true"), "boolean"},
    {STR_INIT("INTERVAL 10 MINUTES"), STR_INIT("INTERVAL '10' MINUTE"), "interval minute"},
    {STR_INIT("INTERVAL '1' DAY 2 HOURS"), STR_INIT("INTERVAL '1 02' DAY TO HOUR"),
     "interval day to hour"},
    {STR_INIT("INTERVAL -1.5 SECONDS"), STR_INIT("INTERVAL '-01.5' SECOND"), "interval second"},
    {STR_INIT("INTERVAL '-1 02:03:04.5' DAY TO SECOND"),
     STR_INIT("INTERVAL '-1 02:03:04.5' DAY TO SECOND"), "interval day to second"},
    {STR_INIT("INTERVAL '2-3' YEAR TO MONTH"), STR_INIT("INTERVAL '2-3' YEAR TO MONTH"),
     "interval year to month"},
    {STR_INIT("INTERVAL '1 week 2 days'"), STR_INIT("INTERVAL '9' DAY"), "interval day"},
    {STR_INIT("INTERVAL 24 HOURS"), STR_INIT("INTERVAL '24' HOUR"), "interval hour"},
    {STR_INIT("DATE'2024-01-31'"), STR_INIT("DATE '2024-01-31'"), "date"},
    {STR_INIT("timestamp '2024-01-31 10:00'"), STR_INIT("TIMESTAMP '2024-01-31 10:00'"),
     "timestamp"},
};

TEST(parser_literals)
{
    for (int64_t i = 0; i < COUNT(parser_literals_rows); i++) {
        Expr *e;
        CHECK_OK(parse_expr(&e, a, parser_literals_rows[i].text));
        CHECK_STR(expr_of(a, parser_literals_rows[i].text), parser_literals_rows[i].want);
        CHECK_STR(type_name_str(a, e->type), str_z(parser_literals_rows[i].type));
    }
}

static const Pair parser_queries_rows[] = {
    {STR_INIT("SELECT 1"), STR_INIT("Project [1] (OneRowRelation)")},
    {STR_INIT("SELECT a FROM t WHERE b"),
     STR_INIT("Project ['a] (Filter 'b (UnresolvedRelation [t], [], false))")},
    {STR_INIT("SELECT k, count(*) AS n FROM t GROUP BY k HAVING n > 1 ORDER BY n DESC LIMIT 2"),
     STR_INIT("GlobalLimit 2 (Sort ['n DESC NULLS LAST] (Filter ('n > 1) (Aggregate ['k], ['k, "
              "count(*) AS n] (UnresolvedRelation [t], [], false))))")},
    {STR_INIT("SELECT count(*) FROM t HAVING count(*) > 1"),
     STR_INIT("Filter (count(*) > 1) (Aggregate [], [count(*)] (UnresolvedRelation [t], [], "
              "false))")},
    {STR_INIT("SELECT DISTINCT a FROM t x"),
     STR_INIT("Distinct (Project ['a] (SubqueryAlias x (UnresolvedRelation [t], [], false)))")},
    {STR_INIT("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3"),
     STR_INIT("Distinct (Union (Project [1] (OneRowRelation)) (Intersect (Project [2] "
              "(OneRowRelation)) (Project [3] (OneRowRelation))))")},
    {STR_INIT("(SELECT 1) MINUS (SELECT 2) LIMIT 1"),
     STR_INIT("GlobalLimit 1 (Except (Project [1] (OneRowRelation)) (Project [2] "
              "(OneRowRelation)))")},
    {STR_INIT("WITH x AS (SELECT 1 AS a), y(b) AS (SELECT 2) SELECT * FROM x, y"),
     STR_INIT("CTE x=(Project [1 AS a] (OneRowRelation)) y=(Project [2] (OneRowRelation)) "
              "(Project [*] (Join Inner (UnresolvedRelation [x], [], false) "
              "(UnresolvedRelation [y], [], false)))")},
    {STR_INIT("SELECT * FROM a NATURAL LEFT JOIN b"),
     STR_INIT("Project [*] (Join NaturalLeftOuter (UnresolvedRelation [a], [], false) "
              "(UnresolvedRelation [b], [], false))")},
    {STR_INIT("SELECT * FROM a LEFT ANTI JOIN b USING (x, y)"),
     STR_INIT("Project [*] (Join LeftAnti, using [x, y] (UnresolvedRelation [a], [], false) "
              "(UnresolvedRelation [b], [], false))")},
    {STR_INIT("SELECT * FROM (a JOIN b ON a.x = b.x)"),
     STR_INIT("Project [*] (Join Inner, ('a.x = 'b.x) (UnresolvedRelation [a], [], false) "
              "(UnresolvedRelation [b], [], false))")},
    {STR_INIT("SELECT * FROM (SELECT 1) AS t(x)"),
     STR_INIT("Project [*] (SubqueryAlias t(x) (Project [1] (OneRowRelation)))")},
    {STR_INIT("SELECT * FROM t, LATERAL explode(t.a) AS e(x)"),
     STR_INIT("Project [*] (LateralJoin Inner (UnresolvedRelation [t], [], false) "
              "(SubqueryAlias e(x) (UnresolvedTableValuedFunction explode ['t.a])))")},
    {STR_INIT("SELECT * FROM t LATERAL VIEW OUTER explode(m) e AS k, v"),
     STR_INIT("Project [*] (Generate explode('m), outer=true, e, [k, v] (UnresolvedRelation "
              "[t], [], false))")},
    {STR_INIT("VALUES (1, 'a'), (2, 'b') AS t(x, y)"),
     STR_INIT("SubqueryAlias t(x, y) (UnresolvedInlineTable [struct(1, 'a'), struct(2, 'b')])")},
    {STR_INIT("SELECT * FROM STREAM s WATERMARK ts DELAY OF INTERVAL 10 SECONDS AS e"),
     STR_INIT("Project [*] (SubqueryAlias e (EventTimeWatermark 'ts, 10000 ms "
              "(UnresolvedRelation [s], [], true)))")},
    {STR_INIT("SELECT * FROM STREAM(c.d.s) WITH ('a' = 'b') "
              "WATERMARK to_timestamp(k) AS t DELAY OF INTERVAL 1 MONTH"),
     STR_INIT("Project [*] (EventTimeWatermark to_timestamp('k) AS t, 2678400000 ms "
              "(UnresolvedRelation [c, d, s], [a=b], true))")},
    {STR_INIT("SELECT * FROM (SELECT 1) WATERMARK a DELAY OF INTERVAL '0' SECOND t"),
     STR_INIT("Project [*] (SubqueryAlias t (EventTimeWatermark 'a, 0 ms (Project [1] "
              "(OneRowRelation))))")},
    {STR_INIT("SELECT * FROM stream"),
     STR_INIT("Project [*] (UnresolvedRelation [stream], [], false)")},
    {STR_INIT("SELECT a FROM t GROUP BY a, GROUPING SETS ((b, c), ())"),
     STR_INIT("Aggregate ['a, 'b, 'c] sets (0,1,2)(0), ['a] (UnresolvedRelation [t], [], "
              "false)")},
    {STR_INIT("SELECT a FROM t GROUP BY CUBE(a, b)"),
     STR_INIT("Aggregate ['a, 'b] sets (0,1)(0)(1)(), ['a] (UnresolvedRelation [t], [], "
              "false)")},
    {STR_INIT("SELECT a FROM t GROUP BY a, b WITH ROLLUP"),
     STR_INIT("Aggregate ['a, 'b] sets (0,1)(0)(), ['a] (UnresolvedRelation [t], [], false)")},
    {STR_INIT("SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b)"),
     STR_INIT("Project [sum('a) windowspecdefinition('b)] (UnresolvedRelation [t], [], "
              "false)")},
    {STR_INIT("SELECT /*+ BROADCAST(t) */ a FROM t"),
     STR_INIT("UnresolvedHint BROADCAST ['t] (Project ['a] (UnresolvedRelation [t], [], "
              "false))")},
    {STR_INIT("SELECT a FROM t TABLESAMPLE (10 PERCENT) x"),
     STR_INIT("Project ['a] (SubqueryAlias x (Sample 0.1 (UnresolvedRelation [t], [], "
              "false)))")},
    {STR_INIT("SELECT * FROM t VERSION AS OF 12"),
     STR_INIT("Project [*] (UnresolvedRelation [t], [versionAsOf=12], false)")},
    {STR_INIT("SELECT * FROM t PIVOT (sum(a) FOR y IN (1 AS one, 2))"),
     STR_INIT("Project [*] (Pivot [sum('a)] for ['y] in [1 AS one, 2] (UnresolvedRelation "
              "[t], [], false))")},
    {STR_INIT("FROM t |> WHERE a |> AGGREGATE sum(b) AS s GROUP BY c |> LIMIT 1"),
     STR_INIT("GlobalLimit 1 (Aggregate ['c], ['c, sum('b) AS s] (Filter 'a "
              "(UnresolvedRelation [t], [], false)))")},
    {STR_INIT("TABLE t |> EXTEND a + 1 AS b |> DROP a |> SET b = 2"),
     STR_INIT("WithColumns [2 AS b] (DataFrameDropColumns  ['a] (Project [*, ('a + 1) AS b] "
              "(UnresolvedRelation [t], [], false)))")},
    {STR_INIT("SELECT a -- comment\n /* and /* nested */ */ FROM t;"),
     STR_INIT("Project ['a] (UnresolvedRelation [t], [], false)")},
};

TEST(parser_queries)
{
    for (int64_t i = 0; i < COUNT(parser_queries_rows); i++) {
        Rel *r = NULL;
        CHECK_OK(parse_query(&r, a, parser_queries_rows[i].text));
        if (r) CHECK_STR(tree_of(a, r), parser_queries_rows[i].want);
    }
}

static const struct {
    Str text;
    int32_t line, column;
    const char *has; // in the text of the failure
} parser_errors_rows[] = {
    {STR_INIT("SELEC k FROM events"), 1, 0, "'SELEC': did you mean SELECT?"},
    {STR_INIT("SELECT a FROM"), 1, 13, "end of input"},
    {STR_INIT("SELECT a\nFROM t WHER b"), 2, 12, "'b': did you mean WHERE?"},
    {STR_INIT("SELECT (a FROM t"), 1, 10, "'FROM': missing ')'"},
    {STR_INIT("SELECT a b c FROM t"), 1, 11, "'c'"},
    {STR_INIT("SELECT 'abc"), 1, 7, "'''"},
    {STR_INIT("SELECT \xC3\xA4, 'x' + )"), 1, 16, "')'"}, // characters, not bytes
    {STR_INIT("SELECT /* x"), 1, 7, "UNCLOSED_BRACKETED_COMMENT"},
    {STR_INIT("SELECT sum(a) OVER w FROM t"), 0, 0, "MISSING_WINDOW_SPECIFICATION"},
    {STR_INIT("SELECT 300Y"), 1, 7, "INVALID_NUMERIC_LITERAL_RANGE"},
    {STR_INIT("SELECT 1e400"), 1, 7, "INVALID_NUMERIC_LITERAL_RANGE"},
    {STR_INIT("SELECT MONEY'1'"), 1, 7, "UNSUPPORTED_TYPED_LITERAL"},
    {STR_INIT("SELECT INTERVAL '1 x'"), 1, 7, "INVALID_INTERVAL_FORMAT"},
    {STR_INIT("SELECT INTERVAL 1.5 DAYS"), 1, 16, "INVALID_INTERVAL_FORMAT"},
    {STR_INIT("SELECT INTERVAL 1 MONTH 1 DAY"), 1, 7, "_LEGACY_ERROR_TEMP_0029"},
    {STR_INIT("SELECT CAST(a AS ARRAY<FOO>)"), 1, 23, "UNSUPPORTED_DATATYPE"},
    {STR_INIT("SELECT * FROM t WATERMARK ts DELAY OF 10"), 1, 38, "'10'"},
    {STR_INIT("CREATE OR REPLACE TABLE IF NOT EXISTS t (a INT)"), 1, 38, "'t'"},
    {STR_INIT("CREATE FLOW f AS INSERT INTO t SELECT 1"), 1, 31, "'SELECT'"},
    {STR_INIT("SELECT 1; SELECT 2 2; SELECT 3"), 1, 19, "'2'"},
    {STR_INIT("CREATE VIEW v USING kafka"), 1, 14, "'USING'"},
    {STR_INIT("SELECT * FROM a-b-c d"), 1, 15, "[INVALID_IDENTIFIER] a-b-c is"},
    {STR_INIT("CREATE TABLE a- b (x INT)"), 1, 14, "'-'"},
};

TEST(parser_errors)
{
    for (int64_t i = 0; i < COUNT(parser_errors_rows); i++) {
        Statements st;
        CHECK(parse_statements(&st, a, parser_errors_rows[i].text).code != OK);
        CHECK(str_find(str_z(fail_text()), str_z(parser_errors_rows[i].has)) >= 0);
        CHECK_I64(failure()->line, parser_errors_rows[i].line);
        CHECK_I64(failure()->column, parser_errors_rows[i].column);
    }
    Statements st;
    CHECK_FAILS(parse_statements(&st, a, S("SELECT 1; SELECT 2; SELEC")), ERR_INVALID);
    CHECK_I64(st.n, 2); // those before the mistake
}

static Str repeat(Arena *a, Str head, Str part, int64_t n)
{
    Buf b = buf_new(a);
    buf_put(&b, head);
    for (int64_t i = 0; i < n; i++) buf_put(&b, part);
    return buf_str(&b);
}

TEST(parser_depth)
{
    Rel *r;
    CHECK_OK(parse_query(&r, a, repeat(a, S("SELECT a"), S(" AND b"), 100000)));
    CHECK_OK(parse_query(&r, a, repeat(a, S("SELECT a"), S(", b"), 100000)));
    CHECK_OK(parse_query(&r, a, repeat(a, S("SELECT 1"), S(" + 1"), 900)));
    Str open = repeat(a, S("SELECT "), S("("), 1000);
    CHECK_OK(parse_query(&r, a, repeat(a, str_cat(a, open, S("1")), S(")"), 1000)));
    static const Pair deep[] = {
        {STR_INIT("SELECT 1"), STR_INIT(" + 1")},
        {STR_INIT("SELECT "), STR_INIT("(")},
        {STR_INIT("SELECT "), STR_INIT("- ")},
        {STR_INIT("SELECT "), STR_INIT("NOT ")},
        {STR_INIT("SELECT "), STR_INIT("f(")},
        {STR_INIT("SELECT a"), STR_INIT("[a")},
        {STR_INIT("SELECT a"), STR_INIT("[1]")},
        {STR_INIT("SELECT a"), STR_INIT("::int")},
        {STR_INIT("SELECT "), STR_INIT("CASE WHEN ")},
        {STR_INIT("SELECT "), STR_INIT("(SELECT ")},
        {STR_INIT("SELECT * FROM "), STR_INIT("(")},
        {STR_INIT("SELECT * FROM t"), STR_INIT(" JOIN u")},
        {STR_INIT("SELECT 1"), STR_INIT(" UNION ALL SELECT 1")},
        {STR_INIT("EXPLAIN "), STR_INIT("EXPLAIN ")},
        {STR_INIT(""), STR_INIT("(")},
        {STR_INIT("SELECT 1 GROUP BY "), STR_INIT("GROUPING SETS (")},
        {STR_INIT("TABLE t"), STR_INIT(" |> WHERE a")},
    };
    for (int64_t i = 0; i < COUNT(deep); i++) {
        Statements st;
        CHECK(parse_statements(&st, a, repeat(a, deep[i].text, deep[i].want, 5000)).code != OK);
    }
}

TEST(parser_complete)
{
    CHECK_I64(parse_complete(S("SELECT 1")), 0);
    CHECK_I64(parse_complete(S("SELECT 1;")), 9);
    CHECK_I64(parse_complete(S("SELECT ';' ; SELECT")), 12);
    CHECK_I64(parse_complete(S("SELECT 1; -- x;\n")), 9);
    CHECK_I64(parse_complete(S("SELECT 1; /* ; ")), 9);
    CHECK_I64(parse_complete(S("SELECT ' ; ")), 0);
}

TEST(lexer_keywords)
{
    for (int32_t k = KW_NONE + 1; k < KEYWORDS; k++) {
        CHECK_I64(keyword_of(keyword_text((Keyword)k)), k);
        CHECK_I64(keyword_of(str_lower(a, keyword_text((Keyword)k))), k);
    }
    CHECK_I64(keyword_of(S("selec")), KW_NONE);
    CHECK_STR(keyword_nearest(S("selec")), S("SELECT"));
}
