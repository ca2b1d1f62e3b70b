-- Which of them each set holds: as a failure, or as an error, which does not end a failure.
SELECT f.set_id AS set_id, s.set_no AS set_no, t.fault_no AS fault_no,
  max(CASE WHEN f.status = 'fail' THEN 1 ELSE 0 END) AS fails,
  min(CASE WHEN f.status = 'fail' THEN f.waived ELSE 1 END) AS waived,
  max(CASE f.severity WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN 3
    WHEN 'low' THEN 2 ELSE 1 END) AS severity_rank
FROM findings AS f
JOIN sets AS s ON s.set_id = f.set_id
JOIN faults AS t ON t.check_id = f.check_id AND t.subject = f.subject
WHERE f.status = 'fail' OR f.status = 'error'
GROUP BY f.set_id, s.set_no, t.fault_no
