-- What the hosts fail in that `failing_hosts` shows.
SELECT n.host_id AS host_id, n.user_name AS user_name, t.check_id AS check_id
FROM shown AS s
JOIN newest_runs AS n ON n.host_id = s.host_id
JOIN failures AS f ON f.run_seq = n.run_seq
JOIN faults AS t ON t.fault_no = f.fault_no
WHERE f.waived = 0 AND f.severity_rank >= 3
GROUP BY n.host_id, n.user_name, t.check_id
ORDER BY n.host_id, n.user_name, t.check_id
