-- Of what was found before and what is found now on the same host, which failures are on one side.
SELECT f.before_group AS before_group, f.after_group AS after_group, f.fault_no AS fault_no,
  max(f.severity_rank) AS severity_rank, max(f.began) AS began
FROM (
  SELECT p.before_group AS before_group, p.after_group AS after_group, b.fault_no AS fault_no,
    b.severity_rank AS severity_rank, 0 AS began
  FROM group_pairs AS p
  JOIN faults_before AS b ON b.group_id = p.before_group
  UNION ALL
  SELECT p.before_group AS before_group, p.after_group AS after_group, a.fault_no AS fault_no,
    a.severity_rank AS severity_rank, 1 AS began
  FROM group_pairs AS p
  JOIN open_faults AS a ON a.group_id = p.after_group
) AS f
GROUP BY f.before_group, f.after_group, f.fault_no
HAVING count(*) = 1
