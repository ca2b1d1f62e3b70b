"""The organisation's own policy document: what ought to hold beyond what the client can express."""
