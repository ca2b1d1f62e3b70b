-- When hosts that are expected and gone were seen last.
SELECT r.host_id AS host_id, max(r.seen_s) AS seen_s
FROM runs AS r
JOIN expected AS e ON e.host_id = r.host_id
LEFT JOIN hosts AS h ON h.host_id = r.host_id
WHERE h.host_id IS NULL AND r.image = 0 AND r.seen_s <= :at_s
GROUP BY r.host_id
