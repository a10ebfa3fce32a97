// csv_test.c -- CSV as Spark reads and writes it: tokens, records that are bad, inference, fields.
#include "base/test.h"
#include "col/out_test.h"
#include "fmt/csv.h"

static CsvOptions options_of(Arena *a, Str text) // key=value, | between them
{
    Options list = {0};
    CsvOptions o = {0};
    while (text.n) {
        Cut word = str_cut(text, '|'), c = str_cut(word.head, '=');
        vec_push(a, &list, ((Option){c.head, c.tail}));
        text = word.tail;
    }
    CHECK_OK(csv_options_parse(&o, &list, NULL, NULL));
    return o;
}

static Str tokens(Arena *a, const CsvOptions *o, Str text) // <a><b>, a line a record
{
    Buf b = buf_new(a);
    CsvRow row = {0};
    for (int64_t at = 0; csv_record(o, text, &at, &row, a);) {
        for (int32_t i = 0; i < row.n; i++) buf_fmt(&b, "<" STR_FMT ">", STR_ARG(row.token[i]));
        buf_char(&b, ';');
    }
    return buf_str(&b);
}

TEST(csv_tokens)
{
    static const struct {
        Str options, text, want;
    } row[] = {
        {STR_INIT(""), STR_INIT("a,b,c"), STR_INIT("<a><b><c>;")},
        {STR_INIT(""), STR_INIT("a,,"), STR_INIT("<a><><>;")},
        {STR_INIT(""), STR_INIT(","), STR_INIT("<><>;")},
        {STR_INIT(""), STR_INIT("\"a,b\",c"), STR_INIT("<a,b><c>;")},
        {STR_INIT(""), STR_INIT("\"a\\\"b\",c"), STR_INIT("<a\"b><c>;")},
        {STR_INIT(""), STR_INIT("\"a\\\\\",c"), STR_INIT("<a\\><c>;")},
        {STR_INIT(""), STR_INIT("\"a\\nb\",c"), STR_INIT("<a\\nb><c>;")}, // an escape of nothing
        {STR_INIT(""), STR_INIT("\"a\"\"b\",c"), STR_INIT("<\"a\"\"b\"><c>;")},
        {STR_INIT("escape=\""), STR_INIT("\"a\"\"b\",c"), STR_INIT("<a\"b><c>;")},
        {STR_INIT(""), STR_INIT("\"a\"x,c"), STR_INIT("<\"a\"x><c>;")},
        {STR_INIT(""), STR_INIT("\"a\" ,c"), STR_INIT("<a><c>;")},
        {STR_INIT(""), STR_INIT("\"a\" x,c"), STR_INIT("<\"a\" x><c>;")},
        {STR_INIT(""), STR_INIT("\"a,b"), STR_INIT("<a,b>;")}, // never closed
        {STR_INIT(""), STR_INIT("a,\""), STR_INIT("<a><\">;")},
        {STR_INIT(""), STR_INIT("a\"b,c"), STR_INIT("<a\"b><c>;")},
        {STR_INIT(""), STR_INIT(" \"a\",b "), STR_INIT("< \"a\"><b >;")},
        {STR_INIT("ignoreLeadingWhiteSpace=true|ignoreTrailingWhiteSpace=true"),
         STR_INIT(" \"a\" , b ,  "), STR_INIT("<a><b><>;")},
        {STR_INIT("sep=\\t"), STR_INIT("a\tb c"), STR_INIT("<a><b c>;")},
        {STR_INIT("sep=::"), STR_INIT("a::b:c::"), STR_INIT("<a><b:c><>;")},
        {STR_INIT("quote="), STR_INIT("\"a,b\""), STR_INIT("<\"a><b\">;")},
        {STR_INIT("quote='"), STR_INIT("'a,b',\"c\""), STR_INIT("<a,b><\"c\">;")},
        {STR_INIT("nullValue=NA|emptyValue=E"), STR_INIT("\"\",,x"), STR_INIT("<E><NA><x>;")},
        {STR_INIT("comment=#"), STR_INIT("#a\nb\n  \n#c"), STR_INIT("<b>;")},
        {STR_INIT(""), STR_INIT("a\r\nb\rc\n\n\"d\r\ne\"\n"), STR_INIT("<a>;<b>;<c>;<d\ne>;")},
        {STR_INIT("comment=#|multiLine=true"), STR_INIT("#a\n\n  \nb"), STR_INIT("<  >;<b>;")},
        {STR_INIT("lineSep=;"), STR_INIT("a,b;c"), STR_INIT("<a><b>;<c>;")},
        {STR_INIT(""), STR_INIT(""), STR_INIT("")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        CsvOptions o = options_of(a, row[i].options);
        CHECK_STR(tokens(a, &o, row[i].text), row[i].want);
    }
}

TEST(csv_values)
{
    static const struct {
        Str schema, options, text, want;
    } row[] = {
        {STR_INIT("a TINYINT, b SMALLINT, c BIGINT"), STR_INIT(""),
         STR_INIT("127,-32768,+5\n128,x,1.0"), STR_INIT("127|-32768|5;NULL|NULL|NULL;")},
        {STR_INIT("a DOUBLE, b FLOAT"), STR_INIT(""), STR_INIT("NaN,Inf\n-Inf, 1e3 \n1,x"),
         STR_INIT("NaN|Infinity;-Infinity|1000.0;1.0|NULL;")},
        {STR_INIT("a BOOLEAN, b STRING"), STR_INIT(""), STR_INIT("TRUE,\nfalse,\"\"\n1, x"),
         STR_INIT("true|NULL;false|NULL;NULL| x;")},
        {STR_INIT("a STRING"), STR_INIT("nullValue=-"), STR_INIT("\"\"\n-\nx"),
         STR_INIT(";NULL;x;")},
        {STR_INIT("a DECIMAL(5,2), b INT"), STR_INIT(""), STR_INIT("\"1,2.345\",1\n12345.6,2"),
         STR_INIT("12.35|1;NULL|2;")},
        {STR_INIT("a INT, b INT"), STR_INIT("mode=DROPMALFORMED"), STR_INIT("1,2\n3\n4,5,6\nx,1"),
         STR_INIT("1|2;")},
        {STR_INIT("a INT, b INT"), STR_INIT(""), STR_INIT("1,2\n3\n4,5,6\nx,1"),
         STR_INIT("1|2;3|NULL;4|5;NULL|1;")},
        {STR_INIT("bad STRING, a INT"), STR_INIT("columnNameOfCorruptRecord=bad"),
         STR_INIT("1\n2,3\nx"), STR_INIT("NULL|1;2,3|2;x|NULL;")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        const Schema *t;
        OutText r = out_text(a, ';');
        CsvOptions o = options_of(a, row[i].options);
        CHECK_OK(schema_parse(&t, a, row[i].schema));
        CHECK_OK(csv_read_text(csv_reader_new(a, t, NULL, &o), row[i].text, a, &r.out));
        CHECK_STR(buf_str(&r.text), row[i].want);
    }
    const Schema *t;
    OutText r = out_text(a, ';');
    CsvOptions o = options_of(a, S("mode=FAILFAST"));
    CHECK_OK(schema_parse(&t, a, S("a INT, s STRING")));
    CHECK_FAILS(csv_read_text(csv_reader_new(a, t, NULL, &o), S("1,x\nno,y"), a, &r.out),
                ERR_INVALID);
    CHECK(str_find(str_z(fail_text()), S("[null,y]")) >= 0);
    o = options_of(a, S("maxColumns=2"));
    CHECK_FAILS(csv_read_text(csv_reader_new(a, t, NULL, &o), S("1,2,3"), a, &r.out), ERR_INVALID);
}

TEST(csv_header_names)
{
    static const struct {
        Str header;
        uint8_t needed[3];
        Code code;
    } row[] = {
        {STR_INIT("a,B , c"), {1, 1, 1}, OK},
        {STR_INIT("a,c,b"), {1, 1, 1}, ERR_INVALID},
        {STR_INIT("a,x,c"), {1, 0, 1}, OK},
        {STR_INIT("a,b"), {1, 1, 0}, ERR_INVALID},
        {STR_INIT("a,b,c,d"), {1, 1, 1}, ERR_INVALID},
        {STR_INIT(""), {1, 1, 1}, ERR_INVALID},
    };
    const Schema *t;
    CsvOptions o = options_of(a, S("header=true|enforceSchema=false"));
    CHECK_OK(schema_parse(&t, a, S("a INT, b STRING, _corrupt_record STRING, c INT")));
    for (int64_t i = 0; i < COUNT(row); i++) {
        const uint8_t *n = row[i].needed, needed[] = {n[0], n[1], 1, n[2]};
        test_check(csv_header_check(&o, t, needed, row[i].header).code == row[i].code, __FILE__,
                   __LINE__, "%s", row[i].header.p);
    }
}

TEST(csv_inference)
{
    static const struct {
        Str options, text, want;
    } row[] = {
        {STR_INIT(""), STR_INIT("1,x"), STR_INIT("_c0:string,_c1:string")},
        {STR_INIT("header=true"), STR_INIT("a,b\n1,x"), STR_INIT("a:string,b:string")},
        {STR_INIT("header=true"), STR_INIT("a,A,,b"),
         STR_INIT("a0:string,A1:string,_c2:string,b:string")},
        {STR_INIT("inferSchema=true"), STR_INIT("1,99999999999,1.5,true,x,\n"),
         STR_INIT("_c0:int,_c1:bigint,_c2:double,_c3:boolean,_c4:string,_c5:string")},
        {STR_INIT("inferSchema=true"), STR_INIT("1,1,1,1\n99999999999,2.5,x,\n"),
         STR_INIT("_c0:bigint,_c1:double,_c2:string,_c3:int")},
        {STR_INIT("inferSchema=true"), STR_INIT("123456789012345678901,Inf,1e5\n1,1,7"),
         STR_INIT("_c0:decimal(21,0),_c1:double,_c2:double")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        CsvOptions o = options_of(a, row[i].options);
        CsvInfer *infer = csv_infer_new(a, &o);
        CsvRow record = {0};
        for (int64_t at = 0; csv_record(&o, row[i].text, &at, &record, a);)
            csv_infer_add(infer, &record);
        Str got = type_name_str(a, csv_infer_schema(infer, a));
        CHECK_STR(str_sub(got, 7, got.n - 8), row[i].want);
    }
    CsvOptions o = options_of(a, S(""));
    CHECK(csv_infer_schema(csv_infer_new(a, &o), a) == NULL);
}

TEST(csv_fields_written)
{
    static const struct {
        Str options, text, want;
    } row[] = {
        {STR_INIT(""), STR_INIT("x"), STR_INIT("x")},
        {STR_INIT(""), STR_INIT(""), STR_INIT("\"\"")},
        {STR_INIT(""), STR_INIT(" a b "), STR_INIT("a b")},
        {STR_INIT(""), STR_INIT("a,b"), STR_INIT("\"a,b\"")},
        {STR_INIT(""), STR_INIT("a\"b"), STR_INIT("\"a\\\"b\"")},
        {STR_INIT(""), STR_INIT("a\nb"), STR_INIT("\"a\nb\"")},
        {STR_INIT("escapeQuotes=false"), STR_INIT("a\"b"), STR_INIT("a\"b")},
        {STR_INIT("quoteAll=true"), STR_INIT("x"), STR_INIT("\"x\"")},
        {STR_INIT("emptyValue=E"), STR_INIT(""), STR_INIT("E")},
        {STR_INIT("sep=;"), STR_INIT("a,b"), STR_INIT("a,b")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        CsvOptions o = options_of(a, row[i].options);
        Buf b = buf_new(a);
        csv_put(&o, row[i].text, false, &b);
        CHECK_STR(buf_str(&b), row[i].want);
    }
    CsvOptions o = options_of(a, S("nullValue=NA"));
    Buf b = buf_new(a);
    csv_put(&o, (Str){0}, true, &b);
    CHECK_STR(buf_str(&b), S("NA"));
}
