-- The hosts that reported at the earlier moment and are gone now.
SELECT host_name, host_id, before_standing FROM moved WHERE move = 'gone' ORDER BY host_name, host_id
