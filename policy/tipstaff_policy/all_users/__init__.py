"""A run for every user of a host, each with that user's own rights."""
