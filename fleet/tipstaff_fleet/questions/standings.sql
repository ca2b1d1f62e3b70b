-- How many hosts stand how, and how many of them are not expected.
SELECT h.standing AS standing, count(*) AS hosts,
  sum(CASE WHEN e.host_id IS NULL THEN 1 ELSE 0 END) AS unexpected
FROM hosts AS h
LEFT JOIN expected AS e ON e.host_id = h.host_id
GROUP BY h.standing
ORDER BY standing
