-- Every host: how it stands, since when it was seen, and what became of it since the earlier moment.
SELECT h.host_name AS host_name, h.host_id AS host_id, h.unit AS unit, h.standing AS standing,
  h.seen_s AS seen_s, m.before_standing AS before_standing, m.move AS move,
  coalesce(w.severity_rank, 0) AS severity_rank, coalesce(w.since_s, 0) AS since_s
FROM hosts AS h
JOIN moved AS m ON m.host_id = h.host_id
LEFT JOIN (
  SELECT n.host_id AS host_id, max(f.severity_rank) AS severity_rank, min(f.since_s) AS since_s
  FROM newest_runs AS n
  JOIN failures AS f ON f.run_seq = n.run_seq
  WHERE f.waived = 0 AND f.severity_rank >= 3
  GROUP BY n.host_id
) AS w ON w.host_id = h.host_id
ORDER BY host_name, host_id
