"""Services: keyrings, issuers, the client's own service, and what does not do as it should."""
