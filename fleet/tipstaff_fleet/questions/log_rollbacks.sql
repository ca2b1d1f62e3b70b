-- The logs that went backwards, the newest first.
SELECT host_name, host_id, user_name, home, seen_s, fewest, old_s, most
FROM turned_logs
ORDER BY seen_s DESC, host_name, host_id, user_name, home
LIMIT :limit
