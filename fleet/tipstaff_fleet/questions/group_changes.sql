-- What began and what ended between two findings of a host, where hosts moved.
SELECT p.before_group AS before_group, p.after_group AS after_group, t.check_id AS check_id,
  t.subject AS subject, p.severity_rank AS severity_rank, p.began AS began
FROM pair_faults AS p
JOIN faults AS t ON t.fault_no = p.fault_no
JOIN (
  SELECT before_group, after_group FROM changed_hosts GROUP BY before_group, after_group
) AS c ON c.before_group = p.before_group AND c.after_group = p.after_group
ORDER BY before_group, after_group, began DESC, check_id, subject
LIMIT :limit
