-- What hosts found that are not silent. Hosts of a unit that found one set alone share a group;
-- a host whose persons found several is a group of its own.
SELECT unit, first_set AS group_id, first_set AS set_id, count(*) AS hosts, 1 AS parts
FROM hosts
WHERE all_silent = 0 AND first_set = last_set
GROUP BY unit, first_set
UNION ALL
SELECT p.unit AS unit, n.host_id AS group_id, n.set_id AS set_id, 1 AS hosts,
  max(p.parts) AS parts
FROM (
  SELECT h.host_id AS host_id, max(h.unit) AS unit, count(DISTINCT r.set_id) AS parts
  FROM hosts AS h
  JOIN newest_runs AS r ON r.host_id = h.host_id
  WHERE h.all_silent = 0 AND h.first_set <> h.last_set AND r.silent = 0
  GROUP BY h.host_id
) AS p
JOIN newest_runs AS n ON n.host_id = p.host_id
WHERE n.silent = 0
GROUP BY p.unit, n.host_id, n.set_id
