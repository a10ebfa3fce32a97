SELECT id, array_position(tags,'a') AS e0,
       date_format(ts,'yyyy-MM-dd HH:mm:ss.SSS') AS e1,
       try_element_at(tags,-1) AS e2,
       cast(k = 'a' AS DOUBLE) AS e3,
       s LIKE '%\\_%' AS e4,
       try_cast(s AS DOUBLE) AS e5,
       regexp_replace(s,'[0-9]+','#') AS e6,
       right(k,3) AS e7,
       format_string('%s:%05d','x-1',n) AS e8,
       timestampadd(MONTH,-1,ts) AS e9,
       conv('ff',16,10) AS e10,
       startswith(s,'a') AS e11
FROM events
