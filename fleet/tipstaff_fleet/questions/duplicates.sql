-- Logins that are on more than one host, on the most hosts first.
SELECT fingerprint, max(kind) AS kind, max(method) AS method, count(DISTINCT host_id) AS hosts,
  count(DISTINCT user_name) AS users
FROM held_logins
WHERE fingerprint <> ''
GROUP BY fingerprint
HAVING count(DISTINCT host_id) > 1
ORDER BY hosts DESC, fingerprint
LIMIT :limit
