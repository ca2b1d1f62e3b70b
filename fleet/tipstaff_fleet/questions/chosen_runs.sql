-- The newest whole run until :at_s of each person's client on each live host that is not gone. Of
-- two in one second the worse one counts, then the one of the higher run id.
SELECT run_seq, seen_s
FROM (
  SELECT run_seq, seen_s, row_number() OVER (
    PARTITION BY host_id, user_name, client, home
    ORDER BY seen_s DESC,
      CASE WHEN compliant = 0 THEN 1 WHEN compliant < 0 THEN 2 ELSE 3 END,
      run_id DESC, run_seq) AS place
  FROM runs
  WHERE image = 0 AND partial = 0 AND seen_s <= :at_s
) AS r
WHERE place = 1 AND seen_s >= :gone_s
