-- How many logs they are.
SELECT count(*) AS logs FROM turned_logs
