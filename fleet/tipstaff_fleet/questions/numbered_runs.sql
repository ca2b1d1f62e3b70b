-- Every whole run of a live host until :at_s, numbered for each person's client from the oldest on.
-- Runs of some checks only and runs on images say nothing of the rest of a host.
SELECT run_seq, host_id, host_name, user_name, client, home, seen_s, seen_day, client_version,
  policy_version, compliant, failed, waived, verdict, set_id,
  row_number() OVER (
    PARTITION BY host_id, user_name, client, home ORDER BY seen_s, run_id, run_seq) AS run_no,
  count(*) OVER (PARTITION BY host_id, user_name, client, home) AS run_count
FROM runs
WHERE image = 0 AND partial = 0 AND seen_s <= :at_s
