-- The days on which live hosts reported.
SELECT seen_day, count(*) AS runs FROM runs WHERE image = 0 GROUP BY seen_day ORDER BY seen_day
