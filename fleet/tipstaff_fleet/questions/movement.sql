-- How many hosts became what since the earlier moment.
SELECT move, count(*) AS hosts FROM moved GROUP BY move ORDER BY move
