-- How many logs they are.
SELECT count(*) AS logs
FROM (
  SELECT n.host_id
  FROM log_states AS n
  JOIN log_states AS o ON o.host_id = n.host_id AND o.user_name = n.user_name
    AND o.home = n.home
  WHERE o.first_s < n.last_s AND n.last_s >= :gone_s AND (o.log_length > n.log_length
    OR (o.log_length = n.log_length AND o.log_head <> n.log_head))
  GROUP BY n.host_id, n.user_name, n.home
) AS l
