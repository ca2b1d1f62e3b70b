-- The hosts that moved, and whether a digest of the policy's files did: of the first run and the last,
-- whichever of them came first, since each client has files of its own.
SELECT m.host_id AS host_id, m.host_name AS host_name, m.move AS move,
  m.before_standing AS before_standing, m.after_standing AS after_standing,
  m.before_group AS before_group, m.after_group AS after_group, m.before_first AS before_first,
  m.before_last AS before_last, m.after_first AS after_first, m.after_last AS after_last,
  CASE
    WHEN b.policy_fingerprint = a.policy_fingerprint
      AND bl.policy_fingerprint = al.policy_fingerprint THEN 0
    WHEN b.policy_fingerprint = al.policy_fingerprint
      AND bl.policy_fingerprint = a.policy_fingerprint THEN 0
    WHEN b.policy_fingerprint <> a.policy_fingerprint
      OR bl.policy_fingerprint <> al.policy_fingerprint THEN 1
    ELSE 0
  END AS digest_moved
FROM moved AS m
LEFT JOIN runs AS b ON b.run_seq = m.before_seq
LEFT JOIN runs AS a ON a.run_seq = m.after_seq
LEFT JOIN runs AS bl ON bl.run_seq = m.before_last_seq
LEFT JOIN runs AS al ON al.run_seq = m.after_last_seq
WHERE m.move <> 'unchanged'
