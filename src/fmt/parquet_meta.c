// parquet_meta.c -- parquet.thrift as tables: field numbers and where each lies in our structs.
#include "fmt/parquet_meta_in.h"

#define AT(T, member)  offsetof(T, member), NULL
#define SUB(T, member) offsetof(T, member)
#define SPEC(var, T, fields)                                                                       \
    const ThriftSpec var = {#T, fields, (int32_t)COUNT(fields), (int32_t)sizeof(T)}

static const ThriftField time_unit_fields[] = {
    {1, THRIFT_EMPTY, AT(PqTimeUnit, millis)},
    {2, THRIFT_EMPTY, AT(PqTimeUnit, micros)},
    {3, THRIFT_EMPTY, AT(PqTimeUnit, nanos)},
};
static SPEC(time_unit_spec, PqTimeUnit, time_unit_fields);
static const ThriftField time_fields[] = {
    {1, THRIFT_BOOL, AT(PqTime, utc)},
    {2, THRIFT_STRUCT, SUB(PqTime, unit), &time_unit_spec},
};
static SPEC(time_spec, PqTime, time_fields);
static const ThriftField decimal_fields[] = {
    {1, THRIFT_I32, AT(PqDecimal, scale)},
    {2, THRIFT_I32, AT(PqDecimal, precision)},
};
static SPEC(decimal_spec, PqDecimal, decimal_fields);
static const ThriftField integer_fields[] = {
    {1, THRIFT_I8, AT(PqInteger, bits)},
    {2, THRIFT_BOOL, AT(PqInteger, is_signed)},
};
static SPEC(integer_spec, PqInteger, integer_fields);
static const ThriftField logical_fields[] = {
    {1, THRIFT_EMPTY, AT(PqLogical, string)},
    {2, THRIFT_EMPTY, AT(PqLogical, map)},
    {3, THRIFT_EMPTY, AT(PqLogical, list)},
    {4, THRIFT_EMPTY, AT(PqLogical, enumeration)},
    {5, THRIFT_STRUCT, SUB(PqLogical, decimal), &decimal_spec},
    {6, THRIFT_EMPTY, AT(PqLogical, date)},
    {7, THRIFT_STRUCT, SUB(PqLogical, time), &time_spec},
    {8, THRIFT_STRUCT, SUB(PqLogical, timestamp), &time_spec},
    {10, THRIFT_STRUCT, SUB(PqLogical, integer), &integer_spec},
    {12, THRIFT_EMPTY, AT(PqLogical, json)},
    {13, THRIFT_EMPTY, AT(PqLogical, bson)},
    {14, THRIFT_EMPTY, AT(PqLogical, uuid)},
    {15, THRIFT_EMPTY, AT(PqLogical, float16)},
};
SPEC(pq_logical_spec, PqLogical, logical_fields);
static const ThriftField element_fields[] = {
    {1, THRIFT_I32, AT(PqElement, type)},
    {2, THRIFT_I32, AT(PqElement, length)},
    {3, THRIFT_I32, AT(PqElement, repetition)},
    {4, THRIFT_STR, AT(PqElement, name)},
    {5, THRIFT_I32, AT(PqElement, kids)},
    {6, THRIFT_I32, AT(PqElement, converted)},
    {7, THRIFT_I32, AT(PqElement, scale)},
    {8, THRIFT_I32, AT(PqElement, precision)},
    {9, THRIFT_I32, AT(PqElement, id)},
    {10, THRIFT_STRUCT, SUB(PqElement, logical), &pq_logical_spec},
};
static SPEC(element_spec, PqElement, element_fields);

static const ThriftField statistics_fields[] = {
    {1, THRIFT_STR, AT(PqStatistics, old_max)},    {2, THRIFT_STR, AT(PqStatistics, old_min)},
    {3, THRIFT_I64, AT(PqStatistics, nulls)},      {4, THRIFT_I64, AT(PqStatistics, distinct)},
    {5, THRIFT_STR, AT(PqStatistics, max)},        {6, THRIFT_STR, AT(PqStatistics, min)},
    {7, THRIFT_BOOL, AT(PqStatistics, max_exact)}, {8, THRIFT_BOOL, AT(PqStatistics, min_exact)},
    {9, THRIFT_I64, AT(PqStatistics, nans)},
};
SPEC(pq_statistics_spec, PqStatistics, statistics_fields);
static const ThriftField encoding_stats_fields[] = {
    {1, THRIFT_I32, AT(PqEncodingStats, page)},
    {2, THRIFT_I32, AT(PqEncodingStats, encoding)},
    {3, THRIFT_I32, AT(PqEncodingStats, count)},
};
static SPEC(encoding_stats_spec, PqEncodingStats, encoding_stats_fields);
static const ThriftField column_fields[] = {
    {1, THRIFT_I32, AT(PqColumn, type)},
    {2, THRIFT_LIST_I32, AT(PqColumn, encodings)},
    {3, THRIFT_LIST_STR, AT(PqColumn, path)},
    {4, THRIFT_I32, AT(PqColumn, codec)},
    {5, THRIFT_I64, AT(PqColumn, values)},
    {6, THRIFT_I64, AT(PqColumn, raw_bytes)},
    {7, THRIFT_I64, AT(PqColumn, bytes)},
    {9, THRIFT_I64, AT(PqColumn, data_at)},
    {11, THRIFT_I64, AT(PqColumn, dictionary_at)},
    {12, THRIFT_STRUCT, SUB(PqColumn, stats), &pq_statistics_spec},
    {13, THRIFT_LIST_STRUCT, SUB(PqColumn, encoding_stats), &encoding_stats_spec},
};
SPEC(pq_column_spec, PqColumn, column_fields);
static const ThriftField chunk_fields[] = {
    {1, THRIFT_STR, AT(PqChunk, file)},
    {2, THRIFT_I64, AT(PqChunk, at)},
    {3, THRIFT_STRUCT, SUB(PqChunk, meta), &pq_column_spec},
    {4, THRIFT_I64, AT(PqChunk, offset_index_at)},
    {5, THRIFT_I32, AT(PqChunk, offset_index_bytes)},
    {6, THRIFT_I64, AT(PqChunk, column_index_at)},
    {7, THRIFT_I32, AT(PqChunk, column_index_bytes)},
    {8, THRIFT_EMPTY, AT(PqChunk, encrypted)},
};
static SPEC(chunk_spec, PqChunk, chunk_fields);
static const ThriftField group_fields[] = {
    {1, THRIFT_LIST_STRUCT, SUB(PqGroup, chunks), &chunk_spec},
    {2, THRIFT_I64, AT(PqGroup, raw_bytes)},
    {3, THRIFT_I64, AT(PqGroup, rows)},
    {5, THRIFT_I64, AT(PqGroup, at)},
    {6, THRIFT_I64, AT(PqGroup, bytes)},
    {7, THRIFT_I16, AT(PqGroup, ordinal)},
};
static SPEC(group_spec, PqGroup, group_fields);
static const ThriftField key_value_fields[] = {
    {1, THRIFT_STR, AT(PqKeyValue, key)},
    {2, THRIFT_STR, AT(PqKeyValue, value)},
};
static SPEC(key_value_spec, PqKeyValue, key_value_fields);
static const ThriftField order_fields[] = {{1, THRIFT_EMPTY, AT(PqOrder, type_order)}};
static SPEC(order_spec, PqOrder, order_fields);
static const ThriftField footer_fields[] = {
    {1, THRIFT_I32, AT(PqFooter, version)},
    {2, THRIFT_LIST_STRUCT, SUB(PqFooter, schema), &element_spec},
    {3, THRIFT_I64, AT(PqFooter, rows)},
    {4, THRIFT_LIST_STRUCT, SUB(PqFooter, groups), &group_spec},
    {5, THRIFT_LIST_STRUCT, SUB(PqFooter, meta), &key_value_spec},
    {6, THRIFT_STR, AT(PqFooter, created_by)},
    {7, THRIFT_LIST_STRUCT, SUB(PqFooter, orders), &order_spec},
    {8, THRIFT_EMPTY, AT(PqFooter, encrypted)},
};
SPEC(pq_footer_spec, PqFooter, footer_fields);

static const ThriftField data_page_fields[] = {
    {1, THRIFT_I32, AT(PqDataPage, values)},
    {2, THRIFT_I32, AT(PqDataPage, encoding)},
    {3, THRIFT_I32, AT(PqDataPage, def_encoding)},
    {4, THRIFT_I32, AT(PqDataPage, rep_encoding)},
};
static SPEC(data_page_spec, PqDataPage, data_page_fields);
static const ThriftField dictionary_page_fields[] = {
    {1, THRIFT_I32, AT(PqDictionaryPage, values)},
    {2, THRIFT_I32, AT(PqDictionaryPage, encoding)},
    {3, THRIFT_BOOL, AT(PqDictionaryPage, sorted)},
};
static SPEC(dictionary_page_spec, PqDictionaryPage, dictionary_page_fields);
static const ThriftField data_page2_fields[] = {
    {1, THRIFT_I32, AT(PqDataPage2, values)},      {2, THRIFT_I32, AT(PqDataPage2, nulls)},
    {3, THRIFT_I32, AT(PqDataPage2, rows)},        {4, THRIFT_I32, AT(PqDataPage2, encoding)},
    {5, THRIFT_I32, AT(PqDataPage2, def_bytes)},   {6, THRIFT_I32, AT(PqDataPage2, rep_bytes)},
    {7, THRIFT_BOOL, AT(PqDataPage2, compressed)},
};
static SPEC(data_page2_spec, PqDataPage2, data_page2_fields);
static const ThriftField page_fields[] = {
    {1, THRIFT_I32, AT(PqPage, type)},
    {2, THRIFT_I32, AT(PqPage, raw_bytes)},
    {3, THRIFT_I32, AT(PqPage, bytes)},
    {4, THRIFT_I32, AT(PqPage, crc)},
    {5, THRIFT_STRUCT, SUB(PqPage, data), &data_page_spec},
    {7, THRIFT_STRUCT, SUB(PqPage, dictionary), &dictionary_page_spec},
    {8, THRIFT_STRUCT, SUB(PqPage, data2), &data_page2_spec},
};
SPEC(pq_page_spec, PqPage, page_fields);

static const ThriftField column_index_fields[] = {
    {1, THRIFT_LIST_BOOL, AT(PqColumnIndex, null_pages)},
    {2, THRIFT_LIST_STR, AT(PqColumnIndex, min)},
    {3, THRIFT_LIST_STR, AT(PqColumnIndex, max)},
    {4, THRIFT_I32, AT(PqColumnIndex, order)},
    {5, THRIFT_LIST_I64, AT(PqColumnIndex, null_counts)},
    {8, THRIFT_LIST_I64, AT(PqColumnIndex, nan_counts)},
};
SPEC(pq_column_index_spec, PqColumnIndex, column_index_fields);
static const ThriftField location_fields[] = {
    {1, THRIFT_I64, AT(PqLocation, at)},
    {2, THRIFT_I32, AT(PqLocation, bytes)},
    {3, THRIFT_I64, AT(PqLocation, first_row)},
};
static SPEC(location_spec, PqLocation, location_fields);
static const ThriftField offset_index_fields[] = {
    {1, THRIFT_LIST_STRUCT, SUB(PqOffsetIndex, pages), &location_spec},
};
SPEC(pq_offset_index_spec, PqOffsetIndex, offset_index_fields);

void *pq_new(Arena *a, const ThriftSpec *spec)
{
    void *v = arena_alloc(a, spec->size, _Alignof(max_align_t), 1);
    thrift_clear(spec, v);
    return v;
}
