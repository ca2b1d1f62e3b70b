"""The policy engine: layers, credentials, decision, checks, enforcement. Standard library only."""

__version__ = "0.1.0"
