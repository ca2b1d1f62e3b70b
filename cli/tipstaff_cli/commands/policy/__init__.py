"""The commands about policies."""
