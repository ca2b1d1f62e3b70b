-- How many credentials there are, how many of them cannot be compared, and how many logins repeat.
SELECT count(*) AS credentials,
  coalesce(sum(CASE WHEN h.fingerprint = '' THEN 1 ELSE 0 END), 0) AS unkeyed,
  coalesce(max(r.logins), 0) AS logins
FROM held_logins AS h
CROSS JOIN (
  SELECT count(*) AS logins
  FROM (
    SELECT fingerprint
    FROM held_logins
    WHERE fingerprint <> ''
    GROUP BY fingerprint
    HAVING count(DISTINCT host_id) > 1
  ) AS d
) AS r
