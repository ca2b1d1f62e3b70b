-- The templates that the persons of a range of places need.
SELECT s.state_id AS state_id, s.template AS template
FROM (
  SELECT state_id
  FROM simulated_people
  WHERE place > :after AND place <= :until
  GROUP BY state_id
) AS p
JOIN states AS s ON s.state_id = p.state_id
ORDER BY state_id
