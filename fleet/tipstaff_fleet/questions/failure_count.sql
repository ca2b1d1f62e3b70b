-- How many failures stand.
SELECT count(*) AS failures FROM failures
