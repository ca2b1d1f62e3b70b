-- The failures of at least medium severity that no waiver covers, by the group of a host.
SELECT s.group_id AS group_id, f.fault_no AS fault_no, max(f.severity_rank) AS severity_rank
FROM host_sets AS s
JOIN set_faults AS f ON f.set_id = s.set_id
WHERE f.fails = 1 AND f.waived = 0 AND f.severity_rank >= 3
GROUP BY s.group_id, f.fault_no
