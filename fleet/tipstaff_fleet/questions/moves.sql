-- The hosts that moved, counted by what is the same of them; the policy's digest is of one run each.
SELECT m.move AS move, m.before_standing AS before_standing, m.after_standing AS after_standing,
  m.before_group AS before_group, m.after_group AS after_group, m.before_first AS before_first,
  m.before_last AS before_last, m.after_first AS after_first, m.after_last AS after_last,
  CASE WHEN b.policy_fingerprint <> a.policy_fingerprint THEN 1 ELSE 0 END AS digest_moved,
  count(*) AS hosts, min(m.host_name) AS first_name, min(m.host_id) AS first_id
FROM moved AS m
LEFT JOIN runs AS b ON b.run_seq = m.before_seq
LEFT JOIN runs AS a ON a.run_seq = m.after_seq
WHERE m.move <> 'unchanged'
GROUP BY m.move, m.before_standing, m.after_standing, m.before_group, m.after_group,
  m.before_first, m.before_last, m.after_first, m.after_last,
  CASE WHEN b.policy_fingerprint <> a.policy_fingerprint THEN 1 ELSE 0 END
ORDER BY hosts DESC, move, before_standing, after_standing, before_group, after_group,
  before_first, before_last, after_first, after_last, digest_moved
LIMIT :limit
