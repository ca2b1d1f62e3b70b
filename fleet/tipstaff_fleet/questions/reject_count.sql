-- How many documents could not be counted.
SELECT count(*) AS rejected FROM rejected
