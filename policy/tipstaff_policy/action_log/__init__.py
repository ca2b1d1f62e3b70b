"""The log of what Tipstaff did on a host: a chain of records."""
