-- How many hosts have a newest report that is not silent.
SELECT coalesce(sum(CASE WHEN all_silent = 0 THEN 1 ELSE 0 END), 0) AS hosts FROM hosts
