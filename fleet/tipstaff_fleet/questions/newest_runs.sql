-- The chosen runs, each with its host's unit. A run without a client says that a person could not be
-- judged; a later run of that person, of whatever client, replaces it.
SELECT n.run_seq AS run_seq, c.key_no AS key_no, n.host_id AS host_id,
  n.host_name AS host_name,
  n.user_name AS user_name, n.client AS client, n.home AS home, n.seen_s AS seen_s,
  n.compliant AS compliant, n.set_id AS set_id, b.build_no AS build_no,
  coalesce(e.unit, '') AS unit, CASE WHEN n.seen_s < :silent_s THEN 1 ELSE 0 END AS silent
FROM runs AS n
JOIN chosen_runs AS c ON c.run_seq = n.run_seq
JOIN builds AS b ON b.tipstaff_version = n.tipstaff_version AND b.client = n.client
  AND b.client_version = n.client_version AND b.policy_id = n.policy_id
  AND b.policy_version = n.policy_version
LEFT JOIN expected AS e ON e.host_id = n.host_id
LEFT JOIN (
  SELECT r.host_id AS host_id, r.user_name AS user_name, max(r.seen_s) AS judged_s
  FROM runs AS r
  JOIN (
    SELECT host_id, user_name FROM runs WHERE client = '' GROUP BY host_id, user_name
  ) AS u ON u.host_id = r.host_id AND u.user_name = r.user_name
  WHERE r.image = 0 AND r.partial = 0 AND r.seen_s <= :at_s AND r.client <> ''
  GROUP BY r.host_id, r.user_name
) AS p ON p.host_id = n.host_id AND p.user_name = n.user_name
WHERE n.client <> '' OR n.seen_s >= coalesce(p.judged_s, 0)
