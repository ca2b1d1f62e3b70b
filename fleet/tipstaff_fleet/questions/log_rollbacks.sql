-- Logs of which a later report saw fewer records than an earlier one, or as many and another newest
-- one: when that was seen last, the fewest records then, and the most before.
SELECT n.host_name AS host_name, n.host_id AS host_id, n.user_name AS user_name,
  n.home AS home, max(n.last_s) AS seen_s, min(n.log_length) AS fewest,
  max(o.first_s) AS old_s, max(o.log_length) AS most
FROM log_states AS n
JOIN log_states AS o ON o.host_id = n.host_id AND o.user_name = n.user_name
  AND o.home = n.home
WHERE o.first_s < n.last_s AND n.last_s >= :gone_s AND (o.log_length > n.log_length
  OR (o.log_length = n.log_length AND o.log_head <> n.log_head))
GROUP BY n.host_name, n.host_id, n.user_name, n.home
ORDER BY seen_s DESC, host_name, host_id, user_name, home
LIMIT :limit
