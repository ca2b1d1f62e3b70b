-- Every whole run of a live host until :at_s, in numbers alone, so that many fit into memory. Runs of
-- some checks only and runs on images say nothing of the rest of a host. The number of a person's
-- client is that of one of its runs. A code grows with the moment; in one second the worse is higher.
SELECT r.run_seq AS run_seq, k.key_no AS key_no, r.seen_s AS seen_s,
  r.seen_s * 4 + CASE WHEN r.compliant = 0 THEN 3 WHEN r.compliant < 0 THEN 2 ELSE 1 END AS code,
  coalesce(s.set_no, 0) AS set_no,
  CASE WHEN r.log_fault = '' AND r.client <> '' THEN r.log_length ELSE -1 END AS log_length
FROM runs AS r
JOIN (
  SELECT host_id, user_name, client, home, min(run_seq) AS key_no
  FROM runs
  WHERE image = 0 AND partial = 0 AND seen_s <= :at_s
  GROUP BY host_id, user_name, client, home
) AS k ON k.host_id = r.host_id AND k.user_name = r.user_name AND k.client = r.client
  AND k.home = r.home
LEFT JOIN sets AS s ON s.set_id = r.set_id
WHERE r.image = 0 AND r.partial = 0 AND r.seen_s <= :at_s
