-- Since when each failure of a newest run stands, the oldest first.
SELECT n.host_name AS host_name, n.host_id AS host_id, n.unit AS unit, n.user_name AS user_name,
  n.client AS client, n.home AS home, t.check_id AS check_id, t.subject AS subject,
  f.severity_rank AS severity_rank, f.waived AS waived, f.since_s AS since_s
FROM failures AS f
JOIN faults AS t ON t.fault_no = f.fault_no
JOIN newest_runs AS n ON n.run_seq = f.run_seq
ORDER BY since_s, host_name, host_id, user_name, client, home, check_id, subject
LIMIT :limit
