"""Clients: their logins, hosts, programs, and the contracts that an adapter and a slot keep to."""
