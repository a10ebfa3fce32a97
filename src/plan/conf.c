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
    CHOICE("spark.sql.storeAssignmentPolicy", "ANSI", "ANSI|STRICT|LEGACY",
           "which values INSERT may cast; only ANSI is built"),
    CHOICE("spark.sql.timestampType", "TIMESTAMP_LTZ", "TIMESTAMP_LTZ|TIMESTAMP_NTZ",
           "what TIMESTAMP means; only TIMESTAMP_LTZ is built"),
    CHOICE("spark.sql.sources.partitionOverwriteMode", "STATIC", "STATIC|DYNAMIC",
           "what INSERT OVERWRITE replaces"),
    BOOL("spark.sql.json.enablePartialResults", "true", "a bad leaf nulls itself only"),
    BOOL("spark.sql.json.filterPushdown.enabled", "true", "filters may run inside the JSON reader"),
    BOOL("spark.sql.jsonGenerator.ignoreNullFields", "true", "to_json leaves NULL fields out"),
    TEXT("spark.sql.columnNameOfCorruptRecord", "_corrupt_record", "column for bad records"),
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
    BOOL("spark.sql.streaming.statefulOperator.allowMultiple", "true",
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
    BOOL("spark.sql.streaming.stopActiveRunOnRestart", "true", "a restart stops the running query"),
    BOOL("spark.sql.streaming.forceDeleteTempCheckpointLocation", "false", "accepted"),
    TEXT("spark.sql.streaming.stateStore.providerClass", "", "accepted; there is one state store"),
    BOOL("spark.sql.streaming.stateStore.stateSchemaCheck", "true",
         "refuse a restart with another shape of state"),
    TEXT("spark.sql.streaming.stateStore.maintenanceInterval", "60000", "accepted"),
    INT("spark.sql.streaming.aggregation.stateFormatVersion", "2", "accepted"),
    INT("spark.sql.streaming.join.stateFormatVersion", "2", "accepted"),
    BOOL("spark.sql.streaming.sessionWindow.merge.sessions.in.local.partition", "false",
         "accepted"),
    CHOICE("spark.sql.optimizer.plannedWrite.enabled", "true", "true|false", "accepted"),
    BOOL("spark.sql.variable.substitute", "true", "accepted"),
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
    BOOL("spark.sql.execution.pyspark.binaryAsBytes", "true", "binary is bytes in collect"),
    BOOL("spark.sql.execution.pythonUDF.arrow.enabled", "true", "read by PySpark"),
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

static Status conf_check(Session *s, const ConfRow *r, Str value)
{
    int64_t n;
    const Zone *zone;
    bool ok = true;
    switch (r->type) {
    case CONF_TEXT: break;
    case CONF_BOOL: ok = str_ieq(value, S("true")) || str_ieq(value, S("false")); break;
    case CONF_INT: ok = num_parse_i64(value, &n); break;
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
    if (r) TRY(conf_check(s, r, value));
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
