-- What hosts failed in at the earlier moment.
SELECT group_id, fault_no, severity_rank FROM open_faults
