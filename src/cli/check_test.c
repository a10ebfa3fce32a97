// check_test.c -- kappa check on programs: what it names and where, and what it leaves alone.
#include "base/test.h"
#include "cli/fixture_test.h"
#include "os/file.h"

typedef struct Case {
    Str text;
    int code;
    Str says;
} Case;
static const Case cases[] = {
    {STR_INIT("spark = SparkSession.builder.appName('x').getOrCreate()\n"), 0, STR_INIT("nothing")},
    {STR_INIT("x = 1\nspark.sparkContext.setLogLevel('WARN')\n"), 1,
     STR_INIT("p.py:2:7: sparkContext.setLogLevel: ")},
    {STR_INIT("print(spark.sparkContext.uiWebUrl)"), 1, STR_INIT("p.py:1:13: sparkContext: ")},
    {STR_INIT("# spark.sparkContext\ns = 'df.rdd' + \"\"\"\n x.rdd\n\"\"\"\n"), 0,
     STR_INIT("nothing")},
    {STR_INIT("s = \"\"\"\n\"\"\"\ny = df.rdd.map(f)\n"), 1, STR_INIT("p.py:3:8: rdd: ")},
    {STR_INIT("my_sparkContext = 1; a.rdds = 2; sparkContext = 3\n"), 0, STR_INIT("nothing")},
    {STR_INIT("b = SparkSession.builder.master('local[2]')"), 1,
     STR_INIT("leave .master(...) out")},
    {STR_INIT("f = udf(lambda x: x)"), 0, STR_INIT("nothing")},
    {STR_INIT("f = pandas_udf(lambda x: x, 'int')"), 1, STR_INIT("p.py:1:5: pandas_udf: ")},
    {STR_INIT("from pyspark.sql.functions import *\nx = countDistinct('a')"), 1,
     STR_INIT("p.py:2:5: countDistinct")},
    {STR_INIT("from pyspark.sql.functions import *\n"
              "from pyspark.sql.functions import countDistinct\nx = countDistinct('a')"),
     0, STR_INIT("nothing")},
    {STR_INIT("!pip install findspark\n%run x.rdd\nprint('it\\'s', \"a\\\"b.rdd\")"), 0,
     STR_INIT("nothing")},
    {STR_INIT("s = 'open\nspark.sparkContext.x"), 1, STR_INIT("p.py:2:7")},
};
TEST(check_names_what_connect_refuses)
{
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    Str file = str_fmt(a, STR_FMT "/p.py", STR_ARG(dir));
    for (int64_t i = 0; i < COUNT(cases); i++) {
        CHECK_OK(file_replace(file, cases[i].text));
        Said said = fixture_said(a, dir, str_fmt(a, "check " STR_FMT, STR_ARG(file)));
        CHECK_I64(said.code, cases[i].code);
        if (str_find(said.out, cases[i].says) < 0) CHECK_STR(said.out, cases[i].says);
        CHECK_I64(str_find(said.out, S("builder.")), -1); // a call is told once
    }
}
TEST(check_reads_notebooks_by_cell)
{
    Str dir;
    CHECK_OK(dir_temp(&dir, a));
    Str file = str_fmt(a, STR_FMT "/p.ipynb", STR_ARG(dir));
    CHECK_OK(file_replace(
        file, S("{\"cells\": [{\"cell_type\": \"markdown\", \"source\": \"df.rdd\"},"
                "{\"cell_type\": \"code\", \"source\": [\"x = 1\\n\", \"df.rdd\\n\"]}]}")));
    Said said = fixture_said(a, dir, str_fmt(a, "check " STR_FMT, STR_ARG(file)));
    CHECK_I64(said.code, 1);
    CHECK(str_find(said.out, S("p.ipynb:cell 2:2:4: rdd: ")) >= 0);
}
