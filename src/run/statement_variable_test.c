// statement_variable_test.c -- variables of a session and EXECUTE IMMEDIATE: what Spark 4.1's own
// golden files say of the same statements.
#include "base/test.h"
#include "os/clock.h"
#include "run/answer_test.h"

// In this order: each statement sees the variables of those before it.
TEST(statements_of_variables)
{
    static const struct {
        const char *text;
        Str want;
    } row[] = {
        {"DECLARE x INT = 5; SELECT x, session.x, SYSTEM.Session.X AS y", STR_INIT("x,x,y|5,5,5")},
        {"SELECT x + 1", STR_INIT("(variablereference(system.session.x=5) + 1)|6")},
        {"DECLARE x INT", STR_INIT("VARIABLE_ALREADY_EXISTS")},
        {"SET VAR x = x + 1; SELECT x", STR_INIT("x|6")},
        {"SET x = 9", STR_INIT("UNSUPPORTED_FEATURE.SET_VARIABLE_USING_SET")},
        {"SET VARIABLE x = DEFAULT; SELECT x", STR_INIT("x|5")},
        {"SET VAR x = 1 + DEFAULT", STR_INIT("DEFAULT_PLACEMENT_INVALID")},
        {"SELECT x FROM VALUES (2) AS t(x)", STR_INIT("x|2")}, // columns first
        {"SELECT session.x FROM VALUES (2) AS t(x)", STR_INIT("x|5")},
        {"DECLARE OR REPLACE VARIABLE a, b STRING DEFAULT 'u'; SET VAR a = b || '1', b = a; SELECT "
         "a, b",
         STR_INIT("a,b|u1,u")},
        {"SET VAR a = '1', A = '2'", STR_INIT("DUPLICATE_ASSIGNMENTS")},
        {"SET VAR (x, a) = (SELECT 7, 8); SELECT x, a", STR_INIT("x,a|7,8")},
        {"SET VAR (x, a) = (SELECT 7, 8 WHERE false); SELECT x, a", STR_INIT("x,a|NULL,NULL")},
        {"SET VAR (x, a) = (SELECT 7)", STR_INIT("ASSIGNMENT_ARITY_MISMATCH")},
        {"SET VAR (x) = (SELECT id FROM range(2))", STR_INIT("ROW_SUBQUERY_TOO_MANY_ROWS")},
        {"SET VAR x = 'hello'", STR_INIT("CAST_INVALID_INPUT")},
        {"SET VAR nobody = 1", STR_INIT("UNRESOLVED_VARIABLE")},
        {"DECLARE other.y INT", STR_INIT("UNRESOLVED_VARIABLE")},
        {"DECLARE y, z, Y INT", STR_INIT("DUPLICATE_VARIABLE_NAME_INSIDE_DECLARE")},
        {"DECLARE y INT DEFAULT (SELECT 1)", STR_INIT("INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION")},
        {"DECLARE m = map('k', array(1, 2)); SELECT m['k'][1] AS e", STR_INIT("e|2")},
        // a view sees what a variable is now
        {"SET VAR x = 1; CREATE TEMPORARY VIEW v AS SELECT x AS c; SET VAR x = 2; SELECT c FROM v",
         STR_INIT("c|2")},
        {"EXECUTE IMMEDIATE 'SELECT x + ? AS s' USING 40", STR_INIT("s|42")},
        {"EXECUTE IMMEDIATE 'SELECT :p * :q AS s' USING 6 AS q, x AS p", STR_INIT("s|12")},
        {"EXECUTE IMMEDIATE 'SELECT :x AS s' USING x", STR_INIT("s|2")},
        {"DECLARE q = 'SELECT 11, 12'; EXECUTE IMMEDIATE q INTO x, a; SELECT x, a",
         STR_INIT("x,a|11,12")},
        {"EXECUTE IMMEDIATE 'SET VAR x = 3' INTO x",
         STR_INIT("INVALID_STATEMENT_FOR_EXECUTE_INTO")},
        {"EXECUTE IMMEDIATE 'SELECT ? + :a' USING 1, 2 AS a",
         STR_INIT("INVALID_QUERY_MIXED_QUERY_PARAMETERS")},
        {"EXECUTE IMMEDIATE 'SELECT :a' USING 1", STR_INIT("ALL_PARAMETERS_MUST_BE_NAMED")},
        {"EXECUTE IMMEDIATE 'SELECT ?' USING (SELECT 1)",
         STR_INIT("UNSUPPORTED_EXPR_FOR_PARAMETER")},
        {"EXECUTE IMMEDIATE 5", STR_INIT("INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE")},
        {"SET VAR q = NULL; EXECUTE IMMEDIATE q", STR_INIT("NULL_QUERY_STRING_EXECUTE_IMMEDIATE")},
        {"SET VAR q = 'EXECUTE IMMEDIATE q'; EXECUTE IMMEDIATE q",
         STR_INIT("EXECUTE IMMEDIATE executes itself, 50 deep")},
        {"DROP TEMPORARY VARIABLE m; DROP TEMP VARIABLE IF EXISTS m; DROP TEMPORARY VARIABLE m",
         STR_INIT("VARIABLE_NOT_FOUND")},
        {"SELECT m", STR_INIT("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION")},
        {"SET var = 3; SET var", STR_INIT("key,value|var,3")}, // a setting that is called so
    };
    Session *s = session_new(a, NULL);
    s->now = clock_now;
    for (int64_t i = 0; i < COUNT(row); i++)
        CHECK_STR(answer_text(a, s, str_z(row[i].text), true), row[i].want);
}
