-- The persons' clients of which the newest report could not say whether they comply.
SELECT n.host_name AS host_name, n.host_id AS host_id, n.unit AS unit, n.user_name AS user_name,
  n.client AS client, n.seen_s AS seen_s, r.reason AS reason
FROM newest_runs AS n
JOIN runs AS r ON r.run_seq = n.run_seq
WHERE n.silent = 0 AND n.compliant < 0
ORDER BY seen_s, host_name, host_id, user_name, client, n.home
LIMIT :limit
