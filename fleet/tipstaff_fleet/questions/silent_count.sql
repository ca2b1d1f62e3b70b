-- How many persons' clients did not report for long.
SELECT count(*) AS silent FROM newest_runs WHERE silent = 1
