-- The sets of findings, numbered.
SELECT set_id, row_number() OVER (ORDER BY set_id) AS set_no FROM findings GROUP BY set_id
