// pipeline_file.c -- the few forms of YAML that a pipeline's spec is written in: keys with a value,
// one map of settings, one list of globs.
#include "cli/pipeline_file.h"
#include "os/file.h"

#define MARK "-- file: "
enum { FILE_BYTES_MAX = 1 << 24 };

typedef struct Setting {
    Str key, value;
} Setting;
typedef struct Spec {
    Arena *arena;
    Str path, dir;
    Str name, storage, catalog, database;
    VEC(Setting) settings;
    VEC(Str) globs;
    VEC(Str) files;
} Spec;
typedef enum Section { TOP, CONFIGURATION, LIBRARIES } Section;

bool is_pipeline_spec(Str path) { return str_ends(path, S(".yml")) || str_ends(path, S(".yaml")); }

Status pipeline_spec_find(Str *path, Arena *a)
{
    Str dir;
    TRY(path_absolute(&dir, a, S(".")));
    for (;;) {
        *path = path_join(a, dir, S("spark-pipeline.yml"));
        if (path_exists(*path)) return DONE;
        if (str_eq(dir, path_dir(dir)))
            return fail(ERR_NOT_FOUND,
                        "which pipeline? name a file; there is no spark-pipeline.yml "
                        "here or above");
        dir = path_dir(dir);
    }
}

// ---- YAML --------------------------------------------------------------------------------------

static Str without_comment(Str line)
{
    char quote = 0;
    for (int64_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '#' && (i == 0 || line.p[i - 1] == ' '))
            return str_of(line.p, i);
    }
    return line;
}

static Str unquoted(Str s)
{
    s = str_trim(s);
    bool quoted = s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0];
    return quoted ? str_sub(s, 1, s.n - 2) : s;
}

static Status not_understood(const Spec *s, int32_t line, Str text)
{
    return fail(ERR_INVALID, STR_FMT ": line %d is not understood: " STR_FMT, STR_ARG(s->path),
                line, STR_ARG(str_trim(text)));
}

static Status add_top(Spec *s, Section *in, Str key, Str value)
{
    struct {
        Str key;
        Str *to;
    } row[] = {{S("name"), &s->name},
               {S("storage"), &s->storage},
               {S("catalog"), &s->catalog},
               {S("database"), &s->database},
               {S("schema"), &s->database}};
    *in = TOP;
    for (int64_t i = 0; i < COUNT(row); i++)
        if (str_eq(row[i].key, key)) {
            *row[i].to = value;
            return DONE;
        }
    if (str_eq(key, S("configuration")) && !value.n)
        *in = CONFIGURATION;
    else if (str_eq(key, S("libraries")) && !value.n)
        *in = LIBRARIES;
    else if (!str_eq(value, S("{}")) && !str_eq(value, S("[]")))
        return RAISE(PIPELINE_SPEC_UNEXPECTED_FIELD, P("field_name", key));
    return DONE;
}

static Status add_line(Spec *s, Section *in, Str line, int32_t number)
{
    bool top = line.p[0] != ' ' && line.p[0] != '-';
    Str text = str_trim(line);
    if (str_starts(text, S("- "))) text = str_trim(str_from(text, 2));
    int64_t colon = str_find(text, S(": "));
    if (colon < 0 && str_ends(text, S(":"))) colon = text.n - 1;
    if (colon < 0) return not_understood(s, number, line);
    Str key = unquoted(str_of(text.p, colon)), value = unquoted(str_from(text, colon + 1));
    if (top) return add_top(s, in, key, value);
    if (*in == CONFIGURATION) {
        vec_push(s->arena, &s->settings, ((Setting){key, value}));
        return DONE;
    }
    bool include = str_eq(key, S("include")) && value.n;
    if (*in != LIBRARIES || (!include && !(str_eq(key, S("glob")) && !value.n)))
        return not_understood(s, number, line);
    if (include) vec_push(s->arena, &s->globs, value);
    return DONE;
}

static Status parse(Spec *s, Str text)
{
    Section in = TOP;
    int32_t number = 0;
    for (Cut c = {.tail = text, .ok = true}; c.ok;) {
        c = str_cut(c.tail, '\n');
        number++;
        Str line = without_comment(c.head);
        if (str_trim(line).n == 0 || str_eq(str_trim(line), S("---"))) continue;
        TRY(add_line(s, &in, line, number));
    }
    if (!s->name.n) return RAISE(PIPELINE_SPEC_MISSING_REQUIRED_FIELD, P("field_name", S("name")));
    if (!s->storage.n)
        return RAISE(PIPELINE_SPEC_MISSING_REQUIRED_FIELD, P("field_name", S("storage")));
    return DONE;
}

// ---- files -------------------------------------------------------------------------------------

static Status add_file(Spec *s, Str path)
{
    if (str_ends(path, S(".py")))
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", str_cat(s->arena, S("a pipeline in Python: "), path)),
                     P("needs", S("the same definitions in SQL")));
    if (str_ends(path, S(".sql"))) vec_push(s->arena, &s->files, path);
    return DONE;
}

static Status add_folder(Spec *s, Str dir)
{
    Entries in = {0};
    TRY(dir_list(&in, s->arena, dir));
    for (int64_t i = 0; i < in.n; i++) {
        Str path = path_join(s->arena, dir, in.v[i].name);
        if (str_starts(in.v[i].name, S("."))) continue;
        TRY(in.v[i].kind == ENTRY_DIR ? add_folder(s, path) : add_file(s, path));
    }
    return DONE;
}

static bool has_glob(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if (strchr("*?[{", s.p[i])) return true;
    return false;
}

static Status add_glob(Spec *s, Str glob)
{
    bool folder = str_ends(glob, S("/**"));
    Str path = folder ? str_of(glob.p, glob.n - 3) : glob;
    if (has_glob(path)) return RAISE(PIPELINE_SPEC_INVALID_GLOB_PATTERN, P("glob_pattern", glob));
    path = str_starts(path, S("/")) ? path : path_join(s->arena, s->dir, path);
    return folder ? add_folder(s, path) : add_file(s, path);
}

// ---- the text ----------------------------------------------------------------------------------

static void put_head(const Spec *s, Buf *b)
{
    Str catalog = s->catalog.n ? str_fmt(s->arena, "`" STR_FMT "`.", STR_ARG(s->catalog)) : S("");
    buf_fmt(b, "SET spark.kappa.pipeline.storage = " STR_FMT ";\n", STR_ARG(s->storage));
    for (int64_t i = 0; i < s->settings.n; i++)
        buf_fmt(b, "SET `" STR_FMT "` = " STR_FMT ";\n", STR_ARG(s->settings.v[i].key),
                STR_ARG(s->settings.v[i].value));
    if (s->database.n)
        buf_fmt(b,
                "CREATE DATABASE IF NOT EXISTS " STR_FMT "`" STR_FMT "`;\n"
                "USE " STR_FMT "`" STR_FMT "`;\n",
                STR_ARG(catalog), STR_ARG(s->database), STR_ARG(catalog), STR_ARG(s->database));
    else if (s->catalog.n)
        buf_fmt(b, "USE CATALOG `" STR_FMT "`;\n", STR_ARG(s->catalog));
}

Status pipeline_spec_load(Str *text, Arena *a, Str path)
{
    Spec s = {.arena = a, .path = path};
    Str yaml, sql;
    Buf b = buf_new(a);
    TRY(path_absolute(&s.dir, a, path_dir(path)));
    TRY(file_load(&yaml, a, path, FILE_BYTES_MAX));
    TRY(parse(&s, yaml));
    if (!s.globs.n) vec_push(a, &s.globs, S("transformations/**"));
    for (int64_t i = 0; i < s.globs.n; i++) TRY(add_glob(&s, s.globs.v[i]));
    put_head(&s, &b);
    for (int64_t i = 0; i < s.files.n; i++) {
        TRY(file_load(&sql, a, s.files.v[i], FILE_BYTES_MAX));
        buf_fmt(&b, MARK STR_FMT "\n" STR_FMT "\n;\n", STR_ARG(s.files.v[i]), STR_ARG(sql));
    }
    *text = buf_str(&b);
    return DONE;
}

bool pipeline_spec_place(Str text, int32_t *line, Str *file)
{
    int32_t number = 0, found = 0;
    for (Cut c = {.tail = text, .ok = true}; c.ok && number < *line - 1;) {
        c = str_cut(c.tail, '\n');
        number++;
        if (!str_starts(c.head, S(MARK))) continue;
        found = number;
        *file = str_from(c.head, (int64_t)strlen(MARK));
    }
    if (found) *line -= found;
    return found > 0;
}
