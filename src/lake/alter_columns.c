// alter_columns.c -- a table's columns change: a new schema in which what stays keeps its ids, so
// that files written before are read under it.
#include "fmt/doc.h"
#include "lake/alter.h"
#include "lake/table_in.h"

typedef struct Editor {
    IceEdit edit;
    Arena *arena;
    IceMeta *meta;
    const TableName *name;
    const ColumnEdit *all, *e; // e: the one at hand
    int32_t n;
    bool replace; // the edits add to nothing
} Editor;

static Str path_text(const Editor *x, int32_t n)
{
    Buf b = buf_new(x->arena);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '.');
        name_backticks(&b, x->e->path[i]);
    }
    return buf_str(&b);
}

static Str names_of(Arena *a, const Type *t)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < t->nfields; i++) {
        if (i) buf_put(&b, S(", "));
        name_backticks(&b, t->field[i].name);
    }
    return buf_str(&b);
}

static Status missing(const Editor *x, int32_t depth)
{
    const Schema *s = ice_schema(x->meta, x->meta->schema_id)->type;
    return RAISE(UNRESOLVED_COLUMN_WITH_SUGGESTION, P("objectName", path_text(x, depth + 1)),
                 P("proposal", names_of(x->arena, s)));
}

static Str in_quotes(Arena *a, Str s) { return str_fmt(a, "\"" STR_FMT "\"", STR_ARG(s)); }

static Status there_already(const Editor *x, const char *op, Str name, const Type *in)
{
    Buf field = buf_new(x->arena);
    if (x->e->npath > 1) {
        buf_put(&field, path_text(x, x->e->npath - 1));
        buf_char(&field, '.');
    }
    name_backticks(&field, name);
    return RAISE(FIELD_ALREADY_EXISTS, P("op", str_z(op)), P("fieldNames", buf_str(&field)),
                 P("struct", in_quotes(x->arena, type_sql_str(x->arena, in))));
}

static int32_t child(const Type *t, Str name)
{
    if (t->id == T_STRUCT) return type_field(t, name);
    if (t->id == T_ARRAY && str_ieq(name, S("element"))) return 0;
    if (t->id == T_MAP && str_ieq(name, S("key"))) return 0;
    if (t->id == T_MAP && str_ieq(name, S("value"))) return 1;
    return -1;
}

// A copy of t with its fields at *f, with room for one more.
static Type *own_copy(Arena *a, const Type *t, Field **f)
{
    Type *own = NEW(a, Type, 1);
    *own = *t;
    *f = NEW(a, Field, t->nfields + 1);
    if (t->nfields) memcpy(*f, t->field, (size_t)t->nfields * sizeof **f);
    own->field = *f;
    return own;
}

static Status no_neighbour(const Editor *x, const Type *t)
{
    Buf after = buf_new(x->arena), names = buf_new(x->arena);
    name_backticks(&after, x->e->after);
    if (x->e->kind != COLUMN_ADD)
        return RAISE(UNRESOLVED_COLUMN_WITH_SUGGESTION, P("objectName", buf_str(&after)),
                     P("proposal", names_of(x->arena, t)));
    after = buf_new(x->arena); // Spark names the new column here
    name_backticks(&after, x->e->path[x->e->npath - 1]);
    for (int32_t i = 0; i + 1 < t->nfields; i++) { // without the one that is added
        if (i) buf_put(&names, S(", "));
        buf_put(&names, t->field[i].name);
    }
    return RAISE(FIELD_NOT_FOUND, P("fieldName", buf_str(&after)), P("fields", buf_str(&names)));
}

// Takes the field that stands at `from` to where the edit says.
static Status place(const Editor *x, Type *t, Field *f, int32_t from)
{
    int32_t to = from;
    Field moved = f[from];
    if (x->e->first) to = 0;
    if (x->e->after.n) {
        to = type_field(t, x->e->after);
        if (to < 0) return no_neighbour(x, t);
        if (to == from) return DONE;
        to += to < from;
    }
    if (to < from) memmove(&f[to + 1], &f[to], (size_t)(from - to) * sizeof *f);
    if (to > from) memmove(&f[from], &f[from + 1], (size_t)(to - from) * sizeof *f);
    f[to] = moved;
    return DONE;
}

static Status add(const Editor *x, const Type *t, const Type **to)
{
    const ColumnEdit *e = x->e;
    Field *f;
    Str name = e->path[e->npath - 1];
    if (t->id != T_STRUCT)
        return RAISE(INVALID_FIELD_NAME, P("fieldName", path_text(x, e->npath)),
                     P("path", path_text(x, e->npath - 1)));
    if (type_field(t, name) != -1) return there_already(x, "add", name, t);
    if (e->required)
        return fail(ERR_INVALID,
                    "incompatible change: cannot add required column " STR_FMT
                    ", of which old rows have no value",
                    STR_ARG(name));
    Type *own = own_copy(x->arena, t, &f);
    Field *added = &f[own->nfields++];
    *added = field_of(str_copy(x->arena, name), NULL, true);
    added->comment = str_copy(x->arena, e->to);
    added->id = (int32_t)++x->meta->last_column_id;
    TRY(ice_type_new(&added->type, x->arena, e->type, &x->meta->last_column_id));
    *to = own;
    return place(x, own, f, own->nfields - 1);
}

static bool holds_id(const Field *f, int32_t id)
{
    if (f->id == id) return true;
    for (int32_t i = 0; i < f->type->nfields; i++)
        if (holds_id(&f->type->field[i], id)) return true;
    return false;
}

static Status check_drop(const Editor *x, const Field *f)
{
    const IceSpec *spec = ice_spec(x->meta, x->meta->spec_id);
    const Doc *schema;
    TRY(doc_parse(&schema, x->arena, ice_schema(x->meta, x->meta->schema_id)->json));
    const Doc *ids = doc_get(schema, "identifier-field-ids");
    for (int64_t i = 0; i < doc_count(ids); i++) {
        int64_t id;
        if (doc_int(doc_at(ids, i), &id) && holds_id(f, (int32_t)id))
            return fail(ERR_INVALID,
                        "cannot drop identifier field " STR_FMT
                        ": ALTER TABLE .. DROP IDENTIFIER FIELDS " STR_FMT " first",
                        STR_ARG(f->name), STR_ARG(f->name));
    }
    if (ice_sorts_by(x->arena, x->meta, f->id))
        return fail(ERR_INVALID,
                    "cannot drop column " STR_FMT
                    ": the table is WRITE ORDERED BY it; WRITE UNORDERED first",
                    STR_ARG(f->name));
    for (int32_t i = 0; i < spec->nfields; i++)
        if (holds_id(f, spec->field[i].source_id) && spec->field[i].transform != TR_VOID)
            return fail(ERR_INVALID,
                        "cannot drop column " STR_FMT ": the table is partitioned by its " STR_FMT
                        "; DROP PARTITION FIELD first",
                        STR_ARG(f->name), STR_ARG(spec->field[i].name));
    return DONE;
}

static Status drop(const Editor *x, const Type *t, int32_t k, const Type **to)
{
    Field *f;
    if (t->id != T_STRUCT) return missing(x, x->e->npath - 1);
    if (t->nfields == 1)
        return fail(ERR_INVALID, "cannot drop column " STR_FMT ": nothing would be left",
                    STR_ARG(t->field[k].name));
    TRY(check_drop(x, &t->field[k]));
    Type *own = own_copy(x->arena, t, &f);
    own->nfields--;
    memmove(&f[k], &f[k + 1], (size_t)(own->nfields - k) * sizeof *f);
    *to = own;
    return DONE;
}

static bool widens(const Type *from, const Type *to)
{
    if (type_eq(from, to)) return true;
    if (from->id == T_INT && to->id == T_BIGINT) return true;
    if (from->id == T_FLOAT && to->id == T_DOUBLE) return true;
    return from->id == T_DECIMAL && to->id == T_DECIMAL && from->scale == to->scale &&
           from->precision <= to->precision;
}

static Status widen(const Editor *x, Field *f)
{
    const Type *to = x->e->type;
    Str path = path_text(x, x->e->npath);
    if (!widens(f->type, to))
        return RAISE(NOT_SUPPORTED_CHANGE_COLUMN, P("table", table_name_text(x->arena, x->name)),
                     P("originName", path),
                     P("originType", in_quotes(x->arena, type_sql_str(x->arena, f->type))),
                     P("newName", path),
                     P("newType", in_quotes(x->arena, type_sql_str(x->arena, to))));
    bool same = type_eq(f->type, to);
    if (!same) TRY(ice_type_new(&f->type, x->arena, to, &x->meta->last_column_id));
    return DONE;
}

static Status change(const Editor *x, Type *t, Field *f, int32_t k)
{
    const ColumnEdit *e = x->e;
    switch (e->kind) {
    case COLUMN_RENAME: {
        int32_t same = t->id == T_STRUCT ? type_field(t, e->to) : 0;
        if (same != -1 && same != k) return there_already(x, "rename", e->to, t);
        f[k].name = str_copy(x->arena, e->to);
        return DONE;
    }
    case COLUMN_TYPE: return widen(x, &f[k]);
    case COLUMN_COMMENT: f[k].comment = str_copy(x->arena, e->to); return DONE;
    case COLUMN_OPTIONAL: f[k].nullable = true; return DONE;
    case COLUMN_REQUIRED:
        if (!f[k].nullable) return DONE;
        return fail(ERR_INVALID, "cannot change nullable column to non-nullable: " STR_FMT,
                    STR_ARG(f[k].name));
    case COLUMN_MOVE: return place(x, t, f, k);
    case COLUMN_ADD:
    case COLUMN_DROP: break;
    }
    must_failed("ColumnEditKind", __FILE__, __LINE__);
}

static Status edit_at(const Editor *x, const Type *t, int32_t depth, const Type **to)
{
    const ColumnEdit *e = x->e;
    Field *f;
    bool last = depth + 1 == e->npath;
    if (last && e->kind == COLUMN_ADD) return add(x, t, to);
    int32_t k = child(t, e->path[depth]);
    *to = t;
    if (k < 0 && e->if_exists) return DONE;
    if (k < 0) return missing(x, depth);
    if (last && e->kind == COLUMN_DROP) return drop(x, t, k, to);
    Type *own = own_copy(x->arena, t, &f);
    *to = own;
    return last ? change(x, own, f, k) : edit_at(x, t->field[k].type, depth + 1, &f[k].type);
}

static Status drop_all(const Editor *x, const Type *t, const Type **to)
{
    Field *f;
    for (int32_t i = 0; i < t->nfields; i++) TRY(check_drop(x, &t->field[i]));
    Type *none = own_copy(x->arena, t, &f);
    none->nfields = 0;
    *to = none;
    return DONE;
}

// What the schema's JSON says beside its fields.
static Status identifiers(Arena *a, const IceSchema *s, Str *json)
{
    const Doc *d;
    TRY(doc_parse(&d, a, s->json));
    const Doc *ids = doc_get(d, "identifier-field-ids");
    *json = ids ? doc_dump(a, ids) : (Str){0};
    return DONE;
}

static Status edit_columns(const IceEdit *edit, Arena *a, IceMeta *m, bool *changed)
{
    Editor x = *(const Editor *)edit;
    const IceSchema *now = ice_schema(m, m->schema_id);
    const Type *t = now->type;
    Str ids;
    x.arena = a;
    x.meta = m;
    if (now->unwritable.n)
        return fail(ERR_UNSUPPORTED,
                    "the columns of a table with a column of type " STR_FMT " are not changed yet",
                    STR_ARG(now->unwritable));
    if (x.replace) TRY(drop_all(&x, t, &t));
    for (int32_t i = 0; i < x.n; i++) {
        x.e = &x.all[i];
        TRY(edit_at(&x, t, 0, &t));
    }
    int32_t id = 0;
    for (int64_t i = 0; i < m->schemas.n; i++) id = MAX(id, m->schemas.v[i].id + 1);
    TRY(identifiers(a, now, &ids));
    IceSchema next = ice_schema_of(a, t, id, ids);
    vec_push(a, &m->schemas, next);
    m->schema_id = id;
    *changed = true;
    return DONE;
}

Status table_replace_columns(Catalogs *c, const TableName *name, const ColumnEdit *e, int32_t n)
{
    Editor x = {.edit = {edit_columns, NULL}, .name = name, .all = e, .n = n, .replace = true};
    return table_edit(c, name, &x.edit);
}

Status table_edit_columns(Catalogs *c, const TableName *name, const ColumnEdit *e, int32_t n)
{
    Editor x = {.edit = {edit_columns, NULL}, .name = name, .all = e, .n = n};
    return table_edit(c, name, &x.edit);
}
