// fn_args.c -- checks and completions of calls that several families need.
#include "base/num.h"
#include "expr/fn_in.h"
#include "expr/prog.h"

Expr *int_literal(Arena *a, int32_t v) { return expr_literal(a, &type_int, &(Datum){.i = v}); }
Expr *string_literal(Arena *a, Str s) { return expr_literal(a, &type_string, &(Datum){.s = s}); }

void push_arg(Arena *a, Expr *call, Expr *arg)
{
    Expr **list = NEW(a, Expr *, call->nargs + 1);
    for (int32_t i = 0; i < call->nargs; i++) list[i] = call->arg[i];
    list[call->nargs++] = arg;
    call->arg = list;
}

void default_arg(Arena *a, Expr *call, int32_t n, Expr *value)
{
    if (call->nargs < n) push_arg(a, call, value);
}

Status fold_arg(Arena *a, const Expr *call, int32_t i, const EvalCtx *ctx, Datum *v)
{
    return expr_fold(a, call->arg[i], ctx, v);
}

bool any_nullable(const Expr *e)
{
    for (int32_t i = 0; i < e->nargs; i++)
        if (e->arg[i]->nullable) return true;
    return false;
}

Str quoted_name(Arena *a, Str name) { return str_fmt(a, "`" STR_FMT "`", STR_ARG(name)); }

// As an operator when it was called by its sign.
void sql_infix(Buf *b, const Expr *e)
{
    if (!str_eq(e->name, e->fn->name)) {
        sql_as(b, e, str_to_z(b->arena, e->name));
        return;
    }
    buf_char(b, '(');
    expr_sql(b, e->arg[0]);
    buf_char(b, ' ');
    buf_put(b, e->fn->pretty ? str_z(e->fn->pretty) : e->fn->name);
    buf_char(b, ' ');
    expr_sql(b, e->arg[1]);
    buf_char(b, ')');
}

void sql_as(Buf *b, const Expr *e, const char *name)
{
    buf_put(b, str_z(name));
    buf_char(b, '(');
    for (int32_t i = 0; i < e->nargs; i++) {
        if (i) buf_put(b, S(", "));
        expr_sql(b, e->arg[i]);
    }
    buf_char(b, ')');
}

// The types of the call's arguments, or of the `values` among them that should have met.
Status diff_types(Arena *a, const Expr *call, const Expr *values)
{
    Buf types = buf_new(a);
    const Expr *of = values ? values : call;
    bool when = call->fn && str_eq(call->fn->name, S("when"));
    Str name = when ? S("casewhen") : call->name;
    Expr shown = *call;
    if (str_eq(name, S("nvl")) || str_eq(name, S("ifnull"))) shown.name = name = S("coalesce");
    buf_char(&types, values ? '[' : '(');
    for (int32_t i = 0; i < of->nargs; i++) {
        if (i) buf_put(&types, values ? S(", ") : S(" or "));
        buf_put(&types, quoted_type(a, of->arg[i]->type));
    }
    buf_char(&types, values ? ']' : ')');
    return RAISE(DATATYPE_MISMATCH_DATA_DIFF_TYPES, P("sqlExpr", quoted_sql(a, &shown)),
                 P("functionName", quoted_name(a, name)), P("dataType", buf_str(&types)));
}

Status wrong_type(Arena *a, const Expr *call, int32_t arg, const char *required)
{
    static const char *const ordinal[] = {"first", "second",  "third",  "fourth", "fifth",
                                          "sixth", "seventh", "eighth", "ninth",  "tenth"};
    Str index = arg < COUNT(ordinal) ? str_z(ordinal[arg]) : str_fmt(a, "%dth", arg + 1);
    Expr *e = call->arg[arg];
    return RAISE(DATATYPE_MISMATCH_UNEXPECTED_INPUT_TYPE, P("sqlExpr", quoted_sql(a, call)),
                 P("paramIndex", index), P("requiredType", str_z(required)),
                 P("inputSql", quoted_sql(a, e)), P("inputType", quoted_type(a, e->type)));
}

Status coerce_args(Arena *a, Expr *call, int32_t from, int32_t step, const EvalCtx *ctx)
{
    const Type *common = &type_void;
    for (int32_t i = from; i < call->nargs; i += step) {
        common = common_type(a, common, call->arg[i]->type, ctx->ansi);
        if (!common) return diff_types(a, call, NULL);
    }
    for (int32_t i = from; i < call->nargs; i += step) coerce(a, &call->arg[i], common);
    return DONE;
}

// An integer literal beside a decimal has as many digits as it is written with.
static void exact_literal(Arena *a, Expr **e, const Type *other)
{
    Expr *x = *e;
    if (x->kind != E_LITERAL || !type_is_integral(x->type) || x->value.null) return;
    if (other->id == T_DECIMAL) coerce(a, e, type_decimal(a, num_precision(x->value.i), 0));
}

static bool is_interval(const Type *t)
{
    return t->id == T_INTERVAL || t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT;
}

// Without ANSI a string becomes a DOUBLE for arithmetic, the other side's type for comparisons.
static const Type *legacy_string_side(const Type *other)
{
    if (other->id == T_DECIMAL) return &type_double;
    return other->nfields || is_interval(other) ? NULL : other;
}
static void legacy_numbers(Arena *a, Expr *call)
{
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    if (x->id == T_STRING && !is_interval(y)) coerce(a, &call->arg[0], &type_double);
    if (y->id == T_STRING && !is_interval(x)) coerce(a, &call->arg[1], &type_double);
}

static const Type *string_side(Arena *a, const Expr *call, const EvalCtx *ctx)
{
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    if ((x->id == T_STRING) == (y->id == T_STRING)) return NULL;
    const Type *other = x->id == T_STRING ? y : x;
    if (other->id == T_VOID) return &type_string;
    return ctx->ansi ? common_type(a, x, y, true) : legacy_string_side(other);
}

Status diff_sides(Arena *a, const Expr *call)
{
    Expr shown = *call;
    static const struct {
        Str name, sign;
    } row[] = {
        {STR_INIT("try_add"), STR_INIT("+")},      {STR_INIT("try_subtract"), STR_INIT("-")},
        {STR_INIT("try_multiply"), STR_INIT("*")}, {STR_INIT("try_divide"), STR_INIT("/")},
        {STR_INIT("try_mod"), STR_INIT("%")},      {STR_INIT("equal_null"), STR_INIT("<=>")}};
    for (int64_t i = 0; i < COUNT(row); i++)
        if (str_eq(call->name, row[i].name))
            shown.name = row[i].sign, shown.fn = fn_find(row[i].sign);
    return RAISE(DATATYPE_MISMATCH_BINARY_OP_DIFF_TYPES, P("sqlExpr", quoted_sql(a, &shown)),
                 P("left", quoted_type(a, call->arg[0]->type)),
                 P("right", quoted_type(a, call->arg[1]->type)));
}

Status coerce_sides(Arena *a, Expr *call, Accepts accepts, const EvalCtx *ctx)
{
    if (accepts && !ctx->ansi) legacy_numbers(a, call);
    exact_literal(a, &call->arg[0], call->arg[1]->type);
    exact_literal(a, &call->arg[1], call->arg[0]->type);
    const Type *x = call->arg[0]->type, *y = call->arg[1]->type;
    const Type *side = string_side(a, call, ctx);
    bool both = side || x->id == T_DECIMAL || y->id == T_DECIMAL; // get it in any case
    if (!side) side = tightest_type(a, x, y, ctx->ansi);
    if (!side || (accepts && !both && !type_eq(x, y) && !accepts(side))) return diff_sides(a, call);
    // Arithmetic of decimals works on both as they are.
    bool decimals = side->id == T_DECIMAL && accepts;
    coerce(a, &call->arg[0], decimals && x->id != T_VOID ? decimal_of(a, x) : side);
    coerce(a, &call->arg[1], decimals && y->id != T_VOID ? decimal_of(a, y) : side);
    return DONE;
}
