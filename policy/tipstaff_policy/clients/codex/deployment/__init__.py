"""A policy as the client's own files."""
