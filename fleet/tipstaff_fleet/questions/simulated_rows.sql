-- The persons whose state is known on hosts that are not silent, each with its template: what a
-- worker judges by itself.
SELECT p.state_id AS state_id, s.template AS template, p.state_marks AS state_marks,
  p.host_id AS host_id, p.host_name AS host_name, p.user_name AS user_name, p.client AS client
FROM simulated_people AS p
JOIN states AS s ON s.state_id = p.state_id
WHERE p.silent = 0
ORDER BY p.place
