-- Every live host that ever reported until :at_s, under each of its names.
SELECT host_id, host_name FROM runs WHERE image = 0 AND seen_s <= :at_s GROUP BY host_id, host_name
