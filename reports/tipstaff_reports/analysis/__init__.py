"""From reports to reports: comparing, merging, going on from an earlier one."""
