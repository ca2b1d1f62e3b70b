-- What became of each host. Better: it complies now, fails in less than before, or reports again and
-- does not fail. Any other change is for the worse, also that a host does not report any more.
SELECT m.host_id AS host_id, m.host_name AS host_name, m.before_standing AS before_standing,
  m.after_standing AS after_standing, m.before_group AS before_group,
  m.after_group AS after_group, m.before_first AS before_first, m.before_last AS before_last,
  m.after_first AS after_first, m.after_last AS after_last, m.before_seq AS before_seq,
  m.after_seq AS after_seq, m.before_last_seq AS before_last_seq,
  m.after_last_seq AS after_last_seq,
  CASE
    WHEN m.before_standing = 'absent' THEN 'new'
    WHEN m.after_standing = 'absent' THEN 'gone'
    WHEN m.before_standing = 'fails' AND m.after_standing = 'fails' THEN
      CASE WHEN coalesce(p.began, 0) > 0 THEN 'worse'
        WHEN coalesce(p.ended, 0) > 0 THEN 'better' ELSE 'unchanged' END
    WHEN m.before_standing = m.after_standing THEN 'unchanged'
    WHEN m.after_standing = 'complies' THEN 'better'
    WHEN m.before_standing = 'silent' AND m.after_standing = 'cannot_tell' THEN 'better'
    ELSE 'worse'
  END AS move
FROM host_moves AS m
LEFT JOIN (
  SELECT before_group, after_group, sum(began) AS began, sum(1 - began) AS ended
  FROM pair_faults
  GROUP BY before_group, after_group
) AS p ON p.before_group = m.before_group AND p.after_group = m.after_group
