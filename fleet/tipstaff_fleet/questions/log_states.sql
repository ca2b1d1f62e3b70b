-- What reports of live hosts saw of each person's action log, and when first and last.
SELECT host_id, max(host_name) AS host_name, user_name, home, log_length, log_head,
  min(seen_s) AS first_s, max(seen_s) AS last_s
FROM runs
WHERE image = 0 AND log_fault = '' AND client <> '' AND seen_s <= :at_s
GROUP BY host_id, user_name, home, log_length, log_head
