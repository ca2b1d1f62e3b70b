-- The newest runs until :at_s of each person's client; several where they are of one second.
SELECT l.key_no AS key_no, l.run_seq AS run_seq, l.seen_s AS seen_s
FROM live_runs AS l
JOIN (
  SELECT key_no, max(code) AS last_code FROM live_runs WHERE seen_s <= :at_s GROUP BY key_no
) AS k ON k.key_no = l.key_no AND k.last_code = l.code
WHERE l.seen_s >= :gone_s
