-- The newest run of each person's client on each live host that is not gone, and its host's unit.
-- A run without a client says that nobody could be judged; a later run of the person replaces it.
SELECT n.run_seq AS run_seq, n.host_id AS host_id, n.host_name AS host_name,
  n.user_name AS user_name, n.client AS client, n.home AS home, n.seen_s AS seen_s,
  n.client_version AS client_version, n.policy_version AS policy_version,
  n.compliant AS compliant, n.failed AS failed, n.waived AS waived, n.set_id AS set_id,
  coalesce(e.unit, '') AS unit,
  CASE WHEN n.seen_s < :silent_s THEN 1 ELSE 0 END AS silent
FROM numbered_runs AS n
JOIN (
  SELECT host_id, user_name, max(seen_s) AS last_s
  FROM numbered_runs
  GROUP BY host_id, user_name
) AS p ON p.host_id = n.host_id AND p.user_name = n.user_name
LEFT JOIN expected AS e ON e.host_id = n.host_id
WHERE n.run_no = n.run_count AND n.seen_s >= :gone_s
  AND (n.client <> '' OR n.seen_s = p.last_s)
