-- On how many hosts of each unit a check came out how; a host counts once, by its worst. The rank of
-- the severity is 5 higher where it is of a finding that does not pass.
SELECT g.unit AS unit, g.check_id AS check_id, max(g.severity_rank) AS severity_rank,
  sum(CASE WHEN g.worst = 1 THEN g.hosts ELSE 0 END) AS passed,
  sum(CASE WHEN g.worst = 4 THEN g.hosts ELSE 0 END) AS failed,
  sum(CASE WHEN g.worst = 2 THEN g.hosts ELSE 0 END) AS waived,
  sum(CASE WHEN g.worst = 3 THEN g.hosts ELSE 0 END) AS errors
FROM (
  SELECT s.unit AS unit, s.group_id AS group_id, f.check_id AS check_id,
    max(s.hosts) AS hosts,
    max(CASE WHEN f.status = 'pass' THEN 0 ELSE 5 END + CASE f.severity WHEN 'critical' THEN 5
      WHEN 'high' THEN 4 WHEN 'medium' THEN 3 WHEN 'low' THEN 2 ELSE 1 END) AS severity_rank,
    max(CASE WHEN f.status = 'fail' AND f.waived = 0 THEN 4 WHEN f.status = 'error' THEN 3
      WHEN f.status = 'fail' THEN 2 ELSE 1 END) AS worst
  FROM host_sets AS s
  JOIN findings AS f ON f.set_id = s.set_id
  WHERE f.status <> 'not_applicable'
  GROUP BY s.unit, s.group_id, f.check_id
) AS g
GROUP BY g.unit, g.check_id
ORDER BY unit, check_id
