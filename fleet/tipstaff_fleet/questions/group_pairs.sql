-- What was found before and what is found now on the same host, where it may not be the same: a host
-- that is a group of its own has the same name at both moments, whatever it found.
SELECT before_group, after_group
FROM host_moves
WHERE before_group <> after_group OR before_group = host_id
GROUP BY before_group, after_group
