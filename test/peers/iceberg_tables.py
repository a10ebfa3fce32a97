#!/usr/bin/env python3
"""Writes the tables of test/data/iceberg that PyIceberg makes: iceberg_tables.py WAREHOUSE (an absolute folder).

Plain pages and dictionaries, partitions, evolved schemas and specifications. Run iceberg_tables_spark.py on the
same warehouse afterwards: it adds what PyIceberg cannot write and prints the rows of all.
"""
import datetime, decimal, os, sys, uuid
import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType, FloatType, IntegerType, ListType,
                             LongType, MapType, NestedField as F, StringType, StructType, TimestampType, TimestamptzType, TimeType)

wh = os.path.abspath(sys.argv[1])
os.makedirs(wh, exist_ok=True)
cat = load_catalog("lake", type="sql", uri=f"sqlite:///{wh}/catalog.db", warehouse=f"file://{wh}")
cat.create_namespace_if_not_exists("demo")
EPOCH, UTC = datetime.datetime(1970, 1, 1), datetime.timezone.utc

TYPES = Schema(
    F(1, "id", LongType(), required=True), F(2, "b", BooleanType()), F(3, "i", IntegerType()), F(4, "f", FloatType()),
    F(5, "d", DoubleType()), F(6, "d9", DecimalType(9, 2)), F(7, "d38", DecimalType(38, 10)), F(8, "day", DateType()),
    F(9, "ts", TimestamptzType()), F(10, "tz", TimestampType()), F(11, "s", StringType()), F(12, "bin", BinaryType()),
    F(13, "a", ListType(14, StringType(), False)), F(15, "m", MapType(16, StringType(), 17, LongType(), False)),
    F(18, "st", StructType(F(19, "x", IntegerType()), F(20, "y", StringType()))))

def value(t, i):
    if i % 5 == 3: return None
    at = EPOCH + datetime.timedelta(microseconds=i * 7_200_000_123 - 99)
    if isinstance(t, BooleanType): return i % 2 == 0
    if isinstance(t, (IntegerType, LongType)): return (i * 7919 - 40000) % 1000
    if isinstance(t, (FloatType, DoubleType)): return (i % 100 - 50) / 8
    if isinstance(t, DecimalType): return decimal.Decimal((i * 7919 - 40000) % 100000).scaleb(-t.scale)
    if isinstance(t, DateType): return at.date()
    if isinstance(t, TimestamptzType): return at.replace(tzinfo=UTC)
    if isinstance(t, TimestampType): return at
    if isinstance(t, StringType): return ["", "café", "\U0001F600", "a longer text than others"][i % 7] if i % 7 < 4 else f"text {i * 31 % 97}"
    if isinstance(t, BinaryType): return bytes([i % 7, 255, i % 3])
    if isinstance(t, ListType): return [value(t.element_type, i + k) for k in range(i % 3)]
    if isinstance(t, MapType): return [(f"k{k}", value(t.value_type, i + k)) for k in range(i % 3)]
    if isinstance(t, StructType): return {f.name: value(f.field_type, i + 1) for f in t.fields}

def rows(schema, start, n):
    return pa.Table.from_pylist([{f.name: (i if f.required else value(f.field_type, i + k)) for k, f in enumerate(schema.fields)}
                                 for i in range(start, start + n)], schema=schema.as_arrow())

def table(name, schema, spec=PartitionSpec(), **props):
    if cat.table_exists(f"demo.{name}"): cat.drop_table(f"demo.{name}")
    return cat.create_table(f"demo.{name}", schema, partition_spec=spec, properties={k.replace("_", "."): v for k, v in props.items()})

t = table("py_dictionary", TYPES)
t.append(rows(t.schema(), 0, 60)); t.append(rows(t.schema(), 60, 40))
t = cat.create_table("demo.py_plain", TYPES, properties={"write.parquet.dict-size-bytes": "1", "write.parquet.compression-codec": "snappy",
                                                        "write.parquet.page-row-limit": "50"}) if not cat.table_exists("demo.py_plain") else None
if t: t.append(rows(t.schema(), 0, 120))
small = Schema(F(1, "id", LongType(), required=True), F(2, "s", StringType()), F(3, "ts", TimestamptzType()), F(4, "i", IntegerType()))
t = table("py_partitioned", small, PartitionSpec(PartitionField(3, 1000, DayTransform(), "ts_day"), PartitionField(2, 1001, BucketTransform(2), "s_bucket"),
                                                 PartitionField(4, 1002, TruncateTransform(500), "i_trunc")))
t.append(rows(t.schema(), 0, 12))
t = table("py_evolved", small, PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "s")))
t.append(rows(t.schema(), 0, 8))
with t.update_schema() as u:
    u.rename_column("s", "named"); u.update_column("i", LongType()); u.add_column("extra", DoubleType())
with t.update_spec() as u: u.remove_field("s"); u.add_field("ts", DayTransform(), "by_day")
t = cat.load_table("demo.py_evolved"); t.append(rows(t.schema(), 20, 10))
t.delete("id < 5")
with t.update_schema() as u: u.delete_column("named"); u.move_first("extra")
t = cat.load_table("demo.py_evolved"); t.append(rows(t.schema(), 40, 5))
