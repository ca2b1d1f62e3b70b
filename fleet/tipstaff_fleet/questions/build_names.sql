-- What the numbers of builds mean.
SELECT build_no, tipstaff_version, client, client_version, policy_id, policy_version
FROM builds
ORDER BY build_no
