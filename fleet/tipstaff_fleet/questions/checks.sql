-- How often each check passed, failed and so on in the newest runs that are not silent.
SELECT f.check_id AS check_id, max(f.severity) AS severity,
  sum(CASE WHEN f.status = 'pass' THEN s.runs ELSE 0 END) AS passed,
  sum(CASE WHEN f.status = 'fail' AND f.waived = 0 THEN s.runs ELSE 0 END) AS failed,
  sum(CASE WHEN f.status = 'fail' AND f.waived = 1 THEN s.runs ELSE 0 END) AS waived,
  sum(CASE WHEN f.status = 'error' THEN s.runs ELSE 0 END) AS errors
FROM findings AS f
JOIN (
  SELECT set_id, count(*) AS runs FROM newest_runs WHERE silent = 0 GROUP BY set_id
) AS s ON s.set_id = f.set_id
GROUP BY f.check_id
ORDER BY failed DESC, check_id
