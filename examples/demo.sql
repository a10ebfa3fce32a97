-- The demo of `make run`: two streams of real events, from the embedded log into Iceberg tables by event time.
CREATE DATABASE IF NOT EXISTS lake.demo;

CREATE TEMPORARY VIEW raw_requests USING kafka OPTIONS (subscribe 'web_requests', startingOffsets 'earliest');
CREATE TEMPORARY VIEW requests AS
  SELECT r.* FROM (
    SELECT from_json(CAST(value AS STRING), 'ts TIMESTAMP, ip STRING, path STRING, status INT, bytes BIGINT') AS r
    FROM STREAM raw_requests);

CREATE STREAMING TABLE lake.demo.requests_by_hour PARTITIONED BY (days(hour)) AS
  SELECT window.start AS hour,
         count(*) AS requests,
         count(CASE WHEN status >= 400 THEN 1 END) AS errors,
         sum(bytes) AS bytes
  FROM requests WATERMARK ts DELAY OF INTERVAL 10 MINUTES
  GROUP BY window(ts, '1 hour');

CREATE TEMPORARY VIEW raw_temperature USING kafka OPTIONS (subscribe 'machine_temperature', startingOffsets 'earliest');
CREATE TEMPORARY VIEW temperature AS
  SELECT t.* FROM (
    SELECT from_json(CAST(value AS STRING), 'sensor_id STRING, temperature DOUBLE, timestamp TIMESTAMP') AS t
    FROM STREAM raw_temperature);

CREATE STREAMING TABLE lake.demo.temperature_by_day AS
  SELECT window.start AS day, sensor_id,
         round(avg(temperature), 1) AS mean, round(min(temperature), 1) AS low, round(max(temperature), 1) AS high
  FROM temperature WATERMARK timestamp DELAY OF INTERVAL 1 HOUR
  GROUP BY window(timestamp, '1 day'), sensor_id;
