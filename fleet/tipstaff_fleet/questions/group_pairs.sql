-- What was found before and what is found now on the same host, where it is not the same.
SELECT before_group, after_group
FROM host_moves
WHERE before_group <> after_group
GROUP BY before_group, after_group
