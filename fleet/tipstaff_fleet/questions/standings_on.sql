-- How many hosts stood how at :at_s: as `hosts` says it, counted alone.
SELECT h.standing AS standing, count(*) AS hosts
FROM (
  SELECT n.host_id AS host_id,
    CASE
      WHEN max(CASE WHEN n.last_s >= :silent_s AND n.last_code = n.last_s * 4 + 3
        THEN 1 ELSE 0 END) = 1 THEN 'fails'
      WHEN min(n.last_s) < :silent_s THEN 'silent'
      WHEN max(n.last_code - n.last_s * 4) > 1 THEN 'cannot_tell'
      ELSE 'complies'
    END AS standing
  FROM (
    SELECT host_id, user_name, client, home, max(seen_s) AS last_s,
      max(seen_s * 4 + CASE WHEN compliant = 0 THEN 3 WHEN compliant < 0 THEN 2 ELSE 1 END)
        AS last_code
    FROM runs
    WHERE image = 0 AND partial = 0 AND seen_s <= :at_s
    GROUP BY host_id, user_name, client, home
  ) AS n
  LEFT JOIN (
    SELECT r.host_id AS host_id, r.user_name AS user_name, max(r.seen_s) AS judged_s
    FROM runs AS r
    JOIN (
      SELECT host_id, user_name FROM runs WHERE client = '' GROUP BY host_id, user_name
    ) AS u ON u.host_id = r.host_id AND u.user_name = r.user_name
    WHERE r.image = 0 AND r.partial = 0 AND r.seen_s <= :at_s AND r.client <> ''
    GROUP BY r.host_id, r.user_name
  ) AS p ON p.host_id = n.host_id AND p.user_name = n.user_name
  WHERE n.last_s >= :gone_s AND (n.client <> '' OR n.last_s >= coalesce(p.judged_s, 0))
  GROUP BY n.host_id
) AS h
GROUP BY h.standing
ORDER BY standing
