-- One row a host that is expected and has ever reported; of two units the last by name.
SELECT host_id, max(host_name) AS host_name, max(unit) AS unit
FROM expected_hosts
GROUP BY host_id
