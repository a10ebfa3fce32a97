// analyse_test.c -- queries over hand-made streams and tables: what they become, and what Spark
// says when they cannot.
#include "base/test.h"
#include "plan/fixture_in.h"

static Status analysed(Session *s, Arena *a, Str sql, Rel **r)
{
    TRY(parse_query(r, a, sql));
    return analyse(s, a, r);
}

static Str schema_text(Arena *a, const Rel *r) { return type_name_str(a, rel_schema(a, r)); }

static const struct {
    Str sql, want;
} analyse_schemas_rows[] = {
    {STR_INIT("SELECT * FROM u"), STR_INIT("struct<k:string,name:string>")},
    {STR_INIT("SELECT K, u.name, u.* FROM u"),
     STR_INIT("struct<K:string,name:string,k:string,name:string>")},
    {STR_INIT("SELECT v + 1, v AS w, 'lit', 1.5 FROM x"),
     STR_INIT("struct<(v + 1):int,w:int,lit:string,1.5:decimal(2,1)>")},
    {STR_INIT("SELECT j.a, j.*, x.j.b, (j).b FROM x"),
     STR_INIT("struct<a:int,a:int,b:string,b:string,b:string>")},
    {STR_INIT("SELECT count(*), sum(v), max(k) FROM x"),
     STR_INIT("struct<count(1):bigint,sum(v):bigint,max(k):string>")},
    {STR_INIT("SELECT k, count(*) AS n FROM x GROUP BY k HAVING sum(v) > 1 ORDER BY n, max(v)"),
     STR_INIT("struct<k:string,n:bigint>")},
    {STR_INIT("SELECT v % 2 AS p, count(*) FROM x GROUP BY p"),
     STR_INIT("struct<p:int,count(1):bigint>")},
    {STR_INIT("SELECT k, count(*) FROM x GROUP BY 1"),
     STR_INIT("struct<k:string,count(1):bigint>")},
    {STR_INIT("SELECT k, v, count(*) AS n FROM x GROUP BY ALL"),
     STR_INIT("struct<k:string,v:int,n:bigint>")},
    {STR_INIT("SELECT k FROM x ORDER BY v"), STR_INIT("struct<k:string>")},
    {STR_INIT("SELECT DISTINCT k FROM x ORDER BY k"), STR_INIT("struct<k:string>")},
    {STR_INIT("SELECT v + 1 AS a, a + 1 AS b FROM x"), STR_INIT("struct<a:int,b:int>")},
    {STR_INIT("SELECT window.start AS s, window, count(*) AS n FROM events GROUP BY window(ts, "
              "'5 seconds')"),
     STR_INIT("struct<s:timestamp,window:struct<start:timestamp,end:timestamp>,n:bigint>")},
    {STR_INIT("SELECT window(ts, '5 seconds').end AS e, count(*) AS n FROM events GROUP BY "
              "window(ts, '5 seconds')"),
     STR_INIT("struct<e:timestamp,n:bigint>")},
    {STR_INIT("SELECT window(ts, '10 seconds', '5 seconds') FROM events"),
     STR_INIT("struct<window:struct<start:timestamp,end:timestamp>>")},
    {STR_INIT("SELECT k, session_window.start FROM events GROUP BY k, session_window(ts, '10 "
              "seconds')"),
     STR_INIT("struct<k:string,start:timestamp>")},
    {STR_INIT("SELECT x.k, name FROM x JOIN u ON x.k = u.k"),
     STR_INIT("struct<k:string,name:string>")},
    {STR_INIT("SELECT * FROM u a JOIN u b USING (k)"),
     STR_INIT("struct<k:string,name:string,name:string>")},
    {STR_INIT("SELECT a.k, b.k FROM u a FULL JOIN u b USING (k)"),
     STR_INIT("struct<k:string,k:string>")},
    {STR_INIT("SELECT * FROM u LEFT SEMI JOIN x ON u.k = x.k"),
     STR_INIT("struct<k:string,name:string>")},
    {STR_INIT("SELECT v FROM x UNION ALL SELECT d FROM x"), STR_INIT("struct<v:double>")},
    {STR_INIT("SELECT 1 INTERSECT SELECT 2"), STR_INIT("struct<1:int>")},
    {STR_INIT("WITH t(a) AS (SELECT v FROM x), w AS (SELECT a FROM t) SELECT * FROM w, t"),
     STR_INIT("struct<a:int,a:int>")},
    {STR_INIT("VALUES (1, 'a'), (2.5, NULL)"), STR_INIT("struct<col1:decimal(11,1),col2:string>")},
    {STR_INIT("SELECT * FROM VALUES (1, 'a') AS t(p, q)"), STR_INIT("struct<p:int,q:string>")},
    {STR_INIT("SELECT * FROM range(3)"), STR_INIT("struct<id:bigint>")},
    {STR_INIT("SELECT k, explode(tags) AS t FROM x"), STR_INIT("struct<k:string,t:string>")},
    {STR_INIT("SELECT e.key, e.value FROM x LATERAL VIEW explode(m) e"),
     STR_INIT("struct<key:string,value:int>")},
    {STR_INIT("SELECT p, q FROM x, LATERAL posexplode(x.tags) AS e(p, q)"),
     STR_INIT("struct<p:int,q:string>")},
    {STR_INIT("SELECT row_number() OVER (PARTITION BY k ORDER BY v) AS rn FROM x"),
     STR_INIT("struct<rn:int>")},
    {STR_INIT("SELECT k, sum(sum(v)) OVER (ORDER BY k) FROM x GROUP BY k HAVING count(*) > 1"),
     STR_INIT("struct<k:string,sum(sum(v)) OVER (ORDER BY k ASC NULLS FIRST RANGE BETWEEN "
              "UNBOUNDED PRECEDING AND CURRENT ROW):bigint>")},
    {STR_INIT("SELECT k, v, grouping(k) AS g, count(*) AS n FROM x GROUP BY ROLLUP(k, v)"),
     STR_INIT("struct<k:string,v:int,g:tinyint,n:bigint>")},
    {STR_INIT("SELECT current_date, DATE'2024-01-31' AS d"),
     STR_INIT("struct<current_date():date,d:date>")},
    {STR_INIT("SELECT k FROM x GROUP BY k, ROLLUP (v) HAVING grouping(v) = 1 ORDER BY "
              "grouping_id(k, v), v"),
     STR_INIT("struct<k:string>")},
    {STR_INIT("SELECT grouping_id(), grouping_id(k) FROM x GROUP BY ROLLUP (k)"),
     STR_INIT("struct<grouping_id():bigint,grouping_id(k):bigint>")},
    {STR_INIT("SELECT k, explode(collect_list(v)) AS q FROM x GROUP BY k HAVING max(v) > 1"),
     STR_INIT("struct<k:string,q:int>")},
    {STR_INIT("SELECT json_tuple(k, 'a', 'b') AS (p, q) FROM x"),
     STR_INIT("struct<p:string,q:string>")},
    {STR_INIT("SELECT struct(1 AS a) AS s UNION ALL SELECT struct(2 AS b)"),
     STR_INIT("struct<s:struct<a:int>>")},
    {STR_INIT("SELECT v << 1, v >> 1, v >>> 1 FROM x"),
     STR_INIT("struct<(v << 1):int,(v >> 1):int,(v >>> 1):int>")},
    {STR_INIT("SELECT window_time(window) FROM (SELECT window FROM x GROUP BY window(ts, '1 "
              "hour'))"),
     STR_INIT("struct<window_time(window):timestamp>")},
    {STR_INIT("SELECT v AS a, a + 1, a FROM x"),
     STR_INIT("struct<a:int,(lateralAliasReference(a) + 1):int,a:int>")},
    {STR_INIT("SELECT j['a'], m.q FROM x"), STR_INIT("struct<j.a:int,q:int>")},
    {STR_INIT("SELECT x.* EXCEPT (j, tags, m), j.* EXCEPT (a) FROM x"),
     STR_INIT("struct<ts:timestamp,k:string,v:int,d:double,b:string>")},
    {STR_INIT("SELECT * FROM u LEFT SEMI JOIN (SELECT name FROM u) USING (name)"),
     STR_INIT("struct<name:string,k:string>")},
    {STR_INIT("SELECT k FROM x WHERE window(ts, '5 seconds').start IS NULL"),
     STR_INIT("struct<k:string>")},
    {STR_INIT("SELECT * FROM (SELECT k, v, d FROM x) PIVOT (sum(v) FOR (k, d) IN (('a', 1), "
              "('b', 2)))"),
     STR_INIT("struct<{a, 1}:bigint,{b, 2}:bigint>")},
    {STR_INIT("SELECT a.k, b.name FROM u a JOIN u b USING (k) WHERE b.k > a.k ORDER BY b.k"),
     STR_INIT("struct<k:string,name:string>")},
    {STR_INIT("SELECT stack(2, 1, 'a', 2)"), STR_INIT("struct<col0:int,col1:string>")},
    {STR_INIT("SELECT explode(tags) AS t, k FROM x ORDER BY v"),
     STR_INIT("struct<t:string,k:string>")},
    {STR_INIT("SELECT * FROM x |> EXTEND v + 1 AS w |> AGGREGATE max(w) AS m GROUP BY k |> "
              "WHERE m > 1 |> DROP k"),
     STR_INIT("struct<m:int>")},
    {STR_INIT("SELECT * EXCEPT (j, tags, m) FROM x"),
     STR_INIT("struct<ts:timestamp,k:string,v:int,d:double>")},
    {STR_INIT("SELECT k FROM x WHERE v IN (SELECT v FROM x WHERE d > 1) AND EXISTS (SELECT 1)"),
     STR_INIT("struct<k:string>")},
    {STR_INIT("SELECT * FROM (SELECT k, v, d FROM x) UNPIVOT (val FOR col IN (v, d AS dd))"),
     STR_INIT("struct<k:string,col:string,val:double>")},
    {STR_INIT("SELECT * FROM (SELECT k, v FROM x) PIVOT (sum(v) FOR k IN ('a', 'b' AS bee))"),
     STR_INIT("struct<a:bigint,bee:bigint>")},
    {STR_INIT("SELECT * FROM (SELECT k, v, d FROM x) PIVOT (sum(v) AS s, max(d) FOR k IN ('a'))"),
     STR_INIT("struct<a_s:bigint,a_max(d):double>")},
    {STR_INIT("SELECT (SELECT max(v) FROM x) AS m FROM u"), STR_INIT("struct<m:int>")},
    {STR_INIT("SELECT t FROM events WATERMARK ts + INTERVAL 1 SECOND AS t DELAY OF INTERVAL 1 "
              "SECOND"),
     STR_INIT("struct<t:timestamp>")},
};

TEST(analyse_schemas)
{
    Session *s = fixture_session(a);
    for (int64_t i = 0; i < COUNT(analyse_schemas_rows); i++) {
        Rel *r = NULL;
        Status st = analysed(s, a, analyse_schemas_rows[i].sql, &r);
        if (st.code)
            test_check(false, __FILE__, __LINE__, "%s: %s", analyse_schemas_rows[i].sql.p,
                       fail_text());
        else
            CHECK_STR(schema_text(a, r), analyse_schemas_rows[i].want);
    }
}

static const struct {
    Str sql;
    const char *condition;
    int32_t column;
} analyse_errors_rows[] = {
    {STR_INIT("SELECT kk FROM u"), "UNRESOLVED_COLUMN.WITH_SUGGESTION", 7},
    {STR_INIT("SELECT 1 FROM nowhere"), "TABLE_OR_VIEW_NOT_FOUND", 14},
    {STR_INIT("SELECT k FROM x JOIN u ON x.k = u.k"), "AMBIGUOUS_REFERENCE", 7},
    {STR_INIT("SELECT j.c FROM x"), "FIELD_NOT_FOUND", 7},
    {STR_INIT("SELECT nofn(k) FROM x"), "UNRESOLVED_ROUTINE", 7},
    {STR_INIT("SELECT k, v FROM x GROUP BY k"), "MISSING_AGGREGATION", 10},
    {STR_INIT("SELECT k, count(*) FROM x"), "MISSING_GROUP_BY", 0},
    {STR_INIT("SELECT k FROM x GROUP BY 3"), "GROUP_BY_POS_OUT_OF_RANGE", 25},
    {STR_INIT("SELECT count(*) FROM x GROUP BY 1"), "GROUP_BY_POS_AGGREGATE", 32},
    {STR_INIT("SELECT k FROM x GROUP BY count(*)"), "GROUP_BY_AGGREGATE", 25},
    {STR_INIT("SELECT k FROM x ORDER BY 2"), "ORDER_BY_POS_OUT_OF_RANGE", 25},
    {STR_INIT("SELECT k FROM x WHERE count(*) > 1"), "INVALID_WHERE_CONDITION", 22},
    {STR_INIT("SELECT k FROM x WHERE v"), "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", 0},
    {STR_INIT("SELECT sum(max(v)) FROM x"), "NESTED_AGGREGATE_FUNCTION", 11},
    {STR_INIT("SELECT 1 UNION SELECT 1, 2"), "NUM_COLUMNS_MISMATCH", 0},
    {STR_INIT("SELECT tags FROM x UNION SELECT v FROM x"), "INCOMPATIBLE_COLUMN_TYPE", 0},
    {STR_INIT("SELECT struct(1 AS a) UNION ALL SELECT struct(2.5 AS b)"),
     "INCOMPATIBLE_COLUMN_TYPE", 0},
    {STR_INIT("SELECT * FROM u a JOIN u b USING (z)"), "UNRESOLVED_USING_COLUMN_FOR_JOIN", 18},
    {STR_INIT("SELECT * FROM u NATURAL CROSS JOIN u b"), "INCOMPATIBLE_JOIN_TYPES", 16},
    {STR_INIT("SELECT q.* FROM u"), "CANNOT_RESOLVE_STAR_EXPAND", 7},
    {STR_INIT("SELECT count(*) FROM events GROUP BY window(ts, '5 seconds'), window(ts, '10 "
              "seconds')"),
     "_LEGACY_ERROR_TEMP_1039", 62},
    {STR_INIT("SELECT count(*) FROM events GROUP BY window(ts, '1 month')"),
     "_LEGACY_ERROR_TEMP_3231", 48},
    {STR_INIT("SELECT count(*) FROM events GROUP BY window(ts, k)"), "_LEGACY_ERROR_TEMP_1207", 48},
    {STR_INIT("SELECT count(*) FROM events GROUP BY window(ts, '5 seconds', '10 seconds')"),
     "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION", 37},
    {STR_INIT("SELECT count(*) FROM events GROUP BY window(ts, '-5 seconds')"),
     "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", 37},
    {STR_INIT("SELECT 1 FROM plain WATERMARK v DELAY OF INTERVAL 1 SECOND"),
     "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE", 20},
    {STR_INIT("SELECT 1 FROM plain WATERMARK ts + INTERVAL 1 SECOND DELAY OF INTERVAL 1 SECOND"),
     "REQUIRES_EXPLICIT_NAME_IN_WATERMARK_CLAUSE", 30},
    {STR_INIT("SELECT 1 FROM STREAM made"), "_LEGACY_ERROR_TEMP_1008", 14},
    {STR_INIT("SELECT k FROM x LIMIT -1"), "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", 22},
    {STR_INIT("SELECT k FROM x LIMIT v"), "UNRESOLVED_COLUMN.WITH_SUGGESTION", 22},
    {STR_INIT("SELECT * FROM x LIMIT v"), "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", 22},
    {STR_INIT("SELECT * FROM x LIMIT 'a'"), "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE", 22},
    {STR_INIT("SELECT k FROM x WHERE NULL"), "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", 0},
    {STR_INIT("SELECT * EXCEPT (nope) FROM x"), "UNRESOLVED_COLUMN.WITH_SUGGESTION", 17},
    {STR_INIT("SELECT count(x.*) FROM x"), "_LEGACY_ERROR_TEMP_1021", 13},
    {STR_INIT("SELECT v AS a, sum(a) FROM x GROUP BY v"),
     "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC", 19},
    {STR_INIT("SELECT sum(v) FILTER (WHERE v) FROM x"), "INVALID_AGGREGATE_FILTER.NOT_BOOLEAN", 7},
    {STR_INIT("SELECT explode(tags) = 'a' FROM x"), "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS",
     7},
    {STR_INIT("SELECT k FROM x WHERE explode(tags) = 'a'"), "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT",
     22},
    {STR_INIT("SELECT grouping(k) FROM x"), "UNSUPPORTED_GROUPING_EXPRESSION", 7},
    {STR_INIT("SELECT k FROM x ORDER BY count(*) OVER ()"), "UNSUPPORTED_EXPR_FOR_OPERATOR", 0},
    {STR_INIT("SELECT k, count(*) OVER () FROM x SORT BY 1, count(*) OVER ()"),
     "UNSUPPORTED_EXPR_FOR_OPERATOR", 0},
    {STR_INIT("SELECT k FROM x GROUP BY k ORDER BY rank() OVER (ORDER BY sum(v))"),
     "UNSUPPORTED_EXPR_FOR_OPERATOR", 0},
    {STR_INIT("SELECT k FROM x CLUSTER BY count(*) OVER ()"), "UNSUPPORTED_EXPR_FOR_OPERATOR", 0},
    {STR_INIT("SELECT explode(array(count(*) OVER ())) FROM x"), "UNSUPPORTED_EXPR_FOR_OPERATOR",
     0},
    {STR_INIT("SELECT k FROM x LATERAL VIEW explode(array(count(*) OVER ())) AS z"),
     "UNSUPPORTED_EXPR_FOR_OPERATOR", 16},
    {STR_INIT("SELECT * FROM x, LATERAL range(v)"), "NON_FOLDABLE_ARGUMENT", 25},
    {STR_INIT("SELECT k FROM x ORDER BY sum(v)"), "UNSUPPORTED_EXPR_FOR_OPERATOR", 25},
    {STR_INIT("SELECT k, 1 FROM x SORT BY k, sum(v) LIMIT 1"), "UNSUPPORTED_EXPR_FOR_OPERATOR", 30},
    {STR_INIT("SELECT k FROM x DISTRIBUTE BY sum(v)"), "UNSUPPORTED_EXPR_FOR_OPERATOR", 30},
    {STR_INIT("SELECT 1 FROM x LATERAL VIEW explode(array(sum(v))) l"),
     "UNSUPPORTED_EXPR_FOR_OPERATOR", 43},
    {STR_INIT("SELECT sum(rank() OVER (ORDER BY v)) FROM x"), "_LEGACY_ERROR_TEMP_1031", 11},
    {STR_INIT("SELECT k, collect_list(v + count(*) OVER ()) FROM x GROUP BY k"),
     "_LEGACY_ERROR_TEMP_1031", 23},
    {STR_INIT("SELECT * FROM x PIVOT (sum(v) FOR k IN ('a', k))"), "NON_LITERAL_PIVOT_VALUES", 45},
    {STR_INIT("SELECT * FROM x PIVOT (sum(v) FOR k IN ('a', zzz))"),
     "UNRESOLVED_COLUMN.WITH_SUGGESTION", 45},
    {STR_INIT("SELECT * FROM x PIVOT (max(k) FOR v IN (array(1)))"),
     "PIVOT_VALUE_DATA_TYPE_MISMATCH", 40},
    {STR_INIT("SELECT row_number() FROM x"), "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", 7},
    {STR_INIT("SELECT row_number() OVER () FROM x"), "_LEGACY_ERROR_TEMP_1037", 7},
    {STR_INIT("SELECT k FROM x WHERE row_number() OVER (ORDER BY v) = 1"),
     "_LEGACY_ERROR_TEMP_1034", 22},
    {STR_INIT("SELECT DISTINCT m FROM x"), "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", 0},
    {STR_INIT("SELECT m FROM x INTERSECT SELECT m FROM x"),
     "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", 0},
    {STR_INIT("SELECT window(ts, 'abc') FROM x"), "CANNOT_PARSE_INTERVAL", 18},
    {STR_INIT("SELECT window_time(v) FROM x"), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", 19},
    {STR_INIT("SELECT window_time(ts) FROM x"), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", 19},
    {STR_INIT("WITH t AS (SELECT 1), T AS (SELECT 2) SELECT 1"), "DUPLICATED_CTE_NAMES", 0},
    {STR_INIT("SELECT transform(tags, (a, b, c, d) -> a) FROM x"),
     "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", 23},
    {STR_INIT("SELECT k FROM events TABLESAMPLE (10 PERCENT)"), "_LEGACY_ERROR_TEMP_3102", 21},
    {STR_INIT("SELECT zip_with(tags, (a, b) -> a) FROM x"), "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", 7},
    {STR_INIT("SELECT map_zip_with(m, (a, b, c) -> a) FROM x"), "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
     7},
    {STR_INIT("VALUES (1, 'a'), (2, 3)"), "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE",
     11},
    {STR_INIT("VALUES (1, 2), (3)"), "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", 0},
    {STR_INIT("SELECT explode(v) FROM x"), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", 7},
    {STR_INIT("SELECT grouping(k) FROM x GROUP BY k"), "UNSUPPORTED_GROUPING_EXPRESSION", 7},
    {STR_INIT("SELECT DATE'x'"), "INVALID_TYPED_LITERAL", 7},
    {STR_INIT("SELECT :p"), "UNBOUND_SQL_PARAMETER", 7},
    {STR_INIT("SELECT (SELECT k, name FROM u)"),
     "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN", 7},
    {STR_INIT(
         "SELECT (SELECT 1 FROM x WHERE EXISTS (SELECT 1 FROM x y WHERE y.k = u.name)) FROM u"),
     "UNSUPPORTED_FEATURE", 68},
    {STR_INIT("SELECT (SELECT k FROM events) FROM u"),
     "INVALID_SUBQUERY_EXPRESSION.STREAMING_QUERY", 7},
    {STR_INIT("SELECT * FROM VALUES (1, 2) AS t(a)"), "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
     28},
    {STR_INIT("SELECT k FROM x GROUP BY k HAVING v > 1"), "UNRESOLVED_COLUMN.WITH_SUGGESTION", 34},
    {STR_INIT("SELECT k FROM x GROUP BY k ORDER BY v"), "UNRESOLVED_COLUMN.WITH_SUGGESTION", 36},
    {STR_INIT("SELECT stack(3, 1) FROM x"), "UNSUPPORTED_FEATURE", 13},
    {STR_INIT("SELECT sum(v) AS s FROM x HAVING sum(s) > 1"), "NESTED_AGGREGATE_FUNCTION", 37},
    {STR_INIT("SELECT grouping_id(v) FROM x GROUP BY ROLLUP (k, v)"), "GROUPING_ID_COLUMN_MISMATCH",
     7},
    {STR_INIT("SELECT * FROM VALUES (uuid())"),
     "INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE", 22},
    {STR_INIT("SELECT * FROM x UNPIVOT (q FOR c IN (v, tags))"), "UNPIVOT_VALUE_DATA_TYPE_MISMATCH",
     14},
    {STR_INIT("SELECT * FROM x PIVOT (v FOR k IN ('a'))"), "_LEGACY_ERROR_TEMP_1006", 23},
    {STR_INIT("SELECT * FROM (SELECT 1) AS t(a, b)"), "ASSIGNMENT_ARITY_MISMATCH", 25},
};

TEST(analyse_errors)
{
    Session *s = fixture_session(a);
    Rel *made = NULL;
    CHECK_OK(parse_query(&made, a, S("SELECT k FROM u")));
    fixture_view(s, "made", made);
    for (int64_t i = 0; i < COUNT(analyse_errors_rows); i++) {
        Rel *r = NULL;
        Status st = analysed(s, a, analyse_errors_rows[i].sql, &r);
        test_check(st.code != OK, __FILE__, __LINE__, "%s: accepted", analyse_errors_rows[i].sql.p);
        if (!st.code) continue;
        CHECK_STR(condition_of(failure()->cond)->name, str_z(analyse_errors_rows[i].condition));
        test_check(failure()->column == analyse_errors_rows[i].column, __FILE__, __LINE__,
                   "%s: column %d, want %d", analyse_errors_rows[i].sql.p, failure()->column,
                   analyse_errors_rows[i].column);
    }
}

TEST(analyse_suggestions)
{
    Session *s = fixture_session(a);
    Rel *r;
    CHECK_FAILS(analysed(s, a, S("SELECT kk FROM (SELECT ts, k, v FROM x) AS e"), &r),
                ERR_NOT_FOUND);
    CHECK_STR(failure()->param[0].value, S("`kk`"));
    CHECK_STR(failure()->param[1].value, S("`k`, `v`, `ts`"));
}

static const struct {
    Str sql;
    const char *append, *update, *complete; // condition, "" when it runs
} check_modes_rows[] = {
    {STR_INIT("SELECT k FROM plain"), "", "", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT k, count(*) FROM plain GROUP BY k"),
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "", ""},
    {STR_INIT("SELECT count(*) FROM events GROUP BY window(ts, '5 seconds')"), "", "", ""},
    {STR_INIT("SELECT count(*) FROM plain GROUP BY window(ts, '5 seconds')"),
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "", ""},
    {STR_INIT("SELECT count(*) FROM events GROUP BY window(ts + INTERVAL 0 SECONDS, '5 seconds')"),
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "", ""},
    {STR_INIT("SELECT t, count(*) FROM (SELECT ts AS t FROM events) GROUP BY t"), "", "", ""},
    {STR_INIT("SELECT DISTINCT k FROM events"), "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "",
     ""},
    {STR_INIT("SELECT DISTINCT ts, k FROM events"), "", "", ""},
    {STR_INIT("SELECT k FROM plain ORDER BY k"), "_LEGACY_ERROR_TEMP_3102",
     "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT k, count(*) AS n FROM plain GROUP BY k ORDER BY n LIMIT 2"),
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "_LEGACY_ERROR_TEMP_3102", ""},
    {STR_INIT("SELECT k FROM plain LIMIT 3"), "", "_LEGACY_ERROR_TEMP_3102",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT k FROM plain LIMIT 3 OFFSET 1"), "_LEGACY_ERROR_TEMP_3102",
     "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT row_number() OVER (ORDER BY k) AS rn FROM plain"),
     "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT k FROM plain UNION ALL SELECT k FROM u"), "_LEGACY_ERROR_TEMP_3102",
     "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT s, count(*) FROM (SELECT window.start AS s, k FROM events GROUP BY "
              "window(ts, '5 seconds'), k) GROUP BY s"),
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "_LEGACY_ERROR_TEMP_3102",
     "_LEGACY_ERROR_TEMP_3102"},
    {STR_INIT("SELECT window.start, count(*) FROM (SELECT window, k FROM events GROUP BY "
              "window(ts, '5 seconds'), k) GROUP BY window"),
     "", "_LEGACY_ERROR_TEMP_3102", "_LEGACY_ERROR_TEMP_3102"},
    {STR_INIT("SELECT k, session_window.start FROM events GROUP BY k, session_window(ts, '5 "
              "seconds')"),
     "", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", ""},
    {STR_INIT("SELECT session_window.start FROM events GROUP BY session_window(ts, '5 seconds')"),
     "_LEGACY_ERROR_TEMP_3068", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
     "_LEGACY_ERROR_TEMP_3068"},
    {STR_INIT("SELECT count(DISTINCT k) FROM plain"), "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
     "_LEGACY_ERROR_TEMP_3102", "_LEGACY_ERROR_TEMP_3102"},
    {STR_INIT("SELECT l.k FROM events l JOIN events r ON l.k = r.k"), "", "_LEGACY_ERROR_TEMP_3102",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT l.k FROM events l LEFT JOIN events r ON l.k = r.k"),
     "_LEGACY_ERROR_TEMP_3102", "_LEGACY_ERROR_TEMP_3102",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT l.k FROM events l LEFT JOIN events r ON l.k = r.k AND r.ts BETWEEN l.ts "
              "AND l.ts + INTERVAL 1 HOUR"),
     "", "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT l.k FROM events l LEFT JOIN events r ON l.ts = r.ts"), "",
     "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT l.k FROM events l LEFT ANTI JOIN events r ON l.ts = r.ts"),
     "_LEGACY_ERROR_TEMP_3102", "_LEGACY_ERROR_TEMP_3102",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT l.k FROM events l JOIN events r ON r.ts > l.ts"), "_LEGACY_ERROR_TEMP_1181",
     "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT l.k FROM plain l LEFT JOIN u ON l.k = u.k"), "", "",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT u.k FROM u LEFT JOIN plain l ON l.k = u.k"), "_LEGACY_ERROR_TEMP_3102",
     "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT l.k FROM plain l FULL JOIN u ON l.k = u.k"), "_LEGACY_ERROR_TEMP_3102",
     "_LEGACY_ERROR_TEMP_3102", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"},
    {STR_INIT("SELECT k FROM u"), "WRITE_STREAM_NOT_ALLOWED", "WRITE_STREAM_NOT_ALLOWED",
     "WRITE_STREAM_NOT_ALLOWED"},
};

TEST(check_modes)
{
    Session *s = fixture_session(a);
    CHECK_OK(conf_set(s, S("spark.kappa.strict"), S("true")));
    for (int64_t i = 0; i < COUNT(check_modes_rows); i++) {
        Rel *r;
        CHECK_OK(analysed(s, a, check_modes_rows[i].sql, &r));
        const char *want[] = {check_modes_rows[i].append, check_modes_rows[i].update,
                              check_modes_rows[i].complete};
        for (int32_t m = MODE_APPEND; m <= MODE_COMPLETE; m++) {
            Status st = check_stream(s, r, (Mode)m);
            Str got = st.code ? condition_of(failure()->cond)->name : S("");
            test_check(str_eq(got, str_z(want[m])), __FILE__, __LINE__,
                       "%s in mode %d: got '%s' want '%s'", check_modes_rows[i].sql.p, m, got.p,
                       want[m]);
        }
    }
    Rel *r;
    CHECK_OK(analysed(s, a, S("SELECT k FROM plain"), &r));
    CHECK_FAILS(check_batch(r), ERR_INVALID);
}
