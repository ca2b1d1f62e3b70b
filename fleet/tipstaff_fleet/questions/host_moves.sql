-- Each host before and now; absent where it had no report. The group is what it found.
SELECT host_id, max(host_name) AS host_name,
  coalesce(max(before_standing), 'absent') AS before_standing,
  coalesce(max(after_standing), 'absent') AS after_standing,
  coalesce(max(before_group), '') AS before_group, coalesce(max(after_group), '') AS after_group,
  coalesce(max(before_first), 0) AS before_first, coalesce(max(before_last), 0) AS before_last,
  coalesce(max(after_first), 0) AS after_first, coalesce(max(after_last), 0) AS after_last,
  coalesce(max(before_seq), 0) AS before_seq, coalesce(max(after_seq), 0) AS after_seq
FROM (
  SELECT host_id, host_name, standing AS before_standing, group_id AS before_group,
    first_build AS before_first, last_build AS before_last, first_seq AS before_seq,
    CAST(NULL AS VARCHAR) AS after_standing, CAST(NULL AS VARCHAR) AS after_group,
    CAST(NULL AS BIGINT) AS after_first, CAST(NULL AS BIGINT) AS after_last,
    CAST(NULL AS BIGINT) AS after_seq
  FROM hosts_before
  UNION ALL
  SELECT host_id, host_name, CAST(NULL AS VARCHAR) AS before_standing,
    CAST(NULL AS VARCHAR) AS before_group, CAST(NULL AS BIGINT) AS before_first,
    CAST(NULL AS BIGINT) AS before_last, CAST(NULL AS BIGINT) AS before_seq,
    standing AS after_standing,
    CASE WHEN first_set = last_set THEN first_set ELSE host_id END AS after_group,
    first_build AS after_first, last_build AS after_last, first_seq AS after_seq
  FROM hosts
) AS h
GROUP BY host_id
