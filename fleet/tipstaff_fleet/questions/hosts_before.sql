-- How hosts stood at the earlier moment: the same as `hosts`, kept while that is asked of another.
SELECT host_id, host_name, standing, first_build, last_build, first_seq, last_seq,
  CASE WHEN first_set = last_set THEN first_set ELSE host_id END AS group_id
FROM hosts
