-- The newest report of each person's client in an image, which is no live host.
SELECT host_name, user_name, client, home, seen_s, compliant, failed
FROM (
  SELECT host_name, user_name, client, home, seen_s, compliant, failed,
    row_number() OVER (
      PARTITION BY host_id, user_name, client, home
      ORDER BY seen_s DESC, run_id DESC, run_seq) AS place
  FROM runs
  WHERE image = 1 AND partial = 0 AND seen_s <= :at_s
) AS i
WHERE place = 1
ORDER BY host_name, user_name, client, home, seen_s, compliant, failed
LIMIT :limit
