-- Every person that is simulated, with the template of the state: what a worker judges by itself.
SELECT p.place AS place, p.state_id AS state_id, coalesce(s.template, '') AS template,
  p.state_marks AS state_marks, p.host_id AS host_id, p.host_name AS host_name,
  p.user_name AS user_name, p.client AS client, p.home AS home, p.unit AS unit,
  p.silent AS silent, CASE WHEN p.state_id = '' THEN p.reason ELSE '' END AS reason
FROM simulated_people AS p
LEFT JOIN states AS s ON s.state_id = p.state_id
ORDER BY p.place
