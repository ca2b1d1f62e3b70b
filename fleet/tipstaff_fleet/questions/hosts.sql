-- One row a host: how it stands. The first that applies: it fails, is silent, cannot tell, complies.
-- Of what its newest runs found that are not silent, the first and the last by set, build and run.
SELECT host_id, max(host_name) AS host_name, max(unit) AS unit, max(seen_s) AS seen_s,
  CASE
    WHEN max(CASE WHEN silent = 0 AND compliant = 0 THEN 1 ELSE 0 END) = 1 THEN 'fails'
    WHEN max(silent) = 1 THEN 'silent'
    WHEN min(compliant) < 0 THEN 'cannot_tell'
    ELSE 'complies'
  END AS standing,
  min(silent) AS all_silent,
  coalesce(min(CASE WHEN silent = 0 THEN set_id ELSE NULL END), '') AS first_set,
  coalesce(max(CASE WHEN silent = 0 THEN set_id ELSE NULL END), '') AS last_set,
  min(build_no) AS first_build, max(build_no) AS last_build,
  min(run_seq) AS first_seq, max(run_seq) AS last_seq
FROM newest_runs
GROUP BY host_id
