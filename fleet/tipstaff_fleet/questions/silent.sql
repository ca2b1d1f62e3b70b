-- The persons' clients of hosts that did not report for long, the longest first.
SELECT host_name, host_id, unit, user_name, client, seen_s
FROM newest_runs
WHERE silent = 1
ORDER BY seen_s, host_name, host_id, user_name, client, home
LIMIT :limit
