-- One row a host: how it stands. The first that applies: it fails, is silent, cannot tell, complies.
SELECT host_id, max(host_name) AS host_name, max(unit) AS unit, max(seen_s) AS seen_s,
  CASE
    WHEN max(CASE WHEN silent = 0 AND compliant = 0 THEN 1 ELSE 0 END) = 1 THEN 'fails'
    WHEN max(silent) = 1 THEN 'silent'
    WHEN min(compliant) < 0 THEN 'cannot_tell'
    ELSE 'complies'
  END AS standing
FROM newest_runs
GROUP BY host_id
