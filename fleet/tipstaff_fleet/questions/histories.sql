-- Which sets the person's client of a newest run ever found, and when first and last.
SELECT n.run_seq AS run_seq, max(n.set_id) AS now_set, r.set_id AS past_set,
  min(r.seen_s) AS first_s, max(r.seen_s) AS last_s
FROM newest_runs AS n
JOIN runs AS r ON r.host_id = n.host_id AND r.user_name = n.user_name
  AND r.client = n.client AND r.home = n.home
WHERE n.silent = 0 AND r.image = 0 AND r.partial = 0 AND r.seen_s <= :at_s
GROUP BY n.run_seq, r.set_id
