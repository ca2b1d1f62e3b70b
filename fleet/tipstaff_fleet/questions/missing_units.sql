-- How many of the expected hosts of each unit are missing.
SELECT unit, count(*) AS missing FROM missing_hosts GROUP BY unit ORDER BY unit
