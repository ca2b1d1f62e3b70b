-- Every failure that any report ever had, numbered.
SELECT check_id, subject, row_number() OVER (ORDER BY check_id, subject) AS fault_no
FROM findings
WHERE status = 'fail'
GROUP BY check_id, subject
