-- Expected hosts that never reported, or are gone; when they were last seen, and 0 for never.
SELECT g.entry AS entry, g.unit AS unit, coalesce(max(r.seen_s), 0) AS seen_s
FROM given AS g
LEFT JOIN expected_hosts AS e ON e.entry = g.entry
LEFT JOIN hosts AS h ON h.host_id = e.host_id
LEFT JOIN last_seen AS r ON r.host_id = e.host_id
GROUP BY g.entry, g.unit
HAVING count(h.host_id) = 0
