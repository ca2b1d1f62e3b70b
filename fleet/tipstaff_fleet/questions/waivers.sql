-- Waivers of newest reports that end until :until_s, with those that ended since the report.
SELECT w.check_id AS check_id, w.waiver_owner AS waiver_owner, w.waiver_ticket AS waiver_ticket,
  w.waived_until_s AS waived_until_s, sum(w.hosts) AS hosts
FROM (
  SELECT s.unit AS unit, s.group_id AS group_id, f.check_id AS check_id,
    f.waiver_owner AS waiver_owner, f.waiver_ticket AS waiver_ticket,
    f.waived_until_s AS waived_until_s, max(s.hosts) AS hosts
  FROM host_sets AS s
  JOIN findings AS f ON f.set_id = s.set_id
  WHERE f.status = 'fail' AND f.waived_until_s > 0 AND f.waived_until_s <= :until_s
  GROUP BY s.unit, s.group_id, f.check_id, f.waiver_owner, f.waiver_ticket, f.waived_until_s
) AS w
GROUP BY w.check_id, w.waiver_owner, w.waiver_ticket, w.waived_until_s
ORDER BY waived_until_s, check_id, waiver_owner, waiver_ticket
