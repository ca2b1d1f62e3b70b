-- Where the logins are that are on more than one host: the first :places of each, by name.
SELECT p.fingerprint AS fingerprint, p.host_name AS host_name, p.host_id AS host_id,
  p.unit AS unit, p.user_name AS user_name, p.client AS client, p.store AS store,
  p.seen_s AS seen_s
FROM (
  SELECT h.fingerprint AS fingerprint, n.host_name AS host_name, n.host_id AS host_id,
    n.unit AS unit, n.user_name AS user_name, n.client AS client, h.store AS store,
    n.seen_s AS seen_s,
    row_number() OVER (
      PARTITION BY h.fingerprint
      ORDER BY n.host_name, n.host_id, n.user_name, n.client, n.home, h.store, h.kind) AS place
  FROM held_logins AS h
  JOIN newest_runs AS n ON n.run_seq = h.run_seq
  JOIN (
    SELECT fingerprint, count(DISTINCT host_id) AS hosts
    FROM held_logins
    WHERE fingerprint <> ''
    GROUP BY fingerprint
    HAVING count(DISTINCT host_id) > 1
    ORDER BY hosts DESC, fingerprint
    LIMIT :limit
  ) AS d ON d.fingerprint = h.fingerprint
) AS p
WHERE p.place <= :places
ORDER BY fingerprint, host_name, host_id, user_name, client, store
