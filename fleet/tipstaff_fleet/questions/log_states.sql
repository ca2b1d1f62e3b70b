-- How many records reports saw in the action log of each person's client, and when first and last.
SELECT key_no, log_length, min(seen_s) AS first_s, max(seen_s) AS last_s
FROM live_runs
WHERE log_length >= 0
GROUP BY key_no, log_length
