// fn.c -- from the name and arguments of a call to a resolved function: the row is found, the
// arguments are cast as its signature asks, and the row completes the call.
#include "expr/agg_in.h"
#include "expr/fn_in.h"

static const FnTable *const families[] = {
    &fn_arith,     &fn_compare,     &fn_logic, &fn_cond,   &fn_interval,  &fn_struct,
    &fn_lambda,    &fn_math,        &fn_round, &fn_hash,   &fn_string,    &fn_text,
    &fn_encode,    &fn_regex,       &fn_array, &fn_time,   &fn_time_make, &fn_time_text,
    &fn_time_unit, &fn_json,        &fn_map,   &fn_format, &fn_number,    &fn_aes,
    &fn_csv,       &fn_time_of_day, &fn_url,   &fn_misc,   &fn_sequence,  &fn_parse_url,
    &fn_random};

static bool is_alias(const char *signature) { return signature[0] == '='; }

static const FnRow *find_row(Str name)
{
    for (int32_t f = 0; f < COUNT(families); f++)
        for (int32_t i = 0; i < families[f]->n; i++)
            if (str_eq(families[f]->row[i].name, name)) return &families[f]->row[i];
    return NULL;
}

const FnRow *fn_find(Str name)
{
    const FnRow *row = find_row(name);
    return row && is_alias(row->signature) ? find_row(str_z(row->signature + 2)) : row;
}

static int64_t entries(FnEntry *list)
{
    int64_t n = 0;
    for (int32_t f = 0; f < COUNT(families); f++)
        for (int32_t i = 0; i < families[f]->n; i++, n++) {
            const FnRow *r = &families[f]->row[i];
            if (list) list[n] = (FnEntry){r, NULL, r->name, r->signature, r->doc};
        }
    const AggRow *row;
    for (int64_t i = 0; (row = agg_row(i)) != NULL; i++) {
        if (str_starts(row->name, S("__"))) continue; // not of SQL
        if (list) list[n] = (FnEntry){NULL, row, row->name, row->signature, row->doc};
        n++;
    }
    return n;
}

int64_t fn_list(Arena *a, const FnEntry **out)
{
    int64_t n = entries(NULL);
    FnEntry *list = NEW(a, FnEntry, n);
    entries(list);
    for (int64_t i = 1; i < n; i++) {
        FnEntry e = list[i];
        int64_t at = i;
        for (; at > 0 && str_cmp(e.name, list[at - 1].name) < 0; at--) list[at] = list[at - 1];
        list[at] = e;
    }
    *out = list;
    return n;
}

// A signature, word by word.
typedef struct Slot {
    Str class; // without lit:, ? and *
    bool literal, optional, many;
} Slot;
enum { SLOTS_MAX = 16 };
typedef struct Signature {
    Slot slot[SLOTS_MAX];
    int32_t n, least, most; // most -1: no limit
    Str result;
} Signature;

static Slot slot_of(Str word)
{
    Slot s = {.class = word};
    if (str_starts(s.class, S("lit:"))) {
        s.literal = true;
        s.class = str_from(s.class, 4);
    }
    char last = s.class.p[s.class.n - 1];
    s.many = last == '*';
    s.optional = last == '?';
    s.class.n -= s.many || s.optional;
    return s;
}

static Signature signature_of(const char *text)
{
    Signature sig = {0};
    Str rest = str_z(text);
    while (rest.n) {
        Cut cut = str_cut(rest, ' ');
        rest = cut.tail;
        if (str_eq(cut.head, S("->"))) {
            sig.result = rest;
            break;
        }
        must(sig.n < SLOTS_MAX);
        Slot s = slot_of(cut.head);
        sig.slot[sig.n++] = s;
        sig.least += !s.optional && !s.many;
        sig.most = s.many || sig.most < 0 ? -1 : sig.most + 1;
    }
    return sig;
}

static const Slot *slot_at(const Signature *sig, int32_t i)
{
    return &sig->slot[MIN(i, sig->n - 1)];
}

static Status check_count(Arena *a, const Expr *call, const Signature *sig)
{
    int32_t n = call->nargs;
    if (n >= sig->least && (sig->most < 0 || n <= sig->most)) return DONE;
    Str expected = str_fmt(a, "%d", sig->least);
    if (sig->most < 0) {
        expected = str_fmt(a, "> %d", sig->least - 1);
    } else if (sig->most > sig->least) {
        Buf b = buf_new(a);
        for (int32_t i = sig->least; i <= sig->most; i++) buf_fmt(&b, "%s%d", b.n ? ", " : "[", i);
        buf_char(&b, ']');
        expected = buf_str(&b);
    }
    return RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION, P("functionName", quoted_name(a, call->name)),
                 P("expectedNum", expected), P("actualNum", str_fmt(a, "%d", n)), DOCROOT);
}

Status fn_check_count(Arena *a, const Expr *call)
{
    const FnRow *row = fn_find(call->name);
    if (!row) return DONE;
    Signature sig = signature_of(row->signature);
    return check_count(a, call, &sig);
}

static bool is_interval(const Type *t)
{
    return t->id == T_INTERVAL || t->id == T_INTERVAL_YM || t->id == T_INTERVAL_DT;
}

// A class that is no type by itself: does t belong to it, and what stands for it by default.
typedef struct Class {
    Str name;
    bool (*has)(const Type *t);
    const Type *dflt; // NULL: nothing is cast to it
} Class;
static bool is_any(const Type *t) { return t != NULL; }
static bool is_atomic(const Type *t) { return t->nfields == 0; }
static bool is_fractional(const Type *t) { return type_is_numeric(t) && !type_is_integral(t); }
static bool is_decimal(const Type *t) { return t->id == T_DECIMAL; }
static bool is_array(const Type *t) { return t->id == T_ARRAY; }
static bool is_map(const Type *t) { return t->id == T_MAP; }
static bool is_struct(const Type *t) { return t->id == T_STRUCT; }
static bool is_string(const Type *t) { return t->id == T_STRING; }
static bool is_epoch(const Type *t) { return t->id == T_TIMESTAMP; }
static bool is_lambda(const Type *t) { return t != NULL; }
static const Class classes[] = {
    {STR_INIT("any"), is_any, NULL},
    {STR_INIT("lambda"), is_lambda, NULL},
    {STR_INIT("atomic"), is_atomic, NULL},
    {STR_INIT("numeric"), type_is_numeric, &type_double},
    {STR_INIT("integral"), type_is_integral, &type_int},
    {STR_INIT("fractional"), is_fractional, &type_double},
    {STR_INIT("decimal"), is_decimal, NULL},
    {STR_INIT("orderable"), type_is_orderable, NULL},
    {STR_INIT("interval"), is_interval, NULL},
    {STR_INIT("epoch"), is_epoch, NULL}, // a TIMESTAMP that counts as seconds
    {STR_INIT("string"), is_string, &type_string},
    {STR_INIT("text"), is_string, &type_string}, // nothing else becomes one
    {STR_INIT("array"), is_array, NULL},
    {STR_INIT("map"), is_map, NULL},
    {STR_INIT("struct"), is_struct, NULL},
};

static const Class *class_of(Str name)
{
    for (int32_t i = 0; i < COUNT(classes); i++)
        if (str_eq(classes[i].name, name)) return &classes[i];
    return NULL;
}

static const Type *type_named(Arena *a, Str name)
{
    const Type *t;
    Status s = type_parse(&t, a, name);
    must(s.code == OK);
    return t;
}

// Implicit casts under ANSI: what may be stored, and strings to anything that is not nested.
static const Type *implicit_type(Arena *a, const Type *from, const Type *to)
{
    if (from->id == T_STRING && to->nfields == 0) return to;
    (void)a;
    return store_allowed(from, to) ? to : NULL;
}

Status coerce_arg(Arena *a, Expr *call, int32_t i, const Type *t)
{
    const Type *from = call->arg[i]->type;
    if (!type_eq(from, t) && from->id != T_VOID && !implicit_type(a, from, t))
        return wrong_type(a, call, i, str_to_z(a, quoted_type(a, t)));
    coerce(a, &call->arg[i], t);
    return DONE;
}

// What NULL is for a class: its default, with nothing inside.
static const Type *void_as(Arena *a, const Class *c)
{
    if (c->has == is_array) return type_array(a, &type_void, true);
    if (c->has == is_map) return type_map(a, &type_void, &type_void, true);
    if (c->has == is_interval) return &type_interval;
    return c->dflt ? c->dflt : &type_void;
}

static const Type *class_type(Arena *a, Str name, const Type *from, bool accept_only)
{
    bool no_text = str_ends(name, S("!"));
    if (no_text && from->id == T_STRING) return NULL;
    if (no_text) name = str_sub(name, 0, name.n - 1);
    const Class *c = class_of(name);
    must(from);
    if (!c) {
        const Type *to = type_named(a, name);
        if (type_eq(from, to) || (from->id == T_STRING && to->id == T_STRING)) return from;
        return accept_only ? NULL : implicit_type(a, from, to);
    }
    if (c->has(from)) return from;
    if (accept_only || (str_eq(name, S("text")) && from->id != T_VOID)) return NULL;
    if (c->has == is_decimal) {
        if (type_is_numeric(from)) return decimal_of(a, from);
        return from->id == T_STRING || from->id == T_VOID ? type_decimal(a, 38, 18) : NULL;
    }
    if (from->id == T_VOID) return void_as(a, c);
    if (c->has == type_is_integral && (is_fractional(from) || is_string(from))) return NULL;
    return c->dflt ? implicit_type(a, from, c->dflt) : NULL;
}

// The type an argument gets: of the first alternative that takes it as it is, else of the first it
// can be cast to. NULL: none.
static const Type *slot_type(Arena *a, const Slot *slot, const Type *from)
{
    for (int32_t accept_only = 1; accept_only >= 0; accept_only--) {
        Str rest = slot->class;
        while (rest.n) {
            Cut cut = str_cut(rest, '|');
            rest = cut.tail;
            const Type *t = class_type(a, cut.head, from, accept_only);
            if (t) return t;
        }
    }
    return NULL;
}

static Status refuse_arg(Arena *a, const Expr *call, int32_t i, const Slot *slot)
{
    Buf b = buf_new(a);
    Str rest = slot->class;
    if (str_eq(rest, S("timestamp|timestamp_ntz")))
        return wrong_type(a, call, i, "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"");
    if (str_ends(rest, S("|epoch")))
        return wrong_type(a, call, i, "\"NUMERIC\" or \"ANSI INTERVAL\"");
    bool several = str_find_char(rest, '|') >= 0;
    if (several) buf_char(&b, '(');
    while (rest.n) {
        Cut cut = str_cut(rest, '|');
        rest = cut.tail;
        Str name = str_eq(cut.head, S("text")) ? S("STRING") : str_upper(a, cut.head);
        if (str_ends(name, S("!"))) name.n--;
        buf_fmt(&b, "\"" STR_FMT "\"%s", STR_ARG(name), rest.n ? " or " : "");
    }
    if (several) buf_char(&b, ')');
    buf_char(&b, 0);
    return wrong_type(a, call, i, b.p);
}

static bool is_var(Str class) { return str_eq(class, S("T")) || str_eq(class, S("array<T>")); }

// Arrays and values meet without texts becoming numbers; two arrays without losing digits either.
static Status meet_elements(Arena *a, const Expr *call, const Type *of, bool arrays,
                            const EvalCtx *ctx, const Type **t)
{
    const Type *met = tightest_type(a, *t, of, ctx->ansi);
    bool had = (*t)->id == T_DECIMAL, has = of->id == T_DECIMAL;
    bool exact = met && (!had || has || type_eq(*t, met)) &&
                 (!has || had || (*t)->id == T_VOID || type_eq(of, met));
    if (met && (exact || !arrays)) {
        *t = met;
        return DONE;
    }
    Str name = quoted_name(a, call->name), sql = quoted_sql(a, call);
    Str left = quoted_type(a, call->arg[0]->type);
    Str right = quoted_type(a, call->arg[call->nargs - 1]->type);
    if (arrays)
        return RAISE(DATATYPE_MISMATCH_BINARY_ARRAY_DIFF_TYPES, P("sqlExpr", sql),
                     P("functionName", name), P("arrayType", S("\"ARRAY\"")), P("leftType", left),
                     P("rightType", right));
    return RAISE(DATATYPE_MISMATCH_ARRAY_FUNCTION_DIFF_TYPES, P("sqlExpr", sql),
                 P("functionName", name), P("dataType", S("\"ARRAY\"")), P("leftType", left),
                 P("rightType", right));
}

// What T is: the common type of all arguments that are T and of the elements of those that are
// array<T>.
static Status bind_var(Arena *a, const Expr *call, const Signature *sig, const EvalCtx *ctx,
                       const Type **t)
{
    *t = &type_void;
    bool elements = sig->n && str_eq(sig->slot[0].class, S("array<T>"));
    for (int32_t i = 0; i < call->nargs; i++) {
        const Slot *slot = slot_at(sig, i);
        const Type *of = call->arg[i]->type;
        if (!is_var(slot->class)) continue;
        must(of);
        if (slot->class.n > 1) {
            if (of->id == T_VOID) continue;
            if (of->id != T_ARRAY) return wrong_type(a, call, i, "\"ARRAY\"");
            of = of->field[0].type;
        }
        if (elements) {
            TRY(meet_elements(a, call, of, slot->class.n > 1, ctx, t));
            continue;
        }
        *t = common_type(a, *t, of, ctx->ansi);
        if (!*t) return diff_types(a, call, NULL);
    }
    return DONE;
}

static const Type *array_like(Arena *a, const Type *t, const Type *of)
{
    return type_array(a, t, of->id != T_ARRAY || of->field[0].nullable);
}

// A value where a function stands is the function that gives it whatever its variables are.
static Expr *constant_lambda(Arena *a, const Expr *call, int32_t i)
{
    enum { NO_VARIABLE = INT32_MIN / 2 }; // no variable has this id
    Expr *value = call->arg[i], *l = expr_new(a, E_LAMBDA, value->at);
    bool finish = i == 3; // of reduce
    bool one = call->nargs == 2 && call->arg[0]->type->id == T_ARRAY &&
               !str_eq(call->name, S("array_sort"));
    l->nparts = str_eq(call->name, S("map_zip_with")) ? 3 : one || finish ? 1 : 2;
    l->part = NEW(a, Str, l->nparts);
    l->arg = NEW(a, Expr *, 1);
    l->arg[0] = value;
    l->nargs = 1;
    l->id = NO_VARIABLE;
    l->type = value->type;
    l->nullable = value->nullable;
    return l;
}

static Status cast_args(Arena *a, Expr *call, const Signature *sig, const Type *var)
{
    for (int32_t i = 0; i < call->nargs; i++) {
        const Slot *slot = slot_at(sig, i);
        Expr **arg = &call->arg[i];
        bool own = str_eq(slot->class, S("any")); // then the row's analyse refuses it
        if (slot->literal && !own && !expr_foldable(*arg))
            return RAISE(DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, P("sqlExpr", quoted_sql(a, call)),
                         P("inputName", quoted_name(a, slot->class)),
                         P("inputType", S("\"STRING\"")), P("inputExpr", quoted_sql(a, *arg)));
        if (is_var(slot->class)) {
            coerce(a, arg, slot->class.n > 1 ? array_like(a, var, (*arg)->type) : var);
            continue;
        }
        must((*arg)->type);
        bool lambda = str_eq(slot->class, S("lambda"));
        if (lambda && (*arg)->kind != E_LAMBDA) *arg = constant_lambda(a, call, i);
        if (!lambda && (*arg)->kind == E_LAMBDA) return refuse_arg(a, call, i, slot);
        const Type *t = slot_type(a, slot, (*arg)->type);
        if (!t) return refuse_arg(a, call, i, slot);
        coerce(a, arg, t);
    }
    return DONE;
}

static const Type *result_type(Arena *a, const Expr *call, const Signature *sig, const Type *var)
{
    Str r = sig->result;
    if (str_eq(r, S("-"))) return NULL;
    if (str_eq(r, S("T"))) return var;
    if (str_eq(r, S("array<T>"))) return type_array(a, var, true);
    must(r.n > 0);
    if (r.p[0] == '=') return call->arg[r.p[1] - '0']->type;
    return type_named(a, r);
}

static Status apply_signature(Arena *a, Expr *call, const char *text, const EvalCtx *ctx)
{
    Signature sig = signature_of(text);
    const Type *var = NULL;
    TRY(check_count(a, call, &sig));
    TRY(bind_var(a, call, &sig, ctx, &var));
    TRY(cast_args(a, call, &sig, var));
    call->type = result_type(a, call, &sig, var);
    return DONE;
}

static Status resolve_fn(Arena *a, Expr *call, const FnRow *row, const EvalCtx *ctx)
{
    if (call->distinct || call->filter || call->norder)
        return RAISE(FUNCTION_WITH_UNSUPPORTED_SYNTAX, P("prettyName", quoted_name(a, call->name)),
                     P("syntax", call->distinct ? S("DISTINCT") : S("FILTER CLAUSE")));
    call->fn = row;
    TRY(apply_signature(a, call, row->signature, ctx));
    call->kind = E_FN;
    call->nullable =
        !(row->flags & FN_NOT_NULL) &&
        (any_nullable(call) || row->flags & (FN_MAY_NULL | FN_OWN_NULLS | FN_SAYS_NULL));
    if (row->analyse) TRY(row->analyse(a, call, ctx)); // which may make something else of it
    must(call->type);
    return DONE;
}

static Status resolve_agg(Arena *a, Expr *call, const AggRow *row, const EvalCtx *ctx)
{
    if (call->norder && row->order == NO_ORDER)
        return RAISE(FUNCTION_WITH_UNSUPPORTED_SYNTAX, P("prettyName", quoted_name(a, call->name)),
                     P("syntax", S("WITHIN GROUP (ORDER BY ...)")));
    if (call->distinct && row->order == MUST_ORDER)
        return RAISE(WITHIN_GROUP_DISTINCT, P("funcName", quoted_name(a, call->name)));
    if (!call->norder && row->order == MUST_ORDER)
        return RAISE(WITHIN_GROUP_MISSING, P("funcName", quoted_name(a, call->name)));
    TRY(apply_signature(a, call, row->signature, ctx));
    call->agg = row;
    call->nullable = true;
    if (row->analyse) TRY(row->analyse(a, call, ctx));
    call->kind = E_AGG;
    must(call->type);
    return DONE;
}

// int(x), string(x): a cast by the name of the type.
static bool is_type_function(Str name)
{
    static const Str names[] = {
        STR_INIT("boolean"), STR_INIT("tinyint"), STR_INIT("smallint"), STR_INIT("int"),
        STR_INIT("bigint"),  STR_INIT("float"),   STR_INIT("double"),   STR_INIT("decimal"),
        STR_INIT("date"),    STR_INIT("binary"),  STR_INIT("string"),   STR_INIT("timestamp"),
        STR_INIT("time"),
    };
    for (int32_t i = 0; i < COUNT(names); i++)
        if (str_eq(name, names[i])) return true;
    return false;
}

bool fn_built(Str name)
{
    const FnRow *fn = fn_find(name);
    return (fn && !(fn->flags & FN_INTERNAL)) || agg_find(name) || is_type_function(name);
}

static Status resolve_cast(Arena *a, Expr *call, const EvalCtx *ctx)
{
    TRY(check_count(a, call, &(Signature){.n = 1, .least = 1, .most = 1}));
    call->type = type_named(a, call->name);
    call->kind = E_CAST;
    call->cast_mode = CAST_IMPLICIT; // its name does not show it
    call->name = (Str){0};
    return cast_resolve(a, call, ctx);
}

static Status unknown(Arena *a, Str name, const EvalCtx *ctx)
{
    static const Str transforms[] = {STR_INIT("years"), STR_INIT("months"), STR_INIT("days"),
                                     STR_INIT("hours"), STR_INIT("bucket")};
    for (int64_t i = 0; i < COUNT(transforms); i++)
        if (str_ieq(transforms[i], name))
            return RAISE(PARTITION_TRANSFORM_EXPRESSION_NOT_IN_PARTITIONED_BY,
                         P("expression", quoted_name(a, name)));
    if (fn_known_to_spark(name))
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", str_fmt(a, "the function " STR_FMT, STR_ARG(name))),
                     P("needs", S("SHOW FUNCTIONS lists those that are")));
    const FnEntry *list;
    int64_t n = fn_list(a, &list);
    Str *names = NEW(a, Str, n);
    for (int64_t i = 0; i < n; i++) names[i] = list[i].name;
    Str near = str_nearest(name, names, n);
    return RAISE(
        UNRESOLVED_ROUTINE, P("routineName", quoted_name(a, name)),
        P("searchPath",
          str_fmt(a, "[`system`.`builtin`, `system`.`session`, `" STR_FMT "`.`" STR_FMT "`]",
                  STR_ARG(ctx->catalog), STR_ARG(ctx->schema))),
        P("hint", near.n ? str_fmt(a, "; did you mean " STR_FMT "?", STR_ARG(near)) : (Str){0}));
}

static Status resolve(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const FnRow *fn = fn_find(call->name);
    const AggRow *agg = agg_find(call->name);
    if (agg && call->nargs == 1 && call->arg[0]->kind == E_STAR)
        call->arg[0] = int_literal(a, 1); // count(*)
    if (fn && !(fn->flags & FN_INTERNAL)) return resolve_fn(a, call, fn, ctx);
    if (agg) return resolve_agg(a, call, agg, ctx);
    if (is_type_function(call->name)) return resolve_cast(a, call, ctx);
    return unknown(a, call->name, ctx);
}

// What a call made of its arguments, casts above all, fails where the call stands, as in Spark.
static void place_made(Expr *e, Origin at, int32_t depth)
{
    for (int32_t i = 0; i < e->nargs; i++) {
        Expr *kid = e->arg[i];
        bool made = !origin_known(&kid->at);
        if (made) kid->at = at;
        if (depth > 0) place_made(kid, at, made ? depth : depth - 1);
    }
}

Status fn_resolve(Arena *a, Expr **call, const EvalCtx *ctx)
{
    Expr *e = *call;
    Origin at = e->at;
    Status s = resolve(a, e, ctx);
    if (!s.code && origin_known(&at)) place_made(e, at, 2);
    return fail_at(s, &at);
}

Status fn_make(Expr **e, Arena *a, const EvalCtx *ctx, Str name, Expr *const *arg, int32_t n)
{
    Expr *call = expr_call(a, name, 0);
    call->nargs = n;
    call->arg = NEW(a, Expr *, n);
    for (int32_t i = 0; i < n; i++) call->arg[i] = arg[i];
    const FnRow *row = fn_find(name);
    *e = call;
    return row ? resolve_fn(a, call, row, ctx) : resolve(a, call, ctx);
}
