"""Writing a policy: a first one, and one in words."""
