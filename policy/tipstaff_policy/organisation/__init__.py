"""The organisation's own policy document: rules beyond those that the client can express."""
