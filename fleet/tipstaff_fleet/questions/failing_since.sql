-- Since when each failure of a newest run stands: the first run of its unbroken spell.
SELECT s.host_id AS host_id, s.host_name AS host_name, s.user_name AS user_name,
  s.client AS client, s.check_id AS check_id, s.subject AS subject, s.severity AS severity,
  s.since_s AS since_s
FROM (
  SELECT f.host_id AS host_id, max(f.host_name) AS host_name, f.user_name AS user_name,
    f.client AS client, f.home AS home, f.check_id AS check_id, f.subject AS subject,
    max(f.severity) AS severity, min(f.seen_s) AS since_s, max(f.run_no) AS last_no,
    f.run_count AS run_count
  FROM (
    SELECT n.host_id AS host_id, n.host_name AS host_name, n.user_name AS user_name,
      n.client AS client, n.home AS home, n.seen_s AS seen_s, n.run_no AS run_no,
      n.run_count AS run_count, g.check_id AS check_id, g.subject AS subject,
      g.severity AS severity,
      n.run_no - row_number() OVER (
        PARTITION BY n.host_id, n.user_name, n.client, n.home, g.check_id, g.subject
        ORDER BY n.run_no) AS spell
    FROM numbered_runs AS n
    JOIN findings AS g ON g.set_id = n.set_id
    WHERE g.status = 'fail'
  ) AS f
  GROUP BY f.host_id, f.user_name, f.client, f.home, f.check_id, f.subject, f.run_count, f.spell
) AS s
WHERE s.last_no = s.run_count
ORDER BY since_s, host_id, user_name, client, home, check_id, subject
LIMIT :limit
