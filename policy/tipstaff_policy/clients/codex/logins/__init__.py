"""Stored logins of the client: found, compared, moved, revoked."""
