"""Claude Code: all that knows this client. Facts: docs/clients/claude.md."""

ENTRY_POINTS = ("print", "interactive", "status")
"""How the client is started: `claude -p`, a terminal session, `claude auth status`."""
