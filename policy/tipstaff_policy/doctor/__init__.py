"""Whether Tipstaff can work on a host, and what stands in its way."""
