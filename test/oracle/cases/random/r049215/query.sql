SELECT id, hash(cbrt(0.5D)) AS e0,
       try_element_at(coalesce(sort_array(tags),array('none')),-1) AS e1,
       true AND (false = (d = d)) AS e2,
       try_cast('it''s' AS DATE) AS e3,
       k AS e4,
       greatest(TIMESTAMP'2024-03-10 02:30:00',ts) AS e5
FROM t
