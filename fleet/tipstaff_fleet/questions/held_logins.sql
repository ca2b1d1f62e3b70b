-- The credentials of the newest reports.
SELECT n.run_seq AS run_seq, n.host_id AS host_id, n.user_name AS user_name,
  c.store AS store, c.kind AS kind, c.method AS method, c.fingerprint AS fingerprint
FROM newest_runs AS n
JOIN credentials AS c ON c.run_seq = n.run_seq
