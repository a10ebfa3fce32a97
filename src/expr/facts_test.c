// facts_test.c -- see facts_in.h: a Pratt parser of SQL expressions, and the two ways to run a
// fact.
#include "base/num.h"
#include "expr/cast.h"
#include "expr/facts_in.h"
#include "expr/interval.h"
#include "expr/prog.h"
#include "expr/time_in.h"

typedef struct Var { // of a lambda
    Str name;
    Expr *var;
} Var;
typedef struct Parser {
    Arena *a;
    const EvalCtx *ctx;
    const Schema *cols;
    Str rest;
    Var var[16];
    int32_t nvars, next_var;
} Parser;

static Status expression(Parser *p, int32_t power, Expr **e);

static void skip(Parser *p) { p->rest = str_trim(p->rest); }

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool take_sign(Parser *p, const char *sign)
{
    skip(p);
    Str s = str_z(sign);
    if (!str_starts(p->rest, s)) return false;
    p->rest = str_from(p->rest, s.n);
    return true;
}

static Str peek_word(Parser *p)
{
    skip(p);
    int64_t n = 0;
    while (n < p->rest.n && is_word(p->rest.p[n])) n++;
    return str_of(p->rest.p, n);
}

static bool take_word(Parser *p, const char *word)
{
    Str w = peek_word(p);
    if (!str_ieq(w, str_z(word))) return false;
    p->rest = str_from(p->rest, w.n);
    return true;
}

static Status bad(Parser *p, const char *what)
{
    return fail(ERR_INVALID, "test parser: %s at <" STR_FMT ">", what, STR_ARG(p->rest));
}

static Status call(Parser *p, Expr **e, const char *name, int32_t n, Expr **arg)
{
    Expr *c = expr_new(p->a, E_CALL, (Origin){0});
    c->name = str_z(name);
    c->nargs = n;
    c->arg = NEW(p->a, Expr *, n);
    for (int32_t i = 0; i < n; i++) c->arg[i] = arg[i];
    *e = c;
    return fn_resolve(p->a, e, p->ctx);
}

static Status quoted(Parser *p, Str *text)
{
    char quote = p->rest.p[0];
    Buf b = buf_new(p->a);
    int64_t i = 1;
    for (; i < p->rest.n && p->rest.p[i] != quote; i++) {
        char c = p->rest.p[i];
        if (c == '\\' && i + 1 < p->rest.n) {
            c = p->rest.p[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
            if (c == '%' || c == '_') buf_char(&b, '\\');
        }
        buf_char(&b, c);
    }
    if (i >= p->rest.n) return bad(p, "string");
    p->rest = str_from(p->rest, i + 1);
    *text = str_copy(p->a, buf_str(&b));
    return DONE;
}

static Expr *literal(Parser *p, const Type *t, Datum v) { return expr_literal(p->a, t, &v); }

static Status number(Parser *p, Expr **e)
{
    int64_t n = 0;
    Str s = p->rest;
    bool fraction = false, exponent = false;
    while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
        fraction |= s.p[n++] == '.';
    if (n < s.n && (s.p[n] | 32) == 'e') {
        exponent = true;
        n += 1 + (s.p[n + 1] == '-' || s.p[n + 1] == '+');
        while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9') n++;
    }
    Str digits = str_of(s.p, n);
    char suffix = n < s.n ? (char)(s.p[n] | 32) : 0;
    bool big = suffix == 'b';
    p->rest = str_from(s, n + (suffix && strchr("lsydfb", suffix) ? 1 + big : 0));
    Datum v = {0};
    if (suffix == 'd' || suffix == 'f' || (exponent && !big)) {
        if (!num_parse_f64(digits, &v.f)) return bad(p, "number");
        v.f = suffix == 'f' ? (double)(float)v.f : v.f;
        *e = literal(p, suffix == 'f' ? &type_float : &type_double, v);
        return DONE;
    }
    if (fraction || big) {
        int64_t point = str_find_char(digits, '.');
        int32_t scale = point < 0 ? 0 : (int32_t)(digits.n - point - 1);
        if (!num_parse_decimal(digits, scale, &v.d)) return bad(p, "decimal");
        *e = literal(p, type_decimal(p->a, MAX(num_precision(v.d), scale), scale), v);
        return DONE;
    }
    if (!num_parse_i64(digits, &v.i)) {
        if (!num_parse_decimal(digits, 0, &v.d)) return bad(p, "number");
        *e = literal(p, type_decimal(p->a, num_precision(v.d), 0), v);
        return DONE;
    }
    const Type *t = suffix == 'l'                  ? &type_bigint
                    : suffix == 's'                ? &type_smallint
                    : suffix == 'y'                ? &type_tinyint
                    : v.i == (int64_t)(int32_t)v.i ? &type_int
                                                   : &type_bigint;
    *e = literal(p, t, v);
    return DONE;
}

static Status typed_literal(Parser *p, const Type *t, Expr **e)
{
    Str text = {0};
    skip(p);
    TRY(quoted(p, &text));
    Datum v = {0};
    TimeReader r = time_reader(p->ctx);
    int32_t days = 0;
    bool ok = t->id == T_DATE            ? date_read(text, &days)
              : t->id == T_TIMESTAMP_NTZ ? time_read_ntz(&r, text, &v.i)
                                         : time_read(&r, text, &v.i);
    if (!ok) return bad(p, "time");
    if (t->id == T_DATE) v.i = days;
    *e = literal(p, t, v);
    return DONE;
}

static int32_t field_index(Str w)
{
    static const Str names[] = {STR_INIT("year"), STR_INIT("month"),  STR_INIT("day"),
                                STR_INIT("hour"), STR_INIT("minute"), STR_INIT("second")};
    if (w.n > 1 && (w.p[w.n - 1] | 32) == 's') w.n--;
    for (int32_t i = 0; i < COUNT(names); i++)
        if (str_ieq(w, names[i])) return i;
    return -1;
}

// INTERVAL '1 2' DAY TO HOUR, INTERVAL 1 DAY 2 HOURS
static Status interval(Parser *p, Expr **e)
{
    Interval sum = {0};
    int32_t lo = 9, hi = -1;
    Datum v = {0};
    for (;;) {
        skip(p);
        Str text = {0};
        bool quote = p->rest.n && p->rest.p[0] == '\'';
        if (quote) {
            TRY(quoted(p, &text));
        } else {
            int64_t n = 0;
            while (n < p->rest.n && strchr("+-.0123456789", p->rest.p[n])) n++;
            if (!n || p->rest.p[n - 1] == '+' || p->rest.p[n - 1] == '-') break;
            text = str_of(p->rest.p, n);
            p->rest = str_from(p->rest, n);
        }
        Str unit = peek_word(p);
        int32_t first = field_index(unit), last = first;
        p->rest = str_from(p->rest, unit.n);
        if (first < 0 && !str_ieq(unit, S("week")) && !str_ieq(unit, S("weeks")))
            return bad(p, "unit");
        if (first < 0) first = last = 2;
        if (quote && take_word(p, "to")) {
            Str to = peek_word(p);
            last = field_index(to);
            p->rest = str_from(p->rest, to.n);
        }
        lo = MIN(lo, first), hi = MAX(hi, last);
        const Type *t = type_interval_of(p->a, hi < 2 ? T_INTERVAL_YM : T_INTERVAL_DT,
                                         hi < 2 ? lo : lo - 2, hi < 2 ? hi : hi - 2);
        if (quote && first != last) {
            int32_t months = 0;
            bool ok = hi < 2 ? interval_ym_read(text, t, &months)
                             : interval_dt_read(text, t, &sum.micros);
            if (!ok) return bad(p, "interval");
            sum.months += months;
        } else if (!interval_add(&sum, text, unit)) {
            return bad(p, "interval");
        }
    }
    if (lo < 2 && hi >= 2) {
        v.interval = sum;
        *e = literal(p, &type_interval, v);
        return DONE;
    }
    v.i = hi < 2 ? sum.months : sum.days * MICROS_PER_DAY + sum.micros;
    *e = literal(p,
                 type_interval_of(p->a, hi < 2 ? T_INTERVAL_YM : T_INTERVAL_DT,
                                  hi < 2 ? lo : lo - 2, hi < 2 ? hi : hi - 2),
                 v);
    return DONE;
}

// A type up to its closing parenthesis.
static Status type_text(Parser *p, const Type **t)
{
    skip(p);
    int64_t n = 0;
    int32_t depth = 0;
    for (; n < p->rest.n; n++) {
        char c = p->rest.p[n];
        if (c == ')' && !depth) break;
        depth += (c == '(') - (c == ')');
    }
    TRY(type_parse(t, p->a, str_of(p->rest.p, n)));
    p->rest = str_from(p->rest, n);
    return DONE;
}

static Status cast(Parser *p, CastMode mode, Expr **e)
{
    Expr *x;
    const Type *t;
    if (!take_sign(p, "(")) return bad(p, "(");
    TRY(expression(p, 0, &x));
    if (!take_word(p, "as")) return bad(p, "AS");
    TRY(type_text(p, &t));
    if (!take_sign(p, ")")) return bad(p, ")");
    *e = expr_cast(p->a, x, t, mode);
    return cast_resolve(p->a, *e, p->ctx);
}

static Status case_when(Parser *p, Expr **e)
{
    Expr *arg[32], *base = NULL;
    int32_t n = 0;
    if (!str_ieq(peek_word(p), S("when"))) TRY(expression(p, 0, &base));
    while (take_word(p, "when")) {
        TRY(expression(p, 0, &arg[n]));
        if (base) TRY(call(p, &arg[n], "=", 2, (Expr *[]){base, arg[n]}));
        n++;
        if (!take_word(p, "then")) return bad(p, "THEN");
        TRY(expression(p, 0, &arg[n++]));
    }
    if (take_word(p, "else")) TRY(expression(p, 0, &arg[n++]));
    if (!take_word(p, "end")) return bad(p, "END");
    return call(p, e, "case", n, arg);
}

static bool lambda_ahead(Parser *p)
{
    Str save = p->rest;
    bool paren = take_sign(p, "("), ok = false;
    for (;;) {
        Str w = peek_word(p);
        if (!w.n) break;
        p->rest = str_from(p->rest, w.n);
        if (!paren || !take_sign(p, ",")) break;
    }
    if (!paren || take_sign(p, ")")) ok = take_sign(p, "->");
    p->rest = save;
    return ok;
}

static Status lambda(Parser *p, Expr *owner, int32_t at, Expr **e)
{
    bool paren = take_sign(p, "(");
    Expr *l = expr_new(p->a, E_LAMBDA, (Origin){0});
    l->part = NEW(p->a, Str, 4);
    do {
        Str w = peek_word(p);
        p->rest = str_from(p->rest, w.n);
        l->part[l->nparts++] = w;
    } while (take_sign(p, ","));
    if (paren) take_sign(p, ")");
    take_sign(p, "->");
    Field vars[4];
    TRY(fn_lambda_vars(p->a, owner, at, l->nparts, p->ctx, vars));
    l->id = p->next_var;
    int32_t before = p->nvars;
    for (int32_t i = 0; i < l->nparts; i++) {
        Expr *v = expr_new(p->a, E_VAR, (Origin){0});
        v->id = p->next_var++;
        v->name = l->part[i];
        v->type = vars[i].type;
        v->nullable = vars[i].nullable;
        p->var[p->nvars++] = (Var){l->part[i], v};
    }
    l->nargs = 1;
    l->arg = NEW(p->a, Expr *, 1);
    TRY(expression(p, 0, &l->arg[0]));
    p->nvars = before;
    l->type = l->arg[0]->type;
    l->nullable = l->arg[0]->nullable;
    *e = l;
    return DONE;
}

// GROUP (ORDER BY x [DESC]): one expression
static Status within_group(Parser *p, Expr *call)
{
    if (!take_word(p, "group") || !take_sign(p, "(") || !take_word(p, "order") ||
        !take_word(p, "by"))
        return bad(p, "ORDER BY");
    call->order = NEW(p->a, Expr *, 1);
    call->norder = 1;
    Expr *sort = call->order[0] = expr_new(p->a, E_SORT, (Origin){0});
    sort->nargs = 1;
    sort->arg = NEW(p->a, Expr *, 1);
    TRY(expression(p, 0, &sort->arg[0]));
    sort->descending = sort->nulls_last = take_word(p, "desc");
    return take_sign(p, ")") ? DONE : bad(p, ")");
}

static Status arguments(Parser *p, Str name, Expr **e)
{
    Expr *c = expr_new(p->a, E_CALL, (Origin){0});
    c->name = str_lower(p->a, name);
    c->arg = NEW(p->a, Expr *, 64);
    c->distinct = take_word(p, "distinct");
    while (!take_sign(p, ")")) {
        if (c->nargs && !take_sign(p, ",")) return bad(p, ",");
        Expr **arg = &c->arg[c->nargs];
        if (take_sign(p, "*")) {
            *arg = expr_new(p->a, E_STAR, (Origin){0});
        } else if (lambda_ahead(p)) {
            TRY(lambda(p, c, c->nargs, arg));
        } else {
            TRY(expression(p, 0, arg));
        }
        c->nargs++;
    }
    if (take_word(p, "within")) TRY(within_group(p, c));
    if (take_word(p, "filter")) { // (WHERE condition)
        if (!take_sign(p, "(") || !take_word(p, "where")) return bad(p, "WHERE");
        TRY(expression(p, 0, &c->filter));
        if (!take_sign(p, ")")) return bad(p, ")");
    }
    *e = c;
    return fn_resolve(p->a, e, p->ctx);
}

static Status named(Parser *p, Str name, Expr **e)
{
    for (int32_t i = p->nvars - 1; i >= 0; i--)
        if (str_ieq(p->var[i].name, name)) {
            *e = p->var[i].var;
            return DONE;
        }
    int32_t id = p->cols ? type_field(p->cols, name) : -1;
    if (id < 0) return bad(p, "name");
    *e = expr_column(p->a, id, &p->cols->field[id]);
    return DONE;
}

static Status word(Parser *p, Str w, Expr **e)
{
    Datum null = {.null = true};
    p->rest = str_from(p->rest, w.n);
    bool quote = p->rest.n && p->rest.p[0] == '\'';
    if (str_ieq(w, S("null"))) return *e = literal(p, &type_void, null), DONE;
    if (str_ieq(w, S("true"))) return *e = literal(p, &type_boolean, (Datum){.i = 1}), DONE;
    if (str_ieq(w, S("false"))) return *e = literal(p, &type_boolean, (Datum){.i = 0}), DONE;
    if (str_ieq(w, S("case"))) return case_when(p, e);
    if (str_ieq(w, S("cast"))) return cast(p, CAST_SQL, e);
    if (str_ieq(w, S("try_cast"))) return cast(p, CAST_TRY, e);
    if (str_ieq(w, S("date")) && quote) return typed_literal(p, &type_date, e);
    if (str_ieq(w, S("timestamp")) && quote) return typed_literal(p, &type_timestamp, e);
    if (str_ieq(w, S("timestamp_ntz")) && quote) return typed_literal(p, &type_timestamp_ntz, e);
    if (str_ieq(w, S("interval"))) return interval(p, e);
    if (str_ieq(w, S("x")) && quote) {
        Str hex = {0};
        TRY(quoted(p, &hex));
        char *bytes = NEW(p->a, char, hex.n / 2);
        for (int64_t i = 0; i < hex.n / 2; i++) {
            uint64_t v = 0;
            num_parse_u64_hex(str_of(hex.p + 2 * i, 2), &v);
            bytes[i] = (char)v;
        }
        *e = literal(p, &type_binary, (Datum){.s = str_of(bytes, hex.n / 2)});
        return DONE;
    }
    if (take_sign(p, "(")) return arguments(p, w, e);
    return named(p, w, e);
}

static Status prefix(Parser *p, Expr **e)
{
    skip(p);
    if (!p->rest.n) return bad(p, "end");
    char c = p->rest.p[0];
    if (take_word(p, "not")) {
        TRY(expression(p, 3, e));
        return call(p, e, "not", 1, e);
    }
    if (c == '\'' || c == '"') {
        Str text = {0};
        TRY(quoted(p, &text));
        *e = literal(p, &type_string, (Datum){.s = text});
        return DONE;
    }
    if (c == '-' && p->rest.n > 1 && p->rest.p[1] >= '0' && p->rest.p[1] <= '9') {
        p->rest = str_from(p->rest, 1);
        TRY(number(p, e));
        if ((*e)->type->id == T_DECIMAL)
            (*e)->value.d = -(*e)->value.d;
        else if ((*e)->type->id == T_DOUBLE || (*e)->type->id == T_FLOAT)
            (*e)->value.f = -(*e)->value.f;
        else
            (*e)->value.i = -(*e)->value.i;
        if ((*e)->type->id == T_DECIMAL && (*e)->value.d == -((Int128)1 << 63))
            *e = literal(p, &type_bigint, (Datum){.i = INT64_MIN});
        else if ((*e)->type->id == T_BIGINT && (*e)->value.i == INT32_MIN)
            (*e)->type = &type_int;
        return DONE;
    }
    if (c >= '0' && c <= '9') return number(p, e);
    if (c == '.' && p->rest.n > 1) return number(p, e);
    static const char *const unary[] = {"-", "+", "~", "!"};
    for (int32_t i = 0; i < COUNT(unary); i++)
        if (take_sign(p, unary[i])) {
            TRY(expression(p, 9, e));
            return call(p, e, unary[i], 1, e);
        }
    if (take_sign(p, "(")) {
        TRY(expression(p, 0, e));
        return take_sign(p, ")") ? DONE : bad(p, ")");
    }
    Str w = peek_word(p);
    return w.n ? word(p, w, e) : bad(p, "expression");
}

typedef struct Infix {
    const char *sign;
    int32_t power;
} Infix;
static const Infix infixes[] = {
    {"or", 1}, {"and", 2}, {"<=>", 4}, {"<>", 4}, {"!=", 4}, {"<=", 4}, {">=", 4},
    {"==", 4}, {"=", 4},   {"<", 4},   {">", 4},  {"||", 5}, {"|", 5},  {"^", 6},
    {"&", 7},  {"+", 8},   {"-", 8},   {"*", 9},  {"/", 9},  {"%", 9},  {"div", 9},
};

static bool take_infix(Parser *p, int32_t power, const Infix **found)
{
    for (int32_t i = 0; i < COUNT(infixes); i++) {
        const Infix *x = &infixes[i];
        Str save = p->rest;
        bool letters = is_word(x->sign[0]);
        if (x->power <= power) continue;
        if (letters ? take_word(p, x->sign) : take_sign(p, x->sign)) {
            if (str_eq(str_z(x->sign), S("-")) && p->rest.n && p->rest.p[0] == '>') {
                p->rest = save;
                continue;
            }
            *found = x;
            return true;
        }
    }
    return false;
}

static Status predicate(Parser *p, Expr **e, bool *found)
{
    Expr *arg[32] = {*e};
    int32_t n = 1;
    Str save = p->rest;
    bool negated = take_word(p, "not");
    *found = true;
    if (take_word(p, "between")) {
        TRY(expression(p, 4, &arg[n++]));
        if (!take_word(p, "and")) return bad(p, "AND");
        TRY(expression(p, 4, &arg[n++]));
        TRY(call(p, e, "between", n, arg));
    } else if (take_word(p, "in")) {
        take_sign(p, "(");
        do TRY(expression(p, 0, &arg[n++]));
        while (take_sign(p, ","));
        take_sign(p, ")");
        TRY(call(p, e, "in", n, arg));
    } else if (take_word(p, "like")) {
        TRY(expression(p, 4, &arg[n++]));
        if (take_word(p, "escape")) TRY(expression(p, 4, &arg[n++]));
        TRY(call(p, e, "like", n, arg));
    } else if (take_word(p, "ilike")) {
        TRY(expression(p, 4, &arg[n++]));
        TRY(call(p, e, "ilike", n, arg));
    } else if (take_word(p, "rlike") || take_word(p, "regexp")) {
        TRY(expression(p, 4, &arg[n++]));
        TRY(call(p, e, "rlike", n, arg));
    } else if (take_word(p, "is")) {
        bool is_not = take_word(p, "not");
        if (!take_word(p, "null")) return bad(p, "NULL");
        TRY(call(p, e, is_not ? "isnotnull" : "isnull", n, arg));
    } else {
        p->rest = save;
        *found = false;
        return DONE;
    }
    return negated ? call(p, e, "not", 1, e) : DONE;
}

static Status postfix(Parser *p, Expr **e, bool *found)
{
    *found = true;
    if (take_sign(p, "::")) {
        Str w = peek_word(p);
        const Type *t;
        TRY(type_parse(&t, p->a, w));
        p->rest = str_from(p->rest, w.n);
        *e = expr_cast(p->a, *e, t, CAST_SQL);
        return cast_resolve(p->a, *e, p->ctx);
    }
    bool bracket = take_sign(p, "[");
    if (!bracket && !take_sign(p, ".")) {
        *found = false;
        return DONE;
    }
    Expr *x = expr_new(p->a, E_EXTRACT, (Origin){0});
    x->nargs = 2;
    x->arg = NEW(p->a, Expr *, 2);
    x->arg[0] = *e;
    if (bracket) {
        TRY(expression(p, 0, &x->arg[1]));
        if (!take_sign(p, "]")) return bad(p, "]");
    } else {
        Str w = peek_word(p);
        p->rest = str_from(p->rest, w.n);
        x->arg[1] = literal(p, &type_string, (Datum){.s = w});
    }
    *e = x;
    return extract_resolve(p->a, e, p->ctx);
}

static Status expression(Parser *p, int32_t power, Expr **e)
{
    TRY(prefix(p, e));
    for (;;) {
        const Infix *infix;
        bool found;
        TRY(postfix(p, e, &found));
        if (found) continue;
        if (power < 4) {
            TRY(predicate(p, e, &found));
            if (found) continue;
        }
        if (!take_infix(p, power, &infix)) return DONE;
        Expr *side[2] = {*e};
        TRY(expression(p, infix->power, &side[1]));
        TRY(call(p, e, infix->sign, 2, side));
    }
}

Status facts_parse(Expr **e, Arena *a, const EvalCtx *ctx, Str sql, const Schema *cols)
{
    Parser p = {.a = a, .ctx = ctx, .cols = cols, .rest = sql, .next_var = 1000};
    TRY(expression(&p, 0, e));
    skip(&p);
    return p.rest.n ? bad(&p, "rest") : DONE;
}

EvalCtx facts_ctx(Arena *a, bool ansi, const char *zone)
{
    EvalCtx ctx = {.ansi = ansi,
                   .zone = zone_utc(),
                   .catalog = S("spark_catalog"),
                   .schema = S("default"),
                   .user = S("me")};
    ctx.batch_time = INT64_C(1735689600000000); // 2025-01-01
    if (zone) CHECK_OK(zone_open(&ctx.zone, a, str_z(zone)));
    return ctx;
}

Str facts_text(Arena *a, const EvalCtx *ctx, const Column *c, int32_t row)
{
    if (column_null(c, row)) return S("NULL");
    TextForm form = eval_text_form(ctx);
    form.null_text = S("null");
    form.decimal_exponent = !ctx->ansi;
    Buf b = buf_new(a);
    value_text(&b, c, row, &form);
    return buf_str(&b);
}

static Str answer_of(Arena *a, const EvalCtx *ctx, const Expr *e)
{
    Datum v;
    if (expr_fold(a, e, ctx, &v).code) return S("!");
    Column c = v.null ? column_null_of(a, e->type, 1) : column_of_datum(a, e->type, &v, 1);
    return facts_text(a, ctx, &c, 0);
}

static Str failure_name(Arena *a)
{
    const Failure *f = failure();
    Str name = f->cond ? condition_of(f->cond)->name : f->text;
    return str_cat(a, S("!"), name);
}

// Literals of a tree become columns of a batch: their values, NULL, their values again.
typedef struct Columns {
    Arena *a;
    VEC(Column) col;
} Columns;
enum { ROWS = 3 };

static Status to_column(void *ctx, Expr **e)
{
    Columns *c = ctx;
    Expr *x = *e;
    if (x->kind != E_LITERAL || x->value.null) return DONE;
    Column col = column_of_datum(c->a, x->type, &x->value, ROWS);
    uint8_t *valid = column_own_valid(c->a, &col);
    valid[1] = 0;
    Field f = field_of(S("c"), x->type, true);
    *e = expr_column(c->a, (int32_t)c->col.n, &f);
    vec_push(c->a, &c->col, col);
    return DONE;
}

static bool wants_literals(const Expr *e)
{
    if (e->kind != E_FN) return false;
    if (strstr(e->fn->signature, "lit:")) return true;
    // NULL is an error for these.
    return str_eq(e->fn->name, S("map")) || str_starts(e->fn->name, S("map_from")) ||
           str_eq(e->fn->name, S("assert_true"));
}

static void check_columns(Arena *a, const EvalCtx *ctx, const Expr *e, const Fact *f)
{
    Columns c = {.a = a};
    Expr *x = expr_copy(a, e);
    Prog *p;
    Column out;
    if (expr_any(e, wants_literals)) return;
    CHECK_OK(expr_walk(&x, to_column, &c));
    if (prog_compile(&p, a, &x, 1, ctx).code ||
        prog_run(p, &(Batch){ROWS, (int32_t)c.col.n, c.col.v}, &out).code) {
        test_check(f->answer[0] == '!', __FILE__, __LINE__, "%s as columns: %s", f->sql,
                   fail_text());
        return;
    }
    for (int32_t i = 0; i < ROWS; i += 2) {
        Str got = facts_text(a, ctx, &out, i);
        test_check(str_eq(got, str_z(f->answer)), __FILE__, __LINE__,
                   "%s as columns, row %d: got " STR_FMT ", want %s", f->sql, i, STR_ARG(got),
                   f->answer);
    }
}

static void check_fact(Arena *a, const EvalCtx *ctx, const Fact *f)
{
    Expr *e = NULL;
    Str got;
    if (facts_parse(&e, a, ctx, str_z(f->sql), NULL).code) {
        got = failure_name(a);
        e = NULL;
    } else {
        got = answer_of(a, ctx, e);
        if (str_eq(got, S("!"))) got = failure_name(a);
    }
    test_check(str_eq(got, str_z(f->answer)), __FILE__, __LINE__, "%s: got " STR_FMT ", want %s",
               f->sql, STR_ARG(got), f->answer);
    if (!e) return;
    check_columns(a, ctx, e, f);
    if (!f->name) return;
    Str name = str_fmt(a, STR_FMT " " STR_FMT, STR_ARG(expr_output_name(a, e)),
                       STR_ARG(type_name_str(a, e->type)));
    test_check(str_eq(name, str_z(f->name)), __FILE__, __LINE__, "%s: named " STR_FMT ", want %s",
               f->sql, STR_ARG(name), f->name);
}

void facts_check(Arena *a, const EvalCtx *ctx, const Fact *fact, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        Arena *one = arena_new(a);
        check_fact(one, ctx, &fact[i]);
        arena_free(one);
    }
}
