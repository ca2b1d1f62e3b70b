-- How many they are.
SELECT count(*) AS images
FROM (
  SELECT host_id
  FROM runs
  WHERE image = 1 AND partial = 0 AND seen_s <= :at_s
  GROUP BY host_id, user_name, client, home
) AS i
