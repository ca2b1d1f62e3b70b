-- The chosen runs, numbered so that equal states stand together.
SELECT
  row_number() OVER (
    ORDER BY r.state_id, n.host_id, n.user_name, n.client, n.home, n.run_seq) AS place,
  r.state_id AS state_id, r.state_marks AS state_marks, n.host_id AS host_id,
  n.host_name AS host_name, n.user_name AS user_name, n.client AS client, n.home AS home,
  n.unit AS unit, n.silent AS silent, r.reason AS reason
FROM newest_runs AS n
JOIN runs AS r ON r.run_seq = n.run_seq
