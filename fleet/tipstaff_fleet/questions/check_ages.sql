-- When the oldest failure of each check began that no waiver covers.
SELECT t.check_id AS check_id, min(f.since_s) AS since_s
FROM failures AS f
JOIN faults AS t ON t.fault_no = f.fault_no
WHERE f.waived = 0
GROUP BY t.check_id
ORDER BY check_id
