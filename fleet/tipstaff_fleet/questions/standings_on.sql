-- How many hosts stood how at :at_s: as `hosts` says it, counted alone. A person of whom only that is
-- known that it could not be judged does not count once a later run of that person did judge.
SELECT h.standing AS standing, count(*) AS hosts
FROM (
  SELECT n.host_no AS host_no,
    CASE
      WHEN max(CASE WHEN n.last_s >= :silent_s AND n.last_code = n.last_s * 4 + 3
        THEN 1 ELSE 0 END) = 1 THEN 'fails'
      WHEN min(n.last_s) < :silent_s THEN 'silent'
      WHEN max(n.last_code - n.last_s * 4) > 1 THEN 'cannot_tell'
      ELSE 'complies'
    END AS standing
  FROM (
    SELECT k.host_no AS host_no, k.person_no AS person_no, k.unnamed AS unnamed,
      l.last_s AS last_s, l.last_code AS last_code
    FROM (
      SELECT key_no, max(seen_s) AS last_s, max(code) AS last_code
      FROM live_runs
      WHERE seen_s <= :at_s
      GROUP BY key_no
    ) AS l
    JOIN sign_ins AS k ON k.key_no = l.key_no
    WHERE l.last_s >= :gone_s
  ) AS n
  LEFT JOIN (
    SELECT k.person_no AS person_no, max(l.seen_s) AS judged_s
    FROM live_runs AS l
    JOIN sign_ins AS k ON k.key_no = l.key_no
    WHERE l.seen_s <= :at_s AND k.unnamed = 0 AND k.person_no > 0
    GROUP BY k.person_no
  ) AS p ON p.person_no = n.person_no
  WHERE n.unnamed = 0 OR n.last_s >= coalesce(p.judged_s, 0)
  GROUP BY n.host_no
) AS h
GROUP BY h.standing
ORDER BY standing
