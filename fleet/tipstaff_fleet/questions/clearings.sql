-- When a run last did not have a failure of the newest run of the same person's client.
SELECT h.run_seq AS run_seq, f.fault_no AS fault_no, max(h.last_s) AS clear_s
FROM histories AS h
JOIN set_faults AS f ON f.set_no = h.now_no
LEFT JOIN set_faults AS p ON p.set_no = h.past_no AND p.fault_no = f.fault_no
WHERE h.past_no <> h.now_no AND f.fails = 1 AND p.set_no IS NULL
GROUP BY h.run_seq, f.fault_no
