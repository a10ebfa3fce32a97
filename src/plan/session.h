// session.h -- a session: settings, temporary views, catalogs, the current namespace; and the road
// from a Rel to a Plan. Analysis never runs anything.
#ifndef PLAN_SESSION_H
#define PLAN_SESSION_H
#include "base/map.h"
#include "lake/catalog.h"
#include "plan/stage.h"
#include "plan/statement.h"

// Settings: a row for each key that kappa knows, anything else is kept and given back as Spark
// does.
typedef enum ConfType {
    CONF_TEXT,
    CONF_BOOL,
    CONF_INT,    // not negative
    CONF_CHOICE, // one of `choices`, any case
    CONF_ONLY,   // one of `choices` is built; Spark has others
    CONF_ZONE,   // a time zone
    CONF_FIXED,  // cannot be changed in a session
} ConfType;
typedef struct ConfRow {
    Str key, dflt;
    ConfType type;
    const char *choices; // "a|b"
    const char *doc;
} ConfRow;
const ConfRow *conf_rows(int64_t *n);

typedef struct View {
    Str name;
    Rel *rel;    // analysed when it was made; each use gets a copy with columns of its own
    Rel *parsed; // of SQL: analysed anew at each use, as `made` says; NULL: rel is the view
    const struct LakeView *made; // lake/view.h: where its names are looked up, its columns
    Str text;                    // of the query, for SHOW CREATE TABLE
    Options options;             // USING views
    Str format;
} View;
typedef struct Session Session;
struct Session {
    Arena *arena;
    Map conf;           // Str * by key
    Map views;          // View * by name, case folded
    Map kept;           // marks of cached plans: kept.h
    Map variables;      // Variable * (plan/variable.h) by name, case folded
    Catalogs *catalogs; // lake/catalog.h: shared by the sessions of an engine
    struct Log *log;    // the embedded log
    Str file_tables;    // the folder that lake/file_table.h keeps its documents in; empty: none
    Str catalog;        // current
    Str *ns;            // current namespace in parts
    int32_t nns;
    EvalCtx eval;        // from conf, renewed by session_refresh
    Micros (*now)(void); // the clock of batch queries; NULL: time stands at 0
    Map memory;          // tables of memory sinks: MemoryTable of run/ by name
    const Schema *(*memory_schema)(void *table);
    Status (*memory_rows)(void *table, Arena *a, Batch **rows, int32_t *n);
    // Runs an analysed plan as a batch query: its rows live in a. NULL: nobody can.
    Status (*run_rows)(Session *s, Arena *a, Rel *rel, Batch **rows, int32_t *n);
    const void *runner;            // for run_rows
    struct UserHost *users;        // runs users' functions (op/user.h); NULL: nobody does
    Map functions;                 // UserFn * by name, case folded: spark.udf.register
    struct Observations *observed; // where batches put what observe() saw; NULL: nobody asks
    Buf *notices;                  // lines for the user: warnings, extensions in use
    Map *planned;                  // TableDef * by table_name_text: what a pipeline will make,
                                   // while it is checked; NULL: nothing
    int32_t next_attr, next_read;  // next_read: numbers of sources and watermarks
};
Session *session_new(Arena *a, Catalogs *catalogs);
Status session_refresh(Session *s); // after settings changed; plan_batch and plan_stream call it
// Names a plan. VIEW: the plan must be analysed. Temporary views only; they shadow tables.
Status session_create_view(Session *s, Str name, Rel *rel, bool replace);
Status session_put_view(Session *s, Str name, const View *like, bool replace);
const View *session_view(const Session *s, Str name); // NULL when there is none
// global_temp.v of this session alone (of a DataFrame) has the key `global_temp.v`.
Str session_view_key(Arena *a, const Str *part, int32_t n);
bool session_drop_view(Session *s, Str name);
void session_notice(Session *s, const char *fmt, ...) PRINTF(2, 3);
Str conf_get(const Session *s, Str key);         // the value, else the default, else empty
Status conf_set(Session *s, Str key, Str value); // a wrong value of a known key is an error
void conf_unset(Session *s, Str key);
bool conf_bool(const Session *s, Str key);
int64_t conf_int(const Session *s, Str key);
// `given` and what settings say of options of files that are not among them.
Options conf_options(const Session *s, Arena *a, Str format, const Options *given, bool writing);
Str conf_substitute(const Session *s, Arena *a, Str text); // ${key} is the setting's value

typedef struct ViewUse { // what a query names: a view that is kept may name nothing temporary
    Str temporary, kind; // the first one, and VIEW, VARIABLE or FUNCTION; empty: none
    bool variables;
    struct {
        Str *v;
        int64_t n, cap;
    } kept; // views of catalogs, at any depth: `cat`.`ns`.`v`
} ViewUse;
void view_uses(ViewUse *use, Str kind, Str name);
Status analyse_use(Session *s, Arena *a, Rel **rel, ViewUse *use);
// Resolves names and types below *rel, in place. Errors are Spark's, with their place in the text.
Status analyse(Session *s, Arena *a, Rel **rel);
// Whether the analysed plan may run so (semantics section 2): batch, or a stream in this mode.
Status check_batch(const Rel *rel);
Status check_stream(const Session *s, const Rel *rel, Mode mode);
Status optimise(Session *s, Arena *a, Rel **rel);
Status lower(Session *s, Arena *a, Rel *rel, Mode mode, Plan **plan);
// The four in order.
Status plan_batch(Session *s, Arena *a, Rel *rel, Plan **plan);
Status plan_stream(Session *s, Arena *a, Rel *rel, Mode mode, Plan **plan);
// Generators, ranking functions, windows: functions that are nodes of a plan.
bool plan_has_function(Str name);
// Completes a table name with the current catalog and namespace.
Status name_complete(const Session *s, Arena *a, const Str *part, int32_t n, TableName *full);
// The names that the catalog Spark calls spark_catalog holds for these, whatever the case of their
// letters; with spark.sql.caseSensitive the case counts. No table: the namespace only.
Status name_settle(const Session *s, Arena *a, TableName *name);
#endif
