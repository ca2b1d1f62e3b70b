-- How the newest reports stand by what made them.
SELECT b.tipstaff_version AS tipstaff_version, b.client AS client,
  b.client_version AS client_version, b.policy_id AS policy_id,
  b.policy_version AS policy_version, n.silent AS silent, n.compliant AS compliant,
  count(*) AS reports
FROM newest_runs AS n
JOIN builds AS b ON b.build_no = n.build_no
GROUP BY b.tipstaff_version, b.client, b.client_version, b.policy_id, b.policy_version, n.silent,
  n.compliant
ORDER BY b.tipstaff_version, b.client, b.client_version, b.policy_id, b.policy_version, n.silent,
  n.compliant
