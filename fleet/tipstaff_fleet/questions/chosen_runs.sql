-- The newest run of each person's client on each host that is not gone. Of two in one second the
-- worse one counts, then the one of the higher run id.
SELECT key_no, max(run_seq) AS run_seq
FROM last_runs
GROUP BY key_no
HAVING count(*) = 1
UNION ALL
SELECT t.key_no AS key_no, t.run_seq AS run_seq
FROM (
  SELECT l.key_no AS key_no, l.run_seq AS run_seq, row_number() OVER (
    PARTITION BY l.key_no ORDER BY r.run_id DESC, l.run_seq) AS place
  FROM last_runs AS l
  JOIN (
    SELECT key_no FROM last_runs GROUP BY key_no HAVING count(*) > 1
  ) AS m ON m.key_no = l.key_no
  JOIN runs AS r ON r.run_seq = l.run_seq
) AS t
WHERE t.place = 1
