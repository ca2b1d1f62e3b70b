-- Every person's client that ever reported until :at_s, by numbers: its own, its host's, and its
-- person's where it says only that the person could not be judged, otherwise 0.
SELECT k.run_seq AS key_no, h.host_no AS host_no, coalesce(u.person_no, 0) AS person_no,
  CASE WHEN k.client = '' THEN 1 ELSE 0 END AS unnamed
FROM runs AS k
JOIN (
  SELECT key_no FROM live_runs GROUP BY key_no
) AS l ON l.key_no = k.run_seq
JOIN (
  SELECT host_id, min(run_seq) AS host_no
  FROM runs
  WHERE image = 0 AND partial = 0 AND seen_s <= :at_s
  GROUP BY host_id
) AS h ON h.host_id = k.host_id
LEFT JOIN (
  SELECT host_id, user_name, min(run_seq) AS person_no
  FROM runs
  WHERE client = ''
  GROUP BY host_id, user_name
) AS u ON u.host_id = k.host_id AND u.user_name = k.user_name
