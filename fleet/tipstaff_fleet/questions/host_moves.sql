-- Each host before and now; absent where it had no report. The group is what it found.
SELECT host_id, max(host_name) AS host_name,
  coalesce(max(CASE WHEN after = 0 THEN standing ELSE NULL END), 'absent') AS before_standing,
  coalesce(max(CASE WHEN after = 1 THEN standing ELSE NULL END), 'absent') AS after_standing,
  coalesce(max(CASE WHEN after = 0 THEN group_id ELSE NULL END), '') AS before_group,
  coalesce(max(CASE WHEN after = 1 THEN group_id ELSE NULL END), '') AS after_group,
  coalesce(max(CASE WHEN after = 0 THEN first_build ELSE NULL END), 0) AS before_first,
  coalesce(max(CASE WHEN after = 0 THEN last_build ELSE NULL END), 0) AS before_last,
  coalesce(max(CASE WHEN after = 1 THEN first_build ELSE NULL END), 0) AS after_first,
  coalesce(max(CASE WHEN after = 1 THEN last_build ELSE NULL END), 0) AS after_last,
  coalesce(max(CASE WHEN after = 0 THEN first_seq ELSE NULL END), -1) AS before_seq,
  coalesce(max(CASE WHEN after = 1 THEN first_seq ELSE NULL END), -1) AS after_seq,
  coalesce(max(CASE WHEN after = 0 THEN last_seq ELSE NULL END), -1) AS before_last_seq,
  coalesce(max(CASE WHEN after = 1 THEN last_seq ELSE NULL END), -1) AS after_last_seq
FROM (
  SELECT host_id, host_name, 0 AS after, standing, group_id, first_build, last_build, first_seq,
    last_seq
  FROM hosts_before
  UNION ALL
  SELECT host_id, host_name, 1 AS after, standing,
    CASE WHEN first_set = last_set THEN first_set ELSE host_id END AS group_id,
    first_build, last_build, first_seq, last_seq
  FROM hosts
) AS h
GROUP BY h.host_id
