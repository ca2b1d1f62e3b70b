-- Logs of which a later report saw fewer records than an earlier one, or as many and another newest
-- one: when that was seen last, the fewest records then, when the most before were seen, and how many.
SELECT t.host_id AS host_id, max(t.host_name) AS host_name, t.user_name AS user_name,
  t.home AS home, max(t.seen_s) AS seen_s, min(t.fewest) AS fewest, max(t.old_s) AS old_s,
  max(t.most) AS most
FROM (
  SELECT r.host_id AS host_id, r.host_name AS host_name, r.user_name AS user_name,
    r.home AS home, s.seen_s AS seen_s, s.fewest AS fewest, s.old_s AS old_s, s.most AS most
  FROM (
    SELECT n.key_no AS key_no, max(n.last_s) AS seen_s, min(n.log_length) AS fewest,
      max(o.first_s) AS old_s, max(o.log_length) AS most
    FROM log_states AS n
    JOIN log_states AS o ON o.key_no = n.key_no
    WHERE o.first_s < n.last_s AND o.log_length > n.log_length
    GROUP BY n.key_no
  ) AS s
  JOIN runs AS r ON r.run_seq = s.key_no
  UNION ALL
  SELECT host_id, max(host_name) AS host_name, user_name, home, max(seen_s) AS seen_s,
    log_length AS fewest, min(seen_s) AS old_s, log_length AS most
  FROM runs
  WHERE image = 0 AND partial = 0 AND log_fault = '' AND client <> '' AND seen_s <= :at_s
  GROUP BY host_id, user_name, client, home, log_length
  HAVING min(log_head) <> max(log_head)
) AS t
WHERE t.seen_s >= :gone_s
GROUP BY t.host_id, t.user_name, t.home
