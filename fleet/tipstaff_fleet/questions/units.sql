-- How the hosts of each unit stand; the worst unit first.
SELECT unit, count(*) AS hosts,
  sum(CASE WHEN standing = 'complies' THEN 1 ELSE 0 END) AS complying,
  sum(CASE WHEN standing = 'fails' THEN 1 ELSE 0 END) AS failing,
  sum(CASE WHEN standing = 'silent' THEN 1 ELSE 0 END) AS silent,
  sum(CASE WHEN standing = 'cannot_tell' THEN 1 ELSE 0 END) AS untold
FROM hosts
GROUP BY unit
ORDER BY failing DESC, silent DESC, unit
