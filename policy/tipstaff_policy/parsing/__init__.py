"""From bytes and texts to values, for formats that several rooms read."""

DEPTH_LIMIT = 80
"""Levels of arrays and inline tables, and parts of a key, of a TOML document (`toml_edges`)."""
