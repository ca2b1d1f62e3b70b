-- Which sets the person's client of a newest run ever found, and when first and last.
SELECT n.run_seq AS run_seq, s.set_no AS now_no, l.set_no AS past_no,
  min(l.seen_s) AS first_s, max(l.seen_s) AS last_s
FROM newest_runs AS n
JOIN sets AS s ON s.set_id = n.set_id
JOIN live_runs AS l ON l.key_no = n.key_no
WHERE n.silent = 0
GROUP BY n.run_seq, s.set_no, l.set_no
