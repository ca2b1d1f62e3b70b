-- How many persons are to be simulated, are on hosts that are gone, and are on images.
SELECT a.kind AS kind, a.people AS people
FROM (
  SELECT 'gone' AS kind, count(*) AS people
  FROM (
    SELECT max(seen_s) AS last_s
    FROM runs
    WHERE image = 0 AND partial = 0 AND seen_s <= :at_s
    GROUP BY host_id, user_name, client, home
  ) AS g
  WHERE last_s < :gone_s
  UNION ALL
  SELECT 'images' AS kind, count(*) AS people
  FROM (
    SELECT host_id
    FROM runs
    WHERE image = 1 AND partial = 0 AND seen_s <= :at_s
    GROUP BY host_id, user_name, client, home
  ) AS i
  UNION ALL
  SELECT 'people' AS kind, count(*) AS people
  FROM simulated_people
) AS a
ORDER BY a.kind
