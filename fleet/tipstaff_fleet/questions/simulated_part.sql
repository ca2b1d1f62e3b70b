-- The persons of a range of places.
SELECT place, state_id, state_marks, host_id, host_name, user_name, client, home, unit, silent,
  CASE WHEN state_id = '' THEN reason ELSE '' END AS reason
FROM simulated_people
WHERE place > :after AND place <= :until
ORDER BY place
