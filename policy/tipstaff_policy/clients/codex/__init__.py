"""The Codex CLI: everything of Tipstaff that knows that client."""

ENTRY_POINTS = ("exec", "interactive", "app-server", "status")
"""How the client is started; each enforces differently. Here, so that help needs no adapter."""
MOVES_TO = ("file", "keyring")
"""The stores that a login can be moved into."""
