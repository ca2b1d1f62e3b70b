-- The hosts that moved, counted by what is the same of them.
SELECT move, before_standing, after_standing, before_group, after_group, before_first,
  before_last, after_first, after_last, digest_moved, count(*) AS hosts
FROM changed_hosts
GROUP BY move, before_standing, after_standing, before_group, after_group, before_first,
  before_last, after_first, after_last, digest_moved
ORDER BY hosts DESC, move, before_standing, after_standing, before_group, after_group,
  before_first, before_last, after_first, after_last, digest_moved
LIMIT :limit
