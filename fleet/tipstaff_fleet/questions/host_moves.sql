-- Each host before and now; absent where it had no report. The group is what it found.
SELECT h.host_id AS host_id, max(h.host_name) AS host_name,
  CASE WHEN max(h.before_standing) = '' THEN 'absent' ELSE max(h.before_standing) END
    AS before_standing,
  CASE WHEN max(h.after_standing) = '' THEN 'absent' ELSE max(h.after_standing) END
    AS after_standing,
  max(h.before_group) AS before_group, max(h.after_group) AS after_group,
  max(h.before_first) AS before_first, max(h.before_last) AS before_last,
  max(h.after_first) AS after_first, max(h.after_last) AS after_last,
  max(h.before_seq) AS before_seq, max(h.after_seq) AS after_seq
FROM (
  SELECT host_id, host_name, standing AS before_standing, group_id AS before_group,
    first_build AS before_first, last_build AS before_last, first_seq AS before_seq,
    '' AS after_standing, '' AS after_group, 0 AS after_first, 0 AS after_last, -1 AS after_seq
  FROM hosts_before
  UNION ALL
  SELECT host_id, host_name, '' AS before_standing, '' AS before_group, 0 AS before_first,
    0 AS before_last, -1 AS before_seq, standing AS after_standing,
    CASE WHEN first_set = last_set THEN first_set ELSE host_id END AS after_group,
    first_build AS after_first, last_build AS after_last, first_seq AS after_seq
  FROM hosts
) AS h
GROUP BY h.host_id
