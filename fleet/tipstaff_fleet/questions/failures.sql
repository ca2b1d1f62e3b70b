-- Since when each failure of a newest run stands: the first run that has it since the last run that
-- was judged and does not have it. Work is over sets: a failure begins or ends only where a set does.
SELECT c.run_seq AS run_seq, c.fault_no AS fault_no, max(c.waived) AS waived,
  max(c.severity_rank) AS severity_rank, min(c.since_s) AS since_s
FROM (
  SELECT h.run_seq AS run_seq, f.fault_no AS fault_no, f.waived AS waived,
    f.severity_rank AS severity_rank, h.first_s AS since_s
  FROM histories AS h
  JOIN set_faults AS f ON f.set_no = h.now_no
  JOIN set_faults AS p ON p.set_no = h.past_no AND p.fault_no = f.fault_no
  LEFT JOIN clearings AS g ON g.run_seq = h.run_seq AND g.fault_no = f.fault_no
  WHERE f.fails = 1 AND p.fails = 1 AND h.first_s >= coalesce(g.clear_s, 0)
  UNION ALL
  SELECT h.run_seq AS run_seq, f.fault_no AS fault_no, f.waived AS waived,
    f.severity_rank AS severity_rank, l.seen_s AS since_s
  FROM histories AS h
  JOIN set_faults AS f ON f.set_no = h.now_no
  JOIN set_faults AS p ON p.set_no = h.past_no AND p.fault_no = f.fault_no
  JOIN clearings AS g ON g.run_seq = h.run_seq AND g.fault_no = f.fault_no
  JOIN newest_runs AS n ON n.run_seq = h.run_seq
  JOIN live_runs AS l ON l.key_no = n.key_no AND l.set_no = h.past_no
  WHERE f.fails = 1 AND p.fails = 1 AND h.first_s < g.clear_s AND h.last_s >= g.clear_s
    AND l.seen_s >= g.clear_s
) AS c
GROUP BY c.run_seq, c.fault_no
