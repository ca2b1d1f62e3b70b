"""``tipstaff fleet``: the reports of many hosts, and what is asked of all of them."""
