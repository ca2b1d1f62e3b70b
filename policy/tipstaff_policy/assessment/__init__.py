"""From a reading of a host to judgements: compliance, findings, plans, explanations."""
