-- The expected hosts that are missing, those that were never seen first.
SELECT entry, unit, seen_s
FROM missing_hosts
ORDER BY seen_s, unit, entry
LIMIT :limit
