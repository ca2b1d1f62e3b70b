-- The documents that could not be counted.
SELECT source, place, why, size, data
FROM rejected
ORDER BY source, place, why, reject_key
LIMIT :limit
