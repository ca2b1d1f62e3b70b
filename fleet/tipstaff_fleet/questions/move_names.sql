-- The first hosts by name of each group that `moves` counts.
SELECT n.move AS move, n.before_standing AS before_standing, n.after_standing AS after_standing,
  n.before_group AS before_group, n.after_group AS after_group, n.before_first AS before_first,
  n.before_last AS before_last, n.after_first AS after_first, n.after_last AS after_last,
  n.digest_moved AS digest_moved, n.host_name AS host_name
FROM (
  SELECT m.move AS move, m.before_standing AS before_standing,
    m.after_standing AS after_standing, m.before_group AS before_group,
    m.after_group AS after_group, m.before_first AS before_first, m.before_last AS before_last,
    m.after_first AS after_first, m.after_last AS after_last, m.digest_moved AS digest_moved,
    m.host_name AS host_name,
    row_number() OVER (
      PARTITION BY m.move, m.before_standing, m.after_standing, m.before_group, m.after_group,
        m.before_first, m.before_last, m.after_first, m.after_last, m.digest_moved
      ORDER BY m.host_name, m.host_id) AS place
  FROM changed_hosts AS m
) AS n
WHERE n.place <= :places
ORDER BY host_name, move, before_standing, after_standing, before_group, after_group,
  before_first, before_last, after_first, after_last, digest_moved
LIMIT :limit
