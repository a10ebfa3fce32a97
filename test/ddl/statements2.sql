-- Metadata tables, descriptions and plans: what could not be asked by a short name.
CREATE NAMESPACE lake.two
USE lake.two
CREATE TABLE lake.two.p (id INT, g STRING, d DATE, v DOUBLE, s STRUCT<x: INT, y: ARRAY<STRING>>) USING iceberg PARTITIONED BY (g, bucket(2, id))
INSERT INTO lake.two.p VALUES (1, 'a', DATE '2024-01-01', 1.5, named_struct('x', 1, 'y', array('k'))), (2, 'a', NULL, double('nan'), NULL), (3, NULL, DATE '2024-01-03', 0.5, named_struct('x', NULL, 'y', array(NULL)))
INSERT INTO lake.two.p VALUES (1, 'a', DATE '2024-02-01', 2.5, NULL)
DESCRIBE lake.two.p.partitions
SELECT partition, spec_id, record_count, file_count, position_delete_record_count, equality_delete_file_count, last_updated_at IS NOT NULL FROM lake.two.p.partitions ORDER BY partition.g, partition.id_bucket
DESCRIBE lake.two.p.files
SELECT readable_metrics.d, readable_metrics.g, readable_metrics.id, readable_metrics.v FROM lake.two.p.files ORDER BY record_count, file_path
SELECT readable_metrics.`s.x`, readable_metrics.`s.y.element`.value_count FROM lake.two.p.files ORDER BY record_count, file_path
CREATE TABLE lake.two.u (id INT, t STRING) USING iceberg
INSERT INTO lake.two.u VALUES (1, 'x'), (2, 'y')
DESCRIBE lake.two.u.partitions
SELECT record_count, file_count FROM lake.two.u.partitions
SELECT readable_metrics.id.lower_bound, readable_metrics.t.upper_bound, readable_metrics.t.null_value_count FROM lake.two.u.files
DESCRIBE lake.two.p
DESCRIBE lake.two.p.snapshots
DESCRIBE lake.two.u.history
DESCRIBE lake.two.u.manifests
DESCRIBE lake.two.u.refs
DESCRIBE lake.two.u.metadata_log_entries
DESCRIBE lake.two.u.entries
DESCRIBE lake.two.u.all_data_files
SELECT * FROM lake.two.u.nope
ALTER TABLE u ALTER COLUMN id SET NOT NULL
CREATE TABLE lake.two.k (id INT NOT NULL, t STRING) USING iceberg
ALTER TABLE k SET IDENTIFIER FIELDS id
SHOW TBLPROPERTIES k
ALTER TABLE k DROP COLUMN id
ALTER TABLE k DROP IDENTIFIER FIELDS t
ALTER TABLE k DROP IDENTIFIER FIELDS id
SHOW TBLPROPERTIES k
EXPLAIN FORMATTED SELECT g, count(*) FROM p WHERE id > 1 GROUP BY g ORDER BY g
EXPLAIN FORMATTED SELECT a.id, b.t FROM p a JOIN u b ON a.id = b.id WHERE a.v > 1
EXPLAIN FORMATTED SELECT 1 AS x
EXPLAIN COST SELECT id FROM u
EXPLAIN CODEGEN SELECT id + 1 FROM u
EXPLAIN CODEGEN SELECT sum(id) FROM range(10)
INSERT INTO p SELECT id, 'q', NULL, 0.1, NULL FROM range(3)
CREATE TABLE spark_catalog.default.f (a INT, b STRING) USING parquet PARTITIONED BY (b)
INSERT INTO spark_catalog.default.f PARTITION (b = 'x') VALUES (1)
INSERT INTO spark_catalog.default.f PARTITION (b) VALUES (2, 'y')
SHOW PARTITIONS spark_catalog.default.f
SHOW PARTITIONS spark_catalog.default.f PARTITION (b = 'x')
SHOW PARTITIONS spark_catalog.default.f PARTITION (nope = 'x')
INSERT OVERWRITE spark_catalog.default.f PARTITION (b = 'x') VALUES (3)
SELECT * FROM spark_catalog.default.f ORDER BY a
INSERT OVERWRITE spark_catalog.default.f PARTITION (b = 'x') SELECT 1 WHERE false
SELECT * FROM spark_catalog.default.f ORDER BY a
INSERT OVERWRITE spark_catalog.default.f VALUES (9, 'z')
SELECT * FROM spark_catalog.default.f ORDER BY a
INSERT INTO spark_catalog.default.f PARTITION (a = 1) VALUES ('x')
INSERT INTO spark_catalog.default.f PARTITION (b = 'x', nope = 1) VALUES (1)
CREATE TABLE spark_catalog.default.f2 (a INT) USING parquet
SHOW PARTITIONS spark_catalog.default.f2
ANALYZE TABLE spark_catalog.default.f COMPUTE STATISTICS
CREATE VIEW spark_catalog.default.fv AS SELECT a + 1 FROM spark_catalog.default.f
CREATE VIEW spark_catalog.default.fv AS SELECT 1, a, count(*) FROM spark_catalog.default.f GROUP BY a
CREATE VIEW spark_catalog.default.fv AS SELECT 1, a FROM spark_catalog.default.f
