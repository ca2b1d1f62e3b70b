-- What made the reports: every combination of releases and policy, numbered.
SELECT tipstaff_version, client, client_version, policy_id, policy_version,
  row_number() OVER (
    ORDER BY tipstaff_version, client, client_version, policy_id, policy_version) AS build_no
FROM runs
WHERE image = 0 AND partial = 0
GROUP BY tipstaff_version, client, client_version, policy_id, policy_version
