// parquet_meta_in.h -- the footer and the page headers of a Parquet file as structs, under the
// names of parquet.thrift. Integers are int64_t, THRIFT_NONE when absent (wire/thrift.h).
#ifndef FMT_PARQUET_META_IN_H
#define FMT_PARQUET_META_IN_H
#include "wire/thrift.h"

typedef enum PqType {
    PQ_BOOLEAN,
    PQ_INT32,
    PQ_INT64,
    PQ_INT96,
    PQ_FLOAT,
    PQ_DOUBLE,
    PQ_BYTE_ARRAY,
    PQ_FIXED
} PqType;
typedef enum PqRepetition { PQ_REQUIRED, PQ_OPTIONAL, PQ_REPEATED } PqRepetition;
enum { // encodings
    PQ_PLAIN = 0,
    PQ_PLAIN_DICTIONARY = 2,
    PQ_RLE = 3,
    PQ_BIT_PACKED = 4,
    PQ_DELTA_BINARY_PACKED = 5,
    PQ_DELTA_LENGTH_BYTE_ARRAY = 6,
    PQ_DELTA_BYTE_ARRAY = 7,
    PQ_RLE_DICTIONARY = 8,
    PQ_BYTE_STREAM_SPLIT = 9,
};
enum { PQ_DATA_PAGE = 0, PQ_INDEX_PAGE = 1, PQ_DICTIONARY_PAGE = 2, PQ_DATA_PAGE_V2 = 3 };
enum { // converted types
    PQ_CT_UTF8 = 0,
    PQ_CT_MAP = 1,
    PQ_CT_MAP_KEY_VALUE = 2,
    PQ_CT_LIST = 3,
    PQ_CT_ENUM = 4,
    PQ_CT_DECIMAL = 5,
    PQ_CT_DATE = 6,
    PQ_CT_TIME_MILLIS = 7,
    PQ_CT_TIME_MICROS = 8,
    PQ_CT_TIMESTAMP_MILLIS = 9,
    PQ_CT_TIMESTAMP_MICROS = 10,
    PQ_CT_UINT_8 = 11,
    PQ_CT_UINT_64 = 14,
    PQ_CT_INT_8 = 15,
    PQ_CT_INT_16 = 16,
    PQ_CT_INT_32 = 17,
    PQ_CT_INT_64 = 18,
    PQ_CT_JSON = 19,
};

typedef struct PqTimeUnit {
    int64_t millis, micros, nanos; // one of them is 1
} PqTimeUnit;
typedef struct PqTime { // TIME and TIMESTAMP
    int64_t utc;
    PqTimeUnit *unit;
} PqTime;
typedef struct PqDecimal {
    int64_t scale, precision;
} PqDecimal;
typedef struct PqInteger {
    int64_t bits, is_signed;
} PqInteger;
typedef struct PqLogical { // a union
    int64_t string, map, list, enumeration, date, json, bson, uuid, float16;
    PqDecimal *decimal;
    PqTime *time, *timestamp;
    PqInteger *integer;
} PqLogical;
typedef struct PqElement { // SchemaElement
    int64_t type, length, repetition, kids, converted, scale, precision, id;
    Str name;
    PqLogical *logical;
} PqElement;
typedef struct PqStatistics {
    int64_t nulls, distinct, max_exact, min_exact, nans;
    Str old_max, old_min, max, min;
} PqStatistics;
typedef struct PqEncodingStats {
    int64_t page, encoding, count;
} PqEncodingStats;
typedef struct PqColumn { // ColumnMetaData
    int64_t type, codec, values, raw_bytes, bytes, data_at, dictionary_at;
    ThriftList encodings; // int64_t
    ThriftList path;      // Str
    ThriftList encoding_stats;
    PqStatistics *stats;
} PqColumn;
typedef struct PqChunk { // ColumnChunk
    Str file;
    int64_t at; // written as 0
    int64_t offset_index_at, offset_index_bytes, column_index_at, column_index_bytes;
    PqColumn *meta;
    int64_t encrypted; // crypto_metadata is there
} PqChunk;
typedef struct PqGroup { // RowGroup
    ThriftList chunks;   // PqChunk
    int64_t raw_bytes, rows, at, bytes, ordinal;
} PqGroup;
typedef struct PqKeyValue {
    Str key, value;
} PqKeyValue;
typedef struct PqOrder { // a union
    int64_t type_order;
} PqOrder;
typedef struct PqFooter { // FileMetaData
    int64_t version, rows;
    Str created_by;
    ThriftList schema; // PqElement
    ThriftList groups; // PqGroup
    ThriftList meta;   // PqKeyValue
    ThriftList orders; // PqOrder
    int64_t encrypted; // encryption_algorithm is there
} PqFooter;

typedef struct PqDataPage {
    int64_t values, encoding, def_encoding, rep_encoding;
} PqDataPage;
typedef struct PqDictionaryPage {
    int64_t values, encoding, sorted;
} PqDictionaryPage;
typedef struct PqDataPage2 {
    int64_t values, nulls, rows, encoding, def_bytes, rep_bytes, compressed;
} PqDataPage2;
typedef struct PqPage { // PageHeader
    int64_t type, raw_bytes, bytes, crc;
    PqDataPage *data;
    PqDictionaryPage *dictionary;
    PqDataPage2 *data2;
} PqPage;

typedef struct PqColumnIndex {
    ThriftList null_pages;              // int64_t
    ThriftList min, max;                // Str
    int64_t order;                      // of the pages: 0 none, 1 ascending, 2 descending
    ThriftList null_counts, nan_counts; // int64_t
} PqColumnIndex;
typedef struct PqLocation { // PageLocation
    int64_t at, bytes, first_row;
} PqLocation;
typedef struct PqOffsetIndex {
    ThriftList pages; // PqLocation
} PqOffsetIndex;

extern const ThriftSpec pq_footer_spec, pq_page_spec, pq_column_index_spec, pq_offset_index_spec,
    pq_column_spec, pq_statistics_spec, pq_logical_spec;
#define PQ_NEW(a, T, spec) ((T *)pq_new((a), &(spec)))
void *pq_new(Arena *a, const ThriftSpec *spec); // every field absent
#endif
