-- On how many hosts each control came out how; a host where it neither failed nor passed shows
-- nothing of it. It passes where it does so for every person: a check of what it is about passed,
-- none failed and none is an error.
SELECT g.control_no AS control_no,
  sum(CASE WHEN g.open_fails = 1 THEN g.hosts ELSE 0 END) AS failed,
  sum(CASE WHEN g.open_fails = 0 AND g.fails = 1 THEN g.hosts ELSE 0 END) AS waived,
  sum(CASE WHEN g.fails = 0 AND g.passes = g.parts THEN g.hosts ELSE 0 END) AS passed
FROM (
  SELECT c.unit AS unit, c.group_id AS group_id, c.control_no AS control_no,
    max(c.hosts) AS hosts, max(c.parts) AS parts, max(c.open_fails) AS open_fails,
    max(c.fails) AS fails, sum(CASE WHEN c.errors = 0 THEN c.shown ELSE 0 END) AS passes
  FROM (
    SELECT s.unit AS unit, s.group_id AS group_id, s.set_id AS set_id,
      k.control_no AS control_no, max(s.hosts) AS hosts, max(s.parts) AS parts,
      max(CASE WHEN f.status = 'fail' AND f.waived = 0 THEN 1 ELSE 0 END) AS open_fails,
      max(CASE WHEN f.status = 'fail' THEN 1 ELSE 0 END) AS fails,
      max(CASE WHEN f.status = 'error' THEN 1 ELSE 0 END) AS errors,
      max(CASE WHEN f.status = 'pass' AND k.central = 1 THEN 1 ELSE 0 END) AS shown
    FROM host_sets AS s
    JOIN findings AS f ON f.set_id = s.set_id
    JOIN control_checks AS k ON k.check_id = f.check_id
    GROUP BY s.unit, s.group_id, s.set_id, k.control_no
  ) AS c
  GROUP BY c.unit, c.group_id, c.control_no
) AS g
GROUP BY g.control_no
ORDER BY control_no
