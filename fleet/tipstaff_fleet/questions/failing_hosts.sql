-- The hosts that fail, by their gravest failure that no waiver covers, then the longest first.
SELECT h.host_id AS host_id, h.host_name AS host_name, h.unit AS unit, h.seen_s AS seen_s,
  coalesce(max(o.rank_open), 0) AS severity_rank, coalesce(min(o.open_s), 0) AS since_s
FROM hosts AS h
LEFT JOIN (
  SELECT n.host_id AS host_id, f.severity_rank AS rank_open, f.since_s AS open_s
  FROM newest_runs AS n
  JOIN failures AS f ON f.run_seq = n.run_seq
  WHERE f.waived = 0 AND f.severity_rank >= 3
) AS o ON o.host_id = h.host_id
WHERE h.standing = 'fails'
GROUP BY h.host_id, h.host_name, h.unit, h.seen_s
ORDER BY severity_rank DESC, since_s, h.host_name, h.host_id
LIMIT :limit
