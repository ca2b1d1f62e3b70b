-- The hosts that are expected, each with every host that its name or id means.
SELECT m.entry AS entry, m.unit AS unit, m.host_id AS host_id, m.host_name AS host_name
FROM (
  SELECT g.entry AS entry, g.unit AS unit, k.host_id AS host_id, k.host_name AS host_name
  FROM given AS g
  JOIN known_hosts AS k ON k.host_id = g.entry
  UNION ALL
  SELECT g.entry AS entry, g.unit AS unit, k.host_id AS host_id, k.host_name AS host_name
  FROM given AS g
  JOIN known_hosts AS k ON k.host_name = g.entry
) AS m
GROUP BY m.entry, m.unit, m.host_id, m.host_name
