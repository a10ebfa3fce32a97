SELECT id, chr(65 + pmod(n,26)) AS e0,
       mask(s) AS e1,
       greatest(day,day) AS e2,
       c % 3 AS e3,
       ceil(c) AS e4,
       hash(ts,id) AS e5,
       day + INTERVAL 1 MONTH AS e6,
       unix_micros(TIMESTAMP'2024-03-10 02:30:00') AS e7,
       regexp_extract_all(s,'[a-z]',0) AS e8,
       get_json_object(raw,'$.a') AS e9,
       make_timestamp(2024,1,2,3,4,5.678) AS e10,
       try_to_timestamp(s,'yyyy-MM-dd') AS e11
FROM events
