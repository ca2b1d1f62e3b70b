-- The findings of the runs on live hosts of a day, those that are open or, with :all, every one.
SELECT r.host_id AS host_id, r.host_name AS host_name, r.user_name AS user_name,
  r.client AS client, r.client_version AS client_version, r.home AS home, r.os AS os,
  r.seen_s AS seen_s, r.tipstaff_version AS tipstaff_version, r.policy_id AS policy_id,
  r.policy_version AS policy_version, r.verdict AS verdict, r.compliant AS compliant,
  r.run_id AS run_id, f.check_id AS check_id, f.subject AS subject, f.severity AS severity,
  f.status AS status, f.observed AS observed, f.waived AS waived
FROM runs AS r
JOIN findings AS f ON f.set_id = r.set_id
WHERE r.image = 0 AND r.seen_day = :day AND (:all = 1 OR f.status IN ('fail', 'error'))
ORDER BY seen_s, host_id, user_name, client, home, run_id, check_id, subject
