// conf.c -- settings. Defaults are Spark's; a key that is not here is kept and given back.
#include "base/num.h"
#include "plan/session.h"

#define BOOL(key, dflt, doc)                                                                       \
    {                                                                                              \
        STR_INIT(key), STR_INIT(dflt), CONF_BOOL, NULL, doc                                        \
    }
#define INT(key, dflt, doc)                                                                        \
    {                                                                                              \
        STR_INIT(key), STR_INIT(dflt), CONF_INT, NULL, doc                                         \
    }
#define TEXT(key, dflt, doc)                                                                       \
    {                                                                                              \
        STR_INIT(key), STR_INIT(dflt), CONF_TEXT, NULL, doc                                        \
    }
#define FIXED(key, dflt, doc)                                                                      \
    {                                                                                              \
        STR_INIT(key), STR_INIT(dflt), CONF_FIXED, NULL, doc                                       \
    }
#define ONLY(key, dflt, built, doc)                                                                \
    {                                                                                              \
        STR_INIT(key), STR_INIT(dflt), CONF_ONLY, built, doc                                       \
    }
#define CHOICE(key, dflt, choices, doc)                                                            \
    {                                                                                              \
        STR_INIT(key), STR_INIT(dflt), CONF_CHOICE, choices, doc                                   \
    }

static const ConfRow rows[] = {
    {STR_INIT("spark.sql.session.timeZone"), STR_INIT("UTC"), CONF_ZONE, NULL,
     "zone in which texts without one are read and times are shown"},
    BOOL("spark.sql.ansi.enabled", "true", "errors instead of NULL and of wrapped numbers"),
    BOOL("spark.sql.decimalOperations.allowPrecisionLoss", "true",
         "results of more than 38 digits lose digits after the point"),
    BOOL("spark.sql.caseSensitive", "false", "whether names differ by case"),
    INT("spark.sql.cteRecursionLevelLimit", "100", "rounds of WITH RECURSIVE; -1: any number"),
    INT("spark.sql.cteRecursionRowLimit", "1000000", "rows of WITH RECURSIVE; -1: any number"),
    INT("spark.sql.transposeMaxValues", "500", "rows that transpose() makes columns of"),
    INT("spark.sql.shuffle.partitions", "200", "reported as the number of state partitions"),
    TEXT("spark.sql.sources.default", "parquet", "format when none is named"),
    TEXT("spark.sql.defaultCatalog", "lake", "catalog of names that have none"),
    BOOL("spark.sql.groupByOrdinal", "true", "GROUP BY 1 means the first select item"),
    BOOL("spark.sql.orderByOrdinal", "true", "ORDER BY 1 means the first column"),
    BOOL("spark.sql.groupByAliases", "true", "GROUP BY may name a select item's alias"),
    BOOL("spark.sql.crossJoin.enabled", "true", "joins without a condition are allowed"),
    ONLY("spark.sql.storeAssignmentPolicy", "ANSI", "ANSI", "which values INSERT may cast"),
    ONLY("spark.sql.timestampType", "TIMESTAMP_LTZ", "TIMESTAMP_LTZ", "what TIMESTAMP means"),
    ONLY("spark.sql.legacy.timeParserPolicy", "EXCEPTION", "EXCEPTION|CORRECTED",
         "patterns of dates are those of Spark 3 and later"),
    CHOICE("spark.sql.mapKeyDedupPolicy", "EXCEPTION", "EXCEPTION|LAST_WIN",
           "what two of one key in a map are"),
    ONLY("spark.sql.ansi.doubleQuotedIdentifiers", "false", "false", "\"x\" is a text"),
    ONLY("spark.sql.ansi.enforceReservedKeywords", "false", "false", "any word may be a name"),
    ONLY("spark.sql.parser.quotedRegexColumnNames", "false", "false",
         "a name in backticks is no pattern; df.colRegex() takes one"),
    BOOL("spark.sql.files.ignoreCorruptFiles", "false", "of readers without that option"),
    BOOL("spark.sql.files.ignoreMissingFiles", "false", "likewise"),
    INT("spark.sql.files.maxRecordsPerFile", "0", "of writers without that option; 0: any number"),
    BOOL("spark.sql.parquet.mergeSchema", "false", "of readers without that option"),
    TEXT("spark.sql.parquet.compression.codec", "snappy", "of writers without compression"),
    ONLY("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS", "TIMESTAMP_MICROS",
         "how Parquet keeps a TIMESTAMP"),
    ONLY("spark.sql.parquet.binaryAsString", "false", "false", "binary stays binary"),
    ONLY("spark.sql.sources.partitionColumnTypeInference.enabled", "true", "true",
         "columns of folders have the types of their values"),
    ONLY("spark.sql.sources.commitProtocolClass",
         "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol",
         "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol",
         "files appear when all are written"),
    CHOICE("spark.sql.sources.partitionOverwriteMode", "STATIC", "STATIC|DYNAMIC",
           "what INSERT OVERWRITE replaces"),
    ONLY("spark.sql.json.enablePartialResults", "true", "true", "a bad leaf nulls itself only"),
    BOOL("spark.sql.json.filterPushdown.enabled", "true", "filters may run inside the JSON reader"),
    ONLY("spark.sql.jsonGenerator.ignoreNullFields", "true", "true",
         "JSON leaves NULL fields out; the option ignoreNullFields keeps them"),
    TEXT("spark.sql.columnNameOfCorruptRecord", "_corrupt_record",
         "column for bad records, of readers without that option"),
    BOOL("spark.sql.adaptive.enabled", "true", "accepted; there is nothing to adapt"),
    TEXT("spark.sql.autoBroadcastJoinThreshold", "10485760", "accepted"),
    INT("spark.sql.execution.arrow.maxRecordsPerBatch", "10000", "rows a batch of toPandas"),
    BOOL("spark.sql.execution.arrow.pyspark.enabled", "true", "accepted"),
    BOOL("spark.sql.repl.eagerEval.enabled", "false", "notebooks show rows at once"),
    INT("spark.sql.repl.eagerEval.maxNumRows", "20", "how many"),
    INT("spark.sql.repl.eagerEval.truncate", "20", "cells longer than this are cut"),
    TEXT("spark.sql.execution.pyspark.python", "",
         "program that runs functions of foreachBatch; then spark.pyspark.python, the server's "
         "PYSPARK_PYTHON, python3"),
    TEXT("spark.pyspark.python", "", "likewise"),
    TEXT("spark.sql.streaming.checkpointLocation", "", "folder of checkpoints without one"),
    BOOL("spark.sql.streaming.unsupportedOperationCheck", "true", "refuse what cannot stream"),
    BOOL("spark.sql.streaming.statefulOperator.checkCorrectness.enabled", "true",
         "refuse chains of stateful operators that lose rows"),
    ONLY("spark.sql.streaming.statefulOperator.allowMultiple", "true", "true",
         "each stateful operator has a watermark of its own"),
    CHOICE("spark.sql.streaming.multipleWatermarkPolicy", "min", "min|max",
           "how watermarks of several inputs become one"),
    BOOL("spark.sql.streaming.noDataMicroBatches.enabled", "true",
         "an epoch without rows runs when the watermark moved"),
    BOOL("spark.sql.streaming.schemaInference", "false", "file streams find out their schema"),
    INT("spark.sql.streaming.numRecentProgressUpdates", "100", "progress entries kept"),
    TEXT("spark.sql.streaming.pollingDelay", "10ms", "pause before looking for data again"),
    TEXT("spark.sql.streaming.noDataProgressEventInterval", "10000ms", "progress of an idle query"),
    TEXT("spark.sql.streaming.stopTimeout", "0", "how long stop() waits"),
    INT("spark.sql.streaming.minBatchesToRetain", "100", "epochs that stay recoverable"),
    BOOL("spark.sql.streaming.metricsEnabled", "false", "accepted; metrics are always on"),
    ONLY("spark.sql.streaming.stopActiveRunOnRestart", "true", "true",
         "a restart stops the running query"),
    BOOL("spark.sql.streaming.forceDeleteTempCheckpointLocation", "false", "accepted"),
    TEXT("spark.sql.streaming.stateStore.providerClass", "", "accepted; there is one state store"),
    ONLY("spark.sql.streaming.stateStore.stateSchemaCheck", "true", "true",
         "refuse a restart with another shape of state"),
    TEXT("spark.sql.streaming.stateStore.maintenanceInterval", "60000", "accepted"),
    INT("spark.sql.streaming.aggregation.stateFormatVersion", "2", "accepted"),
    INT("spark.sql.streaming.join.stateFormatVersion", "2", "accepted"),
    BOOL("spark.sql.streaming.sessionWindow.merge.sessions.in.local.partition", "false",
         "accepted"),
    CHOICE("spark.sql.optimizer.plannedWrite.enabled", "true", "true|false", "accepted"),
    BOOL("spark.sql.variable.substitute", "true",
         "${key} in the text of spark.sql() is a setting's value"),
    INT("spark.sql.session.localRelationCacheThreshold", "1048576",
        "bytes from which createDataFrame sends its rows once and names them by their hash"),
    INT("spark.sql.session.localRelationChunkSizeRows", "10000", "rows of a piece of them"),
    INT("spark.sql.session.localRelationChunkSizeBytes", "16777216", "bytes of a piece of them"),
    INT("spark.sql.session.localRelationBatchOfChunksSizeBytes", "1073741824", "of one upload"),
    INT("spark.sql.session.localRelationSizeLimit", "3221225472", "of one createDataFrame"),
    TEXT("spark.connect.session.planCompression.threshold", "-1", "clients do not pack plans"),
    TEXT("spark.connect.session.planCompression.defaultAlgorithm", "NONE", "likewise"),
    BOOL("spark.python.sql.dataFrameDebugging.enabled", "true",
         "plans of Python carry the lines they were written in"),
    BOOL("spark.sql.execution.pandas.convertToArrowArraySafely", "true",
         "createDataFrame from pandas refuses values that do not fit"),
    BOOL("spark.sql.execution.pandas.inferPandasDictAsMap", "false", "read by PySpark"),
    CHOICE("spark.sql.execution.pandas.structHandlingMode", "legacy", "legacy|row|dict",
           "what a struct is in toPandas"),
    BOOL("spark.sql.pyspark.inferNestedDictAsStruct.enabled", "false", "read by PySpark"),
    BOOL("spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled", "false",
         "read by PySpark"),
    BOOL("spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled", "false", "read by PySpark"),
    BOOL("spark.sql.execution.arrow.useLargeVarTypes", "false", "read by PySpark"),
    BOOL("spark.sql.execution.arrow.pyspark.selfDestruct.enabled", "false", "read by PySpark"),
    BOOL("spark.sql.execution.pyspark.binaryAsBytes", "true",
         "binary is bytes in collect and functions"),
    BOOL("spark.sql.execution.pyspark.udf.simplifiedTraceback.enabled", "true", "accepted: it is"),
    BOOL("spark.sql.execution.pythonUDF.arrow.enabled", "false", "read by PySpark"),
    BOOL("spark.sql.connect.serverStacktrace.enabled", "false", "there are no JVM stacks"),
    BOOL("spark.sql.pyspark.jvmStacktrace.enabled", "false", "likewise"),
    TEXT("spark.connect.execute.reattachable.senderMaxStreamDuration", "2m",
         "after so long a client is asked to attach again to its results"),
    TEXT("spark.connect.execute.reattachable.senderMaxStreamSize", "1g", "after so many bytes"),
    BOOL("spark.kappa.strict", "false", "refuse what Spark refuses: no extensions"),
    FIXED("spark.sql.warehouse.dir", "", "where tables lie: set when the engine starts"),
    FIXED("spark.sql.extensions", "", "there are no plug-ins"),
    FIXED("spark.sql.catalogImplementation", "in-memory", "fixed"),
};

const ConfRow *conf_rows(int64_t *n)
{
    *n = COUNT(rows);
    return rows;
}

static const ConfRow *conf_row(Str key)
{
    for (int64_t i = 0; i < COUNT(rows); i++)
        if (str_ieq(rows[i].key, key)) return &rows[i];
    return NULL;
}

Str conf_get(const Session *s, Str key)
{
    const Str *set = map_get(&s->conf, key);
    if (set) return *set;
    const ConfRow *r = conf_row(key);
    return r ? r->dflt : S("");
}

bool conf_bool(const Session *s, Str key) { return str_ieq(conf_get(s, key), S("true")); }

int64_t conf_int(const Session *s, Str key)
{
    int64_t v;
    return num_parse_i64(conf_get(s, key), &v) ? v : 0;
}

static bool choice_holds(const char *choices, Str value)
{
    for (Cut c = str_cut(str_z(choices), '|');; c = str_cut(c.tail, '|')) {
        if (str_ieq(c.head, value)) return true;
        if (!c.ok) return false;
    }
}

static Status unbuilt(Arena *a, Str key, Str value, Str built)
{
    return RAISE(UNSUPPORTED_FEATURE,
                 P("feature", str_fmt(a, STR_FMT " = " STR_FMT, STR_ARG(key), STR_ARG(value))),
                 P("needs", str_fmt(a, "there is " STR_FMT, STR_ARG(built))));
}

// What Spark did long ago is not built; these are what it does still.
static Status legacy_check(Session *s, Str key, Str value)
{
    static const Str usual[] = {STR_INIT("spark.sql.legacy.setCommandRejectsSparkCoreConfs"),
                                STR_INIT("spark.sql.legacy.pathOptionBehavior.enabled"),
                                STR_INIT("spark.sql.legacy.sizeOfNull")};
    bool python = str_starts(key, S("spark.sql.legacy.execution."));
    if (!str_starts(key, S("spark.sql.legacy.")) || python || !str_ieq(value, S("true")))
        return DONE;
    for (int64_t i = 0; i < COUNT(usual); i++)
        if (str_eq(key, usual[i])) return DONE;
    return unbuilt(s->arena, key, value, S("what Spark does today: false"));
}

static Status conf_check(Session *s, const ConfRow *r, Str value)
{
    int64_t n;
    const Zone *zone;
    bool ok = true;
    switch (r->type) {
    case CONF_TEXT: break;
    case CONF_BOOL: ok = str_ieq(value, S("true")) || str_ieq(value, S("false")); break;
    case CONF_INT: ok = num_parse_i64(value, &n); break;
    case CONF_ONLY:
        if (choice_holds(r->choices, value)) break;
        return unbuilt(s->arena, r->key, value, str_z(r->choices));
    case CONF_CHOICE: ok = choice_holds(r->choices, value); break;
    case CONF_ZONE:
        if (zone_open(&zone, s->arena, value).code)
            return RAISE(INVALID_CONF_VALUE_TIME_ZONE, P("confName", r->key),
                         P("confValue", value));
        break;
    case CONF_FIXED: return RAISE(CANNOT_MODIFY_CONFIG, P("key", r->key));
    }
    if (ok) return DONE;
    const char *wants = r->type == CONF_BOOL ? "boolean" : r->type == CONF_INT ? "int" : r->choices;
    return RAISE(INVALID_CONF_VALUE_TYPE_MISMATCH, P("confName", r->key), P("confValue", value),
                 P("confType", str_z(wants)));
}

Status conf_set(Session *s, Str key, Str value)
{
    const ConfRow *r = conf_row(key);
    TRY(r ? conf_check(s, r, value) : legacy_check(s, key, value));
    if (s->catalogs) TRY(catalogs_configure_for(s->catalogs, s->arena, key, value));
    Str *kept = NEW(s->arena, Str, 1);
    *kept = str_copy(s->arena, value);
    map_set(&s->conf, r ? r->key : str_copy(s->arena, key), kept);
    return session_refresh(s);
}

void conf_unset(Session *s, Str key)
{
    const ConfRow *r = conf_row(key);
    map_remove(&s->conf, r ? r->key : key);
}

// Settings that are the default of an option, for those who read or write files.
static const struct {
    Str key, format, option; // no format: all of files
    bool writing;
} file_option[] = {
    {STR_INIT("spark.sql.files.ignoreCorruptFiles"), {0}, STR_INIT("ignoreCorruptFiles"), false},
    {STR_INIT("spark.sql.files.ignoreMissingFiles"), {0}, STR_INIT("ignoreMissingFiles"), false},
    {STR_INIT("spark.sql.parquet.mergeSchema"), STR_INIT("parquet"), STR_INIT("mergeSchema"),
     false},
    {STR_INIT("spark.sql.columnNameOfCorruptRecord"), STR_INIT("json"),
     STR_INIT("columnNameOfCorruptRecord"), false},
    {STR_INIT("spark.sql.columnNameOfCorruptRecord"), STR_INIT("csv"),
     STR_INIT("columnNameOfCorruptRecord"), false},
    {STR_INIT("spark.sql.files.maxRecordsPerFile"), {0}, STR_INIT("maxRecordsPerFile"), true},
    {STR_INIT("spark.sql.parquet.compression.codec"), STR_INIT("parquet"), STR_INIT("compression"),
     true},
};

Options conf_options(const Session *s, Arena *a, Str format, const Options *given, bool writing)
{
    static const Str files[] = {STR_INIT("parquet"), STR_INIT("csv"), STR_INIT("json"),
                                STR_INIT("text")};
    Options all = {0};
    bool file = false;
    for (int64_t i = 0; given && i < given->n; i++) vec_push(a, &all, given->v[i]);
    for (int64_t i = 0; i < COUNT(files); i++) file |= str_ieq(files[i], format);
    for (int64_t i = 0; i < COUNT(file_option) && file; i++) {
        Str key = file_option[i].key, of = file_option[i].format;
        const Str *value = map_get(&s->conf, key);
        if (!value || file_option[i].writing != writing || (of.n && !str_ieq(of, format))) continue;
        if (!options_get(&all, file_option[i].option))
            vec_push(a, &all, ((Option){file_option[i].option, *value}));
    }
    return all;
}

// ${key}, ${spark:key}, ${hiveconf:key}: the setting's value, nothing when it has none.
Str conf_substitute(const Session *s, Arena *a, Str text)
{
    static const Str prefix[] = {STR_INIT("spark:"), STR_INIT("sparkconf:"), STR_INIT("hivevar:"),
                                 STR_INIT("hiveconf:")};
    if (str_find(text, S("${")) < 0 || !conf_bool(s, S("spark.sql.variable.substitute")))
        return text;
    Buf b = buf_new(a);
    while (text.n) {
        int64_t from = str_find(text, S("${"));
        int64_t n = from < 0 ? -1 : str_find_char(str_from(text, from), '}');
        if (n < 0) break;
        Str key = str_sub(text, from + 2, n - 2), raw = str_sub(text, from, n + 1);
        bool whole = key.n > 0;
        for (int64_t i = 0; i < key.n; i++) whole &= key.p[i] > ' ';
        for (int64_t i = 0; i < COUNT(prefix); i++)
            if (str_starts(key, prefix[i])) key = str_from(key, prefix[i].n);
        whole &= str_find_char(key, ':') < 0; // env: and system: are the server's own
        buf_put(&b, str_sub(text, 0, from));
        buf_put(&b, whole ? conf_get(s, key) : raw);
        text = str_from(text, from + n + 1);
    }
    buf_put(&b, text);
    return buf_str(&b);
}
